import { describe, expect, test } from "vitest";
import { embeddedSecretsIn, isSecretPlace, maskSecretFields, secretsIn } from "../../src/connections/secret-places.ts";
import { exampleOf } from "./example.ts";

describe("a secret place", () => {
  test.each([
    "authentication.password",
    "authentication.clientSecret",
    "authentication.sslKey",
    "authentication.sslKeyPassword",
    "schemaRegistryAuthentication.password",
    "headers.X-Anything",
    "headers.nested.further",
    "password",
    "somewhere.else.password.0",
  ])("is %s", (path) => {
    expect(isSecretPlace(path.split("."))).toBe(true);
  });

  test.each([
    "name",
    "url",
    "bootstrapServers",
    "authentication.username",
    "authentication.clientId",
    "authentication.sslCertificate",
    "config.auto.offset.reset",
    "security.brokerPublicCertificate",
    "aws.roleArn",
  ])("is not %s", (path) => {
    expect(isSecretPlace(path.split("."))).toBe(false);
  });
});

test("the secrets of each type are found, and masked with everything else left as it was", () => {
  const https = exampleOf("Https", { headers: { Authorization: "Bearer x", "X-Key": "y" } });
  expect(secretsIn(https)).toEqual([
    { path: ["headers", "Authorization"], text: "Bearer x" },
    { path: ["headers", "X-Key"], text: "y" },
  ]);
  expect(maskSecretFields(https)).toEqual({ ...https, headers: { Authorization: "***", "X-Key": "***" } });

  const authentication = { mechanism: "PLAIN", username: "u", password: "p", sslKey: "k", sslKeyPassword: "kp" };
  const kafka = exampleOf("Kafka", { authentication });
  expect(secretsIn(kafka).map(({ text }) => text)).toEqual(["p", "k", "kp"]);
  expect(maskSecretFields(kafka)).toEqual({
    ...kafka,
    authentication: { ...authentication, password: "***", sslKey: "***", sslKeyPassword: "***" },
  });

  for (const type of ["Sample", "Cluster", "S3", "AWSLambda", "AWSKinesisDataStreams", "AzureBlobStorage", "GCPPubSub"])
    expect(secretsIn(exampleOf(type)), type).toEqual([]);
});

test("a secret is found in a malformed connection too", () => {
  const malformed = [{ authentication: [{ password: { value: "hunter2" } }] }];
  expect(secretsIn(malformed).map(({ text }) => text)).toEqual(["hunter2"]);
  expect(JSON.stringify(maskSecretFields(malformed))).not.toContain("hunter2");
});

test("an empty secret is shown to be empty", () => {
  expect(maskSecretFields({ password: "" })).toEqual({ password: "" });
});

describe("what is secret in a field that is none", () => {
  const connection = {
    url: "https://user:hunter2@example.com/path?a=b@c",
    list: [
      "http://key:s3cret@registry.example.com",
      "http://registry.example.com:8081/a:b@c",
      "https://user@example.com",
    ],
    config: {
      "ssl.key.password": "hunter3",
      "sasl.jaas.config": 'Module required password="x";',
      "auto.offset.reset": "earliest",
      "ssl.keystore.type": "PEM",
    },
  };

  test("is the password in a URL, and a client's setting that is named so", () => {
    expect(embeddedSecretsIn(connection)).toEqual(["hunter2", "s3cret", "hunter3", 'Module required password="x";']);
  });

  test("is masked, and nothing around it", () => {
    expect(maskSecretFields(connection)).toEqual({
      url: "https://user:***@example.com/path?a=b@c",
      list: [
        "http://key:***@registry.example.com",
        "http://registry.example.com:8081/a:b@c",
        "https://user@example.com",
      ],
      config: { ...connection.config, "ssl.key.password": "***", "sasl.jaas.config": "***" },
    });
  });
});
