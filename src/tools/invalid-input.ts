/** Arguments that cannot be used. */
import type { Problem } from "../connections/problems.ts";

export class InvalidInput extends Error {
  override name = "InvalidInput";
  readonly problems: Problem[];
  readonly hint: string;

  constructor(problems: Problem[], hint?: string) {
    super("The arguments cannot be used");
    this.problems = problems;
    this.hint = hint ?? `Correct ${problems.map(({ path }) => path).join(", ")} and call again; nothing was sent.`;
  }
}
