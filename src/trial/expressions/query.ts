/** Queries, as `$match` has them. @see https://www.mongodb.com/docs/manual/reference/operator/query/ */
import { PipelineFault, Untried } from "../failures.ts";
import type { Document } from "../operator.ts";
import {
  Binary,
  compare,
  fieldOf,
  isDocument,
  isEqual,
  isNullish,
  isNumeric,
  keyOf,
  kindOf,
  Regex,
  rankOf,
  toNumber,
  truthy,
  wholeOf,
} from "../values/values.ts";
import { type Compiler, inside, type Scope } from "./compile.ts";
import { regexOf } from "./regex.ts";

/** Whether a document matches; the scope is that of `$expr`. */
export type Matches = (document: unknown, scope: Scope) => boolean;

/** What a query is read with. */
export interface QueryParts {
  expressions: Compiler;
  /** Whether a schema fits a document. */
  schema(schema: unknown): (document: Document) => boolean;
}

/** Whether one of the values at a place is as an operator asks; of a list, each item and the list itself. */
type Test = (value: unknown) => boolean;

/** What an operator asks of the values at a place. */
type Predicate = (values: readonly unknown[], scope: Scope) => boolean;

const MISSING: unknown = undefined;

/**
 * What a path leads to in a document: through lists, into each of their documents. Where nothing is at its end, that is a
 * missing value.
 */
export function valuesAt(value: unknown, steps: readonly string[], from = 0): unknown[] {
  if (from === steps.length) return [value];
  const step = steps[from] ?? "";
  if (Array.isArray(value)) {
    const index =
      /^(?:0|[1-9]\d*)$/.test(step) && Number(step) < value.length
        ? valuesAt(value[Number(step)], steps, from + 1)
        : [];
    const list: readonly unknown[] = value;
    return [...index, ...list.filter(isDocument).flatMap((item) => valuesAt(item, steps, from))];
  }
  if (!isDocument(value) || !Object.hasOwn(value, step)) return [MISSING];
  return valuesAt(fieldOf(value, step), steps, from + 1);
}

/** Each value, and each item of those that are lists. */
const some =
  (test: Test): Predicate =>
  (values) =>
    values.some((value) => test(value) || (Array.isArray(value) && value.some(test)));

const isNaNValue = (value: unknown) => isNumeric(value) && Number.isNaN(toNumber(value));

/** A comparison within one kind; numbers are one. */
const ordered =
  (holds: (order: number) => boolean) =>
  (operand: unknown): Predicate => {
    if (isNullish(operand)) return some((value) => isNullish(value) && holds(0));
    if (operand instanceof Regex) throw new PipelineFault("Can't have RegEx as arg to predicate");
    if (isNaNValue(operand)) return some((value) => isNaNValue(value) && holds(0));
    const kind = kindOf(operand);
    const isAny = kind === "minKey" || kind === "maxKey";
    return some(
      (value) => (isAny || rankOf(value) === rankOf(operand)) && !isNaNValue(value) && holds(compare(value, operand)),
    );
  };

const equalTo = (operand: unknown): Test => {
  if (isNullish(operand)) return isNullish;
  return (value) => isEqual(value, operand);
};

const like = (regex: Regex): Test => {
  const expression = regexOf(regex);
  return (value) =>
    typeof value === "string" ? expression.test(value) : value instanceof Regex && isEqual(value, regex);
};

const equalOrLike = (operand: unknown): Test => (operand instanceof Regex ? like(operand) : equalTo(operand));

const not =
  (predicate: Predicate): Predicate =>
  (values, scope) =>
    !predicate(values, scope);

function listIn(operand: unknown, operator: string): readonly unknown[] {
  if (Array.isArray(operand)) return operand;
  throw new PipelineFault(`${operator} needs an array`);
}

function oneOf(operand: unknown): Predicate {
  const list = listIn(operand, "$in");
  const odd = list.findIndex((each) => isDocument(each) && Object.keys(each)[0]?.startsWith("$"));
  if (odd >= 0) throw new PipelineFault("cannot nest $ under $in", [`${odd}`]);
  const patterns = list.flatMap((each) => (each instanceof Regex ? [like(each)] : []));
  const keys = new Set(list.map(keyOf));
  const hasNull = list.some(isNullish);
  return some((value) => (isNullish(value) ? hasNull : keys.has(keyOf(value))) || patterns.some((test) => test(value)));
}

const kindNames: Readonly<Record<number, string>> = {
  [-1]: "minKey",
  1: "double",
  2: "string",
  3: "object",
  4: "array",
  5: "binData",
  6: "undefined",
  7: "objectId",
  8: "bool",
  9: "date",
  10: "null",
  11: "regex",
  12: "dbPointer",
  13: "javascript",
  14: "symbol",
  15: "javascriptWithScope",
  16: "int",
  17: "timestamp",
  18: "long",
  19: "decimal",
  127: "maxKey",
};

function ofKind(operand: unknown): Predicate {
  const list: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (list.length === 0) throw new PipelineFault("must match at least one type");
  const names = new Set(
    list.flatMap((each) => {
      const number = wholeOf(each);
      const name = number === undefined ? each : kindNames[number];
      if (name === "number") return ["int", "long", "double", "decimal"];
      if (typeof name !== "string" || !Object.values(kindNames).includes(name))
        throw new PipelineFault(`Unknown type name alias: ${String(each)}`);
      return [name];
    }),
  );
  return some((value) => names.has(kindOf(value)));
}

function remainderOf(operand: unknown): Predicate {
  const [divisor, rest] = listIn(operand, "$mod");
  const [by, left] = [divisor, rest].map((each) => (isNumeric(each) ? Math.trunc(toNumber(each)) : Number.NaN));
  if (by === undefined || left === undefined || Number.isNaN(by + left))
    throw new PipelineFault("malformed mod, needs to be two numbers");
  if (by === 0) throw new PipelineFault("divisor cannot be 0");
  return some((value) => {
    if (typeof value === "bigint") return value % BigInt(by) === BigInt(left);
    return isNumeric(value) && Math.trunc(toNumber(value)) % by === left;
  });
}

const bits =
  (holds: (value: bigint, mask: bigint) => boolean) =>
  (operand: unknown): Predicate => {
    const number = wholeOf(operand);
    const positions = Array.isArray(operand) ? operand.map(wholeOf) : undefined;
    if (positions?.some((each) => each === undefined || each < 0) || (!positions && number === undefined))
      throw new PipelineFault("takes a number or a list of positions");
    const mask = positions
      ? positions.reduce((all, each) => all | (1n << BigInt(Math.min(each ?? 0, 63))), 0n)
      : BigInt(number ?? 0);
    return some((value) => {
      if (value instanceof Binary) throw new Untried("a query by the bits of binary data");
      const whole = typeof value === "bigint" ? value : wholeOf(value);
      return whole !== undefined && holds(BigInt.asUintN(64, BigInt(whole)), mask);
    });
  };

const untried: Readonly<Record<string, string>> = {
  $where: "$where: no code of a pipeline is evaluated here",
  $text: "$text is not searched here",
  $near: "places are not computed here",
  $nearSphere: "places are not computed here",
  $geoWithin: "places are not computed here",
  $geoIntersects: "places are not computed here",
  $sampleRate: "$sampleRate is left to chance",
};

const unknown = (operator: string): never => {
  throw new Untried(
    (Object.hasOwn(untried, operator) ? untried[operator] : undefined) ??
      `${operator} is no operator of queries that this trial knows, and Atlas may not have it either`,
  );
};

/** @throws {PipelineFault} for what is no query. @throws {Untried} for what cannot be told here. */
export function queryOf(spec: unknown, parts: QueryParts): Matches {
  const tests = testsOf(spec, parts);
  return (document, scope) => tests.every((test) => test(document, scope));
}

function testsOf(spec: unknown, parts: QueryParts): Matches[] {
  if (!isDocument(spec)) throw new PipelineFault(`must be an object, and is ${kindOf(spec)}`);
  return Object.entries(spec).map(([name, operand]) => inside(name, () => testOf(name, operand, parts)));
}

function testOf(name: string, operand: unknown, parts: QueryParts): Matches {
  switch (name) {
    case "$and":
    case "$or":
    case "$nor": {
      const list = listIn(operand, name);
      if (list.length === 0) throw new PipelineFault("must be a nonempty array");
      const queries = list.map((each, index) => inside(`${index}`, () => queryOf(each, parts)));
      if (name === "$and") return (document, scope) => queries.every((query) => query(document, scope));
      return (document, scope) => queries.some((query) => query(document, scope)) === (name === "$or");
    }
    case "$expr": {
      const compute = parts.expressions.compile(operand);
      return (document, scope) => truthy(compute({ ...scope, root: document, current: document }));
    }
    case "$comment":
      return () => true;
    case "$jsonSchema": {
      const fits = parts.schema(operand);
      return (document) => isDocument(document) && fits(document);
    }
  }
  if (name.startsWith("$")) return unknown(name);
  const steps = name.split(".");
  const predicate = predicateOf(operand, parts);
  return (document, scope) => predicate(valuesAt(document, steps), scope);
}

const isOperators = (operand: unknown): operand is Document => {
  if (!isDocument(operand)) return false;
  const [first = ""] = Object.keys(operand);
  return first.startsWith("$") && first !== "$ref" && first !== "$id";
};

function predicateOf(operand: unknown, parts: QueryParts): Predicate {
  if (!isOperators(operand)) return some(equalOrLike(operand));
  const predicates = Object.entries(operand).map(([name, value]) =>
    inside(name, () => operatorOf(name, value, operand, parts)),
  );
  return (values, scope) => predicates.every((predicate) => predicate(values, scope));
}

function operatorOf(name: string, operand: unknown, beside: Document, parts: QueryParts): Predicate {
  switch (name) {
    case "$eq":
      return some(equalTo(operand));
    case "$ne":
      return not(some(equalTo(operand)));
    case "$gt":
      return ordered((order) => order > 0)(operand);
    case "$gte":
      return ordered((order) => order >= 0)(operand);
    case "$lt":
      return ordered((order) => order < 0)(operand);
    case "$lte":
      return ordered((order) => order <= 0)(operand);
    case "$in":
      return oneOf(operand);
    case "$nin":
      return not(oneOf(operand));
    case "$exists": {
      const isWanted = truthy(operand);
      return (values) => values.some((value) => value !== undefined) === isWanted;
    }
    case "$type":
      return ofKind(operand);
    case "$size": {
      const size = wholeOf(operand);
      if (size === undefined || size < 0) throw new PipelineFault("$size must be a whole number that is not negative");
      return (values) => values.some((value) => Array.isArray(value) && value.length === size);
    }
    case "$mod":
      return remainderOf(operand);
    case "$regex":
      return some(like(regexIn(operand, beside["$options"])));
    case "$options":
      if (!Object.hasOwn(beside, "$regex")) throw new PipelineFault("$options needs a $regex");
      return () => true;
    case "$not": {
      if (operand instanceof Regex) return not(some(like(operand)));
      if (!isOperators(operand)) throw new PipelineFault("$not needs a regex or a document with operators");
      return not(predicateOf(operand, parts));
    }
    case "$all":
      return allOf(operand, parts);
    case "$elemMatch":
      return elementOf(operand, parts);
    case "$bitsAllSet":
      return bits((value, mask) => (value & mask) === mask)(operand);
    case "$bitsAllClear":
      return bits((value, mask) => (value & mask) === 0n)(operand);
    case "$bitsAnySet":
      return bits((value, mask) => (value & mask) !== 0n)(operand);
    case "$bitsAnyClear":
      return bits((value, mask) => (value & mask) !== mask)(operand);
    case "$comment":
      return () => true;
  }
  if (!name.startsWith("$")) throw new PipelineFault(`unknown operator: ${name}`);
  return unknown(name);
}

function regexIn(operand: unknown, options: unknown): Regex {
  if (options !== undefined && typeof options !== "string") throw new PipelineFault("$options has to be a string");
  if (typeof operand === "string") return new Regex(operand, options ?? "");
  if (!(operand instanceof Regex)) throw new PipelineFault("$regex has to be a string");
  return options === undefined ? operand : new Regex(operand.pattern, options);
}

function allOf(operand: unknown, parts: QueryParts): Predicate {
  const list = listIn(operand, "$all");
  const predicates = list.map((each) =>
    isDocument(each) && Object.hasOwn(each, "$elemMatch") ? predicateOf(each, parts) : some(equalOrLike(each)),
  );
  return (values, scope) => predicates.length > 0 && predicates.every((predicate) => predicate(values, scope));
}

function elementOf(operand: unknown, parts: QueryParts): Predicate {
  if (!isDocument(operand)) throw new PipelineFault("$elemMatch needs an object");
  const isOfValues = isOperators(operand) && !["$and", "$or", "$nor", "$expr"].includes(Object.keys(operand)[0] ?? "");
  const isFit: (item: unknown, scope: Scope) => boolean = isOfValues
    ? (
        (predicate) => (item: unknown, scope: Scope) =>
          predicate([item], scope)
      )(predicateOf(operand, parts))
    : (
        (query) => (item: unknown, scope: Scope) =>
          (isDocument(item) || Array.isArray(item)) && query(item, scope)
      )(queryOf(operand, parts));
  return (values, scope) =>
    values.some((value) => Array.isArray(value) && value.some((item: unknown) => isFit(item, scope)));
}
