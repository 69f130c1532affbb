/**
 * A dry run says what the run would say: for each tool that writes, and states of Atlas drawn at random, the `wouldBe` of
 * the dry run is how the run ends that follows at once. Nothing but reads is sent by a dry run.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import { connectionSchema } from "../../src/connections/union.ts";
import type { JsonObject } from "../../src/json.ts";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { addProcessor, startProcessor, stopProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import { sandboxProject } from "../../src/sandbox/data/seed.ts";
import type { StoredWorkspace } from "../../src/sandbox/data/state.ts";
import { addWorkspace } from "../../src/sandbox/data/workspace-lifecycle.ts";
import { PersonNeeded } from "../../src/secret-page/person.ts";
import { createServices, type Services } from "../../src/services.ts";
import { runTool } from "../../src/tool/call.ts";
import { catalog } from "../../src/tools/catalog.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";

const { groupId } = sandboxProject;

let sandbox: Sandbox;
let services: Services;
beforeAll(async () => {
  sandbox = await startSandbox();
  Object.assign(sandbox.state.oddities, { hiddenMs: 0, deletingMs: 0, recoveringMs: 0 });
  services = createServices(
    readSettings({
      MONGODB_ATLAS_BASE_URL: sandbox.url,
      MONGODB_ATLAS_ACCESS_TOKEN: sandboxCredentials.accessToken,
      ATLAS_STREAMS_MCP_READY_MS: "300",
      ATLAS_STREAMS_MCP_LOG: "error",
    }),
    {},
  );
});
afterAll(async () => {
  await services.atlas.close();
  await sandbox.close();
});

async function call(name: string, args: JsonObject): Promise<JsonObject> {
  const tool = catalog.find((each) => each.name === name);
  if (!tool) throw new Error(`No tool ${name}`);
  const result = await runTool(tool, args, services, { signal: new AbortController().signal });
  if (result instanceof PersonNeeded) throw new Error("Nobody is there to be asked");
  return result.content;
}

/** How a result ends: its outcome, or the kind of its failure. */
const endOf = ({ outcome, error }: JsonObject) => (outcome === "failed" ? (error as JsonObject)["kind"] : outcome);

const source = (name: string) => ({ $source: { connectionName: name, ...(name === "bus" && { topic: "t" }) } });
const sink = { $merge: { into: { connectionName: "sink", db: "db", coll: "coll" } } };
const dlq = { connectionName: "sink", db: "db", coll: "rejected" };

const pipelines = fc.constantFrom(
  [source("solar"), sink],
  [source("bus"), sink],
  [source("solar"), { $match: { a: 1 } }, sink],
  [
    source("solar"),
    { $tumblingWindow: { interval: { size: 1, unit: "hour" }, pipeline: [{ $group: { _id: null } }] } },
    sink,
  ],
);
const tiers = fc.constantFrom("SP5", "SP10", "SP30", "SP50");
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });

/** What is in Atlas. */
const worlds = fc.record({
  workspace: fc.constantFrom("there", "absent", "elsewhere"),
  maxTier: maybe(fc.constantFrom("SP10", "SP50")),
  bus: fc.constantFrom("READY", "FAILED", "absent"),
  processor: maybe(
    fc.record({
      pipeline: pipelines,
      tier: tiers,
      dlq: maybe(fc.constant(dlq)),
      autoscaling: maybe(fc.constantFrom({}, { minTier: "SP5", maxTier: "SP10" })),
      state: fc.constantFrom("CREATED", "STARTED", "STOPPED", "FAILED"),
    }),
  ),
});
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

let names = 0;

/** Makes such a world; gives the name of its workspace. */
function make({ workspace, maxTier, bus, processor }: World): string {
  const name = `dry-${++names}`;
  const project = sandbox.state.projects.get(groupId);
  if (!project || workspace === "absent") return name;
  const region = workspace === "there" ? "VIRGINIA_USA" : "DUBLIN_IRL";
  const made = addWorkspace(project, { name, cloudProvider: "AWS", region, ...(maxTier && { maxTier }) });
  addConnection(made, { name: "solar", type: "Sample" }, 0);
  addConnection(made, { name: "sink", type: "Cluster", clusterName: "Cluster0" }, 0);
  const servers = bus === "FAILED" ? "b1.invalid:9092" : "b1.example.com:9092";
  addConnection(made, connectionSchema.parse({ name: "bus", type: "Kafka", bootstrapServers: servers }), 0);
  if (processor) put(made, processor);
  if (bus === "absent") made.connections.delete("bus");
  return name;
}

function put(
  workspace: StoredWorkspace,
  { pipeline, tier, dlq, autoscaling, state }: NonNullable<World["processor"]>,
): void {
  const processor = addProcessor(workspace, { name: "p", pipeline, dlq, tier, autoscaling }, 0);
  // Atlas starts none that is scaled without an upper bound, so none such has ever run.
  const isUnbound = autoscaling && !("maxTier" in autoscaling) && workspace.requestedTiers.maxTier === undefined;
  if (state === "CREATED" || isUnbound) return;
  startProcessor(workspace, processor, 0);
  if (state === "STOPPED" && processor.state === "STARTED") stopProcessor(workspace, processor, 0);
  else if (state === "FAILED") processor.state = "FAILED";
}

const scaling = maybe(
  fc.constantFrom<JsonObject>(
    { enabled: false },
    { enabled: true, minTier: "SP5" },
    { enabled: true, maxTier: "SP10" },
  ),
);
const definition = fc.record({
  pipeline: pipelines,
  tier: maybe(tiers),
  dlq: maybe(fc.constant(dlq)),
  autoscaling: scaling,
  failoverEnabled: maybe(fc.boolean()),
});
const kafka = fc.record({
  name: fc.constantFrom("bus", "other"),
  type: fc.constant("Kafka"),
  bootstrapServers: fc.constantFrom("b1.example.com:9092", "b2.example.com:9092"),
  region: maybe(fc.constant("DUBLIN_IRL")),
});
const flag = fc.boolean();

/** The arguments of each tool, beside the place; `confirm` is what a dry run needs none of. */
const tools: Record<string, fc.Arbitrary<JsonObject>> = {
  create_stream_processor: fc
    .tuple(definition, flag)
    .map(([fields, start]) => ({ processorName: "p", ...fields, start })),
  update_stream_processor: fc
    .tuple(definition, maybe(flag), maybe(fc.constantFrom("p", "q")))
    .map(([fields, resumeFromCheckpoint, newName]) => ({
      processorName: "p",
      ...fields,
      resumeFromCheckpoint,
      newName,
    })),
  start_stream_processor: fc
    .tuple(maybe(tiers), scaling)
    .map(([tier, autoscaling]) => ({ processorName: "p", tier, autoscaling })),
  stop_stream_processor: fc.constant({ processorName: "p" }),
  delete_stream_processor: fc.constant({ processorName: "p", confirm: "p" }),
  create_stream_workspace: fc.record({
    cloudProvider: fc.constant("AWS"),
    region: fc.constant("us-east-1"),
    tier: maybe(tiers),
    // What Atlas makes of a largest tier below the default is not known.
    maxTier: maybe(fc.constantFrom("SP10", "SP30")),
  }),
  update_stream_workspace: fc.record({
    tier: maybe(tiers),
    maxTier: maybe(fc.constantFrom("SP10", "SP30")),
    region: maybe(fc.constantFrom("us-east-1", "OHIO_USA", "eastus")),
    failoverRegions: maybe(fc.constantFrom([], [{ region: "DUBLIN_IRL" }], [{ region: "OHIO_USA" }])),
    processorStatus: maybe(
      fc.constantFrom(
        { status: "STARTED" },
        { status: "STOPPED" },
        { status: "FAILED_OVER", region: "DUBLIN_IRL", mode: "GRACEFUL" },
      ),
    ),
    confirm: fc.constant("the workspace"),
  }),
  delete_stream_workspace: flag.map((force) => ({ confirm: "the workspace", force })),
  create_stream_connection: kafka.map((connection) => ({ connection })),
  update_stream_connection: fc.tuple(kafka, flag).map(([{ name, bootstrapServers }, restartProcessors]) => ({
    connectionName: name,
    connection: { bootstrapServers },
    restartProcessors,
  })),
  delete_stream_connection: flag.map((force) => ({ connectionName: "bus", confirm: "bus", force })),
  apply_stream_pipeline: fc
    .tuple(
      maybe(fc.constant({ cloudProvider: "AWS", region: "us-east-1" })),
      fc.array(kafka, { maxLength: 1 }),
      definition,
      maybe(flag),
      maybe(flag),
    )
    .map(([workspace, connections, fields, start, resumeFromCheckpoint]) => ({
      workspace,
      connections,
      processors: [{ processorName: "p", ...fields, start, resumeFromCheckpoint }],
    })),
};

const someId = "0123456789abcdef01234567";
const connectionId = fc.constantFrom("65f1c2500a1b2c3d4e5f60b1", "65f1c2500a1b2c3d4e5f60b2", someId);
const peeringId = fc.constantFrom("65f1c2900a1b2c3d4e5f60c1", "65f1c2900a1b2c3d4e5f60c2");
const link = fc.constantFrom<JsonObject>(
  { provider: "AWS", vendor: "CONFLUENT", region: "us-east-1", serviceEndpointId: "com.amazonaws.vpce.us-east-1.x" },
  { provider: "AWS", vendor: "S3", region: "us-east-1", serviceEndpointId: "com.amazonaws.us-east-1.s3" },
  { provider: "AWS", vendor: "KINESIS", region: "us-east-1" },
  { provider: "AWS", vendor: "MSK", region: "us-east-1" },
);

/** The same of the tools for a project's network. What the lists do not show is left to the run, so it is not drawn. */
const networkTools: Record<string, fc.Arbitrary<JsonObject>> = {
  create_private_link: link.map((privateLink) => ({ privateLink })),
  update_private_link: fc
    .tuple(connectionId, fc.constantFrom("a.example.com", "b.example.com"))
    .map(([id, domain]) => ({
      connectionId: id,
      dnsDomain: domain,
    })),
  delete_private_link: connectionId.map((id) => ({ connectionId: id, confirm: id })),
  answer_vpc_peering: fc
    .tuple(peeringId, fc.constantFrom("accept", "reject"), maybe(fc.constantFrom("vpc-0f1e2d3c4b5a69781", "vpc-1")))
    .map(([id, answer, requesterVpcId]) => ({ id, answer, requesterAccountId: "123456789012", requesterVpcId })),
  delete_vpc_peering: fc.constant("65f1c2900a1b2c3d4e5f60c1").map((id) => ({ id, confirm: id })),
};

/** What a project has: states of its first links and of its second peering, and whether a connection uses the first. */
const networks = fc.record({
  states: fc.array(fc.constantFrom("IDLE", "DONE", "FAILED", "DELETING"), { minLength: 2, maxLength: 2 }),
  domain: maybe(fc.constant("a.example.com.")),
  peering: fc.constantFrom(
    { localStatus: "NONE", cloudStatus: "pending-acceptance" },
    { localStatus: "ACTIVE", cloudStatus: "active" },
    { localStatus: "NONE", cloudStatus: "rejected" },
    { localStatus: "REQUEST_DELETE", cloudStatus: "active" },
  ),
  isUsed: flag,
});

/** Has the project be so; gives what puts it back. */
function setNetwork({ states, domain, peering, isUsed }: typeof networks extends fc.Arbitrary<infer T> ? T : never) {
  const project = sandbox.state.projects.get(groupId);
  if (!project) throw new Error("The sandbox lost its project");
  const { privateLinks, vpcPeerings } = structuredClone(project);
  const [first, second] = project.privateLinks;
  Object.assign(first ?? {}, { state: states[0], dnsDomain: domain });
  Object.assign(second ?? {}, { state: states[1] });
  Object.assign(project.vpcPeerings[1] ?? {}, peering);
  const name = `net-${++names}`;
  const workspace = addWorkspace(project, { name, cloudProvider: "AWS", region: "VIRGINIA_USA" });
  const access = { type: "PRIVATE_LINK" as const, connectionId: String(first?.["_id"]) };
  const bus = { name: "bus", type: "Kafka" as const, bootstrapServers: "b:9092", networking: { access } };
  if (isUsed) addConnection(workspace, bus, 0);
  return () => {
    project.workspaces.delete(name);
    Object.assign(project, { privateLinks, vpcPeerings });
  };
}

test.each(Object.entries(networkTools))(
  "the dry run of %s says how the run ends",
  async (tool, argumentsOf) => {
    await fc.assert(
      fc.asyncProperty(networks, argumentsOf, async (network, more) => {
        // One that is being deleted is waited for, which takes its time.
        const states = network.states.map((state) =>
          tool.startsWith("delete_") && state === "DELETING" ? "DONE" : state,
        );
        const restore = setNetwork({ ...network, states });
        sandbox.requests.length = 0;
        const dry = await call(tool, { groupId, ...more, dryRun: true });
        expect(sandbox.requests.filter(({ method }) => method !== "GET")).toEqual([]);
        const run = await call(tool, { groupId, ...more });
        restore();
        expect([dry["wouldBe"] ?? endOf(dry), dry["summary"], run["summary"]]).toEqual([
          endOf(run),
          dry["summary"],
          run["summary"],
        ]);
      }),
      { numRuns: 30 },
    );
  },
  120_000,
);

test("every tool that writes has arguments here", () => {
  const writing = catalog.filter(({ annotations }) => !annotations.readOnlyHint).map(({ name }) => name);
  expect([...Object.keys(tools), ...Object.keys(networkTools)].toSorted()).toEqual(writing.toSorted());
});

test.each(Object.entries(tools))(
  "the dry run of %s says how the run ends",
  async (tool, argumentsOf) => {
    await fc.assert(
      fc.asyncProperty(worlds, argumentsOf, async (world, more) => {
        const tenantName = make(world);
        const args = {
          groupId,
          tenantName,
          ...more,
          ...(more["confirm"] === "the workspace" && { confirm: tenantName }),
        };
        sandbox.requests.length = 0;
        const dry = await call(tool, { ...args, dryRun: true });
        expect(sandbox.requests.filter(({ method }) => method !== "GET")).toEqual([]);
        const run = await call(tool, { ...args, dryRun: false });
        sandbox.state.projects.get(groupId)?.workspaces.delete(tenantName);
        expect([dry["wouldBe"] ?? endOf(dry), dry["summary"], run["summary"]]).toEqual([
          endOf(run),
          dry["summary"],
          run["summary"],
        ]);
      }),
      { numRuns: 40 },
    );
  },
  120_000,
);
