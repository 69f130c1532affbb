/** What is doubtful of hosts, PEM text, roles and URLs is a warning, never a refusal, and nothing well-formed is doubted. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { doubtsOf } from "../../src/connections/doubts.ts";
import type { Trait } from "../../src/schema/fields.ts";
import { quoted } from "../../src/schema/problems.ts";
import { exampleOf } from "./example.ts";
import { refused, taken } from "./read.ts";

/** The warnings of a connection that is sent as it was given. */
function warningsOf(given: Record<string, unknown>): string[] {
  const { sent, warnings } = taken(given);
  expect(sent).toEqual(given);
  return warnings;
}

const block = (label: string, body = "MIIDgTCCAmmgAwIBAgIUAyru7Gyo", newline = "\n") =>
  [`-----BEGIN ${label}-----`, body, `-----END ${label}-----`].join(newline);

describe("a list of hosts", () => {
  const doubts = (bootstrapServers: string) =>
    warningsOf(exampleOf("Kafka", { bootstrapServers })).map((warning) =>
      warning.replace(/^connection\.bootstrapServers: /, ""),
    );

  test.each([
    ["kafka://b1:9092", 'a host has no scheme (host:port); "kafka://" was given'],
    ["SASL_SSL://b1:9092,SASL_SSL://b2:9092", 'a host has no scheme (host:port); "SASL_SSL://" was given'],
    ["b1:9092 b2:9092", 'hosts are separated by commas; "b1:9092 b2:9092" was given'],
    ["b1:9092;b2:9092", 'hosts are separated by commas; "b1:9092;b2:9092" was given'],
    ["b1:9092\nb2:9092", 'hosts are separated by commas; "b1:9092\\nb2:9092" was given'],
    ["b1:0", 'a port is a number from 1 to 65535; "b1:0" was given'],
    ["b0:1,b1:65536", 'a port is a number from 1 to 65535; "b1:65536" was given'],
    ["b1:9092,b2", "a host normally needs a port (host:port)"],
    ["[2001:db8::1]", "a host normally needs a port (host:port)"],
    ["b1:kafka", "a host normally needs a port (host:port)"],
    ["b1:9092,", "holds an empty entry"],
    ["b1:9092/topic", "a host has no user, path or parameters (host:port)"],
  ])("%j is told to hold what Atlas may refuse", (given, doubt) => {
    expect(doubts(given)).toEqual([`${doubt}; Atlas may refuse it`]);
  });

  test("is told each kind of doubt once", () => {
    expect(doubts("a,kafka://b:1,c,http://d:2,e:0,f:70000")).toEqual([
      "a host normally needs a port (host:port); Atlas may refuse it",
      'a host has no scheme (host:port); "kafka://" was given; Atlas may refuse it',
      'a port is a number from 1 to 65535; "e:0" was given; Atlas may refuse it',
    ]);
  });

  test.each([
    "user:hunter2@b1:9092",
    "kafka://user:hunter2@b1:9092",
    "b1:9092?token=hunter2",
    "b1:9092 u:hunter2@b2:1",
  ])("%j is told without its secret", (given) => {
    expect(doubts(given)).toEqual([expect.not.stringContaining("hunter2")]);
  });
});

describe("PEM text", () => {
  const certificateDoubts = (text: string) => [
    ...warningsOf(exampleOf("Kafka", { security: { protocol: "SASL_SSL", brokerPublicCertificate: text } })),
    ...warningsOf(exampleOf("Kafka", { authentication: { sslCertificate: text }, security: {} })),
  ];
  const keyDoubts = (sslKey: string) =>
    warningsOf(exampleOf("Kafka", { authentication: { sslKey, sslCertificate: block("CERTIFICATE") }, security: {} }));
  const atBoth = (doubt: string) =>
    ["security.brokerPublicCertificate", "authentication.sslCertificate"].map((path) => `connection.${path}: ${doubt}`);
  const give = (kind: string) => `give the contents of the file (-----BEGIN ${kind}-----…)`;

  test.each([
    "/etc/ssl/ca.pem",
    "~/ca",
    "./certs/ca",
    "../ca",
    "C:\\certs\\ca.crt",
    "file:///etc/ca",
    "ca.crt",
    "CA.PEM",
  ])("%j is a path", (path) => {
    expect(certificateDoubts(path)).toEqual(
      atBoth(`${JSON.stringify(path)} is a path, not PEM text; ${give("CERTIFICATE")}`),
    );
    expect(keyDoubts(path)).toEqual([
      `connection.authentication.sslKey: is a path, not PEM text; ${give("PRIVATE KEY")}`,
    ]);
  });

  test.each<[string, string, string]>([
    ["text that is none", "MIIDgTCCAmmgAwIBAgIUAyru7Gyo", `is not PEM text; ${give("CERTIFICATE")}`],
    [
      "text in one line",
      block("CERTIFICATE", "MIID", " "),
      "has lost its line breaks, which PEM text needs; Atlas may refuse it",
    ],
    [
      "text that was cut off",
      block("CERTIFICATE").slice(0, -8),
      "has a -----BEGIN without its -----END; Atlas may refuse it",
    ],
    [
      "a chain whose last certificate was cut off",
      `${block("CERTIFICATE")}\n${block("CERTIFICATE").slice(0, -8)}`,
      "has a -----BEGIN without its -----END; Atlas may refuse it",
    ],
    ["a public key", block("PUBLIC KEY"), "holds no certificate; Atlas may refuse it"],
  ])("%s is doubted where a certificate belongs", (_, text, doubt) => {
    expect(certificateDoubts(text)).toEqual(atBoth(doubt));
  });

  test("a certificate is doubted where a key belongs, and a secret is not repeated", () => {
    expect(keyDoubts(block("CERTIFICATE"))).toEqual([
      "connection.authentication.sslKey: holds no private key; Atlas may refuse it",
    ]);
    expect(keyDoubts("hunter2")).toEqual([`connection.authentication.sslKey: is not PEM text; ${give("PRIVATE KEY")}`]);
  });

  test.each([
    ["a certificate with its key", `${block("CERTIFICATE")}\n${block("RSA PRIVATE KEY")}`],
    ["a key alone", block("PRIVATE KEY")],
    ["a key in one line", block("EC PRIVATE KEY", "MIID", " ")],
    ["a key that was cut off", block("ENCRYPTED PRIVATE KEY").slice(0, 60)],
    [
      "both with their line breaks written out",
      block("CERTIFICATE", "MIID", "\\n") + block("PRIVATE KEY", "MIID", "\\n"),
    ],
  ])("%s is refused where a certificate belongs, naming the field of the key", (_, text) => {
    const message = expect.stringMatching(/^holds a private key.*`sslKey`$/);
    expect(refused(exampleOf("Kafka", { security: { brokerPublicCertificate: text } }))).toEqual({
      "connection.security.brokerPublicCertificate": message,
    });
    expect(refused(exampleOf("Kafka", { authentication: { sslCertificate: text } }))).toEqual({
      "connection.authentication.sslCertificate": message,
    });
  });

  test("a key without its certificate is doubted", () => {
    const authentication = { sslKey: block("PRIVATE KEY") };
    expect(warningsOf(exampleOf("Kafka", { authentication, security: {} }))).toEqual([
      "connection.authentication.sslCertificate: a client key normally needs its certificate",
    ]);
  });

  test("a field that is empty is not doubted", () => {
    expect([...certificateDoubts(""), ...keyDoubts("")]).toEqual([]);
  });
});

describe("the ARN of a role", () => {
  const withRole = (roleArn: string) =>
    ["S3", "AWSLambda", "AWSKinesisDataStreams"]
      .map((type) => exampleOf(type, { aws: { roleArn } }))
      .concat(exampleOf("Kafka", { authentication: { mechanism: "OAUTHBEARER", aws: { roleArn } } }));

  test.each([
    "atlas-streams",
    "arn:aws:iam::123456789012:user/me",
    "arn:aws:sts::123456789012:assumed-role/r/session",
    "arn:aws:iam::1234:role/r",
    "arn:aws:iam::123456789012:role/",
    "arn:aws:s3:::bucket",
  ])("%s is none, in each field that holds one", (roleArn) => {
    const doubt = `roleArn: "${roleArn}" is not the ARN of a role (arn:aws:iam::ACCOUNT:role/NAME); Atlas may refuse it`;
    for (const given of withRole(roleArn)) expect(warningsOf(given)).toEqual([expect.stringContaining(doubt)]);
  });

  test.each([
    "arn:aws:iam::123456789012:role/atlas-streams",
    "arn:aws:iam::123456789012:role/service-role/path/Role_1+=,.@-",
    "arn:aws-us-gov:iam::123456789012:role/r",
    "arn:aws-cn:iam::123456789012:role/r",
  ])("%s is one", (roleArn) => {
    for (const given of withRole(roleArn)) expect(warningsOf(given)).toEqual([]);
  });
});

describe("this machine", () => {
  const own = "names the machine that uses it, where Atlas can reach nothing of yours";
  const doubts = (bootstrapServers: string) => warningsOf(exampleOf("Kafka", { bootstrapServers }));

  test.each([
    "localhost:9092",
    "b1:9092, LOCALHOST:9093",
    "127.0.0.1:9092",
    "127.1.2.3:1",
    "[::1]:9092",
    "0.0.0.0:9092",
  ])("is doubted among brokers: %s", (list) => {
    expect(doubts(list)).toEqual([`connection.bootstrapServers: ${own}`]);
  });

  test("is told beside a port that is missing", () => {
    expect(doubts("localhost")).toEqual([expect.stringContaining("port"), expect.stringContaining(own)]);
  });

  test.each(["http://localhost:8080/hook", "https://127.0.0.1", "http://[::1]/", "http://0.0.0.0:1"])(
    "is doubted in a URL: %s",
    (url) => {
      expect(warningsOf(exampleOf("Https", { url }))).toEqual([`connection.url: ${own}`]);
    },
  );

  test.each(["localhost.example.com:9092", "my-localhost:9092", "128.0.0.1:9092", "localhost:9092,localhost:9092"])(
    "is not %s, or passes as MongoDB's own example",
    (list) => {
      expect(doubts(list)).toEqual([]);
    },
  );
});

describe("a blank of a template", () => {
  test.each<[string, Record<string, unknown>]>([
    ["name", exampleOf("Https", { name: "NAME" })],
    ["url", exampleOf("Https", { url: "https://HOST" })],
    ["url", exampleOf("Https", { url: "https://HOST/hook" })],
    ["bootstrapServers", exampleOf("Kafka", { bootstrapServers: "HOST:PORT" })],
    ["bootstrapServers", exampleOf("Kafka", { bootstrapServers: "b1:9092,HOST:PORT" })],
    ["clusterName", exampleOf("Cluster", { clusterName: "CLUSTER_NAME" })],
    ["aws.roleArn", exampleOf("S3", { aws: { roleArn: "ROLE_ARN" } })],
    ["aws.testBucket", exampleOf("S3", { aws: { roleArn: "arn:aws:iam::123456789012:role/r", testBucket: "BUCKET" } })],
    [
      "azure.storageAccountName",
      exampleOf("AzureBlobStorage", { azure: { servicePrincipalId: "x", storageAccountName: "STORAGE_ACCOUNT_NAME" } }),
    ],
    ["schemaRegistryUrls[0]", exampleOf("SchemaRegistry", { schemaRegistryUrls: ["https://HOST"] })],
  ])("that was left in %s is doubted", (path, given) => {
    expect(warningsOf(given)).toEqual([
      `connection.${path}: is a blank of a template that was not filled in; Atlas may refuse it`,
    ]);
  });
});

describe("a line break", () => {
  const doubt = "holds a line break where none belongs; Atlas may refuse it";

  test.each<[string, Record<string, unknown>]>([
    [
      "authentication.username",
      exampleOf("Kafka", { authentication: { mechanism: "PLAIN", username: "u\n", password: "p" } }),
    ],
    [
      "authentication.password",
      exampleOf("Kafka", { authentication: { mechanism: "PLAIN", username: "u", password: "p\r\n" } }),
    ],
    ["headers.X-Key", exampleOf("Https", { headers: { "X-Key": "a\nb" } })],
    ["config.client.id", exampleOf("Kafka", { config: { "client.id": "a\n" } })],
    ["region", exampleOf("S3", { region: "VIRGINIA_USA\n" })],
  ])("in %s is doubted", (path, given) => {
    expect(warningsOf(given)).toEqual([`connection.${path}: ${doubt}`]);
  });

  test("is not where there are several lines by nature", () => {
    const config = { "x.pem": block("CERTIFICATE"), "x.login": "com.example.LoginModule\n required;" };
    expect(warningsOf(exampleOf("Kafka", { config }))).toEqual([]);
  });
});

test("a space in the path of a URL is doubted, in each field that holds one", () => {
  const url = "https://example.com/a b";
  const doubt = "holds a space, which a URL writes as %20; Atlas may refuse it";
  expect(warningsOf(exampleOf("Https", { url }))).toEqual([`connection.url: ${doubt}`]);
  expect(warningsOf(exampleOf("SchemaRegistry", { schemaRegistryUrls: ["https://a.example.com", url] }))).toEqual([
    `connection.schemaRegistryUrls[1]: ${doubt}`,
  ]);
  expect(warningsOf(exampleOf("Kafka", { authentication: { tokenEndpointUrl: url }, security: {} }))).toEqual([
    `connection.authentication.tokenEndpointUrl: ${doubt}`,
  ]);
});

describe("whatever is given", () => {
  const traits: Record<string, Trait> = {
    hosts: { holds: "hosts" },
    certificate: { pem: "certificate" },
    key: { pem: "private key", holds: "secret" },
    role: { roleArn: true },
    url: { holds: "url" },
  };
  const pieces = fc.constantFrom(
    ...["-----BEGIN ", "-----END ", "CERTIFICATE", "PRIVATE KEY", "-----", "\n", "\r\n", " ", ",", ":", "9092", "@"],
    ...["kafka://", "[", "]", "arn:aws:iam::", "123456789012", ":role/", "/", "\\", ".pem", "b1"],
  );
  const hostile = fc.array(fc.oneof(pieces, fc.string({ unit: "binary", maxLength: 6 })), { maxLength: 20 });
  const anyText = hostile.map((parts) => parts.join(""));

  test.each(Object.entries(traits))("a field of kind %s is read without a failure, in few words", (_, trait) => {
    fc.assert(
      fc.property(anyText, (text) => {
        const doubts = doubtsOf(trait, text, quoted);
        expect(new Set(doubts).size).toBe(doubts.length);
        expect(doubts.length).toBeLessThanOrEqual(6);
      }),
    );
  });

  test("a secret key is never repeated", () => {
    const secret = fc.string({ minLength: 4, maxLength: 50 }).map((text) => `§${text}§`);
    fc.assert(
      fc.property(secret, pieces, pieces, (text, before, after) => {
        const { key = {} } = traits;
        expect(doubtsOf(key, before + text + after, quoted).join()).not.toContain(text);
      }),
    );
  });

  test("a long text is read", () => {
    for (const piece of ["-----BEGIN A-----\n", "a:0,", "arn:aws", "https://", " ", "/"])
      for (const trait of Object.values(traits))
        expect(Array.isArray(doubtsOf(trait, piece.repeat(200_000 / piece.length), quoted))).toBe(true);
  });
});

describe("nothing is doubted that is well-formed:", () => {
  const undoubted = <T>(arbitrary: fc.Arbitrary<T>, trait: Trait, text: (value: T) => string) =>
    fc.assert(
      fc.property(arbitrary, (value) => {
        expect(doubtsOf(trait, text(value), quoted)).toEqual([]);
      }),
    );

  test("hosts by name and address, with or without spaces after the commas", () => {
    const host = fc.oneof(
      fc.domain(),
      fc.ipV4().filter((address) => !/^(127|0)\./.test(address)),
      fc.ipV6().map((address) => (address === "::1" ? "[::2]" : `[${address}]`)),
    );
    const hosts = fc.array(fc.tuple(host, fc.integer({ min: 1, max: 65535 })), { minLength: 1, maxLength: 5 });
    const list = fc.tuple(hosts, fc.constantFrom(",", ", ", " , ", ",\n"));
    undoubted(list, { holds: "hosts" }, ([each, comma]) => each.map((pair) => pair.join(":")).join(comma));
  });

  const base64 = fc.base64String({ minLength: 4, maxLength: 400 }).map((text) => text.match(/.{1,64}/g) ?? []);
  const newline = fc.constantFrom("\n", "\r\n", "\r");
  const pem = (labels: readonly string[]) =>
    fc.tuple(fc.constantFrom(...labels), base64, newline, fc.constantFrom("", "\n", "subject=CN = a\n", "  "));
  const written = ([label, lines, end, around]: [string, string[], string, string]) =>
    around + block(label, lines.join(end), end) + end + around;

  test("certificates, alone and in chains", () => {
    const chain = fc.array(pem(["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"]), {
      minLength: 1,
      maxLength: 3,
    });
    undoubted(chain, { pem: "certificate" }, (each) => each.map(written).join("\n"));
  });

  test("private keys of all kinds", () => {
    const kinds = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"];
    undoubted(pem(kinds), { pem: "private key", holds: "secret" }, written);
  });

  test("roles with paths, in every partition", () => {
    const word = fc.stringMatching(/^[\w+=,.@-]{1,20}$/);
    const role = fc.tuple(
      fc.constantFrom("aws", "aws-cn", "aws-us-gov", "aws-iso-b"),
      fc.stringMatching(/^\d{12}$/),
      fc.array(word, { minLength: 1, maxLength: 4 }),
    );
    undoubted(
      role,
      { roleArn: true },
      ([partition, account, path]) => `arn:${partition}:iam::${account}:role/${path.join("/")}`,
    );
  });

  test("URLs, which the schema takes too", () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        expect(taken(exampleOf("Https", { url }))).toEqual({ sent: exampleOf("Https", { url }), warnings: [] });
      }),
    );
  });
});
