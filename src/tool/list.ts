/** What the tools that list something share: the argument that narrows a list, and what a result says of its length. */
import { z } from "zod/v3";
import type { Listing } from "../atlas/pages.ts";
import { howMany } from "./words.ts";

export const nameContains = z.string().optional().describe("Part of the name");

export function contains(name: unknown, part: string | undefined): boolean {
  return part === undefined || String(name).toLowerCase().includes(part.toLowerCase());
}

export const truncated = z.boolean().optional().describe("There are more");

/** How many were found, and how far was looked where that was not to the end. */
export function counted(found: readonly unknown[], what: string, { entries, truncated, totalCount }: Listing): string {
  const how = truncated ? ` among the first ${entries.length} of ${totalCount}; the others were not read` : "";
  return `${howMany(found.length, what)} found${how}.`;
}
