/**
 * Fault injection: calls the built server over real sockets under every fault, and compares what it reports with what
 * really happened. `npm run bench:faults -- [--seed N] [--count N] [--midway N] [--stall MS]`: `--count` calls under
 * faults, `--midway` calls cancelled, and as many processes ended, in the middle of an update or a plan; with `--stall` it
 * stands still for so long every now and then, as on a machine that is busy; with `--soak` it makes 64 calls at once and
 * then 10,000 one after another instead, and watches the memory. Exits with 1 if it finds anything wrong.
 */
import { parseArgs } from "node:util";
import { cancelEverywhere } from "../test/faults/cancel.ts";
import { duels } from "../test/faults/duel.ts";
import { inMegabytes } from "../test/faults/growth.ts";
import { faultCases, runMatrix } from "../test/faults/matrix.ts";
import { endMidway } from "../test/faults/midway.ts";
import { flaws, isFlawless, tableOf, verdictOf } from "../test/faults/report.ts";
import { crowd, soak } from "../test/faults/soak.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 32)) },
    count: { type: "string", default: "1200" },
    midway: { type: "string", default: "500" },
    stall: { type: "string", default: "0" },
    soak: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const midway = Number(values.midway);
const started = performance.now();
const seconds = () => Math.round((performance.now() - started) / 1000);
standStill(Number(values.stall));
process.exitCode = (await (values.soak ? runSoak() : runFaults())) ? 0 : 1;

/** Keeps this process, and so the sandboxes in it, from answering for `ms` in every two times `ms`. */
function standStill(ms: number): void {
  if (ms <= 0) return;
  setInterval(() => {
    for (const end = performance.now() + ms; performance.now() < end; );
  }, 2 * ms).unref();
}

async function runFaults(): Promise<boolean> {
  const result = await runMatrix({ seed, count: Number(values.count) });
  const cancelled = await cancelEverywhere(seed);
  const duelled = await duels({ seed, rounds: 10 });
  const ended = await endMidway({ seed, cancels: midway, ends: midway });
  const verdict = verdictOf(result);
  const { runs, untrue, doubles, losses, hangs, leaks, crashes } = verdict;

  process.stdout.write(`${tableOf(result)}\n\n`);
  for (const flaw of [...flaws(result), ...cancelled.faults, ...duelled.faults, ...ended.faults])
    process.stdout.write(`${flaw}\n`);
  process.stdout.write(
    `${runs} calls under ${faultCases.length} faults in ${seconds()} s, seed ${seed}\n` +
      `${(((runs - untrue) / runs) * 100).toFixed(2)} % true, ${doubles} doubles, ${losses} losses, ${hangs} hangs, ` +
      `${leaks} secrets seen, ${crashes} crashes\n` +
      `${cancelled.calls} cancelled calls, ${cancelled.faults.length} faults\n` +
      `${duelled.calls} calls of two servers at once, ${duelled.faults.length} faults\n` +
      `${midway} calls cancelled and ${midway} processes ended in the middle of an update or a plan, ${ended.faults.length} faults\n`,
  );
  return isFlawless(verdict) && cancelled.faults.length + duelled.faults.length + ended.faults.length === 0;
}

async function runSoak(): Promise<boolean> {
  const count = Number(values.count ?? 10_000);
  const { faults, tokens } = await crowd({ seed, count: 64 });
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.stdout.write(`64 calls at a time: ${faults.length} faults, ${tokens} token requests\n`);
  const { heap, rss } = await soak({ seed, count });
  process.stdout.write(
    `${count} calls one after another: heap ${inMegabytes(heap.early)} early and ${inMegabytes(heap.late)} late, ` +
      `resident ${inMegabytes(rss.early)} early and ${inMegabytes(rss.late)} late\n${seconds()} s, seed ${seed}\n`,
  );
  return faults.length === 0 && tokens === 1 && heap.flat && rss.flat;
}
