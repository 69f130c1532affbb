/** `update_stream_connection`: what is changed, what is shown of it, and what cannot be. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectionSchema } from "../../src/connections/union.ts";
import type { JsonObject } from "../../src/json.ts";
import { addProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import { exampleOf } from "../connections/example.ts";
import { connectionsPath, freshName, place } from "../support/against-sandbox.ts";
import { bodyValidators } from "../support/api-description.ts";
import { openapi } from "../support/shared-atlas.ts";
import { emptyWorkspace, type Session, startSession, stored } from "./session.ts";

const secrets = {
  ATLAS_STREAMS_SECRET_PASSWORD: "referenced-password",
  ATLAS_STREAMS_SECRET_SERVERS: "referenced.example.com:9092",
};

let session: Session;
beforeAll(async () => {
  session = await startSession({
    env: secrets,
    secrets: [...Object.values(secrets), "old-password", "inline-password"],
  });
}, 60_000);
afterEach(() => session.reset());
afterAll(() => session.close());

const existingKafka = (more: JsonObject = {}) => {
  const connection = {
    name: freshName(),
    type: "Kafka",
    bootstrapServers: "b1.example.com:9092",
    authentication: { mechanism: "SCRAM-512", username: "atlas", password: "old-password" },
    config: { "auto.offset.reset": "earliest", "client.id": "a" },
    ...more,
  };
  session.put(connectionSchema.parse(connection));
  return connection.name;
};

const update = (connectionName: string, connection: unknown, more: JsonObject = {}) =>
  session.call("update_stream_connection", { ...place, connectionName, connection, ...more });

const bodies = () => session.sent("PATCH").map(({ body }) => body);

describe("an update", () => {
  it("shows long values by their beginning and their end, and sends them whole", async () => {
    const certificate = (inside: string) =>
      `-----BEGIN CERTIFICATE-----\n${inside.repeat(490)}\n-----END CERTIFICATE-----`;
    const [before, after] = [certificate("MIIB"), certificate("MIIC")];
    const name = existingKafka({ security: { protocol: "SASL_SSL", brokerPublicCertificate: before } });
    const { changes, isError } = await update(name, { security: { brokerPublicCertificate: after } });
    const short = (inside: string) =>
      expect.stringMatching(
        new RegExp(`^-----BEGIN CERTIFICATE-----\n(${inside})+ … 1\\d+ characters left out … .*CERTIFICATE-----$`, "s"),
      );
    expect(isError).toBe(false);
    expect(changes).toEqual([
      { path: "security.brokerPublicCertificate", before: short("MIIB"), after: short("MIIC") },
    ]);
    expect(bodies()).toMatchObject([{ security: { brokerPublicCertificate: after } }]);
  });

  it("sends the fields that change, and shows each change with what was before", async () => {
    const name = existingKafka();
    const given = { "auto.offset.reset": "latest", "group.id": "g", "client.id": null };
    const config = { "auto.offset.reset": "latest", "group.id": "g" };
    expect(await update(name, { bootstrapServers: "b2.example.com:9092", config: given })).toEqual({
      isError: false,
      outcome: "updated",
      summary: expect.stringContaining(`of the connection "${name}"`),
      project: place,
      connection: {
        id: stored(session.sandbox, name)?.id,
        name,
        type: "Kafka",
        state: "READY",
        region: "FRANKFURT_DEU",
        bootstrapServers: "b2.example.com:9092",
        authentication: { mechanism: "SCRAM-512", username: "atlas" },
        config,
        networking: { access: { type: "PUBLIC" } },
      },
      changes: [
        { path: "bootstrapServers", before: "b1.example.com:9092", after: "b2.example.com:9092" },
        { path: "config.auto.offset.reset", before: "earliest", after: "latest" },
        { path: "config.group.id", after: "g" },
        { path: "config.client.id", before: "a" },
      ],
      warnings: [],
    });
    expect(bodies()).toEqual([{ name, type: "Kafka", bootstrapServers: "b2.example.com:9092", config }]);
    if (!openapi) return;
    const validate = bodyValidators().get("Kafka");
    expect([validate?.(bodies()[0]), validate?.errors]).toEqual([true, null]);
  });

  it("leaves alone what was not given", async () => {
    const name = existingKafka();
    await update(name, { bootstrapServers: "b2.example.com:9092" });
    expect(stored(session.sandbox, name)?.body).toMatchObject({
      authentication: { password: "old-password" },
      config: { "client.id": "a" },
    });
  });

  it("shows nothing of secrets and references but that they change", async () => {
    const name = existingKafka();
    const result = await update(name, {
      config: { "client.id": "${env:ATLAS_STREAMS_SECRET_SERVERS}" },
      authentication: {
        mechanism: "SCRAM-512",
        username: "atlas",
        password: "${env:ATLAS_STREAMS_SECRET_PASSWORD}",
        sslKey: "inline-password",
      },
    });
    expect(result).toMatchObject({
      outcome: "updated",
      changes: [
        { path: "config.client.id", before: "a", after: "***" },
        { path: "authentication.password", before: "***", after: "***" },
        { path: "authentication.sslKey", before: "***", after: "***" },
      ],
    });
    expect(stored(session.sandbox, name)?.body).toMatchObject({
      config: { "client.id": "referenced.example.com:9092" },
      authentication: { password: "referenced-password" },
    });
  });

  it.each<[string, JsonObject]>([
    ["the fields as they are", { bootstrapServers: "b1.example.com:9092", networking: { access: { type: "PUBLIC" } } }],
    ["no field", {}],
    ["the name and type alone", { type: "Kafka" }],
    ["the same list in other spacing", { bootstrapServers: " b1.example.com:9092 " }],
  ])("given %s sends nothing", async (_, given) => {
    const name = existingKafka();
    const result = await update(name, { ...given, name });
    expect(result).toMatchObject({ isError: false, outcome: "unchanged", connection: { name }, changes: [] });
    expect(bodies()).toEqual([]);
  });

  it("takes what get_stream_connection gave, pasted back", async () => {
    const name = existingKafka();
    const { connection } = await session.call("get_stream_connection", { ...place, connectionName: name });
    const result = await update(name, { ...connection, bootstrapServers: "b2.example.com:9092" });
    expect(result).toMatchObject({ outcome: "updated", changes: [{ path: "bootstrapServers" }] });
    expect(bodies()).toEqual([{ name, type: "Kafka", bootstrapServers: "b2.example.com:9092" }]);
    expect(stored(session.sandbox, name)?.body).toMatchObject({ authentication: { password: "old-password" } });
  });

  it("takes the same of a schema registry, whose login needs its password", async () => {
    const name = freshName();
    session.put(connectionSchema.parse(exampleOf("SchemaRegistry", { name })));
    const { connection } = await session.call("get_stream_connection", { ...place, connectionName: name });
    const schemaRegistryUrls = ["https://other.example.com"];
    const result = await update(name, { ...connection, schemaRegistryUrls });
    expect(result).toMatchObject({ outcome: "updated", changes: [{ path: "schemaRegistryUrls" }] });
    expect(bodies()).toEqual([{ name, type: "SchemaRegistry", schemaRegistryUrls }]);
  });

  it("takes what agents commonly send in another form, as the create does", async () => {
    const name = existingKafka();
    const result = await update(name, { bootstrapServers: ["b1:9092", "b2:9092"], config: { retries: 3 } });
    const config = { "auto.offset.reset": "earliest", "client.id": "a", retries: "3" };
    expect(result).toMatchObject({ outcome: "updated", connection: { config } });
    expect(result["warnings"]).toEqual([
      expect.stringContaining("connection.bootstrapServers"),
      expect.stringContaining("connection.config.retries"),
    ]);
    expect(bodies()).toMatchObject([{ bootstrapServers: "b1:9092,b2:9092", config }]);
  });

  it("takes a connection that is text, and says so", async () => {
    const name = existingKafka();
    const result = await update(name, JSON.stringify({ bootstrapServers: ["b2:9092"] }));
    expect(result).toMatchObject({ outcome: "updated", connection: { bootstrapServers: "b2:9092" } });
    expect(result["warnings"]).toContainEqual(expect.stringContaining("read as JSON"));
  });

  it("takes nulls as if left out, and says so of what Atlas has", async () => {
    const name = existingKafka();
    const given = { name: null, type: null, bootstrapServers: null, config: null, security: { protocol: "SASL_SSL" } };
    const authentication = { username: null, mechanism: null, scope: null };
    expect(await update(name, { ...given, authentication })).toMatchObject({
      outcome: "updated",
      changes: [{ path: "security.protocol", after: "SASL_SSL" }],
      warnings: [
        'connection.bootstrapServers, connection.config, connection.authentication.username, connection.authentication.mechanism: null counts as left out, so they stay as they are. To clear a map give {}, to clear a text "" (Atlas may refuse either).',
      ],
    });
    expect(bodies()).toEqual([{ name, type: "Kafka", security: { protocol: "SASL_SSL" } }]);
  });

  it("says of nulls that change nothing how such a field is cleared", async () => {
    const name = existingKafka({ security: { protocol: "SASL_SSL" } });
    expect(await update(name, { security: { Protocol: null } })).toMatchObject({
      outcome: "unchanged",
      warnings: [expect.stringMatching(/^connection\.security\.protocol: null counts as left out.*\{\}.*""/)],
    });
    expect(await update(name, { security: { brokerPublicCertificate: null } })).toMatchObject({ warnings: [] });
  });

  it("moves a setting of a Kafka client into the login that there is", async () => {
    const name = existingKafka();
    const result = await update(name, { type: "kafka", Config: { "sasl.password": "inline-password" } });
    expect(result).toMatchObject({
      outcome: "updated",
      changes: [{ path: "authentication.password", before: "***", after: "***" }],
      warnings: [
        'connection.type: was taken as "Kafka"',
        "connection.Config: was taken as config",
        "connection.config.sasl.password: was moved to authentication.password",
      ],
    });
    expect(bodies()).toEqual([
      {
        name,
        type: "Kafka",
        authentication: { mechanism: "SCRAM-512", username: "atlas", password: "inline-password" },
      },
    ]);
  });

  it("warns of a secret that stays in config, and of none that was there before", async () => {
    const name = existingKafka({ config: { "ssl.truststore.password": "old-password" } });
    expect((await update(name, { bootstrapServers: "b2.example.com:9092" }))["warnings"]).toEqual([]);
    expect((await update(name, { config: { "ssl.truststore.password": "inline-password" } }))["warnings"]).toEqual([
      expect.stringMatching(/^connection\.config\.ssl\.truststore\.password: .* Atlas shows config/),
    ]);
  });

  it("passes on what the union warns of in the fields that were given", async () => {
    const name = existingKafka();
    const { warnings } = await update(name, { security: { protocol: "SASL_QUIC" } });
    expect(warnings).toEqual([expect.stringMatching(/connection\.security\.protocol.*not a documented value/)]);
  });
});

describe("a login", () => {
  const certified = { sslCertificate: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----" };

  it("of another mechanism keeps what both have", async () => {
    const name = existingKafka({
      authentication: { mechanism: "SCRAM-256", username: "bob", password: "old-password" },
    });
    const authentication = { mechanism: "SCRAM-512", password: "inline-password" };
    expect(await update(name, { authentication })).toMatchObject({
      outcome: "updated",
      changes: [{ path: "authentication.mechanism" }, { path: "authentication.password" }],
    });
    expect(bodies()).toMatchObject([{ authentication: { ...authentication, username: "bob" } }]);
  });

  it("of another mechanism loses what that cannot have", async () => {
    const name = existingKafka({
      authentication: { mechanism: "PLAIN", username: "bob", password: "old-password", ...certified },
    });
    const oauth = {
      mechanism: "OAUTHBEARER",
      method: "OIDC",
      tokenEndpointUrl: "https://login.example.com/token",
      clientId: "id",
      clientSecret: "inline-password",
    };
    const sslKey = "old-password";
    expect(await update(name, { authentication: { ...oauth, sslKey } })).toMatchObject({ outcome: "updated" });
    expect(bodies()).toEqual([
      { name, type: "Kafka", authentication: { ...oauth, sslKey, sslCertificate: certified.sslCertificate } },
    ]);
    await update(name, { authentication: { mechanism: "SCRAM-512", username: "b", password: "old-password", sslKey } });
    expect(stored(session.sandbox, name)?.body).toMatchObject({
      authentication: { mechanism: "SCRAM-512", username: "b", password: "old-password", sslKey, ...certified },
    });
    expect(bodies()[1]).toEqual({
      name,
      type: "Kafka",
      authentication: { mechanism: "SCRAM-512", username: "b", password: "old-password", sslKey, ...certified },
    });
  });

  it("of a mechanism that nobody knows keeps all that Atlas shows", async () => {
    const name = existingKafka();
    await update(name, { authentication: { mechanism: "KERBEROS", password: "inline-password" } });
    expect(bodies()).toMatchObject([{ authentication: { mechanism: "KERBEROS", username: "atlas" } }]);
  });

  it("keeps its user where the same mechanism gets a new password", async () => {
    const name = existingKafka();
    await update(name, { authentication: { mechanism: "SCRAM-512", password: "inline-password" } });
    expect(bodies()).toMatchObject([{ authentication: { username: "atlas", password: "inline-password" } }]);
  });

  it.each<[string, JsonObject]>([
    ["another user", { username: "other" }],
    ["another mechanism", { mechanism: "SCRAM-256", username: "atlas" }],
  ])("with %s and without its password is refused, and nothing is sent", async (_, authentication) => {
    const name = existingKafka();
    const { error } = await update(name, { authentication });
    expect(error).toMatchObject({
      kind: "invalid_input",
      fields: [{ path: "connection.authentication.password", message: expect.stringMatching(/^is required/) }],
      hint: expect.stringContaining("${env:NAME}"),
    });
    expect(bodies()).toEqual([]);
  });

  it("with a certificate needs its key again, which Atlas does not show", async () => {
    const name = existingKafka({ authentication: { ...certified, sslKey: "old-password" } });
    const { error } = await update(name, {
      authentication: { mechanism: "PLAIN", username: "u", password: "p-p-p-p" },
    });
    expect(error).toMatchObject({ kind: "invalid_input", fields: [{ path: "connection.authentication.sslKey" }] });
    expect(bodies()).toEqual([]);
  });

  it("never gets what Atlas shows in place of a secret", async () => {
    const name = existingKafka();
    const authentication = { mechanism: "SCRAM-512", username: "atlas", password: "***" };
    const existing = { name, type: "Kafka", bootstrapServers: "b0:1", authentication };
    session.sandbox.faults.add({ method: "GET", fault: { kind: "answer", status: 200, body: existing } });
    await update(name, { authentication: { username: "other", password: "inline-password" } });
    expect(bodies()).toMatchObject([{ authentication: { username: "other", password: "inline-password" } }]);
    session.sandbox.faults.add({ method: "GET", fault: { kind: "answer", status: 200, body: existing } });
    const { error } = await update(name, { authentication: { username: "another" } });
    expect(error).toMatchObject({ fields: [{ path: "connection.authentication.password" }] });
  });
});

describe("what Atlas shows after a change", () => {
  const url = "https://before.example.com";
  const existingHook = () => {
    const name = freshName();
    session.put({ name, type: "Https", url, headers: { "X-A": "old-password", Accept: "b" } });
    return name;
  };
  const answering = (name: string, shown: JsonObject) => {
    const body = { name, type: "Https", state: "READY", ...shown };
    session.sandbox.faults.add({ method: "PATCH", fault: { kind: "answer", status: 200, body } });
  };

  it("is what the changes tell, with a warning where it is not what was requested", async () => {
    const name = existingHook();
    answering(name, { url, headers: { "X-A": "old-password", Accept: "c" } });
    const given = { url: "https://after.example.com", headers: { "X-A": "inline-password", Accept: "c" } };
    expect(await update(name, given)).toMatchObject({
      outcome: "updated",
      summary: expect.stringMatching(/^Atlas took the change .* but does not show url, headers\.X-A as requested/),
      changes: [
        { path: "url", before: url, after: url },
        { path: "headers.X-A", before: "***", after: "***" },
        { path: "headers.Accept", before: "b", after: "c" },
      ],
      warnings: [
        `connection.url: is "${url}"; "https://after.example.com" was requested`,
        "connection.headers.X-A: is another secret than the one requested",
      ],
    });
  });

  it("is told as it is where Atlas shows nothing of it", async () => {
    const name = existingHook();
    answering(name, {});
    const result = await update(name, { url: "https://after.example.com", headers: { Accept: "c" } });
    expect(result["changes"]).toEqual([
      { path: "url", before: url },
      { path: "headers.Accept", before: "b", after: "c" },
    ]);
    expect(result["warnings"]).toEqual([expect.stringMatching(/^connection\.url: is not set; .* was requested/)]);
  });
});

describe("waiting for one that is FAILED", () => {
  const failing = () => {
    const name = freshName();
    session.put({ name, type: "Kafka", bootstrapServers: "no.invalid:9092" }).state = "FAILED";
    return name;
  };
  const wait = { waitUntilReady: true };

  it("gives it the time to recover", async () => {
    expect(await update(failing(), { bootstrapServers: "b2.example.com:9092" }, wait)).toMatchObject({
      outcome: "updated",
      connection: { state: "READY" },
      changes: [{ path: "bootstrapServers" }],
    });
  });

  it("tells the change and what to look at where it fails again", async () => {
    const name = failing();
    const [brokers, later] = ["other.invalid:9092", { name, type: "Kafka", bootstrapServers: "other.invalid:9092" }];
    for (const state of ["PENDING", "FAILED"])
      session.sandbox.faults.add({
        method: "GET",
        after: { method: "PATCH" },
        fault: { kind: "answer", status: 200, body: { ...later, state } },
      });
    expect(await update(name, { bootstrapServers: brokers }, wait)).toMatchObject({
      isError: true,
      summary: expect.stringMatching(/was changed, and is FAILED/),
      connection: { state: "FAILED" },
      changes: [{ path: "bootstrapServers", after: brokers }],
      error: {
        kind: "atlas_error",
        hint: expect.stringMatching(/brokers.*login.*network.*update_stream_connection.*delete_stream_connection/),
      },
    });
  });
});

describe("processors that run on it", () => {
  const change = { bootstrapServers: "b2.example.com:9092" };
  const running = () => {
    const name = existingKafka();
    const pipeline = [{ $source: { connectionName: name, topic: "t" } }, { $emit: { connectionName: "__testLog" } }];
    const workspace = emptyWorkspace(session.sandbox);
    addProcessor(workspace, { name: "filling", pipeline, dlq: undefined, tier: "SP10" }, 0).state = "STARTED";
    addProcessor(workspace, { name: "resting", pipeline, dlq: undefined, tier: "SP10" }, 0).state = "STOPPED";
    return name;
  };
  afterEach(() => emptyWorkspace(session.sandbox).processors.clear());

  it("keep it as it is, which is a conflict that names them", async () => {
    const name = running();
    expect(await update(name, change)).toMatchObject({
      isError: true,
      summary: `Stream processors run on the connection "${name}": filling.`,
      processors: ["filling"],
      error: {
        kind: "conflict",
        errorCode: "STREAM_CONNECTION_HAS_STREAM_PROCESSORS",
        hint: expect.stringMatching(/Ask the person.*stop_stream_processor.*start_stream_processor/),
      },
    });
  });

  it("are foreseen by a dry run", async () => {
    const name = running();
    expect(await update(name, change, { dryRun: true })).toMatchObject({
      outcome: "planned",
      wouldBe: "conflict",
      summary: expect.stringMatching(/^Would fail \(conflict\): Stream processors run on .*: filling/),
      changes: [{ path: "bootstrapServers" }],
    });
    expect(session.sent("PATCH")).toEqual([]);
  });
});

describe("the role of a cluster", () => {
  const existingCluster = (role: string, type: "BUILT_IN" | "CUSTOM") => {
    const name = freshName();
    session.put({ name, type: "Cluster", clusterName: "Cluster0", dbRoleToExecute: { role, type } });
    return name;
  };

  it("is built in where its name is, without a word on its type", async () => {
    const name = existingCluster("streamWriter", "CUSTOM");
    await update(name, { dbRoleToExecute: { role: "readAnyDatabase" } });
    expect(bodies()).toMatchObject([{ dbRoleToExecute: { role: "readAnyDatabase", type: "BUILT_IN" } }]);
  });

  it("is of the type that is given", async () => {
    const name = existingCluster("streamWriter", "CUSTOM");
    await update(name, { dbRoleToExecute: { role: "readAnyDatabase", type: "CUSTOM" } });
    expect(bodies()).toMatchObject([{ dbRoleToExecute: { role: "readAnyDatabase", type: "CUSTOM" } }]);
  });

  it("keeps its type where its name says nothing of it", async () => {
    const name = existingCluster("streamWriter", "CUSTOM");
    await update(name, { dbRoleToExecute: { role: "another" } });
    expect(bodies()).toMatchObject([{ dbRoleToExecute: { role: "another", type: "CUSTOM" } }]);
  });
});

describe("a map", () => {
  const existingHook = (headers?: Record<string, string>) => {
    const connection = { name: freshName(), type: "Https", url: "https://a.example.com", ...(headers && { headers }) };
    session.put(connectionSchema.parse(connection));
    return connection.name;
  };
  const headers = { Authorization: "old-password", "X-A": "1" };

  it.each<[string, JsonObject, JsonObject, string[]]>([
    ["one header leaves the others", { "X-B": "2" }, { ...headers, "X-B": "2" }, ["headers.X-B"]],
    ["null takes one away", { "X-A": null }, { Authorization: "old-password" }, ["headers.X-A"]],
    ["case tells no headers apart", { "x-a": "3" }, { ...headers, "X-A": "3" }, ["headers.X-A"]],
    ["null in another case takes it away", { authorization: null }, { "X-A": "1" }, ["headers.Authorization"]],
    ["{} clears it", {}, {}, ["headers.Authorization", "headers.X-A"]],
  ])("of headers: %s", async (_, given, sent, changed) => {
    const name = existingHook(headers);
    const result = await update(name, { headers: given });
    expect(result).toMatchObject({ outcome: "updated", warnings: [] });
    expect(Object.values(result["changes"] ?? {}).map((change) => Object(change).path)).toEqual(changed);
    expect(bodies()).toEqual([{ name, type: "Https", headers: sent }]);
  });

  it("of headers is not sent where nothing of it changes", async () => {
    const name = existingHook(headers);
    expect(await update(name, { headers: { "X-A": "1", "X-Gone": null } })).toMatchObject({ outcome: "unchanged" });
    expect(bodies()).toEqual([]);
  });

  it("of settings keeps what is not named", async () => {
    const name = existingKafka({ config: { "ssl.truststore.password": "old-password", acks: "1" } });
    expect(await update(name, { config: { acks: "all" } })).toMatchObject({
      changes: [{ path: "config.acks", before: "1", after: "all" }],
      warnings: [],
    });
    expect(bodies()).toMatchObject([{ config: { "ssl.truststore.password": "old-password", acks: "all" } }]);
  });

  it("of settings that is not there yet is made", async () => {
    const name = freshName();
    session.put({ name, type: "Kafka", bootstrapServers: "b:1" });
    expect(await update(name, { config: { acks: "all", retries: null } })).toMatchObject({ outcome: "updated" });
    expect(bodies()).toMatchObject([{ config: { acks: "all" } }]);
  });

  describe("that Atlas does not show whole", () => {
    const answering = (shown: JsonObject) =>
      session.sandbox.faults.add({
        method: "GET",
        fault: { kind: "answer", status: 200, body: { type: "Https", url: "https://a.example.com", ...shown } },
      });

    it.each<[string, JsonObject, JsonObject, string]>([
      ["no header", {}, { "X-A": null }, "connection.headers"],
      [
        "*** for one",
        { headers: { Authorization: "***", "X-A": "1" } },
        { "X-A": "2" },
        "connection.headers.Authorization",
      ],
    ])("is not changed in part: %s is shown", async (_, shown, given, path) => {
      const name = existingHook(headers);
      answering({ name, ...shown });
      const { error } = await update(name, { headers: given });
      expect(error).toMatchObject({
        kind: "invalid_input",
        fields: [{ path, message: expect.stringMatching(/Atlas.*does not show.*\{\}/) }],
      });
      expect(bodies()).toEqual([]);
    });

    it.each<[string, JsonObject, JsonObject, JsonObject, boolean]>([
      ["no header", {}, { "X-B": "2" }, { "X-B": "2" }, true],
      ["no header", {}, {}, {}, false],
      [
        "***",
        { headers: { Authorization: "***" } },
        { authorization: "inline-password" },
        { Authorization: "inline-password" },
        false,
      ],
      ["***", { headers: { Authorization: "***" } }, {}, {}, false],
      ["***", { headers: { Authorization: "***", "X-A": "1" } }, { Authorization: null }, { "X-A": "1" }, false],
    ])("is changed as a whole: %s is shown, %#", async (_, shown, given, sent, warned) => {
      const name = existingHook(headers);
      answering({ name, ...shown });
      const result = await update(name, { headers: given });
      expect(result).toMatchObject({
        outcome: "updated",
        warnings: warned ? [expect.stringMatching(/^connection\.headers: .*those given replace/)] : [],
      });
      expect(result["changes"]).not.toEqual([]);
      expect(bodies()).toEqual([{ name, type: "Https", headers: sent }]);
    });
  });
});

describe("what cannot be changed", () => {
  it.each([
    ["name", { name: "another" }],
    ["type", { type: "S3", aws: { roleArn: "arn" } }],
    ["region", { region: "DUBLIN_IRL" }],
    ["networking.access.type", { networking: { access: { type: "VPC" } } }],
  ])("the %s is refused, with what it is and the way out", async (field, given) => {
    const name = existingKafka();
    const { error } = await update(name, given);
    expect(error).toMatchObject({
      kind: "invalid_input",
      fields: [
        {
          path: `connection.${field}`,
          message: expect.stringMatching(
            /cannot be changed in place; it is .*Delete the connection and create it again/,
          ),
        },
      ],
    });
    expect(bodies()).toEqual([]);
  });

  it.each<[string, unknown, string, RegExp]>([
    ["a field of another type", { url: "https://a.example.com" }, "connection.url", /not a field/],
    ["a wrong value", { bootstrapServers: 7 }, "connection.bootstrapServers", /must be a string/],
    [
      "a near miss",
      { authentication: { mechanism: "SCRAMS-512" } },
      "connection.authentication.mechanism",
      /SCRAM-512/,
    ],
    ["an unset reference", { config: { a: "${env:ATLAS_STREAMS_SECRET_NO}" } }, "connection.config.a", /not set/],
    ["no object", ["b1:9092"], "connection", /object/],
    ["text that is no JSON", "bootstrapServers=b1", "connection", /JSON/],
  ])("%s is refused, and nothing is sent", async (_, given, path, message) => {
    const name = existingKafka();
    const { error } = await update(name, given);
    expect(error).toMatchObject({ kind: "invalid_input" });
    expect(error?.fields).toEqual([{ path, message: expect.stringMatching(message) }]);
    expect(bodies()).toEqual([]);
  });

  it.each([undefined, null])("%j instead of what to change is refused before Atlas is asked", async (connection) => {
    const { error } = await session.call("update_stream_connection", { ...place, connectionName: "x", connection });
    expect(error).toMatchObject({
      kind: "invalid_input",
      fields: [{ path: "connection", message: expect.stringMatching(/^is required/) }],
    });
    expect(session.sandbox.requests).toEqual([]);
  });

  it("a connection of a type that nobody knows is not changed unchecked", async () => {
    const name = existingKafka();
    const body = { name, type: "Faux", bootstrapServers: "b0:1" };
    session.sandbox.faults.add({ method: "GET", fault: { kind: "answer", status: 200, body } });
    const { error } = await update(name, { bootstrapServers: "b2.example.com:9092" });
    expect(error).toMatchObject({ kind: "invalid_input", fields: [{ path: "connection.type" }] });
    expect(bodies()).toEqual([]);
  });

  it("a connection that cannot be read is a failure, and nothing is sent", async () => {
    session.sandbox.faults.add({ fault: { kind: "answer", status: 200, body: "<html>Sign in</html>" } });
    const { error } = await update(existingKafka(), { bootstrapServers: "b2.example.com:9092" });
    expect(error).toMatchObject({ kind: "atlas_error" });
    expect(bodies()).toEqual([]);
  });

  it("a connection that is not there is not_found, with the nearest name", async () => {
    const name = existingKafka();
    expect(await update(`${name}x`, {})).toMatchObject({
      isError: true,
      error: {
        kind: "not_found",
        fields: [{ path: "connectionName", message: expect.stringContaining("did you mean") }],
      },
    });
  });
});

describe("what is there is not judged, only what is given", () => {
  it.each<[string, JsonObject]>([
    ["fields that nobody knows yet", { newField: { links: [] }, authentication: { mechanism: "SCRAM-1024" } }],
    ["nulls and links", { security: null, networking: { access: { type: "PUBLIC", links: [] } }, links: [] }],
    ["a registry without its password", { authentication: {} }],
  ])("where Atlas shows %s", async (_, shown) => {
    const name = existingKafka();
    session.sandbox.faults.add({
      method: "GET",
      path: new RegExp(`^${connectionsPath}/`),
      fault: { kind: "answer", status: 200, body: { name, type: "Kafka", bootstrapServers: "b0:1", ...shown } },
    });
    expect(await update(name, { bootstrapServers: "b9.example.com:9092" })).toMatchObject({
      outcome: "updated",
      changes: [{ path: "bootstrapServers", before: "b0:1", after: "b9.example.com:9092" }],
      warnings: [],
    });
  });
});

describe("a dry run", () => {
  it("shows the changes and the request with all secrets masked, and sends only reads", async () => {
    const name = existingKafka();
    const given = {
      bootstrapServers: "b2.example.com:9092",
      authentication: { mechanism: "SCRAM-512", username: "atlas", password: "${env:ATLAS_STREAMS_SECRET_PASSWORD}" },
    };
    const result = await update(name, given, { dryRun: true });
    expect(result).toEqual({
      isError: false,
      outcome: "planned",
      summary: expect.stringMatching(
        /^Would change bootstrapServers, authentication\.password of.*nothing was changed/,
      ),
      project: place,
      changes: [
        { path: "bootstrapServers", before: "b1.example.com:9092", after: "b2.example.com:9092" },
        { path: "authentication.password", before: "***", after: "***" },
      ],
      wouldBe: "updated",
      request: {
        method: "PATCH",
        url: `${session.sandbox.url}${connectionsPath}/${name}`,
        headers: {
          accept: "application/vnd.atlas.2023-02-01+json",
          "content-type": "application/json",
          "user-agent": expect.stringContaining("atlas-streams-mcp/"),
          authorization: "***",
        },
        body: { name, type: "Kafka", ...given, authentication: { ...given.authentication, password: "***" } },
      },
      warnings: [],
    });
    expect(session.sandbox.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it("says what Atlas would say to the connection that the change makes", async () => {
    const name = freshName();
    const dbRoleToExecute = { role: "atlasAdmin", type: "BUILT_IN" } as const;
    session.put({ name, type: "Cluster", clusterName: "Gone0", dbRoleToExecute });
    const { warnings } = await update(name, { clusterName: "Analytics" }, { dryRun: true });
    expect(warnings).toEqual([
      expect.stringMatching(/connection\.clusterName.*Did you mean "analytics".*get_connection_options/),
    ]);
    // What is not given is part of it, too.
    const role = await update(name, { dbRoleToExecute: { role: "streamWriters", type: "CUSTOM" } }, { dryRun: true });
    expect(role["warnings"]).toEqual([
      expect.stringMatching(/connection\.clusterName.*no "Gone0"/),
      expect.stringMatching(/connection\.dbRoleToExecute\.role.*customRoles.*Did you mean "streamWriter"/),
    ]);
  });
});
