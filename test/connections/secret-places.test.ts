import { describe, expect, test } from "vitest";
import {
  isNeverReturned,
  isSecretParameter,
  isSecretSetting,
  secretParts,
  secretsIn,
  takesReferences,
} from "../../src/connections/secret-places.ts";
import { maskParts, maskValue } from "../../src/secrets/parts.ts";
import { exampleOf } from "./example.ts";

const mask = (connection: unknown) => maskValue(connection, secretParts);

describe("a secret as a whole", () => {
  const isWhole = (path: string) => secretParts("value", path.split(".")).some(({ end }) => end === "value".length);

  test.each([
    "authentication.password",
    "authentication.clientSecret",
    "authentication.sslKey",
    "authentication.sslKeyPassword",
    "schemaRegistryAuthentication.password",
    "headers.X-Anything",
    "headers.Authorization",
    "headers",
    "password",
    "somewhere.else.password.0",
    "config.ssl.key.password",
  ])("stands at %s", (path) => {
    const steps = path.startsWith("config.") ? ["config", path.slice("config.".length)] : path.split(".");
    expect(secretParts("value", steps)).toEqual([{ start: 0, end: 5 }]);
  });

  test.each([
    "name",
    "url",
    "bootstrapServers",
    "authentication.username",
    "authentication.clientId",
    "authentication.sslCertificate",
    "security.brokerPublicCertificate",
    "aws.roleArn",
    "headers.Content-Type",
    "headers.accept",
    "headers.User-Agent",
  ])("does not stand at %s", (path) => {
    expect(isWhole(path)).toBe(false);
  });

  test("is one that Atlas never returns, or one that it does", () => {
    expect(isNeverReturned(["authentication", "password"])).toBe(true);
    expect(isNeverReturned(["headers", "X-Key"])).toBe(false);
    expect(isNeverReturned(["config", "sasl.password"])).toBe(false);
  });
});

describe("the name of a setting", () => {
  test.each([
    "ssl.key.password",
    "ssl.keystore.password",
    "ssl.truststore.password",
    "sasl.password",
    "sasl.jaas.config",
    "sasl.oauthbearer.client.secret",
    "ssl.key.pem",
    "ssl.keystore.key",
    "sslKeyPassword",
    "basic.auth.user.info",
    "aws.secret.access.key",
    "api_token",
  ])("%s says that it is secret", (name) => {
    expect(isSecretSetting(name)).toBe(true);
  });

  test.each([
    "auto.offset.reset",
    "ssl.keystore.type",
    "ssl.keystore.location",
    "ssl.key.location",
    "ssl.certificate.pem",
    "ssl.ca.pem",
    "sasl.mechanism",
    "sasl.username",
    "key.serializer",
    "group.id",
    "sasl.oauthbearer.token.endpoint.url",
    "sasl.login.callback.handler.class",
  ])("%s does not", (name) => {
    expect(isSecretSetting(name)).toBe(false);
  });
});

describe("the name of a parameter", () => {
  test.each(["token", "access_token", "apiKey", "key", "sig", "X-Amz-Signature", "client_secret", "password", "code"])(
    "%s says that it is secret",
    (name) => {
      expect(isSecretParameter(name)).toBe(true);
    },
  );

  test.each(["a", "page", "keyword", "tokenize", "region", "X-Amz-Date"])("%s does not", (name) => {
    expect(isSecretParameter(name)).toBe(false);
  });
});

describe("a URL", () => {
  test.each([
    ["https://bob:hunter2@example.com/path?a=b@c", "https://bob:***@example.com/path?a=b@c"],
    ["https://bob:p@ss@example.com", "https://bob:***@example.com"],
    ["https://bob@example.com", "https://bob@example.com"],
    ["http://example.com:8081/a:b@c", "http://example.com:8081/a:b@c"],
    ["https://example.com?token=abc&page=2", "https://example.com?token=***&page=2"],
    [
      "https://example.com/?page=2&api%5Fkey=abc#access_token=x",
      "https://example.com/?page=2&api%5Fkey=***#access_token=***",
    ],
    ["https://bob:pw@example.com?sig=s", "https://bob:***@example.com?sig=***"],
  ])("%s is shown as %s, as each kind of URL", (url, shown) => {
    for (const path of [
      ["url"],
      ["schemaRegistryUrls", "0"],
      ["authentication", "tokenEndpointUrl"],
      ["bootstrapServers"],
    ])
      expect(maskParts(url, secretParts(url, path))).toBe(shown);
  });

  test("in a list of brokers may lack its scheme", () => {
    const brokers = "bob:pw@b1.example.com:9092, b2.example.com:9092,ann:x@b3:9092";
    expect(maskParts(brokers, secretParts(brokers, ["bootstrapServers"]))).toBe(
      "bob:***@b1.example.com:9092, b2.example.com:9092,ann:***@b3:9092",
    );
  });
});

describe("a reference", () => {
  test.each([
    ["authentication", "password"],
    ["headers", "X-Key"],
    ["config", "any.setting"],
    ["url"],
    ["schemaRegistryUrls", "0"],
    ["authentication", "tokenEndpointUrl"],
    ["authentication", "username"],
  ])("may stand at %s %s", (...path) => {
    expect(takesReferences(path)).toBe(true);
  });

  test.each([["name"], ["type"], ["bootstrapServers"], ["clusterName"], ["aws", "roleArn"], ["region"]])(
    "may not stand at %s %s",
    (...path) => {
      expect(takesReferences(path)).toBe(false);
    },
  );
});

test("the secrets of each type are found, and masked with everything else left as it was", () => {
  const https = exampleOf("Https", { headers: { Authorization: "Bearer x", "X-Key": "y" } });
  expect(secretsIn(https).map(({ path, text }) => ({ path, text }))).toEqual([
    { path: ["headers", "Authorization"], text: "Bearer x" },
    { path: ["headers", "X-Key"], text: "y" },
  ]);
  expect(mask(https)).toEqual({ ...https, headers: { Authorization: "***", "X-Key": "***" } });

  const authentication = { mechanism: "PLAIN", username: "u", password: "p", sslKey: "k", sslKeyPassword: "kp" };
  const kafka = exampleOf("Kafka", { authentication });
  expect(secretsIn(kafka).map(({ text }) => text)).toEqual(["p", "k", "kp"]);
  expect(mask(kafka)).toEqual({
    ...kafka,
    authentication: { ...authentication, password: "***", sslKey: "***", sslKeyPassword: "***" },
  });

  for (const type of ["Sample", "Cluster", "S3", "AWSLambda", "AWSKinesisDataStreams", "AzureBlobStorage", "GCPPubSub"])
    expect(secretsIn(exampleOf(type)), type).toEqual([]);
});

test("a secret is found in a malformed connection too", () => {
  const malformed = [{ authentication: [{ password: { value: "hunter2" } }] }];
  expect(secretsIn(malformed).map(({ text }) => text)).toEqual(["hunter2"]);
  expect(JSON.stringify(mask(malformed))).not.toContain("hunter2");
});

test("an empty secret is shown to be empty", () => {
  expect(mask({ password: "" })).toEqual({ password: "" });
});
