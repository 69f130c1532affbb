/**
 * What an agent reads names no tool that it is not offered: whatever toolsets there are, and however a call ends. Nor does
 * a text in the sources name a tool by itself: `way` does, which says what is to be done where there is no such tool.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAtlas } from "../../src/atlas/atlas.ts";
import { Restarts } from "../../src/atlas/restarts.ts";
import { readSettings, type ToolsetName, toolsetNames } from "../../src/config/settings.ts";
import { connectionSchema } from "../../src/connections/union.ts";
import type { JsonObject } from "../../src/json.ts";
import { readPolicy } from "../../src/policy/policy.ts";
import type { Rule } from "../../src/policy/rule.ts";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { addProcessor, startProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import { sandboxProject } from "../../src/sandbox/data/seed.ts";
import { addWorkspace } from "../../src/sandbox/data/workspace-lifecycle.ts";
import { PersonNeeded } from "../../src/secret-page/person.ts";
import { createServices } from "../../src/services.ts";
import { runTool } from "../../src/tool/call.ts";
import { wayWhere } from "../../src/tool/words.ts";
import { availableTools, offersUnder } from "../../src/tools/available.ts";
import { catalog } from "../../src/tools/catalog.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";

const toolNames = catalog.map(({ name }) => name);
const namedIn = (text: string) => toolNames.filter((name) => new RegExp(`\\b${name}\\b`).test(text));

test("a way is a tool's, or a person's where it is not offered", () => {
  const way = wayWhere((tool) => tool.startsWith("get_"));
  expect(way("look", "get_it")).toBe("look with get_it");
  expect(way("Look at both", "get_it", "get_other")).toBe("Look at both with get_it and get_other");
  expect(way("Delete it", "delete_it")).toBe("Have a person delete it");
  expect(way("delete it and look", "delete_it", "get_it")).toBe("have a person delete it and look");
});

describe("in the sources", () => {
  const src = new URL("../../src", import.meta.url).pathname;
  const files = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.startsWith("tools/generated/"))
    // What prompts and instructions name is looked at as a whole, where they are made.
    .filter((file) => !file.startsWith("guides/"))
    .map((file) => join(src, file));

  /** The code, without comments and without what is published, which is looked at as it is listed. */
  const codeOf = (file: string) =>
    readFileSync(file, "utf8")
      .replace(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "")
      .replace(/\.describe\((?:"[^"]*"|'[^']*'|`[^`]*`)\)|"As in \w+"|\bdescription:\s*(?:"[^"]*"[\s+]*)+/g, "");

  test("a tool's name stands by itself, never in a longer text", () => {
    const inTexts = files.flatMap((file) =>
      codeOf(file)
        .split("\n")
        .filter((line) => namedIn(line.replace(/"\w+"/g, "")).length > 0)
        .map((line) => `${relative(src, file)}: ${line.trim()}`),
    );
    expect(inTexts).toEqual([]);
  });

  test("a way leads to a tool that there is", () => {
    const verbs = new Set(toolNames.map((name) => name.split("_")[0]));
    const isLikeOne = (word: string) => verbs.has(word.split("_")[0]) && word.includes("_stream");
    const words = files.flatMap((file) =>
      [...codeOf(file).matchAll(/"([a-z]+(?:_[a-z]+)+)"/g)].map(([, word = ""]) => word),
    );
    expect(words.filter((word) => isLikeOne(word) && !toolNames.includes(word))).toEqual([]);
  });
});

const { groupId } = sandboxProject;
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
  Object.assign(sandbox.state.oddities, { hiddenMs: 0, deletingMs: 0, recoveringMs: 0 });
});
afterAll(() => sandbox.close());

const subsets = toolsetNames.reduce<ToolsetName[][]>(
  (some, name) => some.concat(some.map((others) => others.concat(name))),
  [[]],
);
/** What is offered; `allow` is what a rule of a policy allows of it. */
interface Choice {
  toolsets: readonly ToolsetName[];
  readOnly: boolean;
  allow?: readonly string[];
}

const byToolset: Choice[] = subsets
  .filter((toolsets) => toolsets.length > 0)
  .flatMap((toolsets) => [true, false].map((readOnly) => ({ toolsets, readOnly })))
  .filter(({ toolsets, readOnly }) => readOnly || toolsets.length < toolsetNames.length);

const byRule: Choice[] = [["read"], ["read", "create_*"], ["read", "write"]].map((allow) => ({
  toolsets: toolsetNames,
  readOnly: false,
  allow,
}));
const choices = [...byToolset, ...byRule];

function ruleFor({ allow }: Choice): Rule | undefined {
  if (!allow) return undefined;
  const text = JSON.stringify({ version: 1, rules: [{ name: "one", projects: [groupId], tools: { allow } }] });
  return readPolicy(text, { tools: generatedTools, env: {} }).ruleFor(undefined);
}

function setUp(choice: Choice) {
  const { toolsets, readOnly } = choice;
  const rule = ruleFor(choice);
  const settings = readSettings({
    MONGODB_ATLAS_BASE_URL: sandbox.url,
    MONGODB_ATLAS_ACCESS_TOKEN: sandboxCredentials.accessToken,
    ATLAS_STREAMS_MCP_TOOLSETS: toolsets.join(),
    ATLAS_STREAMS_MCP_READ_ONLY: String(readOnly),
    ATLAS_STREAMS_MCP_READY_MS: "2000",
    ATLAS_STREAMS_MCP_CHECK_MS: "100",
    ATLAS_STREAMS_MCP_LOG: "error",
  });
  const services = createServices(settings, {}, { rule });
  const { log, redactor } = services;
  const atlas = createAtlas({ settings, clock: fakeClock(), onToken: () => {}, mask: (text) => redactor.text(text) });
  const restarts = new Restarts(atlas, log, (name) => name);
  const offers = offersUnder(settings, rule);
  return {
    settings,
    rule,
    services: { ...services, atlas, restarts },
    offers,
    // A trial needs a thread, which starts from the build alone.
    tools: catalog.filter(({ name }) => offers(name) && name !== "try_stream_pipeline"),
  };
}

const source = { $source: { connectionName: "bus", topic: "t" } };
const pipeline = [source, { $merge: { into: { connectionName: "sink", db: "d", coll: "c" } } }];
const changed = [source, { $match: { a: 1 } }, pipeline[1]];
const kafka = (name: string, host: string, more: JsonObject = {}) => ({
  ...{ name, type: "Kafka", bootstrapServers: `${host}:9092` },
  ...more,
});

/** What may be in Atlas. */
const worlds = fc.record({
  workspace: fc.boolean(),
  bus: fc.constantFrom("READY", "FAILED", "DELETING", "absent"),
  state: fc.constantFrom("CREATED", "STARTED", "STOPPED", "FAILED", "absent"),
});

let made = 0;
function make({
  workspace: isThere,
  bus,
  state,
}: typeof worlds extends fc.Arbitrary<infer World> ? World : never): string {
  const name = `offered-${++made}`;
  const project = sandbox.state.projects.get(groupId);
  if (!project || !isThere) return name;
  const workspace = addWorkspace(project, { name, cloudProvider: "AWS", region: "VIRGINIA_USA" });
  addConnection(workspace, { name: "sink", type: "Cluster", clusterName: "Cluster0" }, 0);
  const connection = addConnection(workspace, connectionSchema.parse(kafka("bus", "b1.example.com")), 0);
  if (state !== "absent") {
    const stages = pipeline.filter((stage) => stage !== undefined);
    const processor = addProcessor(workspace, { name: "p", pipeline: stages, dlq: undefined, tier: "SP10" }, 0);
    if (state !== "CREATED") startProcessor(workspace, processor, 0);
    processor.state = state;
  }
  if (bus === "absent") workspace.connections.delete("bus");
  else connection.state = bus;
  return name;
}

const flag = fc.boolean();
const servers = fc.constantFrom("b1.example.com", "b2.example.com", "b3.invalid");
const connection = fc.oneof(
  fc.tuple(fc.constantFrom("bus", "new"), servers).map(([name, host]) => kafka(name, host)),
  fc.constant(kafka("new", "b1.example.com", { authentication: { mechanism: "PLAIN", username: "u", password: "p" } })),
  fc.constant(kafka("bus", "b1.example.com", { authentication: { mechanism: "PLAIN", username: "u", password: "p" } })),
  fc.constant(kafka("new", "b1.example.com", { networking: { access: { type: "VPC" } } })),
  fc.constant({ name: "new", type: "Cluster", clusterName: "Cluster9" }),
  fc.constant({ name: "new", type: "Cluste" }),
);
/** Values of arguments, by their names; a tool gets those that it has. */
const values: Record<string, fc.Arbitrary<unknown>> = {
  groupId: fc.constantFrom(groupId, groupId, groupId, "0123456789abcdef01234567", "wrong"),
  connectionName: fc.constantFrom("bus", "bus", "gone"),
  processorName: fc.constantFrom("p", "p", "gone"),
  connection,
  connections: fc.array(connection, { maxLength: 2 }),
  processors: fc.array(
    fc.constantFrom(
      { processorName: "p", pipeline: changed, start: true },
      { processorName: "q", pipeline, start: false },
    ),
    { maxLength: 1 },
  ),
  workspace: fc.constantFrom(undefined, { cloudProvider: "AWS", region: "us-east-1", sampleConnection: true }),
  cloudProvider: fc.constant("AWS"),
  region: fc.constantFrom("us-east-1", "DUBLIN_IRL"),
  sampleConnection: flag,
  pipeline: fc.constantFrom(pipeline, changed, [{ $match: {} }], "none"),
  tier: fc.constantFrom(undefined, "SP10", "SP30"),
  resumeFromCheckpoint: fc.constantFrom(undefined, false),
  newName: fc.constantFrom(undefined, "p2", "p"),
  type: fc.constantFrom("Kafka", "S3", "Cluster"),
  confirm: fc.constantFrom("bus", "p", undefined),
  ...Object.fromEntries(
    ["start", "dryRun", "force", "restartProcessors", "waitUntilReady"].map((name) => [name, flag]),
  ),
};

/** How Atlas may answer, beside as it does: every error code that some resource knows more of, and every status. */
const codes = [
  ...new Set(
    catalog.flatMap(({ resource }) => {
      const all: string[] = [];
      for (let each: typeof resource | undefined = resource; each; each = each.within)
        all.push(...Object.keys(each.errorCodes.hints ?? {}));
      return all;
    }),
  ),
  "STREAM_CONNECTION_HAS_STREAM_PROCESSORS",
  "STREAM_CONNECTION_NAME_ALREADY_EXISTS",
  "STREAM_PROCESSOR_NOT_FOUND_FOR_NAME",
  "OTHER",
];
const answers = fc
  .tuple(fc.constantFrom(400, 401, 403, 404, 409, 429, 500), fc.constantFrom(...codes))
  .map(([status, errorCode]) => ({
    kind: "answer" as const,
    status,
    body: { errorCode, detail: "This has no VPC peering, and does not exist" },
  }));
const faults = fc.option(
  fc.record({
    method: fc.constantFrom("GET", "POST", "PATCH", "DELETE"),
    path: fc.constantFrom(/./, /connections/, /processor/, /:start$/, /:stop$/),
    times: fc.constantFrom(1, 1, 99),
    fault: fc.oneof(
      answers,
      answers,
      fc.constantFrom({ kind: "reset-after-read" as const }, { kind: "reset-after-acting" as const }),
    ),
  }),
);

describe.each(choices)("with the toolsets $toolsets, read-only: $readOnly, allowed: $allow", (choice) => {
  test("the list names no other tool", () => {
    const { settings, rule, offers } = setUp(choice);
    expect(namedIn(JSON.stringify(availableTools(settings, rule))).filter((name) => !offers(name))).toEqual([]);
  });

  test("no result does, however the call ends", async () => {
    const { services, offers, tools } = setUp(choice);
    const calls = fc.constantFrom(...tools).chain((tool) => {
      const known = Object.keys(tool.input.shape).filter((name) => Object.hasOwn(values, name));
      return fc.record({
        name: fc.constant(tool.name),
        args: fc.record(Object.fromEntries(known.map((name) => [name, values[name] ?? fc.constant(undefined)]))),
      });
    });
    await fc.assert(
      fc.asyncProperty(worlds, faults, calls, async (world, fault, { name, args }) => {
        const tool = tools.find((each) => each.name === name);
        if (!tool) throw new Error(`No tool ${name}`);
        const tenantName = make(world);
        const isOfWorkspace = Object.hasOwn(tool.input.shape, "tenantName");
        sandbox.faults.clear();
        if (fault) sandbox.faults.add(fault);
        const given = {
          ...args,
          ...(isOfWorkspace && { tenantName }),
          ...(isOfWorkspace && tool.name.endsWith("workspace") && { confirm: tenantName }),
        };
        const result = await runTool(tool, given, services, { signal: new AbortController().signal, offers });
        sandbox.faults.clear();
        sandbox.state.projects.get(groupId)?.workspaces.delete(tenantName);
        if (result instanceof PersonNeeded) throw new Error("Nobody is there to be asked");
        // Of a refusal by the policy, that is what is refused.
        const told = JSON.stringify(result.content).replace(/does not allow \w+/g, "");
        expect(namedIn(told).filter((each) => !offers(each))).toEqual([]);
      }),
      { numRuns: Math.ceil(700 / choices.length) },
    );
    await services.atlas.close();
  }, 120_000);
});
