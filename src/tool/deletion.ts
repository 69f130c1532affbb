/** What every tool that deletes has: the name to repeat, without which nothing is deleted, and the word on what is not there. */
import { z } from "zod/v3";
import { InvalidInput } from "../schema/problems.ts";
import type { Call } from "./context.ts";
import type { Absent, Resource } from "./resource.ts";

export const confirmArgument = z
  .string()
  .optional()
  .describe("The name again, once a person agreed; not for a dry run");

interface Deletion {
  name: string;
  confirm?: string | undefined;
  dryRun: boolean;
}

/** @throws {InvalidInput} where something is to be deleted and its name is not repeated. */
export function requireConfirm({ name, confirm, dryRun }: Deletion, { noun }: Resource, call: Call): void {
  if (confirm === name) return;
  const shown = JSON.stringify(call.mask(name));
  if (!dryRun)
    throw new InvalidInput(
      [{ path: ["confirm"], message: `must repeat the ${noun}'s name, ${shown}` }],
      `Ask the person whether the ${noun} is to be deleted, and only then repeat its name; nothing was sent.`,
    );
  // An agent must not take the plan, or a name that is near, for leave to delete.
  call.warn(`Ask the person whether the ${noun} ${shown} is to be deleted before it is.`);
}

/** The result where there is nothing to delete. Of a name that was mistyped, it would else read as a success. */
export function nothingToDelete({ name, nearest }: Absent, { noun }: Resource, call: Call) {
  const shown = JSON.stringify(call.mask(name));
  if (nearest !== undefined)
    call.warn(
      `There is no ${noun} ${shown}; did you mean "${call.mask(nearest)}"? Ask the person before you delete that one.`,
    );
  return { outcome: "not_found" as const, summary: `There is no ${noun} ${shown}; nothing had to be deleted.` };
}
