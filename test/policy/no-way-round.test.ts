/**
 * No way leads round a rule: of calls of every tool in the catalog, with arguments, rules and states of Atlas drawn at
 * random, no request that the rule does not allow reaches Atlas. And a rule that allows everything refuses nothing.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod/v3";
import { readSettings } from "../../src/config/settings.ts";
import { connectionSchema } from "../../src/connections/union.ts";
import type { JsonObject } from "../../src/json.ts";
import { readPolicy } from "../../src/policy/policy.ts";
import { answerTo } from "../../src/sandbox/atlas.ts";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { addProcessor, startProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import { sandboxOtherProject, sandboxProject, seededProjects } from "../../src/sandbox/data/seed.ts";
import { SandboxState } from "../../src/sandbox/data/state.ts";
import { addWorkspace } from "../../src/sandbox/data/workspace-lifecycle.ts";
import { headOf, type ReceivedRequest, readBody, send } from "../../src/sandbox/http.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/start.ts";
import { bare } from "../../src/schema/fields.ts";
import { PersonNeeded } from "../../src/secret-page/person.ts";
import { createServices } from "../../src/services.ts";
import { publishedInput } from "../../src/tool/arguments.ts";
import { runTool } from "../../src/tool/call.ts";
import type { Tool } from "../../src/tool/define.ts";
import { catalog } from "../../src/tools/catalog.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";
import { violation, type WrittenRule } from "./oracle.ts";

const { groupId } = sandboxProject;
const otherId = sandboxOtherProject.groupId;

let sandbox: Sandbox;
/** What Atlas holds for the present run. */
let state: SandboxState;
let onRequest: (request: ReceivedRequest) => void = () => {};
beforeAll(async () => {
  sandbox = await startSandbox(async (incoming, response) => {
    const request = { ...headOf(incoming), body: await readBody(incoming) };
    onRequest(request);
    send(response, answerTo(request, state));
  });
});
afterAll(() => sandbox.close());

const hosts = ["b.corp.example:9092", "b.evil.example:9092"] as const;
const kafka = fc.record({
  type: fc.constant("Kafka"),
  name: fc.constantFrom("bus", "new-bus"),
  bootstrapServers: fc.constantFrom(...hosts, hosts.join(",")),
  config: maybe(fc.constantFrom({ "client.id": "a" }, { "client.id": "b" })),
});
const https = fc.record({
  type: fc.constant("Https"),
  name: fc.constantFrom("hook", "new-hook"),
  url: fc.constantFrom("https://a.corp.example/x", "https://a.evil.example/x", "http://a.corp.example:8080"),
});
const cluster = fc.record({
  type: fc.constant("Cluster"),
  name: fc.constantFrom("sink", "new-sink"),
  clusterName: fc.constant("Cluster0"),
  clusterGroupId: maybe(fc.constantFrom(groupId, otherId)),
});
const sample = fc.constant({ type: "Sample", name: "sample_stream_solar" });
const connection = fc.oneof(kafka, https, cluster, sample);

const source = fc.constantFrom(
  { $source: { connectionName: "sample_stream_solar" } },
  { $source: { connectionName: "bus", topic: "t" } },
);
const middle = fc.constantFrom([], [{ $https: { connectionName: "hook", as: "x" } }], [{ $match: { a: 1 } }]);
const sink = fc.constantFrom(
  { $merge: { into: { connectionName: "sink", db: "d", coll: "c" } } },
  { $emit: { connectionName: "bus", topic: "out" } },
);
const pipeline = fc.tuple(source, middle, sink).map(([first, inner, last]): JsonObject[] => [first, ...inner, last]);
const dlq = fc.constant({ connectionName: "sink", db: "d", coll: "dlq" });
const tier = fc.constantFrom("SP2", "SP5", "SP10", "SP30");

/** Values for arguments that more tools than one have; those of others are drawn by their schema. */
const known: Record<string, fc.Arbitrary<unknown>> = {
  groupId: fc.constantFrom(...Array(8).fill(groupId), otherId, "Shop"),
  tenantName: fc.constantFrom(...Array(8).fill("dev-1"), "prod", "orders", "dev-2", "experiments"),
  connectionName: fc.constantFrom("bus", "hook", "sink", "bus", "hook", "sink", "nothing", "shop-kafka"),
  processorName: fc.constantFrom("p", "p", "p", "q", "paidOrders"),
  newName: fc.constantFrom("p", "r"),
  connection,
  connections: fc.array(connection, { maxLength: 2 }),
  pipeline,
  dlq,
  tier,
  maxTier: tier,
  workspace: fc.record({
    cloudProvider: fc.constant("AWS"),
    region: fc.constant("VIRGINIA_USA"),
    tier: maybe(tier),
    sampleConnection: maybe(fc.boolean()),
  }),
  processors: fc.array(
    fc.record({
      processorName: fc.constantFrom("p", "q"),
      pipeline,
      dlq: maybe(dlq),
      tier: maybe(tier),
      start: maybe(fc.boolean()),
    }),
    { maxLength: 2 },
  ),
  start: fc.constantFrom(true, true, false),
  restartProcessors: fc.boolean(),
  force: fc.boolean(),
  confirm: fc.constantFrom("bus", "hook", "sink", "p", "dev-1"),
  dryRun: fc.constantFrom(false, false, false, true),
  region: fc.constant("VIRGINIA_USA"),
  cloudProvider: fc.constant("AWS"),
  startAtOperationTime: fc.constant("2026-01-01T00:00:00Z"),
  waitUntilReady: fc.constant(false),
  secrets: fc.constant(undefined),
};

function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined });
}

/** A value that the schema allows, or nearly. */
function drawn(schema: z.ZodTypeAny, name = ""): fc.Arbitrary<unknown> {
  const field = bare(schema);
  const value = Object.hasOwn(known, name) ? known[name] : undefined;
  if (value) return schema.isOptional() ? maybe(value) : value;
  if (field instanceof z.ZodObject) return record(field);
  if (schema.isOptional()) return maybe(ofKind(field));
  return ofKind(field);
}

function ofKind(field: z.ZodTypeAny): fc.Arbitrary<unknown> {
  if (field instanceof z.ZodBoolean) return fc.boolean();
  if (field instanceof z.ZodNumber) return fc.integer({ min: 1, max: 3 });
  if (field instanceof z.ZodEnum) return fc.constantFrom(...field.options);
  if (field instanceof z.ZodLiteral) return fc.constant(field.value);
  if (field instanceof z.ZodArray) return fc.array(drawn(field.element), { maxLength: 2 });
  return fc.constantFrom("x", groupId);
}

function record(object: z.AnyZodObject): fc.Arbitrary<JsonObject> {
  const fields = Object.entries<z.ZodTypeAny>(object.shape).map(([name, field]) => [name, drawn(field, name)] as const);
  return (
    fc
      .record(Object.fromEntries(fields))
      // As they come from JSON, in which nothing is undefined.
      .map((all) => JSON.parse(JSON.stringify(all)))
  );
}

const writing = catalog.filter(({ annotations }) => !annotations.readOnlyHint);

/** A call, by the name of its tool. */
interface Drawn {
  name: string;
  args: JsonObject;
}

const calls = fc
  .oneof({ weight: 4, arbitrary: fc.constantFrom(...writing) }, fc.constantFrom(...catalog))
  .chain(({ name, input }) =>
    record(publishedInput(input)).map((args): Drawn => {
      // What is deleted has to be named again.
      const own =
        args["connectionName"] ?? args["processorName"] ?? args["connectionId"] ?? args["id"] ?? args["tenantName"];
      return { name, args: Object.hasOwn(input.shape, "confirm") ? { ...args, confirm: own } : args };
    }),
  );

function toolNamed(name: string): Tool {
  const tool = catalog.find((each) => each.name === name);
  if (!tool) throw new Error(`No tool ${name}`);
  return tool;
}

const entry = fc.constantFrom(
  ...["read", "write", "delete", "create_*", "update_*", "start_*", "stop_*"],
  ...writing.map(({ name }) => name),
);
/** One limit most of the time, and all at once now and then: a rule with many lets little through. */
const limits = {
  projects: fc.constantFrom<string[]>([groupId, otherId], [otherId]),
  workspaces: fc.constantFrom(["dev-*"], ["dev-1"], ["prod", "dev-2"]),
  tools: fc.record({
    allow: fc.oneof(
      { weight: 3, arbitrary: fc.constant<string[]>(["*"]) },
      fc.array(entry, { minLength: 1, maxLength: 4 }).map((some) => [...some, "read"]),
    ),
    // The steps of what takes several.
    deny: fc.oneof(
      fc.subarray(["start_stream_processor", "stop_stream_processor", "create_stream_connection"], { minLength: 1 }),
      fc.array(entry, { minLength: 1, maxLength: 2 }),
    ),
  }),
  connections: fc.record(
    {
      types: fc.subarray(["Kafka", "Https", "Cluster", "Sample"], { minLength: 1 }),
      hosts: fc.constantFrom(["*.corp.example"], ["*.corp.example:9092", "a.evil.example"], ["b.corp.example"]),
    },
    { requiredKeys: [] },
  ),
  tiers: fc.subarray(["SP2", "SP5", "SP10"], { minLength: 1 }),
};
const anything = { name: "drawn", projects: ["*"], tools: { allow: ["*"] } };
const within = { projects: [groupId] };
const rules: fc.Arbitrary<WrittenRule> = fc.oneof(
  ...Object.entries(limits).map(([name, limit]) => ({
    weight: name === "tools" ? 3 : 1,
    arbitrary: limit.map((value) => ({ ...anything, ...within, [name]: value })),
  })),
  fc.record(limits).map((all) => ({ ...anything, ...all })),
);

const worlds = fc.record({
  bus: fc.constantFrom(...hosts),
  hook: fc.constantFrom("https://a.corp.example/x", "https://a.evil.example/x"),
  away: fc.boolean(),
  workspaceTier: maybe(tier),
  processor: fc.option(fc.record({ pipeline, dlq: maybe(dlq), tier, runs: fc.boolean() }), { nil: undefined, freq: 6 }),
});

function make({
  bus,
  hook,
  away,
  workspaceTier,
  processor,
}: typeof worlds extends fc.Arbitrary<infer T> ? T : never): void {
  state = new SandboxState(seededProjects());
  Object.assign(state.oddities, { hiddenMs: 0, deletingMs: 0, recoveringMs: 0 });
  state.readyAfterMs = 0;
  const project = state.projects.get(groupId);
  if (!project) throw new Error("The sandbox has no such project");
  for (const name of ["dev-1", "prod"]) {
    const workspace = addWorkspace(project, {
      name,
      cloudProvider: "AWS",
      region: "VIRGINIA_USA",
      ...(workspaceTier && { tier: workspaceTier }),
    });
    addConnection(workspace, { type: "Sample", name: "sample_stream_solar" }, 0);
    addConnection(workspace, connectionSchema.parse({ type: "Kafka", name: "bus", bootstrapServers: bus }), 0);
    addConnection(workspace, { type: "Https", name: "hook", url: hook }, 0);
    addConnection(
      workspace,
      { type: "Cluster", name: "sink", clusterName: "Cluster0", ...(away && { clusterGroupId: otherId }) },
      0,
    );
    if (!processor) continue;
    const { runs, dlq, ...definition } = processor;
    const added = addProcessor(workspace, { name: "p", dlq, ...definition }, 0);
    if (runs) startProcessor(workspace, added, 0);
  }
}

interface Seen {
  /** Requests that the rule does not allow. */
  wrong: string[];
  writes: number;
  kinds: unknown[];
}

/** What comes of these calls under the rule. */
async function carryOut(rule: WrittenRule, some: readonly Drawn[]): Promise<Seen> {
  const seen: Seen = { wrong: [], writes: 0, kinds: [] };
  const policy = readPolicy(JSON.stringify({ version: 1, rules: [rule] }), { tools: generatedTools, env: {} });
  const services = createServices(
    readSettings({
      MONGODB_ATLAS_BASE_URL: sandbox.url,
      MONGODB_ATLAS_ACCESS_TOKEN: sandboxCredentials.accessToken,
      ATLAS_STREAMS_MCP_READY_MS: "100",
      ATLAS_STREAMS_MCP_CHECK_MS: "100",
      ATLAS_STREAMS_MCP_LOG: "error",
    }),
    {},
    { rule: policy.ruleFor(undefined) },
  );
  services.log.error = () => {};
  try {
    for (const { name, args } of some) {
      const tool = toolNamed(name);
      const stopped = new Set<string>();
      onRequest = (request) => {
        const why = violation(rule, request, state, stopped);
        if (why !== undefined)
          seen.wrong.push(`${tool.name} ${JSON.stringify(args)}: ${request.method} ${request.path}: ${why}`);
        if (request.method !== "GET") seen.writes += 1;
        if (request.path.endsWith(":stop")) stopped.add(request.path.replace(/:stop$/, ""));
      };
      const result = await runTool(tool, args, services, { signal: new AbortController().signal });
      seen.kinds.push(
        result instanceof PersonNeeded
          ? "person"
          : ((result.content["error"] as JsonObject | undefined)?.["kind"] ?? result.content["outcome"]),
      );
    }
  } finally {
    await services.atlas.close();
  }
  return seen;
}

const some = fc.array(calls, { minLength: 1, maxLength: 4 });

test("no request that a rule does not allow reaches Atlas", async () => {
  let writes = 0;
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(worlds, rules, some, async (world, rule, drawnCalls) => {
      make(world);
      const seen = await carryOut(rule, drawnCalls);
      writes += seen.writes;
      refusals += seen.kinds.filter((kind) => kind === "forbidden").length;
      expect(seen.wrong).toEqual([]);
    }),
    { numRuns: 120 },
  );
  // What is drawn has to be allowed now and then, and refused.
  expect(writes).toBeGreaterThan(20);
  expect(refusals).toBeGreaterThan(50);
}, 300_000);

test("a rule that allows everything refuses nothing", async () => {
  const all: WrittenRule = { name: "all", projects: ["*"], tools: { allow: ["*"] } };
  await fc.assert(
    fc.asyncProperty(worlds, some, async (world, drawnCalls) => {
      make(world);
      const { wrong, kinds } = await carryOut(all, drawnCalls);
      expect({ wrong, forbidden: kinds.filter((kind) => kind === "forbidden") }).toEqual({ wrong: [], forbidden: [] });
    }),
    { numRuns: 30 },
  );
}, 60_000);

test("a dry run is refused by the rule where the run is, and only there", async () => {
  const planned = calls.filter(({ name }) => Object.hasOwn(toolNamed(name).input.shape, "dryRun"));
  await fc.assert(
    fc.asyncProperty(worlds, rules, planned, async (world, rule, { name, args }) => {
      make(world);
      const { kinds } = await carryOut(rule, [
        { name, args: { ...args, dryRun: true } },
        { name, args: { ...args, dryRun: false } },
      ]);
      const [dry, run] = kinds.map((kind) => kind === "forbidden");
      expect([kinds, dry]).toEqual([kinds, run]);
    }),
    { numRuns: 100 },
  );
}, 300_000);
