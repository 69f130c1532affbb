/** What the strictest readers of tool schemas refuse: Gemini's function declarations, and the strict modes of models. */
import { isObject } from "../../src/json.ts";

/**
 * The fields of Gemini's `Schema`.
 * @see https://ai.google.dev/api/caching#Schema
 */
const gemini = [
  "type format title description nullable enum maxItems minItems properties required minProperties maxProperties",
  "minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum",
].flatMap((line) => line.split(" "));

/**
 * Those of them that no JSON Schema has, that the strict mode of one model or another refuses, or that are alternatives.
 * @see https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */
const refusedElsewhere = [
  "nullable example propertyOrdering format title default anyOf",
  "minLength maxLength maxItems minProperties maxProperties minimum maximum",
].flatMap((line) => line.split(" "));

const keywords = gemini.filter((keyword) => !refusedElsewhere.includes(keyword));

/** The types there are, and the keywords that go with no other. */
const types: Readonly<Record<string, readonly string[]>> = {
  object: ["properties", "required"],
  array: ["items", "minItems"],
  string: ["enum", "pattern"],
  number: [],
  integer: [],
  boolean: [],
};

/** Everything that a strict reader refuses of a schema, each with its place. */
export function refusals(schema: unknown, at = "schema"): string[] {
  if (!isObject(schema)) return [`${at}: no schema`];
  const { type, description, properties = {}, required, items, enum: values, minItems = 0 } = schema;
  const own = typeof type === "string" ? types[type] : undefined;
  if (!own) return [`${at}: type ${JSON.stringify(type)}`];
  const foreign = Object.values(types)
    .flat()
    .filter((keyword) => !own.includes(keyword));
  const known = isObject(properties) ? Object.entries(properties) : [];
  const names = known.map(([name]) => name);
  const refused = [
    ...Object.keys(schema).filter((keyword) => !keywords.includes(keyword) || foreign.includes(keyword)),
    ...names.filter((name) => !/^[a-zA-Z_]\w{0,63}$/.test(name)),
    description !== undefined && !isText(description) && "description",
    type === "object" && names.length === 0 && "no properties",
    required !== undefined && !(isTexts(required) && required.every((name) => names.includes(name))) && "required",
    values !== undefined && !isTexts(values) && "enum",
    minItems !== 0 && minItems !== 1 && "minItems",
  ];
  return [
    ...refused.flatMap((why) => (why === false ? [] : [`${at}: ${why}`])),
    ...known.flatMap(([name, property]) => refusals(property, `${at}.${name}`)),
    ...(type === "array" ? refusals(items, `${at}[]`) : []),
  ];
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.length > 0 && value.every(isText);
