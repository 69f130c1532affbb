/** Guesses at what a misspelt word was meant to be. */
import leven, { closestMatch } from "leven";

/** Upper case without separators, and without the SHA that people write into `SCRAM-SHA-256`. */
const essence = (word: string) =>
  word
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .replace("SHA", "");

/**
 * The documented value of which `word` is surely another spelling (`scram-512`, `SASL-SSL`, `SCRAM-SHA-256`), else
 * undefined. It is strict, since what it catches is refused: a value that is merely unknown is not a near miss.
 */
export function nearMiss(word: string, known: readonly string[]): string | undefined {
  const own = essence(word);
  return known.find((value) => value !== word && leven(essence(value), own) <= (value.length >= 8 ? 1 : 0));
}

/** What is longer is no misspelt word, and looking for one in it would take long. */
const LONGEST = 200;

/** The candidate that a person would suggest for `word`, else undefined. It may be wrong, so it is only ever suggested. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  const lower = word.toLowerCase();
  const same = candidates.find((candidate) => candidate.toLowerCase() === lower);
  if (same) return same;
  const swapped = candidates.find((candidate) => isSwapped(lower, candidate.toLowerCase()));
  if (swapped) return swapped;
  const close = closestMatch(
    lower,
    candidates.map((c) => c.toLowerCase()),
    { maxDistance: Math.max(1, Math.floor(word.length / 3)) },
  );
  if (close !== undefined) return candidates.find((candidate) => candidate.toLowerCase() === close);
  if (lower.length < 3) return undefined;
  return candidates.find(
    (candidate) => candidate.toLowerCase().includes(lower) || lower.includes(candidate.toLowerCase()),
  );
}

/** Whether two neighbouring letters have changed places. */
function isSwapped(word: string, other: string): boolean {
  const at = [...word].findIndex((letter, index) => letter !== other[index]);
  return (
    word.length === other.length &&
    word[at] === other[at + 1] &&
    word[at + 1] === other[at] &&
    word.slice(at + 2) === other.slice(at + 2)
  );
}
