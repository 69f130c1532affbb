/** A rule at work: what a call comes to under it, in a run and in a dry run, and what of it reaches Atlas. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import type { JsonObject } from "../../src/json.ts";
import { readPolicy } from "../../src/policy/policy.ts";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { addConnection, addFailover } from "../../src/sandbox/data/connection-lifecycle.ts";
import { addProcessor, startProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import { sandboxOtherProject, sandboxProject } from "../../src/sandbox/data/seed.ts";
import type { StoredWorkspace } from "../../src/sandbox/data/state.ts";
import { addWorkspace } from "../../src/sandbox/data/workspace-lifecycle.ts";
import { PersonNeeded } from "../../src/secret-page/person.ts";
import { createServices, type Services } from "../../src/services.ts";
import { runTool } from "../../src/tool/call.ts";
import { catalog } from "../../src/tools/catalog.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";
import type { Result } from "../support/call-result.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";

const { groupId } = sandboxProject;
const place = { groupId, tenantName: "dev-1" };

let sandbox: Sandbox;
let dev: StoredWorkspace;
const open: Services[] = [];

beforeEach(async () => {
  sandbox = await startSandbox();
  Object.assign(sandbox.state.oddities, { hiddenMs: 0, deletingMs: 0, recoveringMs: 0 });
  const project = sandbox.state.projects.get(groupId);
  if (!project) throw new Error("The sandbox has no such project");
  const region = { cloudProvider: "AWS", region: "VIRGINIA_USA" } as const;
  dev = addWorkspace(project, { name: "dev-1", ...region, tier: "SP10" });
  addWorkspace(project, { name: "prod", ...region });
  addConnection(dev, { type: "Sample", name: "sample_stream_solar" }, 0);
  addConnection(dev, { type: "Kafka", name: "inside", bootstrapServers: "b.corp.example:9092" }, 0);
  addConnection(dev, { type: "Kafka", name: "outside", bootstrapServers: "b.evil.example:9092" }, 0);
  addConnection(dev, { type: "Cluster", name: "home", clusterName: "Cluster0" }, 0);
  addConnection(
    dev,
    {
      type: "Cluster",
      name: "away",
      clusterName: "Cluster0",
      clusterGroupId: sandboxOtherProject.groupId,
    },
    0,
  );
});
afterEach(async () => {
  await Promise.all(open.splice(0).map(({ atlas }) => atlas.close()));
  await sandbox.close();
});

const everything = { name: "one", projects: [groupId], tools: { allow: ["*"] } };

function under(rule: JsonObject): Services {
  const text = JSON.stringify({ version: 1, rules: [{ ...everything, ...rule }] });
  return servicesOf(readPolicy(text, { tools: generatedTools, env: {} }).ruleFor(undefined));
}

function servicesOf(rule: Services["rule"]): Services {
  const settings = readSettings({
    MONGODB_ATLAS_BASE_URL: sandbox.url,
    MONGODB_ATLAS_ACCESS_TOKEN: sandboxCredentials.accessToken,
    ATLAS_STREAMS_MCP_READY_MS: "15000",
    ATLAS_STREAMS_MCP_LOG: "error",
  });
  const services = createServices(settings, {}, { rule });
  open.push(services);
  return services;
}

async function call(services: Services, name: string, args: JsonObject): Promise<Result> {
  const tool = catalog.find((each) => each.name === name);
  if (!tool) throw new Error(`No tool ${name}`);
  const result = await runTool(tool, args, services, { signal: new AbortController().signal, canOpenPages: true });
  if (result instanceof PersonNeeded) throw new Error("Nobody is there to be asked");
  return result.content as Result;
}

const writes = () =>
  sandbox.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);

/** Calls a tool in a dry run and then in earnest: both are refused in the same words, and neither writes anything. */
async function refused(services: Services, name: string, args: JsonObject): Promise<string> {
  const dry = await call(services, name, { ...args, dryRun: true });
  const run = await call(services, name, { ...args, dryRun: false });
  expect(run).toMatchObject({ outcome: "failed", error: { kind: "forbidden", rule: "one", retryable: false } });
  expect(dry).toMatchObject({ outcome: "failed", wouldBe: "forbidden", error: { kind: "forbidden", rule: "one" } });
  expect(dry.summary).toBe(run.summary);
  expect(writes()).toEqual([]);
  return run.summary;
}

const https = (url: string, more = {}) => ({ ...place, connection: { type: "Https", name: "hook", url, ...more } });
const processor = (source: string, sink: string, more = {}) => ({
  ...place,
  processorName: "p",
  pipeline: [
    { $source: { connectionName: source, ...(source !== "sample_stream_solar" && { topic: "t" }) } },
    { $merge: { into: { connectionName: sink, db: "db", coll: "coll" } } },
  ],
  ...more,
});
const withProcessor = (source: string, sink: string, more = {}) => {
  const { processorName: name, pipeline } = processor(source, sink);
  addProcessor(dev, { name, pipeline, dlq: undefined, tier: "SP10", ...more }, 0);
};
const isRunning = () => startProcessor(dev, [...dev.processors.values()].find(({ name }) => name === "p") ?? fail(), 0);
const fail = (): never => {
  throw new Error("There is no such processor");
};

describe("a rule", () => {
  test("that allows everything refuses nothing", async () => {
    const services = under({ projects: ["*"] });
    expect(await call(services, "create_stream_connection", https("https://evil.example"))).toMatchObject({
      outcome: "created",
    });
    expect(
      await call(services, "create_stream_processor", processor("outside", "away", { start: true })),
    ).toMatchObject({
      outcome: "created",
      started: true,
    });
  });

  test("keeps calls in its projects and workspaces, reads too", async () => {
    const services = under({ workspaces: ["dev-*"] });
    for (const [name, args, what] of [
      [
        "list_stream_connections",
        { groupId, tenantName: "prod" },
        /does not allow the workspace "prod"; allowed: dev-\*/,
      ],
      [
        "list_stream_workspaces",
        { groupId: sandboxOtherProject.groupId },
        /does not allow the project 65f1c0de0a1b2c3d4e5f6072/,
      ],
      [
        "get_connection_options",
        { groupId: sandboxOtherProject.groupId, type: "Cluster" },
        /does not allow the project/,
      ],
      [
        "get_stream_processor",
        { groupId, tenantName: "orders", processorName: "paidOrders" },
        /the workspace "orders"/,
      ],
    ] as const) {
      const result = await call(services, name, args);
      expect(result.error).toMatchObject({ kind: "forbidden", rule: "one" });
      expect(result.summary).toMatch(what);
    }
    expect(sandbox.requests).toEqual([]);
    expect(
      await refused(services, "create_stream_connection", { ...https("https://a.example"), tenantName: "prod" }),
    ).toMatch(/the workspace "prod"/);
    expect(await call(services, "list_stream_connections", place)).toMatchObject({ outcome: "ok", totalCount: 5 });
  });

  test("hides what else there is, by id and by name", async () => {
    const services = under({ workspaces: ["dev-*"] });
    const { projects } = await call(services, "list_projects", {});
    expect(projects).toMatchObject([{ groupId }]);
    const { workspaces } = await call(services, "list_stream_workspaces", { groupId: "shop" });
    expect(workspaces).toMatchObject([{ tenantName: "dev-1" }]);
    const { error } = await call(services, "get_stream_processor", { ...place, processorName: "nothing" });
    expect(error).toMatchObject({ kind: "not_found" });
    expect(JSON.stringify(await call(services, "list_stream_workspaces", { groupId: "lab" }))).not.toContain(
      sandboxOtherProject.groupId,
    );
  });

  test("that is for nobody refuses every call, and nothing is sent", async () => {
    const text = JSON.stringify({ version: 1, rules: [everything] });
    const services = servicesOf(readPolicy(text, { tools: generatedTools, env: {} }).nobody);
    for (const { name } of catalog) {
      const result = await call(services, name, { ...place });
      expect(result.error).toMatchObject({ kind: "forbidden" });
      expect(result.summary).toMatch(/^No rule of the policy is for this caller/);
    }
    expect(sandbox.requests).toEqual([]);
  });

  test("refuses a tool that it does not allow, before its arguments are read", async () => {
    const services = under({ tools: { allow: ["read", "create_*"], deny: ["create_stream_workspace"] } });
    for (const name of ["delete_stream_connection", "create_stream_workspace", "apply_stream_pipeline"]) {
      const result = await call(services, name, {});
      expect(result.error).toMatchObject({
        kind: "forbidden",
        rule: "one",
        allowed: ["read", "create_*", "not create_stream_workspace"],
      });
      expect(result.summary).toMatch(
        new RegExp(
          `^The policy's rule "one" does not allow ${name}; allowed: read, create_\\*, not create_stream_workspace\\.$`,
        ),
      );
    }
    expect(sandbox.requests).toEqual([]);
  });
});

describe("connections", () => {
  const limited = () =>
    under({
      connections: { types: ["Https", "Kafka", "Cluster", "Sample"], hosts: ["*.corp.example", "*.corp.example:9092"] },
    });

  test("are of the allowed types, and lead to the allowed hosts", async () => {
    const services = limited();
    expect(
      await refused(services, "create_stream_connection", {
        ...place,
        connection: { type: "GCPPubSub", name: "x", gcp: { serviceAccountId: "a@b" } },
      }),
    ).toMatch(/does not allow the type GCPPubSub; allowed: Https, Kafka, Cluster, Sample/);
    expect(await refused(services, "create_stream_connection", https("https://evil.example/x"))).toMatch(
      /does not allow the host evil\.example:443; allowed: \*\.corp\.example/,
    );
    const { error } = await call(services, "create_stream_connection", https("https://evil.example/x"));
    expect(error?.fields).toEqual([{ path: "connection.url", message: expect.stringContaining("evil.example:443") }]);
    expect(await call(services, "create_stream_connection", https("https://a.corp.example"))).toMatchObject({
      outcome: "created",
    });
  });

  test("are judged as they would be after a change", async () => {
    const services = limited();
    const change = (connectionName: string, connection: JsonObject) => ({ ...place, connectionName, connection });
    expect(
      await refused(
        services,
        "update_stream_connection",
        change("inside", { bootstrapServers: "b.corp.example:9092,evil.example:1" }),
      ),
    ).toMatch(/the host evil\.example:1/);
    // What is not changed stays in effect.
    expect(
      await refused(services, "update_stream_connection", change("outside", { config: { "client.id": "x" } })),
    ).toMatch(/the host b\.evil\.example:9092/);
    expect(
      await call(services, "update_stream_connection", change("outside", { bootstrapServers: "c.corp.example:9092" })),
    ).toMatchObject({
      outcome: "updated",
    });
  });

  test("are judged before a person is asked for their secrets", async () => {
    const services = limited();
    const authentication = { mechanism: "PLAIN", username: "u" };
    const lacking = { type: "Kafka", name: "k", bootstrapServers: "evil.example:9092", authentication };
    expect((await call(services, "create_stream_connection", { ...place, connection: lacking })).summary).toMatch(
      /evil\.example/,
    );
    const plan = { ...place, connections: [lacking], dryRun: false };
    expect((await call(services, "apply_stream_pipeline", plan)).summary).toMatch(/evil\.example/);
    const change = {
      ...place,
      connectionName: "inside",
      connection: { bootstrapServers: "evil.example:1", authentication },
    };
    expect((await call(services, "update_stream_connection", change)).summary).toMatch(/evil\.example/);
  });

  test("that others fail over to are judged as those", async () => {
    dev.failoverRegions = [{ cloudProvider: "AWS", region: "OHIO_USA" }];
    const services = limited();
    const other = (server: string) => ({
      ...place,
      failoverOf: "inside",
      connection: { type: "Kafka", name: "inside", region: "OHIO_USA", bootstrapServers: server },
    });
    expect(await refused(services, "create_stream_connection", other("evil.example:9092"))).toMatch(
      /the host evil\.example:9092/,
    );
    expect(await call(services, "create_stream_connection", other("f.corp.example:9092"))).toMatchObject({
      outcome: "created",
    });
    sandbox.requests.length = 0;
    const change = {
      ...place,
      connectionName: "inside",
      failoverOf: "inside",
      connection: { region: "OHIO_USA", bootstrapServers: "evil.example:1" },
    };
    expect(await refused(services, "update_stream_connection", change)).toMatch(/the host evil\.example:1/);
  });

  test("that others fail over to count where a processor fails over", async () => {
    dev.failoverRegions = [{ cloudProvider: "AWS", region: "OHIO_USA" }];
    const connection = { type: "Kafka", region: "OHIO_USA", bootstrapServers: "evil.example:9092" };
    expect(
      await call(under({}), "create_stream_connection", { ...place, failoverOf: "inside", connection }),
    ).toMatchObject({ outcome: "created" });
    sandbox.requests.length = 0;
    withProcessor("inside", "home", { failoverEnabled: true });
    isRunning();
    const over = { ...place, processorName: "p", failover: { region: "OHIO_USA" } };
    expect(await refused(limited(), "start_stream_processor", over)).toMatch(
      /the connection "inside" in a pipeline, for failover to OHIO_USA \(the host evil\.example/,
    );
  });

  test("that cannot be read are not changed", async () => {
    const services = limited();
    const path = new RegExp(`${groupId}/streams/dev-1/connections/inside$`);
    await call(services, "list_projects", {});
    sandbox.faults.add({ method: "GET", path, fault: { kind: "answer", status: 200, body: { hello: 1 } } });
    const result = await call(services, "update_stream_connection", {
      ...place,
      connectionName: "inside",
      connection: { config: { a: "b" } },
    });
    expect(result.outcome).toBe("failed");
    expect(writes()).toEqual([]);
  });

  test("are of clusters in the allowed projects", async () => {
    const cluster = {
      type: "Cluster",
      name: "c",
      clusterName: "Cluster0",
      clusterGroupId: sandboxOtherProject.groupId,
    };
    expect(await refused(under({}), "create_stream_connection", { ...place, connection: cluster })).toMatch(
      /does not allow the cluster's project 65f1c0de0a1b2c3d4e5f6072; allowed: 65f1c0de0a1b2c3d4e5f6071/,
    );
  });
});

describe("processors", () => {
  const limited = (more = {}) => under({ connections: { hosts: ["*.corp.example"] }, ...more });

  test("use connections within the rule", async () => {
    const services = limited();
    expect(await refused(services, "create_stream_processor", processor("outside", "home"))).toMatch(
      /the connection "outside" in a pipeline \(the host b\.evil\.example:9092\)/,
    );
    const { error } = await call(services, "create_stream_processor", processor("inside", "away"));
    expect(error).toMatchObject({ fields: [{ path: "pipeline[1].$merge.into.connectionName" }] });
    const dlq = { connectionName: "away", db: "d", coll: "c" };
    expect(await refused(services, "create_stream_processor", processor("inside", "home", { dlq }))).toMatch(
      /"away" in a pipeline/,
    );
    expect(await call(services, "create_stream_processor", processor("inside", "home"))).toMatchObject({
      outcome: "created",
    });
  });

  test("append no path to a URL that would make it another host", async () => {
    addConnection(dev, { type: "Https", name: "hook", url: "https://a.corp.example" }, 0);
    const called = (path: string) => {
      const { pipeline, ...others } = processor("sample_stream_solar", "home");
      const [source, sink] = pipeline;
      return { ...others, pipeline: [source, { $https: { connectionName: "hook", path, as: "x" } }, sink] };
    };
    expect(await refused(limited(), "create_stream_processor", called("@evil.example/x"))).toMatch(
      /begin it with a slash/,
    );
    expect(await call(limited(), "create_stream_processor", called("/x"))).toMatchObject({ outcome: "created" });
  });

  test("are not created where they are to be started and may not be", async () => {
    const denied = under({ tools: { allow: ["*"], deny: ["start_*"] } });
    const started = processor("inside", "home", { start: true });
    expect(await refused(denied, "create_stream_processor", started)).toMatch(/does not allow start_stream_processor/);
    expect(dev.processors.size).toBe(0);
  });

  test("are started only where what they use is within the rule", async () => {
    withProcessor("outside", "home");
    expect(await refused(limited(), "start_stream_processor", { ...place, processorName: "p" })).toMatch(
      /"outside" in a pipeline/,
    );
  });

  test("that could go on in another region lead where their connections do there", async () => {
    dev.failoverRegions = [{ cloudProvider: "AWS", region: "OHIO_USA" }];
    const inside = [...dev.connections.values()].find(({ body }) => body.name === "inside") ?? fail();
    addFailover(
      inside,
      { type: "Kafka", name: "inside", region: "OHIO_USA", bootstrapServers: "evil.example:9092" },
      0,
    );
    withProcessor("inside", "home");
    const services = limited();
    const start = { ...place, processorName: "p" };
    const reason = /connection "inside" in a pipeline, for failover to OHIO_USA \(the host evil\.example:9092\)/;
    expect(
      await refused(services, "start_stream_processor", { ...start, failover: { region: "OHIO_USA", mode: "FORCED" } }),
    ).toMatch(reason);
    expect(await refused(services, "update_stream_processor", { ...start, failoverEnabled: true })).toMatch(reason);
    expect(
      await refused(services, "create_stream_processor", {
        ...processor("inside", "home", { failoverEnabled: true }),
        processorName: "q",
      }),
    ).toMatch(reason);
    expect(await call(services, "start_stream_processor", start)).toMatchObject({ outcome: "started" });
  });

  test("whose connection is named by what is no text are refused, since nobody can tell which it is", async () => {
    const named = (connectionName: unknown) => ({
      ...place,
      processorName: "p",
      pipeline: [
        { $source: { connectionName: "sample_stream_solar" } },
        { $merge: { into: { connectionName, db: "db", coll: "coll" } } },
      ],
    });
    expect(await refused(limited(), "create_stream_processor", named({ $concat: ["out", "side"] }))).toMatch(
      /pipeline\[1\]\.\$merge\.into\.connectionName, which cannot be read/,
    );
  });

  test("are changed only to what is within the rule, and what they keep counts", async () => {
    withProcessor("outside", "home");
    const { pipeline } = processor("inside", "home");
    expect(await refused(limited(), "update_stream_processor", { ...place, processorName: "p", tier: "SP2" })).toMatch(
      /"outside" in a pipeline/,
    );
    expect(await call(limited(), "update_stream_processor", { ...place, processorName: "p", pipeline })).toMatchObject({
      outcome: "updated",
    });
  });

  test("run on the allowed tiers: their own, or the workspace's", async () => {
    const services = under({ tiers: ["SP2", "SP5"] });
    const solar = (more = {}) => processor("sample_stream_solar", "home", more);
    expect(await refused(services, "create_stream_processor", solar())).toMatch(
      /does not allow the tier SP10, the workspace's default; allowed: SP2, SP5/,
    );
    expect(await refused(services, "create_stream_processor", solar({ tier: "SP30" }))).toMatch(
      /the tier SP30; allowed/,
    );
    expect(await call(services, "create_stream_processor", solar({ tier: "SP2" }))).toMatchObject({
      outcome: "created",
    });
    sandbox.requests.length = 0;
    expect(await refused(services, "start_stream_processor", { ...place, processorName: "p", tier: "SP10" })).toMatch(
      /the tier SP10/,
    );
    expect(await call(services, "start_stream_processor", { ...place, processorName: "p" })).toMatchObject({
      outcome: "started",
    });
  });

  test("that scale are judged by the upper end, the workspace's where they name none", async () => {
    dev.requestedTiers = { maxTier: "SP30" };
    Object.assign(dev, dev.requestedTiers);
    const services = under({ tiers: ["SP2", "SP5"] });
    const scaled = (autoscaling: JsonObject) => processor("sample_stream_solar", "home", { tier: "SP2", autoscaling });
    expect(await refused(services, "create_stream_processor", scaled({ enabled: true, maxTier: "SP10" }))).toMatch(
      /the tier SP10/,
    );
    expect(await refused(services, "create_stream_processor", scaled({ enabled: true, minTier: "SP2" }))).toMatch(
      /the tier SP30/,
    );
    const fits = scaled({ enabled: true, minTier: "SP2", maxTier: "SP5" });
    expect(await call(services, "create_stream_processor", fits)).toMatchObject({ outcome: "created" });
    sandbox.requests.length = 0;
    const wider = { ...place, processorName: "p", autoscaling: { enabled: true, maxTier: "SP30" } };
    expect(await refused(services, "start_stream_processor", wider)).toMatch(/the tier SP30/);
    expect(await refused(services, "update_stream_processor", wider)).toMatch(/the tier SP30/);
  });

  test("that run are not stopped for a change of which a step is not allowed", async () => {
    withProcessor("sample_stream_solar", "home", { tier: "SP2" });
    isRunning();
    const change = { ...place, processorName: "p", tier: "SP5" };
    for (const denied of ["stop_stream_processor", "start_stream_processor"])
      expect(
        await refused(under({ tools: { allow: ["*"], deny: [denied] } }), "update_stream_processor", change),
      ).toMatch(new RegExp(`does not allow ${denied}`));
    expect(await refused(under({ tiers: ["SP2"] }), "update_stream_processor", change)).toMatch(/the tier SP5/);
    expect(await call(under({}), "update_stream_processor", change)).toMatchObject({ outcome: "updated" });
  });

  test("that were stopped for a change are started again, whatever the rule says of that by then", async () => {
    withProcessor("inside", "home", { tier: "SP2" });
    isRunning();
    const services = limited();
    // Somebody else leads the connection elsewhere while the processor stands still.
    const path = new RegExp(`${groupId}/streams/dev-1/processor/p$`);
    const connection = [...dev.connections.values()].find(({ body }) => body.name === "inside");
    sandbox.faults.add({
      method: "PATCH",
      path,
      fault: { kind: "answer", status: 400, body: { error: 400, detail: "no" } },
    });
    const changing = call(services, "update_stream_processor", { ...place, processorName: "p", tier: "SP5" });
    await expect.poll(() => writes().some((each) => each.endsWith(":stop"))).toBe(true);
    Object.assign(Object(connection?.body), { bootstrapServers: "b.evil.example:9092" });
    expect((await changing).outcome).toBe("failed");
    expect(writes().at(-1)).toMatch(/^POST .*:start$/);
    expect([...dev.processors.values()].find(({ name }) => name === "p")?.state).toBe("STARTED");
  });

  test("are stopped and deleted whatever they use", async () => {
    withProcessor("outside", "away", { tier: "SP50" });
    isRunning();
    const services = limited({ tiers: ["SP2"] });
    expect(await call(services, "stop_stream_processor", { ...place, processorName: "p" })).toMatchObject({
      outcome: "stopped",
    });
    expect(
      await call(services, "delete_stream_processor", { ...place, processorName: "p", confirm: "p" }),
    ).toMatchObject({ outcome: "deleted" });
  });
});

describe("workspaces", () => {
  test("are given sizes within the rule; those that they have stay", async () => {
    dev.requestedTiers = { tier: "SP10", maxTier: "SP50" };
    Object.assign(dev, dev.requestedTiers);
    const services = under({ tiers: ["SP2", "SP5"] });
    expect(await refused(services, "update_stream_workspace", { ...place, tier: "SP30" })).toMatch(
      /does not allow the tier SP30/,
    );
    expect(await refused(services, "update_stream_workspace", { ...place, maxTier: "SP30" })).toMatch(
      /does not allow the maxTier SP30/,
    );
    expect(await call(services, "update_stream_workspace", { ...place, tier: "SP5" })).toMatchObject({
      outcome: "updated",
    });
  });

  test("have all their processors started only where each may be, and stopped only where one may be", async () => {
    withProcessor("outside", "home");
    const all = (status: string) => ({ ...place, processorStatus: { status }, confirm: "dev-1" });
    const hosts = { connections: { hosts: ["*.corp.example"] } };
    expect(await refused(under(hosts), "update_stream_workspace", all("STARTED"))).toMatch(/"outside" in a pipeline/);
    const denied = (tool: string) => under({ tools: { allow: ["*"], deny: [tool] } });
    expect(await refused(denied("start_stream_processor"), "update_stream_workspace", all("STARTED"))).toMatch(
      /start_stream_processor/,
    );
    isRunning();
    expect(await refused(denied("stop_stream_processor"), "update_stream_workspace", all("STOPPED"))).toMatch(
      /stop_stream_processor/,
    );
    expect(await call(under(hosts), "update_stream_workspace", all("STOPPED"))).toMatchObject({ outcome: "updated" });
  });
});

describe("what takes several steps", () => {
  test("a connection with its processors is changed only where each stop and start is allowed", async () => {
    withProcessor("inside", "home");
    isRunning();
    const change = {
      ...place,
      connectionName: "inside",
      connection: { bootstrapServers: "c.corp.example:9092" },
      restartProcessors: true,
    };
    expect(
      await refused(under({ tools: { allow: ["*"], deny: ["start_*"] } }), "update_stream_connection", change),
    ).toMatch(/does not allow start_stream_processor/);
    // The start is judged by what the connection would be then.
    const away = { ...change, connection: { bootstrapServers: "evil.example:9092" } };
    expect(
      await refused(under({ connections: { hosts: ["*.corp.example"] } }), "update_stream_connection", away),
    ).toMatch(/evil\.example/);
    expect(
      await call(under({ connections: { hosts: ["*.corp.example"] } }), "update_stream_connection", change),
    ).toMatchObject({ outcome: "updated" });
  });

  test("a workspace is not deleted, nor its processors stopped, where one of both is not allowed", async () => {
    withProcessor("inside", "home");
    isRunning();
    const removal = { ...place, confirm: "dev-1", force: true };
    expect(
      await refused(
        under({ tools: { allow: ["*"], deny: ["stop_stream_processor"] } }),
        "delete_stream_workspace",
        removal,
      ),
    ).toMatch(/does not allow stop_stream_processor/);
  });

  const plan = (more = {}) => ({
    groupId,
    tenantName: "dev-2",
    workspace: { cloudProvider: "AWS", region: "VIRGINIA_USA", tier: "SP2", sampleConnection: true },
    connections: [{ type: "Kafka", name: "bus", bootstrapServers: "b.corp.example:9092" }],
    processors: [
      {
        processorName: "p",
        pipeline: [
          { $source: { connectionName: "sample_stream_solar" } },
          { $emit: { connectionName: "bus", topic: "t" } },
        ],
        start: true,
      },
    ],
    ...more,
  });

  test("a plan is carried out where the rule allows every step of it, of parts that are not there yet too", async () => {
    const services = under({
      workspaces: ["dev-*"],
      connections: { types: ["Kafka", "Sample"], hosts: ["*.corp.example"] },
      tiers: ["SP2"],
    });
    expect(await call(services, "apply_stream_pipeline", plan())).toMatchObject({
      outcome: "planned",
      wouldBe: "applied",
    });
    expect(await call(services, "apply_stream_pipeline", plan({ dryRun: false }))).toMatchObject({
      outcome: "applied",
    });
  });

  test("a plan of many processors is judged with one reading of what there is", async () => {
    const { pipeline } = processor("inside", "home");
    const processors = Array.from({ length: 10 }, (_, index) => ({ processorName: `many-${index}`, pipeline }));
    const lists = async (services: Services) => {
      sandbox.requests.length = 0;
      await call(services, "apply_stream_pipeline", { ...place, processors });
      return sandbox.requests.filter(({ path }) => path.endsWith("/connections")).length;
    };
    const without = await lists(servicesOf(undefined));
    expect(await lists(under({ tiers: ["SP10"] }))).toBe(without + 1);
  });

  test("a private link of a plan needs the tool for it", async () => {
    const privateLinks = [{ as: "kinesis", provider: "AWS", vendor: "KINESIS", region: "us-east-1" }];
    const denied = under({ tools: { allow: ["*"], deny: ["create_private_link"] } });
    expect(await refused(denied, "apply_stream_pipeline", plan({ privateLinks }))).toMatch(
      /does not allow create_private_link/,
    );
  });

  test.each<[string, JsonObject, RegExp]>([
    ["a tool", { tools: { allow: ["*"], deny: ["start_*"] } }, /does not allow start_stream_processor/],
    ["the workspace's name", { workspaces: ["test-*"] }, /does not allow the workspace "dev-2"/],
    ["a tier", { tiers: ["SP5"] }, /does not allow the tier SP2/],
    ["the sample", { connections: { types: ["Kafka"] } }, /does not allow a connection of type Sample/],
    ["a host", { connections: { hosts: ["*.other.example"] } }, /the host b\.corp\.example:9092/],
  ])("nothing of a plan is done where the rule does not allow %s", async (_, rule, why) => {
    expect(await refused(under(rule), "apply_stream_pipeline", plan())).toMatch(why);
  });
});
