import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { connectionTypes } from "../../src/connections/union.ts";
import { isObject, type JsonObject } from "../../src/json.ts";
import type { Dialect, JsonSchema } from "../../src/schema/json-schema.ts";
import { type PublishedTool, publishedForm } from "../../src/tool/publish.ts";
import { generatedTools, generatedToolsets } from "../../src/tools/generated/tools.ts";
import { examples } from "../connections/example.ts";
import { refusals } from "../schema/strict-reader.ts";
import { place } from "../support/fake-services.ts";
import { at, sharedCases } from "../support/shared-atlas.ts";

const dialects: Dialect[] = ["union", "flat"];
const published = (dialect: Dialect) => generatedTools.map((tool) => publishedForm(tool, { dialect }));
const everyForm = dialects.flatMap((dialect) => published(dialect).map((tool) => ({ dialect, name: tool.name, tool })));

function createTool(dialect: Dialect): PublishedTool {
  const tool = published(dialect).find(({ name }) => name === "create_stream_connection");
  if (!tool) throw new Error("There is no create_stream_connection");
  return tool;
}

/** Every property in a schema with its name, in the order in which a reader meets them. */
function propertiesIn(schema: unknown): { name: string; property: unknown }[] {
  if (Array.isArray(schema)) return schema.flatMap(propertiesIn);
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([keyword, value]) =>
    keyword === "properties" && isObject(value)
      ? Object.entries(value).flatMap(([name, property]) => [{ name, property }, ...propertiesIn(property)])
      : propertiesIn(value),
  );
}

/** Every keyword in a schema; the names of properties are none. */
function keywordsIn(schema: unknown): Set<string> {
  if (Array.isArray(schema)) return new Set(schema.flatMap((inner) => [...keywordsIn(inner)]));
  if (!isObject(schema)) return new Set();
  return new Set(
    Object.entries(schema).flatMap(([keyword, value]) => [
      keyword,
      ...(keyword === "properties" && isObject(value) ? [...keywordsIn(Object.values(value))] : keywordsIn(value)),
    ]),
  );
}

/** A connection as readers of a dialect write it: in the flat one, a free map is text. */
function written(connection: JsonObject, dialect: Dialect): JsonObject {
  if (dialect === "union") return connection;
  const isMap = (name: string) => name === "config" || name === "headers";
  return Object.fromEntries(
    Object.entries(connection).map(([name, value]) => [name, isMap(name) ? JSON.stringify(value) : value]),
  );
}

const drafts = [
  ["draft-07", () => new Ajv({ allowUnionTypes: true })],
  ["2020-12", () => new Ajv2020({ allowUnionTypes: true })],
] as const;

describe.each(everyForm)("$name in the dialect $dialect", ({ tool }) => {
  test("takes and gives objects, with no alternatives at the top", () => {
    for (const schema of [tool.inputSchema, tool.outputSchema]) {
      expect(schema.type).toBe("object");
      for (const keyword of ["anyOf", "oneOf", "allOf"]) expect(Object.keys(schema)).not.toContain(keyword);
    }
  });

  test("refers to nothing", () => {
    const keywords = keywordsIn([tool.inputSchema, tool.outputSchema]);
    for (const keyword of ["$ref", "$defs", "definitions", "$schema", "$id"]) expect(keywords).not.toContain(keyword);
  });

  test("describes every property where its name first appears", () => {
    for (const schema of [tool.inputSchema, tool.outputSchema]) {
      const met = new Set<string>();
      for (const { name, property } of propertiesIn(schema)) {
        if (!met.has(name)) expect(property, name).toHaveProperty("description", expect.stringMatching(/\S/));
        met.add(name);
      }
      expect(met.size).toBeGreaterThan(0);
    }
  });

  test.each(drafts)("is understood by a validator of %s", (_draft, validator) => {
    for (const schema of [tool.inputSchema, tool.outputSchema])
      expect(() => validator().compile(structuredClone(schema))).not.toThrow();
  });

  test("names itself, once, and says what it does", () => {
    expect(tool.name).toMatch(/^[a-z_]{1,64}$/);
    for (const said of [tool, tool.annotations]) expect(said).not.toHaveProperty("title");
    expect(tool.description).toMatch(/\S.*\.$/s);
    expect(Object.values(tool.annotations).every((hint) => typeof hint === "boolean")).toBe(true);
  });
});

/** The properties of a result, each by its path and with its type. */
function promises({ properties = {} }: JsonSchema = {}, at = ""): string[] {
  return Object.entries(properties).flatMap(([name, property]) => [
    `${at}${name}: ${property.enum ? "string" : property.type}`,
    ...promises(property.items ?? property, `${at}${name}.`),
  ]);
}

/** Every schema in a schema. */
function schemasIn(schema: unknown): JsonObject[] {
  if (Array.isArray(schema)) return schema.flatMap(schemasIn);
  if (!isObject(schema)) return [];
  return [schema, ...Object.values(schema).flatMap(schemasIn)].filter((inner) => "type" in inner);
}

describe.each(published("union"))("$name in the dialect union", (tool) => {
  const schemas = [tool.inputSchema, tool.outputSchema].flatMap(schemasIn);

  test("takes no argument that it does not name", () => {
    expect(tool.inputSchema.additionalProperties).toBe(false);
  });

  test("says of every object which fields it has, or that any will do", () => {
    const isBare = ({ type, properties = {}, additionalProperties }: JsonObject) =>
      type === "object" && Object.keys(Object(properties)).length === 0 && !additionalProperties;
    expect(schemas.filter(isBare)).toEqual([]);
  });

  test("has no list of types", () => {
    expect(schemas.filter(({ type }) => Array.isArray(type))).toEqual([]);
  });
});

describe.each(published("flat"))("$name in the dialect flat", (tool) => {
  test("takes and gives nothing that a strict reader refuses", () => {
    expect(refusals(tool.inputSchema)).toEqual([]);
    expect(refusals(tool.outputSchema)).toEqual([]);
  });

  test("keeps to that where nothing is required any more", () => {
    const [generated] = generatedTools.filter(({ name }) => name === tool.name);
    const settings = { dialect: "flat", projectId: place.groupId, tenantName: "orders" } as const;
    expect(refusals(generated && publishedForm(generated, settings).inputSchema)).toEqual([]);
  });

  test("promises of results nothing that it does not promise in the dialect union", () => {
    const other = published("union").find(({ name }) => name === tool.name);
    expect(promises(other?.outputSchema)).toEqual(expect.arrayContaining(promises(tool.outputSchema)));
  });
});

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** All tools are to fit into this, the last of them too. */
const LIMIT = 40_960;
const ALL = 29;
/** What those that are to come need at least. */
const LEAST = 650;
const budgetOf = (tools: number) => LIMIT - (ALL - tools) * LEAST;

describe.each(dialects)("the list in the dialect %s", (dialect) => {
  const list = published(dialect);
  const sizes = list.map((tool) => ({ name: tool.name, bytes: bytesOf(tool) })).sort((a, b) => b.bytes - a.bytes);

  test("leaves room for the tools that are to come", () => {
    const [total, budget] = [bytesOf(list), budgetOf(list.length)];
    const left = [budget, LIMIT].map((limit) => `${limit - total} bytes left of ${limit}`).join(", ");
    const largest = sizes.slice(0, 5).map(({ name, bytes }) => `${name} ${bytes}`);
    expect(total, `${left}; the largest: ${largest.join(", ")}`).toBeLessThanOrEqual(budget);
  });

  test.each(sizes)("has $name in few bytes", ({ name, bytes }) => {
    expect(bytes).toBeLessThanOrEqual(name === "create_stream_connection" ? 10_240 : 2_048);
  });

  test("describes what all results share once, and how each tool ends", () => {
    const describing = (field: string) =>
      list.filter(({ outputSchema }) => Object.hasOwn(outputSchema.properties ?? {}, field)).map(({ name }) => name);
    for (const field of ["summary", "project", "warnings", "error"])
      expect([field, describing(field)]).toEqual([field, ["create_stream_connection"]]);
    for (const { outputSchema } of list) {
      expect(outputSchema.required).toContain("outcome");
      expect(outputSchema.properties?.["outcome"]?.enum).toEqual(
        expect.arrayContaining([expect.any(String), "failed"]),
      );
    }
  });
});

describe.each(dialects)("create_stream_connection in the dialect %s", (dialect) => {
  const tool = createTool(dialect);

  test("says what is true of it", () => {
    expect(tool.annotations).toEqual({
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    });
  });

  test("requires the place and the connection", () => {
    expect(tool.inputSchema.required).toEqual(["groupId", "tenantName", "connection"]);
  });

  test.each(drafts)("takes each type's example and every accepted case, read as %s", (_draft, validator) => {
    const validate = validator().compile(structuredClone(tool.inputSchema));
    const sent = (sharedCases ?? []).flatMap((given) => (given.expect === "accept" ? [given.sent] : []));
    for (const given of [...examples.map(({ example }) => example), ...sent]) {
      validate({ ...place, connection: written(given, dialect) });
      expect(validate.errors, JSON.stringify(given)).toBeNull();
    }
    expect(validate({ ...place, connection: { name: "x", type: "None" } })).toBe(false);
    expect(validate({ ...place })).toBe(false);
  });
});

describe("the argument connection", () => {
  const connection = (dialect: Dialect): JsonSchema => createTool(dialect).inputSchema.properties?.["connection"] ?? {};
  const typeNames = connectionTypes.map(({ type }) => type);

  test("is in the dialect union an anyOf of closed objects with a constant type", () => {
    const { anyOf = [] } = connection("union");
    expect(anyOf.map(({ properties }) => properties?.["type"]?.const)).toEqual(typeNames);
    for (const member of anyOf) expect(member).toMatchObject({ type: "object", additionalProperties: false });
  });

  test("is in the dialect flat one object of all fields, whose type is an enumeration", () => {
    const { properties, ...flat } = connection("flat");
    expect(properties?.["type"]?.enum).toEqual(typeNames);
    expect(flat).toMatchObject({ type: "object", required: ["type", "name"] });
  });

  test("lists in the dialect union the fields of an object that was described before", () => {
    const access = (type: string, path: string) => {
      const member = connection("union").anyOf?.find(({ properties }) => properties?.["type"]?.const === type);
      return member?.properties?.[path]?.properties?.["access"]?.properties;
    };
    const described = access("Kafka", "networking") ?? {};
    expect(described["tgwRouteId"]).toHaveProperty("description");
    for (const type of ["S3", "AWSKinesisDataStreams"])
      expect(access(type, "networking")).toEqual({
        type: { enum: described["type"]?.enum },
        connectionId: { type: "string" },
        name: { type: "string" },
        tgwRouteId: { type: "string" },
      });
    for (const type of ["AWSLambda", "AzureBlobStorage", "GCPPubSub"])
      expect(access(type, "publicPrivateNetworking")).toEqual({
        type: { enum: ["PUBLIC", "PRIVATE_LINK"] },
        connectionId: { type: "string" },
      });
  });

  test.each(dialects)("tells in the dialect %s what agents would else guess", (dialect) => {
    const tool = createTool(dialect);
    expect(tool.description).toMatch(/literal secret works.+\$\{env:NAME\}.+better/);
    const told = propertiesIn(connection(dialect)).map(
      ({ name, property }) => `${name}: ${at(property, "description")}`,
    );
    expect(told).toContainEqual(expect.stringMatching(/^networking: .*VPC needs only its type/));
    expect(told).toContainEqual(expect.stringMatching(/^mechanism: .*mutual TLS needs none/));
    expect(told.filter((line) => /^region: (?!undefined)/.test(line))).toEqual([
      "region: Atlas region",
      "region: Region of the storage account",
    ]);
  });
});

describe("a configured default", () => {
  const [tool] = generatedTools.filter(({ name }) => name === "create_stream_connection");
  const form = (settings: { projectId?: string; tenantName?: string }) =>
    tool && publishedForm(tool, { dialect: "union", ...settings });

  test("makes its argument optional, and is named", () => {
    const { inputSchema } = form({ projectId: place.groupId }) ?? {};
    expect(inputSchema?.required).toEqual(["tenantName", "connection"]);
    expect(inputSchema?.properties?.["groupId"]?.description).toContain(`default ${place.groupId}`);
    expect(form({ projectId: place.groupId, tenantName: "orders" })?.inputSchema.required).toEqual(["connection"]);
  });

  test("leaves the generated form as it is", () => {
    const before = structuredClone(tool);
    form({ projectId: place.groupId, tenantName: "orders" });
    expect(tool).toEqual(before);
  });
});

describe.each(dialects)("all tools together in the dialect %s", (dialect) => {
  const bytesOf = (names: readonly string[]) =>
    Buffer.byteLength(JSON.stringify(published(dialect).filter(({ name }) => names.includes(name))));
  const namesOf = (tools: readonly { name: string }[]) => tools.map(({ name }) => name);

  test("for connections are at most 20,000 bytes of JSON", () => {
    expect(bytesOf(namesOf(generatedToolsets.connections))).toBeLessThanOrEqual(20_000);
  });

  test("describe themselves in one line, and every argument", () => {
    for (const { name, description, inputSchema } of published(dialect)) {
      expect([name, description]).toEqual([name, expect.stringMatching(/^[A-Z].*\.$/)]);
      for (const [argument, { description }] of Object.entries(inputSchema.properties ?? {}))
        expect([name, argument, description]).toEqual([name, argument, expect.stringMatching(/\w/)]);
    }
  });

  test("have no place for links in what they give back", () => {
    const fields = published(dialect).flatMap(({ outputSchema }) => propertiesIn(outputSchema));
    expect(fields.map(({ name }) => name)).not.toContain("links");
  });
});

describe("annotations", () => {
  const hintsOf = (name: string) => generatedTools.find((tool) => tool.name === name)?.annotations;

  test.each([
    "list_projects",
    "list_stream_workspaces",
    "list_stream_connections",
    "get_stream_connection",
    "get_connection_options",
    "list_stream_processors",
    "get_stream_processor",
    "diagnose_stream_processor",
    "get_stream_networking",
  ])("of %s say that it only reads", (name) => {
    expect(hintsOf(name)).toEqual({
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    });
  });

  test.each([
    ["update_stream_connection", true],
    ["delete_stream_connection", true],
    ["create_stream_workspace", false],
    ["create_stream_processor", false],
    ["start_stream_processor", true],
    ["delete_stream_workspace", true],
    ["create_private_link", false],
    ["update_private_link", true],
    ["delete_private_link", true],
    ["answer_vpc_peering", true],
    ["delete_vpc_peering", true],
  ])("of %s say that it writes, that repeating it is safe, and whether it destroys: %s", (name, destructiveHint) => {
    expect(hintsOf(name)).toEqual({ readOnlyHint: false, destructiveHint, idempotentHint: true, openWorldHint: true });
  });
});
