/** What stands in the place of a secret and is none is refused, and so is a secret that must not be written out. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectionSchema } from "../../src/connections/union.ts";
import type { JsonObject } from "../../src/json.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { freshName, place, type ServerOnSandbox, startOnSandbox } from "../support/against-sandbox.ts";
import { type Result, resultOfCall } from "../support/call-result.ts";

/** A value of each variable is a mask, a near miss or a placeholder: by reference, each is taken. */
const env = {
  ATLAS_STREAMS_SECRET_MASK: "***",
  ATLAS_STREAMS_SECRET_PLACEHOLDER: "changeme",
  ATLAS_STREAMS_SECRET_USER: "ref-user-1",
};

let on: ServerOnSandbox;
let refusing: ServerOnSandbox;
beforeAll(async () => {
  // What is new can be read at once: the moment in which it cannot is not what these tests are about.
  const sandbox = { oddities: { hiddenMs: 0 } };
  [on, refusing] = await Promise.all([
    startOnSandbox({ env, sandbox }),
    startOnSandbox({ env: { ...env, ATLAS_STREAMS_MCP_INLINE_SECRETS: "refuse" }, sandbox }),
  ]);
});
afterEach(() => {
  on.sandbox.requests.length = 0;
  refusing.sandbox.requests.length = 0;
});
afterAll(() => Promise.all([on.close(), refusing.close()]));

async function call(tool: string, args: JsonObject, by = on): Promise<Result> {
  return resultOfCall(await by.server.client.callTool({ name: tool, arguments: { ...place, ...args } }));
}

const create = (connection: JsonObject, more: JsonObject = {}, by = on) =>
  call("create_stream_connection", { connection, ...more }, by);

const reference = "${env:ATLAS_STREAMS_SECRET_USER}";
const kafka = (authentication: JsonObject, more: JsonObject = {}) => ({
  name: freshName(),
  type: "Kafka",
  bootstrapServers: "b:9092",
  authentication: { mechanism: "PLAIN", username: "u", password: reference, ...authentication },
  ...more,
});
const https = (more: JsonObject) => ({ name: freshName(), type: "Https", url: "https://a.example.com", ...more });
const registry = (url: string) => ({
  name: freshName(),
  type: "SchemaRegistry",
  provider: "CONFLUENT",
  schemaRegistryUrls: [url],
  schemaRegistryAuthentication: { type: "SASL_INHERIT" },
});

/** A value in each kind of place in which a secret can be, and the path that a refusal names. */
const places: [string, (value: string) => JsonObject][] = [
  ["connection.authentication.password", (value) => kafka({ password: value })],
  ["connection.authentication.sslKey", (value) => kafka({ sslKey: value })],
  ["connection.config.ssl.truststore.password", (value) => kafka({}, { config: { "ssl.truststore.password": value } })],
  ["connection.headers.X-Api-Key", (value) => https({ headers: { "X-Api-Key": value } })],
  ["connection.headers.Authorization", (value) => https({ headers: { Authorization: `Bearer ${value}` } })],
  ["connection.url", (value) => https({ url: `https://bob:${value}@a.example.com` })],
  ["connection.url", (value) => https({ url: `https://a.example.com?page=1&token=${value}` })],
  ["connection.schemaRegistryUrls[0]", (value) => registry(`https://bob:${value}@a.example.com`)],
];

/** One more, in which no reference may stand. */
const hosts: (typeof places)[number] = [
  "connection.bootstrapServers",
  (value) => kafka({}, { bootstrapServers: `bob:${value}@b:9092` }),
];

async function expectRefused(path: string, why: RegExp, result: Result, by = on) {
  expect(result.error).toMatchObject({
    kind: "invalid_input",
    retryable: false,
    fields: [{ path, message: expect.stringMatching(why) }],
    hint: expect.stringContaining("nothing was sent"),
  });
  expect(by.sandbox.requests.filter(({ method }) => method !== "GET")).toEqual([]);
}

describe.each([
  ["the mask", "***", /^holds \*\*\*.*\$\{env:NAME\}/],
  ["text that holds the mask", "abc***", /^holds \*\*\*.*\$\{env:NAME\}/],
  ["a reference to another program's variable", "${KAFKA_PASSWORD}", /^looks like a reference.*\$\{env:NAME\}/],
  ["a variable of a shell", "$KAFKA_PASSWORD", /^looks like a reference.*\$\{env:NAME\}/],
  ["a reference in capitals", "${ENV:KAFKA_PASSWORD}", /^looks like a reference.*\$\{env:NAME\}/],
  ["a placeholder", "YOUR_PASSWORD", /^looks like a placeholder.*\$\{env:NAME\}/],
  ["another placeholder", "changeme", /^looks like a placeholder.*\$\{env:NAME\}/],
  ["a reference without its end", "${env:KAFKA_PASSWORD", /^looks like a reference.*\$\{env:NAME\}/],
  ["the bare name of a variable", "ATLAS_STREAMS_SECRET_USER", /^is the name of a variable.*\$\{env:NAME\}/],
  ["what a program made of nothing", "undefined", /^looks like a placeholder.*\$\{env:NAME\}/],
  ["what hid it", "••••••••", /^looks like a placeholder.*\$\{env:NAME\}/],
])("%s", (_, value, why) => {
  it.each([...places, hosts])("is refused at %s, and nothing is sent", async (path, connection) => {
    await expectRefused(path, why, await create(connection(value)));
    await expectRefused(path, why, await create(connection(value), { dryRun: true }));
  });
});

describe("more that is no secret", () => {
  it.each([
    ["a reference without its braces", "env:KAFKA_PASSWORD", /^looks like a reference/],
    ["a placeholder in angle brackets", "<password>", /^looks like a placeholder/],
    ["the word ask, where nobody is asked", "ask", /`secrets`: "ask"/],
  ])("%s is refused", async (_, value, why) => {
    await expectRefused("connection.authentication.password", why, await create(kafka({ password: value })));
    await expectRefused("connection.headers.X-Key", why, await create(https({ headers: { "X-Key": value } })));
  });

  it("is told of all at once, beside what else is wrong", async () => {
    const { error } = await create(kafka({ password: "***", sslKey: "<key>" }, { surplus: 1 }));
    expect(error?.fields?.map(({ path }) => path).sort()).toEqual([
      "connection.authentication.password",
      "connection.authentication.sslKey",
      "connection.surplus",
    ]);
  });

  it("is taken by reference, whatever it reads", async () => {
    const password = "${env:ATLAS_STREAMS_SECRET_MASK}";
    const headers = { Authorization: "Bearer ${env:ATLAS_STREAMS_SECRET_PLACEHOLDER}" };
    expect(await create(kafka({ password }))).toMatchObject({ outcome: "created" });
    expect(await create(https({ headers }))).toMatchObject({ outcome: "created" });
  });

  it("is no matter where no secret is", async () => {
    const headers = { "Content-Type": "application/json", "User-Agent": "<agent>" };
    expect(await create(https({ headers }))).toMatchObject({ outcome: "created" });
    expect(await create(kafka({ username: "changeme" }))).toMatchObject({ outcome: "created" });
  });
});

describe("what a dry run or a read showed", () => {
  it("holds variables where a secret stood, not the mask, in its commands", async () => {
    const connection = https({
      url: "https://bob:hunter22@a.example.com?token=hunter33",
      headers: { Authorization: "hunter44" },
    });
    const { equivalents, request } = await create(connection, { dryRun: true });
    expect(JSON.stringify(request)).toContain("bob:***@");
    expect(Object.keys(Object(equivalents))).toEqual(["curl", "atlasCli", "terraform"]);
    for (const command of Object.values<string>(Object(equivalents))) {
      expect(command).not.toContain("***");
      expect(command).not.toMatch(/hunter\d/);
    }
  });

  it("is refused when it is created as it was shown", async () => {
    const { request } = await create(kafka({ username: reference }), { dryRun: true });
    const shown: JsonObject = Object(request).body;
    const { error } = await create(shown);
    expect(error?.fields?.map(({ path }) => path).sort()).toEqual([
      "connection.authentication.password",
      "connection.authentication.username",
    ]);
    expect(on.sandbox.requests.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("is refused in an update, which would replace what is there by a mask", async () => {
    const there = connectionSchema.parse(
      https({
        url: "https://bob:hunter22@a.example.com",
        headers: { Authorization: "hunter33", Accept: "text/plain" },
      }),
    );
    const workspace = on.sandbox.state.workspace(place.groupId, place.tenantName);
    if (workspace) addConnection(workspace, there, 0);
    const { connection } = await call("get_stream_connection", { connectionName: there.name });
    const update = (given: JsonObject) =>
      call("update_stream_connection", { connectionName: there.name, connection: given });
    const why = /^holds \*\*\*/;
    await expectRefused("connection.url", why, await update({ url: "https://bob:***@b.example.com" }));
    await expectRefused("connection.headers.Authorization", why, await update({ headers: connection?.["headers"] }));
    expect((await update({ ...connection })).error?.fields?.map(({ path }) => path)).toEqual([
      "connection.url",
      "connection.headers.Authorization",
    ]);
    expect(on.sandbox.state.connection(place.groupId, place.tenantName, there.name)?.body).toEqual(there);
  });
});

describe("where secrets must be references", () => {
  const why = /^must be a reference such as \$\{env:NAME\}.*ATLAS_STREAMS_MCP_INLINE_SECRETS/;

  it.each([...places, hosts])("one that is written out at %s is refused", async (path, connection) => {
    const result = await create(connection("typed-into-the-chat"), {}, refusing);
    await expectRefused(path, why, result, refusing);
    expect(JSON.stringify(result) + refusing.server.stderr()).not.toContain("typed-into");
  });

  it.each(places)("text beside a reference is refused at %s", async (path, connection) => {
    const result = await create(connection(`pre${reference}`), {}, refusing);
    await expectRefused(path, why, result, refusing);
    const bearer = https({ headers: { Authorization: `Bearer inline ${reference}` } });
    await expectRefused("connection.headers.Authorization", why, await create(bearer, {}, refusing), refusing);
  });

  it("a header of $https in a pipeline is refused, and leads to the connection", async () => {
    const headers = { Authorization: "Bearer typed-into-the-chat", Accept: "text/plain", "X-Device": "$device" };
    const pipeline = [
      { $source: { connectionName: "s" } },
      { $https: { connectionName: "h", path: "/a?token=typed-too", headers, as: "r" } },
      { $merge: { into: { connectionName: "c", db: "d", coll: "e" } } },
    ];
    const result = await call("create_stream_processor", { processorName: freshName(), pipeline }, refusing);
    const message = expect.stringMatching(/written out.*headers or the URL of the connection/);
    expect(result.error?.fields).toEqual(
      expect.arrayContaining([
        { path: "pipeline[1].$https.headers.Authorization", message },
        { path: "pipeline[1].$https.path", message },
      ]),
    );
    expect(result.error?.fields?.map(({ path }) => path).join()).not.toMatch(/Accept|X-Device/);
    expect(JSON.stringify(result)).not.toContain("typed-");
  });

  it.each(places)("a reference is taken at %s", async (_, connection) => {
    expect(await create(connection(reference), {}, refusing)).toMatchObject({ outcome: "created" });
  });

  it("headers and parameters of a URL that are no secret are not concerned", async () => {
    const headers = { "Content-Type": "application/json", accept: "text/plain" };
    const connection = https({ url: "https://bob@a.example.com?page=2", headers });
    expect(await create(connection, {}, refusing)).toMatchObject({ outcome: "created" });
  });

  it("an update is held to the same", async () => {
    const connection = https({});
    await create(connection, {}, refusing);
    const change = { connectionName: connection.name, connection: { headers: { "X-Key": "typed-into-the-chat" } } };
    const result = await call("update_stream_connection", change, refusing);
    expect(result.error).toMatchObject({ fields: [{ path: "connection.headers.X-Key" }] });
    expect(refusing.sandbox.requests.filter(({ method }) => method === "PATCH")).toEqual([]);
  });
});
