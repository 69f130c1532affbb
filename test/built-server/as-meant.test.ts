/** Arguments that are taken as they are meant, by every tool of the built server and in both eras. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isObject, type JsonObject } from "../../src/json.ts";
import { creates, freshName, place, variablesFor } from "../support/against-sandbox.ts";
import { eras } from "../support/eras.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { resultIn, type ServerProcess, startProcess } from "../support/server-process.ts";

const { groupId, tenantName } = place;
const KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQ-key-of-the-client\n-----END PRIVATE KEY-----";

describe.each(eras)("in the $name era", ({ open, params }) => {
  let sandbox: Sandbox;
  let server: ServerProcess;
  beforeAll(async () => {
    // What is new can be read at once: the moment in which it cannot is not what these tests are about.
    sandbox = await startSandbox({ oddities: { hiddenMs: 0 } });
    const secrets = { ATLAS_STREAMS_SECRET_CLIENT_KEY: KEY.replaceAll("\n", "\\n") };
    server = startProcess({ env: { ...variablesFor(sandbox), ...secrets } });
    await open(server);
  });
  afterEach(() => {
    sandbox.requests.length = 0;
  });
  afterAll(async () => {
    server.child.stdin.end();
    await server.ended;
    await sandbox.close();
  });

  const call = async (name: string, args: JsonObject): Promise<JsonObject> =>
    resultIn(await server.ask("tools/call", params({ name, arguments: args })));
  const create = (connection: unknown, more: JsonObject = {}) =>
    call("create_stream_connection", { ...place, connection, ...more });
  const fieldsOf = ({ error }: JsonObject) => (isObject(error) ? error["fields"] : undefined);
  const bodies = () => creates(sandbox).map(({ body }) => body);

  it("nulls and what clients add by themselves are as if left out, without a word", async () => {
    const dummies = { random_string: "x", _reason: "because" };
    const lists: [string, JsonObject][] = [
      ["list_projects", { nameContains: null }],
      ["list_stream_workspaces", { groupId, nameContains: null }],
      ["list_stream_connections", { ...place, type: null, nameContains: null }],
    ];
    for (const [tool, args] of lists) {
      const result = await call(tool, { ...args, ...dummies });
      expect([tool, result["outcome"], result["warnings"]]).toEqual([tool, "ok", undefined]);
    }
    expect(await call("list_stream_connections", { groupId: null, tenantName })).toMatchObject({
      error: { fields: [{ path: "groupId", message: expect.stringMatching(/^is required/) }] },
    });
  });

  it("names and values in another spelling are taken, with a warning of each", async () => {
    const name = freshName();
    await create({ name, type: "Sample" });
    const given = { project_id: groupId, workspaceName: tenantName };
    expect(await call("list_stream_connections", { ...given, Type: "sample" })).toMatchObject({
      outcome: "ok",
      connections: [{ name }],
      warnings: [
        "project_id: was taken as groupId",
        "workspaceName: was taken as tenantName",
        "Type: was taken as type",
        'type: was taken as "Sample"',
      ],
    });
    expect(await call("get_connection_options", { projectId: groupId, type: "s3" })).toMatchObject({
      outcome: "ok",
      template: { type: "S3" },
      warnings: [
        'type: was taken as "S3"',
        "projectId: was taken as groupId",
        expect.stringMatching(/^The role .* is not authorized/),
      ],
    });
    expect(await call("get_stream_connection", { ...given, name })).toMatchObject({ connection: { name } });
    const removal = { ...given, Name: name, confirm: name };
    expect(await call("delete_stream_connection", { ...removal, dry_run: "true" })).toMatchObject({
      outcome: "planned",
      warnings: expect.arrayContaining([
        "Name: was taken as connectionName",
        "dry_run: was taken as dryRun",
        "dryRun: was text and was read as true or false",
      ]),
    });
    expect(await call("delete_stream_connection", removal)).toMatchObject({ outcome: "deleted" });
  });

  it("an argument that is given twice with two values is refused at the odd one, and nothing is asked", async () => {
    const result = await call("delete_stream_connection", {
      ...place,
      workspaceName: "another",
      connectionName: "a",
      name: "b",
      confirm: "a",
    });
    expect(fieldsOf(result)).toEqual([
      { path: "workspaceName", message: "is another name for tenantName, which has a different value" },
      { path: "name", message: "is another name for connectionName, which has a different value" },
    ]);
    expect(sandbox.requests).toEqual([]);
  });

  it("any other unknown argument is refused, with the one that does the job", async () => {
    const result = await call("delete_stream_connection", {
      ...place,
      connectionName: "a",
      confirm: "a",
      preview: true,
    });
    expect(fieldsOf(result)).toEqual([
      { path: "preview", message: expect.stringMatching(/^is not an argument; did you mean dryRun\?/) },
    ]);
  });

  it("an update takes JSON text and settings of a client, and fills in what there is", async () => {
    const name = freshName();
    await create({
      name,
      type: "Kafka",
      bootstrapServers: "b:9092",
      authentication: { mechanism: "PLAIN", username: "u", password: "first-password" },
    });
    const change = JSON.stringify({
      type: null,
      bootstrap_servers: ["b:9092", "c:9092"],
      config: { saslPassword: "next-password" },
    });
    const result = await call("update_stream_connection", { ...place, name, connection: change });
    expect(result).toMatchObject({
      outcome: "updated",
      changes: [{ path: "bootstrapServers", after: "b:9092,c:9092" }, { path: "authentication.password" }],
      warnings: [
        "name: was taken as connectionName",
        "connection: was text and was read as JSON",
        "connection.bootstrap_servers: was taken as bootstrapServers",
        "connection.bootstrapServers: was a list and was joined with commas",
        "connection.config.saslPassword: was moved to authentication.password",
      ],
    });
    expect(sandbox.requests.findLast(({ method }) => method === "PATCH")?.body).toEqual({
      name,
      type: "Kafka",
      bootstrapServers: "b:9092,c:9092",
      authentication: { mechanism: "PLAIN", username: "u", password: "next-password" },
    });
    expect(JSON.stringify(result)).not.toContain("next-password");
  });

  it("a create takes a response and a client's settings, and tells what became of each", async () => {
    const name = freshName();
    const result = await create({
      ConnectionName: name,
      type: "kafka",
      id: "32b6e34b3d91647abb20e7b8",
      links: [],
      url: null,
      config: JSON.stringify({
        "bootstrap.servers": "b:9092",
        "sasl.jaas.config": `org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="jaas-password";`,
        "ssl.truststore.password": "store-password",
        retries: 3,
      }),
    });
    expect(result).toMatchObject({
      outcome: "created",
      warnings: [
        'connection.type: was taken as "Kafka"',
        "connection.id: is read-only and was left out",
        "connection.links: is read-only and was left out",
        "connection.config: was text and was read as JSON",
        "connection.config.retries: was a number and was converted to a string",
        "connection.ConnectionName: was taken as name",
        "connection.config.bootstrap.servers: was moved to bootstrapServers",
        "connection.config.sasl.jaas.config: was moved to authentication.username",
        "connection.config.sasl.jaas.config: was moved to authentication.password",
        "connection.config.ssl.truststore.password: looks like a secret, and Atlas shows config to everyone who can read the connection",
      ],
    });
    expect(bodies()).toEqual([
      {
        name,
        type: "Kafka",
        bootstrapServers: "b:9092",
        authentication: { username: "u", password: "jaas-password" },
        config: { "ssl.truststore.password": "store-password", retries: "3" },
      },
    ]);
    expect(JSON.stringify(result)).not.toMatch(/jaas-password|store-password/);
  });

  it("a key that a reference gives gets the line breaks that were written as \\n", async () => {
    const name = freshName();
    const authentication = { sslKey: "${env:ATLAS_STREAMS_SECRET_CLIENT_KEY}" };
    const result = await create({ name, type: "Kafka", bootstrapServers: "b:9092", authentication });
    expect(result).toMatchObject({
      outcome: "created",
      warnings: [
        "connection.authentication.sslKey: had its line breaks written as \\n; real line breaks were put in their place",
        "connection.authentication.sslCertificate: a client key normally needs its certificate",
      ],
    });
    expect(bodies()).toMatchObject([{ authentication: { sslKey: KEY } }]);
    expect(JSON.stringify(result)).not.toContain("MIIEvQ");
  });

  it("what contradicts itself is refused beside everything else that is wrong, and no secret is told", async () => {
    const result = await create({
      name: freshName(),
      type: "Kafka",
      bootstrapServers: null,
      authentication: { mechanism: "PLAIN", username: "u", password: "one-password", Password: "two-password" },
      security: "SASL_SSL please",
      config: { "sasl.password": "three-password" },
    });
    expect(fieldsOf(result)).toEqual(
      [
        ["authentication.Password", /^is another name for password/],
        ["config.sasl.password", /^sets connection\.authentication\.password/],
        ["bootstrapServers", /^is required/],
        ["security", /^must be an object \{protocol, brokerPublicCertificate\}/],
      ].map(([path, message]) => ({ path: `connection.${path}`, message: expect.stringMatching(message ?? "") })),
    );
    expect(JSON.stringify(result)).not.toMatch(/(one|two|three)-password/);
    expect(bodies()).toEqual([]);
  });
});
