/** What is wrong with a pipeline: certainly, or perhaps. */
import type { Path } from "../json.ts";
import type { Note } from "../schema/problems.ts";

export interface Fault extends Note {
  /** Atlas surely refuses it; else it is only worth a word. */
  certain: boolean;
}

export const problem = (path: Path, message: string): Fault => ({ path, message, certain: true });
export const warning = (path: Path, message: string): Fault => ({ path, message, certain: false });

/** What is told of a pipeline: problems refuse it. */
export interface Checked {
  problems: Note[];
  warnings: Note[];
}

export function checked(faults: readonly Fault[]): Checked {
  const notes = (wanted: boolean): Note[] =>
    faults.filter(({ certain }) => certain === wanted).map(({ path, message }) => ({ path, message }));
  return { problems: notes(true), warnings: notes(false) };
}
