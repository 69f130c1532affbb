/** Processors that are scaled and that fail over: what is sent, what is refused before, and what is told of it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { addProcessor, startProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import type { StoredProcessor, StoredWorkspace } from "../../src/sandbox/data/state.ts";
import { addWorkspace } from "../../src/sandbox/data/workspace-lifecycle.ts";
import { place } from "../support/against-sandbox.ts";
import { type Session, startSession } from "./session.ts";

let session: Session;
let bounded: StoredWorkspace;
let unbounded: StoredWorkspace;
beforeAll(async () => {
  session = await startSession({
    env: {
      ATLAS_STREAMS_MCP_TIMEOUT_MS: "1500",
      ATLAS_STREAMS_MCP_CHECK_MS: "400",
      ATLAS_STREAMS_MCP_READY_MS: "10000",
    },
  });
  const project = session.sandbox.state.projects.get(place.groupId);
  if (!project) throw new Error("The sandbox lost its project");
  const at = { cloudProvider: "AWS", region: "VIRGINIA_USA" };
  bounded = addWorkspace(project, { name: "bounded", ...at, tier: "SP5", maxTier: "SP30" });
  unbounded = addWorkspace(project, { name: "unbounded", ...at });
  for (const workspace of [bounded, unbounded]) {
    addConnection(workspace, { name: "solar", type: "Sample" }, 0);
    addConnection(workspace, { name: "sink", type: "Cluster", clusterName: "Cluster0" }, 0);
  }
  bounded.failoverRegions = [{ cloudProvider: "AWS", region: "DUBLIN_IRL" }];
}, 60_000);
afterEach(() => session.reset());
afterAll(() => session.close());

const sink = { $merge: { into: { connectionName: "sink", db: "db", coll: "coll" } } };
const pipeline = [{ $source: { connectionName: "solar" } }, sink];
const fromCluster = [{ $source: { connectionName: "sink", db: "db", coll: "in" } }, sink];
const dlq = { connectionName: "sink", db: "db", coll: "rejected" };
let names = 0;
const freshName = () => `p${++names}`;
const call = (tool: string, { name }: StoredWorkspace, processorName: string, more: JsonObject = {}) =>
  session.call(`${tool}_stream_processor`, { groupId: place.groupId, tenantName: name, processorName, ...more });
const create = (workspace: StoredWorkspace, name: string, more: JsonObject = {}) =>
  call("create", workspace, name, { pipeline, ...more });
const writes = () => session.sandbox.requests.filter(({ method }) => method !== "GET");
const bodies = () => writes().map(({ body }) => body);

function put(workspace: StoredWorkspace, more: Partial<StoredProcessor> = {}): StoredProcessor {
  const processor = addProcessor(workspace, { name: freshName(), pipeline, dlq: undefined, tier: "SP5" }, 0);
  return Object.assign(processor, more);
}

describe("autoscaling", () => {
  const autoscaling = { enabled: true, minTier: "SP5", maxTier: "SP30" };

  it("of a create stands among its options, and is compared", async () => {
    const name = freshName();
    expect(await create(bounded, name, { autoscaling, tier: "SP10", dlq })).toMatchObject({
      outcome: "created",
      processor: { tier: "SP10", effectiveTier: "SP10", options: { dlq, autoscaling } },
      warnings: [],
    });
    expect(bodies()).toEqual([{ name, pipeline, tier: "SP10", options: { dlq, autoscaling } }]);
    expect(await create(bounded, name, { autoscaling, tier: "SP10", dlq })).toMatchObject({
      outcome: "already_exists",
    });
    const other = { ...autoscaling, maxTier: "SP10" };
    expect(await create(bounded, name, { autoscaling: other, tier: "SP10", dlq })).toMatchObject({
      error: { kind: "conflict", fields: [{ path: "autoscaling" }] },
    });
  });

  it("is taken as meant, and is not sent to a new one where it is off", async () => {
    const planned = await create(bounded, freshName(), { auto_scaling: { max_tier: "SP30" }, dryRun: true });
    expect(planned["request"]).toMatchObject({
      body: { options: { autoscaling: { enabled: true, maxTier: "SP30" } } },
    });
    const name = freshName();
    expect(await create(bounded, name, { autoscaling: { enabled: false } })).toMatchObject({ outcome: "created" });
    expect(bodies()).toEqual([{ name, pipeline }]);
  });

  it.each<[JsonObject, string, RegExp]>([
    [{ minTier: "SP30", maxTier: "SP10" }, "autoscaling.minTier", /at most maxTier, which is SP10/],
    [{ maxTier: "SP50" }, "autoscaling.maxTier", /at most SP30/],
  ])("within %j is refused at %s", async (wrong, path, message) => {
    expect(await create(bounded, freshName(), { autoscaling: { enabled: true, ...wrong } })).toMatchObject({
      error: { kind: "invalid_input", fields: [{ path, message: expect.stringMatching(message) }] },
    });
    expect(writes()).toEqual([]);
  });

  it("without a largest tier anywhere is refused where it is to start, and else told", async () => {
    const off = { autoscaling: { enabled: true, minTier: "SP5" } };
    const refusal = {
      kind: "invalid_input",
      fields: [{ path: "autoscaling.maxTier", message: expect.stringMatching(/is required/) }],
    };
    const name = freshName();
    expect(await create(unbounded, name, { ...off, start: true })).toMatchObject({ error: refusal });
    expect(writes()).toEqual([]);
    expect(await create(unbounded, name, off)).toMatchObject({
      outcome: "created",
      warnings: [expect.stringMatching(/^autoscaling\.maxTier: is required/)],
    });
    for (const dryRun of [true, false])
      expect(await call("start", unbounded, name, { dryRun })).toMatchObject({ error: refusal });
    expect(await call("start", unbounded, name, { autoscaling: { maxTier: "SP10" } })).toMatchObject({
      outcome: "started",
    });
    expect(writes().at(-1)?.body).toEqual({ autoscaling: { enabled: true, maxTier: "SP10" } });
    expect(await create(bounded, freshName(), { ...off, start: true })).toMatchObject({ started: true, warnings: [] });
  });

  it("is changed beside what stays, and taken away", async () => {
    const one = put(bounded, { autoscaling: { minTier: "SP5", maxTier: "SP30" }, dlq });
    expect(await call("update", bounded, one.name, { autoscaling: { maxTier: "SP10" } })).toMatchObject({
      outcome: "updated",
      changes: [{ path: "autoscaling" }],
      processor: { options: { dlq, autoscaling: { enabled: true, minTier: "SP5", maxTier: "SP10" } } },
    });
    expect(await call("update", bounded, one.name, { autoscaling: { maxTier: "SP10" } })).toMatchObject({
      outcome: "unchanged",
    });
    expect(await call("update", bounded, one.name, { autoscaling: { enabled: false } })).toMatchObject({
      outcome: "updated",
    });
    expect(one).toMatchObject({ autoscaling: undefined, dlq });
    expect(bodies()).toEqual([
      { options: { dlq, autoscaling: { enabled: true, maxTier: "SP10" } } },
      { options: { dlq, autoscaling: { enabled: false } } },
    ]);
  });

  it("that is so already is not said again by a start", async () => {
    const one = put(bounded, { autoscaling: { minTier: "SP5", maxTier: "SP30" } });
    expect(await call("start", bounded, one.name, { autoscaling })).toMatchObject({ outcome: "started" });
    expect(writes().map(({ path, body }) => [path.replace(/.*:/, ""), body])).toEqual([["start", undefined]]);
    expect(await call("start", bounded, one.name, { autoscaling })).toMatchObject({ outcome: "already_started" });
    expect(await call("start", bounded, one.name, { autoscaling: { maxTier: "SP10" } })).toMatchObject({
      error: { kind: "invalid_input", fields: [{ path: "autoscaling" }] },
    });
  });

  it("leaves a plan as it is, whatever tier it has led to", async () => {
    const one = put(bounded, { autoscaling: { maxTier: "SP30" }, scaledTo: "SP30" });
    startProcessor(bounded, one, 0);
    const processors = [
      { processorName: one.name, pipeline, tier: "SP5", autoscaling: { maxTier: "SP30" }, start: true },
    ];
    const plan = { groupId: place.groupId, tenantName: bounded.name, processors };
    expect(await session.call("apply_stream_pipeline", plan)).toMatchObject({ plan: [{ action: "none" }] });
    expect(await call("get", bounded, one.name)).toMatchObject({ processor: { tier: "SP5", effectiveTier: "SP30" } });
    const { processors: listed } = await session.call("list_stream_processors", {
      groupId: place.groupId,
      tenantName: bounded.name,
      nameContains: one.name,
    });
    expect(listed).toMatchObject([{ tier: "SP5", effectiveTier: "SP30" }]);
  });

  it("counts for what a pipeline needs of a tier", async () => {
    const parallel = [pipeline[0], { $merge: { ...sink.$merge, parallelism: 6 } }];
    const fields = { pipeline: parallel, tier: "SP2" };
    expect(await create(bounded, freshName(), fields)).toMatchObject({ error: { kind: "invalid_input" } });
    expect(await create(bounded, freshName(), { ...fields, autoscaling })).toMatchObject({ outcome: "created" });
  });
});

describe("failoverEnabled", () => {
  it("stands at the top of what is sent, is compared, and is doubted where Atlas may refuse it", async () => {
    const name = freshName();
    const fields = { pipeline: fromCluster, failoverEnabled: true };
    expect(await create(bounded, name, fields)).toMatchObject({
      outcome: "created",
      processor: { failoverEnabled: true },
      warnings: [],
    });
    expect(bodies()).toEqual([{ name, ...fields }]);
    expect(await create(bounded, name, fields)).toMatchObject({ outcome: "already_exists" });
    expect(await create(bounded, name, { pipeline: fromCluster })).toMatchObject({
      error: { kind: "conflict", fields: [{ path: "failoverEnabled" }] },
    });
    expect(await call("update", bounded, name, { failoverEnabled: false })).toMatchObject({
      outcome: "updated",
      changes: [{ path: "failoverEnabled", before: true, after: false }],
    });
    expect(await create(bounded, freshName(), { failoverEnabled: true })).toMatchObject({
      warnings: [expect.stringMatching(/failoverEnabled.*Cluster/)],
    });
  });
});

describe("a failover", () => {
  const running = () => {
    const one = put(bounded, { failoverEnabled: true });
    startProcessor(bounded, one, 0);
    return one;
  };
  const failover = { region: "eu-west-1", mode: "GRACEFUL" };
  const body = { failover: { region: "DUBLIN_IRL", mode: "GRACEFUL" } };

  it("is sent though the processor runs", async () => {
    const one = running();
    expect(await call("start", bounded, one.name, { failover })).toMatchObject({
      outcome: "started",
      summary: expect.stringContaining("in DUBLIN_IRL"),
      processor: { state: "STARTED" },
    });
    expect(bodies()).toEqual([body]);
    expect(one.region).toBe("DUBLIN_IRL");
  });

  it("that is only tried has Atlas say what it would do", async () => {
    const one = running();
    expect(await call("start", bounded, one.name, { failover, dryRun: true })).toMatchObject({
      outcome: "planned",
      wouldBe: "started",
      request: { body },
    });
    expect(bodies()).toEqual([{ failover: { ...body.failover, dryRun: true } }]);
    expect(one.region).toBeUndefined();
    session.sandbox.faults.add({
      method: "POST",
      fault: {
        kind: "answer",
        status: 400,
        body: { error: 400, errorCode: "STREAM_PROCESSOR_GENERIC_ERROR", detail: "No" },
      },
    });
    expect(await call("start", bounded, one.name, { failover, dryRun: true })).toMatchObject({
      wouldBe: "bad_request",
    });
  });

  it("to a region that the workspace does not have is refused", async () => {
    const one = running();
    expect(await call("start", bounded, one.name, { failover: { region: "OHIO_USA" } })).toMatchObject({
      error: {
        kind: "invalid_input",
        fields: [
          {
            path: "failover.region",
            message: expect.stringMatching(/DUBLIN_IRL, VIRGINIA_USA.*update_stream_workspace/),
          },
        ],
      },
    });
    expect(writes()).toEqual([]);
  });

  it("does not change how one runs that runs", async () => {
    expect(await call("start", bounded, running().name, { failover, tier: "SP30" })).toMatchObject({
      error: { kind: "invalid_input", fields: [{ path: "tier" }] },
    });
  });

  it("that is forced says what may be lost", async () => {
    const one = put(bounded, { failoverEnabled: true });
    const forced = { region: "DUBLIN_IRL", mode: "FORCED", clearCheckpoint: true };
    expect(await call("start", bounded, one.name, { failover: forced })).toMatchObject({
      outcome: "started",
      warnings: [expect.stringMatching(/FORCED.*clears its checkpoint.*missing or come twice/)],
    });
    expect(bodies()).toEqual([{ failover: forced }]);
  });

  it.each([
    ["FORCED", "STARTED", false],
    ["GRACEFUL", "STARTED", true],
  ] as const)("%s of one that is %s and whose answer is lost is retryable: %s", async (mode, _, retryable) => {
    const one = running();
    session.sandbox.faults.add({ method: "POST", fault: { kind: "reset-after-acting" } });
    expect(await call("start", bounded, one.name, { failover: { ...failover, mode } })).toMatchObject({
      error: { kind: "unknown_outcome", retryable },
    });
    expect(writes()).toHaveLength(1);
  });
});
