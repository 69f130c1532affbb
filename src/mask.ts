/** What stands where a secret was, and what puts it there. */

export const MASK = "***";

/** A text with what is secret of it masked. */
export type Mask = (text: string) => string;
