/** What every tool that deletes has: the name to repeat, without which nothing is deleted, and the word on what is not there. */
import { z } from "zod/v3";
import { InvalidInput } from "../schema/problems.ts";
import type { Call } from "./context.ts";
import type { Absent } from "./resource.ts";

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
export function requireConfirm({ name, confirm, dryRun }: Deletion, { resource: { noun }, mask, warn }: Call): void {
  if (confirm === name) return;
  const quotedName = JSON.stringify(mask(name));
  if (!dryRun)
    throw new InvalidInput(
      [{ path: ["confirm"], message: `must repeat the ${noun}'s name, ${quotedName}` }],
      `Ask the person whether to delete the ${noun}, and only then repeat its name; nothing was sent.`,
    );
  // An agent must not take the plan, or a name that is near, for leave to delete.
  warn(`Ask the person before the ${noun} ${quotedName} is deleted.`);
}

/** The result where there is nothing to delete. Of a mistyped name, it would otherwise read as a success. */
export function nothingToDelete({ name, nearest }: Absent, { resource: { noun }, mask, warn }: Call) {
  const quotedName = JSON.stringify(mask(name));
  if (nearest !== undefined)
    warn(
      `There is no ${noun} ${quotedName}; did you mean "${mask(nearest)}"? Ask the person before you delete that one.`,
    );
  return { outcome: "not_found" as const, summary: `There is no ${noun} ${quotedName}; nothing had to be deleted.` };
}
