/**
 * Calls that are cancelled, and processes that end, in the middle of changing a processor that runs: whatever befalls the
 * stop, the change or the start, the processor runs in the end, as it was or as it was to become.
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../../src/json.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { addProcessor, startProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import { place, variablesFor } from "../support/against-sandbox.ts";
import { type Fault, type Sandbox, startSandbox } from "../support/sandbox.ts";
import { type ServerProcess, startProcess } from "../support/server-process.ts";
import { type Chance, seeded } from "./seeded.ts";

interface Midway {
  seed: number;
  /** How many of each. */
  cancels: number;
  ends: number;
}

/** Limits under which a lost write is known to be lost soon. */
const limits = {
  ATLAS_STREAMS_MCP_TIMEOUT_MS: "600",
  ATLAS_STREAMS_MCP_CHECK_MS: "400",
  ATLAS_STREAMS_MCP_READY_MS: "3000",
};
const SIDE_BY_SIDE = 8;
/** Nothing more is sent for a processor, in milliseconds, and the longest wait for that. */
const QUIET_MS = 1_500;
const PATIENCE_MS = 40_000;
/** By the contract, with room for a machine that has other things to do. */
const END_MS = 3_500 + 1_000;

const source = { $source: { connectionName: "solar" } };
const sink = { $merge: { into: { connectionName: "sink", db: "db", coll: "coll" } } };
const before = [source, sink];
const after = [source, { $match: { a: 1 } }, sink];

const tools: ((processorName: string) => { name: string; arguments: JsonObject })[] = [
  (processorName) => ({
    name: "update_stream_processor",
    arguments: { ...place, processorName, pipeline: after },
  }),
  (processorName) => ({
    name: "apply_stream_pipeline",
    arguments: { ...place, processors: [{ processorName, pipeline: after, start: true }], dryRun: false },
  }),
];

const writes = ["stop", "modify", "start"] as const;
type Write = (typeof writes)[number];

const faults: (Fault | "none")[] = [
  "none",
  "none",
  { kind: "delay", ms: 200 },
  { kind: "reset-after-read" },
  { kind: "reset-after-acting" },
  { kind: "silence-before-acting" },
  { kind: "silence-after-acting" },
  { kind: "garbage-body" },
  { kind: "answer", status: 500, body: {} },
  { kind: "answer", status: 500, body: {}, act: true },
  { kind: "answer", status: 429, headers: { "retry-after": "0" }, body: {} },
];

const ways: Record<string, (server: ServerProcess) => void> = {
  "the end of its input": ({ child }) => child.stdin.end(),
  SIGTERM: ({ child }) => child.kill("SIGTERM"),
  SIGINT: ({ child }) => child.kill("SIGINT"),
};

/** Gives what was wrong. */
export async function endMidway({ seed, cancels, ends }: Midway): Promise<{ calls: number; faults: string[] }> {
  const sandbox = await startSandbox({ readyAfterMs: 50 });
  const workspace = sandbox.state.workspace(place.groupId, place.tenantName);
  if (!workspace) throw new Error("The sandbox lost its empty workspace");
  addConnection(workspace, { name: "solar", type: "Sample" }, 0);
  addConnection(workspace, { name: "sink", type: "Cluster", clusterName: "Cluster0" }, 0);
  const found: string[] = [];
  const server = await ready(sandbox);
  await sideBySide(cancels, async (index) => {
    found.push(...(await cancelOne(sandbox, server, seeded(seed + index), `cancel-${index}`)));
  });
  server.child.stdin.end();
  await server.ended;
  await sideBySide(ends, async (index) => {
    found.push(...(await endOne(sandbox, seeded(seed + cancels + index), `end-${index}`)));
  });
  await sandbox.close();
  return { calls: cancels + ends, faults: found };
}

async function sideBySide(count: number, run: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, one));
}

async function ready(sandbox: Sandbox): Promise<ServerProcess> {
  const server = startProcess({ env: { ...variablesFor(sandbox), ...limits } });
  await server.initialize();
  return server;
}

interface Scene {
  params: ReturnType<(typeof tools)[number]>;
  /** What was drawn, for a report. */
  told: string;
  /** Resolves at the moment that was drawn: a while after one of the writes was sent, or where none of them comes. */
  reached: Promise<unknown>;
}

/** A processor that runs, with a fault for one of its writes and a moment within its change. */
function setScene(sandbox: Sandbox, chance: Chance, name: string): Scene {
  const workspace = sandbox.state.workspace(place.groupId, place.tenantName);
  if (workspace)
    startProcessor(workspace, addProcessor(workspace, { name, pipeline: before, dlq: undefined, tier: "SP10" }, 0), 0);
  const [struck, moment] = [chance.pick(writes), chance.pick(writes)];
  const fault = chance.pick(faults);
  const params = chance.pick(tools)(name);
  if (fault !== "none") sandbox.faults.add({ ...ruleOf(struck, name), fault });
  const wait = chance.below(150);
  const from = sandbox.requests.length;
  const sent = () => sandbox.requests.slice(from).some((request) => isWrite(moment, name, request));
  return {
    params,
    told: `${params.name}, ${struck}: ${JSON.stringify(fault)}, ${wait} ms after ${moment}`,
    reached: until(sent, 8_000).then(() => sleep(wait)),
  };
}

const ruleOf = (write: Write, name: string) =>
  write === "modify"
    ? { method: "PATCH", path: new RegExp(`/${name}$`) }
    : { method: "POST", path: new RegExp(`/${name}:${write}$`) };
const isWrite = (write: Write, name: string, { method, path }: { method: string; path: string }) => {
  const rule = ruleOf(write, name);
  return method === rule.method && rule.path.test(path);
};

async function cancelOne(sandbox: Sandbox, server: ServerProcess, chance: Chance, name: string): Promise<string[]> {
  const from = sandbox.requests.length;
  const { params, told, reached } = setScene(sandbox, chance, name);
  server.request(name, "tools/call", params);
  await reached;
  server.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: name } });
  const about = () => sandbox.requests.slice(from).filter(({ path }) => path.includes(`/${name}`)).length;
  const end = Date.now() + PATIENCE_MS;
  for (let seen = -1; seen !== about() && Date.now() < end; ) {
    seen = about();
    await sleep(QUIET_MS);
  }
  return lastOf(sandbox, name).map((wrong) => `cancelled: ${told}: ${wrong}`);
}

async function endOne(sandbox: Sandbox, chance: Chance, name: string): Promise<string[]> {
  const server = await ready(sandbox);
  const { params, told, reached } = setScene(sandbox, chance, name);
  const [way = "", end] = chance.pick(Object.entries(ways));
  server.request(name, "tools/call", params);
  await reached;
  const from = performance.now();
  end?.(server);
  const late = sleep(2 * END_MS, "late", { ref: false });
  const isLate = (await Promise.race([server.ended, late])) === "late";
  if (isLate) server.child.kill("SIGKILL");
  if (isLate) await once(server.child, "exit");
  const took = performance.now() - from;
  // What Atlas was told, it does in its own time.
  await until(() => untruths(sandbox, name).length === 0, 1_000);
  const wrong = [...lastOf(sandbox, name), ...(took > END_MS ? [`it took ${Math.round(took)} ms to end`] : [])];
  return wrong.map((each) => `${way}: ${told}: ${each}; stderr: ${server.stderr().trim() || "nothing"}`);
}

/** What is untrue in the end. The processor goes, since every one that runs costs each list of them something. */
function lastOf(sandbox: Sandbox, name: string): string[] {
  const found = untruths(sandbox, name);
  sandbox.state.workspace(place.groupId, place.tenantName)?.processors.delete(name);
  return found;
}

function untruths(sandbox: Sandbox, name: string): string[] {
  const processor = sandbox.state.processor(place.groupId, place.tenantName, name);
  const pipeline = JSON.stringify(processor?.pipeline);
  return [
    ...(processor?.state === "STARTED" ? [] : [`its state is ${processor?.state}`]),
    ...([before, after].some((each) => JSON.stringify(each) === pipeline) ? [] : [`its pipeline is ${pipeline}`]),
  ];
}

async function until(condition: () => boolean, limitMs: number): Promise<void> {
  const end = Date.now() + limitMs;
  while (!condition() && Date.now() < end) await sleep(5);
}
