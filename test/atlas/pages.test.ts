import { describe, expect, test } from "vitest";
import type { Atlas } from "../../src/atlas/atlas.ts";
import { listWorkspaces, PAGE_SIZE } from "../../src/atlas/endpoints.ts";
import { AtlasFailure } from "../../src/atlas/failure.ts";
import { readPages } from "../../src/atlas/pages.ts";
import { fakeAtlas, inTurn, type Reply } from "./fake-atlas.ts";

const entries = (count: number, from = 0) => Array.from({ length: count }, (_, at) => ({ name: `n${from + at}` }));

async function read(reply: Reply) {
  const atlas = fakeAtlas(reply);
  const listing = await readPages(atlas, listWorkspaces("32b6e34b3d91647abb20e7b8"), new AbortController().signal);
  return { ...listing, pages: atlas.requests.map(({ request }) => /pageNum=(\d+)/.exec(request.path)?.[1]) };
}

describe("a list of which a policy hides some", () => {
  test("is read to its end, though whole pages are hidden", async () => {
    const pages = [PAGE_SIZE, PAGE_SIZE, 3].map((count, page) => ({
      results: entries(count, page * PAGE_SIZE),
      totalCount: 1003,
    }));
    const asked: string[] = [];
    const read: Atlas["read"] = async ({ path }) => {
      asked.push(path);
      const body = pages[asked.length - 1] ?? { results: [], totalCount: 0 };
      const results = body.results.filter(({ name }) => ["n1001", "n1002"].includes(name));
      const leftOut = body.results.length - results.length;
      return { status: 200, headers: {}, bytes: Buffer.alloc(0), text: "", body: { ...body, results }, leftOut };
    };
    const list = listWorkspaces("32b6e34b3d91647abb20e7b8");
    const listing = await readPages({ read }, list, new AbortController().signal);
    expect(listing.entries).toEqual([{ name: "n1001" }, { name: "n1002" }]);
    expect(asked).toHaveLength(3);
  });
});

describe("a list", () => {
  test("of one page is read once", async () => {
    expect(await read(() => ({ results: entries(2), totalCount: 2 }))).toEqual({
      entries: entries(2),
      pages: ["1"],
    });
  });

  test("of several pages is read to its end, in order", async () => {
    const reply = inTurn(
      { results: entries(PAGE_SIZE), totalCount: PAGE_SIZE + 3 },
      { results: entries(3, PAGE_SIZE), totalCount: PAGE_SIZE + 3 },
    );
    expect(await read(reply)).toEqual({ entries: entries(PAGE_SIZE + 3), pages: ["1", "2"] });
  });

  test("is read on where pages are smaller than was asked for", async () => {
    const reply = inTurn({ results: entries(2), totalCount: 3 }, { results: entries(1, 2), totalCount: 3 });
    expect(await read(reply)).toEqual({ entries: entries(3), pages: ["1", "2"] });
  });

  test("ends at an empty page, whatever its total says", async () => {
    const reply = inTurn({ results: entries(2), totalCount: 99 }, { results: [], totalCount: 99 });
    expect(await read(reply)).toMatchObject({ entries: entries(2) });
  });

  test("without a total ends at a page that is not full", async () => {
    expect(await read(() => ({ results: entries(2) }))).toMatchObject({ entries: entries(2), pages: ["1"] });
  });

  test("of thousands of entries is read whole", async () => {
    const reply = inTurn(
      ...Array.from({ length: 20 }, (_, page) => ({ results: entries(PAGE_SIZE, page * PAGE_SIZE) })),
      { results: [] },
    );
    expect((await read(reply)).entries).toEqual(entries(20 * PAGE_SIZE));
  });

  test.each<[string, Reply]>([
    ["whose pages are all the same", () => ({ results: entries(PAGE_SIZE) })],
    [
      "without an end",
      ({ path }) => ({ results: entries(100, Number(/pageNum=(\d+)/.exec(path)?.[1]) * 100), totalCount: 1e9 }),
    ],
  ])("%s cannot be read", async (_, reply) => {
    await expect(read(reply)).rejects.toMatchObject({
      kind: "atlas_error",
      message: expect.stringMatching(/has no end/),
    });
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
