/** What the sentences of results share. */

/** A text as a sentence: what Atlas says may end with a full stop already, or not. */
export const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** How something is done: with the tools for it, or by a person where the client is not offered one of them. */
export type Way = (doing: string, ...tools: readonly string[]) => string;

/** The ways of a client that `offers` says the tools of. */
export const wayWhere =
  (offers: (tool: string) => boolean): Way =>
  (doing, ...tools) => {
    if (tools.every(offers)) return `${doing} with ${tools.join(" and ")}`;
    const [first = "", rest] = [doing[0], doing.slice(1)];
    return first === first.toLowerCase() ? `have a person ${doing}` : `Have a person ${first.toLowerCase()}${rest}`;
  };

/** The ways of whoever has every tool. */
export const withEveryTool = wayWhere(() => true);

/** `1 step`, `2 steps`. */
export const howMany = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** At most this many names are listed in a sentence. */
const MOST_NAMES = 10;

/** The first of these names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : "";
  return `${names.slice(0, MOST_NAMES).join(", ")}${more}`;
}
