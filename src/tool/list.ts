/** What the tools that list something share: the arguments that narrow a list, and the page of it that a result shows. */
import { z } from "zod/v3";
import { unlisted } from "../schema/fields.ts";
import { howMany } from "./words.ts";

export const nameContains = z.string().optional().describe("Part of the name");

export function contains(name: unknown, part: string | undefined): boolean {
  return part === undefined || String(name).toLowerCase().includes(part.toLowerCase());
}

/** How many fit on a page, as entries and as the tool that gets one shows them. */
const PAGE = 200;
const DETAILED_PAGE = 20;

export const pageArguments = {
  detail: z.boolean().default(false).describe("Each in full"),
  page: z.number().int().min(1).default(1).describe(`Of ${PAGE}, or ${DETAILED_PAGE} with detail`),
};

export const pageFields = {
  totalCount: z.number().optional().describe("Of all pages"),
  truncated: z.boolean().optional().describe("There are more"),
  nextPage: unlisted(z.number().optional()),
};

/** The requested page of what was `found`, and what a result says of the others. */
export function pageOf<T>(found: readonly T[], noun: string, { page, detail }: { page: number; detail: boolean }) {
  const size = detail ? DETAILED_PAGE : PAGE;
  const pages = Math.max(1, Math.ceil(found.length / size));
  const truncated = page < pages;
  const where =
    page > pages
      ? `; the last of their pages is ${pages}`
      : pages > 1
        ? `; these are page ${page} of ${pages}${truncated ? `. Go on with page: ${page + 1}` : ""}`
        : "";
  return {
    shown: found.slice((page - 1) * size, page * size),
    summary: `${howMany(found.length, noun)} found${where}.`,
    rest: { totalCount: found.length, truncated, ...(truncated && { nextPage: page + 1 }) },
  };
}
