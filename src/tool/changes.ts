/** What an update changes, as a result shows it: long values only have to be recognised, by their beginning and their end. */
import { type Difference, dotted, type JsonObject, mapStrings } from "../json.ts";
import type { PartsOf } from "../secrets/parts.ts";
import type { Call } from "./context.ts";

/** `partsOf` tells what is secret by its place; long values are shortened. */
export function changeView({ path, asked, existing }: Difference, partsOf: PartsOf, call: Call): JsonObject {
  const view = (value: unknown) => shortened(call.visible(value, path, partsOf));
  return {
    path: dotted(call.visiblePath(path)),
    ...(existing !== undefined && { before: view(existing) }),
    ...(asked !== undefined && { after: view(asked) }),
  };
}

/** The longest text that is shown whole, and how much of a longer one is, in UTF-16 units: more than the frame of a PEM. */
const LONGEST = 240;
const HEAD = 100;
const TAIL = 60;

/**
 * `value`, its secrets masked already, with every long text in it shortened in the middle. No mask and no character is
 * cut: what a cut would fall into is left out whole.
 */
export function shortened(value: unknown): unknown {
  return mapStrings(value, (text) => {
    if (text.length <= LONGEST) return text;
    const [from, to] = [headEnd(text), tailStart(text)];
    return `${text.slice(0, from)} … ${to - from} characters left out … ${text.slice(to)}`;
  });
}

/** The last place up to `HEAD` at which the text can be cut. */
function headEnd(text: string): number {
  let end = HEAD;
  while (isInside(text, end)) end -= 1;
  return end;
}

/** The first place from `TAIL` units before the end at which it can be. */
function tailStart(text: string): number {
  let start = text.length - TAIL;
  while (isInside(text, start)) start += 1;
  return start;
}

/** Whether what stands around `place` may be one: asterisks a mask, two surrogates a character. */
function isInside(text: string, place: number): boolean {
  return /^(\*\*|[\ud800-\udbff][\udc00-\udfff])$/.test(text.slice(Math.max(place - 1, 0), place + 1));
}
