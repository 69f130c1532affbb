/** Arguments that cannot be used. */
import type { Problem } from "../connections/problems.ts";

export class InvalidInput extends Error {
  override name = "InvalidInput";
  readonly problems: Problem[];
  readonly hint: string;

  constructor(problems: Problem[], hint?: string) {
    super("The arguments cannot be used");
    this.problems = problems;
    const paths = problems.map(({ path }) => path);
    this.hint =
      hint ?? [`Correct ${paths.join(", ")} and call again; nothing was sent.`, ...whereToFind(paths)].join(" ");
  }
}

/** The tools that list what an agent has no other way to know. */
function whereToFind(paths: readonly string[]): string[] {
  return [
    ...(paths.includes("groupId") ? ["list_projects shows the ids of projects."] : []),
    ...(paths.includes("tenantName") ? ["list_stream_workspaces shows the names of workspaces."] : []),
  ];
}
