import { describe, expect, test } from "vitest";
import { listWorkspaces, PAGE_SIZE } from "../../src/atlas/endpoints.ts";
import { AtlasFailure } from "../../src/atlas/failure.ts";
import { MOST_ENTRIES, readPages } from "../../src/atlas/pages.ts";
import { fakeAtlas, inTurn, type Reply } from "./fake-atlas.ts";

const entries = (count: number, from = 0) => Array.from({ length: count }, (_, at) => ({ name: `n${from + at}` }));

async function read(reply: Reply) {
  const atlas = fakeAtlas(reply);
  const listing = await readPages(atlas, listWorkspaces("32b6e34b3d91647abb20e7b8"), new AbortController().signal);
  return { ...listing, pages: atlas.requests.map(({ request }) => /pageNum=(\d+)/.exec(request.path)?.[1]) };
}

describe("a list", () => {
  test("of one page is read once", async () => {
    expect(await read(() => ({ results: entries(2), totalCount: 2 }))).toEqual({
      entries: entries(2),
      truncated: false,
      pages: ["1"],
    });
  });

  test("of several pages is read to its end, in order", async () => {
    const reply = inTurn(
      { results: entries(PAGE_SIZE), totalCount: PAGE_SIZE + 3 },
      { results: entries(3, PAGE_SIZE), totalCount: PAGE_SIZE + 3 },
    );
    expect(await read(reply)).toEqual({ entries: entries(PAGE_SIZE + 3), truncated: false, pages: ["1", "2"] });
  });

  test("is read on where pages are smaller than was asked for", async () => {
    const reply = inTurn({ results: entries(2), totalCount: 3 }, { results: entries(1, 2), totalCount: 3 });
    expect(await read(reply)).toEqual({ entries: entries(3), truncated: false, pages: ["1", "2"] });
  });

  test("ends at an empty page, whatever its total says", async () => {
    const reply = inTurn({ results: entries(2), totalCount: 99 }, { results: [], totalCount: 99 });
    expect(await read(reply)).toMatchObject({ entries: entries(2), truncated: false });
  });

  test("without a total ends at a page that is not full", async () => {
    expect(await read(() => ({ results: entries(2) }))).toMatchObject({ entries: entries(2), pages: ["1"] });
  });

  test("without an end is cut, and said to be", async () => {
    const listing = await read(() => ({ results: entries(PAGE_SIZE) }));
    expect(listing.truncated).toBe(true);
    expect(listing.entries).toHaveLength(MOST_ENTRIES);
  });

  test("of exactly as many entries as are read is whole", async () => {
    const full = { results: entries(PAGE_SIZE), totalCount: MOST_ENTRIES };
    const reply = inTurn(full, full, { results: [], totalCount: MOST_ENTRIES });
    const listing = await read(reply);
    expect(listing.entries).toHaveLength(MOST_ENTRIES);
    expect(listing.truncated).toBe(false);
  });

  test("leaves out entries that are none", async () => {
    expect((await read(() => ({ results: [null, "x", { name: "n0" }] }))).entries).toEqual(entries(1));
  });

  test.each([undefined, [], { results: {} }, {}])("that is answered with %j cannot be read", async (body) => {
    await expect(read(() => body)).rejects.toMatchObject({ kind: "atlas_error" });
  });

  test("that fails, fails", async () => {
    const failure = new AtlasFailure("forbidden", "no");
    await expect(read(() => failure)).rejects.toBe(failure);
  });
});
