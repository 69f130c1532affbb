/** One page of a list, chosen by `pageNum` and `itemsPerPage`. */
import { ApiError } from "./api-error.ts";
import type { RoutedRequest } from "./handler.ts";

/** The page of `items` that the request asks for. */
export function pageOf<Item>(items: readonly Item[], request: RoutedRequest) {
  const pageNum = wholeNumber(request, "pageNum", 1, Number.MAX_SAFE_INTEGER);
  const itemsPerPage = wholeNumber(request, "itemsPerPage", 100, 500);
  const start = (pageNum - 1) * itemsPerPage;
  const links = [link(request, "self", pageNum)];
  if (pageNum > 1) links.push(link(request, "previous", pageNum - 1));
  if (start + itemsPerPage < items.length) links.push(link(request, "next", pageNum + 1));
  return { links, results: items.slice(start, start + itemsPerPage), totalCount: items.length };
}

function link({ origin, path, query }: RoutedRequest, rel: string, pageNum: number) {
  return { href: `${origin}${path}?${new URLSearchParams({ ...query, pageNum: String(pageNum) })}`, rel };
}

function wholeNumber({ query }: RoutedRequest, name: string, otherwise: number, max: number): number {
  const text = query[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
  throw new ApiError(400, "INVALID_QUERY_PARAMETER", `The query parameter ${name} must be a number from 1 to ${max}.`, {
    parameters: [name],
  });
}
