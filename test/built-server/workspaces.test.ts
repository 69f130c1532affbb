/** Workspaces made and removed: what is sent, and what stands in the way. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { addProcessor, startProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import { sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { place } from "../support/against-sandbox.ts";
import { type Session, startSession } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession({
    env: { ATLAS_STREAMS_MCP_TIMEOUT_MS: "1500", ATLAS_STREAMS_MCP_CHECK_MS: "300" },
    // What is new can be read at once: the moment in which it cannot is not what these tests are about.
    sandbox: { oddities: { hiddenMs: 0 } },
  });
}, 60_000);
afterEach(() => session.reset());
afterAll(() => session.close());

const { groupId } = place;
let names = 0;
const freshName = () => `workspace-${++names}`;
const create = (tenantName: string, more = {}) =>
  session.call("create_stream_workspace", {
    groupId,
    tenantName,
    cloudProvider: "AWS",
    region: "VIRGINIA_USA",
    ...more,
  });

describe("create_stream_workspace", () => {
  it("creates one, with the sample connection where that is asked", async () => {
    const name = freshName();
    const given = { tier: "SP10", maxTier: "SP30", sampleConnection: true };
    expect(await create(name, given)).toMatchObject({
      outcome: "created",
      workspace: { tenantName: name, cloudProvider: "AWS", region: "VIRGINIA_USA", tier: "SP10", maxTier: "SP30" },
      project: { groupId, tenantName: name },
    });
    expect(session.sent("POST").map(({ body }) => body)).toEqual([
      {
        name,
        dataProcessRegion: { cloudProvider: "AWS", region: "VIRGINIA_USA" },
        streamConfig: { tier: "SP10", maxTierSize: "SP30" },
        sampleConnections: { solar: true },
      },
    ]);
    expect(session.sent("POST").map(({ path }) => path)).toEqual([
      `/api/atlas/v2/groups/${groupId}/streams:withSampleConnections`,
    ]);
    const { connections } = await session.call("list_stream_connections", { groupId, tenantName: name });
    expect(connections).toMatchObject([{ name: "sample_stream_solar", type: "Sample" }]);
  });

  it.each([
    ["AWS", "us-east-1", "VIRGINIA_USA"],
    ["aws", "Frankfurt_DEU", "FRANKFURT_DEU"],
    ["GCP", "us-central1", "US_CENTRAL1"],
    ["AZURE", "East US 2", "eastus2"],
  ])("takes the region %s %s as meant, and says so", async (cloudProvider, region, meant) => {
    const planned = await create(freshName(), { cloudProvider, region, dryRun: true });
    expect(planned).toMatchObject({ outcome: "planned", wouldBe: "created" });
    expect(planned["request"]).toMatchObject({ body: { dataProcessRegion: { region: meant } } });
    expect(planned["warnings"]).toEqual(expect.arrayContaining([expect.stringContaining(meant)]));
  });

  it("sends a region that is not known with a warning, and refuses one of another cloud", async () => {
    expect(await create(freshName(), { region: "ATLANTIS", dryRun: true })).toMatchObject({
      outcome: "planned",
      warnings: [expect.stringContaining("ATLANTIS")],
    });
    const { error } = await create(freshName(), { region: "eastus" });
    expect(error).toMatchObject({
      kind: "invalid_input",
      fields: [{ path: "region", message: expect.stringContaining("AZURE") }],
    });
    expect(session.sent("POST")).toEqual([]);
  });

  it("is safe to repeat, and tells one that differs", async () => {
    const name = freshName();
    await create(name);
    expect(await create(name)).toMatchObject({ outcome: "already_exists" });
    const { error } = await create(name, { region: "DUBLIN_IRL" });
    expect(error).toMatchObject({ kind: "conflict", fields: [{ path: "region" }] });
  });

  it("does not call another what Atlas does not show", async () => {
    const name = freshName();
    await create(name);
    const sizes = { tier: "SP10", maxTier: "SP30" };
    const warnings = [expect.stringMatching(/does not show its tier and maxTier.*not compared/)];
    expect(await create(name, sizes)).toMatchObject({ outcome: "already_exists", warnings });
    expect(await create(name, { ...sizes, dryRun: true })).toMatchObject({ wouldBe: "already_exists", warnings });
    const other = freshName();
    await create(other, { tier: "SP5" });
    expect(await create(other, sizes)).toMatchObject({ error: { kind: "conflict", fields: [{ path: "tier" }] } });
  });

  it("does not call a sample connection there that is not", async () => {
    const name = freshName();
    await create(name);
    for (const dryRun of [false, true])
      expect(await create(name, { sampleConnection: true, dryRun })).toMatchObject({
        summary: expect.stringMatching(/already there, (but )?without a sample connection/),
        warnings: [expect.stringContaining('create_stream_connection: {"type":"Sample","name":"sample_stream_solar"}')],
      });
    const whole = { groupId, tenantName: name, processors: [], connections: [] };
    const workspace = { cloudProvider: "AWS", region: "VIRGINIA_USA", sampleConnection: true };
    expect(await session.call("apply_stream_pipeline", { ...whole, workspace })).toMatchObject({
      warnings: [expect.stringContaining("no sample connection")],
    });
    await session.call("create_stream_connection", {
      groupId,
      tenantName: name,
      connection: { type: "Sample", name: "sample_stream_solar" },
      waitUntilReady: true,
    });
    expect(await create(name, { sampleConnection: true })).toMatchObject({ outcome: "already_exists", warnings: [] });
  });

  it("is looked for where its answer is lost", async () => {
    session.sandbox.faults.add({ method: "POST", fault: { kind: "reset-after-acting" } });
    expect(await create(freshName())).toMatchObject({
      outcome: "created",
      warnings: [expect.stringMatching(/Atlas was asked/)],
    });
    expect(session.sent("POST")).toHaveLength(1);
  });
});

describe("delete_stream_workspace", () => {
  const remove = (tenantName: string, more = {}) =>
    session.call("delete_stream_workspace", { groupId, tenantName, ...more });

  it("is refused while a processor is started, naming what is in it", async () => {
    expect(await remove(sandboxTenant, { confirm: sandboxTenant })).toMatchObject({
      error: { kind: "conflict", hint: expect.stringContaining("stop_stream_processor") },
      processors: ["paidOrders"],
      connections: ["shop-kafka", "shop-cluster", "fraud-check"],
    });
    expect(session.sent("DELETE")).toEqual([]);
  });

  it("is refused where it cannot be seen whether a processor is started", async () => {
    const name = freshName();
    await create(name);
    session.sandbox.faults.add({ path: /\/processors$/, times: 9, fault: { kind: "answer", status: 403, body: {} } });
    expect(await remove(name, { confirm: name })).toMatchObject({ error: { kind: "forbidden" } });
    expect(session.sent("DELETE")).toEqual([]);
  });

  it("wants the name again, shows what would go, and deletes it once", async () => {
    const name = freshName();
    await create(name, { sampleConnection: true });
    expect(await remove(name)).toMatchObject({ error: { kind: "invalid_input", fields: [{ path: "confirm" }] } });
    expect(await remove(name, { dryRun: true })).toMatchObject({
      outcome: "planned",
      summary: `Would delete the workspace "${name}" with 0 processors and 1 connection; nothing was deleted.`,
      connections: ["sample_stream_solar"],
      processors: [],
    });
    expect(await remove(name, { confirm: name })).toMatchObject({
      outcome: "deleted",
      connections: ["sample_stream_solar"],
    });
    expect(await remove(name, { confirm: name })).toMatchObject({ outcome: "not_found" });
    expect(session.sent("DELETE")).toHaveLength(1);
  });

  /** A workspace with so many processors that run. */
  async function busy(count: number): Promise<string> {
    const name = freshName();
    await create(name, { sampleConnection: true });
    const workspace = session.sandbox.state.workspace(groupId, name);
    if (!workspace) throw new Error("It was not created");
    const pipeline = [
      { $source: { connectionName: "sample_stream_solar" } },
      { $emit: { connectionName: "__testLog" } },
    ];
    for (let index = 0; index < count; index += 1) {
      const definition = { name: `p${index}`, pipeline, dlq: undefined, tier: "SP10" };
      startProcessor(workspace, addProcessor(workspace, definition, 0), 0);
    }
    session.reset();
    return name;
  }

  it("names ten of the processors that run, and counts the rest", async () => {
    const name = await busy(125);
    const refused = await remove(name, { confirm: name });
    expect(refused).toMatchObject({ error: { kind: "conflict", hint: expect.stringContaining("`force`: true") } });
    expect(refused.summary).toMatch(/: p0, p1, (p\d, ){7}p9, and 115 more\.$/);
    expect(refused.error?.hint).not.toContain("p10");
    expect(await remove(name, { dryRun: true })).toMatchObject({ outcome: "planned", wouldBe: "conflict" });
  });

  it("stops them first where that is forced, and the log names them", async () => {
    const name = await busy(12);
    expect(await remove(name, { dryRun: true, force: true })).toMatchObject({
      outcome: "planned",
      wouldBe: "deleted",
      summary: expect.stringMatching(/^Would stop p0, .* and 2 more, then delete the workspace/),
    });
    expect(session.sent("POST")).toEqual([]);
    expect(await remove(name, { confirm: name, force: true })).toMatchObject({
      outcome: "deleted",
      processors: expect.arrayContaining(["p0", "p11"]),
    });
    expect(session.sent("POST").map(({ path }) => path.split(":").at(-1))).toEqual(Array(12).fill("stop"));
    expect(session.server.stderr()).toMatch(/were stopped, since their workspace is to be deleted.*"p0"/);
  });

  it("that is only tried asks nobody about what is not there", async () => {
    const result = await remove("nowhere-near-any", { dryRun: true });
    expect(result).toMatchObject({ outcome: "not_found", wouldBe: "not_found" });
    expect(JSON.stringify(result)).not.toContain("Ask the person");
  });
});
