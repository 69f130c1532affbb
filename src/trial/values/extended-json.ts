/**
 * Extended JSON: in, as canonical, relaxed or the older form; out, relaxed, but for numbers that JSON would change.
 * @see https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/
 */
import { isObject, type Path } from "../../json.ts";
import type { Document } from "../operator.ts";
import { Decimal } from "./decimal.ts";
import {
  Binary,
  Double,
  double,
  kindOf,
  LONG_MAX,
  LONG_MIN,
  ObjectId,
  Opaque,
  put,
  Regex,
  Timestamp,
} from "./values.ts";

/** Text that looks like extended JSON and is none. */
export class ExtendedJsonFault extends Error {
  override name = "ExtendedJsonFault";
  readonly path: Path;
  constructor(path: Path, message: string) {
    super(message);
    this.path = path;
  }
}

type Read = (value: unknown, whole: Document, fail: (message: string) => never) => unknown;

const INTEGER = /^[+-]?\d+$/;

const whole = (text: unknown, least: bigint, most: bigint, fail: (message: string) => never): bigint => {
  if ((typeof text !== "string" || !INTEGER.test(text)) && !Number.isSafeInteger(text))
    return fail("must be a whole number as text");
  const number = BigInt(typeof text === "string" ? text : Number(text));
  return number < least || number > most ? fail("is too large for its kind of number") : number;
};

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

const binary = (base64: unknown, subType: unknown, fail: (message: string) => never): Binary => {
  const type = typeof subType === "number" ? subType : Number.parseInt(String(subType), 16);
  if (typeof base64 !== "string" || !BASE64.test(base64) || !(type >= 0 && type <= 255))
    return fail('must be {"base64": "…", "subType": "00"}');
  return new Binary(Buffer.from(base64, "base64"), type);
};

const opaque =
  (kind: Opaque["kind"]): Read =>
  (_, written) =>
    new Opaque(kind, written);

/** By the names of their fields, in alphabetical order. */
const forms: Readonly<Record<string, Read>> = {
  $numberInt: (text, _, fail) => Number(whole(text, -(2n ** 31n), 2n ** 31n - 1n, fail)),
  $numberLong: (text, _, fail) => whole(text, LONG_MIN, LONG_MAX, fail),
  $numberDouble: (text, _, fail) => {
    const number = typeof text === "string" && text.trim() !== "" ? Number(text) : text;
    return typeof number === "number" && (!Number.isNaN(number) || text === "NaN")
      ? double(number)
      : fail("must be a number as text");
  },
  $numberDecimal: (text, _, fail) => Decimal.parse(String(text)) ?? fail("must be a number as text"),
  $date: (date, _, fail) => {
    const inner =
      isObject(date) && Object.keys(date).join() === "$numberLong"
        ? Number(whole(date["$numberLong"], LONG_MIN, LONG_MAX, fail))
        : date;
    const read = new Date(typeof inner === "number" ? inner : isIsoDate(inner) ? withZone(inner) : Number.NaN);
    return Number.isNaN(read.getTime()) ? fail('must be a date, such as "2025-01-01T00:00:00Z"') : read;
  },
  $oid: (hex, _, fail) =>
    typeof hex === "string" && /^[0-9a-f]{24}$/i.test(hex) ? new ObjectId(hex) : fail("must be 24 hexadecimal digits"),
  $binary: (value, _, fail) =>
    isObject(value)
      ? binary(value["base64"], value["subType"], fail)
      : fail('must be {"base64": "…", "subType": "00"}'),
  "$binary,$type": (base64, { $type }, fail) => binary(base64, $type, fail),
  $uuid: (text, _, fail) =>
    typeof text === "string" && UUID.test(text)
      ? new Binary(Buffer.from(text.replaceAll("-", ""), "hex"), 4)
      : fail("must be a UUID"),
  $timestamp: (value, _, fail) => {
    const { t, i } = isObject(value) ? value : {};
    const isFit = (part: unknown) => typeof part === "number" && Number.isInteger(part) && part >= 0 && part < 2 ** 32;
    return isFit(t) && isFit(i) ? new Timestamp(Number(t), Number(i)) : fail('must be {"t": …, "i": …}');
  },
  $regularExpression: (value, _, fail) => {
    const { pattern, options = "" } = isObject(value) ? value : {};
    return typeof pattern === "string" && typeof options === "string"
      ? new Regex(pattern, options)
      : fail('must be {"pattern": "…", "options": "…"}');
  },
  $minKey: opaque("minKey"),
  $maxKey: opaque("maxKey"),
  $undefined: opaque("undefined"),
  $symbol: opaque("symbol"),
  $dbPointer: opaque("dbPointer"),
  $code: opaque("javascript"),
  "$code,$scope": opaque("javascriptWithScope"),
};

const ISO = /^[+-]?\d{4,6}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/** Whether a text is a date as ISO 8601 writes it. */
export const isIsoDate = (text: unknown): text is string => typeof text === "string" && ISO.test(text);

/** JavaScript takes a time without a zone for the machine's own, and knows no zone without minutes. */
export function withZone(text: string): string {
  const plain = text.replace(" ", "T").replace(",", ".");
  if (!plain.includes("T")) return plain;
  const zoned = plain.replace(/([+-]\d\d)(\d\d)?$/, (_, hours: string, minutes = "00") => `${hours}:${minutes}`);
  return /(?:Z|[+-]\d\d:\d\d)$/.test(zoned) ? zoned : `${zoned}Z`;
}

/**
 * The value that JSON stands for. A number without a point is an int, or a long where it needs more than 32 bits.
 * @throws {ExtendedJsonFault}
 */
export function fromJson(json: unknown, at: Path = []): unknown {
  if (typeof json === "number") return fromNumber(json);
  if (Array.isArray(json)) return json.map((item, index) => fromJson(item, [...at, `${index}`]));
  if (!isObject(json)) return json;
  const keys = Object.keys(json);
  if (keys.length > 0 && keys.length <= 2 && keys.every((key) => key.startsWith("$"))) {
    const name = [...keys].sort().join();
    const read = Object.hasOwn(forms, name) ? forms[name] : undefined;
    const [first = ""] = name.split(",");
    if (read)
      return read(json[first], json, (message) => {
        throw new ExtendedJsonFault([...at, first], message);
      });
  }
  const document: Document = {};
  for (const key of keys) put(document, key, fromJson(json[key], [...at, key]));
  return document;
}

function fromNumber(number: number): number | bigint | Double {
  return Number.isSafeInteger(number) && kindOf(number) !== "int" && number !== 0 ? BigInt(number) : number;
}

/** The same for what has to be a document. @throws {ExtendedJsonFault} */
export function documentFromJson(json: unknown, at: Path = []): Document {
  const value = fromJson(json, at);
  if (kindOf(value) === "object" && isObject(value)) return value;
  throw new ExtendedJsonFault(at, "must be a document");
}

/** How numbers and dates are written: `relaxed` as JSON has them where it has them, `canonical` always with their kind. */
export type Spelling = "relaxed" | "canonical";

/** Extended JSON. A missing value is left out of documents; relaxed numbers are JSON's where it keeps them. */
export function toJson(value: unknown, spelling: Spelling = "relaxed"): unknown {
  const isRelaxed = spelling === "relaxed";
  switch (kindOf(value)) {
    case "int":
      return isRelaxed ? value : { $numberInt: String(value) };
    case "double": {
      const number = value instanceof Double ? value.value : Number(value);
      const isPlain = Number.isFinite(number) && !Object.is(number, -0);
      return isRelaxed && isPlain ? number : { $numberDouble: doubleText(number) };
    }
    case "long":
      return isRelaxed && Number.isSafeInteger(Number(value)) ? Number(value) : { $numberLong: String(value) };
    case "decimal":
      return { $numberDecimal: String(value) };
    case "missing":
      return undefined;
    case "array":
      return Array.isArray(value) ? value.map((item) => toJson(item, spelling) ?? null) : [];
  }
  if (value instanceof Date) return { $date: dateJson(value, isRelaxed) };
  if (value instanceof ObjectId) return { $oid: value.hex };
  if (value instanceof Binary)
    return {
      $binary: {
        base64: Buffer.from(value.bytes).toString("base64"),
        subType: value.subType.toString(16).padStart(2, "0"),
      },
    };
  if (value instanceof Timestamp) return { $timestamp: { t: value.seconds, i: value.increment } };
  if (value instanceof Regex) return { $regularExpression: { pattern: value.pattern, options: value.options } };
  if (value instanceof Opaque) return value.written;
  if (!isObject(value)) return value;
  const json: Document = {};
  for (const [name, inner] of Object.entries(value)) if (inner !== undefined) put(json, name, toJson(inner, spelling));
  return json;
}

function dateJson(date: Date, isRelaxed: boolean): unknown {
  const year = date.getUTCFullYear();
  if (!isRelaxed || !(year >= 1970 && year <= 9999)) return { $numberLong: String(date.getTime()) };
  return date.toISOString().replace(".000Z", "Z");
}

function doubleText(number: number): string {
  if (!Number.isFinite(number)) return String(number);
  if (Object.is(number, -0)) return "-0.0";
  return Number.isInteger(number) && Math.abs(number) < 1e21 ? `${number}.0` : String(number);
}
