/** Differences as a result shows them. Long values only have to be recognised, by their beginning and their end. */
import { isDeepStrictEqual } from "node:util";
import { type Difference, dotted, type JsonObject, mapStrings } from "../json.ts";
import type { Note } from "../schema/problems.ts";
import type { PartsOf } from "../secrets/parts.ts";
import type { Call } from "./context.ts";

/** A change; `partsOf` tells what is secret by its place. */
export function changeView({ path, requested, existing }: Difference, partsOf: PartsOf, call: Call): JsonObject {
  const view = (value: unknown) => shortened(call.visible(value, path, partsOf));
  return {
    path: dotted(call.visiblePath(path)),
    ...(existing !== undefined && { before: view(existing) }),
    ...(requested !== undefined && { after: view(requested) }),
  };
}

/** What to say of a difference that stands in the way. */
export function differenceNote({ path, requested, existing }: Difference, partsOf: PartsOf, call: Call): Note {
  const view = (side: unknown) => (side === undefined ? undefined : call.visible(side, path, partsOf));
  const [before, after] = [view(existing), view(requested)];
  const text = (side: unknown) => JSON.stringify(shortened(side));
  const is = before === undefined ? "is not set" : `is ${text(before)}`;
  const should = after === undefined ? "it was not requested" : `${text(after)} was requested`;
  return {
    path: [...call.at, ...call.visiblePath(path)],
    // Two that differ in their middles alone are not the same, so the whole is compared.
    message:
      after !== undefined && isDeepStrictEqual(before, after)
        ? "is another secret than the one requested"
        : `${is}; ${should}`,
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
