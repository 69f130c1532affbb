/** What is said of a pipeline: as of a connection, a refusal where Atlas surely refuses it, else a warning. */
import type { Path } from "../json.ts";
import type { Note } from "./problems.ts";

export interface Remark extends Note {
  severity: "warning" | "refusal";
}

export const refusal = (path: Path, message: string): Remark => ({ path, message, severity: "refusal" });
export const warning = (path: Path, message: string): Remark => ({ path, message, severity: "warning" });

/** What is told of a pipeline: with problems it is not sent. */
export interface Checked {
  problems: Note[];
  warnings: Note[];
}

export function checked(remarks: readonly Remark[]): Checked {
  const notes = (wanted: Remark["severity"]): Note[] =>
    remarks.filter(({ severity }) => severity === wanted).map(({ path, message }) => ({ path, message }));
  return { problems: notes("refusal"), warnings: notes("warning") };
}
