/** Where a connection leads, and whether a pattern of a rule fits that. What can be read in two ways is not read at all. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectionTypes } from "../../src/connections/union.ts";
import {
  fitsHost,
  hostPatternProblem,
  type NamedTarget,
  staysAtHost,
  targetName,
  targetsOf,
} from "../../src/policy/hosts.ts";

const told = (targets: readonly NamedTarget[]) =>
  targets.map(({ path, target }) => `${path.join(".")}: ${target ? targetName(target) : "?"}`);
const https = (url: string) => told(targetsOf({ type: "Https", url }));
const kafka = (bootstrapServers: string, more = {}) => told(targetsOf({ type: "Kafka", bootstrapServers, ...more }));

describe("a connection leads to", () => {
  test("each of its brokers", () => {
    expect(kafka("B-1.Corp.Example:9092, b-2.corp.example.:9093,[::1]:9092,10.0.0.1")).toEqual([
      "bootstrapServers: b-1.corp.example:9092",
      "bootstrapServers: b-2.corp.example:9093",
      "bootstrapServers: [::1]:9092",
      "bootstrapServers: 10.0.0.1",
    ]);
    expect(kafka("SASL_SSL://user:pass@b.corp.example:9092")).toEqual(["bootstrapServers: b.corp.example:9092"]);
  });

  test("what its URLs name, with the port that goes with the scheme", () => {
    expect(https("https://user:pw@API.corp.example/hook?to=https://other.example")).toEqual([
      "url: api.corp.example:443",
    ]);
    expect(https("http://api.corp.example:8080")).toEqual(["url: api.corp.example:8080"]);
    const registry = { type: "SchemaRegistry", schemaRegistryUrls: ["https://a.example", "http://b.example/x"] };
    expect(told(targetsOf(registry))).toEqual([
      "schemaRegistryUrls.0: a.example:443",
      "schemaRegistryUrls.1: b.example:80",
    ]);
  });

  test("where tokens come from, and what a client's settings name", () => {
    const authentication = { mechanism: "OAUTHBEARER", tokenEndpointUrl: "https://login.example/token" };
    const config = {
      "bootstrap.servers": "hidden.example:9092",
      "sasl.oauthbearer.token.endpoint.url": "https://token.example",
      "schema.registry.url": "https://registry.example",
      "auto.offset.reset": "earliest",
    };
    expect(kafka("b:9092", { authentication, config })).toEqual([
      "bootstrapServers: b:9092",
      "authentication.tokenEndpointUrl: login.example:443",
      "config.bootstrap.servers: hidden.example:9092",
      "config.sasl.oauthbearer.token.endpoint.url: token.example:443",
      "config.schema.registry.url: registry.example:443",
    ]);
  });

  test.each([
    "good.corp.example#.evil.example:9092",
    "evil.example/.corp.example:9092",
    "evil.example\\.corp.example:9092",
    "a@b@good.corp.example:9092",
    "good.corp.example:9092;evil.example:9092",
    "good.corp.example:9092 evil.example:9092",
    "good.corp.example:99999",
    "evil%2eexample:9092",
    "exämple.corp.example:9092",
    ":9092",
  ])("nobody knows where, with the broker %s", (servers) => {
    expect(kafka(servers)).toContain("bootstrapServers: ?");
  });

  test.each([
    "https://good.corp.example\\@evil.example/",
    "https://evil.example\\.corp.example/",
    "https://a@b@evil.example/",
    "https://evil%2eexample/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://good.corp.example:443evil/",
    "https://ex ample.corp.example/",
    "https://exämple.corp.example/",
    "//good.corp.example/",
  ])("nobody knows where, with the URL %s", (url) => {
    expect(https(url)).toEqual(["url: ?"]);
  });

  test("nobody knows where, without the field that every connection of its type has", () => {
    expect(told(targetsOf({ type: "Kafka", name: "x" }))).toEqual(["bootstrapServers: ?"]);
    expect(told(targetsOf({ type: "Https" }))).toEqual(["url: ?"]);
    expect(told(targetsOf({ type: "Unheard" }))).toEqual(["type: ?"]);
  });

  test("no host that a rule could name, of the types that have none", () => {
    const without = connectionTypes.filter(
      ({ type, example }) => targetsOf({ type, name: "x", ...example }).length === 0,
    );
    expect(without.map(({ type }) => type)).toEqual([
      "Sample",
      "Cluster",
      "AWSLambda",
      "S3",
      "AWSKinesisDataStreams",
      "AzureBlobStorage",
      "GCPPubSub",
    ]);
  });
});

test.each<[string, unknown, boolean]>([
  ["https://a.corp.example", "/x", true],
  ["https://a.corp.example", "?x=1", true],
  ["https://a.corp.example/", "@evil.example", true],
  ["https://a.corp.example/v1", "x", true],
  ["https://a.corp.example", "$path", true],
  ["https://a.corp.example", { $concat: ["@", "evil.example"] }, true],
  ["https://a.corp.example", undefined, true],
  ["https://a.corp.example", "@evil.example", false],
  ["https://a.corp.example", ".evil.example/x", false],
  ["https://a.corp.example", ":8443/x", false],
  ["https://a.corp.example", "x", false],
])("%s with %j after it leads to the same host: %s", (url, path, stays) => {
  expect(staysAtHost(url, path)).toBe(stays);
});

describe("a pattern", () => {
  const fits = (host: string, pattern: string, port?: number) =>
    fitsHost({ host, ...(port !== undefined && { port }) }, pattern);

  test("fits a host, or all under a name, on any port or on one", () => {
    expect(fits("a.corp.example", "*.corp.example", 1)).toBe(true);
    expect(fits("a.b.corp.example", "*.CORP.example")).toBe(true);
    expect(fits("corp.example", "*.corp.example")).toBe(false);
    expect(fits("evilcorp.example", "*.corp.example")).toBe(false);
    expect(fits("corp.example", "corp.example", 443)).toBe(true);
    expect(fits("a.corp.example", "*.corp.example:9092", 9092)).toBe(true);
    expect(fits("a.corp.example", "*.corp.example:9092", 9093)).toBe(false);
    expect(fits("a.corp.example", "*.corp.example:9092")).toBe(false);
    expect(fits("[::1]", "[::1]:9092", 9092)).toBe(true);
    expect(fits("x", "*", 1)).toBe(true);
  });

  test.each([
    "",
    "a b",
    "https://a.example",
    "a.example/x",
    "*a.example",
    "a.*",
    "a.example:0",
    "a.example:70000",
    "a..",
    "-",
  ])("cannot be %j", (pattern) => {
    expect(hostPatternProblem(pattern)).toMatch(/^must be a host/);
  });

  test("fits no host by chance: what fits ends as the pattern does", () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 1, maxLength: 4 }),
        fc.array(label, { minLength: 1, maxLength: 3 }),
        (host, name) => {
          const pattern = `*.${name.join(".")}`;
          const isUnder = host.length > name.length && host.slice(-name.length).join(".") === name.join(".");
          expect(fits(host.join("."), pattern)).toBe(isUnder);
        },
      ),
    );
  });
});
