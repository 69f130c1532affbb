/** Operators of text. */
import { Untried } from "../failures.ts";
import { checkLength } from "../values/size.ts";
import { Binary, compareText, isNullish, kindOf, Regex, wholeOf } from "../values/values.ts";
import { type ExpressionOperator, fail, type Named, named, one, several } from "./compile.ts";
import { textOf } from "./conversion.ts";
import { byMingo } from "./mingo.ts";
import { regexOf } from "./regex.ts";

const MANY = Number.POSITIVE_INFINITY;

/** Null and missing are no text here. @throws {ExpressionFailure} */
function textIn(operator: string, value: unknown): string {
  return typeof value === "string" ? value : fail(`${operator} requires a string argument, found: ${kindOf(value)}`);
}

/** As `$toLower` and its like take a value. */
function asText(value: unknown): string {
  if (isNullish(value)) return "";
  return textOf(value) ?? fail(`can't convert from BSON type ${kindOf(value)} to String`);
}

const codePoints = (text: string): string[] => [...text];

const trimming = (operator: string): ExpressionOperator =>
  named(["input"], ["chars"], ({ input, chars, ...rest }) => {
    const hasChars = chars !== undefined;
    if (isNullish(input) || (hasChars && chars === null)) return null;
    if (typeof input !== "string")
      return fail(`${operator} requires its input to be a string, got ${kindOf(input)} instead.`);
    if (hasChars && typeof chars !== "string")
      return fail(`${operator} requires 'chars' to be a string, got ${kindOf(chars)} instead.`);
    return byMingo.named(operator, { input, ...(hasChars && { chars }), ...rest });
  });

const replacing = (
  operator: string,
  replace: (values: { input: string; find: string; replacement: string }) => unknown,
) =>
  named(["input", "find", "replacement"], [], ({ input, find, replacement }) => {
    const entries = Object.entries({ input, find, replacement });
    const odd = entries.find(([, value]) => !isNullish(value) && typeof value !== "string");
    if (odd) return fail(`${operator} requires that '${odd[0]}' be a string, found: ${kindOf(odd[1])}`);
    if (typeof input !== "string" || typeof find !== "string" || typeof replacement !== "string") return null;
    return replace({ input, find, replacement });
  });

/** A position in a text. */
function position(operator: string, name: string, value: unknown): number {
  const number = wholeOf(value);
  if (number === undefined)
    return fail(`${operator} requires an integral ${name}, found a value of type: ${kindOf(value)}`);
  return number;
}

/** How a text is counted: in code points or in bytes. */
interface Counted {
  /** How many there are in front of a position of JavaScript's, or in all of the text. */
  count(text: string, end?: number): number;
  /** The position of JavaScript's behind so many. */
  positionAt(text: string, count: number): number;
}

const byCodePoint: Counted = {
  count(text, end = text.length) {
    let count = 0;
    for (let at = 0; at < end; at += lengthAt(text, at)) count += 1;
    return count;
  },
  positionAt(text, count) {
    let at = 0;
    for (let left = count; left > 0 && at < text.length; left -= 1) at += lengthAt(text, at);
    return at;
  },
};

const byByte: Counted = {
  count: (text, end) => Buffer.byteLength(end === undefined ? text : text.slice(0, end)),
  positionAt(text, count) {
    let [at, left] = [0, count];
    while (left > 0 && at < text.length) {
      const length = lengthAt(text, at);
      left -= Buffer.byteLength(text.slice(at, at + length));
      at += length;
    }
    return at;
  },
};

/** A code point beyond 16 bits takes two places. */
const lengthAt = (text: string, at: number): number => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);

/** Where a text stands in another. */
const finding = (operator: string, { count, positionAt }: Counted): ExpressionOperator =>
  several(2, 4, ([text, search, start, end]) => {
    if (isNullish(text)) return null;
    const [whole, part] = [textIn(operator, text), textIn(operator, search)];
    const from = start === undefined ? 0 : position(operator, "starting index", start);
    const to = end === undefined ? undefined : position(operator, "ending index", end);
    if (from < 0 || (to !== undefined && to < 0)) return fail(`${operator} requires a nonnegative starting index`);
    const within = to === undefined ? whole : whole.slice(0, positionAt(whole, to));
    if (from > count(within)) return -1;
    const at = within.indexOf(part, positionAt(within, from));
    return at < 0 ? -1 : count(within, at);
  });

const substringOfBytes = ([text, start, count]: readonly unknown[]): unknown => {
  const bytes = Buffer.from(asText(text));
  const [from, length] = [position("$substrBytes", "starting index", start), position("$substrBytes", "length", count)];
  if (from < 0) return fail("$substrBytes: starting index must be non-negative");
  const to = length < 0 ? bytes.length : Math.min(from + length, bytes.length);
  const isInside = (at: number) => at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80;
  if (isInside(from)) return fail("$substrBytes: Invalid range, starting index is a UTF-8 continuation byte.");
  if (isInside(to)) return fail("$substrBytes: Invalid range, ending index is in the middle of a UTF-8 character.");
  return bytes.subarray(Math.min(from, bytes.length), to).toString();
};

const substringOfCodePoints = ([text, start, count]: readonly unknown[]): unknown => {
  const [from, length] = [position("$substrCP", "starting index", start), position("$substrCP", "length", count)];
  if (from < 0) return fail("$substrCP: starting index must be non-negative");
  if (length < 0) return fail("$substrCP: length must be non-negative");
  return byMingo.list("$substrCP", [asText(text), from, length]);
};

/** The expression, where there is something to search in. */
function searched(operator: string, { input, regex, options }: Named): { input: string; regex: RegExp } | undefined {
  if (!isNullish(input) && typeof input !== "string") return fail(`${operator} needs 'input' to be of type string`);
  if (!isNullish(regex) && typeof regex !== "string" && !(regex instanceof Regex))
    return fail(`${operator} needs 'regex' to be of type string or regex`);
  if (!isNullish(options) && typeof options !== "string")
    return fail(`${operator} needs 'options' to be of type string`);
  if (typeof input !== "string" || isNullish(regex)) return undefined;
  const whole = regex instanceof Regex ? regex : new Regex(String(regex));
  if (whole.options !== "" && typeof options === "string" && options !== "")
    return fail(`${operator} found regex options specified in both 'regex' and 'options' fields`);
  return {
    input,
    regex: regexOf(typeof options === "string" && options !== "" ? new Regex(whole.pattern, options) : whole, "g"),
  };
}

const found = (match: RegExpExecArray) => ({
  match: match[0],
  idx: byCodePoint.count(match.input, match.index),
  captures: match.slice(1).map((capture: string | undefined) => capture ?? null),
});

const searching = (operator: string, otherwise: unknown, give: (matches: Iterable<RegExpExecArray>) => unknown) =>
  named(["input", "regex"], ["options"], (values) => {
    const what = searched(operator, values);
    return what ? give(what.input.matchAll(what.regex)) : otherwise;
  });

const firstOf = <T>(items: Iterable<T>): T | undefined => {
  for (const item of items) return item;
  return undefined;
};

export const textOperators = {
  $concat: several(0, MANY, (values) => {
    if (values.some(isNullish)) return null;
    const odd = values.find((value) => typeof value !== "string");
    checkLength(values.reduce<number>((sum, value) => sum + String(value).length, 0));
    return odd === undefined ? values.join("") : fail(`$concat only supports strings, not ${kindOf(odd)}`);
  }),
  $toLower: one((value) => asText(value).replace(/[A-Z]+/g, (letters) => letters.toLowerCase())),
  $toUpper: one((value) => asText(value).replace(/[a-z]+/g, (letters) => letters.toUpperCase())),
  $strcasecmp: several(2, 2, ([a, b]) => Math.sign(compareText(asText(a).toUpperCase(), asText(b).toUpperCase()))),
  $trim: trimming("$trim"),
  $ltrim: trimming("$ltrim"),
  $rtrim: trimming("$rtrim"),
  $split: several(2, 2, ([text, separator]) => {
    if (isNullish(text) || isNullish(separator)) return null;
    if (typeof text !== "string")
      return fail(
        `$split requires an expression that evaluates to a string as a first argument, found: ${kindOf(text)}`,
      );
    if (separator instanceof Regex) throw new Untried("$split by a regular expression");
    if (typeof separator !== "string")
      return fail(
        `$split requires an expression that evaluates to a string as a second argument, found: ${kindOf(separator)}`,
      );
    return separator === "" ? fail("$split requires a non-empty separator") : byMingo.list("$split", [text, separator]);
  }),
  $replaceOne: replacing("$replaceOne", ({ input, find, replacement }) => {
    checkLength(input.length + replacement.length);
    return input.replace(find, () => replacement);
  }),
  $replaceAll: replacing("$replaceAll", (values) => {
    const { input, find, replacement } = values;
    const times = find === "" ? input.length + 1 : input.split(find).length - 1;
    checkLength(input.length + times * replacement.length);
    return find === "" ? withBetween(input, replacement) : byMingo.named("$replaceAll", values);
  }),
  $strLenBytes: one((value) => Buffer.byteLength(textIn("$strLenBytes", value))),
  $strLenCP: one((value) => byCodePoint.count(textIn("$strLenCP", value))),
  $substr: several(3, 3, substringOfBytes),
  $substrBytes: several(3, 3, substringOfBytes),
  $substrCP: several(3, 3, substringOfCodePoints),
  $indexOfBytes: finding("$indexOfBytes", byByte),
  $indexOfCP: finding("$indexOfCP", byCodePoint),
  $regexFind: searching("$regexFind", null, (matches) => {
    const match = firstOf(matches);
    return match ? found(match) : null;
  }),
  $regexFindAll: searching("$regexFindAll", [], (matches) => [...matches].map(found)),
  $regexMatch: searching("$regexMatch", false, (matches) => firstOf(matches) !== undefined),
  $binarySize: one((value) => {
    if (isNullish(value)) return null;
    if (value instanceof Binary) return value.length;
    return typeof value === "string"
      ? Buffer.byteLength(value)
      : fail(`$binarySize requires a string or BinData argument, found: ${kindOf(value)}`);
  }),
} satisfies Record<string, ExpressionOperator>;

/** An empty text is found in front of every character, and at the end. */
const withBetween = (input: string, replacement: string): string =>
  replacement +
  codePoints(input)
    .map((character) => character + replacement)
    .join("");
