import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { z } from "zod/v3";
import { connectionSchema, connectionTypes } from "../../src/connections/union.ts";
import { isObject } from "../../src/json.ts";
import { objectId } from "../../src/schema/fields.ts";
import { type Dialect, type JsonSchema, jsonSchema } from "../../src/schema/json-schema.ts";
import { exampleOf, examples } from "../connections/example.ts";
import { sharedCases } from "../support/shared-atlas.ts";
import { refusals } from "./strict-reader.ts";

const dialects: Dialect[] = ["union", "flat"];
const schemaOf = { union: jsonSchema(connectionSchema, "union"), flat: jsonSchema(connectionSchema, "flat") };

/** A connection as readers of a dialect write it: in the flat one, a free map is text. */
function written(connection: unknown, dialect: Dialect): unknown {
  if (dialect === "union" || !isObject(connection)) return connection;
  const isMap = (name: string) => name === "config" || name === "headers";
  return Object.fromEntries(
    Object.entries(connection).map(([name, value]) => [name, isMap(name) ? JSON.stringify(value) : value]),
  );
}

const validators = {
  "draft-07": new Ajv({ allowUnionTypes: true }),
  "2020-12": new Ajv2020({ allowUnionTypes: true }),
};

/** Whether each dialect, read as each draft, takes a connection. */
const verdicts = (connection: unknown) =>
  dialects.flatMap((dialect) => {
    const given = written(connection, dialect);
    return Object.values(validators).map((ajv) => ajv.validate(schemaOf[dialect], given));
  });

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
});

describe("what does not fit", () => {
  test.each([
    ["another type", { name: "x", type: "kafka" }],
    ["no type", { name: "x" }],
    ["no name", { type: "Sample" }],
    ["the lenient form of brokers", exampleOf("Kafka", { bootstrapServers: ["b:9092"] })],
    ["a connection as text", JSON.stringify(exampleOf("Kafka"))],
    ["an id that is none", exampleOf("Cluster", { clusterGroupId: "my project" })],
    ["null for what may be left out", exampleOf("Cluster", { clusterGroupId: null })],
    ["no URL", exampleOf("SchemaRegistry", { schemaRegistryUrls: [] })],
    ["an unknown access", exampleOf("Kafka", { networking: { access: { type: "public" } } })],
  ])("either dialect: %s", (_what, given) => {
    expect(verdicts(given)).toEqual([false, false, false, false]);
  });

  test.each([
    ["an unknown field", exampleOf("Kafka", { surplus: 1 })],
    ["a field of another type", exampleOf("AWSLambda", { networking: {} })],
    ["the lenient form of a config", exampleOf("Kafka", { config: { retries: 1 } })],
    ["a URL twice", exampleOf("SchemaRegistry", { schemaRegistryUrls: ["https://a", "https://a"] })],
  ])("the union, where the flat dialect has no word for it: %s", (_what, given) => {
    expect(verdicts(given)).toEqual([false, false, true, true]);
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

  test("says where a free map is open, and of no other property whether it is closed", () => {
    const kafka = members.find(({ properties }) => properties?.["type"]?.const === "Kafka")?.properties ?? {};
    expect(kafka["config"]).toMatchObject({ type: "object", additionalProperties: { type: "string" } });
    expect(kafka["security"]).not.toHaveProperty("additionalProperties");
  });

  test("lists no properties of an object of which none is known", () => {
    const any = { type: "object", additionalProperties: true };
    const open = z.object({}).passthrough();
    expect(jsonSchema(z.object({ open, list: z.array(open) }), "union").properties).toEqual({
      open: any,
      list: { type: "array", items: any },
    });
  });

  test("says of each type what it is for", () => {
    expect(members.map(({ description }) => description)).toEqual(connectionTypes.map(({ use }) => use));
  });
});

describe("the flat dialect", () => {
  const { properties = {}, ...flat } = schemaOf.flat;

  test("is one object that requires what every type requires", () => {
    expect(flat).toMatchObject({ type: "object", required: ["type", "name"] });
  });

  test("has nothing that a strict reader refuses", () => {
    expect(refusals(schemaOf.flat)).toEqual([]);
    expect(refusals(schemaOf.union)).not.toEqual([]);
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

  test("has a free map as text, and says so", () => {
    expect(properties["config"]).toEqual({
      type: "string",
      description: expect.stringMatching(/^Kafka: .+; a JSON object as text$/),
    });
  });

  test("has a list of free maps as a list of texts", () => {
    const list = z.array(z.record(z.unknown())).describe("Stages");
    expect(jsonSchema(list, "flat")).toMatchObject({
      description: "Stages",
      items: { type: "string", description: "A JSON object as text" },
    });
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

  test.each(dialects)("%s: an object that repeats lists its fields, without their descriptions", (dialect) => {
    const access = z.object({ kind: z.enum(["A", "B"]).describe("Kind"), id: objectId("Id") }).describe("Access");
    const schema = jsonSchema(z.object({ a: z.object({ access }), b: z.object({ access }) }), dialect);
    const [first, second] = ["a", "b"].map((name) => schema.properties?.[name]?.properties?.["access"]);
    const { description, properties, ...rest } = first ?? {};
    expect(description).toBe("Access");
    expect(properties?.["id"]).toEqual({ type: "string", description: "Id", pattern: "^[a-f0-9]{24}$" });
    const { description: _, ...kind } = properties?.["kind"] ?? {};
    expect(second).toEqual({ ...rest, properties: { kind, id: { type: "string" } } });
  });

  test.each(dialects)("%s: null is not published, so no type is a list", (dialect) => {
    const nullable = z.object({ a: z.string().nullable().describe("A"), b: objectId("B").nullable().optional() });
    expect(jsonSchema(nullable, dialect).properties).toEqual({
      a: { type: "string", description: "A" },
      b: { type: "string", description: "B", pattern: "^[a-f0-9]{24}$" },
    });
  });

  test("what alternatives have in unlike forms is merged, and required where all of them require it", () => {
    const text = (description: string) => z.string().describe(description);
    const member = (type: string, inner: z.ZodRawShape) =>
      z
        .object({ type: z.literal(type).describe("Type"), inner: z.object(inner).describe("Inner") })
        .describe(`The ${type}`);
    const either = z.discriminatedUnion("type", [
      member("A", { size: z.enum(["S", "M"]).describe("Size"), a: text("Only here") }),
      member("B", { size: z.enum(["M", "L"]).describe("Size"), b: text("Only there") }),
    ]);
    expect(jsonSchema(either, "flat")).toEqual({
      type: "object",
      properties: {
        type: { type: "string", description: "A: The A. B: The B", enum: ["A", "B"] },
        inner: {
          type: "object",
          description: "Inner",
          properties: {
            size: { type: "string", description: "Size", enum: ["S", "M", "L"] },
            a: { type: "string", description: "A: Only here" },
            b: { type: "string", description: "B: Only there" },
          },
          required: ["size"],
        },
      },
      required: ["type", "inner"],
    });
  });

  test("a result says in the flat dialect only what has a type, and keeps quiet of free maps", () => {
    const shown = z.object({ state: z.unknown().describe("State") }).passthrough();
    const result = z.object({
      summary: z.string().describe("Summary"),
      shown: shown.optional().describe("Shown"),
      list: z.array(shown).optional().describe("List"),
      map: z.record(z.string()).optional().describe("Map"),
    });
    expect(jsonSchema(result, "flat", "results").properties).toEqual({
      summary: { type: "string", description: "Summary" },
    });
    expect(jsonSchema(result, "union", "results").properties).toMatchObject({
      shown: { type: "object", properties: { state: { description: "State" } } },
      list: { type: "array", items: { type: "object", properties: { state: {} } } },
      map: { type: "object", additionalProperties: { type: "string" } },
    });
  });

  test("objects that no constant tells apart cannot be made flat", () => {
    const either = z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]);
    expect(() => jsonSchema(either, "flat")).toThrow(/no constant tells apart/);
    expect(jsonSchema(either, "union").anyOf).toHaveLength(2);
  });

  test("a field that two types describe with unlike forms cannot be made flat", () => {
    const member = (type: string, field: z.ZodTypeAny) => z.object({ type: z.literal(type), field });
    const unlike = z.discriminatedUnion("type", [member("A", z.string()), member("B", z.number())]);
    expect(() => jsonSchema(unlike, "flat")).toThrow(/cannot merge/);
    expect(jsonSchema(unlike, "union").anyOf).toHaveLength(2);
  });
});
