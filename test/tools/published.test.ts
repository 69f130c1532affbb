import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { connectionTypes } from "../../src/connections/union.ts";
import { isObject } from "../../src/json.ts";
import type { Dialect, JsonSchema } from "../../src/schema/json-schema.ts";
import { type PublishedTool, publishedForm } from "../../src/tool/publish.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";
import { examples } from "../connections/example.ts";
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
    expect(tool.inputSchema.additionalProperties).toBe(false);
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

  test("names itself, for people too, and says what it does", () => {
    expect(tool.name).toMatch(/^[a-z_]{1,64}$/);
    expect(tool.title).toMatch(/\S/);
    expect(tool.description).toMatch(/\S.*\.$/s);
    expect(Object.values(tool.annotations).every((hint) => typeof hint === "boolean")).toBe(true);
  });
});

test.each(published("flat"))("$name in the dialect flat has no alternatives and no constants anywhere", (tool) => {
  const keywords = keywordsIn([tool.inputSchema, tool.outputSchema]);
  for (const keyword of ["anyOf", "oneOf", "allOf", "const"]) expect(keywords).not.toContain(keyword);
});

describe.each(dialects)("create_stream_connection in the dialect %s", (dialect) => {
  const tool = createTool(dialect);

  test("is at most 9,500 bytes of JSON", () => {
    expect(Buffer.byteLength(JSON.stringify(tool))).toBeLessThanOrEqual(9_500);
  });

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
      validate({ ...place, connection: given });
      expect(validate.errors, JSON.stringify(given)).toBeNull();
    }
    expect(validate({ ...place, connection: { name: "x", type: "Sample" }, surplus: 1 })).toBe(false);
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

  test("is in the dialect flat one closed object of all fields, whose type is an enumeration", () => {
    const { properties, ...flat } = connection("flat");
    expect(properties?.["type"]?.enum).toEqual(typeNames);
    expect(flat).toMatchObject({ type: "object", additionalProperties: false, required: ["type", "name"] });
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
