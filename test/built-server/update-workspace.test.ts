/** `update_stream_workspace`: what is sent, what stands in the way, and what its processors do. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { addProcessor, startProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import type { StoredWorkspace } from "../../src/sandbox/data/state.ts";
import { addWorkspace } from "../../src/sandbox/data/workspace-lifecycle.ts";
import { place } from "../support/against-sandbox.ts";
import { type Session, startSession } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession({
    env: {
      ATLAS_STREAMS_MCP_TIMEOUT_MS: "1500",
      ATLAS_STREAMS_MCP_CHECK_MS: "600",
      ATLAS_STREAMS_MCP_READY_MS: "10000",
    },
    sandbox: { readyAfterMs: 30 },
  });
}, 60_000);
afterEach(() => session.reset());
afterAll(() => session.close());

const { groupId } = place;
const pipeline = [{ $source: { connectionName: "solar" } }, { $emit: { connectionName: "__testLog" } }];
let names = 0;

/** A workspace with processors that run, and others that do not. */
function workspace(
  running: readonly string[] = [],
  idle: readonly string[] = [],
  more: JsonObject = {},
): StoredWorkspace {
  const project = session.sandbox.state.projects.get(groupId);
  if (!project) throw new Error("The sandbox lost its project");
  const name = `workspace-${++names}`;
  const made = addWorkspace(project, { name, cloudProvider: "AWS", region: "VIRGINIA_USA", ...more });
  addConnection(made, { name: "solar", type: "Sample" }, 0);
  for (const each of [...running, ...idle])
    addProcessor(made, { name: each, pipeline, dlq: undefined, tier: "SP10", failoverEnabled: true }, 0);
  for (const each of made.processors.values()) if (running.includes(each.name)) startProcessor(made, each, 0);
  return made;
}

const update = ({ name }: StoredWorkspace, more = {}) =>
  session.call("update_stream_workspace", { groupId, tenantName: name, ...more });
const bodies = () => session.sent("PATCH").map(({ body }) => body);
const statesIn = ({ processors }: StoredWorkspace) => [...processors.values()].map(({ state }) => state);

describe("settings", () => {
  it("are changed in one request, which says what stays of the sizes", async () => {
    const one = workspace([], [], { tier: "SP10", maxTier: "SP50" });
    const failoverRegions = [{ cloudProvider: "AWS", region: "DUBLIN_IRL" }];
    expect(await update(one, { tier: "SP5", failoverRegions })).toMatchObject({
      outcome: "updated",
      changes: [
        { path: "tier", before: "SP10", after: "SP5" },
        { path: "failoverRegions", after: failoverRegions },
      ],
      workspace: { tenantName: one.name, tier: "SP5", maxTier: "SP50", failoverRegions },
      warnings: [],
    });
    expect(bodies()).toEqual([{ streamConfig: { tier: "SP5", maxTierSize: "SP50" }, failoverRegions }]);
    expect(await update(one, { tier: "SP5", failoverRegions })).toMatchObject({ outcome: "unchanged", changes: [] });
    expect(session.sent("PATCH")).toHaveLength(1);
  });

  it("are taken as meant, and a cloud that is left out is the workspace's", async () => {
    const one = workspace();
    const result = await update(one, { failoverRegions: [{ region: "eu-west-1" }], dryRun: true });
    expect(result).toMatchObject({
      outcome: "planned",
      wouldBe: "updated",
      request: { method: "PATCH", body: { failoverRegions: [{ cloudProvider: "AWS", region: "DUBLIN_IRL" }] } },
      warnings: [expect.stringMatching(/failoverRegions\[0\]\.region.*DUBLIN_IRL/)],
    });
    expect(bodies()).toEqual([]);
  });

  it.each<[JsonObject, string, RegExp]>([
    [{ tier: "SP50" }, "tier", /at most maxTier, which is SP30/],
    [{ maxTier: "SP2" }, "maxTier", /at least tier, which is SP10/],
    [{ region: "eastus" }, "region", /region of AZURE/],
    [{ cloudProvider: "GCP" }, "region", /is required: a region of GCP/],
    [
      { failoverRegions: [{ cloudProvider: "GCP", region: "US_EAST4" }] },
      "failoverRegions[0].cloudProvider",
      /must be AWS/,
    ],
    [{ failoverRegions: [{ region: "VIRGINIA_USA" }] }, "failoverRegions[0].region", /the workspace itself/],
    [{ failoverRegions: [{ region: "OHIO_USA" }, { region: "us-east-2" }] }, "failoverRegions[1].region", /twice/],
    [{ processorStatus: { status: "FAILED_OVER" } }, "processorStatus.region", /is required/],
    [
      { processorStatus: { status: "FAILED_OVER", region: "OHIO_USA" } },
      "processorStatus.region",
      /Set failoverRegions/,
    ],
    [{ processorStatus: { status: "STOPPED", mode: "FORCED" } }, "processorStatus.mode", /FAILED_OVER/],
  ])("that cannot be, %j, are refused at %s", async (wrong, path, message) => {
    const one = workspace([], [], { tier: "SP10", maxTier: "SP30" });
    for (const dryRun of [false, true])
      expect(await update(one, { ...wrong, dryRun })).toMatchObject({
        error: { kind: "invalid_input", fields: [{ path, message: expect.stringMatching(message) }] },
      });
    expect(bodies()).toEqual([]);
  });

  it("that are changed a second time may be refused, and that is said", async () => {
    const one = workspace();
    one.failoverRegions = [{ cloudProvider: "AWS", region: "DUBLIN_IRL" }];
    expect(await update(one, { failoverRegions: [{ region: "OHIO_USA" }] })).toMatchObject({
      outcome: "updated",
      warnings: [expect.stringMatching(/cannot be changed once they are set/)],
    });
  });

  it("below what a processor has are changed, with a warning that names it", async () => {
    const one = workspace(["big"], [], { tier: "SP2", maxTier: "SP50" });
    expect(await update(one, { maxTier: "SP5" })).toMatchObject({
      outcome: "updated",
      warnings: [expect.stringMatching(/maxTier: big has a larger tier/)],
    });
  });

  it("whose answer is lost are looked for", async () => {
    const one = workspace();
    session.sandbox.faults.add({ method: "PATCH", fault: { kind: "reset-after-acting" } });
    expect(await update(one, { tier: "SP5" })).toMatchObject({
      outcome: "updated",
      warnings: [expect.stringMatching(/Atlas was asked/)],
    });
    expect(bodies()).toHaveLength(1);
  });
});

describe("a move to another region", () => {
  it("to one of its failover regions is told", async () => {
    const one = workspace();
    one.failoverRegions = [{ cloudProvider: "AWS", region: "DUBLIN_IRL" }];
    expect(await update(one, { region: "DUBLIN_IRL", dryRun: true })).toMatchObject({
      wouldBe: "updated",
      warnings: [expect.stringMatching(/^region: DUBLIN_IRL is one of the workspace's failover regions/)],
    });
    const failoverRegions = [{ region: "OHIO_USA" }];
    const both = await update(one, { region: "DUBLIN_IRL", failoverRegions, dryRun: true });
    expect(both.warnings?.join()).not.toContain("region: DUBLIN_IRL");
  });

  it("is made where nothing runs", async () => {
    const one = workspace([], ["idle"]);
    expect(await update(one, { region: "eu-west-1" })).toMatchObject({
      outcome: "updated",
      workspace: { cloudProvider: "AWS", region: "DUBLIN_IRL" },
    });
    expect(bodies()).toEqual([{ cloudProvider: "AWS", region: "DUBLIN_IRL" }]);
  });

  it("is refused while processors run, which are named", async () => {
    const one = workspace(["a", "b"], ["idle"]);
    const move = { cloudProvider: "AZURE", region: "eastus" };
    expect(await update(one, move)).toMatchObject({
      error: { kind: "conflict", retryable: false, hint: expect.stringContaining("stop_stream_processor") },
      summary: expect.stringMatching(/not moved: a, b/),
    });
    expect(await update(one, { ...move, dryRun: true })).toMatchObject({ outcome: "planned", wouldBe: "conflict" });
    expect(bodies()).toEqual([]);
    expect(statesIn(one)).toEqual(["STARTED", "STARTED", "CREATED"]);
  });

  it("that Atlas refuses for one that was just started names it", async () => {
    const one = workspace(["late"]);
    session.sandbox.faults.add({
      method: "GET",
      path: /\/processors$/,
      fault: { kind: "answer", status: 200, body: { results: [], totalCount: 0 } },
    });
    expect(await update(one, { region: "DUBLIN_IRL" })).toMatchObject({
      error: { kind: "conflict", status: 403 },
      summary: expect.stringContaining("late"),
    });
  });

  it("is not tried where it cannot be seen what runs", async () => {
    const one = workspace(["a"]);
    session.sandbox.faults.add({ path: /\/processors$/, fault: { kind: "answer", status: 403, body: { error: 403 } } });
    expect(await update(one, { region: "DUBLIN_IRL" })).toMatchObject({ error: { kind: "forbidden" } });
    expect(bodies()).toEqual([]);
  });
});

describe("all processors", () => {
  const stop = { processorStatus: { status: "STOPPED" } };

  it("are stopped once the name is repeated, and what they do then is told", async () => {
    const one = workspace(["a", "b"], ["idle"]);
    expect(await update(one, stop)).toMatchObject({
      error: { kind: "invalid_input", fields: [{ path: "confirm", message: expect.stringContaining("stop a, b") }] },
    });
    expect(await update(one, { ...stop, dryRun: true })).toMatchObject({
      wouldBe: "updated",
      summary: "Would stop a, b; nothing was sent.",
      warnings: [expect.stringMatching(/Ask the person/)],
    });
    expect(bodies()).toEqual([]);
    expect(await update(one, { ...stop, confirm: one.name })).toMatchObject({
      outcome: "updated",
      processors: [
        { name: "a", state: "STOPPED" },
        { name: "b", state: "STOPPED" },
      ],
    });
    expect(bodies()).toEqual([stop]);
    expect(await update(one, { ...stop, confirm: one.name })).toMatchObject({ outcome: "unchanged" });
  });

  it("are started, which says that billing runs and which failed", async () => {
    const one = workspace(["a"], ["b", "c"]);
    const broken = one.processors.get("c");
    if (broken) broken.pipeline = [{ $source: { connectionName: "gone" } }, ...pipeline.slice(1)];
    expect(await update(one, { processorStatus: { status: "STARTED" } })).toMatchObject({
      outcome: "updated",
      summary: "Done: start b, c. Billing runs until they are stopped.",
      processors: [
        { name: "b", state: "STARTED" },
        { name: "c", state: "FAILED" },
      ],
      warnings: [expect.stringMatching(/FAILED: c\..*diagnose_stream_processor/)],
    });
  });

  it("fail over to a region of the workspace, with leave", async () => {
    const one = workspace(["a"], []);
    one.failoverRegions = [{ cloudProvider: "AWS", region: "DUBLIN_IRL" }];
    const over = { processorStatus: { status: "failed_over", region: "eu-west-1", mode: "GRACEFUL" } };
    expect(await update(one, over)).toMatchObject({ error: { fields: [{ path: "confirm" }] } });
    expect(await update(one, { ...over, confirm: one.name })).toMatchObject({ outcome: "updated" });
    expect(bodies()).toEqual([{ processorStatus: { status: "FAILED_OVER", region: "DUBLIN_IRL", mode: "GRACEFUL" } }]);
    expect(one.processors.get("a")?.region).toBe("DUBLIN_IRL");
  });

  it("are looked at where the answer of a stop is lost", async () => {
    const one = workspace(["a"]);
    session.sandbox.faults.add({ method: "PATCH", fault: { kind: "reset-after-acting" } });
    expect(await update(one, { ...stop, confirm: one.name })).toMatchObject({
      outcome: "updated",
      processors: [{ name: "a", state: "STOPPED" }],
      warnings: [expect.stringMatching(/Atlas was asked: the processors are STOPPED/)],
    });
    const other = workspace(["a"]);
    session.sandbox.faults.add({ method: "PATCH", fault: { kind: "reset-after-read" } });
    expect(await update(other, { ...stop, confirm: other.name })).toMatchObject({
      error: { kind: "unknown_outcome", retryable: true, hint: expect.stringContaining("list_stream_processors") },
    });
    expect(bodies()).toHaveLength(2);
  });

  it("are not to be forced to fail over twice, where nobody knows whether they did", async () => {
    const one = workspace(["a"]);
    one.failoverRegions = [{ cloudProvider: "AWS", region: "DUBLIN_IRL" }];
    for (const [mode, retryable] of [
      ["FORCED", false],
      ["GRACEFUL", true],
    ] as const) {
      session.sandbox.faults.add({ method: "PATCH", fault: { kind: "reset-after-acting" } });
      const processorStatus = { status: "FAILED_OVER", region: "DUBLIN_IRL", mode };
      expect(await update(one, { processorStatus, confirm: one.name })).toMatchObject({
        error: { kind: "unknown_outcome", retryable },
      });
    }
    expect(bodies()).toHaveLength(2);
  });
});
