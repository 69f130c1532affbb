import { describe, expect, test } from "vitest";
import { connectionTypes } from "../../src/connections/union.ts";
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

  test.each(examples)("$type: takes a region, and any name", ({ example }) => {
    const sent = { ...example, region: "VIRGINIA_USA", name: "Ω / name?" };
    expect(taken(sent)).toEqual({ sent, warnings: [] });
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
    [null, "must be an object, not null"],
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
      /; the given fields fit AWSLambda, S3, AWSKinesisDataStreams$/,
    );
    expect(refused({ url: "https://example.com" })["connection.type"]).toMatch(/; the given fields fit Https$/);
  });

  test.each([
    ["kafka", "Kafka"],
    ["HTTPS", "Https"],
    ["Http", "Https"],
    ["AwsLambda", "AWSLambda"],
    ["Lambda", "AWSLambda"],
    ["Kinesis", "AWSKinesisDataStreams"],
    ["Clusters", "Cluster"],
    ["PubSub", "GCPPubSub"],
    ["Azure", "AzureBlobStorage"],
  ])("%s is refused, and %s is suggested", (type, meant) => {
    expect(refused({ name: "x", type })).toEqual({
      "connection.type": `must be one of ${typeNames.join(", ")}; "${type}" was given; did you mean "${meant}"?`,
    });
  });

  test("nothing is suggested for what resembles nothing", () => {
    expect(refused({ name: "x", type: "Postgres" })["connection.type"]).toMatch(/; "Postgres" was given$/);
  });

  test.each([
    [null, "null"],
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
    ["Kafka", "bootstrap_servers", "bootstrapServers"],
    ["Kafka", "publicPrivateNetworking", "networking"],
    ["AWSLambda", "networking", "publicPrivateNetworking"],
    ["AzureBlobStorage", "networking", "publicPrivateNetworking"],
    ["GCPPubSub", "networking", "publicPrivateNetworking"],
    ["S3", "publicPrivateNetworking", "networking"],
    ["Https", "Headers", "headers"],
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
    ["Cluster", { dbRoleToExecute: { role: "r", type: "BUILTIN" } }, "dbRoleToExecute.type", "BUILT_IN"],
    ["Kafka", { networking: access("Private_Link") }, "networking.access.type", "PRIVATE_LINK"],
    ["AWSLambda", { publicPrivateNetworking: access("public") }, "publicPrivateNetworking.access.type", "PUBLIC"],
    ["SchemaRegistry", { provider: "Confluent" }, "provider", "CONFLUENT"],
    [
      "SchemaRegistry",
      { schemaRegistryAuthentication: { type: "user_info" } },
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

describe("null", () => {
  test("is taken where Atlas takes it", () => {
    const sent = exampleOf("Cluster", { clusterGroupId: null });
    expect(taken(sent)).toEqual({ sent, warnings: [] });
  });

  test.each([
    ["Kafka", { config: null }, "config", "an object"],
    ["Kafka", { networking: null }, "networking", "an object"],
    ["Https", { headers: null }, "headers", "an object"],
    ["Sample", { region: null }, "region", "a string"],
  ])("of %s in %j is refused", (type, over, path, wanted) => {
    expect(refused(exampleOf(type, over))).toEqual({ [`connection.${path}`]: `must be ${wanted}, not null` });
  });
});

test("everything that is wrong is told at once", () => {
  expect(
    Object.keys(refused({ type: "Kafka", name: "", bootstrapServers: 1, networking: { access: 1 }, x: 1 })).sort(),
  ).toEqual(["bootstrapServers", "name", "networking.access", "x"].map((field) => `connection.${field}`));
});
