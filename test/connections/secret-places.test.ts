import { describe, expect, test } from "vitest";
import {
  isNeverReturned,
  placeOfReference,
  secretParts,
  secretsIn,
  stageSecretParts,
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
    [
      "https://example.com/x?pass=a&hmac=b&otp=c&pin=1&ticket=d&session=e&refresh=f#pw=g",
      "https://example.com/x?pass=***&hmac=***&otp=***&pin=***&ticket=***&session=***&refresh=***#pw=***",
    ],
    ["https://hooks.slack.com/services/T0A1/B0B2/abcDEF", "https://hooks.slack.com/services/***"],
    ["https://hooks.slack.com/workflows/T0A1/A0/1/abc", "https://hooks.slack.com/workflows/***"],
    ["https://discord.com/api/webhooks/123/abc_-DEF", "https://discord.com/api/webhooks/123/***"],
    ["https://discord.com/api/v10/webhooks/123/abc_-DEF", "https://discord.com/api/v10/webhooks/123/***"],
    [
      "https://x.webhook.office.com/webhookb2/a-1@b-2/IncomingWebhook/c/d",
      "https://x.webhook.office.com/webhookb2/***",
    ],
    ["https://outlook.office.com/webhook/a-1@b-2/IncomingWebhook/c/d", "https://outlook.office.com/webhook/***"],
    ["https://api.telegram.org/bot123:AbC-d/sendMessage", "https://api.telegram.org/bot***/sendMessage"],
    ["https://hooks.zapier.com/hooks/catch/12/ab3/", "https://hooks.zapier.com/hooks/catch/***"],
    ["https://maker.ifttt.com/trigger/x/with/key/abc", "https://maker.ifttt.com/trigger/x/with/key/***"],
    ["https://maker.ifttt.com/trigger/x/json/with/key/abc", "https://maker.ifttt.com/trigger/x/json/with/key/***"],
    ["https://open.feishu.cn/open-apis/bot/v2/hook/a-b", "https://open.feishu.cn/open-apis/bot/v2/hook/***"],
    ["https://chat.example.com/hooks/abcdefghijklmnopqrst12", "https://chat.example.com/hooks/***"],
    ["https://example.com/services/orders/hooks/orders", "https://example.com/services/orders/hooks/orders"],
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

describe("a part of a text where a reference stands", () => {
  const at = (text: string, ...path: string[]) => {
    const start = text.indexOf("${");
    return placeOfReference(path, text, { start, end: text.indexOf("}") + 1 });
  };

  test.each([
    ["secret", "${env:A}", ["authentication", "password"]],
    ["secret", "Bearer ${env:A}", ["headers", "X-Key"]],
    ["secret", "https://bob:${env:A}@h.example", ["url"]],
    ["secret", "https://h.example?page=1&token=${env:A}", ["url"]],
    ["secret", "a=b,token=${env:A}", ["authentication", "saslOauthbearerExtensions"]],
    ["secret", "${env:A}", ["config", "ssl.truststore.password"]],
    ["masked", "${env:A}", ["url"]],
    ["masked", "${env:A}/hook", ["url"]],
    ["masked", "https://h.example/${env:A}", ["url"]],
    ["masked", "https://h.example?page=${env:A}", ["url"]],
    ["masked", "https://${env:A}@h.example", ["url"]],
    ["masked", "${env:A}", ["authentication", "username"]],
    ["masked", "id-${env:A}", ["config", "client.id"]],
    ["masked", "${env:A}", ["headers", "Accept"]],
    ["visible", "https://${env:A}/hook", ["url"]],
    ["visible", "https://api.${env:A}:8080", ["schemaRegistryUrls", "0"]],
    ["visible", "https://bob@api.${env:A}", ["authentication", "tokenEndpointUrl"]],
    ["visible", "logicalCluster=${env:A}", ["authentication", "saslOauthbearerExtensions"]],
    ["visible", "bob:${env:A}@h:9092", ["bootstrapServers"]],
    ["visible", "${env:A}", ["name"]],
  ])("is %s: %s at %j", (place, text, path) => {
    expect(at(text, ...path)).toBe(place);
  });
});

describe("a field that the API does not document", () => {
  test.each([
    ["apiSecret"],
    ["secretKey"],
    ["token"],
    ["privateKey"],
    ["authKey"],
    ["credentials", "user"],
    ["aws", "token"],
  ])("%s %s is a secret by its name", (...path) => {
    expect(secretParts("value", path)).toEqual([{ start: 0, end: 5 }]);
  });

  test.each([["note"], ["partitionKey"], ["tokenEndpoint"], ["errorMessage"], ["name"], ["clusterName"]])(
    "%s is none",
    (...path) => {
      expect(secretParts("value", path)).toEqual([]);
    },
  );
});

test("of names and values in one text, those are secret whose names say so", () => {
  const extensions = 'logicalCluster=lkc-1,identityPoolId=pool-2,token=abc; password="d e" pin=1';
  for (const path of [
    ["authentication", "saslOauthbearerExtensions"],
    ["config", "sasl.oauthbearer.config"],
  ])
    expect(maskParts(extensions, secretParts(extensions, path))).toBe(
      "logicalCluster=lkc-1,identityPoolId=pool-2,token=***; password=*** pin=***",
    );
});

describe("a private key in PEM", () => {
  const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEvgIBADANBgkqh\n-----END RSA PRIVATE KEY-----";
  const certificate = "-----BEGIN CERTIFICATE-----\nMIIDgTCCAmmg\n-----END CERTIFICATE-----\n";

  test.each([
    ["after a certificate", certificate + key, `${certificate}***`],
    ["in front of one", `${key}\n${certificate}`, `***\n${certificate}`],
    ["with its line breaks written out", key.replaceAll("\n", "\\n"), "***"],
    ["with other line breaks", `a ${key.replaceAll("\n", "\r\n")} b`, "a *** b"],
    ["in one line", key.replaceAll("\n", " "), "***"],
    ["without its end", `${certificate}${key.slice(0, 50)}`, `${certificate}***`],
  ])("%s is masked wherever it stands", (_, text, shown) => {
    for (const path of [
      ["security", "brokerPublicCertificate"],
      ["authentication", "sslCertificate"],
      ["config", "x"],
      ["name"],
    ])
      expect(maskParts(text, secretParts(text, path))).toBe(shown);
    expect(maskParts(text, stageSecretParts(text, ["pipeline", "0", "$match", "x"]))).toBe(shown);
  });

  test("of which only the frame is told is none", () => {
    const text = "give the contents of the file (-----BEGIN PRIVATE KEY-----…)";
    expect(secretParts(text, ["x"])).toEqual([]);
  });
});

describe("in a pipeline", () => {
  const isSecret = (text: string, ...path: string[]) => stageSecretParts(text, ["pipeline", "1", ...path]).length > 0;

  test.each([
    ["Bearer abc", ["$https", "headers", "Authorization"]],
    ["abc", ["$https", "headers", "X-Anything"]],
    ["abc", ["$https", "parameters", "api_key"]],
    ["/hook?token=abc", ["$https", "path"]],
    ["/services/T0A/B1C/xyz", ["$https", "path"]],
    ["abc", ["$tumblingWindow", "pipeline", "0", "$https", "headers", "X-Key"]],
  ])("%s is a secret at %j", (text, path) => {
    expect(isSecret(text, ...path)).toBe(true);
  });

  test.each([
    ["$customerId", ["$emit", "config", "key"]],
    ["customer", ["$emit", "config", "key"]],
    ["$pw", ["$set", "password"]],
    ["abc", ["$set", "password"]],
    ["string", ["$validate", "validator", "$jsonSchema", "properties", "password", "bsonType"]],
    ["1", ["$project", "token"]],
    ["$device_id", ["$https", "headers", "X-Device"]],
    ["$$NOW", ["$https", "headers", "X-Time"]],
    ["Bearer ", ["$https", "headers", "Authorization", "$concat", "0"]],
    ["application/json", ["$https", "headers", "Content-Type"]],
    ["$token", ["$https", "parameters", "token"]],
    ["2", ["$https", "parameters", "page"]],
    ["/orders?page=2", ["$https", "path"]],
    ["hunter2", ["$source", "documents", "0", "headers", "Authorization"]],
    ["hunter2", ["$source", "authentication", "password"]],
  ])("%s is none at %j", (text, path) => {
    expect(isSecret(text, ...path)).toBe(false);
  });

  test("nothing is a secret outside of a stage that calls an address", () => {
    expect(stageSecretParts("abc", ["headers", "X-Key"])).toEqual([]);
  });
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
