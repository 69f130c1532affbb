/**
 * Numbers as they are written. JavaScript rounds whole numbers beyond 2^53 and knows none beyond a double, and JSON.parse
 * says nothing of it; whoever wrote such a number is told how to write it.
 */
import { isObject, type Path } from "../json.ts";
import type { Note } from "./problems.ts";

/** What may be such a number. Nearly no text has it, and is read as ever. */
const DOUBTFUL = /\d{16}|\de[+-]?\d{3}/i;
/** Strings, so that what is in them is passed over, and numbers. */
const TOKEN = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

/** The key of an object that stands where such a number stood; no text that people write has it. */
const MARK = "\u0000number";

/** Reads JSON text; where a number stands that would be changed is then found by `withoutLost`. @throws {SyntaxError} */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!DOUBTFUL.test(text)) return value;
  const mark = (token: string) => (token.startsWith('"') || isKept(token) ? token : JSON.stringify({ [MARK]: token }));
  return JSON.parse(text.replace(TOKEN, mark));
}

/** Whether a number is the same when it is written again. */
function isKept(token: string): boolean {
  const number = Number(token);
  if (!Number.isFinite(number)) return false;
  if (/^-?\d+$/.test(token)) return Number.isSafeInteger(number) || String(number) === token;
  return number !== 0 || !/[1-9]/.test(token.replace(/e.*/i, ""));
}

const HOW =
  'is a number that would be changed on its way. In a pipeline or a document, write {"$numberLong": "…"} or, beyond 64 bits, {"$numberDecimal": "…"}; elsewhere, write it as text';

/** The value, to which `at` leads, with what JavaScript makes of such numbers, and a problem for each. */
export function withoutLost(value: unknown, at: Path): { value: unknown; problems: Note[] } {
  const problems: Note[] = [];
  const clean = (inner: unknown, path: Path): unknown => {
    if (Array.isArray(inner))
      return keptIfSame(
        inner,
        inner.map((item, index) => clean(item, [...path, `${index}`])),
      );
    if (!isObject(inner)) return inner;
    const token = inner[MARK];
    if (typeof token === "string") {
      problems.push({ path, message: HOW });
      return Number(token);
    }
    const entries = Object.entries(inner).map(([key, each]) => [key, clean(each, [...path, key])] as const);
    return entries.every(([key, each]) => each === inner[key]) ? inner : Object.fromEntries(entries);
  };
  return { value: clean(value, at), problems };
}

const keptIfSame = (list: readonly unknown[], other: readonly unknown[]) =>
  other.every((item, index) => item === list[index]) ? list : other;
