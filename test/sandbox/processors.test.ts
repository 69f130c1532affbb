import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sandboxProcessor, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { sampleDocument } from "../../src/trial/sample.ts";
import { holdTime } from "../support/fake-clock.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { ask, at, type Got, streamsPath } from "./atlas-client.ts";
import { requestsTo, storedProcessor } from "./pipeline-requests.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  // That what is new is hidden at first has a test among the oddities.
  sandbox = await startSandbox({ oddities: { hiddenMs: 0 } });
  await createConnection({ name: "sample_stream_solar", type: "Sample" });
});
afterEach(() => sandbox.close());

const {
  createConnection,
  deleteConnection,
  createProcessor,
  listProcessors,
  getProcessor,
  updateProcessor,
  deleteProcessor,
  startProcessor,
  stopProcessor,
} = requestsTo(() => sandbox);

const source = { $source: { connectionName: "sample_stream_solar" } };
const sink = { $merge: { into: { connectionName: "shop-cluster", db: "solar", coll: "readings" } } };
const dlq = { connectionName: "shop-cluster", db: "solar", coll: "rejected" };
const solar = { name: "solar", pipeline: [source, sink] };

const stateOf = async (name: string) => at((await getProcessor(name)).body, "state");
const statsOf = async (name: string) => at((await getProcessor(name)).body, "stats");
const firstField = ({ body }: Got) => at(body, "badRequestDetail", "fields", 0, "field");

/** Creates and starts a processor, and lets it have run for ten seconds. */
async function run(pipeline: readonly unknown[], name = "solar"): Promise<void> {
  expect((await createProcessor({ name, pipeline })).status).toBe(200);
  expect((await startProcessor(name)).status).toBe(200);
  storedProcessor(sandbox, name).startedAt -= 10_000;
}

describe("create", () => {
  test("makes a processor that is not started and has no counters yet", async () => {
    const created = await createProcessor({ ...solar, tier: "SP30", options: { dlq } });
    expect(created).toMatchObject({ status: 200, body: { ...solar, tier: "SP30", options: { dlq } } });
    expect(created.body).not.toHaveProperty("state");
    const { body } = await getProcessor("solar");
    expect(body).toMatchObject({ ...solar, tier: "SP30", options: { dlq }, state: "CREATED" });
    expect(body).not.toHaveProperty("stats");
  });

  test("keeps the order of stages, and of fields where it has a meaning", async () => {
    const stages = [{ $group: { z: 1, a: { $sum: 1 }, _id: null } }, { $sort: { z: 1, a: -1 } }];
    const { text } = await createProcessor({ name: "solar", pipeline: [source, ...stages, sink] });
    expect(text).toContain(JSON.stringify([source, ...stages]).slice(0, -1));
  });

  test("takes the workspace's tier, has no dead letter queue, and is CREATING as long as the sandbox was told", async () => {
    const pass = holdTime();
    sandbox.state.switchedAfterMs = 200;
    const { body } = await createProcessor(solar);
    expect(body).toMatchObject({ tier: "SP10" });
    expect(body).not.toHaveProperty("options");
    expect(await stateOf("solar")).toBe("CREATING");
    expect(await startProcessor("solar")).toMatchObject({
      status: 409,
      body: { errorCode: "STREAM_PROCESSOR_NOT_READY" },
    });
    pass(200);
    expect(await stateOf("solar")).toBe("CREATED");
  });

  test("answers 409 to a name that is taken", async () => {
    expect(await createProcessor({ ...solar, name: "paidOrders" })).toMatchObject({
      status: 409,
      body: { errorCode: "STREAM_PROCESSOR_NAME_ALREADY_EXISTS", parameters: ["paidOrders"] },
    });
    expect((await getProcessor("paidOrders")).body).toMatchObject(sandboxProcessor);
  });

  test.each([
    ["no name", { pipeline: solar.pipeline }, "name"],
    ["no pipeline", { name: "p" }, "pipeline"],
    ["an empty pipeline", { name: "p", pipeline: [] }, "pipeline"],
    ["a first stage that is no source", { name: "p", pipeline: [{ $match: {} }, source] }, "pipeline.0"],
    ["a tier that is none", { ...solar, tier: "M10" }, "tier"],
    ["an unknown field", { ...solar, state: "STARTED" }, "state"],
    ["half a dead letter queue", { ...solar, options: { dlq: { connectionName: "shop-cluster" } } }, "options.dlq.db"],
    ["a stage of two keys", { ...solar, pipeline: [source, { $match: {}, $project: {} }, sink] }, "pipeline.1"],
    ["a stage that is none", { ...solar, pipeline: [source, { $mach: {} }, sink] }, "pipeline.1"],
    [
      "a stage that is none, in a window",
      { ...solar, pipeline: [source, { $tumblingWindow: { pipeline: [{ $gruop: {} }] } }, sink] },
      "pipeline.1.$tumblingWindow.pipeline.0",
    ],
    [
      "a unit that is none",
      { ...solar, pipeline: [source, { $tumblingWindow: { interval: { size: 1, unit: "minutes" }, pipeline: [] } }] },
      "pipeline.1.$tumblingWindow.interval.unit",
    ],
    [
      "more parallelism than its tier has",
      { ...solar, tier: "SP2", pipeline: [source, { $merge: { ...sink.$merge, parallelism: 3 } }] },
      "tier",
    ],
  ])("answers 400 to %s and names the field", async (_, body, field) => {
    const answer = await createProcessor(body);
    expect(answer.status).toBe(400);
    expect(firstField(answer)).toBe(field);
    expect(at((await listProcessors()).body, "totalCount")).toBe(1);
  });

  test.each([
    ["the source", { pipeline: [{ $source: { connectionName: "gone" } }, sink] }, "pipeline.0.$source.connectionName"],
    [
      "the sink",
      { pipeline: [source, { $merge: { into: { connectionName: "gone", db: "d", coll: "c" } } }] },
      "pipeline.1.$merge.into.connectionName",
    ],
    ["the dead letter queue", { options: { dlq: { ...dlq, connectionName: "gone" } } }, "options.dlq.connectionName"],
  ])("answers 400 where %s is no connection of the workspace", async (_, wrong, field) => {
    const answer = await createProcessor({ ...solar, ...wrong });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        errorCode: "STREAM_PROCESSOR_GENERIC_ERROR",
        detail: expect.stringContaining("connection named gone does not exist"),
      },
    });
    expect(firstField(answer)).toBe(field);
  });

  test("takes the sink that needs no connection, and data that is only called like one", async () => {
    const pipeline = [source, { $match: { connectionName: "gone" } }, { $emit: { connectionName: "__testLog" } }];
    expect((await createProcessor({ name: "p", pipeline })).status).toBe(200);
  });
});

describe("the path", () => {
  test("leads to a processor whose name has to be encoded, verbs and all", async () => {
    const name = "a/b:start ü%";
    await createProcessor({ ...solar, name });
    expect((await getProcessor(name)).body).toMatchObject({ name, state: "CREATED" });
    expect((await startProcessor(name)).status).toBe(200);
    expect(await stateOf(name)).toBe("STARTED");
    expect((await stopProcessor(name)).status).toBe(200);
    expect((await deleteProcessor(name)).status).toBe(204);
    expect((await getProcessor(name)).status).toBe(404);
  });

  test("of a verb takes nothing but POST", async () => {
    const answer = await ask(sandbox, "GET", `${streamsPath}/${sandboxTenant}/processor/paidOrders:stop`);
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("POST");
  });

  test("of a processor that is not there is answered with 404 whatever is asked", async () => {
    const answers = await Promise.all([
      getProcessor("gone"),
      updateProcessor("gone", {}),
      deleteProcessor("gone"),
      startProcessor("gone"),
      stopProcessor("gone"),
    ]);
    for (const answer of answers)
      expect(answer).toMatchObject({
        status: 404,
        body: { errorCode: "STREAM_PROCESSOR_NOT_FOUND_FOR_NAME", parameters: ["gone"] },
      });
  });
});

describe("start and stop", () => {
  test("answer without a body", async () => {
    await createProcessor(solar);
    for (const answer of [await startProcessor("solar"), await stopProcessor("solar")])
      expect(answer).toMatchObject({ status: 200, text: "" });
  });

  test("show the state from before as long as the sandbox was told", async () => {
    const pass = holdTime();
    await createProcessor(solar);
    sandbox.state.switchedAfterMs = 200;
    await startProcessor("solar");
    expect(await stateOf("solar")).toBe("CREATED");
    pass(200);
    expect(await stateOf("solar")).toBe("STARTED");
    await stopProcessor("solar");
    expect(await stateOf("solar")).toBe("STARTED");
    pass(200);
    expect(await stateOf("solar")).toBe("STOPPED");
  });

  test("are refused where there is nothing to do", async () => {
    expect(await startProcessor("paidOrders")).toMatchObject({
      status: 409,
      body: { errorCode: "STREAM_PROCESSOR_ALREADY_STARTED" },
    });
    await stopProcessor("paidOrders");
    expect(await stopProcessor("paidOrders")).toMatchObject({
      status: 409,
      body: { errorCode: "STREAM_PROCESSOR_NOT_STARTED" },
    });
  });

  test("with options sets the tier", async () => {
    await createProcessor(solar);
    const options = { tier: "SP30", resumeFromCheckpoint: false, startAtOperationTime: "2026-01-31T12:00:00Z" };
    expect(await startProcessor("solar", options)).toMatchObject({ status: 200, text: "" });
    expect((await getProcessor("solar")).body).toMatchObject({ state: "STARTED", tier: "SP30" });
  });

  test.each([
    [{ tier: "M10" }, "tier"],
    [{ startAtOperationTime: "yesterday" }, "startAtOperationTime"],
  ])("with the options %j is answered with 400", async (options, field) => {
    const answer = await startProcessor("paidOrders", options);
    expect(answer.status).toBe(400);
    expect(firstField(answer)).toBe(field);
  });

  test("on a tier that is too small for the parallelism is answered with 400, and the smallest that fits", async () => {
    const pipeline = [source, { $merge: { ...sink.$merge, parallelism: 4 } }];
    await createProcessor({ ...solar, tier: "SP30", pipeline });
    const answer = await startProcessor("solar", { tier: "SP5" });
    expect(answer).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("(Requested: 3, Limit: 2). Minimum tier for this workload: SP10") },
    });
    expect((await startProcessor("solar", { tier: "SP10" })).status).toBe(200);
  });

  test("of one that is deleted meanwhile come to nothing", async () => {
    const pass = holdTime();
    await createProcessor(solar);
    sandbox.state.switchedAfterMs = 50;
    await startProcessor("solar");
    await deleteProcessor("solar");
    await createProcessor(solar);
    pass(50);
    expect(await stateOf("solar")).toBe("CREATED");
    expect((await startProcessor("solar")).status).toBe(200);
  });
});

describe("the counters", () => {
  test("go up while the sample is read, and stand still after the stop", async () => {
    const pass = holdTime();
    await run(solar.pipeline);
    const first = await statsOf("solar");
    pass(1_000);
    const second = await statsOf("solar");
    expect(Number(at(first, "inputMessageCount"))).toBeGreaterThanOrEqual(500);
    expect(Number(at(second, "inputMessageCount"))).toBeGreaterThan(510);
    expect(second).toMatchObject({ outputMessageCount: at(second, "inputMessageCount"), dlqMessageCount: 0, ok: 1 });
    await stopProcessor("solar");
    const stopped = await statsOf("solar");
    storedProcessor(sandbox, "solar").startedAt -= 10_000;
    expect(await statsOf("solar")).toEqual(stopped);
  });

  test("go on from where they were in the next run", async () => {
    await run(solar.pipeline);
    await stopProcessor("solar");
    await startProcessor("solar");
    storedProcessor(sandbox, "solar").startedAt -= 10_000;
    expect(Number(at(await statsOf("solar"), "inputMessageCount"))).toBeGreaterThanOrEqual(1000);
  });

  test("count messages in bytes too", async () => {
    await run(solar.pipeline);
    const stats = await statsOf("solar");
    expect(stats).toMatchObject({ inputMessageSize: Number(at(stats, "inputMessageCount")) * 390, dlqMessageSize: 0 });
  });

  type Sample = ReturnType<typeof sampleDocument>;
  const isBright = (sample: Sample) => Number(at(sample, "obs", "watts")) > 100;
  const isSmall = (sample: Sample) => at(sample, "max_watts") === 250;
  const bright = { "obs.watts": { $gt: 100 } };
  test.each<[string, object[], (sample: Sample) => boolean, (sample: Sample) => boolean]>([
    ["$match lets through what matches", [{ $match: bright }], isBright, () => false],
    ["$match can let nothing through", [{ $match: { "obs.watts": { $gt: 1_000 } } }], () => false, () => false],
    [
      "$validate sends the others to the dead letter queue",
      [{ $validate: { validator: bright, validationAction: "dlq" } }],
      isBright,
      (sample) => !isBright(sample),
    ],
    ["$validate drops the others", [{ $validate: { validator: bright } }], isBright, () => false],
    [
      "an expression that fails sends the document to the dead letter queue",
      [{ $addFields: { share: { $divide: [100, { $subtract: ["$max_watts", 250] }] } } }],
      (sample) => !isSmall(sample),
      isSmall,
    ],
  ])("%s", async (_, stages, goesOut, goesToQueue) => {
    await run([source, ...stages, sink]);
    await stopProcessor("solar");
    const { counted } = storedProcessor(sandbox, "solar");
    const samples = Array.from({ length: counted?.input ?? 0 }, (_, index) => sampleDocument(index, 0));
    expect(samples.length).toBeGreaterThanOrEqual(500);
    expect(counted).toEqual({
      input: samples.length,
      output: samples.filter(goesOut).length,
      dlq: samples.filter(goesToQueue).length,
    });
  });

  test("a window makes one of all that come in its time", async () => {
    const group = { $group: { _id: null, count: { $sum: 1 } } };
    const window = { interval: { size: 1, unit: "second" }, allowedLateness: 0, pipeline: [group] };
    await run([source, { $tumblingWindow: window }, sink]);
    await stopProcessor("solar");
    const { counted, startedAt } = storedProcessor(sandbox, "solar");
    const last = startedAt + ((counted?.input ?? 0) - 1) * 20;
    expect(counted?.output).toBe(Math.floor(last / 1_000) - Math.floor(startedAt / 1_000));
    expect(counted?.output).toBeGreaterThanOrEqual(9);
  });

  test("know state only where a window keeps it", async () => {
    await run(solar.pipeline);
    await run([source, { $hoppingWindow: { pipeline: [] } }, sink], "windowed");
    expect(await statsOf("solar")).toMatchObject({ stateSize: 0 });
    expect(await statsOf("windowed")).toMatchObject({ stateSize: 4096 });
  });

  test("do not move where nothing comes from the source", async () => {
    await run([{ $source: { connectionName: "shop-kafka", topic: "orders" } }, sink]);
    expect(await stateOf("solar")).toBe("STARTED");
    expect(await statsOf("solar")).toMatchObject({ inputMessageCount: 0, outputMessageCount: 0, dlqMessageCount: 0 });
  });

  test("count the documents of a source that holds them", async () => {
    await run([{ $source: { documents: [{ a: 1 }, { a: 2 }, { a: 3 }] } }, sink]);
    expect(await statsOf("solar")).toMatchObject({ inputMessageCount: 3, outputMessageCount: 3 });
  });
});

describe("a failure", () => {
  const kafka = (name: string, bootstrapServers: string) => createConnection({ name, type: "Kafka", bootstrapServers });

  test("is what becomes of a start whose broker is never found", async () => {
    await kafka("broken", "b1.invalid:9092,b2.invalid:9092");
    await createProcessor({ name: "p", pipeline: [{ $source: { connectionName: "broken", topic: "t" } }, sink] });
    expect((await startProcessor("p")).status).toBe(200);
    expect((await getProcessor("p")).body).toMatchObject({
      state: "FAILED",
      stats: { inputMessageCount: 0, outputMessageCount: 0 },
    });
    expect((await stopProcessor("p")).status).toBe(409);
    expect((await startProcessor("p")).status).toBe(200);
  });

  test("comes only when the start is through", async () => {
    await kafka("broken", "b1.invalid:9092");
    await createProcessor({ name: "p", pipeline: [source, { $emit: { connectionName: "broken", topic: "t" } }] });
    const pass = holdTime();
    sandbox.state.switchedAfterMs = 100;
    await startProcessor("p");
    expect(await stateOf("p")).toBe("CREATED");
    pass(100);
    expect(await stateOf("p")).toBe("FAILED");
  });

  test("befalls what runs on a connection that is deleted", async () => {
    // Else what is in use cannot be deleted.
    sandbox.state.oddities.inUse = false;
    const pass = holdTime();
    await run(solar.pipeline);
    await deleteConnection("sample_stream_solar");
    pass(sandbox.state.oddities.deletingMs);
    expect(await stateOf("solar")).toBe("FAILED");
    expect(await stateOf("paidOrders")).toBe("STARTED");
    await startProcessor("solar");
    expect(await stateOf("solar")).toBe("FAILED");
  });
});

describe("update", () => {
  test("is refused while it is started", async () => {
    expect(await updateProcessor("paidOrders", { tier: "SP30" })).toMatchObject({
      status: 409,
      body: { errorCode: "STREAM_PROCESSOR_MUST_BE_STOPPED", parameters: ["paidOrders"] },
    });
    expect((await getProcessor("paidOrders")).body).toMatchObject({ tier: "SP10" });
  });

  test("changes what is given and keeps the rest", async () => {
    await createProcessor({ ...solar, options: { dlq } });
    const pipeline = [source, { $match: {} }, sink];
    const answer = await updateProcessor("solar", { pipeline, options: { resumeFromCheckpoint: true } });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ options: { dlq } });
    expect(answer.body).toMatchObject({ pipeline, state: "CREATED", tier: "SP10" });
    const other = { ...dlq, coll: "other" };
    expect((await updateProcessor("solar", { tier: "SP2", options: { dlq: other } })).body).toMatchObject({
      pipeline,
      tier: "SP2",
      options: { dlq: other },
    });
  });

  test("gives another name, unless that is taken", async () => {
    await createProcessor(solar);
    expect(await updateProcessor("solar", { name: "paidOrders" })).toMatchObject({
      status: 409,
      body: { errorCode: "STREAM_PROCESSOR_NAME_ALREADY_EXISTS" },
    });
    expect((await updateProcessor("solar", { name: "sun" })).body).toMatchObject({ ...solar, name: "sun" });
    expect((await getProcessor("solar")).status).toBe(404);
    expect((await startProcessor("sun")).status).toBe(200);
  });

  test.each([
    ["an empty pipeline", { pipeline: [] }, "pipeline"],
    [
      "a connection that is not there",
      { pipeline: [{ $source: { connectionName: "gone" } }] },
      "pipeline.0.$source.connectionName",
    ],
    ["a field that cannot be changed", { state: "STARTED" }, "state"],
  ])("answers 400 to %s and changes nothing", async (_, body, field) => {
    await createProcessor(solar);
    const answer = await updateProcessor("solar", body);
    expect(answer.status).toBe(400);
    expect(firstField(answer)).toBe(field);
    expect((await getProcessor("solar")).body).toMatchObject(solar);
  });

  test("of the source needs the checkpoint to be given up, once it has run", async () => {
    await stopProcessor("paidOrders");
    const pipeline = [source, ...sandboxProcessor.pipeline.slice(1)];
    const answer = await updateProcessor("paidOrders", { pipeline });
    expect(answer).toMatchObject({ status: 400, body: { errorCode: "STREAM_PROCESSOR_GENERIC_ERROR" } });
    expect(firstField(answer)).toBe("pipeline.0.$source");
    const options = { resumeFromCheckpoint: false };
    expect((await updateProcessor("paidOrders", { pipeline, options })).body).toMatchObject({ pipeline });
  });
});

describe("the seeded processor", () => {
  test("can be got, stopped, changed, started and deleted like any other", async () => {
    expect((await getProcessor("paidOrders")).body).toMatchObject(sandboxProcessor);
    await stopProcessor("paidOrders");
    expect((await updateProcessor("paidOrders", { tier: "SP2" })).body).toMatchObject({
      state: "STOPPED",
      tier: "SP2",
      stats: sandboxProcessor.stats,
    });
    await startProcessor("paidOrders");
    expect((await getProcessor("paidOrders")).body).toMatchObject({ state: "STARTED", stats: sandboxProcessor.stats });
    expect(await deleteProcessor("paidOrders")).toMatchObject({ status: 204, text: "" });
    expect((await listProcessors()).body).toMatchObject({ totalCount: 0, results: [] });
  });
});
