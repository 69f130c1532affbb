/** Lists of Atlas, read to the end. */
import { isDeepStrictEqual } from "node:util";
import { isObject, type JsonObject } from "../json.ts";
import type { Answer } from "./answer.ts";
import type { Atlas } from "./atlas.ts";
import type { AtlasRequest, Find, PagedList } from "./endpoints.ts";
import { AtlasFailure } from "./failure.ts";

/** A whole list. */
export interface Listing {
  entries: JsonObject[];
}

/** A page whose length is a multiple of this may be full: Atlas gives 100 entries when it ignores `itemsPerPage`. */
const DEFAULT_PAGE_SIZE = 100;

/** No list of Atlas is as long: what has more pages is one page, given again and again. */
const MOST_PAGES = 200;

/**
 * Reads a list page by page until Atlas has no more.
 * @throws {AtlasFailure} where a page cannot be read, or the list does not end: what is not whole counts as unread.
 */
export const readPages = (atlas: Pick<Atlas, "read">, list: PagedList, signal: AbortSignal): Promise<Listing> =>
  allPages(list, (request) => atlas.read(request, signal));

async function allPages(list: PagedList, read: Read): Promise<Listing> {
  const entries: JsonObject[] = [];
  let hidden = 0;
  let last: unknown;
  for (let pageNum = 1; pageNum <= MOST_PAGES; pageNum += 1) {
    const { body, status, leftOut = 0 } = await read(list(pageNum));
    const { results, totalCount, links } = isObject(body) ? body : {};
    if (!Array.isArray(results))
      throw new AtlasFailure("atlas_error", "Atlas answered with a list that cannot be read", {
        status,
        retryable: true,
      });
    if (results.length > 0 && isDeepStrictEqual(results, last)) break;
    last = results;
    entries.push(...results.filter(isObject));
    hidden += leftOut;
    const length = results.length + leftOut;
    const told = typeof totalCount === "number" ? totalCount : 0;
    // A page may be smaller than requested, and the total is an estimate: only all signs together end the list.
    const ended = length % DEFAULT_PAGE_SIZE !== 0 && entries.length + hidden >= told && !leadsOn(links);
    if (length === 0 || ended) return { entries };
  }
  throw new AtlasFailure("atlas_error", `Atlas answered with a list that has no end (${entries.length} entries read)`);
}

/** Sends a read. */
type Read = (request: AtlasRequest) => Promise<Answer>;

/** What `find` shows; `nothing` where it is in none of the lists. */
export async function lookUp(find: Find, read: Read): Promise<unknown> {
  if (!("lists" in find)) return (await read(find)).body;
  const listings = await Promise.all(find.lists.map((list) => allPages(list, read)));
  return find.pick(listings.flatMap(({ entries }) => entries)) ?? "nothing";
}

/** Whether a page names the one after it. */
function leadsOn(links: unknown): boolean {
  return Array.isArray(links) && links.some((link) => isObject(link) && /\bnext$/.test(String(link["rel"])));
}
