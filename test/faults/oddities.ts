/** Oddities of Atlas that are drawn beside a fault; without one, the sandbox is as odd as in every test. */
import type { Oddities } from "../../src/sandbox/data/oddities.ts";
import type { NameState } from "./oracle.ts";
import type { Job } from "./scene.ts";

export interface OddityCase {
  name: string;
  changes: Partial<Oddities>;
  /** Whether a call can meet it, and must report what it must without it. */
  meets(job: Job, name: NameState): boolean;
}

export const oddityCases: readonly OddityCase[] = [
  { name: "as ever", changes: {}, meets: () => true },
  {
    name: "hidden for longer",
    changes: { hiddenMs: 600 },
    meets: ({ verb, resource }) => verb === "create" && resource !== "processor",
  },
  {
    name: "deleted for longer",
    changes: { deletingMs: 1_500 },
    meets: ({ verb, resource }) => verb === "delete" && resource !== "processor",
  },
  {
    name: "headers not returned",
    changes: { headersReturned: false },
    // Whether one differs in its headers, or was changed in them, cannot be seen then.
    meets: ({ resource }, name) =>
      resource === "connection" && !["taken by another", "with a change to see"].includes(name),
  },
  {
    name: "plain",
    changes: {
      innerLinks: false,
      fieldsReordered: false,
      datesRespelled: false,
      defaultsLeftOut: false,
      errorMessages: false,
    },
    meets: () => true,
  },
];
