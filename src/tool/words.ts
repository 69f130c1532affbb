/** What the sentences of results share. */

/** A text as a sentence: what Atlas says may end with a full stop already, or not. */
export const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** `1 step`, `2 steps`. */
export const howMany = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** At most this many names are listed in a sentence. */
const MOST_NAMES = 10;

/** The first of these names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : "";
  return `${names.slice(0, MOST_NAMES).join(", ")}${more}`;
}
