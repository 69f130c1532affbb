/**
 * The end of the process while it has stopped a processor for a change: nothing is begun and nothing read any more, and a
 * start goes to the processor at once.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { place, variablesFor } from "../support/against-sandbox.ts";
import { type FaultRule, type Sandbox, startSandbox } from "../support/sandbox.ts";
import { type ServerProcess, startProcess } from "../support/server-process.ts";
import { changed, putConnections, runningProcessor, truth } from "./running-processors.ts";

/** The contract's limit, with room for a machine that has other things to do. */
const SOON_MS = 3_500 + 1_000;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
  putConnections(sandbox);
});
afterEach(() => {
  sandbox.faults.clear();
  sandbox.requests.length = 0;
  sandbox.state.switchedAfterMs = 0;
});
afterAll(() => sandbox.close());

const stateOf = (name: string) => truth(sandbox, name).state;
const waitUntil = (happened: () => boolean) =>
  vi.waitFor(() => expect(happened()).toBe(true), { interval: 5, timeout: 15_000 });
/** What was sent, but for reads. */
const writes = () => sandbox.requests.filter(({ method }) => method !== "GET");
const sent = () => writes().map(({ method, path }) => (method === "PATCH" ? "modify" : path.replace(/.*:/, "")));

const tools: [string, (name: string) => { name: string; arguments: JsonObject }][] = [
  [
    "update_stream_processor",
    (processorName) => ({
      name: "update_stream_processor",
      arguments: { ...place, processorName, pipeline: changed },
    }),
  ],
  [
    "apply_stream_pipeline",
    (processorName) => ({
      name: "apply_stream_pipeline",
      arguments: { ...place, processors: [{ processorName, pipeline: changed, start: true }], dryRun: false },
    }),
  ],
];

const ends: [string, (server: ServerProcess) => void][] = [
  ["the end of its input", ({ child }) => child.stdin.end()],
  ["SIGTERM", ({ child }) => child.kill("SIGTERM")],
  ["SIGINT", ({ child }) => child.kill("SIGINT")],
  [
    "a closed stdout",
    ({ child, send }) => {
      child.stdout.destroy();
      send("nonsense");
    },
  ],
];

/** Where the process ends: the request that is under way then, and what befalls it. */
const moments: [string, Omit<FaultRule, "fault">, FaultRule["fault"], string[]][] = [
  ["the stop, which happens", { path: /:stop$/ }, { kind: "silence-after-acting" }, ["stop", "start"]],
  ["the change, which happens", { method: "PATCH" }, { kind: "silence-after-acting" }, ["stop", "modify", "start"]],
  ["the change, which is lost", { method: "PATCH" }, { kind: "silence-before-acting" }, ["stop", "modify", "start"]],
  [
    "the start, which is lost",
    { path: /:start$/ },
    { kind: "silence-before-acting" },
    ["stop", "modify", "start", "start"],
  ],
];

describe.each(ends)("%s", (_, cause) => {
  describe.each(tools)("during %s", (_, paramsFor) => {
    it.each(moments)("and %s, leaves the processor running", async (_, rule, fault, expected) => {
      const name = runningProcessor(sandbox);
      sandbox.faults.add({ ...rule, fault });
      const server = startProcess({ env: variablesFor(sandbox) });
      await server.initialize();
      server.request("call", "tools/call", paramsFor(name));
      const last = expected.at(-2) ?? "";
      await waitUntil(() => sent().at(-1) === last);
      const from = performance.now();
      const readBefore = sandbox.requests.length;
      cause(server);
      expect(await server.ended).toEqual({ code: 0, signal: null });
      expect(performance.now() - from).toBeLessThan(SOON_MS);
      expect(stateOf(name)).toBe("STARTED");
      expect(sent()).toEqual(expected);
      expect(sandbox.requests.slice(readBefore).filter(({ method }) => method === "GET")).toEqual([]);
      expect(server.stderr()).toMatch(/The server ends: what it had stopped for a change was started again/);
      expect(server.stderr()).toContain(name);
    });
  });
});

describe("a processor that Atlas is still stopping", () => {
  it("is started as soon as it is stopped", async () => {
    const name = runningProcessor(sandbox);
    sandbox.state.switchedAfterMs = 1_000;
    const server = startProcess({ env: variablesFor(sandbox) });
    await server.initialize();
    server.request("call", "tools/call", tools[0]?.[1](name));
    await waitUntil(() => sent().includes("stop"));
    server.child.kill("SIGTERM");
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(sent().filter((each) => each === "modify")).toEqual([]);
    await waitUntil(() => stateOf(name) === "STARTED" && sent().filter((each) => each === "start").length > 1);
    await vi.waitFor(() => expect(writes().at(-1)).toMatchObject({ status: 200 }), { timeout: 5_000 });
    await waitUntil(() => stateOf(name) === "STARTED");
  });
});

describe("what cannot be started again", () => {
  it("is on the log, and the process ends all the same", async () => {
    const name = runningProcessor(sandbox);
    sandbox.faults.add({ method: "PATCH", fault: { kind: "silence-before-acting" } });
    sandbox.faults.add({ path: /:start$/, times: 99, fault: { kind: "answer", status: 403, body: {} } });
    const server = startProcess({ env: variablesFor(sandbox) });
    await server.initialize();
    server.request("call", "tools/call", tools[0]?.[1](name));
    await waitUntil(() => sent().includes("modify"));
    const from = performance.now();
    server.child.kill("SIGTERM");
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - from).toBeLessThan(SOON_MS);
    expect(server.stderr()).toMatch(/"level":"error".*could not be started again.*Atlas answered 403/);
    expect(stateOf(name)).toBe("STOPPED");
  });
});

describe("the command line's call", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("that %s ends leaves the processor running", async (signal) => {
    const name = runningProcessor(sandbox);
    sandbox.faults.add({ method: "PATCH", fault: { kind: "silence-before-acting" } });
    const args = JSON.stringify({ ...place, processorName: name, pipeline: changed });
    const command = startProcess({ env: variablesFor(sandbox), args: ["call", "update_stream_processor", args] });
    await waitUntil(() => sent().includes("modify"));
    command.child.kill(signal);
    expect(await command.ended).toMatchObject({ code: 1 });
    expect(stateOf(name)).toBe("STARTED");
  });
});
