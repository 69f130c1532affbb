/**
 * Fuzzing: sends hostile arguments and hostile lines to the built server.
 * `npm run fuzz -- [--seed N] [--count N]`. Exits with 1 if it finds anything wrong.
 */
import { parseArgs } from "node:util";
import { fuzz, isFlawless } from "../test/faults/fuzz.ts";
import { type Growth, inMegabytes } from "../test/faults/growth.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    count: { type: "string", default: "100000" },
  },
});
const started = performance.now();
const seed = Number(values.seed);
const results = await fuzz({ seed, count: Number(values.count) });

for (const { inputs, answers, faults, secretsSeen, crash, heap, rss } of results) {
  for (const fault of faults.slice(0, 20)) process.stdout.write(`${fault}\n\n`);
  const growths = [`heap ${sizes(heap)}`, `resident ${sizes(rss)}`].join(", ");
  process.stdout.write(
    `${inputs} inputs, ${answers} of them to be answered: ${faults.length} faults, ${secretsSeen} secrets seen, ${crash ?? "no crash"}; ${growths}\n`,
  );
}
process.stdout.write(`${Math.round((performance.now() - started) / 1000)} s, seed ${seed}\n`);
process.exitCode = results.every(isFlawless) ? 0 : 1;

function sizes({ early, late, flat }: Growth): string {
  return `${inMegabytes(early)} early and ${inMegabytes(late)} late${flat ? "" : " (it grows)"}`;
}
