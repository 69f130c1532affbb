/** Notes that say how serious they are: a refusal where Atlas surely refuses the value, else a warning. */
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
  const of = (severity: Remark["severity"]): Note[] =>
    remarks.filter((remark) => remark.severity === severity).map(({ path, message }) => ({ path, message }));
  return { problems: of("refusal"), warnings: of("warning") };
}
