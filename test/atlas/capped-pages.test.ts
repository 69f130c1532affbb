/** Lists of servers that do not keep to what was asked of them. */
import { describe, expect, test } from "vitest";
import { listWorkspaces } from "../../src/atlas/endpoints.ts";
import { readPages } from "../../src/atlas/pages.ts";
import { fakeAtlas } from "./fake-atlas.ts";

/** A server with `count` entries that gives at most `cap` at a time, and `more` on each page. */
async function read(count: number, cap: number, more: (pageNum: number) => object = () => ({})) {
  const atlas = fakeAtlas(({ path }) => {
    const pageNum = Number(/pageNum=(\d+)/.exec(path)?.[1]);
    const names = Array.from({ length: count }, (_, index) => ({ name: `n${index}` }));
    return { results: names.slice((pageNum - 1) * cap, pageNum * cap), ...more(pageNum) };
  });
  const listing = await readPages(atlas, listWorkspaces("32b6e34b3d91647abb20e7b8"), new AbortController().signal);
  return { ...listing, entries: listing.entries.length, pages: atlas.requests.length };
}

describe("a server that gives at most 100 entries a page", () => {
  test.each([
    ["with a total", () => ({ totalCount: 250 })],
    ["without a total", () => ({})],
    ["with a total that is too low", () => ({ totalCount: 3 })],
    ["with a total that is too high", () => ({ totalCount: 9999 })],
    ["with links", (pageNum: number) => ({ links: [{ rel: pageNum < 3 ? "next" : "self", href: "x" }] })],
  ])("is read to the end, %s", async (_, more) => {
    expect(await read(250, 100, more)).toMatchObject({ entries: 250 });
  });

  test("is read to the end of a last page that is full", async () => {
    expect(await read(200, 100)).toMatchObject({ entries: 200, pages: 3 });
  });

  test("is read to the end of a long list", async () => {
    expect(await read(1400, 100, () => ({ totalCount: 1400 }))).toEqual({ entries: 1400, pages: 15 });
  });
});

describe("any other page size", () => {
  test.each(["next", "https://cloud.mongodb.com/next"])(
    "is read on where a link of the kind %s is given",
    async (rel) => {
      const more = (pageNum: number) => ({ links: [{ rel: "self" }, ...(pageNum < 4 ? [{ rel }] : [])] });
      expect(await read(25, 7, more)).toMatchObject({ entries: 25, pages: 4 });
    },
  );
});
