/** Chance that can be repeated: everything random in a run comes from its seed. */

export interface Chance {
  /** A number from 0 to below 1. */
  next(): number;
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  pick<T>(choices: readonly T[]): T;
  /** `length` characters of `alphabet`. */
  text(length: number, alphabet?: string): string;
  shuffled<T>(values: readonly T[]): T[];
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** @see https://github.com/bryc/code/blob/master/jshash/PRNGs.md (mulberry32) */
export function seeded(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return {
    next,
    below,
    pick<T>(choices: readonly T[]): T {
      const choice = choices[below(choices.length)];
      if (choice === undefined) throw new Error("Nothing to pick from");
      return choice;
    },
    text: (length, alphabet = ALPHANUMERIC) =>
      Array.from({ length }, () => alphabet[below(alphabet.length)] ?? "").join(""),
    shuffled: (values) =>
      values
        .map((value) => ({ value, at: next() }))
        .sort((a, b) => a.at - b.at)
        .map(({ value }) => value),
  };
}
