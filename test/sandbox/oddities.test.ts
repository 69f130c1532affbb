/** Each oddity of Atlas that the sandbox has, and its switch. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as atlas from "../../src/atlas/endpoints.ts";
import { atlasOddities } from "../../src/sandbox/data/oddities.ts";
import { sandboxEmptyTenant, sandboxProject, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { startSandbox as startPlain } from "../../src/sandbox/start.ts";
import { holdTime } from "../support/fake-clock.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { at, type Got, perform } from "./atlas-client.ts";
import { undescribedIn } from "./described-answers.ts";
import { requestsTo, storedProcessor } from "./pipeline-requests.ts";

const { groupId } = sandboxProject;
const place = { groupId, tenantName: sandboxTenant };
const forEver = Number.POSITIVE_INFINITY;

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

const set = (changes: Partial<Sandbox["state"]["oddities"]>) => Object.assign(sandbox.state.oddities, changes);

const { createWorkspace, getWorkspace, listWorkspaces, deleteWorkspace, createConnection, createProcessor, ...more } =
  requestsTo(() => sandbox);
const { getProcessor, listProcessors, updateProcessor, stopProcessor } = more;

const getConnection = (name: string) => perform(sandbox, atlas.getConnection(place, name));
const listConnections = () => perform(sandbox, atlas.listConnections(place)(1));
const deleteConnection = (name: string) => perform(sandbox, atlas.deleteConnection(place, name));
const updateConnection = (name: string, body: unknown) => perform(sandbox, atlas.updateConnection(place, name, body));

const stateOf = async (name: string) => at((await getConnection(name)).body, "state");
const namesIn = ({ body }: Got) => {
  const results = at(body, "results");
  return Array.isArray(results) ? results.map((each) => at(each, "name")) : [];
};
const errorOf = ({ status, body }: Got) => [status, at(body, "errorCode")];

const sample = { name: "s", type: "Sample" };
const kafka = { name: "k", type: "Kafka", bootstrapServers: "b.example.com:9092" };
const workspace = { name: "w", dataProcessRegion: { cloudProvider: "AWS", region: "OHIO_USA" } };

test("are all there from the start, in Atlas's own times", async () => {
  const plain = await startPlain();
  expect(plain.state.oddities).toEqual(atlasOddities);
  await plain.close();
});

describe("a deletion takes a while", () => {
  test("in which a connection is DELETING and its name is taken", async () => {
    set({ deletingMs: forEver });
    expect((await deleteConnection("fraud-check")).status).toBe(202);
    expect((await deleteConnection("fraud-check")).status).toBe(202);
    expect(await stateOf("fraud-check")).toBe("DELETING");
    expect(namesIn(await listConnections())).toContain("fraud-check");
    const again = await createConnection({ ...sample, name: "fraud-check" });
    expect(errorOf(again)).toEqual([409, "STREAM_CONNECTION_NAME_ALREADY_EXISTS"]);
  });

  test("after which a connection is gone, and its name is free", async () => {
    const pass = holdTime();
    set({ hiddenMs: 0 });
    await deleteConnection("fraud-check");
    pass(sandbox.state.oddities.deletingMs);
    expect(errorOf(await getConnection("fraud-check"))).toEqual([404, "STREAM_CONNECTION_NOT_FOUND_FOR_NAME"]);
    expect((await createConnection({ ...sample, name: "fraud-check" })).status).toBe(200);
    expect(await stateOf("fraud-check")).toBe("READY");
  });

  test("in which a workspace, which has no state, shows as before and its name is taken", async () => {
    set({ deletingMs: forEver, hiddenMs: 0 });
    const before = await getWorkspace(sandboxEmptyTenant);
    expect((await deleteWorkspace(sandboxEmptyTenant)).status).toBe(202);
    expect((await getWorkspace(sandboxEmptyTenant)).body).toEqual(before.body);
    expect(namesIn(await listWorkspaces())).toContain(sandboxEmptyTenant);
    expect(errorOf(await createWorkspace({ ...workspace, name: sandboxEmptyTenant }))).toEqual([
      409,
      "STREAM_TENANT_NAME_ALREADY_EXISTS",
    ]);
    expect((await createConnection(sample, sandboxEmptyTenant)).status).toBe(200);
  });

  test("after which a workspace is gone, and its name is free", async () => {
    const pass = holdTime();
    await deleteWorkspace(sandboxEmptyTenant);
    pass(sandbox.state.oddities.deletingMs);
    expect((await getWorkspace(sandboxEmptyTenant)).status).toBe(404);
    expect((await createWorkspace({ ...workspace, name: sandboxEmptyTenant })).status).toBe(200);
  });

  test("or none at all", async () => {
    set({ deletingMs: 0 });
    await deleteConnection("fraud-check");
    expect((await getConnection("fraud-check")).status).toBe(404);
    await deleteWorkspace(sandboxEmptyTenant);
    expect((await getWorkspace(sandboxEmptyTenant)).status).toBe(404);
  });
});

describe("what is new is hidden for a while", () => {
  const fromSample = { name: "p", pipeline: [{ $source: { connectionName: "s" } }] };

  test("though the create of a connection was answered and its name is taken", async () => {
    set({ hiddenMs: forEver });
    expect((await createConnection(sample)).body).toMatchObject({ name: "s", state: "READY" });
    for (const answer of [await getConnection("s"), await updateConnection("s", sample), await deleteConnection("s")])
      expect(errorOf(answer)).toEqual([404, "STREAM_CONNECTION_NOT_FOUND_FOR_NAME"]);
    expect(namesIn(await listConnections())).not.toContain("s");
    expect(errorOf(await createConnection(sample))).toEqual([409, "STREAM_CONNECTION_NAME_ALREADY_EXISTS"]);
    expect(errorOf(await createProcessor(fromSample))).toEqual([400, "STREAM_PROCESSOR_GENERIC_ERROR"]);
  });

  test("and then a connection is there", async () => {
    const pass = holdTime();
    await createConnection(sample);
    pass(sandbox.state.oddities.hiddenMs);
    expect(await stateOf("s")).toBe("READY");
    expect(namesIn(await listConnections())).toContain("s");
    expect((await createProcessor(fromSample)).status).toBe(200);
  });

  test("a workspace with all that is in it", async () => {
    set({ hiddenMs: forEver });
    expect((await createWorkspace({ ...workspace, sampleConnections: { solar: true } })).status).toBe(200);
    const inside = { groupId, tenantName: "w" };
    const answers = [
      await getWorkspace("w"),
      await deleteWorkspace("w"),
      await createConnection(sample, "w"),
      await createProcessor(fromSample, "w"),
      await perform(sandbox, atlas.listConnections(inside)(1)),
      await perform(sandbox, atlas.getConnection(inside, "sample_stream_solar")),
    ];
    for (const answer of answers) expect(errorOf(answer)).toEqual([404, "STREAM_TENANT_NOT_FOUND_FOR_NAME"]);
    expect(namesIn(await listWorkspaces())).not.toContain("w");
    expect(errorOf(await createWorkspace(workspace))).toEqual([409, "STREAM_TENANT_NAME_ALREADY_EXISTS"]);
  });

  test("and then a workspace is there", async () => {
    const pass = holdTime();
    await createWorkspace(workspace);
    pass(sandbox.state.oddities.hiddenMs);
    expect((await getWorkspace("w")).status).toBe(200);
    expect(namesIn(await listWorkspaces())).toContain("w");
    expect((await createConnection(sample, "w")).status).toBe(200);
  });

  test("or not at all", async () => {
    set({ hiddenMs: 0 });
    await createWorkspace(workspace);
    expect((await getWorkspace("w")).status).toBe(200);
    await createConnection(sample);
    expect((await getConnection("s")).status).toBe(200);
  });
});

describe("a connection that is FAILED", () => {
  const broken = { ...kafka, bootstrapServers: "b.invalid:9092" };
  const mended = { bootstrapServers: "b.example.com:9092" };
  beforeEach(async () => {
    set({ hiddenMs: 0 });
    await createConnection(broken);
  });

  test("stays so for a while after a change", async () => {
    set({ recoveringMs: forEver });
    expect((await updateConnection("k", mended)).body).toMatchObject({ ...mended, state: "FAILED" });
    expect(await stateOf("k")).toBe("FAILED");
  });

  test("is PENDING then", async () => {
    const pass = holdTime();
    sandbox.state.readyAfterMs = forEver;
    await updateConnection("k", mended);
    pass(sandbox.state.oddities.recoveringMs);
    expect(await stateOf("k")).toBe("PENDING");
  });

  test("and READY in the end, or FAILED again", async () => {
    const pass = holdTime();
    const { recoveringMs } = sandbox.state.oddities;
    sandbox.state.readyAfterMs = 300;
    await updateConnection("k", { config: {} });
    pass(recoveringMs);
    expect(await stateOf("k")).toBe("PENDING");
    pass(300);
    expect(await stateOf("k")).toBe("FAILED");
    await updateConnection("k", mended);
    pass(recoveringMs + 300);
    expect(await stateOf("k")).toBe("READY");
  });

  test("says why, with what it is to connect to", async () => {
    expect(at((await getConnection("k")).body, "errorMessage")).toContain(broken.bootstrapServers);
    set({ errorMessages: false });
    expect((await getConnection("k")).body).not.toHaveProperty("errorMessage");
  });
});

test("a private link that is FAILED says why, or not", async () => {
  const messages = async () => {
    const answer = await perform(sandbox, atlas.listPrivateLinks(groupId)(1));
    expect(undescribedIn("GET", "/groups/{groupId}/streams/privateLinkConnections", answer)).toEqual([]);
    const results = at(answer.body, "results");
    return Array.isArray(results) ? results.map((link) => [at(link, "state"), at(link, "errorMessage")]) : [];
  };
  expect(await messages()).toContainEqual(["FAILED", expect.stringContaining("arn:aws:kafka:")]);
  set({ errorMessages: false });
  expect(await messages()).toContainEqual(["FAILED", undefined]);
});

describe("a Kafka connection that is PENDING", () => {
  beforeEach(async () => {
    set({ hiddenMs: 0 });
    sandbox.state.readyAfterMs = forEver;
    await createConnection(kafka);
    await createConnection(sample);
  });
  const writes = async (name: string, type: string) => [
    errorOf(await updateConnection(name, { name, type })),
    errorOf(await deleteConnection(name)),
  ];

  test("can be neither changed nor deleted, unlike others", async () => {
    const answer = await deleteConnection("k");
    expect(answer.body).toMatchObject({ detail: expect.stringContaining("currently deploying"), parameters: ["k"] });
    const deploying = [409, "STREAM_KAFKA_CONNECTION_IS_DEPLOYING"];
    expect(await writes("k", "Kafka")).toEqual([deploying, deploying]);
    expect(await writes("s", "Sample")).toEqual([
      [200, undefined],
      [202, undefined],
    ]);
  });

  test("or can", async () => {
    set({ deploying: false });
    expect(await writes("k", "Kafka")).toEqual([
      [200, undefined],
      [202, undefined],
    ]);
  });
});

describe("a connection in use", () => {
  const config = { "client.id": "atlas" };

  test("can be neither changed nor deleted, even while its processor is being stopped", async () => {
    sandbox.state.switchedAfterMs = forEver;
    await stopProcessor("paidOrders");
    const inUse = [403, "STREAM_CONNECTION_HAS_STREAM_PROCESSORS"];
    for (const name of ["shop-kafka", "shop-cluster"]) {
      expect(errorOf(await deleteConnection(name))).toEqual(inUse);
      expect((await deleteConnection(name)).body).toMatchObject({ parameters: [name, sandboxTenant] });
    }
    expect(errorOf(await updateConnection("shop-kafka", { config }))).toEqual(inUse);
    expect(sandbox.state.connection(groupId, sandboxTenant, "shop-kafka")?.body).not.toMatchObject({ config });
  });

  test.each(["CREATED", "STOPPED", "FAILED"] as const)("can where its processor is %s", async (state) => {
    storedProcessor(sandbox, "paidOrders").state = state;
    expect((await updateConnection("shop-kafka", { config })).status).toBe(200);
    expect((await deleteConnection("shop-kafka")).status).toBe(202);
  });

  test("or can in any case", async () => {
    set({ inUse: false });
    expect((await updateConnection("shop-kafka", { config })).status).toBe(200);
    expect((await deleteConnection("shop-kafka")).status).toBe(202);
  });
});

describe("links", () => {
  /** How many lists of links there are inside the answer, besides its own. */
  const innerLinks = ({ text }: Got) => text.match(/"links":\[\]/g)?.length ?? 0;
  const dlq = { connectionName: "shop-cluster", db: "shop", coll: "rejected" };
  const processor = { name: "p", pipeline: [{ $source: { connectionName: "shop-kafka" } }], options: { dlq } };

  test("are inside what an answer holds, too", async () => {
    const { body } = await getConnection("shop-kafka");
    const links: unknown[] = [];
    expect(body).toMatchObject({
      authentication: { links },
      security: { links },
      networking: { links, access: { type: "PUBLIC", links } },
    });
    expect(at(body, "config")).toEqual({ "auto.offset.reset": "earliest" });
    expect((await getConnection("shop-cluster")).body).toMatchObject({ dbRoleToExecute: { links } });
    expect(at((await getConnection("fraud-check")).body, "headers")).not.toHaveProperty("links");
    expect((await getWorkspace(sandboxTenant)).body).toMatchObject({
      dataProcessRegion: { links },
      streamConfig: { links },
    });
    for (const answer of [await createProcessor(processor), await getProcessor("p")])
      expect(at(answer.body, "options")).toEqual({ dlq: { ...dlq, links }, links });
  });

  test("or not", async () => {
    set({ innerLinks: false });
    for (const answer of [await getConnection("shop-kafka"), await getWorkspace(sandboxTenant), await listProcessors()])
      expect(innerLinks(answer)).toBe(0);
  });
});

describe("fields of a processor", () => {
  const window = {
    $tumblingWindow: {
      pipeline: [
        { $group: { _id: "$z", z: { $sum: 1 }, a: { $max: "$a" } } },
        { $sort: { z: 1, a: -1 } },
        { $lookup: { from: { connectionName: "shop-cluster", db: "shop", coll: "c" }, localField: "l", as: "a" } },
      ],
      interval: { unit: "second", size: 1 },
    },
  };
  const match = { $match: { z: { $in: [{ z: 1, a: 2 }] }, a: 1 } };
  const merge = {
    $merge: {
      into: { connectionName: "shop-cluster", db: "shop", coll: "c" },
      whenMatched: [{ $project: { z: 1, a: 1 } }],
      let: { z: 1, a: 2 },
    },
  };
  const source = {
    $source: { topic: "t", connectionName: "shop-kafka", config: { group_id: "g", auto_offset_reset: "l" } },
  };
  const dlq = { connectionName: "shop-cluster", db: "shop", coll: "rejected" };
  const sent = { name: "p", pipeline: [source, match, window, merge], options: { dlq } };
  const textOf = async () => JSON.stringify(at((await getProcessor("p")).body, "pipeline"));

  test("come back in Atlas's order, but for those whose order has a meaning", async () => {
    await createProcessor(sent);
    const ordered = [
      { $source: { config: { auto_offset_reset: "l", group_id: "g" }, connectionName: "shop-kafka", topic: "t" } },
      match,
      {
        $tumblingWindow: {
          interval: { size: 1, unit: "second" },
          pipeline: [
            ...window.$tumblingWindow.pipeline.slice(0, 2),
            { $lookup: { as: "a", from: { coll: "c", connectionName: "shop-cluster", db: "shop" }, localField: "l" } },
          ],
        },
      },
      {
        $merge: {
          into: { coll: "c", connectionName: "shop-cluster", db: "shop" },
          let: { z: 1, a: 2 },
          whenMatched: [{ $project: { z: 1, a: 1 } }],
        },
      },
    ];
    expect(await textOf()).toBe(JSON.stringify(ordered));
    const { text } = await getProcessor("p");
    expect(text).toContain('"dlq":{"coll":"rejected","connectionName":"shop-cluster","db":"shop"');
    expect(storedProcessor(sandbox, "p").pipeline).toEqual(sent.pipeline);
  });

  test("or as they were sent", async () => {
    set({ fieldsReordered: false });
    await createProcessor(sent);
    expect(await textOf()).toBe(JSON.stringify(sent.pipeline));
    expect((await getProcessor("p")).text).toContain(JSON.stringify(dlq).slice(0, -1));
  });
});

describe("an instant", () => {
  const spellings = [
    "2026-01-31T12:00:00Z",
    "2026-01-31T13:00:00+01:00",
    1_769_860_800_000,
    { $numberLong: "1769860800000" },
  ];
  const pipelineWith = (dates: unknown[]) => [
    { $source: { connectionName: "shop-kafka", topic: "t" } },
    { $match: { at: { $in: dates.map(($date) => ({ $date })) }, $date: "no instant" } },
  ];

  test("comes back with milliseconds, however it was sent", async () => {
    const answer = await createProcessor({ name: "p", pipeline: pipelineWith(spellings) });
    const same = pipelineWith(spellings.map(() => "2026-01-31T12:00:00.000Z"));
    for (const { body } of [answer, await updateProcessor("p", {})]) expect(at(body, "pipeline")).toEqual(same);
  });

  test("or as it was sent", async () => {
    set({ datesRespelled: false });
    const pipeline = pipelineWith(spellings);
    expect(at((await createProcessor({ name: "p", pipeline })).body, "pipeline")).toEqual(pipeline);
  });
});

describe("a workspace", () => {
  beforeEach(() => {
    set({ hiddenMs: 0 });
  });

  test.each([
    [undefined, undefined],
    [{ tier: "SP10" }, { tier: "SP10" }],
    [{ maxTierSize: "SP50" }, { maxTierSize: "SP50" }],
  ])("asked for with %j shows nothing else", async (streamConfig, view) => {
    set({ innerLinks: false });
    const created = await createWorkspace({ ...workspace, ...(streamConfig && { streamConfig }) });
    expect(at(created.body, "streamConfig")).toEqual(view);
    expect((await getWorkspace("w")).body).toEqual(created.body);
  });

  test("or shows what it is", async () => {
    set({ defaultsLeftOut: false });
    expect((await createWorkspace(workspace)).body).toMatchObject({
      streamConfig: { tier: "SP10", maxTierSize: "SP50" },
    });
  });
});

test("headers come back as they were sent, or not", async () => {
  expect((await getConnection("fraud-check")).body).toMatchObject({
    headers: { Authorization: "Bearer seeded-header-secret" },
  });
  set({ headersReturned: false });
  const { body } = await getConnection("fraud-check");
  expect(body).not.toHaveProperty("headers");
  expect(body).toMatchObject({ url: expect.any(String) });
});
