/** One line of input for the server, and the answer that it has to get. */

export interface FuzzInput {
  /** The line without its end. */
  line: Buffer;
  /** The id that the one answer must carry, as JSON; undefined where there must be none. */
  answer: string | undefined;
  /** What is wrong with the answer; undefined where nothing is. */
  fault?: (answer: FuzzAnswer) => string | undefined;
  /** How it is written: whole, or in pieces of this many bytes. */
  pieces?: number;
}

export interface FuzzAnswer {
  id?: unknown;
  result?: unknown;
  error?: { code?: unknown; message?: unknown };
}

/** Makes the `number`th input; the number makes its id its own. */
export type MakeInput = (number: number) => FuzzInput;

/** An error with one of these codes. */
export const refusedWith =
  (...codes: number[]) =>
  ({ error }: FuzzAnswer) =>
    codes.includes(Number(error?.code)) ? undefined : `not an error ${codes.join(" or ")}`;
