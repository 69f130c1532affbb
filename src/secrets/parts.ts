/** Secrets inside strings: where they are, and the strings with a mask in their place. */
import { mapStrings, type Path, valueAt } from "../json.ts";
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

/** `value`, in which each masked text is what `existing` has there, where `view` makes the same of that. */
export function withMasksFilled(
  value: unknown,
  existing: unknown,
  view: (text: string, path: Path) => unknown,
): unknown {
  return mapStrings(value, (text, path) => {
    const there = text.includes(MASK) ? valueAt(existing, path) : undefined;
    return typeof there === "string" && view(there, path) === text ? there : text;
  });
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

/** A private key in PEM, also where its line breaks are written as `\n`, or its end is missing. */
const PRIVATE_KEY =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?:\s|\\+[rn])*[A-Za-z0-9+/][\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g;

/** The private keys in a text. */
export function privateKeysIn(text: string): SecretPart[] {
  if (!text.includes("PRIVATE KEY")) return [];
  return [...text.matchAll(PRIVATE_KEY)].map(({ index, 0: key }) => ({ start: index, end: index + key.length }));
}

/** The host of a URL, after what logs in to it. */
const HOST = /(?<=:\/\/(?:[^\s/?#@]*@)?)[^\s/?#@]+(?![^\s/?#]*@)/g;

/** The parts but for those inside the host of a URL, which is shown. */
export function outsideHosts(text: string, parts: readonly SecretPart[]): SecretPart[] {
  if (parts.length === 0 || !text.includes("://")) return [...parts];
  const hosts = [...text.matchAll(HOST)].map(({ index, 0: host }) => ({ start: index, end: index + host.length }));
  return parts.filter((part) => !hosts.some(({ start, end }) => start <= part.start && part.end <= end));
}
