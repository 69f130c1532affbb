/**
 * `$jsonSchema` as MongoDB has it: draft 4 with `bsonType` and without what MongoDB leaves out. Schemas are read once and
 * then walked; nothing is compiled to code.
 * @see https://www.mongodb.com/docs/manual/reference/operator/query/jsonSchema/
 */
import { regexOf } from "../expressions/regex.ts";
import { PipelineFault } from "../failures.ts";
import type { Document } from "../operator.ts";
import {
  compare,
  fieldOf,
  isDocument,
  isEqual,
  isNumeric,
  kindOf,
  type Numeric,
  Regex,
  toDecimal,
  wholeOf,
} from "../values/values.ts";

type Check = (value: unknown) => boolean;

/** What a keyword asks for; `schema` is the object that it stands in. */
type Keyword = (value: unknown, at: string, schema: Document) => Check | undefined;

/** Deeper schemas are refused, as documents are by the server. */
const LEVELS = 100;

/**
 * Reads a schema.
 * @returns whether a document, or a value in one, matches it.
 * @throws {PipelineFault} where MongoDB would not take the schema, with the place in it.
 */
export const readJsonSchema = (schema: unknown): Check => schemaAt(schema, "$jsonSchema");

function schemaAt(schema: unknown, at: string): Check {
  if (!isDocument(schema)) throw new PipelineFault(`${at} must be an object`);
  if (at.split(" > ").length > LEVELS) throw new PipelineFault(`$jsonSchema is deeper than ${LEVELS} levels`);
  if ("type" in schema && "bsonType" in schema) throw new PipelineFault(`${at} cannot have both type and bsonType`);
  const checks = Object.entries(schema).flatMap(([name, value]) => {
    const keyword = KEYWORDS.get(name);
    if (!keyword)
      throw new PipelineFault(`${at}: ${UNSUPPORTED.has(name) ? "not supported" : "unknown"} keyword ${name}`);
    return keyword(value, `${at} > ${name}`, schema) ?? [];
  });
  return (value) => checks.every((check) => check(value));
}

/** Of draft 4, and left out by MongoDB. */
const UNSUPPORTED = new Set(["$ref", "$schema", "default", "definitions", "format", "id"]);

const TYPES = new Map<string, Check>([
  ["object", isDocument],
  ["array", Array.isArray],
  ["number", isNumeric],
  ["boolean", (value) => typeof value === "boolean"],
  ["string", (value) => typeof value === "string"],
  ["null", (value) => value === null],
]);

/** The names that `$type` takes. */
const KINDS = new Set([
  ...["double", "string", "object", "array", "binData", "undefined", "objectId", "bool", "date", "null", "regex"],
  ...["dbPointer", "javascript", "symbol", "javascriptWithScope", "int", "timestamp", "long", "decimal"],
  ...["minKey", "maxKey"],
]);

function oneOrMore(value: unknown, at: string): string[] {
  const names: unknown[] = Array.isArray(value) ? value : [value];
  const texts = names.filter((name) => typeof name === "string");
  if (texts.length === 0 || texts.length < names.length)
    throw new PipelineFault(`${at} must be a text or a list of texts`);
  return texts;
}

const type: Keyword = (value, at) => {
  const checks = oneOrMore(value, at).map((name) => {
    const check = TYPES.get(name);
    if (check) return check;
    const instead = name === "integer" ? '; use bsonType "int" or "long"' : "";
    throw new PipelineFault(`${at}: there is no type ${name}${instead}`);
  });
  return (found) => checks.some((check) => check(found));
};

const bsonType: Keyword = (value, at) => {
  const names = new Set(oneOrMore(value, at));
  for (const name of names)
    if (name !== "number" && !KINDS.has(name)) throw new PipelineFault(`${at}: there is no type ${name}`);
  return (found) => {
    return names.has(kindOf(found)) || (names.has("number") && isNumeric(found));
  };
};

/** A check of values of one kind, which any other value passes. */
const ifKind =
  (applies: Check, check: Check): Check =>
  (value) =>
    !applies(value) || check(value);

const ofNumbers = (check: Check) => ifKind(isNumeric, check);
const ofTexts =
  (check: (text: string) => boolean): Check =>
  (value) =>
    typeof value !== "string" || check(value);
const ofLists =
  (check: (list: readonly unknown[]) => boolean): Check =>
  (value) =>
    !Array.isArray(value) || check(value);
const ofDocuments =
  (check: (document: Document) => boolean): Check =>
  (value) =>
    !isDocument(value) || check(value);

function numberAt(value: unknown, at: string): Numeric {
  if (!isNumeric(value)) throw new PipelineFault(`${at} must be a number`);
  return value;
}

function countAt(value: unknown, at: string): number {
  const count = wholeOf(value);
  if (count === undefined || count < 0) throw new PipelineFault(`${at} must be a whole number from 0 on`);
  return count;
}

function booleanAt(value: unknown, at: string): boolean {
  if (typeof value !== "boolean") throw new PipelineFault(`${at} must be true or false`);
  return value;
}

function listAt(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new PipelineFault(`${at} must be a list that is not empty`);
  return value;
}

function documentAt(value: unknown, at: string): [string, unknown][] {
  if (!isDocument(value)) throw new PipelineFault(`${at} must be an object`);
  return Object.entries(value);
}

const schemasAt = (value: unknown, at: string) =>
  listAt(value, at).map((each, index) => schemaAt(each, `${at} > ${index}`));

/** Draft 4: whether the bound itself is left out stands beside it. */
const bound =
  (exclusive: string, fits: (order: number, isOpen: boolean) => boolean): Keyword =>
  (value, at, schema) => {
    const limit = numberAt(value, at);
    const isOpen = schema[exclusive] === undefined ? false : booleanAt(schema[exclusive], `${at} > ${exclusive}`);
    return ofNumbers((found) => fits(compare(found, limit), isOpen));
  };

const beside =
  (name: string): Keyword =>
  (_, at, schema) => {
    if (!(name in schema)) throw new PipelineFault(`${at} needs ${name}`);
    return undefined;
  };

/** In decimals, as the server counts. */
const multipleOf: Keyword = (value, at) => {
  const divisor = toDecimal(numberAt(value, at));
  if (divisor.isZero || divisor.isNegative || !divisor.isFinite)
    throw new PipelineFault(`${at} must be greater than 0`);
  return (found) => !isNumeric(found) || toDecimal(found).remainder(divisor).isZero;
};

/** The server counts code points. */
const lengthOf = (text: string) => [...text].length;

/** @throws {Untried} where JavaScript may read it otherwise than PCRE. */
function regexAt(value: unknown, at: string): RegExp {
  if (typeof value !== "string") throw new PipelineFault(`${at} must be a regular expression in a text`);
  return regexOf(new Regex(value));
}

function namesAt(value: unknown, at: string): string[] {
  const names = listAt(value, at).filter((name) => typeof name === "string");
  if (names.length < listAt(value, at).length || new Set(names).size < names.length)
    throw new PipelineFault(`${at} must be a list of different names`);
  return names;
}

const has = (document: Document, name: string): boolean => fieldOf(document, name) !== undefined;

const hasAll = (names: readonly string[]) => (document: Document) => names.every((name) => has(document, name));

const properties: Keyword = (value, at) => {
  const checks = documentAt(value, at).map(([name, schema]) => [name, schemaAt(schema, `${at} > ${name}`)] as const);
  return ofDocuments((document) => checks.every(([name, check]) => !has(document, name) || check(document[name])));
};

const patternChecks = (value: unknown, at: string) =>
  documentAt(value, at).map(
    ([pattern, schema]) => [regexAt(pattern, at), schemaAt(schema, `${at} > ${pattern}`)] as const,
  );

const patternProperties: Keyword = (value, at) => {
  const checks = patternChecks(value, at);
  return ofDocuments((document) =>
    Object.entries(document).every(([name, inner]) =>
      checks.every(([regex, check]) => !regex.test(name) || check(inner)),
    ),
  );
};

const additionalProperties: Keyword = (value, at, schema) => {
  const check = typeof value === "boolean" ? () => value : schemaAt(value, at);
  const named = new Set(
    schema["properties"] === undefined ? [] : documentAt(schema["properties"], at).map(([name]) => name),
  );
  const patterns = schema["patternProperties"];
  const regexes = patterns === undefined ? [] : documentAt(patterns, at).map(([pattern]) => regexAt(pattern, at));
  return ofDocuments((document) =>
    Object.entries(document).every(
      ([name, inner]) => named.has(name) || regexes.some((regex) => regex.test(name)) || check(inner),
    ),
  );
};

const dependencies: Keyword = (value, at) => {
  const checks = documentAt(value, at).map(([name, needed]) => {
    const inside = `${at} > ${name}`;
    const check: Check = Array.isArray(needed)
      ? ofDocuments(hasAll(namesAt(needed, inside)))
      : schemaAt(needed, inside);
    return [name, check] as const;
  });
  return ofDocuments((document) => checks.every(([name, check]) => !has(document, name) || check(document)));
};

const items: Keyword = (value, at) => {
  if (!Array.isArray(value)) {
    const check = schemaAt(value, at);
    return ofLists((list) => list.every(check));
  }
  const checks = value.map((each: unknown, index) => schemaAt(each, `${at} > ${index}`));
  return ofLists((list) => checks.every((check, index) => index >= list.length || check(list[index])));
};

/** Means something only beside a list of `items`. */
const additionalItems: Keyword = (value, at, { items: known }) => {
  const check = typeof value === "boolean" ? () => value : schemaAt(value, at);
  return Array.isArray(known) ? ofLists((list) => list.slice(known.length).every(check)) : undefined;
};

/** As schemas compare: numbers by their value, documents whatever the order of their fields. */
function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (!isDocument(a) || !isDocument(b)) return isEqual(a, b);
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  );
}

const KEYWORDS: ReadonlyMap<string, Keyword> = new Map(
  Object.entries<Keyword>({
    type,
    bsonType,
    title: () => undefined,
    description: () => undefined,
    enum: (value, at) => {
      const values = listAt(value, at);
      return (found) => values.some((each) => same(each, found));
    },
    maximum: bound("exclusiveMaximum", (order, isOpen) => (isOpen ? order < 0 : order <= 0)),
    minimum: bound("exclusiveMinimum", (order, isOpen) => (isOpen ? order > 0 : order >= 0)),
    exclusiveMaximum: beside("maximum"),
    exclusiveMinimum: beside("minimum"),
    multipleOf,
    maxLength: (value, at) => {
      const most = countAt(value, at);
      return ofTexts((text) => lengthOf(text) <= most);
    },
    minLength: (value, at) => {
      const least = countAt(value, at);
      return ofTexts((text) => lengthOf(text) >= least);
    },
    pattern: (value, at) => {
      const regex = regexAt(value, at);
      return ofTexts((text) => regex.test(text));
    },
    required: (value, at) => ofDocuments(hasAll(namesAt(value, at))),
    properties,
    patternProperties,
    additionalProperties,
    maxProperties: (value, at) => {
      const most = countAt(value, at);
      return ofDocuments((document) => Object.keys(document).length <= most);
    },
    minProperties: (value, at) => {
      const least = countAt(value, at);
      return ofDocuments((document) => Object.keys(document).length >= least);
    },
    dependencies,
    items,
    additionalItems,
    maxItems: (value, at) => {
      const most = countAt(value, at);
      return ofLists((list) => list.length <= most);
    },
    minItems: (value, at) => {
      const least = countAt(value, at);
      return ofLists((list) => list.length >= least);
    },
    uniqueItems: (value, at) =>
      booleanAt(value, at)
        ? ofLists((list) => list.every((item, index) => !list.slice(0, index).some((other) => same(other, item))))
        : undefined,
    allOf: (value, at) => {
      const checks = schemasAt(value, at);
      return (found) => checks.every((check) => check(found));
    },
    anyOf: (value, at) => {
      const checks = schemasAt(value, at);
      return (found) => checks.some((check) => check(found));
    },
    oneOf: (value, at) => {
      const checks = schemasAt(value, at);
      return (found) => checks.filter((check) => check(found)).length === 1;
    },
    not: (value, at) => {
      const check = schemaAt(value, at);
      return (found) => !check(found);
    },
  }),
);
