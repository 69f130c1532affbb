/** `$convert` and its short forms. @see https://www.mongodb.com/docs/manual/reference/operator/aggregation/convert/ */
import { ExpressionFailure, Untried } from "../failures.ts";
import type { Document } from "../operator.ts";
import { dateOf } from "../values/arithmetic.ts";
import { bsonSize } from "../values/bson-size.ts";
import { isoText, parseDate, toDate } from "../values/dates.ts";
import { Decimal } from "../values/decimal.ts";
import { checkLength } from "../values/size.ts";
import {
  Binary,
  Double,
  double,
  isDocument,
  isNullish,
  isNumeric,
  type Kind,
  kindOf,
  LONG_MAX,
  LONG_MIN,
  type Numeric,
  ObjectId,
  toDecimal,
  toNumber,
  truthy,
  wholeOf,
} from "../values/values.ts";
import { type Compiled, type ExpressionOperator, fail, fieldsOf, inside, one } from "./compile.ts";

/** What of a conversion beside the value and its target counts. */
interface Manner {
  format: unknown;
  byteOrder: unknown;
  subtype?: unknown;
}

/** Names of kinds by their numbers. */
const kindNumbers: Readonly<Record<number, string>> = {
  1: "double",
  2: "string",
  3: "object",
  4: "array",
  5: "binData",
  7: "objectId",
  8: "bool",
  9: "date",
  16: "int",
  18: "long",
  19: "decimal",
};

const END = "in $convert with no onError value";

const unsupported = (value: unknown, to: string): never =>
  fail(`Unsupported conversion from ${kindOf(value)} to ${to} ${END}`);

const overflow = (value: unknown): never =>
  fail(`Conversion would overflow target type ${END}: ${textOf(value) ?? ""}`);

const unparsed = (text: string, why: string): never => fail(`Failed to parse number '${text}' ${END}: ${why}`);

/** Bytes as a whole number or a double. */
function fromBytes(value: Binary, to: "int" | "long" | "double", byteOrder: unknown): Numeric {
  const bytes = byteOrder === "big" ? [...value.bytes] : [...value.bytes].reverse();
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const { length } = bytes;
  if (to === "double") {
    if (length === 4) return double(view.getFloat32(0));
    return length === 8
      ? double(view.getFloat64(0))
      : fail(`Failed to convert '${base64(value)}' to double ${END} because of invalid length: ${length}`);
  }
  const isFit = [1, 2, 4, ...(to === "long" ? [8] : [])].includes(length);
  if (!isFit) fail(`Failed to convert '${base64(value)}' to ${to} ${END} because of invalid length: ${length}`);
  const whole = length === 1 ? view.getInt8(0) : length === 2 ? view.getInt16(0) : length === 4 ? view.getInt32(0) : 0;
  if (length === 8) return view.getBigInt64(0);
  return to === "int" ? whole : BigInt(whole);
}

function toBytes(value: Numeric, byteOrder: unknown): Binary {
  const kind = kindOf(value);
  const view = new DataView(new ArrayBuffer(kind === "int" ? 4 : 8));
  if (kind === "int") view.setInt32(0, toNumber(value));
  else if (typeof value === "bigint") view.setBigInt64(0, value);
  else if (value instanceof Decimal) unsupported(value, "binData");
  else view.setFloat64(0, toNumber(value));
  const bytes = new Uint8Array(view.buffer);
  return new Binary(byteOrder === "big" ? bytes : bytes.reverse());
}

const base64 = (value: Binary) => Buffer.from(value.bytes).toString("base64");

function toDouble(value: unknown, { byteOrder }: Manner): unknown {
  if (isNumeric(value)) return double(toNumber(value));
  if (typeof value === "boolean") return double(Number(value));
  if (value instanceof Date) return double(value.getTime());
  if (value instanceof Binary) return fromBytes(value, "double", byteOrder);
  if (typeof value !== "string") return unsupported(value, "double");
  if (!/^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i.test(value))
    return unparsed(value, value === "" ? "Empty string" : "Did not consume whole string.");
  const number = Decimal.parse(value);
  return double(/[in]/i.test(value) ? (number?.toNumber() ?? Number.NaN) : Number(value));
}

function toWhole(to: "int" | "long", value: unknown, { byteOrder }: Manner): unknown {
  const [least, most] = to === "int" ? [-(2n ** 31n), 2n ** 31n - 1n] : [LONG_MIN, LONG_MAX];
  const fitted = (whole: bigint | undefined) => {
    if (whole === undefined || whole < least || whole > most) return overflow(value);
    return to === "int" ? Number(whole) : whole;
  };
  if (typeof value === "boolean") return fitted(value ? 1n : 0n);
  if (value instanceof Decimal) return fitted(value.toWhole());
  if (typeof value === "bigint") return fitted(value);
  if (isNumeric(value)) {
    const number = toNumber(value);
    if (!Number.isFinite(number))
      return fail(`Attempt to convert ${Number.isNaN(number) ? "NaN" : "infinity"} value to integer type ${END}`);
    return fitted(BigInt(Math.trunc(number)));
  }
  if (value instanceof Date && to === "long") return BigInt(value.getTime());
  if (value instanceof Binary) return fromBytes(value, to, byteOrder);
  if (typeof value !== "string") return unsupported(value, to);
  if (/^[+-]?\d+$/.test(value)) {
    const whole = BigInt(value);
    return whole < least || whole > most ? unparsed(value, "Overflow") : fitted(whole);
  }
  const odd = /[^\d]/.exec(value.replace(/^[+-]/, ""))?.[0];
  return unparsed(value, odd === undefined ? "No digits" : `Bad digit "${odd}" while parsing ${value}`);
}

function toDecimalOf(value: unknown): unknown {
  if (isNumeric(value)) return toDecimal(value);
  if (typeof value === "boolean") return Decimal.fromWhole(Number(value));
  if (value instanceof Date) return Decimal.fromWhole(value.getTime());
  if (typeof value !== "string") return unsupported(value, "decimal");
  return Decimal.parse(value) ?? unparsed(value, value === "" ? "Empty string" : "Failed to parse string to decimal");
}

/** The text of a value of a simple kind. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (value instanceof Date) return isoText(value);
  if (value instanceof ObjectId) return value.hex;
  if (kindOf(value) === "double") return textOfDouble(Number(value instanceof Double ? value.value : value));
  return typeof value === "boolean" || isNumeric(value) ? String(value) : undefined;
}

/** The shortest text that is that number. JavaScript changes to exponents elsewhere, and gives them one digit. */
function textOfDouble(number: number): string {
  if (Object.is(number, -0)) return "-0";
  const [digits, exponent = "0"] = number.toExponential().split("e");
  const size = Number(exponent);
  if (!Number.isFinite(number) || (size >= -4 && size < 16)) return String(number);
  return `${digits}e${size < 0 ? "-" : "+"}${String(Math.abs(size)).padStart(2, "0")}`;
}

const encodings = ["base64", "base64url", "hex", "utf8"] as const;

const uuidText = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");

function toText(value: unknown, { format }: Manner): unknown {
  if (!(value instanceof Binary)) return textOf(value) ?? unsupported(value, "string");
  checkLength(value.length * 2);
  const bytes = Buffer.from(value.bytes);
  const how = format === "auto" || isNullish(format) ? (value.subType === 4 ? "uuid" : "base64") : format;
  if (isNullish(format) && value.subType !== 4)
    fail(`Unsupported conversion from binData to string ${END}: format is needed`);
  if (how === "uuid") return uuidText(bytes.toString("hex"));
  const encoding = encodings.find((each) => each === how);
  return encoding
    ? bytes.toString(encoding)
    : fail(`$convert requires that 'format' be one of: auto, ${encodings.join(", ")}, uuid`);
}

function toBinary(value: unknown, { format, byteOrder, subtype }: Manner): unknown {
  if (value instanceof Binary) return value;
  if (isNumeric(value)) return toBytes(value, byteOrder);
  if (typeof value !== "string") return unsupported(value, "binData");
  const type = wholeOf(subtype) ?? 0;
  switch (format) {
    case "uuid":
      if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value))
        return fail(`Input string '${value}' is not a valid UUID ${END}`);
      return new Binary(Buffer.from(value.replaceAll("-", ""), "hex"), 4);
    case "base64":
    case "base64url":
    case "hex":
    case "utf8": {
      const bytes = Buffer.from(value, format);
      const isSame =
        format === "utf8" ||
        bytes.toString(format).replace(/=+$/, "").toLowerCase() === value.replace(/=+$/, "").toLowerCase();
      return isSame ? new Binary(bytes, type) : fail(`Input string '${value}' is not valid ${format} ${END}`);
    }
  }
  return fail(`$convert requires 'format' to make binData of a string`);
}

function toDateOf(value: unknown): unknown {
  if (typeof value === "string") return parseDate(value, undefined, undefined);
  const kind = kindOf(value);
  if (isNumeric(value) && kind !== "int") {
    const number = Math.trunc(toNumber(value));
    return Number.isFinite(number) ? dateOf(number) : overflow(value);
  }
  return kind === "date" || kind === "timestamp" || kind === "objectId" ? toDate(value) : unsupported(value, "date");
}

function toObjectId(value: unknown): unknown {
  if (value instanceof ObjectId) return value;
  if (typeof value !== "string") return unsupported(value, "objectId");
  if (value.length !== 24)
    return fail(
      `Failed to parse objectId '${value}' ${END}: Invalid string length for parsing to OID, expected 24 but found ${value.length}`,
    );
  return /^[\da-f]{24}$/i.test(value)
    ? new ObjectId(value)
    : fail(`Failed to parse objectId '${value}' ${END}: Invalid character found in hex string`);
}

const conversions: Readonly<Record<string, (value: unknown, manner: Manner) => unknown>> = {
  double: toDouble,
  int: (value, manner) => toWhole("int", value, manner),
  long: (value, manner) => toWhole("long", value, manner),
  decimal: toDecimalOf,
  bool: (value) => (isNumeric(value) || typeof value === "boolean" ? truthy(value) : true),
  string: toText,
  binData: toBinary,
  date: toDateOf,
  objectId: toObjectId,
};

function convert(value: unknown, to: unknown, manner: Manner): unknown {
  const whole = wholeOf(to);
  const name = whole === undefined ? to : kindNumbers[whole];
  if (typeof name !== "string") return fail("$convert's 'to' argument must be a string or number");
  const conversion = Object.hasOwn(conversions, name) ? conversions[name] : undefined;
  if (conversion) return conversion(value, manner);
  if (name === "object" || name === "array") throw new Untried(`$convert to ${name}`);
  return fail(`Unknown type name: ${name}`);
}

const plain: Manner = { format: undefined, byteOrder: undefined };

const short = (to: Kind): ExpressionOperator => one((value) => (isNullish(value) ? null : convert(value, to, plain)));

const $convert: ExpressionOperator = (argument, compiler) => {
  const fields = fieldsOf(argument, ["input", "to"], ["onError", "onNull", "format", "byteOrder"]);
  const compiled = (name: string): Compiled | undefined =>
    Object.hasOwn(fields, name) ? inside(name, () => compiler.compile(fields[name])) : undefined;
  const [input, to] = [compiled("input"), compiled("to")];
  const [onError, onNull, format, byteOrder] = [
    compiled("onError"),
    compiled("onNull"),
    compiled("format"),
    compiled("byteOrder"),
  ];
  return (scope) => {
    const value = input?.(scope);
    const target = to?.(scope);
    if (isNullish(value)) return onNull ? onNull(scope) : null;
    if (isNullish(target)) return null;
    const { type, subtype }: Document = isDocument(target) ? target : { type: target };
    try {
      return convert(value, type, { format: format?.(scope), byteOrder: byteOrder?.(scope), subtype });
    } catch (error) {
      if (onError && error instanceof ExpressionFailure) return onError(scope);
      throw error;
    }
  };
};

export const conversionOperators = {
  $convert,
  $toBool: short("bool"),
  $toDate: short("date"),
  $toDecimal: short("decimal"),
  $toDouble: short("double"),
  $toInt: short("int"),
  $toLong: short("long"),
  $toObjectId: short("objectId"),
  $toString: short("string"),
  $toUUID: one((value) => (isNullish(value) ? null : convert(value, "binData", { ...plain, format: "uuid" }))),
  $type: one((value) => kindOf(value)),
  $bsonSize: one((value) => {
    if (isNullish(value)) return null;
    return isDocument(value) ? bsonSize(value) : fail(`$bsonSize requires a document input, found: ${kindOf(value)}`);
  }),
  // Not documented as an expression; published pipelines have it in $switch and $cond.
  $expr: one((value) => value),
  $isNumber: one((value) => isNumeric(value)),
} satisfies Record<string, ExpressionOperator>;
