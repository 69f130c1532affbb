/**
 * Decimal128 numbers: 34 digits, ties to the even digit.
 * @see https://github.com/mongodb/specifications/blob/master/source/bson-decimal128/decimal128.md
 */

const DIGITS = 34;
const LEAST_EXPONENT = -6176;
const MOST_EXPONENT = 6111;

/** Zeros that no exponent of this kind needs; more are a fault of whoever asks. */
const MOST_ZEROS = 20_000;

const powerOfTen = (exponent: number): bigint => 10n ** BigInt(Math.min(exponent, MOST_ZEROS));
const lengthOf = (coefficient: bigint): number => coefficient.toString().length;
const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

type Special = "NaN" | "Infinity" | "-Infinity";

export class Decimal {
  /** Signed; of a special value, zero. */
  readonly #coefficient: bigint;
  readonly #exponent: number;
  readonly #special: Special | undefined;
  /** A zero can be negative. */
  readonly #isNegative: boolean;

  private constructor(coefficient: bigint, exponent: number, isNegative: boolean, special?: Special) {
    this.#coefficient = coefficient;
    this.#exponent = exponent;
    this.#isNegative = isNegative;
    this.#special = special;
  }

  static readonly #specials: Readonly<Record<Special, Decimal>> = {
    NaN: new Decimal(0n, 0, false, "NaN"),
    Infinity: new Decimal(0n, 0, false, "Infinity"),
    "-Infinity": new Decimal(0n, 0, true, "-Infinity"),
  };

  /** The number that a text writes, or undefined where it writes none. */
  static parse(text: string): Decimal | undefined {
    const special = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(text);
    if (special) {
      if (special[2] === undefined) return Decimal.#specials.NaN;
      return special[1] === "-" ? Decimal.#specials["-Infinity"] : Decimal.#specials.Infinity;
    }
    const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,9}))?$/i.exec(text);
    const [, sign = "", whole = "", fraction = "", exponent = "0"] = found ?? [];
    if (!found || whole + fraction === "") return undefined;
    return Decimal.#rounded(BigInt(whole + fraction), Number(exponent) - fraction.length, sign === "-");
  }

  static fromWhole(value: number | bigint): Decimal {
    const whole = BigInt(value);
    return Decimal.#rounded(absolute(whole), 0, whole < 0n);
  }

  /** A double as MongoDB makes a decimal of it: with the 15 digits that every double keeps. */
  static fromDouble(value: number, digits = 15): Decimal {
    const text = Number.isFinite(value) ? value.toPrecision(digits) : String(value);
    return Decimal.parse(Object.is(value, -0) ? `-${text}` : text) ?? Decimal.#specials.NaN;
  }

  /** A double as sums make a decimal of it: with all digits that it has, and no more. */
  static fromExactDouble(value: number): Decimal {
    const exact = Decimal.fromDouble(value, DIGITS);
    let [digits, exponent] = [exact.#coefficient, exact.#exponent];
    while (exponent < 0 && digits % 10n === 0n && digits !== 0n) {
      digits /= 10n;
      exponent += 1;
    }
    return exact.isFinite && digits !== 0n ? new Decimal(digits, exponent, exact.#isNegative) : exact;
  }

  /** `coefficient` is not negative. */
  static #rounded(coefficient: bigint, exponent: number, isNegative: boolean): Decimal {
    let [digits, power] = [coefficient, exponent];
    const surplus = Math.max(lengthOf(digits) - DIGITS, LEAST_EXPONENT - power, 0);
    if (surplus > 0) {
      digits = surplus > lengthOf(digits) + 1 ? 0n : withoutLast(digits, surplus);
      power += surplus;
      // 999… has become 1000….
      if (lengthOf(digits) > DIGITS) {
        digits /= 10n;
        power += 1;
      }
    }
    if (digits === 0n) power = Math.min(Math.max(power, LEAST_EXPONENT), MOST_EXPONENT);
    else if (power > MOST_EXPONENT) {
      const room = DIGITS - lengthOf(digits);
      if (power - MOST_EXPONENT > room) return Decimal.#specials[isNegative ? "-Infinity" : "Infinity"];
      digits *= powerOfTen(power - MOST_EXPONENT);
      power = MOST_EXPONENT;
    }
    return new Decimal(isNegative ? -digits : digits, power, isNegative);
  }

  static #signed(coefficient: bigint, exponent: number): Decimal {
    return Decimal.#rounded(absolute(coefficient), exponent, coefficient < 0n);
  }

  get isNaN(): boolean {
    return this.#special === "NaN";
  }

  get isFinite(): boolean {
    return this.#special === undefined;
  }

  get isZero(): boolean {
    return this.isFinite && this.#coefficient === 0n;
  }

  get isNegative(): boolean {
    return this.#isNegative;
  }

  /** Both coefficients under one exponent. */
  #aligned(other: Decimal): [bigint, bigint, number] {
    const exponent = Math.min(this.#exponent, other.#exponent);
    return [
      this.#coefficient * powerOfTen(this.#exponent - exponent),
      other.#coefficient * powerOfTen(other.#exponent - exponent),
      exponent,
    ];
  }

  plus(other: Decimal): Decimal {
    if (this.isNaN || other.isNaN) return Decimal.#specials.NaN;
    if (!this.isFinite) return other.isFinite || other.#special === this.#special ? this : Decimal.#specials.NaN;
    if (!other.isFinite) return other;
    const [mine, others, exponent] = this.#aligned(other);
    return Decimal.#signed(mine + others, exponent);
  }

  negated(): Decimal {
    if (this.isNaN) return this;
    if (!this.isFinite) return Decimal.#specials[this.#isNegative ? "Infinity" : "-Infinity"];
    return new Decimal(-this.#coefficient, this.#exponent, !this.#isNegative);
  }

  absolute(): Decimal {
    return this.#isNegative ? this.negated() : this;
  }

  minus(other: Decimal): Decimal {
    return this.plus(other.negated());
  }

  times(other: Decimal): Decimal {
    if (this.isNaN || other.isNaN) return Decimal.#specials.NaN;
    const isNegative = this.#isNegative !== other.#isNegative;
    if (!this.isFinite || !other.isFinite) {
      if (this.isZero || other.isZero) return Decimal.#specials.NaN;
      return Decimal.#specials[isNegative ? "-Infinity" : "Infinity"];
    }
    const product = absolute(this.#coefficient * other.#coefficient);
    return Decimal.#rounded(product, this.#exponent + other.#exponent, isNegative);
  }

  /** What divides by zero is for the caller. */
  over(other: Decimal): Decimal {
    if (this.isNaN || other.isNaN || (!this.isFinite && !other.isFinite)) return Decimal.#specials.NaN;
    const isNegative = this.#isNegative !== other.#isNegative;
    if (!this.isFinite || other.isZero) return Decimal.#specials[isNegative ? "-Infinity" : "Infinity"];
    if (!other.isFinite) return Decimal.#rounded(0n, 0, isNegative);
    // Two digits more than are kept, and a last one that tells whether anything was left.
    const divisor = absolute(other.#coefficient);
    const dividend = absolute(this.#coefficient);
    const shift = Math.max(DIGITS + 2 + lengthOf(divisor) - lengthOf(dividend), 0);
    const scaled = dividend * powerOfTen(shift);
    const quotient = scaled / divisor;
    const isExact = quotient * divisor === scaled;
    const ideal = this.#exponent - other.#exponent;
    if (isExact) {
      let [digits, exponent] = [quotient, ideal - shift];
      while (exponent < ideal && digits !== 0n && digits % 10n === 0n) {
        digits /= 10n;
        exponent += 1;
      }
      return Decimal.#rounded(digits, digits === 0n ? ideal : exponent, isNegative);
    }
    return Decimal.#rounded(quotient * 10n + 1n, ideal - shift - 1, isNegative);
  }

  remainder(other: Decimal): Decimal {
    if (this.isNaN || other.isNaN || !this.isFinite || other.isZero) return Decimal.#specials.NaN;
    if (!other.isFinite) return this;
    const [mine, others, exponent] = this.#aligned(other);
    return Decimal.#rounded(absolute(mine % others), exponent, this.#isNegative);
  }

  /** With so many places behind the point; negative ones are in front of it. */
  toPlaces(places: number, how: "even" | "down" | "floor" | "ceil"): Decimal {
    if (!this.isFinite || -this.#exponent <= places) return this;
    const surplus = -this.#exponent - places;
    const digits = absolute(this.#coefficient);
    if (how === "even") {
      const rounded = surplus > lengthOf(digits) + 1 ? 0n : withoutLast(digits, surplus);
      return Decimal.#rounded(rounded, -places, this.#isNegative);
    }
    const unit = powerOfTen(surplus);
    const away = how !== "down" && this.#isNegative === (how === "floor") && digits % unit !== 0n;
    return Decimal.#rounded(digits / unit + (away ? 1n : 0n), -places, this.#isNegative);
  }

  /** Below zero where this is less; NaN is less than every number. */
  compare(other: Decimal): number {
    if (this.isNaN || other.isNaN) return Number(other.isNaN) - Number(this.isNaN);
    const rank = (value: Decimal) => (value.isFinite ? 0 : value.#isNegative ? -1 : 1);
    if (rank(this) !== 0 || rank(other) !== 0) return rank(this) - rank(other);
    const sign = (value: Decimal) => (value.#coefficient === 0n ? 0 : value.#isNegative ? -1 : 1);
    if (sign(this) !== sign(other)) return sign(this) - sign(other);
    const size = (value: Decimal) => lengthOf(absolute(value.#coefficient)) + value.#exponent;
    if (sign(this) === 0) return 0;
    if (size(this) !== size(other)) return size(this) > size(other) ? sign(this) : -sign(this);
    const [mine, others] = this.#aligned(other);
    return mine < others ? -1 : mine > others ? 1 : 0;
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(this.#special ?? `${this.#isNegative ? "-" : ""}${absolute(this.#coefficient)}e${this.#exponent}`);
  }

  /** What stands in front of the point; undefined where that is no number. */
  toWhole(): bigint | undefined {
    if (!this.isFinite) return undefined;
    if (this.#exponent >= 0) return this.#coefficient * powerOfTen(this.#exponent);
    return this.#coefficient / powerOfTen(-this.#exponent);
  }

  /** The same text for equal numbers. */
  key(): string {
    if (this.#special !== undefined) return this.#special;
    let [digits, exponent] = [this.#coefficient, this.#exponent];
    if (digits === 0n) return "0e0";
    while (digits % 10n === 0n) {
      digits /= 10n;
      exponent += 1;
    }
    return `${digits}e${exponent}`;
  }

  toString(): string {
    if (this.#special !== undefined) return this.#special;
    const sign = this.#isNegative ? "-" : "";
    const digits = absolute(this.#coefficient).toString();
    const adjusted = this.#exponent + digits.length - 1;
    if (this.#exponent > 0 || adjusted < -6) {
      const point = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
      return `${sign}${point}E${adjusted < 0 ? "" : "+"}${adjusted}`;
    }
    if (this.#exponent === 0) return sign + digits;
    const padded = digits.padStart(1 - this.#exponent, "0");
    return `${sign}${padded.slice(0, this.#exponent)}.${padded.slice(this.#exponent)}`;
  }
}

/** Without so many of its last digits, rounded to the nearest, ties to the even one. */
function withoutLast(digits: bigint, count: number): bigint {
  const unit = powerOfTen(count);
  const [quotient, rest] = [digits / unit, digits % unit];
  const twice = rest * 2n;
  const up = twice > unit || (twice === unit && quotient % 2n === 1n);
  return quotient + (up ? 1n : 0n);
}
