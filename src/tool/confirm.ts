/** The repeated name without which nothing is deleted. */
import { z } from "zod/v3";
import type { CallContext } from "./context.ts";
import { InvalidInput } from "./failure.ts";
import type { Resource } from "./resource.ts";

export const confirmArgument = z
  .string()
  .optional()
  .describe("The name again, once a person agreed; not for a dry run");

/** @throws {InvalidInput} where the name is not repeated. */
export function requireConfirm(
  confirm: string | undefined,
  name: string,
  { noun }: Resource,
  { mask }: CallContext,
): void {
  if (confirm === name) return;
  throw new InvalidInput(
    [{ path: ["confirm"], message: `must repeat the ${noun}'s name, ${JSON.stringify(mask(name))}` }],
    `Ask the person whether the ${noun} is to be deleted, and only then repeat its name; nothing was sent.`,
  );
}
