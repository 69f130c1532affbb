/** Secrets are masked where they stand, in every view of a connection, and what references reach stays masked for good. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectionSchema } from "../../src/connections/union.ts";
import type { JsonObject } from "../../src/json.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { creates, freshName, place, variablesFor } from "../support/against-sandbox.ts";
import { type Result, resultOfCall } from "../support/call-result.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { type RunningServer, startServer } from "../support/server.ts";

/** Too short for the last net, which masks longer secrets in whatever leaves. */
const referenced = {
  ATLAS_STREAMS_SECRET_USER: "ref-user-1",
  ATLAS_STREAMS_SECRET_PATH: "ref-path.io",
  ATLAS_STREAMS_SECRET_SETTING: "ref-sett",
};

let folder: string;
let sandbox: Sandbox;
let server: RunningServer;

const start = () => startServer({ ...variablesFor(sandbox), ...referenced, ATLAS_STREAMS_MCP_SECRET_DIR: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "secrets-by-place-test-"));
  // What is new can be read at once: the moment in which it cannot is not what these tests are about.
  sandbox = await startSandbox({ oddities: { hiddenMs: 0 } });
  server = await start();
});
afterEach(() => {
  sandbox.requests.length = 0;
});
afterAll(async () => {
  await Promise.all([server.close(), sandbox.close()]);
  await rm(folder, { recursive: true });
});

async function call(tool: string, args: JsonObject, by = server): Promise<Result> {
  return resultOfCall(await by.client.callTool({ name: tool, arguments: { ...place, ...args } }));
}

/** The connection of this name as each tool that reads shows it. */
async function views(connectionName: string, by = server): Promise<Result[]> {
  return [
    await call("get_stream_connection", { connectionName }, by),
    await call("get_stream_connection", { connectionName, as: "terraform" }, by),
    await call("list_stream_connections", { nameContains: connectionName }, by),
  ];
}

/** Puts a connection into the workspace as if it had been there all along. */
function put(connection: JsonObject): string {
  const workspace = sandbox.state.workspace(place.groupId, place.tenantName);
  if (!workspace) throw new Error("The sandbox lost its empty workspace");
  const name = freshName();
  addConnection(workspace, connectionSchema.parse({ name, ...connection }), 0);
  return name;
}

const stored = (name: string) => sandbox.state.connection(place.groupId, place.tenantName, name)?.body;

describe("what a reference gave", () => {
  const kafka = (name: string) => ({
    name,
    type: "Kafka",
    bootstrapServers: "b:9092",
    authentication: {
      mechanism: "OAUTHBEARER",
      username: "${env:ATLAS_STREAMS_SECRET_USER}",
      clientSecret: "typed-client-secret",
      tokenEndpointUrl: "https://idp.example.com/${env:ATLAS_STREAMS_SECRET_PATH}/token",
    },
    config: { "client.id": "id-${env:ATLAS_STREAMS_SECRET_SETTING}" },
  });
  const https = (name: string) => ({
    name,
    type: "Https",
    url: "https://a.example.com/${env:ATLAS_STREAMS_SECRET_PATH}/${env:ATLAS_STREAMS_SECRET_USER}?page=${env:ATLAS_STREAMS_SECRET_SETTING}",
  });
  const registry = (name: string) => ({
    name,
    type: "SchemaRegistry",
    provider: "CONFLUENT",
    schemaRegistryUrls: ["https://r.example.com/${env:ATLAS_STREAMS_SECRET_PATH}"],
    schemaRegistryAuthentication: {
      type: "USER_INFO",
      username: "${env:ATLAS_STREAMS_SECRET_USER}",
      password: "typed-password",
    },
  });

  it.each([
    ["Kafka", kafka],
    ["Https", https],
    ["SchemaRegistry", registry],
  ])("is sent to Atlas for a %s connection, and shown in no later call, nor after a restart", async (_, connection) => {
    const name = freshName();
    const created = await call("create_stream_connection", { connection: connection(name) });
    expect(created.outcome).toBe("created");
    expect(JSON.stringify(creates(sandbox).at(-1)?.body)).toContain("ref-user-1");
    const restarted = await start();
    const shown = [created, ...(await views(name)), ...(await views(name, restarted))];
    await restarted.close();
    expect(shown.map(({ outcome }) => outcome)).toEqual(["created", ...Array(6).fill("ok")]);
    expect(JSON.stringify(shown)).not.toMatch(/ref-(user|path|sett)/);
    expect(server.stderr()).not.toMatch(/ref-(user|path|sett)/);
  });

  it("is shown nowhere though it came from a file that was written, or changed, after the start", async () => {
    const names: string[] = [];
    const shown: Result[] = [];
    for (const version of ["v1-secret", "v2-secret"]) {
      await writeFile(join(folder, "setting"), `${version}\n`);
      const name = freshName();
      names.push(name);
      const connection = { ...kafka(name), config: { "client.id": "id-${file:setting}" } };
      shown.push(await call("create_stream_connection", { connection }));
      expect(stored(name)).toMatchObject({ config: { "client.id": `id-${version}` } });
    }
    await rm(join(folder, "setting"));
    for (const name of names) shown.push(...(await views(name)));
    expect(shown.map(({ outcome }) => outcome)).toEqual(["created", "created", ...Array(6).fill("ok")]);
    expect(JSON.stringify(shown)).not.toMatch(/v\d-secret/);
  });

  it("is shown nowhere though the file is one of more than can be watched", async () => {
    const many = await mkdtemp(join(folder, "many-"));
    const files = Array.from({ length: 1_100 }, (_, count) => join(many, `${count}`));
    await Promise.all(files.map((file) => writeFile(file, `within-${basename(file)}.`)));
    const last = (await readdir(folder, { recursive: true })).at(-1) ?? "";
    const connection = { ...https(freshName()), url: `https://a.example.com/\${file:${last}}` };
    await call("create_stream_connection", { connection });
    expect(stored(connection.name)).toMatchObject({ url: expect.stringContaining("within-") });
    expect(JSON.stringify(await views(connection.name))).not.toContain("within-");
    await rm(many, { recursive: true });
  });

  it("is not shown in the changes of an update, before or after", async () => {
    const name = put({ type: "Https", url: "https://a.example.com/ref-user-1" });
    const connection = { url: "https://a.example.com/${env:ATLAS_STREAMS_SECRET_PATH}" };
    for (const dryRun of [true, false]) {
      const result = await call("update_stream_connection", { connectionName: name, connection, dryRun });
      expect(result).toMatchObject({
        changes: [{ path: "url", before: "https://a.example.com/***", after: "https://a.example.com/***" }],
      });
      expect(JSON.stringify(result)).not.toMatch(/ref-(user|path|sett)/);
    }
    expect(stored(name)).toMatchObject({ url: "https://a.example.com/ref-path.io" });
  });

  it("is not shown where a create meets another connection", async () => {
    const name = put({ type: "Https", url: "https://b.example.com/ref-user-1" });
    const result = await call("create_stream_connection", { connection: https(name) });
    expect(result.error).toMatchObject({ kind: "conflict", fields: [{ path: "connection.url" }] });
    expect(JSON.stringify(result)).not.toMatch(/ref-(user|path|sett)/);
  });

  it("hides nothing of another value at its place", async () => {
    const name = put({ type: "Https", url: "https://another.example.com/hook" });
    const { error } = await call("create_stream_connection", { connection: https(name) });
    const message = 'is "https://another.example.com/hook"; "https://a.example.com/***/***?page=***" was requested';
    expect(error?.fields).toEqual([{ path: "connection.url", message }]);
  });

  it.each<[string, JsonObject]>([
    ["name", { name: "x-${env:ATLAS_STREAMS_SECRET_USER}", type: "Sample" }],
    ["type", { name: "x", type: "${env:ATLAS_STREAMS_SECRET_USER}" }],
    ["url", { name: "x", type: "Https", url: "https://${env:ATLAS_STREAMS_SECRET_USER}.example.com/hook" }],
    ["bootstrapServers", { name: "x", type: "Kafka", bootstrapServers: "${env:ATLAS_STREAMS_SECRET_PATH}:9092" }],
    ["clusterName", { name: "x", type: "Cluster", clusterName: "${env:ATLAS_STREAMS_SECRET_USER}" }],
    ["region", { name: "x", type: "Sample", region: "${env:ATLAS_STREAMS_SECRET_USER}" }],
  ])("cannot be had in %s, which is always shown", async (field, connection) => {
    const result = await call("create_stream_connection", { connection });
    expect(result.error?.kind).toBe("invalid_input");
    expect(result.error?.fields).toContainEqual({
      path: `connection.${field}`,
      message: expect.stringMatching(/\$\{env:ATLAS_STREAMS_SECRET_\w+\} cannot be used here/),
    });
    expect(JSON.stringify(result)).not.toMatch(/ref-(user|path|sett)/);
    expect(sandbox.requests).toEqual([]);
  });
});

describe("a secret in a connection that is there", () => {
  const key = "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqh\n-----END PRIVATE KEY-----";
  const connections: JsonObject[] = [
    {
      type: "Https",
      url: "https://bob:hunter2@a.example.com/hook?page=2&token=hunter3#access_token=hunter4",
      headers: { Authorization: "Bearer hunter5", "X-Api-Key": "hunter6", "Content-Type": "application/json" },
    },
    {
      type: "SchemaRegistry",
      provider: "CONFLUENT",
      schemaRegistryUrls: ["https://bob:hunter2@a.example.com", "https://b.example.com?apikey=hunter3"],
      schemaRegistryAuthentication: { type: "USER_INFO", username: "bob", password: "hunter4" },
    },
    {
      type: "Kafka",
      bootstrapServers: "SASL_SSL://bob:hunter2@b1.example.com:9092,b2.example.com:9092",
      authentication: {
        mechanism: "OAUTHBEARER",
        clientId: "c",
        clientSecret: "hunter3",
        tokenEndpointUrl: "https://c:hunter4@idp.example.com/token?sig=hunter5",
        sslKey: key,
        sslKeyPassword: "hunter6",
      },
      config: { "ssl.key.pem": key, "sasl.jaas.config": "password=hunter7", "auto.offset.reset": "earliest" },
    },
  ];

  it.each(connections.map((connection) => [connection["type"], connection]))(
    "(%s) is shown by no tool that reads, while what is beside it is",
    async (_, connection) => {
      const shown = await views(put(connection));
      expect(shown.map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok"]);
      const text = JSON.stringify(shown);
      expect(text).not.toMatch(/hunter\d|MIIEvgIBADANBgkqh/);
      expect(text).toMatch(/bob:\*\*\*@/);
    },
  );

  it("leaves readable what is no secret", async () => {
    const [hook, , list] = await views(put({ ...connections[0] }));
    expect(hook?.connection).toMatchObject({
      url: "https://bob:***@a.example.com/hook?page=2&token=***#access_token=***",
      headers: { Authorization: "***", "X-Api-Key": "***", "Content-Type": "application/json" },
    });
    expect(list).toMatchObject({
      connections: [{ url: "https://bob:***@a.example.com/hook?page=2&token=***#access_token=***", state: "READY" }],
    });
    const [kafka] = await views(put({ ...connections[2] }));
    expect(kafka?.connection).toMatchObject({
      bootstrapServers: "SASL_SSL://bob:***@b1.example.com:9092,b2.example.com:9092",
      config: { "ssl.key.pem": "***", "sasl.jaas.config": "***", "auto.offset.reset": "earliest" },
    });
  });

  it.each([false, true])("is not shown in the changes of an update (dry run: %s)", async (dryRun) => {
    const name = put({ ...connections[0] });
    const connection = {
      url: "https://bob:hunter8@a.example.com/hook?page=3&token=hunter9",
      headers: { "X-Api-Key": "hunter0", "Content-Type": "text/plain" },
    };
    const result = await call("update_stream_connection", { connectionName: name, connection, dryRun });
    expect(result).toMatchObject({
      outcome: dryRun ? "planned" : "updated",
      changes: [
        {
          path: "url",
          before: "https://bob:***@a.example.com/hook?page=2&token=***#access_token=***",
          after: "https://bob:***@a.example.com/hook?page=3&token=***",
        },
        { path: "headers.X-Api-Key", before: "***", after: "***" },
        { path: "headers.Content-Type", before: "application/json", after: "text/plain" },
      ],
    });
    expect(JSON.stringify(result)).not.toMatch(/hunter\d/);
  });
});

describe("headers, which Atlas returns,", () => {
  const headers = { Authorization: "Bearer first-of-two", "X-Key": "kept-as-it-is" };
  const hook = { type: "Https", url: "https://a.example", headers };

  it("are compared: the same ones are already_exists, without a word on comparing", async () => {
    const name = put(hook);
    const result = await call("create_stream_connection", { connection: { ...hook, name } });
    expect(result).toMatchObject({ outcome: "already_exists", warnings: [] });
    expect(result.summary).not.toMatch(/cannot be compared/);
  });

  it("with another value are a conflict that names the header and neither value", async () => {
    const name = put(hook);
    const other = { ...headers, Authorization: "Bearer second-of-two" };
    const result = await call("create_stream_connection", { connection: { ...hook, name, headers: other } });
    expect(result.error).toMatchObject({
      kind: "conflict",
      fields: [{ path: "connection.headers.Authorization", message: "is another secret than the one requested" }],
    });
    expect(JSON.stringify(result)).not.toMatch(/of-two|kept-as-it-is/);
    const dry = await call("create_stream_connection", { connection: { ...hook, name, headers: other }, dryRun: true });
    expect(dry["warnings"]).toEqual([expect.stringMatching(/differs in headers\.Authorization.*conflict/)]);
    expect(JSON.stringify(dry)).not.toMatch(/of-two|kept-as-it-is/);
  });

  it("are cleared by an empty object in an update", async () => {
    const name = put(hook);
    const result = await call("update_stream_connection", { connectionName: name, connection: { headers: {} } });
    expect(result).toMatchObject({
      outcome: "updated",
      changes: [
        { path: "headers.Authorization", before: "***" },
        { path: "headers.X-Key", before: "***" },
      ],
    });
    expect(stored(name)).toMatchObject({ headers: {} });
    expect(JSON.stringify(result)).not.toMatch(/of-two|kept-as-it-is/);
  });
});

describe("the last net", () => {
  it("takes no word out of what the server says itself, nor of its keys and kinds", async () => {
    const kafka = { type: "Kafka", name: freshName(), bootstrapServers: "b:9092" };
    const connection = { ...kafka, authentication: { mechanism: "OAUTHBEARER", clientSecret: "authentication" } };
    expect(await call("create_stream_connection", { connection })).toMatchObject({
      outcome: "created",
      connection: { authentication: { mechanism: "OAUTHBEARER" } },
      warnings: expect.arrayContaining([expect.stringMatching(/^connection\.authentication\.clientId: /)]),
    });
    const hook = { type: "Https", name: freshName(), url: "nowhere", headers: { "X-Key": "invalid_input" } };
    expect((await call("create_stream_connection", { connection: hook })).error?.kind).toBe("invalid_input");
  });
});
