/**
 * Differences as a result shows them. Long values only have to be recognised, by their beginning and their end, and by where
 * they differ.
 */
import { isDeepStrictEqual } from "node:util";
import { type Difference, dotted, type JsonObject, mapStrings, valueAt } from "../json.ts";
import { MASK } from "../mask.ts";
import type { Note } from "../schema/problems.ts";
import type { PartsOf } from "../secrets/parts.ts";
import type { Call } from "./context.ts";

/** A change; `partsOf` tells what is secret by its place. */
export function changeView({ path, requested, existing }: Difference, partsOf: PartsOf, call: Call): JsonObject {
  const view = (value: unknown) => (value === undefined ? undefined : call.visible(value, path, partsOf));
  const [before, after] = [view(existing), view(requested)];
  return {
    path: dotted(call.visiblePath(path)),
    ...(before !== undefined && { before: shortened(before, after) }),
    ...(after !== undefined && { after: shortened(after, before) }),
  };
}

/** What to say of a difference that stands in the way. */
export function differenceNote({ path, requested, existing }: Difference, partsOf: PartsOf, call: Call): Note {
  const view = (side: unknown) => (side === undefined ? undefined : call.visible(side, path, partsOf));
  const [before, after] = [view(existing), view(requested)];
  const text = (side: unknown, other: unknown) => JSON.stringify(shortened(side, other));
  const is = before === undefined ? "is not set" : `is ${text(before, after)}`;
  const should = after === undefined ? "it was not requested" : `${text(after, before)} was requested`;
  return { path: [...call.at, ...call.visiblePath(path)], message: sameView(before, after) ?? `${is}; ${should}` };
}

/** What to say of two that differ and look the same: a secret is masked in both, or the order of fields is no other sight. */
function sameView(before: unknown, after: unknown): string | undefined {
  // Two that differ in their middles alone are not the same, so the whole is compared.
  if (after === undefined || !isDeepStrictEqual(before, after)) return undefined;
  const text = JSON.stringify(after);
  if (JSON.stringify(before) === text && text.includes(MASK)) return "is another secret than the one requested";
  return `has its fields in another order: ${JSON.stringify(shortened(after))} was requested`;
}

/** The longest text that is shown whole, and how much of a longer one is, in UTF-16 units: more than the frame of a PEM. */
const LONGEST = 240;
const HEAD = 100;
const TAIL = 60;
/** How much is shown of a difference, and in front of it. */
const PART = 80;
const LEAD = 20;

/**
 * `value`, its secrets masked already, with every long text in it shortened in the middle, but for where it begins to
 * differ from what stands at the same place of `other`. No mask and no character is cut: what a cut would fall into is
 * left out whole.
 */
export function shortened(value: unknown, other?: unknown): unknown {
  return mapStrings(value, (text, path) => {
    if (text.length <= LONGEST) return text;
    const [from, to] = [cutBefore(text, HEAD), cutAfter(text, text.length - TAIL)];
    const left = (start: number, end: number) => ` … ${end - start} characters left out … `;
    const counterpart = valueAt(other, path);
    const differs = typeof counterpart === "string" ? firstDifference(text, counterpart) : from;
    const [partStart, partEnd] = [
      cutAfter(text, Math.max(differs - LEAD, from)),
      cutBefore(text, Math.min(differs + PART, to)),
    ];
    if (differs < from || partStart <= from || partEnd <= partStart || partEnd >= to)
      return `${text.slice(0, from)}${left(from, to)}${text.slice(to)}`;
    return `${text.slice(0, from)}${left(from, partStart)}${text.slice(partStart, partEnd)}${left(partEnd, to)}${text.slice(to)}`;
  });
}

function firstDifference(text: string, other: string): number {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  return at;
}

/** The last place up to `end` at which the text can be cut. */
function cutBefore(text: string, end: number): number {
  let place = end;
  while (isInside(text, place)) place -= 1;
  return place;
}

/** The first place from `start` at which it can be. */
function cutAfter(text: string, start: number): number {
  let place = start;
  while (isInside(text, place)) place += 1;
  return place;
}

/** Whether what stands around `place` may be one: asterisks a mask, two surrogates a character. */
function isInside(text: string, place: number): boolean {
  return /^(\*\*|[\ud800-\udbff][\udc00-\udfff])$/.test(text.slice(Math.max(place - 1, 0), place + 1));
}
