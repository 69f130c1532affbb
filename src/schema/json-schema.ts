/**
 * The zod union as JSON Schema, in the two dialects that MCP clients understand. Both are made by
 * `zod-to-json-schema`, when the project's generated files are written and not when the server runs.
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod/v3";
import { zodToJsonSchema } from "zod-to-json-schema";
import { isObject } from "../json.ts";
import { traitOfDefinition } from "./fields.ts";

/** `union`: `anyOf` of closed objects. `flat`: one object with every type's fields, for clients that refuse `anyOf`. */
export type Dialect = "union" | "flat";

/** A JSON Schema node; named are the keywords that this module works on. */
export interface JsonSchema {
  type?: string | string[] | undefined;
  const?: string | undefined;
  enum?: string[] | undefined;
  description?: string | undefined;
  properties?: Record<string, JsonSchema> | undefined;
  required?: string[] | undefined;
  anyOf?: JsonSchema[] | undefined;
  additionalProperties?: boolean | JsonSchema | undefined;
  [keyword: string]: unknown;
}

const jsonSchemaNode: z.ZodType<JsonSchema> = z.lazy(() =>
  z
    .object({
      type: z.union([z.string(), z.array(z.string())]).optional(),
      const: z.string().optional(),
      enum: z.array(z.string()).optional(),
      description: z.string().optional(),
      properties: z.record(jsonSchemaNode).optional(),
      required: z.array(z.string()).optional(),
      anyOf: z.array(jsonSchemaNode).optional(),
      additionalProperties: z.union([z.boolean(), jsonSchemaNode]).optional(),
    })
    .passthrough(),
);

/**
 * The JSON Schema of a zod schema, without `$ref`. A property that repeats an earlier one (same name, same
 * description) is bare, since agents pay for every byte of it.
 */
export function jsonSchema(schema: z.ZodTypeAny, dialect: Dialect): JsonSchema {
  const converted = zodToJsonSchema(schema, {
    $refStrategy: "none",
    postProcess: (json, definition) => json && { ...json, ...traitOfDefinition(definition)?.keywords },
  });
  const { $schema, ...node } = jsonSchemaNode.parse(converted);
  const rewritten = rewrite(node, dialect === "flat" ? (inner) => mergeAlternatives(mergeNull(inner)) : shorten);
  return bareWhereRepeated(rewritten, new Map());
}

/** Applies `change` to every schema node, the innermost first. */
function rewrite(node: JsonSchema, change: (node: JsonSchema) => JsonSchema): JsonSchema {
  const copy = { ...node };
  if (node.anyOf) copy.anyOf = node.anyOf.map((option) => rewrite(option, change));
  if (node.properties) copy.properties = mapValues(node.properties, (property) => rewrite(property, change));
  return change(copy);
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

/** `anyOf` of something and null → the same with two types, which every client reads. */
function mergeNull(node: JsonSchema): JsonSchema {
  const { anyOf, ...rest } = node;
  const [option, nothing] = anyOf ?? [];
  if (anyOf?.length !== 2 || nothing?.type !== "null" || typeof option?.type !== "string") return node;
  return { ...option, ...rest, type: [option.type, "null"] };
}

/**
 * The union dialect's nodes, made short: a constant and an enumeration say their own type, and only the root and the
 * members of the union say that they are closed and that a name is not empty. The rest is checked when it arrives.
 */
function shorten(node: JsonSchema): JsonSchema {
  const { type, ...rest } = node;
  const plain = node.const === undefined && node.enum === undefined ? mergeNull(node) : rest;
  if (plain.additionalProperties === true) plain.additionalProperties = undefined;
  if (!plain.properties) return plain;
  return {
    ...plain,
    properties: mapValues(plain.properties, (property, name) => (name === "name" ? property : withoutChecks(property))),
  };
}

function withoutChecks({ additionalProperties, minLength, ...property }: JsonSchema): JsonSchema {
  return { ...property, ...(isObject(additionalProperties) && { additionalProperties }) };
}

/** `anyOf` of objects → one object; `const` → `enum`. */
function mergeAlternatives(node: JsonSchema): JsonSchema {
  const { const: constant, anyOf, ...rest } = node;
  if (constant !== undefined) return { ...rest, enum: [constant] };
  return anyOf ? { ...mergeObjects(anyOf), ...rest } : node;
}

/** The value of a member's discriminator, by which descriptions name it. */
const labelOf = (member: JsonSchema) => member.properties?.["type"]?.enum?.join() ?? "";

function mergeObjects(members: JsonSchema[]): JsonSchema {
  const names = new Set(members.flatMap((member): string[] => Object.keys(member.properties ?? {})));
  const properties: Record<string, JsonSchema> = {};
  for (const name of names) {
    const takers = members.filter((member) => member.properties?.[name]);
    const merged = mergeProperty(takers.map((member) => member.properties?.[name] ?? {}));
    const who = takers.map(labelOf).join(", ");
    properties[name] =
      takers.length === members.length ? merged : { ...merged, description: `${who}: ${merged.description}` };
  }
  const uses = members.flatMap((member) => (member.description ? [`${labelOf(member)}: ${member.description}`] : []));
  if (uses.length > 0) properties["type"] = { ...properties["type"], description: uses.join(". ") };
  const required = [...names].filter((name) => members.every((member) => member.required?.includes(name)));
  return { type: "object", properties, required, additionalProperties: false };
}

function mergeProperty(variants: JsonSchema[]): JsonSchema {
  const [first, ...others] = variants;
  if (!first || others.every((other) => isDeepStrictEqual(other, first))) return first ?? {};
  if (variants.every((variant) => variant.enum))
    return { ...first, enum: [...new Set(variants.flatMap((variant) => variant.enum ?? []))] };
  if (variants.every((variant) => variant.properties)) return { ...first, ...mergeObjects(variants) };
  throw new Error(`The flat dialect cannot merge ${JSON.stringify(variants)}`);
}

function bareWhereRepeated(node: JsonSchema, seen: Map<string, Set<string>>): JsonSchema {
  const visit = (property: JsonSchema, name: string): JsonSchema => {
    const before = seen.get(name) ?? new Set();
    seen.set(name, before);
    const repeated = before.has(property.description ?? "");
    before.add(property.description ?? "");
    return bareWhereRepeated(repeated ? bare(property) : property, seen);
  };
  const copy = { ...node };
  if (node.properties) copy.properties = mapValues(node.properties, visit);
  if (node.anyOf) copy.anyOf = node.anyOf.map((option) => bareWhereRepeated(option, seen));
  return copy;
}

const structure = new Set(["type", "const", "enum", "properties", "required", "anyOf", "items"]);

/** The structure of a repeated property; of an object in which nothing is required, only that it is one. */
function bare(property: JsonSchema): JsonSchema {
  if (property.properties && !property.required) return { type: "object" };
  return Object.fromEntries(Object.entries(property).filter(([keyword]) => structure.has(keyword)));
}
