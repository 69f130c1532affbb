/**
 * What there is to say of values, as data: which of them it is about, and whether it refuses them. Apart from the words of
 * `problems.ts`, which take zod: a server has nothing to check before its first call.
 */
import { dotted, type Path } from "../json.ts";

/** Something to say about the value at a path: a problem, which refuses it, or a warning. */
export interface Note {
  /** From the arguments, such as `["connection", "aws", "roleArn"]`. */
  path: Path;
  message: string;
}

/** A note in one line. */
export const noteLine = ({ path, message }: Note): string => `${dotted(path)}: ${message}`;

/** A note on what Atlas surely refuses, or on what only may be wrong. */
export interface Remark extends Note {
  severity: "warning" | "refusal";
}

export const refusal = (path: Path, message: string): Remark => ({ path, message, severity: "refusal" });
export const warning = (path: Path, message: string): Remark => ({ path, message, severity: "warning" });

/** With problems, nothing is sent. */
export type Checked = Record<"problems" | "warnings", Note[]>;

export function checked(remarks: readonly Remark[]): Checked {
  const notesOf = (severity: Remark["severity"]): Note[] =>
    remarks.filter((remark) => remark.severity === severity).map(({ path, message }) => ({ path, message }));
  return { problems: notesOf("refusal"), warnings: notesOf("warning") };
}

/** Arguments that cannot be used; nothing was sent. */
export class InvalidInput extends Error {
  override name = "InvalidInput";
  readonly problems: readonly Note[];
  readonly hint: string | undefined;
  /** What else may be wrong. */
  readonly warnings: readonly Note[];

  constructor(problems: readonly Note[], hint?: string, warnings: readonly Note[] = []) {
    super("The arguments cannot be used");
    this.problems = problems;
    this.hint = hint;
    this.warnings = warnings;
  }
}
