/**
 * `update_stream_connection` of a connection on which processors run: refused, or with them stopped for it and started
 * again, whatever comes of the change.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { addProcessor, startProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import { freshName, place, variablesFor } from "../support/against-sandbox.ts";
import { startProcess } from "../support/server-process.ts";
import { emptyWorkspace, type Session, startSession, stored } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession({
    env: {
      ATLAS_STREAMS_MCP_READY_MS: "3000",
      ATLAS_STREAMS_MCP_CHECK_MS: "300",
      ATLAS_STREAMS_MCP_TIMEOUT_MS: "1500",
    },
  });
  session.put({ name: "sink", type: "Cluster", clusterName: "Cluster0" });
}, 60_000);
afterEach(() => session.reset());
afterAll(() => session.close());

/** A Kafka connection, and processors on it that are in these states. */
function used(...states: ("STARTED" | "STOPPED")[]) {
  const connection = freshName();
  session.put({ name: connection, type: "Kafka", bootstrapServers: "b1.example.com:9092" });
  const workspace = emptyWorkspace(session.sandbox);
  const names = states.map((state, index) => {
    const name = `${connection}-p${index}`;
    const pipeline = [
      { $source: { connectionName: connection, topic: "t" } },
      { $merge: { into: { connectionName: "sink", db: "db", coll: "coll" } } },
    ];
    const processor = addProcessor(workspace, { name, pipeline, dlq: undefined, tier: "SP10" }, 0);
    if (state === "STARTED") startProcessor(workspace, processor, 0);
    else processor.state = state;
    return name;
  });
  return { connection, names };
}

const args = (connectionName: string, more: JsonObject = {}) => ({
  ...place,
  connectionName,
  connection: { bootstrapServers: "b2.example.com:9092" },
  ...more,
});
const update = (connection: string, more: JsonObject = {}) =>
  session.call("update_stream_connection", args(connection, more));
const stateOf = (name: string) => session.sandbox.state.processor(place.groupId, place.tenantName, name)?.state;
const brokersOf = (name: string) => stored(session.sandbox, name)?.body;
const sent = () =>
  session.sandbox.requests
    .filter(({ method }) => method !== "GET")
    .map(({ method, path }) => (method === "PATCH" ? "modify" : path.replace(/.*-(p\d):/, "$1 ")))
    .toSorted();
const steps = (...results: string[]) =>
  ["stop", "modify", "start"].map((step, index) => ({ step, result: results[index] }));

describe("a connection on which processors run", () => {
  it("is not changed, and the refusal names them and the way, in a dry run too", async () => {
    const { connection, names } = used("STARTED", "STOPPED", "STARTED");
    const [first, , third] = names;
    const refused = await update(connection);
    expect(refused).toMatchObject({
      error: { kind: "conflict", hint: expect.stringContaining("restartProcessors: true") },
      processors: [first, third],
    });
    expect(refused.summary).toContain(`${first}, ${third}`);
    expect(await update(connection, { dryRun: true })).toMatchObject({
      outcome: "planned",
      wouldBe: "conflict",
      summary: expect.stringContaining("restartProcessors: true"),
    });
    expect(names.map(stateOf)).toEqual(["STARTED", "STOPPED", "STARTED"]);
    expect(brokersOf(connection)).toMatchObject({ bootstrapServers: "b1.example.com:9092" });
  });

  it("is changed while they stand still, and they run again, but for what was stopped before", async () => {
    const { connection, names } = used("STARTED", "STOPPED", "STARTED");
    expect(await update(connection, { restartProcessors: true, dryRun: true })).toMatchObject({
      outcome: "planned",
      wouldBe: "updated",
      summary: expect.stringMatching(new RegExp(`Would stop ${names[0]}, ${names[2]}, change .* and start them again`)),
      steps: [{ step: "stop" }, { step: "modify" }, { step: "start" }],
      request: { method: "PATCH" },
    });
    expect(sent()).toEqual([]);
    expect(await update(connection, { restartProcessors: true })).toMatchObject({
      outcome: "updated",
      summary: expect.stringMatching(/were stopped, and run again\.$/),
      steps: steps("done", "done", "done"),
    });
    expect(sent()).toEqual(["modify", "p0 start", "p0 stop", "p2 start", "p2 stop"]);
    expect(names.map(stateOf)).toEqual(["STARTED", "STOPPED", "STARTED"]);
    expect(brokersOf(connection)).toMatchObject({ bootstrapServers: "b2.example.com:9092" });
  });

  it("is needed by none that runs: nothing is stopped", async () => {
    const { connection, names } = used("STOPPED");
    const result = await update(connection, { restartProcessors: true });
    expect(result).toMatchObject({ outcome: "updated" });
    expect(result["steps"]).toBeUndefined();
    expect(sent()).toEqual(["modify"]);
    expect(names.map(stateOf)).toEqual(["STOPPED"]);
  });
});

describe("processors that were stopped for a change run again", () => {
  it("where Atlas refuses the change", async () => {
    const { connection, names } = used("STARTED", "STARTED");
    const body = { errorCode: "NO", detail: "Not these brokers" };
    session.sandbox.faults.add({ method: "PATCH", fault: { kind: "answer", status: 400, body } });
    expect(await update(connection, { restartProcessors: true })).toMatchObject({
      error: { kind: "bad_request", detail: "Not these brokers" },
      summary: expect.stringMatching(/It was not changed; the processors that use it run\.$/),
      steps: steps("done", "failed", "done"),
    });
    expect(names.map(stateOf)).toEqual(["STARTED", "STARTED"]);
  });

  it("where another one cannot be stopped", async () => {
    const { connection, names } = used("STARTED", "STARTED");
    session.sandbox.faults.add({ path: /p1:stop$/, fault: { kind: "answer", status: 403, body: {} } });
    expect(await update(connection, { restartProcessors: true })).toMatchObject({
      error: { kind: "forbidden" },
      summary: expect.stringMatching(/It was not changed; the processors that use it run\.$/),
      steps: steps("failed", "skipped", "done"),
    });
    expect(sent()).not.toContain("modify");
    expect(names.map(stateOf)).toEqual(["STARTED", "STARTED"]);
  });

  it("but for one that Atlas does not start, which is named", async () => {
    const { connection, names } = used("STARTED", "STARTED");
    session.sandbox.faults.add({ path: /p1:start$/, times: 9, fault: { kind: "answer", status: 403, body: {} } });
    expect(await update(connection, { restartProcessors: true })).toMatchObject({
      error: { kind: "forbidden", hint: expect.stringContaining("start_stream_processor") },
      summary: expect.stringMatching(new RegExp(`It was changed; not known to run again: ${names[1]}\\.$`)),
      steps: steps("done", "done", "failed"),
    });
    expect(names.map(stateOf)).toEqual(["STARTED", "STOPPED"]);
  });

  it("where the call is cancelled midway", async () => {
    const { connection, names } = used("STARTED");
    session.sandbox.faults.add({ method: "PATCH", fault: { kind: "silence-after-acting" } });
    const cancel = new AbortController();
    const call = session.server.client.callTool(
      { name: "update_stream_connection", arguments: args(connection, { restartProcessors: true }) },
      undefined,
      cancel,
    );
    await vi.waitFor(() => expect(sent()).toContain("modify"), { interval: 5, timeout: 15_000 });
    cancel.abort();
    await expect(call).rejects.toThrow();
    await vi.waitFor(() => expect(session.server.stderr()).toContain("carried to its end: it was done"), {
      interval: 5,
      timeout: 15_000,
    });
    expect(names.map(stateOf)).toEqual(["STARTED"]);
    expect(brokersOf(connection)).toMatchObject({ bootstrapServers: "b2.example.com:9092" });
  });

  it("where the process ends midway", async () => {
    const { connection, names } = used("STARTED", "STARTED");
    session.sandbox.faults.add({ method: "PATCH", fault: { kind: "silence-before-acting" } });
    const server = startProcess({ env: variablesFor(session.sandbox) });
    await server.initialize();
    const params = { name: "update_stream_connection", arguments: args(connection, { restartProcessors: true }) };
    server.request("call", "tools/call", params);
    await vi.waitFor(() => expect(sent()).toContain("modify"), { interval: 5, timeout: 15_000 });
    server.child.kill("SIGTERM");
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(names.map(stateOf)).toEqual(["STARTED", "STARTED"]);
  });
});

describe("a connection that is deleted", () => {
  it("stays while a processor that uses it runs, though that is forced", async () => {
    const { connection, names } = used("STARTED");
    const remove = (more: JsonObject) =>
      session.call("delete_stream_connection", { ...place, connectionName: connection, force: true, ...more });
    expect(await remove({ dryRun: true })).toMatchObject({ outcome: "planned", wouldBe: "conflict" });
    const refused = await remove({ confirm: connection });
    expect(refused).toMatchObject({
      error: { kind: "conflict", hint: expect.stringContaining("stop_stream_processor") },
    });
    expect(refused.summary).toContain(names[0]);
    expect(stored(session.sandbox, connection)?.state).toBe("READY");
  });
});
