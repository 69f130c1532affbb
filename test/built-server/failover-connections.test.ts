/** Failover connections: made, shown, changed and deleted beside their primary. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import type { StoredConnection } from "../../src/sandbox/data/state.ts";
import { connectionsPath, place } from "../support/against-sandbox.ts";
import { emptyWorkspace, type Session, startSession } from "./session.ts";

const secret = "failover-password-1234";
let session: Session;
let primary: StoredConnection;
let names = 0;
beforeAll(async () => {
  session = await startSession({
    secrets: [secret],
    env: {
      ATLAS_STREAMS_SECRET_FAILOVER: secret,
      ATLAS_STREAMS_MCP_TIMEOUT_MS: "1500",
      ATLAS_STREAMS_MCP_CHECK_MS: "400",
      ATLAS_STREAMS_MCP_READY_MS: "2000",
    },
  });
  emptyWorkspace(session.sandbox).failoverRegions = ["DUBLIN_IRL", "LONDON_GBR"].map((region) => ({
    cloudProvider: "AWS",
    region,
  }));
}, 60_000);
beforeEach(() => {
  primary = session.put({ name: `primary-${++names}`, type: "Kafka", bootstrapServers: "b1.example.com:9092" });
});
afterEach(() => session.reset());
afterAll(() => session.close());

const inDublin = {
  type: "Kafka",
  region: "DUBLIN_IRL",
  bootstrapServers: "b1.dublin.example.com:9092",
  authentication: { mechanism: "PLAIN", username: "atlas", password: "${env:ATLAS_STREAMS_SECRET_FAILOVER}" },
};
const failoverOf = () => primary.body.name;
const call = (tool: string, args: JsonObject) =>
  session.call(`${tool}_stream_connection`, { ...place, failoverOf: failoverOf(), ...args });
const create = (connection: JsonObject = inDublin, more: JsonObject = {}) => call("create", { connection, ...more });
const get = () => session.call("get_stream_connection", { ...place, connectionName: failoverOf() });
const stored = () => [...primary.failovers.values()].map(({ body }) => body);
const writes = () => session.sandbox.requests.filter(({ method }) => method !== "GET");

describe("a create", () => {
  it("is made beside the primary, under its name, and is safe to repeat", async () => {
    expect(await create(inDublin, { waitUntilReady: true })).toMatchObject({
      outcome: "created",
      summary: expect.stringContaining(`failover connection of "${failoverOf()}"`),
      connection: { name: failoverOf(), region: "DUBLIN_IRL", state: "READY" },
      warnings: [],
    });
    expect(writes()).toMatchObject([
      {
        path: `${connectionsPath}/${failoverOf()}/failoverConnections`,
        body: { ...inDublin, name: failoverOf(), authentication: { password: secret } },
      },
    ]);
    expect(await create()).toMatchObject({ outcome: "already_exists" });
    expect(await create({ ...inDublin, bootstrapServers: "other.example.com:9092" })).toMatchObject({
      error: { kind: "conflict", fields: [{ path: "connection.bootstrapServers" }] },
    });
    expect(await create({ ...inDublin, region: "eu-west-2" })).toMatchObject({ outcome: "created" });
    expect(stored()).toHaveLength(2);
  });

  it("is shown with its primary, and masked", async () => {
    await create();
    const result = await get();
    expect(result).toMatchObject({
      connection: { name: failoverOf(), region: "FRANKFURT_DEU" },
      failoverConnections: [{ region: "DUBLIN_IRL", bootstrapServers: inDublin.bootstrapServers }],
    });
    session.reset();
    primary.failovers.clear();
    expect(await get()).not.toHaveProperty("failoverConnections");
  });

  it("that is only tried says what would be sent, for other tools too", async () => {
    const planned = await create(inDublin, { dryRun: true });
    expect(planned).toMatchObject({
      outcome: "planned",
      wouldBe: "created",
      request: { method: "POST", url: expect.stringMatching(/\/failoverConnections$/), body: { region: "DUBLIN_IRL" } },
      equivalents: {
        curl: expect.stringContaining("/failoverConnections"),
        atlasCli: expect.stringContaining("atlas api streams createFailoverConnection"),
        terraform: expect.stringMatching(/mongodbatlas_stream_connection_failover[\s\S]*region\s+= "DUBLIN_IRL"/),
      },
    });
    await create();
    expect(await create(inDublin, { dryRun: true })).toMatchObject({ wouldBe: "already_exists" });
    expect(await create({ ...inDublin, bootstrapServers: "x.example.com:9092" }, { dryRun: true })).toMatchObject({
      wouldBe: "conflict",
    });
    expect(writes()).toHaveLength(1);
  });

  it("of another name is sent as it is, with a doubt", async () => {
    expect(await create({ ...inDublin, name: "dublin" })).toMatchObject({
      outcome: "created",
      connection: { name: "dublin" },
      warnings: [expect.stringMatching(/^connection\.name: .*the name of its primary/)],
    });
  });

  it.each<[JsonObject, string]>([
    [{ ...inDublin, region: undefined }, "connection.region"],
    [{ name: "x", type: "Https", url: "https://example.com", region: "DUBLIN_IRL" }, "connection.type"],
  ])("of %j is refused at %s", async (connection, path) => {
    for (const dryRun of [true, false])
      expect(await create(connection, { dryRun })).toMatchObject({
        error: { kind: "invalid_input", fields: [{ path }] },
      });
    expect(writes()).toEqual([]);
  });

  it("of a primary that is not there says so", async () => {
    for (const dryRun of [true, false])
      expect(await create(inDublin, { failoverOf: `${failoverOf()}x`, dryRun })).toMatchObject({
        error: {
          kind: "not_found",
          fields: [{ path: "failoverOf", message: expect.stringContaining(`did you mean "${failoverOf()}"`) }],
        },
      });
    expect(writes()).toEqual([]);
  });

  it("in a region that the workspace does not fail over to is foreseen to be refused", async () => {
    const elsewhere = { ...inDublin, region: "TOKYO_JPN" };
    const warnings = [expect.stringMatching(/TOKYO_JPN is no failover region.*update_stream_workspace/)];
    expect(await create(elsewhere, { dryRun: true })).toMatchObject({ wouldBe: "bad_request", warnings });
    expect(await create(elsewhere)).toMatchObject({ error: { kind: "bad_request" }, warnings });
  });

  it("whose answer is lost is looked for among the failover connections", async () => {
    session.sandbox.faults.add({ method: "POST", fault: { kind: "reset-after-acting" } });
    expect(await create()).toMatchObject({
      outcome: "created",
      warnings: [expect.stringMatching(/Atlas was asked/)],
    });
    expect(writes()).toHaveLength(1);
    primary.failovers.clear();
    session.sandbox.faults.add({ method: "POST", fault: { kind: "reset-after-read" } });
    expect(await create()).toMatchObject({ error: { kind: "network", retryable: true } });
  });
});

describe("a change", () => {
  const update = (connection: JsonObject, more: JsonObject = {}) =>
    call("update", { connectionName: failoverOf(), connection, ...more });

  it("is of the failover connection, and leaves the primary", async () => {
    await create();
    expect(await update({ bootstrapServers: "b2.dublin.example.com:9092" })).toMatchObject({
      outcome: "updated",
      changes: [{ path: "bootstrapServers", before: inDublin.bootstrapServers, after: "b2.dublin.example.com:9092" }],
      connection: { region: "DUBLIN_IRL" },
    });
    expect(stored()).toMatchObject([
      { bootstrapServers: "b2.dublin.example.com:9092", authentication: { password: secret } },
    ]);
    expect(primary.body).toMatchObject({ bootstrapServers: "b1.example.com:9092" });
    expect(await update({ bootstrapServers: "b2.dublin.example.com:9092" })).toMatchObject({ outcome: "unchanged" });
  });

  it("names which, by its region, where there are several", async () => {
    await create();
    await create({ ...inDublin, region: "LONDON_GBR" });
    const change = { bootstrapServers: "b3.example.com:9092" };
    expect(await update(change)).toMatchObject({
      error: {
        kind: "invalid_input",
        fields: [{ path: "connection.region", message: expect.stringContaining("DUBLIN_IRL, LONDON_GBR") }],
      },
    });
    expect(await update({ ...change, region: "eu-west-2" })).toMatchObject({
      outcome: "updated",
      connection: { region: "LONDON_GBR" },
    });
    expect(await update(change, { connectionName: "DUBLIN_IRL", dryRun: true })).toMatchObject({
      wouldBe: "updated",
      request: { method: "PATCH", body: { name: failoverOf(), type: "Kafka", ...change } },
    });
  });

  it("of one that is not there names those that are", async () => {
    await create();
    expect(await update({ bootstrapServers: "x.example.com:9092" }, { connectionName: "LONDON_GBR" })).toMatchObject({
      error: {
        kind: "not_found",
        fields: [{ path: "connectionName" }],
        hint: expect.stringContaining(`${failoverOf()} (DUBLIN_IRL)`),
      },
    });
  });
});

describe("a deletion", () => {
  const remove = (more: JsonObject = {}) =>
    call("delete", { connectionName: failoverOf(), confirm: failoverOf(), ...more });

  it("is of the failover connection alone", async () => {
    await create();
    expect(await remove({ confirm: undefined })).toMatchObject({ error: { fields: [{ path: "confirm" }] } });
    expect(await remove({ dryRun: true })).toMatchObject({ outcome: "planned", wouldBe: "deleted" });
    expect(stored()).toHaveLength(1);
    expect(await remove()).toMatchObject({ outcome: "deleted", summary: expect.stringContaining("in DUBLIN_IRL") });
    expect(stored()).toEqual([]);
    expect(await remove()).toMatchObject({ outcome: "not_found" });
    expect(await get()).toMatchObject({ connection: { name: failoverOf(), state: "READY" } });
  });

  it("names which, by its region, where there are several", async () => {
    await create();
    await create({ ...inDublin, region: "LONDON_GBR" });
    expect(await remove()).toMatchObject({ error: { kind: "invalid_input", fields: [{ path: "region" }] } });
    expect(await remove({ region: "LONDON_GBR" })).toMatchObject({ outcome: "deleted" });
    expect(stored()).toMatchObject([{ region: "DUBLIN_IRL" }]);
  });
});
