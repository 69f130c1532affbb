/** `apply_stream_pipeline`: the plan, the same plan carried out, and going on after a step that failed. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { place } from "../support/against-sandbox.ts";
import type { Fault, FaultRule } from "../support/sandbox.ts";
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

/** For tests that are not about the moment in which what is new is hidden. */
function findAtOnce(): void {
  session.sandbox.state.oddities.hiddenMs = 0;
}

describe("a plan", () => {
  it("says each step, and sends nothing", async () => {
    const planned = await apply(freshName());
    expect(planned).toMatchObject({ outcome: "planned", summary: expect.stringContaining("3 steps") });
    expect(planned.summary).toMatch(/Given no tier, the processor "copy" will run on the workspace's default tier/);
    expect(actions(planned)).toEqual(["create workspace", "create connection", "create processor"]);
    expect(writes()).toEqual([]);
  });

  it("is carried out in order, and needs nothing the second time", async () => {
    const name = freshName();
    const applied = await carryOut(name);
    expect(applied).toMatchObject({ outcome: "applied" });
    expect(actions(applied)).toEqual(["create workspace done", "create connection done", "create processor done"]);
    expect(writes()).toEqual(["streams:withSampleConnections", "connections", "processor", "copy:start"]);
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
    expect(changed.summary).toBe('Carried out 1 step: changed the connection "events".');
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
    expect(planned.summary).toMatch(new RegExp(`Already there, and not as requested: the workspace "${name}"\\.$`));
    const before = writes().length;
    expect(await carryOut(name, other)).toMatchObject({ error: { kind: "conflict" }, plan: expect.any(Array) });
    expect(writes()).toHaveLength(before);
  });
});

it("a plan takes a processor as it was shown: what is masked in it stays as it is", async () => {
  findAtOnce();
  const name = freshName();
  const [source, sink] = processor.pipeline;
  const headers = { Authorization: "Bearer hidden-in-a-header" };
  const hook = { name: "hook", type: "Https", url: "https://a.example.com" };
  const pipeline = [source, { $https: { connectionName: "hook", headers, as: "answer" } }, sink];
  const parts = { connections: [kafka, hook], processors: [{ ...processor, pipeline, start: false }] };
  expect(await carryOut(name, parts)).toMatchObject({ outcome: "applied" });
  const found = await session.call("get_stream_processor", { groupId, tenantName: name, processorName: "copy" });
  const view = found["processor"] as JsonObject;
  expect(JSON.stringify(view)).toContain('"Authorization":"***"');
  const pasted = { ...processor, pipeline: view["pipeline"], start: false };
  expect(actions(await apply(name, { ...parts, processors: [pasted] }))).toContain("none processor");
});

describe("what is wrong with a plan", () => {
  beforeAll(findAtOnce);

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

describe("a step that fails is told in the words of its part", () => {
  beforeAll(findAtOnce);

  const refusal = (status: number, more: JsonObject = {}, headers: Record<string, string> = {}): Fault => ({
    kind: "answer",
    status,
    headers,
    body: { errorCode: "NO", detail: "It is refused.", ...more },
  });
  const naming = (field: string): Fault =>
    refusal(400, { badRequestDetail: { fields: [{ field, description: "is refused" }] } });
  const creates = {
    workspace: { method: "POST", path: /\/streams:withSampleConnections$/ },
    connection: { method: "POST", path: /\/connections$/ },
    processor: { method: "POST", path: /\/processor$/ },
  } satisfies Record<string, Omit<FaultRule, "fault">>;
  const changes = { method: "PATCH", path: /\/(connections|processor)\/[^/]+$/ };
  const second = { ...kafka, name: "second" };
  const otherBrokers = { connections: [{ ...kafka, bootstrapServers: "b2.example.com:9092" }], processors: [] };
  const otherPipeline = {
    processors: [{ ...processor, pipeline: [processor.pipeline[0], { $match: { a: 1 } }, processor.pipeline[1]] }],
  };
  /** What is there is not listed, so a plan finds it only when it is created. */
  const unlisted = (what: string) =>
    session.sandbox.faults.add({
      method: "GET",
      path: new RegExp(`/${what}$`),
      fault: { kind: "answer", status: 200, body: { results: [], totalCount: 0 } },
    });
  const strike = (rule: Omit<FaultRule, "fault">, fault: Fault) => session.sandbox.faults.add({ ...rule, fault });

  it.each([
    ["workspace", "streamConfig.tier", "workspace.streamConfig.tier"],
    ["connection", "bootstrapServers", "connections[0].bootstrapServers"],
    ["processor", "pipeline", "processors[0].pipeline"],
  ] as const)("a refused %s by the path of its own argument", async (part, field, path) => {
    strike(creates[part], naming(field));
    const { error, summary } = await carryOut(freshName());
    expect(error).toMatchObject({ kind: "bad_request", fields: [{ path, message: "is refused" }] });
    expect(error?.hint).toMatch(new RegExp(`^Atlas refused the ${part} as it is\\. Correct .* goes on where`));
    expect(summary).toMatch(/It is refused\.$/);
  });

  it("a refused second connection by its place in the list", async () => {
    const name = freshName();
    await carryOut(name, { processors: [] });
    strike(creates.connection, naming("authentication.username"));
    const { error } = await carryOut(name, { connections: [kafka, second], processors: [] });
    expect(error?.fields).toEqual([{ path: "connections[1].authentication.username", message: "is refused" }]);
  });

  it("a change that its resource knows the way out of, as the tool that changes it alone says it", async () => {
    const name = freshName();
    await carryOut(name, { processors: [] });
    const fault = refusal(409, { errorCode: "STREAM_NETWORKING_CANNOT_BE_MODIFIED" });
    strike(changes, fault);
    const { error } = await carryOut(name, otherBrokers);
    strike(changes, fault);
    const { bootstrapServers } = otherBrokers.connections[0] ?? kafka;
    const alone = await session.call("update_stream_connection", {
      groupId,
      tenantName: name,
      connectionName: kafka.name,
      connection: { bootstrapServers },
    });
    expect(alone.error?.hint).toContain("delete_stream_connection");
    expect(error).toMatchObject({ kind: "conflict", hint: expect.stringContaining(alone.error?.hint ?? "?") });
  });

  it.each(["connection", "processor"] as const)(
    "a %s that Atlas has no time for, with how long to wait",
    async (part) => {
      strike(creates[part], refusal(429, {}, { "retry-after": "120" }));
      expect((await carryOut(freshName())).error).toMatchObject({
        kind: "rate_limited",
        retryable: true,
        retryAfterSeconds: 120,
        hint: expect.stringMatching(/^No (connection|processor) was created\. Wait as long as retryAfterSeconds says/),
      });
    },
  );

  it("a role that is missing, with the roles that would do", async () => {
    strike(creates.processor, refusal(403));
    expect((await carryOut(freshName())).error?.hint).toMatch(/Project Stream Processing Manager.*Project Owner/);
  });

  it.each([
    ["connection", "connections", "connections[0].bootstrapServers", otherBrokers],
    ["processor", "processors", "processors[0].pipeline[1]", otherPipeline],
  ])("another %s that took its name meanwhile, by what differs", async (kind, list, path, other) => {
    const name = freshName();
    await carryOut(name);
    unlisted(list);
    const failed = await carryOut(name, other);
    expect(failed.error).toMatchObject({ kind: "conflict", fields: [{ path }] });
    expect(failed[kind]).toMatchObject({ name: expect.any(String) });
    expect(actions(failed)).toContain(`create ${kind} failed`);
  });

  it("a connection that went away meanwhile, by the argument that names it", async () => {
    const name = freshName();
    await carryOut(name, { processors: [] });
    strike(changes, refusal(404, { errorCode: "STREAM_CONNECTION_NOT_FOUND_FOR_NAME" }));
    session.sandbox.faults.add({
      method: "GET",
      path: /\/connections$/,
      after: changes,
      fault: { kind: "answer", status: 200, body: { results: [{ name: "event" }], totalCount: 1 } },
    });
    const { error, summary } = await carryOut(name, otherBrokers);
    expect(error).toMatchObject({
      kind: "not_found",
      fields: [{ path: "connections[0].name", message: expect.stringContaining('did you mean "event"?') }],
      hint: expect.stringMatching(/^Check connections\[0\]\.name\./),
    });
    expect(summary).toMatch(/^Step 1 of 1 failed.*There is no connection "events" in the workspace/);
  });

  it("a change of a running processor, with what was left of it", async () => {
    const name = freshName();
    await carryOut(name);
    strike(changes, naming("pipeline"));
    const failed = await carryOut(name, otherPipeline);
    expect(failed).toMatchObject({
      summary: expect.stringMatching(
        /^Step 1 of 1 failed.*It is refused\. It was not changed, and runs again as it was\.$/,
      ),
      error: { fields: [{ path: "processors[0].pipeline" }] },
      processor: { state: "STARTED" },
    });
  });

  it("a start, which leaves the processor there", async () => {
    strike({ method: "POST", path: /:start$/ }, refusal(403));
    expect(await carryOut(freshName())).toMatchObject({
      summary: expect.stringMatching(/It is refused\. The processor "copy" is there, but its start failed\.$/),
      error: { kind: "forbidden", hint: expect.stringContaining("Project Owner") },
      processor: { name: "copy", state: "CREATED" },
    });
  });
});

it("a plan with conflicts names what differs by the plan's own paths", async () => {
  findAtOnce();
  const name = freshName();
  await carryOut(name, { processors: [] });
  const { error, plan } = await carryOut(name, {
    workspace: { cloudProvider: "AWS", region: "DUBLIN_IRL" },
    connections: [{ ...kafka, region: "DUBLIN_IRL" }],
    processors: [],
  });
  expect(plan).toHaveLength(2);
  expect(error?.fields?.map(({ path }) => path)).toEqual(["workspace.region", "connections[0].region"]);
});

describe("a plan says how it is", () => {
  it("names what it does and what it did, and that billing runs", async () => {
    const name = freshName();
    const what = (create: string, start: string) =>
      new RegExp(
        `${create} the workspace "${name}", ${create} the connection "events", ${create} and ${start} the processor "copy"`,
      );
    expect(await apply(name)).toMatchObject({
      wouldBe: "applied",
      summary: expect.stringMatching(what("create", "start")),
    });
    const applied = await carryOut(name);
    expect(applied.summary).toMatch(what("created", "started"));
    expect(applied.summary).toMatch(/Billing runs/);
    expect(applied).toMatchObject({
      connections: [{ name: "events", state: "READY" }],
      processors: [{ name: "copy", state: "STARTED" }],
    });
  });

  it("says that what runs is stopped, changed and started again", async () => {
    const name = freshName();
    await carryOut(name);
    const pipeline = [processor.pipeline[0], { $match: { a: 1 } }, processor.pipeline[1]];
    const planned = await apply(name, { processors: [{ ...processor, pipeline }] });
    expect(planned.summary).toContain('stop, change and start the processor "copy"');
    expect(planned["plan"]).toMatchObject([
      {},
      {},
      { changes: [{ path: "pipeline[1]", after: { $match: { a: 1 } } }] },
    ]);
  });

  it("says what is in the way, and what would help, in place of how to carry it out", async () => {
    const name = freshName();
    await carryOut(name, { processors: [] });
    const other = { connections: [{ ...kafka, region: "DUBLIN_IRL" }], processors: [] };
    const planned = await apply(name, other);
    expect(planned).toMatchObject({
      wouldBe: "conflict",
      warnings: expect.arrayContaining([
        expect.stringMatching(/^connections\[0\]\.region: is .*"DUBLIN_IRL" was requested/),
        expect.stringMatching(/Choose other names, or change or delete/),
      ]),
    });
    expect(planned.summary).not.toContain("dryRun false");
    expect(await carryOut(name, other)).toMatchObject({ error: { kind: "conflict" } });
  });

  it("says that a workspace that is missing can be given", async () => {
    const { workspace: _, ...without } = whole;
    const { error } = await session.call("apply_stream_pipeline", { groupId, tenantName: freshName(), ...without });
    expect(error?.hint).toMatch(/give `workspace` \{cloudProvider, region\}/);
  });

  it("tells of which connection the secrets were not compared", async () => {
    const name = freshName();
    await carryOut(name);
    expect((await apply(name))["warnings"]).toContainEqual(
      expect.stringMatching(`^Secrets of the connection "${kafka.name}" could not be compared`),
    );
  });

  it("tells of one that runs and is not to be started that it runs on", async () => {
    const name = freshName();
    await carryOut(name);
    const planned = await apply(name, { processors: [{ ...processor, start: false }] });
    expect(planned["warnings"]).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^processors\[0\]\.start: is false, and .* runs.*stop_stream_processor/),
      ]),
    );
    const { start: _, ...unsaid } = processor;
    expect((await apply(name, { processors: [unsaid] }))["warnings"]).not.toEqual(
      expect.arrayContaining([expect.stringContaining("processors[0].start")]),
    );
  });

  it("takes what becomes of the checkpoint, and asks for it where another source needs it", async () => {
    const name = freshName();
    await carryOut(name);
    const pipeline = [
      { $source: { connectionName: "sample_stream_solar", timeField: { $toDate: "$t" } } },
      processor.pipeline[1],
    ];
    const changed = (more: JsonObject) => ({ processors: [{ ...processor, pipeline, ...more }] });
    const before = writes().length;
    const { error } = await carryOut(name, changed({}));
    expect(error).toMatchObject({
      kind: "invalid_input",
      fields: [
        { path: "processors[0].pipeline[0].$source", message: expect.stringContaining("resumeFromCheckpoint: false") },
      ],
    });
    expect(writes()).toHaveLength(before);
    expect(await carryOut(name, changed({ resumeFromCheckpoint: false }))).toMatchObject({
      outcome: "applied",
      processors: [{ state: "STARTED" }],
    });
    expect(session.sent("PATCH").at(-1)?.body).toMatchObject({ options: { resumeFromCheckpoint: false } });
  });

  it("counts steps as progress, of how many there are", async () => {
    const reports: { progress: number; total?: number | undefined; message?: string | undefined }[] = [];
    const args = { groupId, tenantName: freshName(), ...whole, dryRun: false };
    await session.call("apply_stream_pipeline", args, { onprogress: (report) => reports.push(report) });
    expect(
      reports.filter(({ message }) => message?.startsWith("Step")).map(({ progress, total }) => [progress, total]),
    ).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
    ]);
    const values = reports.map(({ progress }) => progress);
    expect(values).toEqual([...new Set(values)].toSorted((a, b) => a - b));
    expect(Math.max(...values)).toBeLessThanOrEqual(3);
  });
});

describe("a connection of a plan that has failed", () => {
  const lost = { ...kafka, bootstrapServers: "b1.invalid:9092" };
  const { password: _, ...login } = kafka.authentication;

  it("is not done the second time, and is again when its brokers are corrected", async () => {
    const name = freshName();
    expect(await carryOut(name, { connections: [lost] })).toMatchObject({ error: { kind: "atlas_error" } });
    const again = { connections: [{ ...lost, authentication: login }], processors: [] };
    expect(await apply(name, again)).toMatchObject({
      wouldBe: "conflict",
      summary: expect.stringContaining('In the way: the connection "events"'),
      warnings: expect.arrayContaining([
        expect.stringMatching(/^connections\[0\]: is as requested, but FAILED.*brokers/),
      ]),
    });
    expect(await carryOut(name, again)).toMatchObject({ error: { kind: "conflict" } });
    const corrected = await carryOut(name);
    expect(actions(corrected)).toEqual(["none workspace", "update connection done", "create processor done"]);
    expect(corrected).toMatchObject({ connections: [{ state: "READY" }], processors: [{ state: "STARTED" }] });
  });
});

it("a connection of a plan on which a processor runs is in the way, with the tool that stops it", async () => {
  const name = freshName();
  await carryOut(name);
  const connections = [{ ...kafka, bootstrapServers: "b2.example.com:9092" }];
  expect(await apply(name, { connections })).toMatchObject({
    wouldBe: "conflict",
    warnings: expect.arrayContaining([
      expect.stringMatching(/while processors run that use it: copy\. .*restartProcessors/),
    ]),
  });
});

it("five equal plans at once end alike, with each thing written once", async () => {
  const name = freshName();
  const applied = await Promise.all(Array.from({ length: 5 }, () => carryOut(name)));
  expect(applied.map(({ outcome, error }) => error ?? outcome)).toEqual(Array(5).fill("applied"));
  const done = applied.flatMap(actions).filter((action) => action.endsWith(" done"));
  expect(done.toSorted()).toEqual(["create connection done", "create processor done", "create workspace done"]);
  const accepted = session.sandbox.requests.filter(({ method, status }) => method === "POST" && status === 200);
  expect(accepted.map(({ path }) => path.split("/").at(-1)).toSorted()).toEqual([
    "connections",
    "copy:start",
    "processor",
    "streams:withSampleConnections",
  ]);
});

describe("five equal plans at once on what is there", () => {
  const five = async (name: string, more: JsonObject) => {
    session.sandbox.requests.length = 0;
    const applied = await Promise.all(Array.from({ length: 5 }, () => carryOut(name, more)));
    expect(applied.map(({ outcome, error }) => error ?? outcome)).toEqual(Array(5).fill("applied"));
    return { sent: writes(), done: applied.flatMap(actions).filter((action) => action.endsWith(" done")) };
  };
  const changed = [processor.pipeline[0], { $match: { a: 1 } }, processor.pipeline[1]];

  it.each<[string, JsonObject, JsonObject, string[]]>([
    ["start a processor", { start: false }, {}, ["copy:start"]],
    ["change and start it", { start: false }, { pipeline: changed }, ["copy", "copy:start"]],
    ["change one that runs", {}, { pipeline: changed }, ["copy:stop", "copy", "copy:start"]],
  ])("%s once", async (_, before, after, expected) => {
    const name = freshName();
    await carryOut(name, { processors: [{ ...processor, ...before }] });
    const { sent, done } = await five(name, { processors: [{ ...processor, ...after }] });
    expect(sent).toEqual(expected);
    expect(done).toEqual(["update processor done"]);
  });

  it("create and start a processor once", async () => {
    const name = freshName();
    await carryOut(name, { processors: [] });
    const { sent, done } = await five(name, {});
    expect(sent.filter((path) => path === "copy:start")).toHaveLength(1);
    expect(done).toEqual(["create processor done"]);
  });

  it("change a connection once", async () => {
    const name = freshName();
    await carryOut(name, { processors: [] });
    const connections = [{ ...kafka, bootstrapServers: "b2.example.com:9092" }];
    const { sent, done } = await five(name, { connections, processors: [] });
    expect(sent).toEqual(["events"]);
    expect(done).toEqual(["update connection done"]);
  });
});

it("a plan names a cluster that is not there", async () => {
  const connections = [kafka, { name: "archive", type: "Cluster", clusterName: "Cluster1" }];
  const planned = await apply(freshName(), { connections });
  expect(planned["warnings"]).toEqual(
    expect.arrayContaining([expect.stringMatching(/^connections\[1\]\.clusterName: .*no "Cluster1"/)]),
  );
});
