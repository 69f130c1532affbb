/**
 * Measures start, memory, calls and size, each beside a bare program in the same run: `npm run bench [-- --rounds N]`.
 * Prints a table, and writes `docs/bench.json` and `docs/bench.svg`.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packageVersion } from "../src/version.ts";
import { measureCalls } from "./bench/calls.ts";
import { chart } from "./bench/chart.ts";
import { measurePackage } from "./bench/package-size.ts";
import { buildPrograms } from "./bench/programs.ts";
import { type BenchResult, machineLine, roundedSection, thisMachine } from "./bench/result.ts";
import { measureStart } from "./bench/start.ts";
import type { Section } from "./bench/statistics.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "25" } } });
const rounds = Number(values.rounds);
const root = new URL("../", import.meta.url).pathname;
const server = join(root, "dist/atlas-streams-mcp.js");
const say = (line = "") => process.stdout.write(`${line}\n`);

function print({ title, unit, better, rows }: Section): void {
  const line = (first: string, ...cells: string[]) =>
    say(`  ${first.padEnd(24)}${cells.map((cell, at) => cell.padStart(at === 1 ? 18 : 12)).join("")}`);
  say(`\n${title} (${unit}, ${better} is better)`);
  line("", "median", "middle 80 %", "ratio", "difference", "best", "best ratio");
  for (const { subject, value, ratio, difference, best } of rows)
    line(
      subject,
      `${value.median}`,
      `${value.low} to ${value.high}`,
      ratio.median.toFixed(2),
      `${difference.median}`,
      `${best.value}`,
      best.ratio.toFixed(2),
    );
}

const folder = await mkdtemp(join(tmpdir(), "bench-"));
try {
  const machine = thisMachine();
  const programs = await buildPrograms(folder);
  const started = await measureStart(server, programs, rounds);
  const called = await measureCalls({
    server,
    sandbox: join(root, "dist/sandbox.js"),
    undici: programs.bareUndici,
    calls: rounds * 20,
    batches: rounds * 2,
  });
  const result: BenchResult = {
    version: packageVersion,
    date: new Date().toISOString().slice(0, 10),
    machine,
    rounds,
    sections: [...started, ...called].map(roundedSection),
    package: await measurePackage(folder),
  };
  say(machineLine(result));
  for (const section of result.sections) print(section);
  const { tarball, unpacked, installed, packages } = result.package;
  say(
    `\nPackage: ${tarball} bytes to download, ${unpacked} unpacked; installed ${installed} bytes in ${packages} package(s)`,
  );
  await mkdir(join(root, "docs"), { recursive: true });
  await writeFile(join(root, "docs/bench.json"), `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(join(root, "docs/bench.svg"), chart(result));
} finally {
  await rm(folder, { recursive: true, force: true });
}
