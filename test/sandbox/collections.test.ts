/** What the clusters of the sandbox hold: what its processors have written, and read again. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isObject, type JsonObject } from "../../src/json.ts";
import { sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { ask, at, shopPath } from "./atlas-client.ts";
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
  createProcessor,
  getProcessor,
  startProcessor,
  stopProcessor,
  deleteProcessor,
  updateProcessor,
  downloadOperationalLogs,
} = requestsTo(() => sandbox);

const sample = { $source: { connectionName: "sample_stream_solar" } };
const holding = (...documents: unknown[]) => ({ $source: { documents } });
const into = (coll: string, fields: object = {}, connectionName = "shop-cluster") => ({
  $merge: { into: { connectionName, db: "solar", coll }, ...fields },
});

/** Creates and starts a processor that has run for some seconds. */
async function run(
  name: string,
  pipeline: readonly unknown[],
  { seconds = 0, options }: { seconds?: number; options?: object } = {},
) {
  expect((await createProcessor({ name, pipeline, ...(options && { options }) })).status).toBe(200);
  expect((await startProcessor(name)).status).toBe(200);
  storedProcessor(sandbox, name).startedAt -= seconds * 1_000;
}

const stateOf = async (name: string) => at((await getProcessor(name)).body, "state");
const statsOf = async (name: string) => at((await getProcessor(name)).body, "stats");

const read = (db: string, coll: string, cluster = "Cluster0") =>
  ask(sandbox, "GET", `${shopPath}/clusters/${cluster}/databases/${db}/collections/${coll}/documents?itemsPerPage=500`);

/** What the logs warn of. */
const warnings = () =>
  [...sandbox.state.projects.values()]
    .flatMap(({ workspaces }) => [...workspaces.values()].flatMap(({ logs }) => logs))
    .filter(({ severity }) => severity === "W");

/** The documents of a collection without the times that streams add. */
async function documentsIn(coll: string, cluster?: string): Promise<JsonObject[]> {
  const { status, body } = await read("solar", coll, cluster);
  expect(status).toBe(200);
  const results = at(body, "results");
  return (Array.isArray(results) ? results : []).filter(isObject).map(({ _ts: _, ...document }) => document);
}

describe("a collection", () => {
  test("holds what a processor has merged into it", async () => {
    await run("copy", [sample, { $match: { "obs.watts": { $gt: 100 } } }, into("bright")], { seconds: 2 });
    const { outputMessageCount } = Object(await statsOf("copy"));
    const documents = await documentsIn("bright");
    expect(documents.length).toBeGreaterThanOrEqual(outputMessageCount);
    for (const document of documents)
      expect(document).toMatchObject({
        _id: { $oid: expect.any(String) },
        device_id: expect.stringMatching(/^device_\d+$/),
        obs: { watts: expect.any(Number), temp: expect.any(Number) },
      });
    expect(documents.every((document) => Number(at(document, "obs", "watts")) > 100)).toBe(true);
  });

  test("is empty until something was written to it, and no cluster is made up", async () => {
    expect((await read("solar", "nothing")).body).toMatchObject({ results: [], totalCount: 0 });
    expect(await read("solar", "nothing", "Cluster9")).toMatchObject({
      status: 404,
      body: { errorCode: "CLUSTER_NOT_FOUND" },
    });
  });

  test("is of the cluster, by whatever connection it was written", async () => {
    const role = { role: "readWriteAnyDatabase", type: "BUILT_IN" };
    for (const [name, clusterName] of [
      ["again", "Cluster0"],
      ["other", "analytics"],
    ])
      await createConnection({ name, type: "Cluster", clusterName, dbRoleToExecute: role });
    await run("one", [holding({ _id: 1 }), into("things")]);
    await run("two", [holding({ _id: 2 }), into("things", {}, "again")]);
    await run("three", [holding({ _id: 3 }), into("things", {}, "other")]);
    expect(await documentsIn("things")).toEqual([{ _id: 1 }, { _id: 2 }]);
    expect(await documentsIn("things", "analytics")).toEqual([{ _id: 3 }]);
  });

  test("can be looked up by another processor", async () => {
    await run("places", [holding({ _id: "device_1", roof: "south" }), into("places")]);
    const from = { connectionName: "shop-cluster", db: "solar", coll: "places" };
    const lookup = { $lookup: { from, localField: "device", foreignField: "_id", as: "place" } };
    await run("join", [
      holding({ _id: 1, device: "device_1" }, { _id: 2, device: "device_2" }),
      lookup,
      into("joined"),
    ]);
    expect(await documentsIn("joined")).toMatchObject([
      { _id: 1, place: [{ _id: "device_1", roof: "south" }] },
      { _id: 2, place: [] },
    ]);
  });

  test("of a long time holds only the newest documents", async () => {
    await run("copy", [sample, into("all")], { seconds: 3_600 });
    expect(Object(await statsOf("copy"))).toMatchObject({ inputMessageCount: expect.any(Number) });
    const { body } = await read("solar", "all");
    expect(at(body, "totalCount")).toBe(1_000);
  });
});

test("a dead letter queue holds what was wrong with each document, and the logs have the first of them", async () => {
  const options = { dlq: { connectionName: "shop-cluster", db: "solar", coll: "rejected" } };
  const validate = { $validate: { validator: { $jsonSchema: { required: ["n"] } }, validationAction: "dlq" } };
  await run("check", [holding({ _id: 1, n: 1 }, { _id: 2 }), validate, into("right")], { options });
  expect(await statsOf("check")).toMatchObject({ inputMessageCount: 2, outputMessageCount: 1, dlqMessageCount: 1 });
  const reason = "Input document found to be invalid in $validate stage";
  expect(await documentsIn("rejected")).toMatchObject([
    {
      errInfo: { reason },
      doc: { _id: 2 },
      processorName: "check",
      instanceName: sandboxTenant,
      dlqTime: { $date: expect.any(String) },
    },
  ]);
  expect(warnings()).toMatchObject([
    { processorName: "check", message: expect.stringMatching(/^Input document found.*: \{.*"_id":2/) },
  ]);
  expect((await downloadOperationalLogs("check", 0)).status).toBe(200);
});

describe("a processor that reads from a cluster", () => {
  const watching = (coll: string | string[], fields: object = {}) => ({
    $source: { connectionName: "shop-cluster", db: "solar", coll, ...fields },
  });
  const shortened = {
    $project: {
      _id: 1,
      operationType: 1,
      fullDocument: 1,
      documentKey: 1,
      ns: 1,
      updateDescription: 1,
      at: "$wallTime",
    },
  };

  test("gets what others write, update and delete from then on", async () => {
    await run("before", [holding({ _id: 0 }), into("things")]);
    await statsOf("before");
    await run("watch", [watching("things"), shortened, into("events")]);
    expect(await documentsIn("events")).toEqual([]);
    await run("write", [holding({ _id: 1, n: 1 }), into("things")]);
    expect(await statsOf("write")).toMatchObject({ outputMessageCount: 1 });
    await run("change", [holding({ _id: 1, n: 2 }), into("things")]);
    await statsOf("change");
    await run("remove", [holding({ _id: 0 }), into("things", { whenMatched: "delete" })]);
    await statsOf("remove");
    const ns = { db: "solar", coll: "things" };
    expect(await documentsIn("events")).toMatchObject([
      { operationType: "insert", ns, documentKey: { _id: 1 }, fullDocument: { _id: 1, n: 1 } },
      { operationType: "update", ns, documentKey: { _id: 1 }, updateDescription: { updatedFields: { n: 2 } } },
      { operationType: "delete", ns, documentKey: { _id: 0 } },
    ]);
    expect((await documentsIn("events"))[1]).not.toHaveProperty("fullDocument");
    expect(await statsOf("watch")).toMatchObject({ inputMessageCount: 3, outputMessageCount: 3 });
  });

  test("gets whole documents where it asks for them, from all collections of a database, and what was there at first", async () => {
    await run("write", [holding({ _id: 1 }), into("one")]);
    await statsOf("write");
    const config = { fullDocument: "updateLookup", fullDocumentOnly: true };
    await run("copy", [watching(["one", "two"], { config, initialSync: { enable: true } }), into("copies")]);
    await run("more", [holding({ _id: 2 }), into("two")]);
    await run("other", [holding({ _id: 3 }), into("three")]);
    await statsOf("more");
    await run("change", [holding({ _id: 1, n: 2 }), into("one")]);
    await statsOf("change");
    expect(await documentsIn("copies")).toEqual([{ _id: 1, n: 2 }, { _id: 2 }]);
  });

  test("goes on from its checkpoint with what changed while it stood still", async () => {
    await run("watch", [watching("things"), shortened, into("events")]);
    await statsOf("watch");
    await stopProcessor("watch");
    await run("write", [holding({ _id: 1 }), into("things")]);
    await statsOf("write");
    expect(await documentsIn("events")).toEqual([]);
    await startProcessor("watch");
    expect(await documentsIn("events")).toMatchObject([{ operationType: "insert", documentKey: { _id: 1 } }]);
  });
});

describe("a processor", () => {
  test("that is looked at after long is answered at once, and has counted all that came", async () => {
    await run("copy", [sample, { $match: { "obs.watts": { $gt: 100 } } }, into("bright")], { seconds: 24 * 3_600 });
    const { inputMessageCount: input, outputMessageCount: output } = Object(await statsOf("copy"));
    expect(input).toBeGreaterThan(24 * 3_600 * 50 - 3_000);
    expect(output / input).toBeGreaterThan(0.5);
    expect(output / input).toBeLessThan(0.8);
  });

  test("takes each of the documents in its $source, however many there are", async () => {
    const documents = Array.from({ length: 4_000 }, (_, index) => ({ n: index }));
    await run("many", [holding(...documents), { $match: { n: { $lt: 10 } } }, into("few")]);
    // It may take more than one look.
    await vi.waitFor(async () => expect(await statsOf("many")).toMatchObject({ inputMessageCount: 4_000 }));
    expect((await documentsIn("few")).map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("keeps what its windows hold through a stop, and not through a change", async () => {
    const group = { $group: { _id: "all", count: { $sum: 1 } } };
    const window = { $tumblingWindow: { interval: { size: 1, unit: "hour" }, pipeline: [group] } };
    await run("hours", [sample, window, into("hours")], { seconds: 1 });
    await stopProcessor("hours");
    const { work } = storedProcessor(sandbox, "hours");
    expect(work).toBeDefined();
    await startProcessor("hours");
    expect(await statsOf("hours")).toMatchObject({ outputMessageCount: 0, stateSize: 4096 });
    expect(storedProcessor(sandbox, "hours").work).toBe(work);
    await stopProcessor("hours");
    await updateProcessor("hours", { pipeline: [sample, into("hours")] });
    expect(storedProcessor(sandbox, "hours").work).toBeUndefined();
  });

  test("starts afresh without its checkpoint", async () => {
    const window = { $tumblingWindow: { interval: { size: 1, unit: "hour" }, pipeline: [{ $count: "n" }] } };
    await run("hours", [sample, window, into("hours")], { seconds: 1 });
    await stopProcessor("hours");
    expect(storedProcessor(sandbox, "hours").work).toBeDefined();
    await startProcessor("hours", { resumeFromCheckpoint: false });
    expect(storedProcessor(sandbox, "hours").work).toBeUndefined();
  });

  test("with a stage that is not carried out lets everything pass, and says so once in its logs", async () => {
    const call = { $https: { connectionName: "fraud-check", as: "score", onError: "ignore" } };
    await run("scored", [sample, call, into("scored")], { seconds: 1 });
    const { inputMessageCount, outputMessageCount } = Object(await statsOf("scored"));
    expect(outputMessageCount).toBe(inputMessageCount);
    await statsOf("scored");
    expect(warnings()).toMatchObject([
      { processorName: "scored", message: expect.stringMatching(/^\$https is not carried out in this sandbox/) },
    ]);
  });

  test("whose pipeline is none fails with the reason in its logs", async () => {
    await run("wrong", [holding({ a: 1 }), { $addFields: { b: { $nonsense: 1, c: 2 } } }, into("never")]);
    expect(await stateOf("wrong")).toBe("FAILED");
    expect(await statsOf("wrong")).toMatchObject({ inputMessageCount: 0 });
    await deleteProcessor("wrong");
  });

  test("with an expression that takes for ever fails, and holds nobody up", async () => {
    const slow = { $match: { text: { $regex: "^(a|a)*$" } } };
    await run("slow", [holding({ text: `${"a".repeat(60)}b` }), slow, into("never")]);
    expect(await stateOf("slow")).toBe("FAILED");
    expect(await stateOf("paidOrders")).toBe("STARTED");
  });
});
