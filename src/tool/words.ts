/** What the sentences of results share. */

/** A text as a sentence: what Atlas says may end with a full stop already, or not. */
export const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** `1 step`, `2 steps`. */
export const howMany = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
