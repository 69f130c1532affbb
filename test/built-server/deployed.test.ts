/** The built server as `deploy/` runs it: its arguments, its variables, and files mounted as Kubernetes mounts them. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isObject, type JsonObject } from "../../src/json.ts";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { sandboxProject } from "../../src/sandbox/data/seed.ts";
import { containerEnv, mountedFiles, ofKind } from "../deploy/manifest.ts";
import { freePort, type HttpServer, startHttpServer } from "../support/http-server.ts";
import { type Issuer, startIssuer } from "../support/issuer.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";

const folder = mkdtempSync(join(tmpdir(), "deployed-"));
const place = { groupId: sandboxProject.groupId, tenantName: "dev-pay" };
const { ATLAS_STREAMS_MCP_SCOPES: scopes = "" } = containerEnv();
let sandbox: Sandbox;
let issuer: Issuer;
let server: HttpServer;

/** What the example leaves to whoever uses it. */
const ownValues = (text: string) =>
  text
    .replaceAll("/run/secrets/", `${folder}/run/secrets/`)
    .replaceAll("mdb_sa_id_example", sandboxCredentials.clientId)
    .replaceAll("mdb_sa_sk_example", sandboxCredentials.clientSecret);

let versions = 0;
/** Lays files as kubelet does: in a folder of their own, to which links lead that are exchanged in one step. */
function mount(path: string, files: Record<string, string>): void {
  const version = `..version_${++versions}`;
  mkdirSync(join(path, version), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, version, name), text);
  symlinkSync(version, join(path, "..data_tmp"));
  renameSync(join(path, "..data_tmp"), join(path, "..data"));
  if (versions > mountedFiles().size) return;
  for (const name of Object.keys(files)) symlinkSync(join("..data", name), join(path, name));
}

const files = (path: string): Record<string, string> =>
  Object.fromEntries(Object.entries(mountedFiles().get(path) ?? {}).map(([name, text]) => [name, ownValues(text)]));

beforeAll(async () => {
  for (const path of mountedFiles().keys()) mount(join(folder, path), files(path));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/mcp`;
  [sandbox, issuer] = await Promise.all([startSandbox(), startIssuer(url)]);
  const [serve = "", ...args] = ofKind("Deployment")[0]?.spec.template.spec.containers[0].args ?? [];
  expect(serve).toBe("serve");
  server = await startHttpServer({
    args: args.map((each) =>
      each.startsWith("/") ? `${folder}${each}` : each.replace(":8080", `:${port}`).replace(":9464", ":0"),
    ),
    env: {
      ...containerEnv(),
      ATLAS_STREAMS_MCP_PUBLIC_URL: url,
      ATLAS_STREAMS_MCP_ISSUER: issuer.url,
      // As clients have to ask Entra ID for it, which writes only the last part into a token.
      ATLAS_STREAMS_MCP_SCOPES: scopes.replace("write=", `write=${url}/`),
      MONGODB_ATLAS_BASE_URL: sandbox.url,
      NODE_DISABLE_COMPILE_CACHE: "1",
    },
  });
});
afterAll(async () => {
  await Promise.all([sandbox.close(), issuer.close()]);
  rmSync(folder, { recursive: true });
});

const as = async (groups: string[], scope: string) => ({
  authorization: `Bearer ${await issuer.token({ groups, scope })}`,
});
const payments = () => as(["asp-payments"], "asp.read asp.write");
const reader = () => as(["asp-readers"], "asp.read asp.write");

const toolNames = async (headers: Record<string, string>): Promise<string[]> => {
  const { message } = await server.ask("tools/list", {}, headers);
  const tools = isObject(message["result"]) ? message["result"]["tools"] : [];
  return Array.isArray(tools) ? tools.map((tool: JsonObject) => String(tool["name"])) : [];
};

/** What the image runs to see whether all is well, with the port that is in use here. */
const healthy = (ops: string): Promise<boolean> => {
  const [, list = ""] =
    /^HEALTHCHECK .*\\\n\s*CMD (\[.*\])$/m.exec(
      readFileSync(new URL("../../deploy/Dockerfile", import.meta.url), "utf8"),
    ) ?? [];
  const [, ...args]: string[] = JSON.parse(list);
  return new Promise((resolve) => {
    const own = args.map((arg) => arg.replace("127.0.0.1:9464", new URL(ops).host));
    execFile(process.execPath, own, (error) => resolve(error === null));
  });
};

describe("the Kubernetes example, run", () => {
  test("is ready without credentials of its own, and healthy", async () => {
    await vi.waitFor(async () => expect(await server.page("/readyz")).toEqual({ status: 200, text: "ok\n" }), 15_000);
    expect(await healthy(`http://127.0.0.1:${new URL(server.ops).port}`)).toBe(true);
  });

  test("lets nobody in without a token", async () => {
    expect((await server.ask("tools/list")).status).toBe(401);
  });

  test("lets the payments team create what its rule allows, with a secret that is mounted", async () => {
    const headers = await payments();
    const workspace = { ...place, cloudProvider: "AWS", region: "VIRGINIA_USA", tier: "SP2" };
    expect(await server.call("create_stream_workspace", workspace, headers)).toMatchObject({ outcome: "created" });
    const connection = (host: string) => ({
      name: "orders",
      type: "Kafka",
      bootstrapServers: `${host}:9092`,
      security: { protocol: "SASL_SSL" },
      authentication: { mechanism: "PLAIN", username: "atlas", password: "${file:kafka-password}" },
    });
    const elsewhere = { ...place, connection: connection("kafka.elsewhere.example") };
    expect(await server.call("create_stream_connection", elsewhere, headers)).toMatchObject({
      outcome: "failed",
      error: { kind: "forbidden", rule: "payments" },
    });
    const own = { ...place, connection: connection("kafka.corp.example.com") };
    expect(await server.call("create_stream_connection", own, headers)).toMatchObject({ outcome: "created" });
    expect(JSON.stringify(sandbox.requests.at(-1)?.body)).toContain("example-kafka-password");
    expect(await toolNames(headers)).toContain("create_stream_connection");
    expect(await toolNames(headers)).not.toContain("delete_stream_connection");
  });

  test("tells a client by their whole names which scopes it has to ask for", async () => {
    const headers = await as(["asp-payments"], "asp.read");
    const { status, message } = await server.ask("tools/call", { name: "create_stream_connection" }, headers);
    expect([status, message["error"]]).toEqual([403, "insufficient_scope"]);
    expect(message["error_description"]).toContain(`asp.read ${server.url}/asp.write`);
  });

  test("shows a reader the tools that read", async () => {
    const names = await toolNames(await reader());
    expect(names).toContain("list_stream_connections");
    expect(names.filter((name) => /^(create|update|delete|apply|start|stop)_/.test(name))).toEqual([]);
  });

  test("writes the audit to stdout, and the log to stderr", () => {
    const lines: JsonObject[] = server.process
      .stdout()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ phase, tool, outcome }) => [phase, tool, outcome])).toEqual([
      ["begin", "create_stream_workspace", undefined],
      ["end", "create_stream_workspace", "created"],
      ["end", "create_stream_connection", "failed"],
      ["begin", "create_stream_connection", undefined],
      ["end", "create_stream_connection", "created"],
    ]);
    for (const line of lines)
      expect(line).toMatchObject({ subject: "alice", rule: "payments", credential: expect.any(String) });
    expect(server.process.stdout()).not.toContain("example-kafka-password");
    expect(server.process.stderr()).toContain("Serving MCP over HTTP");
  });

  test("follows a policy that is mounted anew", async () => {
    const path = "/etc/atlas-streams-mcp";
    const { "policy.json": text = "" } = files(path);
    mount(join(folder, path), { "policy.json": text.replace('"asp-readers"', '"asp-auditors"') });
    await vi.waitFor(
      async () =>
        expect((await server.page("/metrics")).text).toContain(
          'atlas_streams_mcp_policy_readings_total{result="used"} 1',
        ),
      15_000,
    );
    expect(await toolNames(await reader())).toEqual([]);
    expect(await toolNames(await as(["asp-auditors"], "asp.read"))).toContain("list_projects");
  });

  test("ends by itself, and is then not healthy", async () => {
    expect(await server.close()).toEqual({ code: 0, signal: null });
    expect(await healthy(`http://127.0.0.1:${new URL(server.ops).port}`)).toBe(false);
  });
});
