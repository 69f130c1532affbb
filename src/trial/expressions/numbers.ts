/** Operators of numbers. */
import { PipelineFault, Untried } from "../failures.ts";
import {
  absolute,
  dateOf,
  divide,
  doubleOf,
  multiply,
  numeric,
  power,
  remainder,
  subtract,
  Total,
  toPlaces,
} from "../values/arithmetic.ts";
import { Decimal } from "../values/decimal.ts";
import { double, intOrLong, isDocument, isNullish, isNumeric, kindOf, toNumber, wholeOf } from "../values/values.ts";
import { type ExpressionOperator, fail, one, several } from "./compile.ts";

const MANY = Number.POSITIVE_INFINITY;

/** Null where one of them is. */
const unlessNull = (
  least: number,
  most: number,
  compute: (values: readonly unknown[]) => unknown,
): ExpressionOperator => several(least, most, (values) => (values.some(isNullish) ? null : compute(values)));

const ofOne = (compute: (value: unknown) => unknown): ExpressionOperator =>
  one((value) => (isNullish(value) ? null : compute(value)));

/** A function of a double, where it is defined. */
const ofDouble = (
  operator: string,
  compute: (number: number) => number,
  isDefined: (number: number) => boolean = () => true,
): ExpressionOperator =>
  ofOne((value) =>
    doubleOf(
      operator,
      (number) => {
        if (Number.isNaN(number) || isDefined(number)) return compute(number);
        return fail(`cannot apply ${operator} to ${number}, value must be in its range`);
      },
      value,
    ),
  );

function add(values: readonly unknown[]): unknown {
  const total = new Total();
  let date: Date | undefined;
  for (const value of values) {
    if (value instanceof Date) {
      if (date) return fail("only one date allowed in an $add expression");
      date = value;
    } else if (isNumeric(value)) total.add(value);
    else return fail(`$add only supports numeric or date types, not ${kindOf(value)}`);
  }
  if (!date) return total.value;
  const more = toNumber(total.value);
  return dateOf(date.getTime() + Math.round(more));
}

const rounding = (operator: string, how: "even" | "down"): ExpressionOperator =>
  several(1, 2, ([value, places = 0]) => {
    if (isNullish(value) || places === null) return null;
    const count = wholeOf(places);
    if (count === undefined || count < -20 || count > 100)
      return fail(`cannot apply ${operator} with precision value ${String(places)} value must be in [-20, 100]`);
    return toPlaces(numeric(operator, value), count, how);
  });

function logarithm([value, base]: readonly unknown[]): unknown {
  const [number, other] = [numeric("$log", value), numeric("$log", base)];
  if (number instanceof Decimal || other instanceof Decimal) throw new Untried("$log of a decimal");
  if (toNumber(number) <= 0) return fail(`$log's argument must be a positive number, but is ${toNumber(number)}`);
  if (toNumber(other) <= 0 || toNumber(other) === 1)
    return fail(`$log's base must be a positive number not equal to 1, but is ${toNumber(other)}`);
  return double(Math.log(toNumber(number)) / Math.log(toNumber(other)));
}

/** `$bitAnd` and its like, of ints and longs. */
const bitwise = (operator: string, start: bigint, combine: (a: bigint, b: bigint) => bigint): ExpressionOperator =>
  unlessNull(0, MANY, (values) => {
    let [result, hasLong] = [start, false];
    for (const value of values) {
      const bits = typeof value === "bigint" ? value : kindOf(value) === "int" ? BigInt(Number(value)) : undefined;
      if (bits === undefined) return fail(`${operator} only supports int and long operands, not ${kindOf(value)}`);
      result = combine(result, bits);
      hasLong ||= typeof value === "bigint";
    }
    return hasLong ? BigInt.asIntN(64, result) : Number(BigInt.asIntN(32, result));
  });

const within = (least: number, most: number) => (number: number) => number >= least && number <= most;
const isPositive = (number: number) => number > 0;
const RADIANS = Math.PI / 180;

export const numberOperators = {
  $abs: ofOne((value) => absolute(numeric("$abs", value))),
  $add: unlessNull(0, MANY, add),
  $ceil: ofOne((value) => toPlaces(numeric("$ceil", value), 0, "ceil")),
  $divide: unlessNull(2, 2, ([a, b]) => divide(a, b)),
  $exp: ofDouble("$exp", Math.exp),
  $floor: ofOne((value) => toPlaces(numeric("$floor", value), 0, "floor")),
  $ln: ofDouble("$ln", Math.log, isPositive),
  $log: unlessNull(2, 2, logarithm),
  $log10: ofDouble("$log10", Math.log10, isPositive),
  $mod: unlessNull(2, 2, ([a, b]) => remainder(a, b)),
  $multiply: unlessNull(0, MANY, (values) => values.reduce((product, value) => multiply(product, value), 1)),
  $pow: unlessNull(2, 2, ([base, exponent]) => power(base, exponent)),
  $round: rounding("$round", "even"),
  $sigmoid: ofOne((value) => doubleOf("$sigmoid", (number) => 1 / (1 + Math.exp(-number)), value)),
  $sqrt: ofDouble("$sqrt", Math.sqrt, within(0, Number.POSITIVE_INFINITY)),
  $subtract: unlessNull(2, 2, ([a, b]) => subtract(a, b)),
  $trunc: rounding("$trunc", "down"),
  $rand: (argument) => {
    const isEmpty = isDocument(argument) || Array.isArray(argument) ? Object.keys(argument).length === 0 : false;
    if (!isEmpty) throw new PipelineFault("takes no argument: {$rand: {}}");
    return () => double(Math.random());
  },

  $sin: ofDouble("$sin", Math.sin, Number.isFinite),
  $cos: ofDouble("$cos", Math.cos, Number.isFinite),
  $tan: ofDouble("$tan", Math.tan, Number.isFinite),
  $asin: ofDouble("$asin", Math.asin, within(-1, 1)),
  $acos: ofDouble("$acos", Math.acos, within(-1, 1)),
  $atan: ofDouble("$atan", Math.atan),
  $atan2: unlessNull(2, 2, ([y, x]) => {
    const [one, other] = [numeric("$atan2", y), numeric("$atan2", x)];
    if (one instanceof Decimal || other instanceof Decimal) throw new Untried("$atan2 of a decimal");
    return double(Math.atan2(toNumber(one), toNumber(other)));
  }),
  $sinh: ofDouble("$sinh", Math.sinh),
  $cosh: ofDouble("$cosh", Math.cosh),
  $tanh: ofDouble("$tanh", Math.tanh),
  $asinh: ofDouble("$asinh", Math.asinh),
  $acosh: ofDouble("$acosh", Math.acosh, within(1, Number.POSITIVE_INFINITY)),
  $atanh: ofDouble("$atanh", Math.atanh, within(-1, 1)),
  $degreesToRadians: ofDouble("$degreesToRadians", (degrees) => degrees * RADIANS),
  $radiansToDegrees: ofDouble("$radiansToDegrees", (radians) => radians / RADIANS),

  $bitAnd: bitwise("$bitAnd", -1n, (a, b) => a & b),
  $bitOr: bitwise("$bitOr", 0n, (a, b) => a | b),
  $bitXor: bitwise("$bitXor", 0n, (a, b) => a ^ b),
  $bitNot: ofOne((value) => {
    if (typeof value === "bigint") return ~value;
    return kindOf(value) === "int"
      ? intOrLong(~BigInt(Number(value)))
      : fail(`$bitNot only supports int and long, not ${kindOf(value)}`);
  }),
} satisfies Record<string, ExpressionOperator>;
