/** Dates in time zones, as MongoDB's operators of dates read, write, cut and count them. */
import { ExpressionFailure, Untried } from "../failures.ts";
import { dateOf } from "./arithmetic.ts";
import { isIsoDate, withZone } from "./extended-json.ts";
import { kindOf, ObjectId, Timestamp } from "./values.ts";

export interface DateParts {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What a value is as a date. @throws {ExpressionFailure} */
export function toDate(value: unknown): Date {
  if (value instanceof Date) return value;
  if (value instanceof Timestamp) return new Date(value.seconds * SECOND);
  if (value instanceof ObjectId) return new Date(Number.parseInt(value.hex.slice(0, 8), 16) * SECOND);
  throw new ExpressionFailure(`can't convert from BSON type ${kindOf(value)} to Date`);
}

/** Milliseconds that a zone is ahead of UTC at a time. */
export type Zone = (time: number) => number;

export const utc: Zone = () => 0;

const zones = new Map<string, Zone>();

/** @throws {ExpressionFailure} where no zone has the name. */
export function zoneNamed(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  const zone = readZone(name);
  // Names come from documents too.
  if (zones.size > 500) zones.clear();
  zones.set(name, zone);
  return zone;
}

function readZone(name: string): Zone {
  if (/^(?:UTC|GMT|Z)$/i.test(name)) return utc;
  const offset = /^(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?$/.exec(name);
  if (offset) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3] ?? 0);
    const ahead = (offset[1] === "-" ? -minutes : minutes) * MINUTE;
    return () => ahead;
  }
  const format = formatFor(name);
  return (time) => {
    const parts = new Map(format.formatToParts(new Date(time)).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
    const year = parts.get("era") === "BC" ? 1 - part("year") : part("year");
    const local = utcTime({
      year,
      month: part("month"),
      day: part("day"),
      hour: part("hour"),
      minute: part("minute"),
      second: part("second"),
      millisecond: 0,
    });
    return local - Math.floor(time / SECOND) * SECOND;
  };
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const number = "numeric";
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      era: "short",
      year: number,
      month: number,
      day: number,
      hour: number,
      minute: number,
      second: number,
      hourCycle: "h23",
    });
  } catch {
    throw new ExpressionFailure(`unrecognized time zone identifier: "${timeZone}"`);
  }
}

/** Of parts that may be out of their range, which count on. */
function utcTime({ year, month, day, hour, minute, second, millisecond }: DateParts): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, millisecond);
  return date.getTime();
}

/** The time at which a zone's clocks show these parts. */
export function timeOf(parts: DateParts, zone: Zone): number {
  const local = utcTime(parts);
  const guess = local - zone(local);
  return local - zone(guess);
}

/** What a zone's clocks show. */
export function partsOf(date: Date, zone: Zone): DateParts & { local: Date } {
  const local = new Date(date.getTime() + zone(date.getTime()));
  return {
    local,
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
  };
}

const startOfYear = (year: number): number =>
  utcTime({ year, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 });
const daysSince = (start: number, local: Date): number => Math.floor((local.getTime() - start) / DAY);

export const dayOfYear = (local: Date): number => daysSince(startOfYear(local.getUTCFullYear()), local) + 1;
export const isoDayOfWeek = (local: Date): number => local.getUTCDay() || 7;
/** Weeks begin on Sundays; the days before the first one are in week 0. */
export const week = (local: Date): number => Math.floor((dayOfYear(local) + 6 - local.getUTCDay()) / 7);

/** The year and the week of the Thursday beside a day. */
export function isoWeek(local: Date): { year: number; week: number } {
  const thursday = new Date(local.getTime() + (4 - isoDayOfWeek(local)) * DAY);
  return { year: thursday.getUTCFullYear(), week: Math.floor((dayOfYear(thursday) - 1) / 7) + 1 };
}

/** The time of an ISO date. */
export function timeOfIsoWeek(
  year: number,
  isoWeek: number,
  weekday: number,
  time: Omit<DateParts, "year" | "month" | "day">,
  zone: Zone,
): number {
  const fourth = new Date(utcTime({ year, month: 1, day: 4, hour: 0, minute: 0, second: 0, millisecond: 0 }));
  const day = 4 - isoDayOfWeek(fourth) + 1 + (isoWeek - 1) * 7 + weekday - 1;
  return timeOf({ year, month: 1, day, ...time }, zone);
}

const MONTHS = "January February March April May June July August September October November December".split(" ");

const padded = (number: number, length: number) => String(number).padStart(length, "0");

/** @throws {ExpressionFailure} for a letter that means nothing. */
export function formatDate(date: Date, format: string, zone: Zone): string {
  const parts = partsOf(date, zone);
  const ahead = zone(date.getTime()) / MINUTE;
  const sign = ahead < 0 ? "-" : "+";
  const offset = `${sign}${padded(Math.floor(Math.abs(ahead) / 60), 2)}${padded(Math.abs(ahead) % 60, 2)}`;
  const written: Readonly<Record<string, () => string>> = {
    Y: () => padded(parts.year, 4),
    G: () => padded(isoWeek(parts.local).year, 4),
    m: () => padded(parts.month, 2),
    b: () => (MONTHS[parts.month - 1] ?? "").slice(0, 3),
    B: () => MONTHS[parts.month - 1] ?? "",
    d: () => padded(parts.day, 2),
    H: () => padded(parts.hour, 2),
    M: () => padded(parts.minute, 2),
    S: () => padded(parts.second, 2),
    L: () => padded(parts.millisecond, 3),
    j: () => padded(dayOfYear(parts.local), 3),
    w: () => String(parts.local.getUTCDay() + 1),
    u: () => String(isoDayOfWeek(parts.local)),
    U: () => padded(week(parts.local), 2),
    V: () => padded(isoWeek(parts.local).week, 2),
    z: () => offset,
    Z: () => String(ahead),
    "%": () => "%",
  };
  return format.replace(/%([\s\S]?)/g, (_, letter: string) => {
    const write = Object.hasOwn(written, letter) ? written[letter] : undefined;
    if (!write) throw new ExpressionFailure(`Invalid format character '%${letter}' in format string`);
    return write();
  });
}

/** As `$toString` and `$dateToString` write a date. */
export const isoText = (date: Date): string => formatDate(date, "%Y-%m-%dT%H:%M:%S.%LZ", utc);

const patterns: Readonly<Record<string, string>> = {
  Y: "(\\d{4})",
  G: "(\\d{4})",
  m: "(\\d{1,2})",
  b: "([A-Za-z]{3})",
  B: "([A-Za-z]+)",
  d: "(\\d{1,2})",
  H: "(\\d{1,2})",
  M: "(\\d{1,2})",
  S: "(\\d{1,2})",
  L: "(\\d{1,3})",
  j: "(\\d{1,3})",
  u: "([1-7])",
  V: "(\\d{1,2})",
  z: "([+-]\\d{2}:?\\d{2}|Z|UTC|GMT)",
  Z: "([+-]\\d{1,3})",
};

/** @throws {ExpressionFailure} where the text is not of the format. */
export function parseDate(text: string, format: string | undefined, zone: Zone | undefined): Date {
  if (format === undefined) return parseAnyDate(text, zone);
  const letters: string[] = [];
  const source = format.replace(/%([\s\S]?)|[^%]/g, (found, letter?: string) => {
    if (letter === undefined || letter === "%") return (letter ?? found).replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
    const pattern = Object.hasOwn(patterns, letter) ? patterns[letter] : undefined;
    if (pattern === undefined) throw new ExpressionFailure(`Invalid format character '%${letter}' in format string`);
    letters.push(letter);
    return pattern;
  });
  const found = new RegExp(`^${source}$`).exec(text);
  if (!found) throw new ExpressionFailure(`Error parsing date string '${text}'; it is not of the format '${format}'`);
  const read = new Map(letters.map((letter, index) => [letter, found[index + 1] ?? ""]));
  const number = (letter: string, otherwise: number) => (read.has(letter) ? Number(read.get(letter)) : otherwise);
  const time = {
    hour: number("H", 0),
    minute: number("M", 0),
    second: number("S", 0),
    millisecond: read.has("L") ? Number((read.get("L") ?? "").padEnd(3, "0")) : 0,
  };
  const itsZone = zoneIn(read);
  if (itsZone && zone)
    throw new ExpressionFailure(
      `you cannot pass in a date/time string with time zone information ('${text}') together with a timezone argument`,
    );
  const within = itsZone ?? zone ?? utc;
  if (read.has("G")) return dateOf(timeOfIsoWeek(number("G", 1970), number("V", 1), number("u", 1), time, within));
  const monthName = (read.get("b") ?? read.get("B") ?? "").toLowerCase();
  const named = MONTHS.findIndex((month) => {
    const lower = month.toLowerCase();
    return monthName !== "" && (lower === monthName || (read.has("b") && lower.slice(0, 3) === monthName));
  });
  if (monthName !== "" && named < 0) throw new ExpressionFailure(`Error parsing date string '${text}'`);
  const isOrdinal = read.has("j");
  const month = isOrdinal ? 1 : monthName === "" ? number("m", Number.NaN) : named + 1;
  const day = isOrdinal ? number("j", 1) : number("d", Number.NaN);
  if (!read.has("Y") || Number.isNaN(month + day))
    throw new ExpressionFailure(`an incomplete date/time string has been found, with elements missing: "${text}"`);
  const year = number("Y", 1970);
  const isDay = isOrdinal ? day >= 1 && day <= 366 : isDayOf(year, month, day);
  if (!isDay || time.hour > 24 || time.minute > 59 || time.second > 60)
    throw new ExpressionFailure(`Error parsing date string '${text}'; The parsed date was invalid`);
  return dateOf(timeOf({ year, month, day, ...time }, within));
}

function zoneIn(read: ReadonlyMap<string, string>): Zone | undefined {
  const named = read.get("z");
  if (named !== undefined) return zoneNamed(named);
  const minutes = read.get("Z");
  if (minutes === undefined) return undefined;
  const ahead = Number(minutes) * MINUTE;
  return () => ahead;
}

/** A date without a format: those of ISO 8601, and a few that people write. */
function parseAnyDate(text: string, zone: Zone | undefined): Date {
  const trimmed = text.trim();
  const isoLike = trimmed
    .replace(/^(\d{4})\/(\d\d)\/(\d\d)/, "$1-$2-$3")
    .replace(/^(\d{4})(\d\d)(\d\d)(?=T|$)/, "$1-$2-$3")
    .replace(/ ?(?:UTC|GMT)$/, "Z")
    .replace(/ (?=[+-]\d)/, "");
  if (isIsoDate(isoLike)) {
    const isZoned = /(?:Z|[+-]\d\d:?\d\d|:\d\d[+-]\d\d)$/.test(isoLike) && isoLike.length > 10;
    if (isZoned && zone)
      throw new ExpressionFailure(
        `you cannot pass in a date/time string with time zone information ('${text}') together with a timezone argument`,
      );
    const read = new Date(withZone(isoLike));
    const [year = 0, month = 0, day = 0] = isoLike.slice(0, 10).split("-").map(Number);
    if (Number.isNaN(read.getTime()) || !isDayOf(year, month, day))
      throw new ExpressionFailure(`Error parsing date string '${text}'; The parsed date was invalid`);
    if (isZoned || !zone) return read;
    return dateOf(timeOf(partsOf(read, utc), zone));
  }
  if (!/\d/.test(trimmed) || trimmed.length < 4 || /^\d{1,3}$/.test(trimmed))
    throw new ExpressionFailure(`an incomplete date/time string has been found, with elements missing: "${text}"`);
  if (!/[a-z]{3}|\d[-/.]\d/i.test(trimmed)) throw new ExpressionFailure(`Error parsing date string '${text}'`);
  throw new Untried("reading a date that is not written as ISO 8601 has it, without a format");
}

/** Whether there is such a day; JavaScript takes February 30 for March 2. */
const isDayOf = (year: number, month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= lastDayOf(year, month);

export const units = ["year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond"] as const;
export type Unit = (typeof units)[number];
export const isUnit = (value: unknown): value is Unit => units.some((unit) => unit === value);

const lengths: Readonly<Partial<Record<Unit, number>>> = {
  hour: HOUR,
  minute: MINUTE,
  second: SECOND,
  millisecond: 1,
};

const months: Readonly<Partial<Record<Unit, number>>> = { year: 12, quarter: 3, month: 1 };

const lastDayOf = (year: number, month: number): number =>
  new Date(utcTime({ year, month: month + 1, day: 0, hour: 0, minute: 0, second: 0, millisecond: 0 })).getUTCDate();

/** In months and years the day stays, or is the last one of a shorter month. */
export function addTo(date: Date, unit: Unit, amount: number, zone: Zone): Date {
  const length = lengths[unit];
  if (length !== undefined) return dateOf(date.getTime() + amount * length);
  const parts = partsOf(date, zone);
  const inMonths = months[unit];
  if (inMonths === undefined)
    return dateOf(timeOf({ ...parts, day: parts.day + amount * (unit === "week" ? 7 : 1) }, zone));
  const month = parts.year * 12 + parts.month - 1 + amount * inMonths;
  const [year, inYear] = [Math.floor(month / 12), month - Math.floor(month / 12) * 12 + 1];
  return dateOf(timeOf({ ...parts, year, month: inYear, day: Math.min(parts.day, lastDayOf(year, inYear)) }, zone));
}

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/** 0 for Sunday. @throws {ExpressionFailure} */
export function weekdayNamed(name: string): number {
  const lower = name.toLowerCase();
  const index = WEEKDAYS.findIndex((day) => day === lower || day.slice(0, 3) === lower);
  if (index < 0) throw new ExpressionFailure(`unknown day of week value: ${name}`);
  return index;
}

/** Days since 1970 of a local date. */
const dayNumber = (local: Date): number => Math.floor(local.getTime() / DAY);
/** January 1, 1970 was a Thursday. */
const weekNumber = (day: number, startOfWeek: number): number => Math.floor((day + 4 - startOfWeek) / 7);

/** How many times the clock passes into another unit. */
export function difference(start: Date, end: Date, unit: Unit, zone: Zone, startOfWeek: number): bigint {
  const length = lengths[unit];
  if (length !== undefined) {
    const ahead = zone(start.getTime());
    return BigInt(Math.floor((end.getTime() + ahead) / length) - Math.floor((start.getTime() + ahead) / length));
  }
  const [from, to] = [partsOf(start, zone), partsOf(end, zone)];
  const inMonths = months[unit];
  if (inMonths !== undefined) {
    const number = ({ year, month }: DateParts) => Math.floor((year * 12 + month - 1) / inMonths);
    return BigInt(number(to) - number(from));
  }
  const [first, last] = [dayNumber(from.local), dayNumber(to.local)];
  if (unit === "day") return BigInt(last - first);
  return BigInt(weekNumber(last, startOfWeek) - weekNumber(first, startOfWeek));
}

/** The start of the bin that a date is in; bins are counted from 2000 on. */
export function truncate(date: Date, unit: Unit, binSize: number, zone: Zone, startOfWeek: number): Date {
  const midnight = { day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 };
  const floor = (value: number, from: number) => from + Math.floor((value - from) / binSize) * binSize;
  const length = lengths[unit];
  if (length !== undefined) {
    const reference = timeOf({ year: 2000, month: 1, ...midnight }, zone);
    const bin = length * binSize;
    return dateOf(reference + Math.floor((date.getTime() - reference) / bin) * bin);
  }
  const parts = partsOf(date, zone);
  const inMonths = months[unit];
  if (inMonths !== undefined) {
    const month = floor(Math.floor((parts.year * 12 + parts.month - 1) / inMonths), (2000 * 12) / inMonths) * inMonths;
    const year = Math.floor(month / 12);
    return dateOf(timeOf({ ...midnight, year, month: month - year * 12 + 1 }, zone));
  }
  const first = startOfYear(2000) / DAY;
  const today = dayNumber(parts.local);
  if (unit === "day") return dateOf(timeOf({ ...midnight, year: 1970, month: 1, day: floor(today, first) + 1 }, zone));
  // The first such weekday of 2000.
  const firstWeek = weekNumber(first + 6, startOfWeek);
  const start = floor(weekNumber(today, startOfWeek), firstWeek) * 7 - 4 + startOfWeek;
  return dateOf(timeOf({ ...midnight, year: 1970, month: 1, day: start + 1 }, zone));
}
