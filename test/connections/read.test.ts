import { describe, expect, test } from "vitest";
import { readConnection } from "../../src/connections/read.ts";
import { connectionSchema, connectionTypes } from "../../src/connections/union.ts";
import { asMeant } from "../../src/schema/as-meant.ts";
import { exampleOf, examples } from "./example.ts";
import { read, refused, taken } from "./read.ts";

const typeNames = connectionTypes.map(({ type }) => type);
const without = (field: string, from: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(from).filter(([name]) => name !== field));

describe("a connection of each type", () => {
  test.each(examples)(
    "$type: its example is taken as it is, with nothing to remark and nothing missing",
    ({ example }) => {
      expect(read(example)).toEqual({ sent: example, warnings: [], missing: [] });
    },
  );

  test.each(examples)("$type: takes a region, and any name, of which a doubtful one is told", ({ example }) => {
    const named = (name: string) => ({ ...example, region: "VIRGINIA_USA", name });
    const fine = named("Orders-1.of_*");
    expect(taken(fine)).toEqual({ sent: fine, warnings: [] });
    for (const name of ["Ω / name?", "with blank", "a".repeat(65)])
      expect(taken(named(name))).toEqual({
        sent: named(name),
        warnings: [
          expect.stringMatching(/^connection\.name: .*letters, digits and \. - \* _; Atlas may refuse or misread/),
        ],
      });
    expect(taken(named("a".repeat(64))).warnings).toEqual([]);
  });

  test.each(examples)("$type: takes a region as its cloud spells it", ({ example }) => {
    for (const [given, region] of [
      ["us-east-1", "VIRGINIA_USA"],
      ["EU-West-1", "DUBLIN_IRL"],
      ["us-central1", "US_CENTRAL1"],
    ])
      expect(taken({ ...example, region: given })).toEqual({
        sent: { ...example, region },
        warnings: [`connection.region: was taken as "${region}"`],
      });
    for (const region of ["us-nowhere-1", "eastus2", "US_CENTRAL1"])
      expect(taken({ ...example, region })).toEqual({ sent: { ...example, region }, warnings: [] });
  });

  test.each(examples)("$type: needs a name that is not empty", ({ example }) => {
    expect(refused({ ...example, name: "" })).toEqual({ "connection.name": "must not be empty" });
    expect(refused(without("name", example))).toEqual({
      "connection.name": expect.stringMatching(/^is required/),
    });
  });

  test.each(examples)("$type: cannot be called . or .., which its address cannot hold", ({ example }) => {
    for (const name of [".", ".."])
      expect(refused({ ...example, name })).toEqual({
        "connection.name": 'must not be "." or "..", which cannot stand in a URL',
      });
    for (const name of ["...", ".a", "a."]) expect(taken({ ...example, name }).warnings).toEqual([]);
  });

  test.each(examples)("$type: is closed", ({ example }) => {
    const problems = refused({ ...example, surplus: 1 });
    expect(Object.keys(problems)).toEqual(["connection.surplus"]);
    expect(problems["connection.surplus"]).toMatch(/^is not a field of connection\. Allowed: type, name, /);
  });

  const required: [string, string[]][] = [
    ["Sample", []],
    ["Cluster", ["clusterName"]],
    ["Kafka", ["bootstrapServers"]],
    ["Https", ["url"]],
    ["AWSLambda", ["aws"]],
    ["S3", ["aws"]],
    ["AWSKinesisDataStreams", ["aws"]],
    ["SchemaRegistry", ["provider", "schemaRegistryAuthentication", "schemaRegistryUrls"]],
    ["AzureBlobStorage", ["azure"]],
    ["GCPPubSub", ["gcp"]],
  ];

  test("is known to the table of required fields", () => {
    expect(required.map(([type]) => type)).toEqual(typeNames);
  });

  test.each(required)("%s: requires %j", (type, fields) => {
    expect(Object.keys(refused({ type })).sort()).toEqual(["name", ...fields].map((f) => `connection.${f}`).sort());
  });

  test.each([
    ["Cluster", "dbRoleToExecute", ["role", "type"]],
    ["AWSLambda", "aws", ["roleArn"]],
    ["S3", "aws", ["roleArn"]],
    ["AWSKinesisDataStreams", "aws", ["roleArn"]],
    ["AzureBlobStorage", "azure", ["servicePrincipalId", "storageAccountName"]],
    ["GCPPubSub", "gcp", ["serviceAccountId"]],
  ])("%s: requires of %s: %j", (type, field, inner) => {
    expect(Object.keys(refused(exampleOf(type, { [field]: {} })))).toEqual(
      inner.map((name) => `connection.${field}.${name}`),
    );
  });

  test.each([
    "Cluster.dbRoleToExecute",
    "Kafka.authentication",
    "Kafka.security",
    "Kafka.networking",
    "AWSLambda.aws",
    "AWSLambda.publicPrivateNetworking",
    "S3.aws",
    "S3.networking",
    "AWSKinesisDataStreams.aws",
    "AWSKinesisDataStreams.networking",
    "SchemaRegistry.schemaRegistryAuthentication",
    "AzureBlobStorage.azure",
    "AzureBlobStorage.publicPrivateNetworking",
    "GCPPubSub.gcp",
    "GCPPubSub.publicPrivateNetworking",
  ])("%s is closed", (place) => {
    const [type = "", field = ""] = place.split(".");
    const inner = { ...Object(exampleOf(type)[field]), surplus: 1 };
    expect(Object.keys(refused(exampleOf(type, { [field]: inner })))).toEqual([`connection.${field}.surplus`]);
  });
});

describe("what is no connection", () => {
  test.each([
    [null, "is required (What to connect, with the fields of its type); null counts as left out, so give a value"],
    [7, "must be an object, not a number"],
    [[], "must be an object, not an array"],
  ])("%j is refused", (given, message) => {
    expect(refused(given)).toEqual({ connection: message });
  });
});

describe("the type", () => {
  test("missing: all of them are listed", () => {
    expect(refused({ name: "x" })).toEqual({ "connection.type": `is required: one of ${typeNames.join(", ")}` });
  });

  test("missing: the types that the given fields fit are named", () => {
    expect(refused({ name: "x", aws: {} })["connection.type"]).toMatch(
      /; the other fields fit AWSLambda, S3, AWSKinesisDataStreams$/,
    );
    expect(refused({ url: "https://example.com" })["connection.type"]).toMatch(/; the other fields fit Https$/);
  });

  test.each([
    ["kafka", "Kafka"],
    ["HTTPS", "Https"],
    ["AwsLambda", "AWSLambda"],
    ["aws_kinesis-data streams", "AWSKinesisDataStreams"],
  ])("%s is taken as %s, with a warning", (type, meant) => {
    expect(taken({ ...exampleOf(meant), type })).toEqual({
      sent: exampleOf(meant),
      warnings: [`connection.type: was taken as "${meant}"`],
    });
  });

  test.each([
    ["Http", "Https", "url, headers"],
    ["Lambda", "AWSLambda", "aws, publicPrivateNetworking"],
    ["Kinesis", "AWSKinesisDataStreams", "aws, networking"],
    ["Clusters", "Cluster", "clusterName, clusterGroupId, dbRoleToExecute"],
    ["PubSub", "GCPPubSub", "gcp, publicPrivateNetworking"],
    ["Azure", "AzureBlobStorage", "azure, publicPrivateNetworking"],
    ["Sampel", "Sample", "no further fields"],
  ])("%s is refused, and %s is suggested with its fields", (type, meant, fields) => {
    expect(refused({ ...exampleOf(meant), type })).toEqual({
      "connection.type": `must be one of ${typeNames.join(", ")}; "${type}" was given; did you mean "${meant}"? ${meant} takes ${fields}`,
    });
  });

  test.each([
    ["Confluent", "Kafka"],
    ["confluent-cloud", "Kafka"],
    ["MSK", "Kafka"],
    ["Redpanda", "Kafka"],
    ["Event Hubs", "Kafka"],
    ["webhook", "Https"],
    ["REST", "Https"],
    ["MongoDB", "Cluster"],
  ])("%s is refused, and %s is suggested, which people call so", (type, meant) => {
    expect(refused({ ...exampleOf(meant), type })["connection.type"]).toContain(
      `; "${type}" was given; did you mean "${meant}"? ${meant} takes `,
    );
  });

  test("misspelt: what else is wrong with the nearest type is told as well, and nothing that would be taken as meant", () => {
    const given = { name: "x", type: "Kafke", bootstrap_servers: ["b:1"], authentication: null, config: { "a.b": 1 } };
    expect(Object.keys(refused(given))).toEqual(["connection.type"]);
    expect(Object.keys(refused({ ...given, BootstrapServers: "c:1", surplus: 1 }))).toEqual([
      "connection.type",
      "connection.BootstrapServers",
      "connection.surplus",
    ]);
  });

  test("under another spelling of its name is told of by its name", () => {
    expect(Object.keys(refused({ name: "x", Type: "Kafke", bootstrapServers: "b:1" }))).toEqual(["connection.type"]);
  });

  test("nothing is suggested for what resembles nothing", () => {
    expect(refused({ name: "x", type: "Postgres" })["connection.type"]).toMatch(/; "Postgres" was given$/);
  });

  test("null: is as if it were left out", () => {
    expect(refused({ name: "x", type: null })).toEqual(refused({ name: "x" }));
  });

  test.each([
    [7, "a number"],
    [["Kafka"], "an array"],
  ])("%j is refused", (type, what) => {
    expect(refused({ name: "x", type })["connection.type"]).toBe(`must be one of ${typeNames.join(", ")}, not ${what}`);
  });

  test("what is wrong is told of the type that was given, not of all ten", () => {
    expect(Object.keys(refused({ type: "Https" }))).toEqual(["connection.name", "connection.url"]);
  });
});

describe("an unknown field", () => {
  test.each([
    ["Kafka", "bootstrapServer", "bootstrapServers"],
    ["Kafka", "bootstrap", "bootstrapServers"],
    ["AWSLambda", "privateNetworking", "publicPrivateNetworking"],
    ["Https", "header", "headers"],
    ["Cluster", "dbRole", "dbRoleToExecute"],
  ])("of %s: %s gets the nearest name, %s", (type, field, meant) => {
    const message = refused(exampleOf(type, { [field]: {} }))[`connection.${field}`];
    expect(message).toMatch(
      new RegExp(`^is not a field of connection; did you mean ${meant}\\? Allowed: type, name, `),
    );
  });

  test.each([
    ["Kafka", "mechanism", "connection.authentication.mechanism"],
    ["Kafka", "password", "connection.authentication.password"],
    ["Kafka", "protocol", "connection.security.protocol"],
    ["S3", "roleArn", "connection.aws.roleArn"],
    ["SchemaRegistry", "username", "connection.schemaRegistryAuthentication.username"],
  ])("of %s: %s stands too high, and where it belongs is told", (type, field, place) => {
    expect(refused(exampleOf(type, { [field]: "x" }))[`connection.${field}`]).toContain(`did you mean ${place}?`);
  });

  test.each([
    ["Kafka", "brokers", "bootstrapServers"],
    ["Kafka", "broker_list", "bootstrapServers"],
    ["Kafka", "apiKey", "connection.authentication.username"],
    ["Kafka", "api_secret", "connection.authentication.password"],
    ["Kafka", "auto.offset.reset", "connection.config.auto.offset.reset"],
    ["SchemaRegistry", "apiKey", "connection.schemaRegistryAuthentication.username"],
    ["SchemaRegistry", "apiSecret", "connection.schemaRegistryAuthentication.password"],
    ["Https", "endpoint", "url"],
    ["Https", "webhookUrl", "url"],
  ])("of %s that people call so: %s leads to %s", (type, field, place) => {
    expect(refused(exampleOf(type, { [field]: "x" }))[`connection.${field}`]).toContain(`did you mean ${place}?`);
  });

  test("of a login leads to its own field", () => {
    const authentication = { mechanism: "PLAIN", apiKey: "k", apiSecret: "s" };
    expect(refused(exampleOf("Kafka", { authentication }))).toEqual({
      "connection.authentication.apiKey": expect.stringContaining("did you mean username?"),
      "connection.authentication.apiSecret": expect.stringContaining("did you mean password?"),
    });
  });

  test("further inside is told of its object", () => {
    expect(refused(exampleOf("S3", { aws: { roleArn: "r", bucket: "b" } }))).toEqual({
      "connection.aws.bucket": "is not a field of aws; did you mean testBucket? Allowed: roleArn, testBucket",
    });
  });

  test("of one member of an inner union is told of that member", () => {
    const schemaRegistryAuthentication = { type: "SASL_INHERIT", username: "u" };
    expect(refused(exampleOf("SchemaRegistry", { schemaRegistryAuthentication }))).toEqual({
      "connection.schemaRegistryAuthentication.username":
        "is not a field of schemaRegistryAuthentication. Allowed: type",
    });
  });
});

describe("an enumerated value", () => {
  const access = (type: string) => ({ access: { type } });

  test.each([
    ["Cluster", { dbRoleToExecute: { role: "r", type: "BUILD_IN" } }, "dbRoleToExecute.type", "BUILT_IN"],
    ["Kafka", { networking: access("PRIVATE_LINKS") }, "networking.access.type", "PRIVATE_LINK"],
    ["AWSLambda", { publicPrivateNetworking: access("publik") }, "publicPrivateNetworking.access.type", "PUBLIC"],
    ["SchemaRegistry", { provider: "Confluence" }, "provider", "CONFLUENT"],
    [
      "SchemaRegistry",
      { schemaRegistryAuthentication: { type: "user" } },
      "schemaRegistryAuthentication.type",
      "USER_INFO",
    ],
  ])("of %s, misspelt in %j, is refused with the values and the nearest one", (type, over, path, meant) => {
    const message = refused(exampleOf(type, over))[`connection.${path}`];
    expect(message).toMatch(/^must be one of .*; ".*" was given; /);
    expect(message).toContain(`did you mean "${meant}"?`);
  });

  test.each(["VPC", "TRANSIT_GATEWAY"])("%s is an access of networking, not of publicPrivateNetworking", (type) => {
    expect(taken(exampleOf("S3", { networking: { access: { type, tgwRouteId: "a".repeat(24) } } })).warnings).toEqual(
      [],
    );
    expect(refused(exampleOf("AWSLambda", { publicPrivateNetworking: access(type) }))).toEqual({
      "connection.publicPrivateNetworking.access.type": `must be one of PUBLIC, PRIVATE_LINK; "${type}" was given`,
    });
  });
});

describe("a secret in config", () => {
  const SHOWN = "looks like a secret, and Atlas shows config to everyone who can read the connection";

  test("that has no field of its own is sent, with a warning that Atlas shows it", () => {
    const config = {
      "ssl.truststore.password": "p",
      "sasl.jaas.config": "x.OAuthBearerLoginModule required;",
      acks: "all",
    };
    const sent = exampleOf("Kafka", { config });
    expect(taken(sent)).toEqual({
      sent,
      warnings: [`connection.config.ssl.truststore.password: ${SHOWN}`, `connection.config.sasl.jaas.config: ${SHOWN}`],
    });
  });

  test("that is a part of a URL is warned of too", () => {
    const sent = exampleOf("Kafka", { config: { "schema.registry.url": "https://u:p@registry.example.com" } });
    expect(taken(sent)).toEqual({ sent, warnings: [`connection.config.schema.registry.url: ${SHOWN}`] });
  });

  test("is no header: those are masked, and each is known to be a secret", () => {
    expect(taken(exampleOf("Https", { headers: { "X-Password": "p" } })).warnings).toEqual([]);
  });
});

describe("a refusal tells what is doubtful too", () => {
  const doubts = (raw: unknown) => {
    const { value } = asMeant(connectionSchema, raw, ["connection"]);
    const reading = readConnection(value, ["connection"]);
    expect(reading.ok).toBe(false);
    return reading.warnings.map(({ path }) => path.join("."));
  };
  const doubtful = { authentication: { mechanism: "SCRAM" }, security: { protocol: "TLSv1" } };
  const told = ["connection.authentication.mechanism", "connection.security.protocol"];

  test("beside a misspelt field", () => {
    expect(doubts(exampleOf("Kafka", { ...doubtful, surplus: 1 }))).toEqual(told);
    expect(
      doubts(exampleOf("Kafka", { ...doubtful, authentication: { ...doubtful.authentication, user: "u" } })),
    ).toEqual(told);
  });

  test("beside a wrong type, of the nearest one", () => {
    expect(doubts({ ...exampleOf("Kafka", doubtful), type: "Kafke" })).toEqual(told);
  });

  test("beside what is surely wrong, which is told with the rest", () => {
    const role = { role: "readWriteAnyDatabase", type: "BUILD_IN" };
    expect(
      refused(exampleOf("Kafka", { ...doubtful, surplus: 1, security: { brokerPublicCertificate: key } })),
    ).toEqual({
      "connection.surplus": expect.any(String),
      "connection.security.brokerPublicCertificate": expect.stringContaining("`sslKey`"),
    });
    expect(Object.keys(refused(exampleOf("Cluster", { dbRoleToExecute: role })))).toEqual([
      "connection.dbRoleToExecute.type",
    ]);
  });
});

const key = "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqh\n-----END PRIVATE KEY-----";

test("everything that is wrong is told at once", () => {
  expect(
    Object.keys(refused({ type: "Kafka", name: "", bootstrapServers: 1, networking: { access: 1 }, x: 1 })).sort(),
  ).toEqual(["bootstrapServers", "name", "networking.access", "x"].map((field) => `connection.${field}`));
});
