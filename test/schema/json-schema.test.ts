import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { z } from "zod/v3";
import { connectionSchema, connectionTypes } from "../../src/connections/union.ts";
import { isObject } from "../../src/json.ts";
import { type Dialect, type JsonSchema, jsonSchema } from "../../src/schema/json-schema.ts";
import { exampleOf, examples } from "../connections/example.ts";
import { sharedCases } from "../support/shared-atlas.ts";

const dialects: Dialect[] = ["union", "flat"];
const schemaOf = { union: jsonSchema(connectionSchema, "union"), flat: jsonSchema(connectionSchema, "flat") };

const validators = {
  "draft-07": new Ajv({ allowUnionTypes: true }),
  "2020-12": new Ajv2020({ allowUnionTypes: true }),
};

/** Whether each dialect, read as each draft, takes a connection. */
const verdicts = (connection: unknown) =>
  dialects.flatMap((dialect) => Object.values(validators).map((ajv) => ajv.validate(schemaOf[dialect], connection)));

/** Every keyword of a schema, the names of properties left out. */
function keywordsIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(keywordsIn);
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([keyword, value]) => [
    keyword,
    ...(keyword === "properties" && isObject(value) ? Object.values(value).flatMap(keywordsIn) : keywordsIn(value)),
  ]);
}

describe("a connection in the form that Atlas takes", () => {
  test.each(examples)("fits both dialects: the example of $type", ({ example }) => {
    expect(verdicts(example)).toEqual([true, true, true, true]);
    expect(verdicts({ ...example, region: "VIRGINIA_USA" })).toEqual([true, true, true, true]);
  });

  const accepted = (sharedCases ?? []).filter((given) => given.expect === "accept");
  test.skipIf(!sharedCases).each(accepted)("fits both dialects: $name", ({ sent }) => {
    expect(verdicts(sent)).toEqual([true, true, true, true]);
  });

  test("may leave the project of a cluster null", () => {
    expect(verdicts(exampleOf("Cluster", { clusterGroupId: null }))).toEqual([true, true, true, true]);
  });
});

describe("what fits neither dialect", () => {
  test.each([
    ["another type", { name: "x", type: "kafka" }],
    ["no type", { name: "x" }],
    ["no name", { type: "Sample" }],
    ["an unknown field", exampleOf("Kafka", { surplus: 1 })],
    ["the lenient form of brokers", exampleOf("Kafka", { bootstrapServers: ["b:9092"] })],
    ["the lenient form of a config", exampleOf("Kafka", { config: { retries: 1 } })],
    ["a connection as text", JSON.stringify(exampleOf("Kafka"))],
    ["an id that is none", exampleOf("Cluster", { clusterGroupId: "my project" })],
    ["a URL twice", exampleOf("SchemaRegistry", { schemaRegistryUrls: ["https://a", "https://a"] })],
    ["no URL", exampleOf("SchemaRegistry", { schemaRegistryUrls: [] })],
    ["an unknown access", exampleOf("Kafka", { networking: { access: { type: "public" } } })],
  ])("%s", (_what, given) => {
    expect(verdicts(given)).toEqual([false, false, false, false]);
  });

  test("a field of another type, in the union", () => {
    expect(validators["draft-07"].validate(schemaOf.union, exampleOf("AWSLambda", { networking: {} }))).toBe(false);
  });
});

describe("the union dialect", () => {
  const members = schemaOf.union.anyOf ?? [];

  test("is an anyOf of closed objects with a constant type, one for each type, in order", () => {
    expect(members.map((member) => member.properties?.["type"]?.const)).toEqual(
      connectionTypes.map(({ type }) => type),
    );
    for (const member of members) {
      expect(member).toMatchObject({ type: "object", additionalProperties: false });
      expect(member.required).toEqual(expect.arrayContaining(["type", "name"]));
    }
  });

  test("says of each type what it is for", () => {
    expect(members.map(({ description }) => description)).toEqual(connectionTypes.map(({ use }) => use));
  });
});

describe("the flat dialect", () => {
  const { properties = {}, ...flat } = schemaOf.flat;

  test("is one closed object that requires what every type requires", () => {
    expect(flat).toMatchObject({ type: "object", required: ["type", "name"], additionalProperties: false });
  });

  test("has a type that is one of all types, and says what each is for", () => {
    expect(properties["type"]?.enum).toEqual(connectionTypes.map(({ type }) => type));
    for (const { type, use } of connectionTypes) expect(properties["type"]?.description).toContain(`${type}: ${use}`);
  });

  test("has the fields of all types, each described with the types that take it", () => {
    const fields = new Set(connectionTypes.flatMap(({ schema }) => Object.keys(schema.shape)));
    expect(Object.keys(properties).sort()).toEqual([...fields].sort());
    for (const field of fields) {
      const takers = connectionTypes.filter(({ schema }) => Object.hasOwn(schema.shape, field)).map(({ type }) => type);
      if (takers.length < connectionTypes.length)
        expect(properties[field]?.description, field).toMatch(new RegExp(`^${takers.join(", ")}: .`));
    }
  });

  test("has no alternatives and no constants anywhere", () => {
    const keywords = keywordsIn(schemaOf.flat);
    for (const keyword of ["anyOf", "oneOf", "allOf", "const"]) expect(keywords).not.toContain(keyword);
  });

  test("takes the fields of either member of an inner union", () => {
    expect(properties["schemaRegistryAuthentication"]).toMatchObject({
      properties: { type: { enum: ["USER_INFO", "SASL_INHERIT"] }, username: {}, password: {} },
      required: ["type"],
    });
  });
});

describe("both dialects", () => {
  test.each(dialects)("%s: nothing is referred to, and no schema is named", (dialect) => {
    for (const keyword of ["$ref", "$defs", "definitions", "$schema"])
      expect(keywordsIn(schemaOf[dialect])).not.toContain(keyword);
  });

  test("a property is described where its name first appears, and again only in other words", () => {
    const schema = jsonSchema(
      z.object({
        a: z.object({ name: z.string().describe("First"), id: z.string().describe("Id") }).describe("A"),
        b: z.object({ name: z.string().describe("First"), id: z.string().describe("Another") }).describe("B"),
      }),
      "flat",
    );
    const described = (property: JsonSchema | undefined) => Object.entries(property?.properties ?? {});
    expect(described(schema.properties?.["a"])).toEqual([
      ["name", { type: "string", description: "First" }],
      ["id", { type: "string", description: "Id" }],
    ]);
    expect(described(schema.properties?.["b"])).toEqual([
      ["name", { type: "string" }],
      ["id", { type: "string", description: "Another" }],
    ]);
  });

  test("a field that two types describe with unlike forms cannot be made flat", () => {
    const member = (type: string, field: z.ZodTypeAny) => z.object({ type: z.literal(type), field });
    const unlike = z.discriminatedUnion("type", [member("A", z.string()), member("B", z.number())]);
    expect(() => jsonSchema(unlike, "flat")).toThrow(/cannot merge/);
    expect(jsonSchema(unlike, "union").anyOf).toHaveLength(2);
  });
});
