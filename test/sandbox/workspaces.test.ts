import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { regionsOf, tiers } from "../../src/atlas/regions-and-tiers.ts";
import { valueAt } from "../../src/json.ts";
import { sandboxEmptyTenant, sandboxProject, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { holdTime } from "../support/fake-clock.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { openapi } from "../support/shared-atlas.ts";
import { ask, at, streamsPath } from "./atlas-client.ts";
import { requestsTo } from "./pipeline-requests.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  // That what is new is hidden at first has a test among the oddities.
  sandbox = await startSandbox({ oddities: { hiddenMs: 0 } });
});
afterEach(() => sandbox.close());

const {
  createWorkspace,
  createWorkspaceWithSamples,
  updateWorkspace,
  listWorkspaces,
  getWorkspace,
  deleteWorkspace,
  createConnection,
  ...processors
} = requestsTo(() => sandbox);

const body = { name: "telemetry", dataProcessRegion: { cloudProvider: "AWS", region: "OHIO_USA" } };

describe("create", () => {
  test("makes a workspace, with Atlas's defaults", async () => {
    const { status, body: created } = await createWorkspace(body);
    expect(status).toBe(200);
    expect(created).toMatchObject({
      ...body,
      _id: expect.stringMatching(/^[a-f0-9]{24}$/),
      groupId: sandboxProject.groupId,
      hostnames: [expect.stringMatching(/^atlas-stream-.*\.ohio-usa\./)],
    });
    expect((await getWorkspace("telemetry")).body).toEqual(created);
    expect(at((await listWorkspaces()).body, "results")).toContainEqual(created);
  });

  test.each([
    ["AZURE", "eastus2"],
    ["GCP", "US_CENTRAL1"],
  ])("takes a region of %s and the tiers that were asked for", async (cloudProvider, region) => {
    const asked = { dataProcessRegion: { cloudProvider, region }, streamConfig: { tier: "SP2", maxTierSize: "SP5" } };
    expect((await createWorkspace({ name: "w", ...asked })).body).toMatchObject(asked);
  });

  test("has the sample connection READY at once where it is asked for", async () => {
    sandbox.state.readyAfterMs = Number.POSITIVE_INFINITY;
    await createWorkspace({ ...body, sampleConnections: { solar: true } });
    const connections = await ask(sandbox, "GET", `${streamsPath}/telemetry/connections`);
    expect(at(connections.body, "results")).toMatchObject([
      { name: "sample_stream_solar", type: "Sample", state: "READY" },
    ]);
  });

  test("takes connections and processors like a seeded one", async () => {
    await createWorkspace(body);
    expect((await createConnection({ name: "s", type: "Sample" }, "telemetry")).status).toBe(200);
    const pipeline = [{ $source: { connectionName: "s" } }];
    expect((await processors.createProcessor({ name: "p", pipeline }, "telemetry")).body).toMatchObject({
      tier: "SP10",
    });
  });

  test("answers 409 to a name that is taken", async () => {
    const answer = await createWorkspace({ ...body, name: sandboxTenant });
    expect(answer).toMatchObject({ status: 409, body: { errorCode: "STREAM_TENANT_NAME_ALREADY_EXISTS" } });
    expect((await getWorkspace(sandboxTenant)).body).toMatchObject({
      dataProcessRegion: { region: "VIRGINIA_USA" },
    });
  });

  test.each([
    ["region", { region: "us-east-2" }, "dataProcessRegion.region"],
    ["region of another cloud", { region: "eastus2" }, "dataProcessRegion.region"],
    ["cloud", { cloudProvider: "IBM" }, "dataProcessRegion.cloudProvider"],
  ])("answers 400 to a wrong %s and names the field", async (_, wrong, field) => {
    const answer = await createWorkspace({ ...body, dataProcessRegion: { ...body.dataProcessRegion, ...wrong } });
    expect(answer.status).toBe(400);
    expect(at(answer.body, "badRequestDetail", "fields", 0, "field")).toBe(field);
  });

  test.each([
    [{ tier: "M10" }, "streamConfig.tier"],
    [{ maxTierSize: "SP7" }, "streamConfig.maxTierSize"],
    [{ tier: "SP30", maxTierSize: "SP10" }, "streamConfig.tier"],
  ])("answers 400 to the tiers %j", async (streamConfig, field) => {
    const answer = await createWorkspace({ ...body, streamConfig });
    expect(answer.status).toBe(400);
    expect(at(answer.body, "badRequestDetail", "fields", 0, "field")).toBe(field);
  });

  test.skipIf(!openapi)("knows the regions and tiers that the API description has", () => {
    const described = (schema: string, ...path: string[]) =>
      valueAt(openapi, ["components", "schemas", schema, ...path, "enum"]);
    expect(described("ApiStreamsAWSRegionView")).toEqual(regionsOf("AWS"));
    expect(described("ApiStreamsAzureRegionView")).toEqual(regionsOf("AZURE"));
    expect(described("ApiStreamsGCPRegionView")).toEqual(regionsOf("GCP"));
    expect(described("StreamConfig", "properties", "tier")).toEqual([...tiers].reverse());
  });
});

test("with sample connections makes a workspace that has them", async () => {
  expect((await createWorkspaceWithSamples(body)).body).toMatchObject(body);
  const connections = await ask(sandbox, "GET", `${streamsPath}/telemetry/connections`);
  expect(at(connections.body, "results")).toMatchObject([{ name: "sample_stream_solar" }]);
});

describe("update", () => {
  test("changes sizes and failover regions, and leaves the rest", async () => {
    const failoverRegions = [{ cloudProvider: "AWS", region: "DUBLIN_IRL", links: [] }];
    const changed = await updateWorkspace(sandboxTenant, { streamConfig: { tier: "SP5" }, failoverRegions });
    expect(changed.status).toBe(400);
    const regions = failoverRegions.map(({ links: _, ...region }) => region);
    expect(
      await updateWorkspace(sandboxTenant, { streamConfig: { tier: "SP5" }, failoverRegions: regions }),
    ).toMatchObject({ status: 200, body: { streamConfig: { tier: "SP5", maxTierSize: "SP50" }, failoverRegions } });
    expect((await getWorkspace(sandboxTenant)).body).toMatchObject({ failoverRegions });
  });

  test.each([
    [{ streamConfig: { tier: "SP50", maxTierSize: "SP10" } }, "streamConfig.tier"],
    [{ region: "eastus" }, "region"],
    [{ failoverRegions: [{ cloudProvider: "AZURE", region: "eastus" }] }, "failoverRegions"],
    [{ processorStatus: { status: "FAILED_OVER", region: "DUBLIN_IRL" } }, "processorStatus.region"],
    [{ processorStatus: { status: "PAUSED" } }, "processorStatus.status"],
  ])("answers 400 to %j", async (change, field) => {
    const answer = await updateWorkspace(sandboxTenant, change);
    expect([answer.status, at(answer.body, "badRequestDetail", "fields", 0, "field")]).toEqual([400, field]);
  });

  test("moves a workspace in which nothing runs", async () => {
    expect(await updateWorkspace(sandboxTenant, { region: "OHIO_USA" })).toMatchObject({
      status: 403,
      body: { errorCode: "STREAM_TENANT_HAS_STREAM_PROCESSORS" },
    });
    await processors.stopProcessor("paidOrders");
    expect((await updateWorkspace(sandboxTenant, { region: "OHIO_USA" })).body).toMatchObject({
      dataProcessRegion: { cloudProvider: "AWS", region: "OHIO_USA" },
    });
  });

  test("stops and starts all processors", async () => {
    const state = async () => at((await processors.getProcessor("paidOrders")).body, "state");
    await updateWorkspace(sandboxTenant, { processorStatus: { status: "STOPPED" } });
    expect(await state()).toBe("STOPPED");
    await updateWorkspace(sandboxTenant, { processorStatus: { status: "STARTED", mode: null } });
    expect(await state()).toBe("STARTED");
  });
});

describe("get", () => {
  test("has the connections where they are asked for", async () => {
    expect((await getWorkspace(sandboxTenant)).body).not.toHaveProperty("connections");
    const answer = await ask(sandbox, "GET", `${streamsPath}/${sandboxTenant}?includeConnections=true`);
    expect(at(answer.body, "connections")).toMatchObject([
      { name: "shop-kafka" },
      { name: "shop-cluster" },
      { name: "fraud-check" },
    ]);
    expect(answer.text).not.toContain("seeded-kafka-password");
  });

  test("finds no workspace that is not there, and a name that has to be encoded", async () => {
    expect(await getWorkspace("nowhere")).toMatchObject({
      status: 404,
      body: { errorCode: "STREAM_TENANT_NOT_FOUND_FOR_NAME" },
    });
    const name = "a/b:start ü%";
    await createWorkspace({ ...body, name });
    expect((await getWorkspace(name)).body).toMatchObject({ name });
  });

  test("does not mistake the project's other lists for workspaces", async () => {
    expect((await ask(sandbox, "GET", `${streamsPath}/privateLinkConnections`)).body).toHaveProperty("results");
  });
});

describe("delete", () => {
  let pass: ReturnType<typeof holdTime>;
  beforeEach(() => {
    pass = holdTime();
  });
  const gone = async (name: string) => {
    pass(sandbox.state.oddities.deletingMs);
    expect((await getWorkspace(name)).status).toBe(404);
  };

  test("answers 202, and the workspace is gone before long with all that is in it", async () => {
    expect((await deleteWorkspace(sandboxEmptyTenant)).status).toBe(202);
    await gone(sandboxEmptyTenant);
    expect((await deleteWorkspace(sandboxEmptyTenant)).status).toBe(404);
  });

  test("is refused while a processor is started", async () => {
    expect(await deleteWorkspace(sandboxTenant)).toMatchObject({
      status: 403,
      body: { errorCode: "STREAM_TENANT_HAS_STREAM_PROCESSORS", parameters: [sandboxTenant] },
    });
    await processors.stopProcessor("paidOrders");
    expect((await deleteWorkspace(sandboxTenant)).status).toBe(202);
    await gone(sandboxTenant);
  });
});
