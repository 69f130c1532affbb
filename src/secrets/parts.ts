/** Secrets inside strings: where they are, and the strings with a mask in their place. */
import { mapStrings, type Path } from "../json.ts";
import { MASK } from "../mask.ts";

/** A secret in a string: from the unit `start` to before `end`. */
export interface SecretPart {
  start: number;
  end: number;
  /** What it is, where it is a part: `password`, or the name of a parameter of a URL. */
  label?: string;
}

/** Which parts of the string at a path are secret. */
export type PartsOf = (text: string, path: Path) => readonly SecretPart[];

/** `text` with these parts masked. */
export function maskParts(text: string, parts: readonly SecretPart[]): string {
  return parts.toReversed().reduce((masked, { start, end }) => masked.slice(0, start) + MASK + masked.slice(end), text);
}

/** `value`, to which `at` leads, with every secret masked. */
export function maskValue(value: unknown, partsOf: PartsOf, at: Path = []): unknown {
  return mapStrings(value, (text, path) => maskParts(text, partsOf(text, path)), at);
}

/** The parts in order, those that overlap joined to one; with `touching`, also those without a gap between them. */
export function mergedParts(parts: readonly SecretPart[], touching = false): SecretPart[] {
  const merged: SecretPart[] = [];
  for (const part of [...parts].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && (part.start < last.end || (touching && part.start === last.end)))
      last.end = Math.max(last.end, part.end);
    else merged.push({ ...part });
  }
  return merged;
}
