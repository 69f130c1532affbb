/** `apply_stream_pipeline`: the plan, the same plan carried out, and going on after a step that failed. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { place } from "../support/against-sandbox.ts";
import { type Session, startSession } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession({
    sandbox: { readyAfterMs: 50 },
    env: { ATLAS_STREAMS_MCP_READY_MS: "3000", ATLAS_STREAMS_SECRET_KAFKA: "the-referenced-password" },
    secrets: ["the-referenced-password"],
  });
}, 60_000);
afterEach(() => session.reset());
afterAll(() => session.close());

const { groupId } = place;
let names = 0;
const freshName = () => `pipeline-${++names}`;
const kafka = {
  name: "events",
  type: "Kafka",
  bootstrapServers: "b1.example.com:9092",
  authentication: { mechanism: "SCRAM-512", username: "u", password: "${env:ATLAS_STREAMS_SECRET_KAFKA}" },
};
const processor = {
  processorName: "copy",
  pipeline: [
    { $source: { connectionName: "sample_stream_solar" } },
    { $emit: { connectionName: "events", topic: "solar" } },
  ],
  start: true,
};
const whole = {
  workspace: { cloudProvider: "AWS", region: "us-east-1", sampleConnection: true },
  connections: [kafka],
  processors: [processor],
};
const apply = (tenantName: string, more: JsonObject = {}) =>
  session.call("apply_stream_pipeline", { groupId, tenantName, ...whole, ...more });
const carryOut = (tenantName: string, more: JsonObject = {}) => apply(tenantName, { dryRun: false, ...more });
const writes = () =>
  session.sandbox.requests.filter(({ method }) => method !== "GET").map(({ path }) => path.split("/").at(-1));
const actions = (result: JsonObject) =>
  (result["plan"] as JsonObject[]).map(({ action, kind, result: ended }) =>
    [action, kind, ended].filter(Boolean).join(" "),
  );

describe("a plan", () => {
  it("says each step, and sends nothing", async () => {
    const planned = await apply(freshName());
    expect(planned).toMatchObject({ outcome: "planned", summary: expect.stringContaining("3 steps") });
    expect(actions(planned)).toEqual(["create workspace", "create connection", "create processor"]);
    expect(writes()).toEqual([]);
  });

  it("is carried out in order, and needs nothing the second time", async () => {
    const name = freshName();
    const applied = await carryOut(name);
    expect(applied).toMatchObject({ outcome: "applied" });
    expect(actions(applied)).toEqual(["create workspace done", "create connection done", "create processor done"]);
    expect(writes()).toEqual(["streams", "connections", "processor", "copy:start"]);
    const again = await carryOut(name);
    expect(again).toMatchObject({ outcome: "applied" });
    expect(actions(again)).toEqual(["none workspace", "none connection", "none processor"]);
    expect(writes()).toHaveLength(4);
    expect(
      await session.call("get_stream_processor", { groupId, tenantName: name, processorName: "copy" }),
    ).toMatchObject({
      processor: { state: "STARTED" },
    });
  });

  it("stops at the step that fails, says which were done, and goes on from there", async () => {
    const name = freshName();
    session.sandbox.faults.add({
      method: "POST",
      path: /\/processor$/,
      fault: { kind: "answer", status: 400, body: { errorCode: "NO", detail: "No such stage" } },
    });
    const failed = await carryOut(name);
    expect(failed).toMatchObject({
      summary: expect.stringContaining("Step 3 of 3 failed"),
      error: { kind: "bad_request", detail: "No such stage", hint: expect.stringContaining("call again") },
    });
    expect(actions(failed)).toEqual(["create workspace done", "create connection done", "create processor failed"]);
    const gone = await carryOut(name);
    expect(actions(gone)).toEqual(["none workspace", "none connection", "create processor done"]);
  });

  it("changes a processor that differs, and starts it", async () => {
    const name = freshName();
    await carryOut(name, { processors: [{ ...processor, start: false }] });
    const pipeline = [processor.pipeline[0], { $match: { a: 1 } }, processor.pipeline[1]];
    const changed = await carryOut(name, { processors: [{ ...processor, pipeline }] });
    expect(actions(changed)).toEqual(["none workspace", "none connection", "update processor done"]);
    expect(
      await session.call("get_stream_processor", { groupId, tenantName: name, processorName: "copy" }),
    ).toMatchObject({
      processor: { state: "STARTED", pipeline },
    });
  });

  it("changes a connection that differs, but for what nothing can change in place", async () => {
    const name = freshName();
    await carryOut(name, { processors: [] });
    const connections = [{ ...kafka, bootstrapServers: "b2.example.com:9092" }];
    const changed = await carryOut(name, { connections, processors: [] });
    expect(actions(changed)).toEqual(["none workspace", "update connection done"]);
    expect(changed["plan"]).toMatchObject([
      {},
      { changes: [{ path: "bootstrapServers", before: kafka.bootstrapServers, after: "b2.example.com:9092" }] },
    ]);
    const region = [{ ...kafka, bootstrapServers: "b2.example.com:9092", region: "DUBLIN_IRL" }];
    expect(actions(await apply(name, { connections: region, processors: [] }))).toEqual([
      "none workspace",
      "conflict connection",
    ]);
  });

  it("stands still where something of that name is another", async () => {
    const name = freshName();
    await carryOut(name, { processors: [] });
    const other = { ...whole, workspace: { cloudProvider: "AWS", region: "DUBLIN_IRL" } };
    const planned = await apply(name, other);
    expect(actions(planned)[0]).toBe("conflict workspace");
    const before = writes().length;
    expect(await carryOut(name, other)).toMatchObject({ error: { kind: "conflict" }, plan: expect.any(Array) });
    expect(writes()).toHaveLength(before);
  });
});

describe("what is wrong with a plan", () => {
  it("is told of every part, by its path", async () => {
    const { error } = await apply(freshName(), {
      connections: [kafka, { ...kafka, bootstrapServers: 7 }],
      processors: [{ processorName: "x", pipeline: [] }],
    });
    expect(error).toMatchObject({ kind: "invalid_input" });
    expect(error?.fields?.map(({ path }) => path)).toContain("connections[1].bootstrapServers");
    const processors = [
      { ...processor, pipeline: [] },
      { ...processor, processorName: "other", pipeline: [{ a: 1 }] },
    ];
    const refused = await apply(freshName(), { processors });
    expect(refused.error?.fields?.map(({ path }) => path)).toEqual([
      "processors[0].pipeline",
      "processors[1].pipeline[0]",
    ]);
  });

  it("is a processor that uses a connection of neither the workspace nor the plan", async () => {
    const { error } = await apply(freshName(), { connections: [] });
    expect(error?.fields).toEqual([
      { path: expect.stringContaining("connectionName"), message: expect.stringContaining("events") },
    ]);
  });

  it("is a name that is given twice", async () => {
    const { error } = await apply(freshName(), { connections: [kafka, kafka] });
    expect(error?.fields).toEqual([expect.objectContaining({ path: expect.stringMatching(/^connections.*name$/) })]);
  });

  it("is a secret that is missing, of which a plan only tells", async () => {
    const { password: _, ...login } = kafka.authentication;
    const connections = [{ ...kafka, authentication: login }];
    expect(await apply(freshName(), { connections })).toMatchObject({
      outcome: "planned",
      warnings: expect.arrayContaining([expect.stringContaining("password")]),
    });
    expect(await carryOut(freshName(), { connections })).toMatchObject({
      error: { kind: "invalid_input", fields: [{ path: expect.stringMatching(/^connections.*password$/) }] },
    });
    expect(writes()).toEqual([]);
  });

  it("is no secret of a connection that is there already", async () => {
    const name = freshName();
    await carryOut(name, { processors: [] });
    const { password: _, ...login } = kafka.authentication;
    const again = await carryOut(name, { connections: [{ ...kafka, authentication: login }], processors: [] });
    expect(actions(again)).toEqual(["none workspace", "none connection"]);
  });

  it("is a workspace that does not exist, where none is to be created", async () => {
    const { workspace: _, ...without } = whole;
    const tenantName = "clickstreem";
    expect(await session.call("apply_stream_pipeline", { groupId, tenantName, ...without })).toMatchObject({
      error: { kind: "not_found", fields: [{ path: "tenantName" }] },
    });
  });
});
