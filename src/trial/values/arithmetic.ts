/**
 * Arithmetic across BSON's kinds of numbers: the widest kind of what goes in comes out, an int becomes a long where it
 * has to, and a long a double.
 */
import { ExpressionFailure, Untried } from "../failures.ts";
import { Decimal } from "./decimal.ts";
import {
  Double,
  double,
  intOrLong,
  isNumeric,
  kindOf,
  LONG_MAX,
  LONG_MIN,
  type Numeric,
  toDecimal,
  toNumber,
} from "./values.ts";

/** A number that is no decimal, as a bigint where it is whole by its kind. */
const asWhole = (value: Numeric): bigint | undefined => {
  if (typeof value === "bigint") return value;
  return typeof value === "number" && kindOf(value) === "int" ? BigInt(value) : undefined;
};

/** What comes out of whole numbers: what is too large even for a long is a double. */
const fitted = (value: bigint, hasLong: boolean): Numeric => {
  if (value < LONG_MIN || value > LONG_MAX) return double(Number(value));
  return hasLong ? value : intOrLong(value);
};

/**
 * A sum as MongoDB keeps it: whole numbers exactly, doubles with what each addition would lose beside them.
 * @see Neumaier's summation
 */
export class Total {
  #whole = 0n;
  #double = 0;
  #lost = 0;
  #decimal: Decimal | undefined;
  #kind: "int" | "long" | "double" = "int";
  #count = 0;

  add(value: Numeric): void {
    this.#count += 1;
    if (value instanceof Decimal) {
      this.#decimal = this.#decimal?.plus(value) ?? value;
      return;
    }
    const whole = asWhole(value);
    if (whole === undefined) {
      this.#kind = "double";
      const number = toNumber(value);
      const sum = this.#double + number;
      if (Number.isFinite(sum))
        this.#lost +=
          Math.abs(this.#double) >= Math.abs(number) ? this.#double - sum + number : number - sum + this.#double;
      this.#double = sum;
      return;
    }
    if (typeof value === "bigint" && this.#kind === "int") this.#kind = "long";
    this.#whole += whole;
  }

  get count(): number {
    return this.#count;
  }

  get isDecimal(): boolean {
    return this.#decimal !== undefined;
  }

  #asDouble(): number {
    const sum = this.#double + Number(this.#whole);
    return Number.isFinite(sum) ? sum + this.#lost : sum;
  }

  get value(): Numeric {
    if (this.#decimal) {
      const others = toDecimal(fitted(this.#whole, true));
      const sum = this.#decimal.plus(others);
      return this.#kind === "double" ? sum.plus(Decimal.fromExactDouble(this.#double + this.#lost)) : sum;
    }
    if (this.#kind === "double") return double(this.#asDouble());
    return fitted(this.#whole, this.#kind === "long");
  }

  /** The average, or null of nothing. */
  get average(): Numeric | null {
    if (this.#count === 0) return null;
    const { value } = this;
    if (value instanceof Decimal) return value.over(Decimal.fromWhole(this.#count));
    return double((this.#kind === "double" ? this.#asDouble() : Number(this.#whole)) / this.#count);
  }
}

const nameOfKind = (value: unknown): string => kindOf(value);

/** @throws {ExpressionFailure} where one is no number, in the words of the operator. */
export function numeric(operator: string, value: unknown): Numeric {
  if (isNumeric(value)) return value;
  throw new ExpressionFailure(`${operator} only supports numeric types, not ${nameOfKind(value)}`);
}

function both(operator: string, a: unknown, b: unknown): [Numeric, Numeric] {
  if (isNumeric(a) && isNumeric(b)) return [a, b];
  throw new ExpressionFailure(`${operator} only supports numeric types, not ${nameOfKind(a)} and ${nameOfKind(b)}`);
}

const hasDecimal = (a: Numeric, b: Numeric) => a instanceof Decimal || b instanceof Decimal;
const hasLong = (a: Numeric, b: Numeric) => typeof a === "bigint" || typeof b === "bigint";

export function subtract(a: unknown, b: unknown): unknown {
  if (a instanceof Date) {
    if (b instanceof Date) return BigInt(a.getTime() - b.getTime());
    if (isNumeric(b)) return dateOf(a.getTime() - Math.round(toNumber(b)));
    throw new ExpressionFailure(`can't $subtract ${nameOfKind(b)} from Date`);
  }
  if (!isNumeric(a) || !isNumeric(b))
    throw new ExpressionFailure(`can't $subtract ${nameOfKind(b)} from ${nameOfKind(a)}`);
  if (hasDecimal(a, b)) return toDecimal(a).minus(toDecimal(b));
  const [x, y] = [asWhole(a), asWhole(b)];
  if (x !== undefined && y !== undefined) return fitted(x - y, hasLong(a, b));
  return double(toNumber(a) - toNumber(b));
}

export function multiply(a: unknown, b: unknown): Numeric {
  const [one, other] = [numeric("$multiply", a), numeric("$multiply", b)];
  if (hasDecimal(one, other)) return toDecimal(one).times(toDecimal(other));
  const [x, y] = [asWhole(one), asWhole(other)];
  if (x !== undefined && y !== undefined) return fitted(x * y, hasLong(one, other));
  return double(toNumber(one) * toNumber(other));
}

/** A double, or a decimal where one goes in. */
export function divide(a: unknown, b: unknown): Numeric {
  const [one, other] = both("$divide", a, b);
  if (hasDecimal(one, other)) {
    const divisor = toDecimal(other);
    if (divisor.isZero) throw new ExpressionFailure("can't $divide by zero");
    return toDecimal(one).over(divisor);
  }
  if (toNumber(other) === 0) throw new ExpressionFailure("can't $divide by zero");
  return double(toNumber(one) / toNumber(other));
}

export function remainder(a: unknown, b: unknown): Numeric {
  const [one, other] = both("$mod", a, b);
  const isZero = other instanceof Decimal ? other.isZero : toNumber(other) === 0;
  if (isZero) throw new ExpressionFailure("can't $mod by zero");
  if (hasDecimal(one, other)) return toDecimal(one).remainder(toDecimal(other));
  const [x, y] = [asWhole(one), asWhole(other)];
  if (x !== undefined && y !== undefined) return fitted(x % y, hasLong(one, other));
  return double(toNumber(one) % toNumber(other));
}

/** @throws {ExpressionFailure} where JavaScript has no such date. */
export function dateOf(milliseconds: number): Date {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) throw new ExpressionFailure("date is out of range");
  return date;
}

/** The same kind of number, rounded to places behind the point. */
export function toPlaces(value: Numeric, places: number, how: "even" | "down" | "floor" | "ceil"): Numeric {
  if (value instanceof Decimal) return value.toPlaces(places, how);
  const whole = asWhole(value);
  if (whole !== undefined) {
    if (places >= 0) return value;
    const rounded = Decimal.fromWhole(whole).toPlaces(places, how).toWhole() ?? 0n;
    return fitted(rounded, typeof value === "bigint");
  }
  const number = toNumber(value);
  if (!Number.isFinite(number)) return value;
  if (places === 0 && how !== "even") {
    const round = { down: Math.trunc, floor: Math.floor, ceil: Math.ceil }[how];
    return double(round(number));
  }
  // The digits that the double exactly has decide, as they do in MongoDB.
  return double(Decimal.fromDouble(number, 34).toPlaces(places, how).toNumber());
}

export function absolute(value: Numeric): Numeric {
  if (value instanceof Decimal) return value.absolute();
  if (typeof value === "bigint") {
    if (value === LONG_MIN) throw new ExpressionFailure("can't take $abs of long long min");
    return value < 0n ? -value : value;
  }
  if (value instanceof Double) return double(Math.abs(value.value));
  const isInt = kindOf(value) === "int";
  return isInt ? intOrLong(BigInt(Math.abs(value))) : double(Math.abs(value));
}

/** A power: whole where both are and it fits, else a double. */
export function power(base: unknown, exponent: unknown): Numeric {
  if (!isNumeric(base)) throw new ExpressionFailure(`$pow's base must be numeric, not ${nameOfKind(base)}`);
  if (!isNumeric(exponent)) throw new ExpressionFailure(`$pow's exponent must be numeric, not ${nameOfKind(exponent)}`);
  if (toNumber(base) === 0 && toNumber(exponent) < 0)
    throw new ExpressionFailure("$pow cannot take a base of 0 and a negative exponent");
  if (hasDecimal(base, exponent)) throw new Untried("$pow of a decimal");
  const [x, y] = [asWhole(base), asWhole(exponent)];
  if (x !== undefined && y !== undefined && (y >= 0n || x === 1n || x === -1n)) {
    const isSmall = x >= -1n && x <= 1n;
    const times = y < 0n ? -y : y;
    const whole = isSmall ? x ** (times === 0n ? 0n : 2n - (times % 2n)) : times <= 63n ? x ** times : undefined;
    if (whole !== undefined && whole >= LONG_MIN && whole <= LONG_MAX) return fitted(whole, hasLong(base, exponent));
  }
  return double(toNumber(base) ** toNumber(exponent));
}

/** A function of one number that gives a double. @throws {Untried} for decimals, of which it would lose digits. */
export function doubleOf(operator: string, compute: (number: number) => number, value: unknown): Numeric {
  const number = numeric(operator, value);
  if (number instanceof Decimal) throw new Untried(`${operator} of a decimal`);
  return double(compute(toNumber(number)));
}
