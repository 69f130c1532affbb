/**
 * How large values may become. A thread that runs out of memory is ended, but one single value that is too large for it
 * ends the process, so what makes values larger asks here first.
 */
import { Untried } from "../failures.ts";
import { Binary, isDocument } from "./values.ts";

const MOST_CHARACTERS = 1_000_000;
const MOST_ITEMS = 100_000;
/** Characters, and a few for each value. */
const MOST_OF_DOCUMENT = 4_000_000;
/** As MongoDB has it. */
const MOST_LEVELS = 200;

/** @throws {Untried} where a text would be longer than a trial makes it. */
export function checkLength(characters: number): void {
  if (characters > MOST_CHARACTERS) throw new Untried(`a text of more than ${MOST_CHARACTERS} characters`);
}

/** @throws {Untried} where a list would be longer than a trial makes it. */
export function checkItems(count: number): void {
  if (count > MOST_ITEMS) throw new Untried(`a list of more than ${MOST_ITEMS} items`);
}

/** Whether a value is of a size that can be computed on and written down. */
export function isOfSize(value: unknown, most = MOST_OF_DOCUMENT): boolean {
  let left = most;
  const take = (inner: unknown, level: number): boolean => {
    left -= typeof inner === "string" ? inner.length + 8 : inner instanceof Binary ? inner.length + 8 : 8;
    if (left < 0) return false;
    if (Array.isArray(inner)) return level < MOST_LEVELS && inner.every((item) => take(item, level + 1));
    if (!isDocument(inner)) return true;
    return (
      level < MOST_LEVELS &&
      Object.entries(inner).every(([name, field]) => {
        left -= name.length;
        return take(field, level + 1);
      })
    );
  };
  return take(value, 0);
}
