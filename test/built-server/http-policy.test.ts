/** `serve` for many: two people with different rules, one whom no rule is for, and a policy that changes. */
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { classOf } from "../../src/policy/rule.ts";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { sandboxOtherProject, sandboxOtherTenant, sandboxProject, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";
import { headersOf } from "../support/eras.ts";
import { freePort, type HttpServer, messagesOf, startHttpServer } from "../support/http-server.ts";
import { type Issuer, startIssuer } from "../support/issuer.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";

const secret = "pay-secret-value-123";
const credential = { clientId: "${env:POLICY_ID}", clientSecret: "${file:secret}" };
const alice = {
  name: "payments",
  who: { groups: ["asp-pay"] },
  credential: "pay",
  secrets: { env: ["PAY_*"] },
  projects: [sandboxProject.groupId],
  workspaces: ["ord*"],
  tools: { allow: ["read", "create_*"] },
  connections: { types: ["Kafka", "Sample"], hosts: ["*.corp.example"] },
};
const bob = {
  name: "lab",
  who: { subjects: ["bob"] },
  credential: "lab",
  projects: [sandboxOtherProject.groupId],
  tools: { allow: ["read", "write", "delete"] },
};
const policyOf = (...rules: object[]) =>
  JSON.stringify({ version: 1, credentials: { pay: credential, lab: credential }, rules });

let folder: string;
let sandbox: Sandbox;
let issuer: Issuer;
let server: HttpServer;
let people: Record<"alice" | "bob" | "eve", Record<string, string>>;

/** In one step, so that nobody reads a half of it. */
async function write(name: string, text: string): Promise<void> {
  await writeFile(join(folder, `${name}.new`), text);
  await rename(join(folder, `${name}.new`), join(folder, name));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "http-policy-test-"));
  await write("secret", `${sandboxCredentials.clientSecret}\n`);
  await write("policy.json", policyOf(alice, bob));
  sandbox = await startSandbox();
  const lab = sandbox.state.workspace(sandboxOtherProject.groupId, sandboxOtherTenant);
  if (lab) addConnection(lab, { name: "lab-sample", type: "Sample" }, 0);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/mcp`;
  issuer = await startIssuer(url);
  server = await startHttpServer({
    args: [
      ...["--listen", `127.0.0.1:${port}`, "--public-url", url, "--issuer", issuer.url],
      ...["--scopes", "read=asp:read,write=asp:write"],
      ...["--policy", join(folder, "policy.json"), "--audit", join(folder, "audit")],
    ],
    env: {
      MONGODB_ATLAS_BASE_URL: sandbox.url,
      POLICY_ID: sandboxCredentials.clientId,
      PAY_KAFKA: secret,
      ATLAS_STREAMS_SECRET_OTHER: "not-for-callers",
    },
  });
  const scope = "asp:read asp:write";
  const of = async (claims: JsonObject) => ({ authorization: `Bearer ${await issuer.token({ scope, ...claims })}` });
  people = {
    alice: await of({ sub: "alice", groups: ["asp-pay"], client_id: "chat" }),
    bob: await of({ sub: "bob" }),
    eve: await of({ sub: "eve", groups: ["other"] }),
  };
});
afterAll(async () => {
  expect(await server.close()).toEqual({ code: 0, signal: null });
  await Promise.all([sandbox.close(), issuer.close(), rm(folder, { recursive: true })]);
});

const toolsOf = async (who: Record<string, string>): Promise<string[]> => {
  const { message } = await server.ask("tools/list", {}, who);
  const tools = Object(message["result"])["tools"] as { name: string }[];
  return tools.map(({ name }) => name);
};

const shop = { groupId: sandboxProject.groupId, tenantName: sandboxTenant };
const lab = { groupId: sandboxOtherProject.groupId, tenantName: sandboxOtherTenant };

describe("each caller", () => {
  test("is offered what the own rule allows", async () => {
    const [forAlice, forBob, forEve] = await Promise.all([people.alice, people.bob, people.eve].map(toolsOf));
    expect(forAlice).toContain("create_stream_connection");
    expect(forAlice?.some((name) => /^(update|delete|start)_/.test(name))).toBe(false);
    expect(forBob).toEqual(expect.arrayContaining(["delete_stream_connection", "list_projects"]));
    expect(forEve).toEqual([]);
  });

  test("may keep a list for a minute at the most", async () => {
    const { message } = await server.ask("tools/list", {}, people.alice);
    expect(message).toMatchObject({ result: { ttlMs: 60_000, cacheScope: "private" } });
  });

  test("sees the own projects alone", async () => {
    const ids = async (who: Record<string, string>) => {
      const { projects } = await server.call("list_projects", {}, who);
      return (projects as { groupId: string }[]).map(({ groupId }) => groupId);
    };
    expect(await Promise.all([ids(people.alice), ids(people.bob)])).toEqual([[shop.groupId], [lab.groupId]]);
  });

  test("without a rule is refused everything", async () => {
    for (const { name } of generatedTools)
      expect(await server.call(name, {}, people.eve)).toMatchObject({
        outcome: "failed",
        error: { kind: "forbidden" },
      });
  });

  test("gets nothing of the other's from any tool, however many ask at once", async () => {
    const names = { connectionName: "some-name", processorName: "some-name", type: "Kafka", stage: "$match" };
    const asked = generatedTools.flatMap((tool) =>
      (["alice", "bob"] as const).flatMap((who) => [shop, lab].map((where) => ({ tool, who, where }))),
    );
    const answers = await Promise.all(
      asked.map(async ({ tool, who, where }) => {
        const known: JsonObject = { ...where, ...names };
        const properties = Object.keys(tool.inputSchema.union.properties ?? {}).filter((name) => name in known);
        const args = Object.fromEntries(properties.map((name) => [name, known[name]]));
        const call = { name: tool.name, arguments: classOf(tool) === "read" ? args : { ...args, dryRun: true } };
        const text = JSON.stringify((await server.ask("tools/call", call, people[who])).message);
        const isForeign = properties.includes("groupId") && (who === "alice") !== (where === shop);
        return { tool: tool.name, who, isForeign, text };
      }),
    );
    const foreign = {
      alice: ["lab-sample", "DUBLIN_IRL", '"Lab"'],
      bob: ["shop-kafka", "fraud-check", "paidOrders", "Cluster0", '"Shop"', secret],
    };
    for (const { tool, who, isForeign, text } of answers) {
      expect([tool, who, foreign[who].filter((name) => text.includes(name))]).toEqual([tool, who, []]);
      if (isForeign) expect([tool, who, text.includes('"outcome":"failed"')]).toEqual([tool, who, true]);
    }
    expect(answers.filter(({ text }) => text.includes('"outcome":"ok"')).length).toBeGreaterThan(10);
  });
});

describe("secrets", () => {
  const kafka = (password: string, name = "corp-kafka") => ({
    ...shop,
    dryRun: true,
    connection: {
      name,
      type: "Kafka",
      bootstrapServers: "b.corp.example:9092",
      security: { protocol: "SASL_SSL" },
      authentication: { mechanism: "PLAIN", username: "u", password },
    },
  });

  test("are what the rule allows, by reference", async () => {
    const call = (password: string) => server.call("create_stream_connection", kafka(password), people.alice);
    expect(await call("${env:PAY_KAFKA}")).toMatchObject({ outcome: "planned" });
    for (const refused of ["${env:ATLAS_STREAMS_SECRET_OTHER}", "${env:POLICY_ID}", "${file:secret}", "inline-secret"])
      expect(await call(refused)).toMatchObject({ outcome: "failed", error: { kind: "invalid_input" } });
  });

  test("of one caller are nothing to another: nobody can find out by what is masked", async () => {
    const probe = (who: Record<string, string>, where: object) =>
      server.call("get_stream_connection", { ...where, connectionName: `"${secret}"` }, who);
    expect(JSON.stringify(await probe(people.alice, shop))).not.toContain(secret);
    expect(JSON.stringify(await probe(people.bob, lab))).toContain(secret);
  });
});

test("the rule holds over HTTP as anywhere: types and hosts of connections", async () => {
  const create = (connection: object) =>
    server.call("create_stream_connection", { ...shop, dryRun: true, connection }, people.alice);
  expect(await create({ name: "s", type: "Sample" })).toMatchObject({ outcome: "planned" });
  expect(await create({ name: "h", type: "Https", url: "https://x.corp.example" })).toMatchObject({
    outcome: "failed",
    error: { kind: "forbidden", rule: "payments" },
  });
  expect((await server.page("/metrics")).text).toMatch(
    /^atlas_streams_mcp_policy_refusals_total\{tool="create_stream_connection",rule="payments"\} \d+$/m,
  );
});

test("the audit says who did what, by which rule, in which trace, and nothing else", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const params = {
    name: "create_stream_connection",
    arguments: { ...shop, connection: { name: "audited", type: "Sample" } },
    _meta: { traceparent },
  };
  await server.ask("tools/call", params, people.alice);
  const lines = (await readFile(join(folder, "audit"), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const own = lines.filter(({ name }) => name === "audited");
  expect(own.map(({ phase }) => phase)).toEqual(["begin", "end"]);
  for (const line of own)
    expect(line).toMatchObject({
      subject: "alice",
      client: "chat",
      rule: "payments",
      credential: "pay",
      traceId: "0af7651916cd43dd8448eb211c80319c",
      ...shop,
    });
  const whole = JSON.stringify(lines);
  for (const hidden of [secret, people.alice["authorization"] ?? "", sandboxCredentials.clientSecret])
    expect(whole).not.toContain(hidden);
});

test("a token without the scope is told all scopes that it needs", async () => {
  const authorization = `Bearer ${await issuer.token({ sub: "bob", scope: "asp:read other" })}`;
  expect(await server.call("list_projects", {}, { authorization })).toMatchObject({ outcome: "ok" });
  for (const name of ["create_stream_connection", "delete_stream_connection"]) {
    const params = { name, arguments: {} };
    const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
    const response = await server.post(body, { ...headersOf("tools/call", params), authorization });
    expect(response.status).toBe(403);
    expect(response.headers.get("www-authenticate")).toMatch(
      /^Bearer error="insufficient_scope", error_description="[^"]+", scope="asp:read asp:write", resource_metadata="/,
    );
    expect(await messagesOf(response)).toMatchObject([{ error: "insufficient_scope" }]);
  }
});

test("a token that leaves the groups out is a 403 that says so", async () => {
  const authorization = `Bearer ${await issuer.token({ sub: "alice", _claim_names: { groups: "src1" } })}`;
  const { status, message } = await server.ask("tools/list", {}, { authorization });
  expect([status, message["error_description"]]).toEqual([403, expect.stringContaining("too many")]);
});

describe("a policy that changes", () => {
  test("counts from then on; a call keeps the rule that it began with", async () => {
    // Its write is held until the policy has changed.
    sandbox.faults.add({ method: "POST", path: /\/connections$/, fault: { kind: "delay", ms: 3_000 } });
    const args = { ...shop, connection: { name: "begun-before", type: "Sample" } };
    const begun = server.call("create_stream_connection", args, people.alice);
    await vi.waitFor(() =>
      expect(sandbox.requests.some(({ path, method }) => method === "POST" && path.endsWith("/connections"))).toBe(
        true,
      ),
    );
    await write("policy.json", policyOf({ ...alice, tools: { allow: ["list_projects"] } }, bob));
    await server.process.logged("The policy has changed, and is in force");
    expect(await toolsOf(people.alice)).toEqual(["list_projects"]);
    expect(await begun).toMatchObject({ outcome: "created" });
  }, 30_000);

  test("to one that is wrong changes nothing but a log line and a metric", async () => {
    const before = await toolsOf(people.alice);
    await write("policy.json", policyOf({ ...alice, tols: {} }, { ...bob, who: undefined }));
    const line = await server.process.logged("cannot be used: what it said before stays in force");
    expect(line).toContain("rules[0].tols");
    expect(await toolsOf(people.alice)).toEqual(before);
    expect((await server.page("/metrics")).text).toContain('policy_readings_total{result="refused"} 1');
    expect(await server.page("/readyz")).toMatchObject({ status: 200 });
  });

  test("and back", async () => {
    await write("policy.json", policyOf(alice, bob));
    await vi.waitFor(async () => expect(await toolsOf(people.alice)).toContain("create_stream_connection"), {
      timeout: 10_000,
    });
  });
});
