/** Operators of dates. */
import { PipelineFault } from "../failures.ts";
import { dateOf } from "../values/arithmetic.ts";
import {
  addTo,
  dayOfYear,
  difference,
  formatDate,
  isoDayOfWeek,
  isoWeek,
  isUnit,
  parseDate,
  partsOf,
  timeOf,
  timeOfIsoWeek,
  toDate,
  truncate,
  type Unit,
  utc,
  week,
  weekdayNamed,
  type Zone,
  zoneNamed,
} from "../values/dates.ts";
import { isDocument, isNullish, kindOf, Timestamp, wholeOf } from "../values/values.ts";
import { type ExpressionOperator, fail, type Named, named, one } from "./compile.ts";

/** The zone of an argument; undefined where it is null, which makes the result null. */
function zoneIn(values: Named): Zone | undefined {
  if (!Object.hasOwn(values, "timezone")) return utc;
  const { timezone } = values;
  if (isNullish(timezone)) return undefined;
  return typeof timezone === "string"
    ? zoneNamed(timezone)
    : fail(`timezone must evaluate to a string, found ${kindOf(timezone)}`);
}

/** An operator that takes a date, or an object with a date and a zone. */
const part =
  (read: (local: Date, parts: ReturnType<typeof partsOf>) => unknown): ExpressionOperator =>
  (argument, compiler) => {
    const isNamed = isDocument(argument) && Object.keys(argument).every((name) => !name.startsWith("$"));
    const compute = (values: Named) => {
      const zone = zoneIn(values);
      if (isNullish(values["date"]) || !zone) return null;
      const parts = partsOf(toDate(values["date"]), zone);
      return read(parts.local, parts);
    };
    return isNamed
      ? named(["date"], ["timezone"], compute)(argument, compiler)
      : one((date) => compute({ date }))(argument, compiler);
  };

function unitIn(operator: string, unit: unknown): Unit {
  return isUnit(unit)
    ? unit
    : fail(`${operator} parameter 'unit' value parsing failed: unknown time unit value: ${String(unit)}`);
}

const startOfWeekIn = (operator: string, { startOfWeek }: Named): number => {
  if (isNullish(startOfWeek)) return 0;
  return typeof startOfWeek === "string"
    ? weekdayNamed(startOfWeek)
    : fail(`${operator} requires 'startOfWeek' to be a string, but got ${kindOf(startOfWeek)}`);
};

const shifting = (operator: string, sign: 1 | -1): ExpressionOperator =>
  named(["startDate", "unit", "amount"], ["timezone"], (values) => {
    const { startDate, unit, amount } = values;
    const zone = zoneIn(values);
    if (isNullish(startDate) || isNullish(unit) || isNullish(amount) || !zone) return null;
    const count = wholeOf(amount);
    if (count === undefined) return fail(`${operator} expects integer amount of time units`);
    return addTo(toDate(startDate), unitIn(operator, unit), sign * count, zone);
  });

const $dateDiff = named(["startDate", "endDate", "unit"], ["timezone", "startOfWeek"], (values) => {
  const { startDate, endDate, unit } = values;
  const zone = zoneIn(values);
  if ([startDate, endDate, unit].some(isNullish) || !zone || values["startOfWeek"] === null) return null;
  return difference(
    toDate(startDate),
    toDate(endDate),
    unitIn("$dateDiff", unit),
    zone,
    startOfWeekIn("$dateDiff", values),
  );
});

const $dateTrunc = named(["date", "unit"], ["binSize", "timezone", "startOfWeek"], (values) => {
  const { date, unit, binSize = 1 } = values;
  const zone = zoneIn(values);
  if (isNullish(date) || isNullish(unit) || binSize === null || !zone || values["startOfWeek"] === null) return null;
  const size = wholeOf(binSize);
  if (size === undefined || size < 1) return fail("$dateTrunc requires 'binSize' to be greater than 0");
  return truncate(toDate(date), unitIn("$dateTrunc", unit), size, zone, startOfWeekIn("$dateTrunc", values));
});

const CALENDAR = ["year", "month", "day"];
const ISO = ["isoWeekYear", "isoWeek", "isoDayOfWeek"];
const TIME = ["hour", "minute", "second", "millisecond"];

const $dateFromParts: ExpressionOperator = (argument, compiler) => {
  const names = isDocument(argument) ? Object.keys(argument) : [];
  const isIso = names.some((name) => ISO.includes(name));
  const mixed = isIso && names.find((name) => CALENDAR.includes(name));
  if (mixed) throw new PipelineFault("does not allow mixing natural dates with ISO dates", [mixed]);
  const [first = "", ...others] = isIso ? ISO : CALENDAR;
  return named([first], [...others, ...TIME, "timezone"], (values) => {
    const zone = zoneIn(values);
    if (!zone || Object.values(values).some(isNullish)) return null;
    const number = (name: string, otherwise: number) => {
      if (!Object.hasOwn(values, name)) return otherwise;
      return wholeOf(values[name]) ?? fail(`'${name}' must evaluate to an integer, found ${kindOf(values[name])}`);
    };
    const year = number(first, 1970);
    if (year < 1 || year > 9999)
      return fail(`'${first}' must evaluate to an integer in the range 1 to 9999, found ${year}`);
    const time = {
      hour: number("hour", 0),
      minute: number("minute", 0),
      second: number("second", 0),
      millisecond: number("millisecond", 0),
    };
    if (isIso) return dateOf(timeOfIsoWeek(year, number("isoWeek", 1), number("isoDayOfWeek", 1), time, zone));
    return dateOf(timeOf({ year, month: number("month", 1), day: number("day", 1), ...time }, zone));
  })(argument, compiler);
};

const $dateFromString: ExpressionOperator = (argument, compiler) => {
  const optional = ["format", "timezone", "onError", "onNull"];
  const given = isDocument(argument) ? argument : {};
  return named(["dateString"], optional, (values) => {
    const { dateString, format, onNull = null } = values;
    if (isNullish(dateString)) return Object.hasOwn(given, "onNull") ? values["onNull"] : onNull;
    const hasError = Object.hasOwn(given, "onError");
    const wrong = (message: string) => (hasError ? values["onError"] : fail(message));
    if (Object.hasOwn(given, "format") && isNullish(format)) return null;
    const zone = Object.hasOwn(values, "timezone") ? zoneIn(values) : utc;
    if (!zone) return null;
    if (typeof dateString !== "string")
      return wrong(`$dateFromString requires that 'dateString' be a string, found: ${kindOf(dateString)}`);
    if (!isNullish(format) && typeof format !== "string")
      return fail(`$dateFromString requires that 'format' be a string, found: ${kindOf(format)}`);
    try {
      const itsZone = Object.hasOwn(values, "timezone") ? zone : undefined;
      return parseDate(dateString, isNullish(format) ? undefined : String(format), itsZone);
    } catch (error) {
      if (hasError && error instanceof Error && error.name === "ExpressionFailure") return values["onError"];
      throw error;
    }
  })(argument, compiler);
};

const $dateToString = named(["date"], ["format", "timezone", "onNull"], (values) => {
  const { date, format, onNull } = values;
  if (isNullish(date)) return Object.hasOwn(values, "onNull") ? onNull : null;
  const zone = zoneIn(values);
  if (!zone || (Object.hasOwn(values, "format") && isNullish(format))) return null;
  if (format !== undefined && typeof format !== "string")
    return fail(`$dateToString requires that 'format' be a string, found: ${kindOf(format)}`);
  const byDefault =
    Object.hasOwn(values, "timezone") && zone !== utc ? "%Y-%m-%dT%H:%M:%S.%L" : "%Y-%m-%dT%H:%M:%S.%LZ";
  return formatDate(toDate(date), format ?? byDefault, zone);
});

const $dateToParts = named(["date"], ["timezone", "iso8601"], (values) => {
  const zone = zoneIn(values);
  const { date, iso8601 = false } = values;
  if (isNullish(date) || !zone || iso8601 === null) return null;
  if (typeof iso8601 !== "boolean") return fail(`iso8601 must evaluate to a bool, found ${kindOf(iso8601)}`);
  const { local, year, month, day, ...time } = partsOf(toDate(date), zone);
  if (!iso8601) return { year, month, day, ...time };
  const iso = isoWeek(local);
  return { isoWeekYear: iso.year, isoWeek: iso.week, isoDayOfWeek: isoDayOfWeek(local), ...time };
});

const ofTimestamp = (operator: string, read: (value: Timestamp) => bigint): ExpressionOperator =>
  one((value) => {
    if (isNullish(value)) return null;
    return value instanceof Timestamp
      ? read(value)
      : fail(`Argument to ${operator} must be a timestamp, but is ${kindOf(value)}`);
  });

export const dateOperators = {
  $dateAdd: shifting("$dateAdd", 1),
  $dateSubtract: shifting("$dateSubtract", -1),
  $dateDiff,
  $dateTrunc,
  $dateFromParts,
  $dateFromString,
  $dateToString,
  $dateToParts,
  $year: part((_, { year }) => year),
  $month: part((_, { month }) => month),
  $dayOfMonth: part((_, { day }) => day),
  $hour: part((_, { hour }) => hour),
  $minute: part((_, { minute }) => minute),
  $second: part((_, { second }) => second),
  $millisecond: part((_, { millisecond }) => millisecond),
  $dayOfYear: part(dayOfYear),
  $dayOfWeek: part((local) => local.getUTCDay() + 1),
  $week: part(week),
  $isoDayOfWeek: part(isoDayOfWeek),
  $isoWeek: part((local) => isoWeek(local).week),
  $isoWeekYear: part((local) => BigInt(isoWeek(local).year)),
  $tsSecond: ofTimestamp("$tsSecond", ({ seconds }) => BigInt(seconds)),
  $tsIncrement: ofTimestamp("$tsIncrement", ({ increment }) => BigInt(increment)),
} satisfies Record<string, ExpressionOperator>;
