/** Cold start and memory: from the spawn of a process to its first answers. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { startLines } from "./line-process.ts";
import type { Programs } from "./programs.ts";
import { type Round, type Section, sectionOf, shuffled } from "./statistics.ts";

interface Subject {
  args: string[];
  era: "2025" | "2026";
}

interface Sample {
  first: number;
  list: number;
  memory: number;
}

const initialize = {
  jsonrpc: "2.0",
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1.0.0" } },
};
const initialized = { jsonrpc: "2.0", method: "notifications/initialized" };
const key = (name: string) => `io.modelcontextprotocol/${name}`;
const params = { _meta: { [key("protocolVersion")]: "2026-07-28", [key("clientCapabilities")]: {} } };
const discover = { jsonrpc: "2.0", method: "server/discover", params };
const list = { jsonrpc: "2.0", method: "tools/list" };

export async function measureStart(server: string, programs: Programs, count: number): Promise<Section[]> {
  const subjects: Record<string, Subject> = {
    "bare Node": { args: [programs.bareNode], era: "2025" },
    "bare SDK 1 server": { args: [programs.sdk1], era: "2025" },
    "this server, 2025 era": { args: [server], era: "2025" },
    "bare SDK 2 server": { args: [programs.sdk2], era: "2026" },
    "this server, 2026 era": { args: [server], era: "2026" },
  };
  const names = Object.keys(subjects);
  const first: Round[] = [];
  const lists: Round[] = [];
  const memory: Round[] = [];
  // One round more than is counted: the first fills the caches of files.
  for (let round = 0; round <= count; round += 1) {
    const samples: Record<string, Sample> = {};
    let nothing = 0;
    for (const name of shuffled(["node -e 0", ...names])) {
      const subject = subjects[name];
      if (subject) samples[name] = await sample(subject);
      else nothing = await timeOfNothing();
    }
    if (round === 0) continue;
    const pick = (what: keyof Sample) =>
      Object.fromEntries(names.map((name) => [name, samples[name]?.[what] ?? Number.NaN]));
    first.push({ "node -e 0": nothing, ...pick("first") });
    lists.push({ "node -e 0": nothing, ...pick("list") });
    memory.push(pick("memory"));
  }
  const timed = { unit: "ms", better: "lower" } as const;
  return [
    sectionOf({ title: "Spawn to the first answer", ...timed }, ["node -e 0", ...names], first),
    sectionOf({ title: "Spawn to the list of tools", ...timed }, ["node -e 0", ...names], lists),
    sectionOf(
      { title: "Peak memory after the list of tools", unit: "MB", better: "lower" },
      ["bare Node", ...names.slice(1)],
      memory,
    ),
  ];
}

async function sample({ args, era }: Subject): Promise<Sample> {
  const began = performance.now();
  const child = startLines(args);
  expectResult(await child.ask(era === "2025" ? initialize : discover));
  const first = performance.now() - began;
  if (era === "2025") child.send(initialized);
  expectResult(await child.ask(era === "2025" ? list : { ...list, params }));
  const done = performance.now() - began;
  const memory = child.memory();
  await child.end();
  return { first, list: done, memory };
}

/** A refusal can be quick, and would count as an answer. */
function expectResult(line: string): void {
  if (!("result" in JSON.parse(line))) throw new Error(`Not the answer that was asked for: ${line.slice(0, 300)}`);
}

async function timeOfNothing(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ["-e", "0"], { env: {}, stdio: "ignore" }), "exit");
  return performance.now() - began;
}
