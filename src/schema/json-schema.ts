/**
 * A zod schema as JSON Schema, in the two dialects that MCP clients understand. Both are made by `zod-to-json-schema`,
 * when the project's generated files are written and not when the server runs.
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod/v3";
import { zodToJsonSchema } from "zod-to-json-schema";
import { traitOfDefinition } from "./fields.ts";

/**
 * `union`: alternatives are an `anyOf` of closed objects. `flat`: one object with the fields of all alternatives, in the
 * few keywords that every reader takes.
 */
export type Dialect = "union" | "flat";

/** What a schema is of: what a tool takes, or what it gives. */
export type Use = "arguments" | "results";

/** A JSON Schema node; named are the keywords that this module works on. */
export interface JsonSchema {
  type?: string | undefined;
  const?: string | undefined;
  enum?: string[] | undefined;
  description?: string | undefined;
  properties?: Record<string, JsonSchema> | undefined;
  required?: string[] | undefined;
  items?: JsonSchema | undefined;
  anyOf?: JsonSchema[] | undefined;
  additionalProperties?: boolean | JsonSchema | undefined;
  [keyword: string]: unknown;
}

/** A type, or null. Null is accepted wherever a field may be left out; it is not published, as some readers refuse it. */
const typeOrNull = z.tuple([z.string(), z.literal("null")]).transform(([type]) => type);

const jsonSchemaNode: z.ZodType<JsonSchema, z.ZodTypeDef, unknown> = z.lazy(() =>
  z
    .object({
      type: z.union([z.string(), typeOrNull]).optional(),
      const: z.string().optional(),
      enum: z.array(z.string()).optional(),
      description: z.string().optional(),
      properties: z.record(jsonSchemaNode).optional(),
      required: z.array(z.string()).optional(),
      items: jsonSchemaNode.optional(),
      anyOf: z.array(jsonSchemaNode).optional(),
      additionalProperties: z.union([z.boolean(), jsonSchemaNode]).optional(),
    })
    .passthrough(),
);

/** The JSON Schema of a zod schema, without `$ref`. Every property in it needs a description. */
export function jsonSchema(schema: z.ZodTypeAny, dialect: Dialect, use: Use = "arguments"): JsonSchema {
  const converted = zodToJsonSchema(schema, {
    $refStrategy: "none",
    postProcess: (json, definition) => json && { ...json, ...traitOfDefinition(definition)?.keywords },
  });
  const { $schema, ...node } = jsonSchemaNode.parse(converted);
  const plain = rewrite(node, withoutNull);
  return tellOnce(dialect === "flat" ? flatten(plain, use) : shorten(plain));
}

/** The flat dialect of a schema. */
function flatten(node: JsonSchema, use: Use): JsonSchema {
  const merged = rewrite(node, mergeAlternatives);
  return rewrite(use === "results" ? rewrite(merged, withoutUnknown) : merged, simplify);
}

/** The node with `change` applied to each schema in it; a property comes with its name. */
function mapChildren(node: JsonSchema, change: (child: JsonSchema, property?: string) => JsonSchema): JsonSchema {
  const { properties, items, anyOf } = node;
  return {
    ...node,
    ...(properties && { properties: mapValues(properties, change) }),
    ...(items && { items: change(items) }),
    ...(anyOf && { anyOf: anyOf.map((alternative) => change(alternative)) }),
  };
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

/** Applies `change` to every node, the innermost first. */
function rewrite(node: JsonSchema, change: (node: JsonSchema) => JsonSchema): JsonSchema {
  return change(mapChildren(node, (child) => rewrite(child, change)));
}

/** `anyOf` of something and null → the something. */
function withoutNull(node: JsonSchema): JsonSchema {
  const { anyOf, ...rest } = node;
  const [option, ...others] = anyOf?.filter(({ type }) => type !== "null") ?? [];
  return option && others.length === 0 ? { ...option, ...rest } : node;
}

/** The keywords without which a property would say nothing of what belongs there. */
const STRUCTURE = ["type", "const", "enum", "properties", "required", "items", "anyOf", "additionalProperties"];

/** Cuts each property that repeats an earlier one, in name and description, to its structure: agents pay for every byte. */
function tellOnce(node: JsonSchema, told = new Set<string>()): JsonSchema {
  return mapChildren(node, (child, property) => {
    if (property === undefined) return tellOnce(child, told);
    const words = `${property}: ${child.description}`;
    const repeated = told.has(words);
    told.add(words);
    return tellOnce(repeated ? pick(child, STRUCTURE) : child, told);
  });
}

const pick = (node: JsonSchema, keywords: readonly string[]): JsonSchema =>
  Object.fromEntries(Object.entries(node).filter(([keyword]) => keywords.includes(keyword)));

/**
 * The union dialect's nodes, made short: a constant and an enumeration say their own type; only the root and alternatives
 * say that they are closed, and only free maps that they are open. What is left out is checked when it arrives.
 */
function shorten(node: JsonSchema, mayBeClosed = true): JsonSchema {
  if (isFreeMap(node)) return { ...node, properties: undefined };
  const { type, anyOf, additionalProperties, minLength, default: _, ...rest } = node;
  const saysType = node.const === undefined && node.enum === undefined;
  return {
    ...(saysType && { type }),
    ...mapChildren(rest, (child) => shorten(child, false)),
    ...(anyOf && { anyOf: anyOf.map((alternative) => shorten(alternative)) }),
    ...(mayBeClosed && additionalProperties === false && { additionalProperties }),
  };
}

/** Whether it is an object of which no property is known. */
function isFreeMap({ type, properties = {} }: JsonSchema): boolean {
  return type === "object" && Object.keys(properties).length === 0;
}

/** One of several objects that a value can be, and the constant that tells it from the others. */
interface Alternative {
  label: string;
  object: JsonSchema;
}

/** `anyOf` of objects → one object. */
function mergeAlternatives(node: JsonSchema): JsonSchema {
  const { anyOf, ...rest } = node;
  return anyOf ? { ...mergeObjects(anyOf.map(alternativeOf)), ...rest } : node;
}

/** The object as an alternative: its constant says what the object is for. */
function alternativeOf(object: JsonSchema): Alternative {
  const { description, properties = {} } = object;
  for (const [name, property] of Object.entries(properties)) {
    const label = property.const;
    if (label === undefined) continue;
    const constant = description ? { ...property, description: `${label}: ${description}` } : property;
    return { label, object: { ...object, properties: { ...properties, [name]: constant } } };
  }
  throw new Error("The flat dialect cannot merge what no constant tells apart");
}

const unique = (values: readonly string[]) => [...new Set(values)];

/** An object with the properties of all alternatives; one that only some have is described with their labels. */
function mergeObjects(alternatives: readonly Alternative[]) {
  const names = unique(alternatives.flatMap(({ object }) => Object.keys(object.properties ?? {})));
  const properties: Record<string, JsonSchema> = {};
  for (const name of names) {
    const takers = alternatives.flatMap(({ label, object }) => {
      const property = object.properties?.[name];
      return property ? [{ label, object: property }] : [];
    });
    const property = mergeProperty(takers);
    const who = takers.map(({ label }) => label).join(", ");
    properties[name] =
      takers.length === alternatives.length
        ? property
        : { ...property, description: `${who}: ${property.description}` };
  }
  const required = names.filter((name) => alternatives.every(({ object }) => object.required?.includes(name)));
  return { type: "object", properties, ...(required.length > 0 && { required }) };
}

/** One schema for a property that several alternatives have. */
function mergeProperty(variants: readonly Alternative[]): JsonSchema {
  const schemas = variants.map(({ object }) => object);
  const [first = {}, ...others] = schemas;
  if (others.every((other) => isDeepStrictEqual(other, first))) return first;
  const values = schemas.map((schema) => schema.enum ?? (schema.const === undefined ? [] : [schema.const]));
  if (values.every(({ length }) => length > 0)) {
    const description = unique(schemas.flatMap((schema) => schema.description ?? [])).join(". ");
    return { type: "string", description, enum: unique(values.flat()) };
  }
  if (schemas.every(({ properties }) => properties))
    return { ...mergeObjects(variants), description: first.description };
  throw new Error(`The flat dialect cannot merge ${JSON.stringify(schemas)}`);
}

/**
 * An object without the properties of which nothing is promised: those without a type, and free maps. A result may have
 * them all the same, while text in their place would be untrue.
 */
function withoutUnknown(node: JsonSchema): JsonSchema {
  if (!node.properties) return node;
  const known = Object.entries(node.properties).filter(
    ([, property]) => property.type !== undefined && !isFreeMap(property.items ?? property),
  );
  return { ...node, properties: Object.fromEntries(known) };
}

/**
 * The keywords that every reader takes. Gemini's `Schema` has more of them, such as `maxItems`, `minLength` and
 * `default`, which the strict modes of other models refuse; what they would say is checked when it arrives.
 * @see https://ai.google.dev/api/caching#Schema
 */
const UNDERSTOOD = ["type", "description", "properties", "required", "items", "enum", "pattern", "minItems"];

/** A node in the keywords that every reader takes; a free map is text that holds an object. */
function simplify(node: JsonSchema): JsonSchema {
  const { description } = node;
  const lead = description === undefined ? "A" : `${description}; a`;
  if (isFreeMap(node)) return { type: "string", description: `${lead} JSON object as text` };
  const simple = node.const === undefined ? node : { ...node, enum: [node.const] };
  return pick(simple, UNDERSTOOD);
}
