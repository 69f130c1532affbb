/** The results of tools that only read. */
import { z } from "zod/v3";
import type { Listing } from "../atlas/pages.ts";
import { anyError } from "./result.ts";

/** A result that holds `fields` on success and `error` on failure. */
export function readResultSchema<Fields extends z.ZodRawShape>(fields: Fields) {
  return z
    .object({
      outcome: z.enum(["ok", "failed"]).describe("What happened"),
      summary: z.string().describe("For a person"),
      ...fields,
      error: anyError,
    })
    .passthrough();
}

/** A list of which only what tells entries apart is shown. */
export const entries = (description: string) => z.array(z.object({}).passthrough()).optional().describe(description);

export const truncated = z.boolean().optional().describe("There are more than were read");

/** How many were found, and how far was looked where that was not to the end. */
export function counted(found: readonly unknown[], what: string, { entries, truncated, totalCount }: Listing): string {
  const how = truncated ? ` among the first ${entries.length} of ${totalCount}; the others were not read` : "";
  return `${found.length} ${what}${found.length === 1 ? "" : "s"} found${how}.`;
}
