/** Lists of Atlas, read to the end. */
import { isObject, type JsonObject } from "../json.ts";
import type { Atlas } from "./atlas.ts";
import type { PagedList } from "./endpoints.ts";
import { AtlasFailure } from "./failure.ts";

/** At most this many entries of a list are read; the listing says when there were more. */
export const MOST_ENTRIES = 1_000;

export interface Listing {
  entries: JsonObject[];
  /** Whether there was more than `MOST_ENTRIES`. */
  truncated: boolean;
  /** How many entries there are in all, as far as is known; only where not all of them were read. */
  totalCount?: number;
}

/** A page whose length is a multiple of this may be full: Atlas gives 100 entries when it ignores `itemsPerPage`. */
const DEFAULT_PAGE_SIZE = 100;

/**
 * Reads a list page by page until Atlas has no more.
 * @throws {AtlasFailure} where a page cannot be read.
 */
export async function readPages(atlas: Atlas, list: PagedList, signal: AbortSignal): Promise<Listing> {
  const entries: JsonObject[] = [];
  for (let pageNum = 1; ; pageNum += 1) {
    const { body, status } = await atlas.read(list(pageNum), signal);
    const { results, totalCount, links } = isObject(body) ? body : {};
    if (!Array.isArray(results))
      throw new AtlasFailure("atlas_error", "Atlas answered with a list that cannot be read", { status });
    entries.push(...results.filter(isObject));
    const told = typeof totalCount === "number" ? totalCount : 0;
    if (entries.length > MOST_ENTRIES)
      return {
        entries: entries.slice(0, MOST_ENTRIES),
        truncated: true,
        totalCount: Math.max(told, entries.length),
      };
    // A page may be smaller than requested, and the total is an estimate: only all signs together end the list.
    const ended = results.length % DEFAULT_PAGE_SIZE !== 0 && entries.length >= told && !leadsOn(links);
    if (results.length === 0 || ended) return { entries, truncated: false };
  }
}

/** Whether a page names the one after it. */
function leadsOn(links: unknown): boolean {
  return Array.isArray(links) && links.some((link) => isObject(link) && /\bnext$/.test(String(link["rel"])));
}
