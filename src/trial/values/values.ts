/**
 * BSON's kinds of values as the engine computes on them. Most are what JSON makes of them; what JavaScript has no value
 * for has a class, whose insides no path of a pipeline can reach.
 *
 * | kind | here |
 * | --- | --- |
 * | int | a `number` that is whole and has 32 bits |
 * | double | any other `number`; a `Double` where it would read as an int |
 * | long | a `bigint` |
 * | decimal | a `Decimal` |
 * | missing | `undefined` |
 * @see https://www.mongodb.com/docs/manual/reference/bson-types/
 */
import type { Document } from "../operator.ts";
import { Decimal } from "./decimal.ts";

/** A double whose value could be an int's. */
export class Double {
  readonly #value: number;
  constructor(value: number) {
    this.#value = value;
  }
  get value(): number {
    return this.#value;
  }
}

export class ObjectId {
  readonly #hex: string;
  /** 24 hexadecimal digits. */
  constructor(hex: string) {
    this.#hex = hex.toLowerCase();
  }
  get hex(): string {
    return this.#hex;
  }
}

export class Binary {
  /** A character for each byte: what stands outside of JavaScript's memory, nothing limits. */
  readonly #bytes: string;
  readonly #subType: number;
  constructor(bytes: Uint8Array, subType = 0) {
    this.#bytes = Buffer.from(bytes).toString("latin1");
    this.#subType = subType;
  }
  get bytes(): Uint8Array {
    return Buffer.from(this.#bytes, "latin1");
  }
  get length(): number {
    return this.#bytes.length;
  }
  get subType(): number {
    return this.#subType;
  }
}

/** MongoDB's own kind of time: seconds since 1970, and a count within the second. */
export class Timestamp {
  readonly #seconds: number;
  readonly #increment: number;
  constructor(seconds: number, increment: number) {
    this.#seconds = seconds;
    this.#increment = increment;
  }
  get seconds(): number {
    return this.#seconds;
  }
  get increment(): number {
    return this.#increment;
  }
}

export class Regex {
  readonly #pattern: string;
  readonly #options: string;
  constructor(pattern: string, options = "") {
    this.#pattern = pattern;
    this.#options = [...options].sort().join("");
  }
  get pattern(): string {
    return this.#pattern;
  }
  get options(): string {
    return this.#options;
  }
}

/** Kinds of which nothing is computed: they come out as they went in. */
export class Opaque {
  readonly #kind: "minKey" | "maxKey" | "undefined" | "javascript" | "javascriptWithScope" | "symbol" | "dbPointer";
  readonly #written: Document;
  /** `written` is its extended JSON. */
  constructor(
    kind: "minKey" | "maxKey" | "undefined" | "javascript" | "javascriptWithScope" | "symbol" | "dbPointer",
    written: Document,
  ) {
    this.#kind = kind;
    this.#written = written;
  }
  get kind() {
    return this.#kind;
  }
  get written(): Document {
    return this.#written;
  }
}

export type Kind =
  | "missing"
  | "double"
  | "string"
  | "object"
  | "array"
  | "binData"
  | "objectId"
  | "bool"
  | "date"
  | "null"
  | "regex"
  | "int"
  | "timestamp"
  | "long"
  | "decimal"
  | Opaque["kind"];

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;
export const LONG_MIN = -(2n ** 63n);
export const LONG_MAX = 2n ** 63n - 1n;

const readsAsInt = (value: number): boolean =>
  Number.isInteger(value) && value >= INT_MIN && value <= INT_MAX && !Object.is(value, -0);

/** What `$type` says of a value. */
export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case "number":
      return readsAsInt(value) ? "int" : "double";
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "bigint":
      return "long";
    case "undefined":
      return "missing";
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (value instanceof Date) return "date";
  if (value instanceof Double) return "double";
  if (value instanceof Decimal) return "decimal";
  if (value instanceof ObjectId) return "objectId";
  if (value instanceof Binary) return "binData";
  if (value instanceof Timestamp) return "timestamp";
  if (value instanceof Regex) return "regex";
  return value instanceof Opaque ? value.kind : "object";
}

/** Whether a value is a document: an object of fields, and no class of this module. */
export const isDocument = (value: unknown): value is Document => kindOf(value) === "object";

/** Null and missing are alike to most operators. */
export const isNullish = (value: unknown): value is null | undefined =>
  value === null || value === undefined || (value instanceof Opaque && value.kind === "undefined");

/** A double, kept apart from an int. */
export const double = (value: number): number | Double => (readsAsInt(value) ? new Double(value) : value);

/** A whole number as MongoDB keeps one that was an int: a long where 32 bits are too few. */
export const intOrLong = (value: bigint): number | bigint =>
  value >= BigInt(INT_MIN) && value <= BigInt(INT_MAX) ? Number(value) : value;

export type Numeric = number | bigint | Double | Decimal;

export const isNumeric = (value: unknown): value is Numeric =>
  typeof value === "number" || typeof value === "bigint" || value instanceof Double || value instanceof Decimal;

/** The nearest JavaScript number. */
export function toNumber(value: Numeric): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  return value instanceof Double ? value.value : value.toNumber();
}

/** The value as a decimal; a double has the digits that it exactly has where they are to be `exact`. */
export function toDecimal(value: Numeric, exact = false): Decimal {
  if (value instanceof Decimal) return value;
  if (typeof value === "bigint" || (typeof value === "number" && readsAsInt(value))) return Decimal.fromWhole(value);
  return Decimal.fromDouble(toNumber(value), exact ? 34 : 15);
}

/** The whole number that a value is, of whichever kind; undefined where it is none. */
export function wholeOf(value: unknown): number | undefined {
  if (!isNumeric(value)) return undefined;
  const number = toNumber(value);
  return Number.isSafeInteger(number) && (!(value instanceof Decimal) || value.compare(Decimal.fromWhole(number)) === 0)
    ? number
    : undefined;
}

/** What counts as true: all but false, null, missing and zero. */
export function truthy(value: unknown): boolean {
  if (isNullish(value) || value === false) return false;
  if (value instanceof Decimal) return !value.isZero;
  return !isNumeric(value) || toNumber(value) !== 0;
}

/** The order of kinds; numbers are one. @see https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/ */
const ranks: Readonly<Record<Kind, number>> = {
  minKey: -1,
  missing: 0,
  undefined: 0,
  null: 5,
  int: 10,
  long: 10,
  double: 10,
  decimal: 10,
  string: 15,
  symbol: 15,
  object: 20,
  array: 25,
  binData: 30,
  objectId: 35,
  bool: 40,
  date: 45,
  timestamp: 47,
  regex: 50,
  dbPointer: 55,
  javascript: 60,
  javascriptWithScope: 65,
  maxKey: 127,
};

/** The place of a value's kind in that order. */
export const rankOf = (value: unknown): number => ranks[kindOf(value)];

const order = <T>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** By code points, as UTF-8 bytes are: JavaScript's own order puts what is beyond 16 bits elsewhere. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const [x, y] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (x === y) continue;
    const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;
    if (isSurrogate(x) !== isSurrogate(y)) return isSurrogate(x) ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

function compareNumbers(a: Numeric, b: Numeric): number {
  if (a instanceof Decimal || b instanceof Decimal) return toDecimal(a, true).compare(toDecimal(b, true));
  const [x, y] = [a instanceof Double ? a.value : a, b instanceof Double ? b.value : b];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(y)) - Number(Number.isNaN(x));
  // JavaScript compares a bigint with a number exactly.
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Below zero where `a` comes before `b` in the order of `$sort` and `$cmp`. */
export function compare(a: unknown, b: unknown): number {
  const byKind = rankOf(a) - rankOf(b);
  if (byKind !== 0) return byKind;
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "boolean" || a instanceof Date) return order(Number(a), Number(b));
  if (Array.isArray(a) && Array.isArray(b)) {
    const length = Math.min(a.length, b.length);
    for (let index = 0; index < length; index += 1) {
      const found = compare(a[index], b[index]);
      if (found !== 0) return found;
    }
    return a.length - b.length;
  }
  if (a instanceof ObjectId && b instanceof ObjectId) return order(a.hex, b.hex);
  if (a instanceof Timestamp && b instanceof Timestamp) return a.seconds - b.seconds || a.increment - b.increment;
  if (a instanceof Binary && b instanceof Binary)
    return a.length - b.length || a.subType - b.subType || Buffer.compare(a.bytes, b.bytes);
  if (a instanceof Regex && b instanceof Regex)
    return compareText(a.pattern, b.pattern) || compareText(a.options, b.options);
  if (isDocument(a) && isDocument(b)) return compareDocuments(a, b);
  return order(textOfOpaque(a), textOfOpaque(b));
}

const textOfOpaque = (value: unknown): string =>
  value instanceof Opaque && !isNullish(value) ? JSON.stringify(value.written) : "";

/** Field by field, in their order: by kind, then by name, then by value. */
function compareDocuments(a: Document, b: Document): number {
  const [fields, others] = [Object.entries(a), Object.entries(b)];
  for (const [index, [name, value]] of fields.entries()) {
    const other = others[index];
    if (!other) return 1;
    const found = rankOf(value) - rankOf(other[1]) || compareText(name, other[0]) || compare(value, other[1]);
    if (found !== 0) return found;
  }
  return fields.length - others.length;
}

export const isEqual = (a: unknown, b: unknown): boolean => a === b || compare(a, b) === 0;

/** Longer keys are none that a trial computes. */
const MOST_OF_KEY = 4_000_000;

/**
 * The same text for values that are equal, whatever kinds of numbers they hold.
 * @throws {RangeError} where it would be too long.
 */
export function keyOf(value: unknown): string {
  const parts: string[] = [];
  let left = MOST_OF_KEY;
  const write = (part: string) => {
    left -= part.length;
    if (left < 0) throw new RangeError("The key of a value is too long");
    parts.push(part);
  };
  const add = (inner: unknown): void => {
    if (Array.isArray(inner)) {
      write("[");
      for (const item of inner) {
        add(item);
        write(",");
      }
      write("]");
    } else if (isDocument(inner)) {
      write("{");
      for (const [name, field] of Object.entries(inner)) {
        write(`${JSON.stringify(name)}:`);
        add(field);
        write(",");
      }
      write("}");
    } else write(scalarKey(inner));
  };
  add(value);
  return parts.join("");
}

function scalarKey(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (isNumeric(value)) return `n${numberKey(value)}`;
  if (isNullish(value)) return value === null ? "null" : "missing";
  if (value instanceof Date) return `d${value.getTime()}`;
  if (value instanceof ObjectId) return `o${value.hex}`;
  if (value instanceof Binary) return `b${value.subType}:${Buffer.from(value.bytes).toString("base64")}`;
  if (value instanceof Timestamp) return `t${value.seconds}:${value.increment}`;
  if (value instanceof Regex) return `r${JSON.stringify([value.pattern, value.options])}`;
  if (value instanceof Opaque) return `k${value.kind}${JSON.stringify(value.written)}`;
  return String(value);
}

function numberKey(value: Numeric): string {
  const number = toNumber(value);
  if (typeof value === "bigint" || (Number.isSafeInteger(number) && !(value instanceof Decimal)))
    return Decimal.fromWhole(typeof value === "bigint" ? value : number).key();
  return toDecimal(value, true).key();
}

/**
 * The object with a field set. A field called `__proto__` is one like any other, which an assignment would take for the
 * object's prototype.
 */
export function put(object: Document, name: string, value: unknown): void {
  if (name === "__proto__")
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}

/** A field of a document, and nothing that objects of JavaScript have by themselves. */
export const fieldOf = (document: Document, name: string): unknown =>
  Object.hasOwn(document, name) ? document[name] : undefined;
