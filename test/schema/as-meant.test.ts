import { describe, expect, test } from "vitest";
import { z } from "zod/v3";
import { connectionSchema } from "../../src/connections/union.ts";
import type { JsonObject } from "../../src/json.ts";
import { asMeant, withLineBreaks } from "../../src/schema/as-meant.ts";
import { certificate, commaSeparated, openString, webUrls, withTrait } from "../../src/schema/fields.ts";
import { noteLine } from "../../src/schema/problems.ts";
import { exampleOf, examples } from "../connections/example.ts";
import { refused, taken } from "../connections/read.ts";

/** Arguments of a tool that is none of the server's. */
const args = z
  .object({
    groupId: z.string(),
    processorName: z.string(),
    dryRun: z.boolean().default(false),
    mode: z.enum(["fast", "VERY_SLOW"]).optional(),
    limits: z.object({ maxTier: z.string(), soft: z.boolean().optional() }).strict().optional(),
    stages: z.array(z.record(z.unknown())).optional(),
    labels: z.record(z.string()).optional(),
  })
  .strict();

const inWords = ({ value, changes, problems }: ReturnType<typeof asMeant>) => ({
  value,
  changes: changes.map(noteLine),
  problems: problems.map(noteLine),
});
const read = (value: unknown, schema: z.ZodTypeAny = args) => inWords(asMeant(schema, value, []));
const asIs = (value: unknown) => ({ value, changes: [], problems: [] });

const kafka = (over: JsonObject = {}) => ({ name: "k", type: "Kafka", bootstrapServers: "b:9092", ...over });
const https = (over: JsonObject) => ({ name: "h", type: "Https", url: "https://example.com", ...over });
const login = { mechanism: "PLAIN", username: "u", password: "p" };

describe("what already fits", () => {
  test.each(examples)("the example of $type is left alone", ({ example }) => {
    expect(inWords(asMeant(connectionSchema, example, ["connection"]))).toEqual(asIs(example));
  });

  test("the value that was given is not changed", () => {
    const given = kafka({
      id: "1",
      BootstrapServers: ["a:1"],
      config: { retries: 1, "sasl.username": "u" },
      links: [],
    });
    const before = structuredClone(given);
    asMeant(connectionSchema, given, ["connection"]);
    expect(given).toEqual(before);
  });

  test.each([undefined, null, 7, true, "text", [], [{ groupId: "g" }]])("%j is left for the check", (value) => {
    expect(read(value)).toEqual(asIs(value));
  });
});

describe("null", () => {
  test("for anything optional is as if left out, at any depth and without a word", () => {
    const given = { groupId: "g", dryRun: null, mode: null, limits: { maxTier: "t", soft: null }, labels: { a: null } };
    expect(read(given)).toEqual(asIs({ groupId: "g", limits: { maxTier: "t" }, labels: {} }));
  });

  test("for a field that the object does not have is nothing either", () => {
    const given = kafka({ clusterName: null, url: null, dbRoleToExecute: null, networking: { vpc: null } });
    expect(taken(given)).toEqual({ sent: kafka({ networking: {} }), warnings: [] });
  });

  test("for something required stays, and the check says so", () => {
    expect(read({ groupId: null, limits: { maxTier: null } })).toEqual(
      asIs({ groupId: null, limits: { maxTier: null } }),
    );
    expect(refused(https({ url: null, name: null }))).toEqual({
      "connection.name": expect.stringMatching(/^is required/),
      "connection.url": expect.stringMatching(/^is required/),
    });
    expect(refused(exampleOf("S3", { aws: null }))).toEqual({
      "connection.aws": expect.stringMatching(/^is required/),
    });
    expect(refused(exampleOf("SchemaRegistry", { schemaRegistryUrls: [null] }))).toEqual({
      "connection.schemaRegistryUrls[0]": expect.stringMatching(/^is required/),
    });
  });

  test("beside the same field in another spelling is nothing", () => {
    expect(read({ groupId: null, group_id: "g" }).value).toEqual({ groupId: "g" });
    expect(read({ groupId: "g", group_id: null })).toEqual(asIs({ groupId: "g" }));
    expect(read({ GroupId: null }).value).toEqual({ groupId: null });
  });

  test("for a discriminator leaves it out, in whatever spelling", () => {
    expect(taken({ ...kafka(), type: null, Type: "Kafka" }).sent).toEqual(kafka());
    expect(Object.keys(refused({ ...kafka(), type: null }))).toEqual(["connection.type"]);
  });

  test("is left out everywhere where nothing is required", () => {
    const { value } = asMeant(args, { groupId: null, limits: { maxTier: null, soft: true } }, [], { partial: true });
    expect(value).toEqual({ limits: { soft: true } });
  });

  test("stays in a map whose values may be null", () => {
    const given = { stages: [{ $match: null }, { $limit: 1, links: [] }] };
    expect(read(given)).toEqual(asIs(given));
  });
});

describe("JSON text", () => {
  test("where an object, a map or a list is expected is read, at any depth", () => {
    const limits = { maxTier: "t" };
    const { value, changes } = read({
      limits: JSON.stringify(limits),
      labels: ' {"a":1} ',
      stages: '[{"$match":{"text":"{}"}}]',
    });
    expect(value).toEqual({ limits, labels: { a: "1" }, stages: [{ $match: { text: "{}" } }] });
    expect(changes).toEqual([
      "limits: was text and was read as JSON",
      "labels: was text and was read as JSON",
      "labels.a: was a number and was converted to a string",
      "stages: was text and was read as JSON",
    ]);
  });

  test("inside JSON text is read too", () => {
    const given = JSON.stringify(kafka({ authentication: JSON.stringify(login), config: '{"acks":"all"}' }));
    expect(taken(given)).toEqual({
      sent: kafka({ authentication: login, config: { acks: "all" } }),
      warnings: ["connection", "connection.authentication", "connection.config"].map(
        (path) => `${path}: was text and was read as JSON`,
      ),
    });
  });

  test("of a list of brokers is joined", () => {
    expect(taken(kafka({ bootstrapServers: '["b1:9092","b2:9092"]' })).sent).toEqual(
      kafka({ bootstrapServers: "b1:9092,b2:9092" }),
    );
  });

  test("where text is expected stays text", () => {
    const authentication = { ...login, password: '{"a":1}', username: "[]" };
    expect(taken(kafka({ authentication, config: { a: '{"b":1}', c: "null" } }))).toEqual({
      sent: kafka({ authentication, config: { a: '{"b":1}', c: "null" } }),
      warnings: [],
    });
  });

  test.each(["", "Kafka", "{", "[1]", "null", "7", '"text"', "${env:CONNECTION}", "{".repeat(65)])(
    "that is none of an object, %j, is refused with the shape",
    (text) => {
      expect(refused(text)).toEqual({
        connection: expect.stringMatching(/^must be an object \{type, name, .*JSON for one$/),
      });
      expect(refused(kafka({ authentication: text }))).toEqual({
        "connection.authentication": expect.stringMatching(/^must be an object \{mechanism, username, password, /),
      });
      expect(refused(kafka({ config: text }))).toEqual({
        "connection.config": expect.stringMatching(/^must be an object \{"name": "value", …\}/),
      });
    },
  );

  test("that is nested too deep to be a message is left as text", () => {
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}{}${"}".repeat(depth)}`;
    expect(read({ stages: `[${nested(40)}]` }).changes).toHaveLength(1);
    expect(read({ stages: `[${nested(100_000)}]` }).changes).toEqual([]);
  });
});

describe("a name in another spelling", () => {
  test.each(["group_id", "GroupId", "GROUP-ID", "group id", "groupid"])("%s is taken as groupId", (key) => {
    expect(read({ [key]: "g" })).toEqual({
      value: { groupId: "g" },
      changes: [`${key}: was taken as groupId`],
      problems: [],
    });
  });

  test("is taken at any depth, and what is inside is read as well", () => {
    expect(taken(kafka({ Networking: { ACCESS: { Type: "public", tgw_route_id: null } } }))).toEqual({
      sent: kafka({ networking: { access: { type: "PUBLIC" } } }),
      warnings: [
        "connection.Networking: was taken as networking",
        "connection.networking.ACCESS: was taken as access",
        "connection.networking.access.Type: was taken as type",
        'connection.networking.access.type: was taken as "PUBLIC"',
      ],
    });
  });

  test.each(["group.id", "groupIds", "group", "gruopId", "", "constructor", "__proto__"])("%j is none", (key) => {
    const given = { limits: JSON.parse(`{${JSON.stringify(key)}:1}`) };
    expect(read(given)).toEqual(asIs(given));
  });

  test("of exactly one name only", () => {
    const twins = z.object({ userId: z.string(), user_id: z.string() }).strict();
    expect(read({ USERID: "u" }, twins)).toEqual(asIs({ USERID: "u" }));
    expect(read({ userId: "u", user_id: "v" }, twins)).toEqual(asIs({ userId: "u", user_id: "v" }));
  });

  test("for a field that is there already is left out if it says the same", () => {
    expect(read({ groupId: "g", group_id: "g", limits: { maxTier: "t" }, Limits: '{"max_tier":"t"}' })).toEqual({
      value: { groupId: "g", limits: { maxTier: "t" } },
      changes: ["group_id: repeats groupId and was left out", "Limits: repeats limits and was left out"],
      problems: [],
    });
  });

  test("for a field that has another value is refused, whichever comes first", () => {
    const problems = {
      "connection.bootstrap_servers": "is another name for bootstrapServers, which has a different value",
    };
    expect(refused({ ...kafka(), bootstrap_servers: "c:1" })).toEqual(problems);
    expect(refused({ bootstrap_servers: "c:1", ...kafka() })).toEqual(problems);
    expect(refused({ name: "k", type: "Kafka", BootstrapServers: "b:1", bootstrap_servers: "c:1" })).toEqual(problems);
  });

  test("is told beside everything else that is wrong", () => {
    expect(Object.keys(refused(https({ Url: "https://other.example", surplus: 1, name: 7 }))).sort()).toEqual([
      "connection.Url",
      "connection.name",
      "connection.surplus",
    ]);
  });

  test("for a key of a free map is left alone", () => {
    const given = { groupId: "g", labels: { group_id: "a", GroupId: "b", Labels: "c", _x: "d", random_string: "e" } };
    expect(read(given)).toEqual(asIs(given));
  });
});

describe("another name", () => {
  test.each([
    ["projectId", "groupId"],
    ["project_id", "groupId"],
    ["name", "processorName"],
  ])("of an argument, %s, is taken as %s", (alias, name) => {
    expect(read({ [alias]: "x" })).toMatchObject({ value: { [name]: "x" }, problems: [] });
  });

  test.each([
    ["Sample", "connection_name", "name"],
    ["Cluster", "cluster_project_id", "clusterGroupId"],
    ["SchemaRegistry", "SchemaRegistryProvider", "provider"],
    ["Kafka", "public_private_networking", "networking"],
    ["S3", "publicPrivateNetworking", "networking"],
    ["AWSKinesisDataStreams", "publicPrivateNetworking", "networking"],
    ["AWSLambda", "networking", "publicPrivateNetworking"],
    ["AzureBlobStorage", "networking", "publicPrivateNetworking"],
    ["GCPPubSub", "networking", "publicPrivateNetworking"],
  ])("of a field of %s, %s, is taken as %s", (type, alias, name) => {
    const network = { access: { type: "PUBLIC" } };
    const values = { name: "n", provider: "CONFLUENT", clusterGroupId: "a".repeat(24) };
    const { [name]: value = network }: JsonObject = values;
    const { [name]: _, ...others } = exampleOf(type);
    expect(taken({ ...others, [alias]: value })).toEqual({
      sent: { ...others, [name]: value },
      warnings: [`connection.${alias}: was taken as ${name}`],
    });
  });

  test("counts only where there is the field it stands for", () => {
    expect(Object.keys(refused(exampleOf("Https", { networking: {}, provider: "x" })))).toEqual([
      "connection.networking",
      "connection.provider",
    ]);
    expect(Object.keys(refused(kafka({ clusterProjectId: "x" })))).toEqual(["connection.clusterProjectId"]);
  });

  test("gives way to a field that is called so", () => {
    const both = z.object({ name: z.string(), connectionName: z.string() }).strict();
    expect(read({ name: "a", connection_name: "b" }, both).value).toEqual({ name: "a", connectionName: "b" });
  });

  test("for a field with another value is refused", () => {
    expect(read({ groupId: "a", projectId: "b" }).problems).toEqual([
      "projectId: is another name for groupId, which has a different value",
    ]);
  });
});

describe("what other tools of MongoDB call it", () => {
  const flat = { name: "k", type: "Kafka", bootstrapServers: "b:9092" };

  test("a connection with its fields in connectionConfig is taken", () => {
    const { type, bootstrapServers } = flat;
    for (const connectionConfig of [{ bootstrapServers }, JSON.stringify({ bootstrap_servers: [bootstrapServers] })]) {
      const { sent, warnings } = taken({ connectionName: "k", connectionType: "kafka", connectionConfig });
      expect(sent).toEqual({ name: "k", type, bootstrapServers });
      expect(warnings).toEqual(
        expect.arrayContaining([
          "connection.connectionConfig: was taken as fields of the connection itself",
          "connection.connectionName: was taken as name",
          "connection.connectionType: was taken as type",
        ]),
      );
    }
  });

  test("what is in connectionConfig and beside it is refused where it differs", () => {
    expect(refused({ ...flat, connection_config: { bootstrapServers: "c:1", name: "k" } })).toEqual({
      "connection.connection_config.bootstrapServers": "repeats bootstrapServers, which has a different value",
    });
    expect(taken({ ...flat, connectionConfig: { ...flat } }).sent).toEqual(flat);
  });

  test("a wrong connectionType is told of as the type", () => {
    expect(Object.keys(refused({ ...flat, type: undefined, connectionType: "Kafke" }))).toEqual(["connection.type"]);
  });
});

describe("what clients add by themselves", () => {
  const added = [
    "random_string",
    "toolCallId",
    "tool_call_id",
    "tool",
    "sessionId",
    "action",
    "chatInput",
    "_meta",
    "_x",
  ];

  test.each(added)("%s is ignored without a word", (name) => {
    expect(read({ groupId: "g", [name]: "x" })).toEqual(asIs({ groupId: "g" }));
  });

  test("is taken where a tool has an argument of that name", () => {
    const own = z.object({ action: z.string(), tool: z.string() }).strict();
    expect(read({ action: "a", tool: "t", chatInput: "c" }, own)).toEqual(asIs({ action: "a", tool: "t" }));
  });

  test("is not ignored further inside", () => {
    expect(Object.keys(refused(kafka({ sessionId: "s" })))).toEqual(["connection.sessionId"]);
  });
});

describe("a note", () => {
  test("has the whole path, however deep, and so has a contradiction under another name", () => {
    const { changes, problems } = asMeant(
      connectionSchema,
      { ...kafka(), Networking: { Access: { Type: "public", TYPE: "VPC", connection_id: "A".repeat(24) } } },
      ["connections", "3"],
    );
    expect(changes.map(({ path }) => path.join(" "))).toEqual([
      "connections 3 Networking",
      "connections 3 networking Access",
      "connections 3 networking access Type",
      "connections 3 networking access type",
      "connections 3 networking access connection_id",
      "connections 3 networking access connectionId",
    ]);
    expect(problems).toEqual([
      {
        path: ["connections", "3", "networking", "access", "TYPE"],
        message: "is another name for type, which has a different value",
      },
    ]);
  });

  test("of a contradiction inside of a field under another name is kept", () => {
    const given = { ...kafka(), Authentication: { username: "a", UserName: "b" } };
    expect(asMeant(connectionSchema, given, ["connection"]).problems.map(({ path }) => path.join(" "))).toEqual([
      "connection authentication UserName",
    ]);
    expect(refused({ ...kafka(), authentication: login, Authentication: { ...login, Password: "x" } })).toEqual({
      "connection.Authentication.Password": "is another name for password, which has a different value",
    });
  });

  test("of what repeats a field, and of a type that is none, has the whole path too", () => {
    expect(taken({ ...kafka(), bootstrap_servers: "b:9092" }).warnings).toEqual([
      "connection.bootstrap_servers: repeats bootstrapServers and was left out",
    ]);
    expect(asMeant(connectionSchema, { name: "k", Type: "Kafke" }, ["connection"]).changes).toEqual([
      { path: ["connection", "Type"], message: "was taken as type" },
    ]);
  });

  test("of a list tells the place in it", () => {
    expect(read([" https://a.example ", "https://b.example "], webUrls(2, "")).changes).toEqual([
      "0: had spaces around it, which were removed",
      "1: had spaces around it, which were removed",
    ]);
  });
});

describe("JSON text of a certain depth", () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`;

  test("is read down to 64 levels", () => {
    const map = z.object({ labels: z.record(z.unknown()) }).strict();
    expect(read({ labels: nested(64) }, map).changes).toHaveLength(1);
    expect(read({ labels: nested(65) }, map).changes).toEqual([]);
  });
});

describe("a value in another spelling", () => {
  test.each([
    ["very-slow", "VERY_SLOW"],
    ["VerySlow", "VERY_SLOW"],
    ["FAST", "fast"],
  ])("of an enumeration, %s, is taken as %s", (given, meant) => {
    expect(read({ mode: given })).toEqual({
      value: { mode: meant },
      changes: [`mode: was taken as ${JSON.stringify(meant)}`],
      problems: [],
    });
  });

  test("of an open list is taken, and a value that is not on it is left alone", () => {
    const open = openString(["SCRAM-256", "PLAIN"], "");
    expect(read("scram_sha_256", open).value).toBe("SCRAM-256");
    expect(read("GSSAPI", open)).toEqual(asIs("GSSAPI"));
  });

  test("of a discriminator chooses the member", () => {
    const given = { type: "schema registry", provider: "Confluent", schemaRegistryUrls: ["https://r.example.com"] };
    const sent = { ...given, name: "r", type: "SchemaRegistry", provider: "CONFLUENT" };
    expect(
      taken({ ...given, name: "r", schemaRegistryAuthentication: { type: "user_info", Username: "u", password: "p" } }),
    ).toMatchObject({
      sent: { ...sent, schemaRegistryAuthentication: { type: "USER_INFO", username: "u", password: "p" } },
    });
  });

  test.each(["fastt", "very", "f.ast", "", 7, ["fast"]])("%j is none", (mode) => {
    expect(read({ mode })).toEqual(asIs({ mode }));
  });

  test("of exactly one value only", () => {
    const twins = z.enum(["a_b", "AB"]);
    expect(read("ab", twins)).toEqual(asIs("ab"));
    expect(read("AB", twins)).toEqual(asIs("AB"));
  });

  test("that is documented only where another field says so is taken there alone", () => {
    const role = z.object({
      kind: z.enum(["OWN", "OTHER"]),
      role: withTrait(z.string(), { knownWhere: { field: "kind", is: "OWN", known: ["readAny"] } }).optional(),
    });
    expect(read({ kind: "own", role: "read_any" }, role).value).toEqual({ kind: "OWN", role: "readAny" });
    expect(read({ kind: "OTHER", role: "read_any" }, role)).toEqual(asIs({ kind: "OTHER", role: "read_any" }));
    expect(read({ kind: "OWN" }, role)).toEqual(asIs({ kind: "OWN" }));
  });
});

describe("true and false as text", () => {
  test.each([
    ["true", true],
    ["false", false],
    ["True", true],
    ["FALSE", false],
  ])("%j is read", (text, value) => {
    expect(read({ dryRun: text })).toEqual({
      value: { dryRun: value },
      changes: ["dryRun: was text and was read as true or false"],
      problems: [],
    });
  });

  test.each(["yes", "1", "truely", " true", "", 1, 0])("%j is not", (dryRun) => {
    expect(read({ dryRun })).toEqual(asIs({ dryRun }));
  });
});

describe("a number as text", () => {
  const number = z.object({ limit: z.number().optional() }).strict();

  test.each([
    ["60", 60],
    ["-1.5", -1.5],
    ["0", 0],
  ])("%j is read", (text, limit) => {
    expect(read({ limit: text }, number)).toEqual({
      value: { limit },
      changes: ["limit: was text and was read as a number"],
      problems: [],
    });
  });

  test.each(["", "1e3", "0x10", "ten", " 1", "1.", "12345678901234567890", true])("%j is not", (limit) => {
    expect(read({ limit }, number)).toEqual(asIs({ limit }));
  });
});

describe("lists and strings", () => {
  test("a list of brokers is joined with commas", () => {
    expect(taken(kafka({ bootstrapServers: ["b1:9092", "b2:9092"] }))).toEqual({
      sent: kafka({ bootstrapServers: "b1:9092,b2:9092" }),
      warnings: ["connection.bootstrapServers: was a list and was joined with commas"],
    });
  });

  test.each([[[]], [[1]], [["b:9092", null]], [[["b:9092"]]]])("%j is refused", (bootstrapServers) => {
    expect(refused(kafka({ bootstrapServers }))).toEqual({
      "connection.bootstrapServers": "must be a string, not an array",
    });
  });

  test("a list is joined in such a field only", () => {
    expect(refused(kafka({ authentication: { username: ["a", "b"] } }))).toEqual({
      "connection.authentication.username": "must be a string, not an array",
    });
  });

  test.each([
    ["https://r.example.com", ["https://r.example.com"]],
    ["https://a.example.com , http://b.example.com/x,y", ["https://a.example.com", "http://b.example.com/x,y"]],
    ["https://a,https://b", ["https://a", "https://b"]],
    ["https://a,http://b,https://c", ["https://a", "http://b", "https://c"]],
  ])("registry URLs as one string, %j, are made a list", (schemaRegistryUrls, list) => {
    expect(taken(exampleOf("SchemaRegistry", { schemaRegistryUrls }))).toEqual({
      sent: exampleOf("SchemaRegistry", { schemaRegistryUrls: list }),
      warnings: ["connection.schemaRegistryUrls: was one string and was converted to a list"],
    });
  });

  test("spaces around a URL are left out", () => {
    const spaces = "had spaces around it, which were removed";
    expect(taken(https({ url: " https://example.com\n" }))).toEqual({
      sent: https({}),
      warnings: [`connection.url: ${spaces}`],
    });
    expect(read([" https://a.example ", "https://b.example"], webUrls(2, ""))).toEqual({
      value: ["https://a.example", "https://b.example"],
      changes: [`0: ${spaces}`],
      problems: [],
    });
  });
});

describe("numbers and booleans in a map of strings", () => {
  test("are made strings, each with a warning that does not repeat it", () => {
    const config = { "session.timeout.ms": 45000, "enable.idempotence": true, acks: "all" };
    expect(taken(kafka({ config }))).toEqual({
      sent: kafka({ config: { "session.timeout.ms": "45000", "enable.idempotence": "true", acks: "all" } }),
      warnings: [
        "connection.config.session.timeout.ms: was a number and was converted to a string",
        "connection.config.enable.idempotence: was a boolean and was converted to a string",
      ],
    });
    expect(taken(https({ headers: { "X-Pin": 271828 } }))).toEqual({
      sent: https({ headers: { "X-Pin": "271828" } }),
      warnings: ["connection.headers.X-Pin: was a number and was converted to a string"],
    });
  });

  test.each([[["a"]], { a: "b" }])("%j is not", (value) => {
    expect(Object.keys(refused(https({ headers: { key: value } })))).toEqual(["connection.headers.key"]);
  });

  test("stay in a map of anything", () => {
    const given = { stages: [{ $limit: 7, $unwind: true }] };
    expect(read(given)).toEqual(asIs(given));
  });

  test.each([
    ["connection.authentication.username", { authentication: { username: 7 } }],
    ["connection.authentication.password", { authentication: { password: 7 } }],
    ["connection.name", { name: 7 }],
  ])("a number at %s is refused: only maps are meant", (path, over) => {
    expect(refused(kafka(over))).toEqual({ [path]: "must be a string, not a number" });
  });
});

describe("a response pasted back", () => {
  const answer = {
    ...kafka({ authentication: login }),
    id: "32b6e34b3d91647abb20e7b8",
    state: "READY",
    links: [{ rel: "self", href: "https://cloud.mongodb.com" }],
    networking: { links: [], access: { type: "PUBLIC", links: [] } },
    config: { acks: "all", links: [] },
  };

  test("loses its id, state and links at any depth, each with one warning", () => {
    const { id, state, links, ...rest } = answer;
    expect(taken(answer)).toEqual({
      sent: { ...rest, networking: { access: { type: "PUBLIC" } }, config: { acks: "all" } },
      warnings: ["id", "state", "links", "networking.links", "networking.access.links", "config.links"].map(
        (path) => `connection.${path}: is read-only and was left out`,
      ),
    });
  });

  test("loses the links inside a union as well", () => {
    const schemaRegistryAuthentication = { type: "USER_INFO", username: "u", password: "p" };
    expect(
      taken(
        exampleOf("SchemaRegistry", { schemaRegistryAuthentication: { ...schemaRegistryAuthentication, links: [] } }),
      ),
    ).toEqual({
      sent: exampleOf("SchemaRegistry", { schemaRegistryAuthentication }),
      warnings: ["connection.schemaRegistryAuthentication.links: is read-only and was left out"],
    });
  });

  test("an id further inside is refused: only a connection has one", () => {
    expect(Object.keys(refused(kafka({ networking: { id: "1" } })))).toEqual(["connection.networking.id"]);
    expect(read({ id: "1", state: "x" })).toEqual(asIs({ id: "1", state: "x" }));
  });

  test("text in a free map is kept, whatever it is called", () => {
    const config = { links: "a", id: "b", state: "c" };
    expect(taken(kafka({ config }))).toEqual({ sent: kafka({ config }), warnings: [] });
    expect(taken(https({ headers: config }))).toEqual({ sent: https({ headers: config }), warnings: [] });
  });
});

describe("PEM text", () => {
  const pem = "-----BEGIN CERTIFICATE-----\nMIIDgTCC\n-----END CERTIFICATE-----";
  const told = "had its line breaks written as \\n; real line breaks were put in their place";

  test.each([
    ["\\n", pem.replaceAll("\n", "\\n")],
    ["\\r\\n", pem.replaceAll("\n", "\\r\\n")],
  ])("whose line breaks were written as %s gets them, in fields of certificates and keys", (_, written) => {
    const ofKey = (text: string) => text.replaceAll("CERTIFICATE", "PRIVATE KEY");
    const authentication = { sslCertificate: written, sslKey: ofKey(written) };
    expect(taken(kafka({ authentication, security: { brokerPublicCertificate: written } }))).toEqual({
      sent: kafka({
        authentication: { sslCertificate: pem, sslKey: ofKey(pem) },
        security: { brokerPublicCertificate: pem },
      }),
      warnings: ["authentication.sslCertificate", "authentication.sslKey", "security.brokerPublicCertificate"].map(
        (path) => `connection.${path}: ${told}`,
      ),
    });
  });

  test.each([
    ["with a real line break", `${pem}\\n`],
    ["with a real carriage return", "-----BEGIN X-----\\n\r-----END X-----"],
    ["that begins with something else", `Bag Attributes\\n${pem.replaceAll("\n", "\\n")}`],
    ["that is none", "C:\\new\\n.pem"],
  ])("%s is left alone", (_, text) => {
    expect(withLineBreaks(text)).toBe(text);
    expect(read(text, certificate(""))).toEqual(asIs(text));
  });

  test("in another field is left alone", () => {
    const written = pem.replaceAll("\n", "\\n");
    const given = kafka({ authentication: { ...login, username: written, password: written }, config: { a: written } });
    expect(taken(given)).toEqual({ sent: given, warnings: [] });
  });
});

describe("arguments that clients add by themselves", () => {
  test("are ignored without a word, at the top", () => {
    const { value, changes } = read({ groupId: "g", random_string: "x", _meta_reason: "y", _groupId: "z", __proto: 1 });
    expect(value).toEqual({ groupId: "g" });
    expect(changes).toEqual([]);
  });

  test.each(["random_string", "_reason"])("%s further inside is refused", (name) => {
    expect(Object.keys(refused(kafka({ [name]: "x" })))).toEqual([`connection.${name}`]);
  });
});

describe("settings of a Kafka client that have a field of their own", () => {
  const at = (path: string, value: unknown): JsonObject => {
    const [field = "", inner] = path.split(".");
    return { [field]: inner === undefined ? value : { [inner]: value } };
  };

  test.each([
    ["bootstrap.servers", "bootstrapServers", "c:1,d:2"],
    ["security.protocol", "security.protocol", "SASL_SSL"],
    ["sasl.mechanism", "authentication.mechanism", "SCRAM-512"],
    ["sasl.mechanisms", "authentication.mechanism", "PLAIN"],
    ["sasl.username", "authentication.username", "svc"],
    ["sasl.password", "authentication.password", "{p}"],
    ["sasl.oauthbearer.method", "authentication.method", "OIDC"],
    ["sasl.oauthbearer.client.id", "authentication.clientId", "c"],
    ["sasl.oauthbearer.client.secret", "authentication.clientSecret", "s"],
    ["sasl.oauthbearer.scope", "authentication.scope", "a b"],
    ["sasl.oauthbearer.extensions", "authentication.saslOauthbearerExtensions", "a=b"],
    ["sasl.oauthbearer.token.endpoint.url", "authentication.tokenEndpointUrl", "https://idp.example.com"],
    ["ssl.ca.pem", "security.brokerPublicCertificate", "-----BEGIN X-----\nx"],
    ["ssl.certificate.pem", "authentication.sslCertificate", "-----BEGIN X-----\nx"],
    ["ssl.key.pem", "authentication.sslKey", "-----BEGIN X-----\nx"],
    ["ssl.key.password", "authentication.sslKeyPassword", "kp"],
  ])("%s is moved to %s, also in camel case", (setting, path, value) => {
    const camel = setting.replaceAll(/\.([a-z])/g, (_, letter: string) => letter.toUpperCase());
    for (const key of [setting, camel]) {
      const { bootstrapServers: _, ...bare } = kafka();
      const given = path === "bootstrapServers" ? bare : kafka();
      expect(inWords(asMeant(connectionSchema, { ...given, config: { acks: "all", [key]: value } }, []))).toEqual({
        value: { ...given, ...at(path, value), config: { acks: "all" } },
        changes: [`config.${key}: was moved to ${path}`],
        problems: [],
      });
    }
  });

  test("are read as the field would be", () => {
    const config = {
      "security.protocol": "sasl_ssl",
      "sasl.mechanism": "SCRAM-SHA-256",
      "sasl.username": "u",
      "sasl.password": 12345,
      "ssl.ca.pem": "-----BEGIN CERTIFICATE-----\\nx\\n-----END CERTIFICATE-----",
    };
    expect(taken(kafka({ Config: JSON.stringify(config) }))).toEqual({
      sent: kafka({
        security: {
          protocol: "SASL_SSL",
          brokerPublicCertificate: "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----",
        },
        authentication: { mechanism: "SCRAM-256", username: "u", password: "12345" },
      }),
      warnings: [
        "connection.Config: was taken as config",
        "connection.config: was text and was read as JSON",
        "connection.config.sasl.password: was a number and was converted to a string",
        "connection.config.security.protocol: was moved to security.protocol",
        'connection.security.protocol: was taken as "SASL_SSL"',
        "connection.config.sasl.mechanism: was moved to authentication.mechanism",
        'connection.authentication.mechanism: was taken as "SCRAM-256"',
        "connection.config.sasl.username: was moved to authentication.username",
        "connection.config.sasl.password: was moved to authentication.password",
        "connection.config.ssl.ca.pem: was moved to security.brokerPublicCertificate",
        `connection.security.brokerPublicCertificate: had its line breaks written as \\n; real line breaks were put in their place`,
      ],
    });
  });

  test("join what the field has already", () => {
    const given = kafka({ authentication: { mechanism: "PLAIN", username: "u" }, config: { "sasl.password": "p" } });
    expect(taken(given).sent).toEqual(kafka({ authentication: login }));
  });

  test("take the place of a required field that is null", () => {
    expect(taken({ ...kafka(), bootstrapServers: null, config: { "bootstrap.servers": "c:1" } }).sent).toEqual(
      kafka({ bootstrapServers: "c:1" }),
    );
  });

  test.each([
    ["ssl.truststore.certificates", "security", "brokerPublicCertificate"],
    ["ssl.keystore.certificate.chain", "authentication", "sslCertificate"],
    ["ssl.keystore.key", "authentication", "sslKey"],
    ["ssl.keystore.password", "authentication", "sslKeyPassword"],
    ["sslTruststoreCertificates", "security", "brokerPublicCertificate"],
    ["ssl_keystore_key", "authentication", "sslKey"],
  ])("of the Java client are moved too: %s", (setting, group, field) => {
    expect(asMeant(connectionSchema, kafka({ config: { [setting]: "x" } }), [])).toEqual({
      value: kafka({ [group]: { [field]: "x" } }),
      changes: [{ path: ["config", setting], message: `was moved to ${group}.${field}` }],
      problems: [],
      nulls: [],
    });
  });

  test("are moved from beside config too, by any of their names", () => {
    const beside = {
      "security.protocol": "SASL_SSL",
      saslUsername: "u",
      sasl_password: "p",
      "sasl.mechanism": "plain",
    };
    const { bootstrapServers: _, ...others } = kafka({ ...beside, "bootstrap.servers": "b:9092" });
    expect(taken(others)).toEqual({
      sent: kafka({
        security: { protocol: "SASL_SSL" },
        authentication: { username: "u", password: "p", mechanism: "PLAIN" },
      }),
      warnings: [
        "connection.security.protocol: was moved to security.protocol",
        "connection.saslUsername: was moved to authentication.username",
        "connection.sasl_password: was moved to authentication.password",
        "connection.sasl.mechanism: was moved to authentication.mechanism",
        'connection.authentication.mechanism: was taken as "PLAIN"',
        "connection.bootstrap.servers: was moved to bootstrapServers",
      ],
    });
  });

  test("beside config are refused where the field has another value, or is none of theirs", () => {
    expect(refused(kafka({ authentication: login, "sasl.username": "other", "auto.offset.reset": "latest" }))).toEqual({
      "connection.sasl.username": "sets connection.authentication.username, which has a different value",
      "connection.auto.offset.reset": expect.stringContaining("did you mean connection.config.auto.offset.reset?"),
    });
    expect(Object.keys(refused(kafka({ authentication: "PLAIN u p", "sasl.username": "u" })))).toEqual([
      "connection.authentication",
      "connection.sasl.username",
    ]);
  });

  test("are dropped where the field has the same value", () => {
    const config = { "bootstrap.servers": "b:9092", saslMechanism: "plain", "sasl.mechanisms": "PLAIN", acks: "1" };
    expect(taken(kafka({ authentication: login, config }))).toEqual({
      sent: kafka({ authentication: login, config: { acks: "1" } }),
      warnings: [
        "connection.config.bootstrap.servers: repeats bootstrapServers and was left out",
        "connection.config.saslMechanism: repeats authentication.mechanism and was left out",
        "connection.config.sasl.mechanisms: repeats authentication.mechanism and was left out",
      ],
    });
  });

  test("are refused where the field has another value", () => {
    const config = { "sasl.username": "other", "sasl.mechanism": "SCRAM-512", "sasl.mechanisms": "PLAIN" };
    expect(refused(kafka({ authentication: { username: "u", password: "p" }, config }))).toEqual({
      "connection.config.sasl.username": "sets connection.authentication.username, which has a different value",
      "connection.config.sasl.mechanisms": "sets connection.authentication.mechanism, which has a different value",
    });
  });

  test("stay where the field's own object cannot be read, which is refused", () => {
    const given = kafka({ authentication: "PLAIN u p", config: { "sasl.password": "p" } });
    expect(inWords(asMeant(connectionSchema, given, []))).toEqual(asIs(given));
    expect(Object.keys(refused(given))).toEqual(["connection.authentication"]);
  });

  test("leave an empty config that was given so", () => {
    expect(taken(kafka({ config: {} }))).toEqual({ sent: kafka({ config: {} }), warnings: [] });
  });

  test.each(["constructor", "__proto__", "sasl.username.x", "client.id", "sasl.client.id", "ssl.truststore.password"])(
    "%s is none",
    (setting) => {
      const given = kafka({ config: JSON.parse(`{${JSON.stringify(setting)}:"x"}`) });
      expect(inWords(asMeant(connectionSchema, given, []))).toEqual(asIs(given));
    },
  );

  describe("in a JAAS configuration", () => {
    const plain = "org.apache.kafka.common.security.plain.PlainLoginModule required";
    const scram = "org.apache.kafka.common.security.scram.ScramLoginModule required";
    const oauth = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required";
    const meant = (text: string) =>
      asMeant(connectionSchema, kafka({ config: { "sasl.jaas.config": text } }), []).value;

    test("what the OAuth module logs in with is moved", () => {
      expect(meant(`${oauth} clientId="c" clientSecret='s e' scope="a b";`)).toEqual(
        kafka({ authentication: { clientId: "c", clientSecret: "s e", scope: "a b" } }),
      );
      expect(
        meant(`${oauth} clientSecret="s" clientId=c extension_logicalCluster="lkc-1" extension_pool='p';`),
      ).toEqual(
        kafka({
          authentication: {
            clientSecret: "s",
            clientId: "c",
            saslOauthbearerExtensions: "logicalCluster=lkc-1,pool=p",
          },
        }),
      );
    });

    test.each([
      [`${plain} username="svc" password="p w;=";`, "p w;="],
      [`${scram} password='p"w' username='svc'`, 'p"w'],
      [`\n ${plain}\n  username = "svc"\n  password = "a\\"b\\\\c" ;\n`, 'a"b\\c'],
      [`${plain} username=svc password=p-w;`, "p-w"],
      [`${plain} username="svc" password="\${env:ATLAS_STREAMS_SECRET_X}";`, "${env:ATLAS_STREAMS_SECRET_X}"],
    ])("user name and password are moved: %s", (text, password) => {
      expect(meant(text)).toEqual(kafka({ authentication: { username: "svc", password } }));
    });

    test.each([
      `${scram} username="svc" password="p" tokenauth="true";`,
      `${plain} username="svc";`,
      `${plain} username="svc" username="svc" password="p";`,
      `${plain} username="svc" password="p"; ${plain} username="svc" password="p";`,
      `${plain} username="svc" password="\\n";`,
      `${plain} username="svc" password="p`,
      `${plain}username="svc" password="p";`,
      `org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required username="svc" password="p";`,
      `${plain} username="svc" password="p" scope="s";`,
      `${oauth};`,
      `${oauth} clientId="c";`,
      `${oauth} clientId="c" clientSecret="s" unsecuredLoginStringClaim_sub="x";`,
      `${oauth} clientId="c" clientSecret="s" scope="a" scope="b";`,
      `com.example.PlainLoginModule required username="svc" password="p";`,
      `org.apache.kafka.common.security.constructorLoginModule required username="svc" password="p";`,
      `${"org.apache.kafka.common.security.plain.PlainLoginModule"} optional username="svc" password="p";`,
      "${env:ATLAS_STREAMS_SECRET_JAAS}",
      "",
    ])("anything else stays: %s", (text) => {
      expect(meant(text)).toEqual(kafka({ config: { "sasl.jaas.config": text } }));
    });
  });
});

describe("what is not certain", () => {
  test("of an unknown type, nothing is changed but nulls", () => {
    const given = { name: "k", type: "Kafk", bootstrap_servers: ["b:9092"], id: "1" };
    expect(inWords(asMeant(connectionSchema, { ...given, config: null }, []))).toEqual(asIs(given));
  });

  test("a key that every object has does not pass for a field", () => {
    const given = JSON.parse('{"name":"k","type":"Sample","constructor":{"links":[]},"__proto__":{"region":"x"}}');
    expect(Object.keys(refused(given)).sort()).toEqual(["connection.__proto__", "connection.constructor"]);
  });

  test("a list of lists in a field of hosts is read as far as it is text", () => {
    expect(read('["[\\"a:1\\"]"]', commaSeparated("")).value).toBe("a:1");
  });
});

test("a text longer than anything is refused at once, but in data", () => {
  const [longest, longer] = ["x".repeat(262_144), "x".repeat(262_145)];
  expect(read({ labels: { a: longest }, stages: [{ a: longer }] })).toEqual(
    asIs({ labels: { a: longest }, stages: [{ a: longer }] }),
  );
  expect(read({ labels: { a: longer } }).problems).toEqual([
    "labels.a: can have at most 262144 characters, not 262145",
  ]);
});

test("more fields than anything has are refused at once, wherever they stand but in data", () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`x${at}`, "1"]));
  const found = { groupId: "g", processorName: "p" };
  expect(read({ ...found, labels: many(500) })).toEqual(asIs({ ...found, labels: many(500) }));
  expect(read({ ...found, stages: [many(501)] })).toEqual(asIs({ ...found, stages: [many(501)] }));
  const labels = ["labels: can have at most 500 fields, not 501"];
  expect(read({ ...found, labels: many(501) }).problems).toEqual(labels);
  expect(read({ ...found, labels: JSON.stringify(many(501)) }).problems).toEqual(labels);
  expect(read({ ...found, limits: many(501) }).problems).toEqual(["limits: can have at most 500 fields, not 501"]);
  expect(read(many(501))).toMatchObject({ value: {}, problems: ["arguments: can have at most 500 fields, not 501"] });
});
