/** Processors from create to delete: what is sent, what Atlas then has, and what the result says of it. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { place } from "../support/against-sandbox.ts";
import { emptyWorkspace, type Session, startSession } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession({
    sandbox: { readyAfterMs: 50 },
    env: {
      ATLAS_STREAMS_MCP_READY_MS: "3000",
      ATLAS_STREAMS_MCP_CHECK_MS: "1000",
      ATLAS_STREAMS_MCP_TIMEOUT_MS: "1500",
    },
    secrets: ["header-secret-of-a-stage"],
  });
  session.put({ name: "sample_stream_solar", type: "Sample" });
  session.put({ name: "sink", type: "Cluster", clusterName: "Cluster0" });
  session.put({ name: "scorer", type: "Https", url: "https://score.example.com" });
}, 60_000);
afterAll(async () => {
  session.reset();
  await session.close();
});

let names = 100;
const freshName = () => `processor-${++names}`;
const source = { $source: { connectionName: "sample_stream_solar" } };
const sink = { $merge: { into: { connectionName: "sink", db: "db", coll: "coll" } } };
const pipeline = [source, sink];
const dlq = { connectionName: "sink", db: "db", coll: "rejected" };

const call = (tool: string, processorName: string, more: JsonObject = {}) =>
  session.call(tool, { ...place, processorName, ...more });
const create = (name: string, more: JsonObject = {}) => call("create_stream_processor", name, { pipeline, ...more });
const stateOf = async (name: string) => {
  const { processor } = await call("get_stream_processor", name);
  return (processor as JsonObject)["state"];
};
const posts = () => session.sent("POST").map(({ path }) => path.split("/").at(-1));
/** The writes to this processor after its create. */
const writesTo = (name: string) =>
  session.sandbox.requests.filter(({ method, path }) => method !== "GET" && path.includes(`/processor/${name}`));

describe("create_stream_processor", () => {
  afterEach(() => session.reset());

  it("creates a processor that is not started", async () => {
    const name = freshName();
    expect(await create(name, { dlq, tier: "SP10" })).toMatchObject({
      outcome: "created",
      summary: `Created the processor "${name}"; its state is CREATED.`,
      processor: { name, state: "CREATED", tier: "SP10", pipeline, options: { dlq } },
      project: place,
      warnings: [],
    });
    expect(session.sent("POST").map(({ body }) => body)).toEqual([{ name, pipeline, options: { dlq }, tier: "SP10" }]);
  });

  it("starts it where that is asked, and says that billing runs", async () => {
    const name = freshName();
    expect(await create(name, { start: true })).toMatchObject({
      outcome: "created",
      started: true,
      summary: expect.stringContaining("billing runs"),
      processor: { state: "STARTED" },
    });
    expect(posts()).toEqual(["processor", `${name}:start`]);
  });

  it("keeps the order of fields, and nulls", async () => {
    const name = freshName();
    const stage = { $match: { z: null, a: { $gt: 1 }, m: [null, { b: 1, a: 2 }] } };
    await create(name, { pipeline: [source, stage, sink] });
    const [request] = session.sent("POST");
    expect(JSON.stringify(request?.body)).toContain(JSON.stringify(stage));
  });

  it("is safe to repeat, and tells another one of the same name", async () => {
    const name = freshName();
    await create(name, { dlq });
    expect(await create(name, { dlq })).toMatchObject({ outcome: "already_exists" });
    const other = await create(name, { pipeline: [source, { $match: { a: 1 } }, sink] });
    expect(other).toMatchObject({ error: { kind: "conflict" }, processor: { name, pipeline } });
    expect(other.error?.fields?.map(({ path }) => path)).toEqual(["pipeline[1]", "dlq"]);
  });

  it("masks what a stage calls a secret in a parameter or a path, and refuses a reference, which would go out as text", async () => {
    const https = {
      connectionName: "scorer",
      as: "score",
      path: "/a?token=path-secret-12345",
      parameters: { api_key: "parameter-secret" },
    };
    const planned = await create(freshName(), { pipeline: [source, { $https: https }, sink], dryRun: true });
    expect(planned).toMatchObject({ outcome: "planned" });
    expect(JSON.stringify(planned)).not.toMatch(/path-secret|parameter-secret/);
    const headers = { Authorization: "${env:ATLAS_STREAMS_SECRET_X}" };
    const { error } = await create(freshName(), { pipeline: [source, { $https: { ...https, headers } }, sink] });
    expect(error?.fields?.map(({ path }) => path)).toEqual(["pipeline[1].$https.headers.Authorization"]);
  });

  it("takes a pipeline that writes asterisks itself", async () => {
    const pipelineOf = [source, { $set: { card: "***" } }, sink];
    expect(await create(freshName(), { pipeline: pipelineOf })).toMatchObject({ outcome: "created" });
  });

  it("says in a dry run without a tier which one it will run on", async () => {
    const withoutTier = await create(freshName(), { dryRun: true });
    expect(withoutTier["summary"]).toMatch(/nothing was created\. It will run on .*the workspace's default tier/);
    const withTier = await create(freshName(), { dryRun: true, tier: "SP5" });
    expect(withTier["summary"]).not.toContain("It will run on");
    expect(withTier["summary"]).toContain(
      "try its pipeline on two or three example documents with try_stream_pipeline",
    );
  });

  it("shows in a dry run what would be sent and what would come of it", async () => {
    const name = freshName();
    expect(await create(name, { dryRun: true, start: true })).toMatchObject({
      outcome: "planned",
      wouldBe: "created",
      request: { method: "POST", body: { name, pipeline } },
    });
    expect(session.sent("POST")).toEqual([]);
    await create(name);
    expect(await create(name, { dryRun: true })).toMatchObject({ wouldBe: "already_exists" });
    expect(await create(name, { dryRun: true, dlq })).toMatchObject({ wouldBe: "conflict" });
  });

  it("refuses a pipeline that cannot work, with the path, before anything is sent", async () => {
    const wrong = [{ $source: { connectionName: "sample_stream_sola" } }, { $tumblingWindow: { pipeline: [] } }, sink];
    const { error, warnings } = await create(freshName(), {
      pipeline: [...wrong.slice(0, 1), { $mach: {} }, ...wrong.slice(1)],
    });
    expect(warnings).toEqual([expect.stringContaining("$match")]);
    expect(error).toMatchObject({ kind: "invalid_input" });
    expect(error?.fields).toEqual(
      expect.arrayContaining([
        { path: "pipeline[0].$source.connectionName", message: expect.stringContaining("sample_stream_solar") },
        { path: "pipeline[2].$tumblingWindow.interval", message: expect.stringContaining("required") },
      ]),
    );
    expect(session.sent("POST")).toEqual([]);
  });

  it("masks a header of a stage, in this call and in later ones; its mask means as it is, and nothing elsewhere", async () => {
    const name = freshName();
    const https = {
      connectionName: "scorer",
      path: "score",
      as: "score",
      headers: { Authorization: "header-secret-of-a-stage" },
    };
    const stage = { $https: https };
    expect(await create(name, { pipeline: [source, stage, sink], dryRun: true })).toMatchObject({ outcome: "planned" });
    expect(await create(name, { pipeline: [source, stage, sink] })).toMatchObject({ outcome: "created" });
    const { processor } = await call("get_stream_processor", name);
    const shown = (processor as { pipeline: JsonObject[] }).pipeline;
    expect(shown[1]).toEqual({ $https: { ...https, headers: { Authorization: "***" } } });
    const change = (changed: unknown[]) => call("update_stream_processor", name, { pipeline: changed });
    expect(await change([source, { $match: {} }, shown[1], sink])).toMatchObject({
      error: { kind: "invalid_input", fields: [{ path: expect.stringContaining("headers.Authorization") }] },
    });
    const changed = await change([...shown.slice(0, 2), { $match: {} }, sink]);
    expect(changed).toMatchObject({ outcome: "updated" });
    expect(JSON.stringify(changed)).not.toContain("header-secret");
    expect(session.sent("PATCH").at(-1)?.body).toEqual({ pipeline: [source, stage, { $match: {} }, sink] });
  });

  it("masks what is in a header of a stage where Atlas repeats it without its scheme", async () => {
    const headers = { Authorization: "Bearer header-secret-of-a-stage" };
    const stage = { $https: { connectionName: "scorer", path: "score", as: "score", headers } };
    const body = { errorCode: "NO", detail: "header-secret-of-a-stage is no token" };
    session.sandbox.faults.add({ method: "POST", fault: { kind: "answer", status: 400, body } });
    expect(await create(freshName(), { pipeline: [source, stage, sink] })).toMatchObject({
      error: { kind: "bad_request", detail: "*** is no token" },
    });
  });
});

// These wait for states, so they wait side by side, and look at nothing but their own processor.
describe.concurrent("starting and stopping", () => {
  it("is read back, and done once", async () => {
    const name = freshName();
    await create(name);
    expect(await call("start_stream_processor", name)).toMatchObject({
      outcome: "started",
      processor: { state: "STARTED" },
    });
    expect(await call("start_stream_processor", name)).toMatchObject({ outcome: "already_started" });
    expect(await call("stop_stream_processor", name)).toMatchObject({
      outcome: "stopped",
      processor: { state: "STOPPED" },
    });
    expect(await call("stop_stream_processor", name)).toMatchObject({ outcome: "already_stopped" });
    expect(writesTo(name).map(({ path }) => path.split(":").at(-1))).toEqual(["start", "stop"]);
  });

  it("takes a tier and a checkpoint, which one that runs does not", async () => {
    const name = freshName();
    await create(name);
    const options = { tier: "SP30", resumeFromCheckpoint: false };
    expect(await call("start_stream_processor", name, options)).toMatchObject({ outcome: "started" });
    expect(writesTo(name)).toMatchObject([{ path: expect.stringMatching(/:startWith$/), body: options }]);
    expect(await call("start_stream_processor", name, { tier: "SP50" })).toMatchObject({
      error: { kind: "invalid_input", hint: expect.stringContaining("stop_stream_processor") },
    });
  });

  it.each(["reset-after-acting", "silence-after-acting", "garbage-body"] as const)(
    "whose answer is lost is looked for, and not sent again: %s",
    async (kind) => {
      const name = freshName();
      await create(name);
      session.sandbox.faults.add({ method: "POST", path: new RegExp(`${name}:start$`), times: 9, fault: { kind } });
      expect(await call("start_stream_processor", name)).toMatchObject({
        outcome: "started",
        warnings: [expect.stringMatching(/Atlas was asked/)],
      });
      expect(writesTo(name)).toHaveLength(1);
    },
    60_000,
  );
});

const window = (size: number) => ({
  $tumblingWindow: { interval: { size, unit: "second" }, pipeline: [{ $group: { _id: null, n: { $count: {} } } }] },
});

describe.concurrent("update_stream_processor", () => {
  const changed = [source, { $match: { a: 1 } }, sink];

  it("stops one that runs, changes it, and starts it again", async () => {
    const name = freshName();
    await create(name, { start: true });
    expect(await call("update_stream_processor", name, { pipeline: changed, tier: "SP50" })).toMatchObject({
      outcome: "updated",
      processor: { state: "STARTED", pipeline: changed },
      changes: [
        { path: "pipeline[1]", after: { $match: { a: 1 } } },
        { path: "tier", before: "SP30", after: "SP50" },
      ],
      steps: [
        { step: "stop", result: "done" },
        { step: "modify", result: "done" },
        { step: "start", result: "done" },
      ],
    });
  });

  it("leaves one stopped that is stopped, and says so where nothing changes", async () => {
    const name = freshName();
    await create(name);
    expect(await call("update_stream_processor", name, { pipeline: changed })).toMatchObject({
      outcome: "updated",
      steps: [{ result: "skipped" }, { step: "modify", result: "done" }, { result: "skipped" }],
    });
    expect(await call("update_stream_processor", name, { pipeline: changed })).toMatchObject({ outcome: "unchanged" });
  });

  it("renames", async () => {
    const name = freshName();
    await create(name);
    expect(await call("update_stream_processor", name, { newName: `${name}-new` })).toMatchObject({
      outcome: "updated",
      summary: `Changed the processor "${name}" (name); its state is CREATED.`,
      changes: [{ path: "newName", before: name, after: `${name}-new` }],
      processor: { name: `${name}-new` },
    });
    expect(await stateOf(`${name}-new`)).toBe("CREATED");
  });

  it("does not take the name of another one", async () => {
    const [name, other] = [freshName(), freshName()];
    await create(name);
    await create(other);
    expect(await call("update_stream_processor", name, { newName: other })).toMatchObject({
      error: { kind: "invalid_input", fields: [{ path: "newName", message: expect.stringContaining(other) }] },
    });
    expect(writesTo(name)).toEqual([]);
  });

  it("starts one as it was where Atlas refuses the change", async () => {
    const name = freshName();
    await create(name, { start: true });
    session.sandbox.faults.add({
      method: "PATCH",
      path: new RegExp(`${name}$`),
      fault: { kind: "answer", status: 400, body: { errorCode: "NO", detail: "No such stage" } },
    });
    expect(await call("update_stream_processor", name, { pipeline: changed })).toMatchObject({
      error: { kind: "bad_request", detail: "No such stage" },
      summary: expect.stringContaining("runs again as it was"),
      processor: { state: "STARTED", pipeline },
      steps: [
        { step: "stop", result: "done" },
        { step: "modify", result: "failed" },
        { step: "start", result: "done" },
      ],
    });
  });

  it.each([
    ["the stop", "POST", ":stop", "silence-after-acting"],
    ["the change", "PATCH", "", "silence-after-acting"],
    ["the change, which is lost", "PATCH", "", "silence-before-acting"],
    ["the start", "POST", ":start", "silence-after-acting"],
  ] as const)("is carried to its end though the call is cancelled during %s", async (_, method, path, kind) => {
    const name = freshName();
    await create(name, { start: true });
    session.sandbox.faults.add({ method, path: new RegExp(`${name}${path}$`), fault: { kind } });
    const cancel = new AbortController();
    const args = { ...place, processorName: name, pipeline: changed };
    const call = session.server.client.callTool(
      { name: "update_stream_processor", arguments: args },
      undefined,
      cancel,
    );
    const reached = () =>
      writesTo(name)
        .slice(1)
        .map((request) => `${request.method} ${request.path}`);
    await vi.waitFor(() => expect(reached().at(-1)).toMatch(new RegExp(`^${method} .*${name}${path}$`)), {
      interval: 5,
      timeout: 15_000,
    });
    cancel.abort();
    await expect(call).rejects.toThrow();
    const isLost = kind === "silence-before-acting";
    const told = isLost ? "runs again as it was" : "it was done";
    const said = () =>
      session.server
        .stderr()
        .split("\n")
        .find((line) => line.includes(`"processor":"${name}"`));
    await vi.waitFor(() => expect(said()).toMatch(new RegExp(`to its end: .*${told}`)), {
      interval: 5,
      timeout: 20_000,
    });
    const { processor } = await session.call("get_stream_processor", { ...place, processorName: name });
    expect(processor).toMatchObject({ state: "STARTED", pipeline: isLost ? pipeline : changed });
  });

  it("says of one that stands still that it does, though nothing is to be changed", async () => {
    const name = freshName();
    await create(name, { start: true });
    await call("stop_stream_processor", name);
    expect(await call("update_stream_processor", name, { pipeline })).toMatchObject({
      outcome: "unchanged",
      summary: expect.stringMatching(/does not run: its state is STOPPED.*start_stream_processor/),
    });
  });

  it("only plans in a dry run, and leaves one that runs alone", async () => {
    const name = freshName();
    await create(name, { start: true });
    expect(await call("update_stream_processor", name, { pipeline: changed, dryRun: true })).toMatchObject({
      outcome: "planned",
      request: { method: "PATCH", body: { pipeline: changed } },
    });
    expect(writesTo(name)).toHaveLength(1);
    expect(await stateOf(name)).toBe("STARTED");
  });

  it("sends that the checkpoint is not to be kept, and keeps the dead letter queue beside it", async () => {
    const name = freshName();
    await create(name, { start: true, dlq });
    const other = [{ $source: { connectionName: "sample_stream_solar", timeField: { $toDate: "$t" } } }, sink];
    const fresh = { pipeline: other, resumeFromCheckpoint: false };
    expect(await call("update_stream_processor", name, fresh)).toMatchObject({
      outcome: "updated",
      processor: { state: "STARTED", options: { dlq } },
      warnings: [expect.stringMatching(/^resumeFromCheckpoint: the checkpoint is lost/)],
    });
    expect(writesTo(name).filter(({ method }) => method === "PATCH")).toMatchObject([
      { body: { pipeline: other, options: { dlq, resumeFromCheckpoint: false } } },
    ]);
  });

  it("does nothing where the new name is the one that it has, and warns of no checkpoint", async () => {
    const name = freshName();
    await create(name, { start: true });
    expect(await call("update_stream_processor", name, { newName: name, pipeline })).toMatchObject({
      outcome: "unchanged",
      warnings: [],
    });
    expect(await call("update_stream_processor", name, { pipeline, resumeFromCheckpoint: false })).toMatchObject({
      outcome: "unchanged",
      warnings: [expect.stringMatching(/^resumeFromCheckpoint: counts only with a change/)],
    });
    expect(writesTo(name)).toHaveLength(1);
    expect(await stateOf(name)).toBe("STARTED");
  });

  describe("refuses before one that runs is stopped", () => {
    const otherSource = [{ $source: { connectionName: "sample_stream_solar", timeField: { $toDate: "$t" } } }, sink];
    it.each([
      ["a tier that is none", { tier: "SP7" }, "tier", /SP2, SP5, SP10, SP30, SP50/],
      ["a pipeline that cannot work", { pipeline: [source, { a: 1 }, sink] }, "pipeline[1]", /one key/],
      [
        "another source with the checkpoint",
        { pipeline: otherSource },
        "pipeline[0].$source",
        /resumeFromCheckpoint: false/,
      ],
      [
        "another source where the checkpoint is to be kept",
        { pipeline: otherSource, resumeFromCheckpoint: true },
        "pipeline[0].$source",
        /resumeFromCheckpoint: false/,
      ],
      ["a window that is new", { pipeline: [source, window(5), sink] }, "pipeline[1].$tumblingWindow", /new window/],
    ])("%s", async (_, more, path, message) => {
      const name = freshName();
      await create(name, { start: true });
      const { error } = await call("update_stream_processor", name, more);
      expect(error).toMatchObject({
        kind: "invalid_input",
        fields: [{ path, message: expect.stringMatching(message) }],
      });
      expect(writesTo(name)).toHaveLength(1);
      expect(await stateOf(name)).toBe("STARTED");
    });
  });

  it("says what state is left where it cannot be started again", async () => {
    const name = freshName();
    await create(name, { start: true });
    session.sandbox.faults.add({
      method: "POST",
      path: new RegExp(`${name}:start$`),
      times: 9,
      fault: { kind: "answer", status: 403, body: {} },
    });
    expect(await call("update_stream_processor", name, { pipeline: changed })).toMatchObject({
      error: { kind: "forbidden", hint: expect.stringContaining("start_stream_processor") },
      summary: expect.stringContaining("It was changed, and is stopped."),
      steps: [{ result: "done" }, { result: "done" }, { step: "start", result: "failed" }],
    });
    expect(await stateOf(name)).toBe("STOPPED");
  });
});

describe("a dead letter queue", () => {
  it("is taken away by one without fields, which one with half of them is not", async () => {
    const name = freshName();
    await create(name, { dlq, start: true });
    const { error } = await call("update_stream_processor", name, { dlq: { connectionName: "sink", db: "db" } });
    expect(error?.fields).toEqual([{ path: "dlq.coll", message: expect.stringContaining("{} takes") }]);
    expect(await call("update_stream_processor", name, { dlq: {} })).toMatchObject({
      outcome: "updated",
      changes: [{ path: "dlq", before: dlq }],
      processor: { state: "STARTED" },
    });
    expect(session.sandbox.state.processor(place.groupId, place.tenantName, name)?.dlq).toBeUndefined();
    expect(await call("update_stream_processor", name, { dlq: {} })).toMatchObject({ outcome: "unchanged" });
  });
});

describe("what is wrong", () => {
  it("with a pipeline is told with what is wrong with the rest", async () => {
    const { error } = await create(freshName(), { tier: "SP7", strat: true, pipeline: [source, { a: 1 }] });
    expect(error?.fields).toEqual([
      { path: "tier", message: expect.stringContaining("SP2, SP5, SP10, SP30, SP50") },
      { path: "strat", message: expect.stringContaining("did you mean start?") },
      { path: "pipeline[1]", message: expect.stringContaining("one key") },
    ]);
    const plan = { ...place, processors: [{ processorName: "x", tier: "SP7", pipeline: [{ a: 1 }] }] };
    expect((await session.call("apply_stream_pipeline", plan)).error?.fields?.map(({ path }) => path)).toEqual([
      "processors[0].tier",
      "processors[0].pipeline[0]",
    ]);
  });

  it("with the sample's name says how to create it", async () => {
    const connections = emptyWorkspace(session.sandbox).connections;
    const sample = connections.get("sample_stream_solar");
    connections.delete("sample_stream_solar");
    const { error } = await create(freshName());
    if (sample) connections.set("sample_stream_solar", sample);
    expect(error?.fields?.[0]?.message).toContain('{"type":"Sample","name":"sample_stream_solar"}');
  });

  it("with a taken name names the tool that changes what has it", async () => {
    const name = freshName();
    await create(name);
    expect((await create(name, { dlq })).error?.hint).toContain("update_stream_processor");
  });
});

it("a list of those in a state that is none names the states there are", async () => {
  await create(freshName());
  const { summary } = await session.call("list_stream_processors", { ...place, state: "RUNNING" });
  expect(summary).toMatch(/^0 processors found\. The states there are: .*CREATED.*one that runs is STARTED\.$/);
});

describe("a workspace with a largest tier", () => {
  it("a tier above the workspace's largest", async () => {
    const name = freshName();
    const { requestedTiers } = emptyWorkspace(session.sandbox);
    await create(name, { start: true });
    requestedTiers.maxTier = "SP30";
    const { error } = await call("update_stream_processor", name, { tier: "SP50" });
    requestedTiers.maxTier = undefined;
    expect(error).toMatchObject({
      kind: "invalid_input",
      fields: [{ path: "tier", message: expect.stringContaining("at most SP30") }],
    });
    expect(await stateOf(name)).toBe("STARTED");
  });
});

describe("delete_stream_processor", () => {
  afterEach(() => session.reset());

  it("wants the name again, and then deletes", async () => {
    const name = freshName();
    await create(name);
    expect(await call("delete_stream_processor", name)).toMatchObject({
      error: { kind: "invalid_input", hint: expect.stringContaining("Ask the person") },
    });
    expect(await call("delete_stream_processor", name, { dryRun: true })).toMatchObject({ outcome: "planned" });
    expect(await call("delete_stream_processor", name, { confirm: name })).toMatchObject({ outcome: "deleted" });
    expect(await call("delete_stream_processor", name, { confirm: name })).toMatchObject({ outcome: "not_found" });
  });
});

describe("what is missing", () => {
  it("is named: the processor, with the nearest, and the workspace", async () => {
    const name = freshName();
    await create(name);
    expect(await call("get_stream_processor", `${name}x`)).toMatchObject({
      error: { kind: "not_found", fields: [{ path: "processorName", message: expect.stringContaining(name) }] },
    });
    const args = { ...place, tenantName: "clickstreem", processorName: name };
    expect(await session.call("start_stream_processor", args)).toMatchObject({
      error: { kind: "not_found", fields: [{ path: "tenantName", message: expect.stringContaining("clickstream") }] },
    });
  });
});
