import { describe, expect, test } from "vitest";
import { compare, uncompared } from "../../src/connections/compare.ts";
import { connectionSchema } from "../../src/connections/union.ts";
import { dotted, valueAt } from "../../src/json.ts";
import { check } from "../../src/schema/problems.ts";
import { exampleOf, examples } from "./example.ts";

const project = "32b6e34b3d91647abb20e7b8";
const otherProject = "0123456789abcdef01234567";

/** The differences between what was requested, which has to be valid, and what is there. */
function differences(requested: Record<string, unknown>, existing: unknown) {
  const checked = check(connectionSchema, requested, []);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return compare(checked.value, existing, project).map(({ path, ...sides }) => ({ path: dotted(path), ...sides }));
}

const kafka = (over: Record<string, unknown> = {}) => ({
  name: "k",
  type: "Kafka",
  bootstrapServers: "a:1,b:2",
  ...over,
});
const cluster = (over: Record<string, unknown> = {}) => exampleOf("Cluster", over);
const access = (type: string, more: Record<string, unknown> = {}) => ({ networking: { access: { type, ...more } } });

describe("the same connection", () => {
  test.each(examples)("$type: is the one that was requested", ({ example }) => {
    expect(differences(example, structuredClone(example))).toEqual([]);
  });

  test("as Atlas shows it: with an id, a state, a region, public access and links", () => {
    const shown = {
      links: [{ href: "x", rel: "self" }],
      ...kafka(),
      id: project,
      state: "PENDING",
      region: "VIRGINIA_USA",
      networking: { access: { type: "PUBLIC", links: [] }, links: [] },
    };
    expect(differences(kafka(), shown)).toEqual([]);
  });

  test("with a region that Atlas filled in, and with fields that nobody knows", () => {
    const requested = exampleOf("AzureBlobStorage");
    const azure = { ...Object(requested["azure"]), region: "eastus" };
    expect(differences(requested, { ...requested, azure, unheardOf: { a: 1 } })).toEqual([]);
    expect(differences({ ...requested, azure }, { ...requested, azure: { ...azure, region: "westus" } })).toEqual([
      { path: "azure.region", requested: "eastus", existing: "westus" },
    ]);
  });

  test("with its secrets left out, masked, or unlike: they cannot be compared", () => {
    const authentication = { mechanism: "PLAIN", username: "u", sslCertificate: "c" };
    const secrets = { password: "p", clientSecret: "c", sslKey: "k", sslKeyPassword: "kp" };
    const requested = kafka({ authentication: { ...authentication, ...secrets } });
    expect(differences(requested, kafka({ authentication }))).toEqual([]);
    expect(differences(requested, kafka({ authentication: { ...authentication, password: "***" } }))).toEqual([]);
  });

  test("with its fields in another order, nulls, and empty objects", () => {
    const shown = Object.fromEntries(Object.entries(kafka({ config: null, security: {} })).reverse());
    expect(differences(kafka(), shown)).toEqual([]);
  });

  const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  const hook = (url: string, headers?: Record<string, string>) => exampleOf("Https", { url, headers });
  const signed = (brokerPublicCertificate: string) => kafka({ security: { brokerPublicCertificate } });
  const registry = (...schemaRegistryUrls: string[]) => exampleOf("SchemaRegistry", { schemaRegistryUrls });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["brokers spaced differently", kafka(), kafka({ bootstrapServers: " a:1 , b:2" })],
    ["brokers in another order", kafka(), kafka({ bootstrapServers: "b:2,a:1" })],
    [
      "brokers in another case",
      kafka({ bootstrapServers: "B-1.Example.com:1" }),
      kafka({ bootstrapServers: "b-1.example.com:1" }),
    ],
    ["a host in another case", hook("https://E.com/Hook?a=B"), hook("https://e.com/Hook?a=B")],
    ["a slash after the host alone", hook("https://e.com"), hook("https://e.com/")],
    ["the default port of https", hook("https://e.com:443/a"), hook("https://e.com/a")],
    ["the default port of http", hook("http://e.com"), hook("http://e.com:80")],
    [
      "registries spelled differently",
      registry("https://R.com", "https://s.com:443"),
      registry("https://r.com/", "https://s.com"),
    ],
    ["headers in another case", hook("https://e.com", { "x-a": "1" }), hook("https://e.com", { "X-A": "1" })],
    ["headers that are not shown", hook("https://e.com", { "X-A": "1" }), hook("https://e.com")],
    ["line ends of Windows in a PEM", signed(pem), signed(pem.replaceAll("\n", "\r\n"))],
    ["no line end after a PEM", signed(pem), signed(pem.trim())],
    ["a text that was cleared", kafka({ authentication: { scope: "" } }), kafka()],
  ])("with %s", (_, requested, existing) => {
    expect(differences(requested, existing)).toEqual([]);
    if (existing["headers"] !== undefined || requested["headers"] === undefined)
      expect(differences(existing, requested)).toEqual([]);
  });

  test("whether public access is said or not", () => {
    expect(differences(kafka(access("PUBLIC")), kafka())).toEqual([]);
    const lambda = (over: Record<string, unknown> = {}) => exampleOf("AWSLambda", over);
    const said = { publicPrivateNetworking: { access: { type: "PUBLIC" } } };
    expect(differences(lambda(), lambda(said))).toEqual([]);
    expect(differences(lambda(said), lambda())).toEqual([]);
  });

  test("whether it has a role or not, where none was requested: Atlas may choose one", () => {
    const { dbRoleToExecute: _role, ...requested } = cluster();
    expect(differences(requested, cluster())).toEqual([]);
    expect(differences(requested, { ...requested, dbRoleToExecute: null })).toEqual([]);
  });

  test.each([undefined, null, project])("whether its cluster is said to be in the same project by %j or not", (id) => {
    expect(differences(cluster({ clusterGroupId: id }), cluster())).toEqual([]);
    expect(differences(cluster(), cluster({ clusterGroupId: id }))).toEqual([]);
  });
});

describe("another connection", () => {
  test("is told by what was requested and what is there", () => {
    expect(differences(kafka(), exampleOf("Https", { name: "k", headers: {} }))).toEqual([
      { path: "type", requested: "Kafka", existing: "Https" },
      { path: "bootstrapServers", requested: "a:1,b:2" },
      { path: "url", existing: "https://api.example.com/hook" },
    ]);
  });

  test("has a field further inside that differs", () => {
    const config = (value: string) => kafka({ config: { "auto.offset.reset": value } });
    expect(differences(config("earliest"), config("latest"))).toEqual([
      { path: "config.auto.offset.reset", requested: "earliest", existing: "latest" },
    ]);
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["bootstrapServers", kafka({ bootstrapServers: "A:1 , b:2" }), kafka({ bootstrapServers: "b:2, c:1" })],
    ["bootstrapServers", kafka({ bootstrapServers: "a:1" }), kafka({ bootstrapServers: "a:1,b:2" })],
    ["bootstrapServers", kafka({ bootstrapServers: "a:1" }), kafka({ bootstrapServers: "a:2" })],
    ["url", exampleOf("Https", { url: "https://e.com/A" }), exampleOf("Https", { url: "https://e.com/a" })],
    ["url", exampleOf("Https", { url: "https://e.com/a" }), exampleOf("Https", { url: "https://e.com/a/" })],
    ["url", exampleOf("Https", { url: "https://e.com?a" }), exampleOf("Https", { url: "https://e.com/" })],
    ["url", exampleOf("Https", { url: "https://e.com" }), exampleOf("Https", { url: "http://e.com" })],
    ["url", exampleOf("Https", { url: "https://e.com:80" }), exampleOf("Https", { url: "https://e.com" })],
    ["url", exampleOf("Https", { url: "https://Bob:P@e.com" }), exampleOf("Https", { url: "https://bob:P@e.com" })],
    ["authentication.scope", kafka({ authentication: { scope: "a, b" } }), kafka({ authentication: { scope: "a,b" } })],
    ["config.a", kafka({ config: { a: "b, c" } }), kafka({ config: { a: "b,c" } })],
    ["config.a", kafka({ config: { a: "1\r\n" } }), kafka({ config: { a: "1" } })],
    [
      "headers.Accept",
      exampleOf("Https", { headers: { Accept: "A" } }),
      exampleOf("Https", { headers: { Accept: "a" } }),
    ],
  ])("has another %s, shown as it is: %j, %j", (path, requested, existing) => {
    expect(differences(requested, existing)).toEqual([
      { path, requested: valueAt(requested, path.split(".")), existing: valueAt(existing, path.split(".")) },
    ]);
  });

  test("has the region that was not requested", () => {
    expect(differences(kafka({ region: "OHIO_USA" }), kafka({ region: "VIRGINIA_USA" }))).toEqual([
      { path: "region", requested: "OHIO_USA", existing: "VIRGINIA_USA" },
    ]);
  });

  test("has another role than was requested, or none", () => {
    const { dbRoleToExecute: _role, ...without } = cluster();
    expect(differences(cluster(), without)).toEqual([
      { path: "dbRoleToExecute.role", requested: "readWriteAnyDatabase" },
      { path: "dbRoleToExecute.type", requested: "BUILT_IN" },
    ]);
    expect(differences(cluster(), cluster({ dbRoleToExecute: { role: "readAnyDatabase", type: "BUILT_IN" } }))).toEqual(
      [{ path: "dbRoleToExecute.role", requested: "readWriteAnyDatabase", existing: "readAnyDatabase" }],
    );
  });

  test("is reached another way", () => {
    expect(differences(kafka(), kafka(access("PRIVATE_LINK", { connectionId: project })))).toEqual([
      { path: "networking.access.type", requested: "PUBLIC", existing: "PRIVATE_LINK" },
      { path: "networking.access.connectionId", existing: project },
    ]);
    expect(differences(kafka(access("VPC")), kafka())).toEqual([
      { path: "networking.access.type", requested: "VPC", existing: "PUBLIC" },
    ]);
  });

  test.each([undefined, null, project])("has a cluster of another project where %j was requested", (id) => {
    expect(differences(cluster({ clusterGroupId: id }), cluster({ clusterGroupId: otherProject }))).toEqual([
      { path: "clusterGroupId", requested: project, existing: otherProject },
    ]);
    expect(differences(cluster({ clusterGroupId: otherProject }), cluster({ clusterGroupId: id }))).toEqual([
      { path: "clusterGroupId", requested: otherProject, existing: project },
    ]);
  });

  test("has another header, which Atlas does return", () => {
    const hook = (headers: Record<string, string>) => exampleOf("Https", { headers });
    expect(differences(hook({ A: "1", B: "2" }), hook({ A: "1", B: "3", C: "4" }))).toEqual([
      { path: "headers.B", requested: "2", existing: "3" },
      { path: "headers.C", existing: "4" },
    ]);
  });

  test("has another list of registries", () => {
    const registry = (schemaRegistryUrls: string[]) => exampleOf("SchemaRegistry", { schemaRegistryUrls });
    expect(differences(registry(["https://a"]), registry(["https://a", "https://b"]))).toEqual([
      { path: "schemaRegistryUrls", requested: ["https://a"], existing: ["https://a", "https://b"] },
    ]);
  });

  test("has another setting by the name of links", () => {
    expect(differences(kafka({ config: { links: "a" } }), kafka({ config: { links: "b" } }))).toEqual([
      { path: "config.links", requested: "a", existing: "b" },
    ]);
  });
});

test.each([undefined, null, "text", [], {}])("an answer of %j is not what was requested", (existing) => {
  expect(differences({ name: "s", type: "Sample" }, existing).map(({ path }) => path)).toContain("name");
});

test("whether comparing leaves a secret out is known", () => {
  const secretive = ["Kafka", "SchemaRegistry"];
  for (const { type, example } of examples) {
    const checked = check(connectionSchema, example, []);
    expect(checked.ok && uncompared(checked.value, checked.value).length > 0, type).toBe(secretive.includes(type));
  }
});
