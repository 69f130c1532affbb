/** One page of a list, chosen by `pageNum` and `itemsPerPage`. */
import { ApiError } from "./api-error.ts";
import type { Call } from "./call.ts";

/** The page of `items` that the call asks for. */
export function pageOf<Item>(items: readonly Item[], call: Call) {
  const pageNum = wholeNumber(call, "pageNum", 1, Number.MAX_SAFE_INTEGER);
  const itemsPerPage = wholeNumber(call, "itemsPerPage", 100, 500);
  const start = (pageNum - 1) * itemsPerPage;
  const links = [link(call, "self", pageNum)];
  if (pageNum > 1) links.push(link(call, "previous", pageNum - 1));
  if (start + itemsPerPage < items.length) links.push(link(call, "next", pageNum + 1));
  return { links, results: items.slice(start, start + itemsPerPage), totalCount: items.length };
}

function link({ request }: Call, rel: string, pageNum: number) {
  const query = new URLSearchParams({ ...request.query, pageNum: String(pageNum) });
  return { href: `${request.origin}${request.path}?${query}`, rel };
}

function wholeNumber({ request }: Call, name: string, otherwise: number, max: number): number {
  const text = request.query[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
  throw new ApiError(400, "INVALID_QUERY_PARAMETER", `The query parameter ${name} must be a number from 1 to ${max}.`, {
    parameters: [name],
  });
}
