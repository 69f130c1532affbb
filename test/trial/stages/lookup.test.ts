/**
 * `$lookup` and `$cachedLookup`.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-lookup/
 * @see https://www.mongodb.com/docs/manual/reference/operator/aggregation/lookup/
 */
import { describe, expect, test } from "vitest";
import { valueAt } from "../../../src/json.ts";
import { tried } from "./tried.ts";

const from = { connectionName: "store", db: "shop", coll: "items" };
const equality = { from, localField: "item", foreignField: "sku", as: "found" };
const items = [
  { _id: 1, sku: "almonds", instock: 120 },
  { _id: 2, sku: "bread", instock: 80 },
  { _id: 3, sku: "cashews", instock: 60 },
  { _id: 4, sku: "pecans", instock: 70 },
  { _id: 5, sku: null },
  { _id: 6 },
];
const collections = { "shop.items": items };

/** The `_id`s that each document found. */
function found(lookup: object, documents: object[], stage = "$lookup"): unknown[] {
  const { output } = tried([{ [stage]: lookup }, { $project: { ids: "$found._id" } }], {
    documents,
    collections,
  });
  return output.map((document) => valueAt(document, ["ids"]));
}

test.each(["$lookup", "$cachedLookup"])("%s joins documents that have an equal value", (stage) => {
  const orders = [{ item: "almonds" }, { item: "pecans" }, { item: "water" }];
  expect(found({ ...equality, ttl: { size: 1, unit: "minute" } }, orders, stage)).toEqual([[1], [4], []]);
});

describe("an equality", () => {
  test.each([
    ["takes a missing value for null", {}, [5, 6]],
    ["finds null and missing for null", { item: null }, [5, 6]],
    ["joins with each item of a list", { item: ["bread", "cashews"] }, [2, 3]],
    ["takes an empty list for null", { item: [] }, [5, 6]],
    ["tells kinds apart", { item: 7 }, []],
  ])("%s", (_, order, ids) => {
    expect(found(equality, [order])).toEqual([ids]);
  });

  test("compares numbers of all kinds, and reaches into lists of documents", () => {
    const lookup = { from, localField: "lines.id", foreignField: "_id", as: "found" };
    const order = { lines: [{ id: { $numberLong: "2" } }, { id: { $numberDecimal: "3.0" } }, {}] };
    expect(found(lookup, [order])).toEqual([[2, 3]]);
  });
});

test("an equality finds lists by their items, and as a whole", () => {
  const lists = [
    { _id: 1, f: [1, 2] },
    { _id: 2, f: [[1, 2]] },
    { _id: 3, f: [{ n: 1 }, {}] },
    { _id: 4, f: [] },
  ];
  const idsFor = (localValue: unknown, foreignField: string) => {
    const lookup = { from, localField: "v", foreignField, as: "found" };
    const { output } = tried([{ $lookup: lookup }, { $project: { ids: "$found._id" } }], {
      documents: [{ v: localValue }],
      collections: { "shop.items": lists },
    });
    return valueAt(output, ["0", "ids"]);
  };
  expect(idsFor(2, "f")).toEqual([1]);
  expect(idsFor([[1, 2]], "f")).toEqual([1, 2]);
  expect(idsFor(1, "f.n")).toEqual([3]);
  expect(idsFor(null, "f.n")).toEqual([3]);
});

/** The page's example: weather reports get the descriptions of their dew point, and those without any are left out. */
test("what it found can be asked for by the stages after it", () => {
  const description = { dewPoint: 12.5, relativeHumidity: 62, condition: "humid, muggy" };
  const { output } = tried(
    [
      {
        $lookup: {
          from: { connectionName: "weather", db: "humidity", coll: "descriptions" },
          localField: "dewPoint.value",
          foreignField: "dewPoint",
          as: "humidity_info",
        },
      },
      { $match: { humidity_info: { $ne: [] } } },
    ],
    {
      documents: [{ dewPoint: { value: 12.5 } }, { dewPoint: { value: 3 } }],
      collections: { "humidity.descriptions": [description] },
    },
  );
  expect(output).toEqual([{ dewPoint: { value: 12.5 }, humidity_info: [description] }]);
});

describe("a pipeline", () => {
  test("runs on the collection with the values of let", () => {
    const lookup = {
      from,
      let: { ordered: "$ordered", sku: "$item" },
      pipeline: [
        { $match: { $expr: { $and: [{ $eq: ["$sku", "$$sku"] }, { $gte: ["$instock", "$$ordered"] }] } } },
        { $addFields: { left: { $subtract: ["$instock", "$$ordered"] } } },
      ],
      as: "found",
    };
    const { output } = tried([{ $lookup: lookup }], {
      documents: [
        { item: "almonds", ordered: 2 },
        { item: "cashews", ordered: 61 },
      ],
      collections,
    });
    expect(output.map((document) => valueAt(document, ["found"]))).toEqual([
      [{ _id: 1, sku: "almonds", instock: 120, left: 118 }],
      [],
    ]);
  });

  test("comes after the equality where there are both, and can sort, limit and group", () => {
    const best = [{ $match: { instock: { $exists: true } } }, { $sort: { instock: -1 } }, { $limit: 2 }];
    expect(found({ from, pipeline: best, as: "found" }, [{}])).toEqual([[1, 2]]);
    expect(found({ ...equality, pipeline: best }, [{ item: "pecans" }])).toEqual([[4]]);
    const total = [{ $group: { _id: "all", n: { $sum: "$instock" } } }];
    const { output } = tried([{ $lookup: { from, pipeline: total, as: "found" } }], {
      documents: [{}],
      collections,
    });
    expect(output).toEqual([{ found: [{ _id: "all", n: 330 }] }]);
  });

  test("can look up in the same database itself", () => {
    const lookup = {
      ...equality,
      pipeline: [{ $lookup: { from: "shelves", localField: "_id", foreignField: "item", as: "shelf" } }],
    };
    const { output } = tried([{ $lookup: lookup }], {
      documents: [{ item: "bread" }],
      collections: { ...collections, "shop.shelves": [{ item: 2, row: "B" }] },
    });
    expect(output).toMatchObject([{ found: [{ _id: 2, shelf: [{ item: 2, row: "B" }] }] }]);
  });

  test("can begin with documents of its own", () => {
    const lookup = {
      pipeline: [{ $documents: [{ k: 1 }, { k: 2 }] }, { $match: { k: 2 } }],
      as: "found",
    };
    expect(tried([{ $lookup: lookup }], { documents: [{}] }).output).toEqual([{ found: [{ k: 2 }] }]);
  });

  test("that fails makes the document a dead letter", () => {
    const lookup = { from, pipeline: [{ $addFields: { n: { $divide: [1, 0] } } }], as: "found" };
    const { output, deadLetters } = tried([{ $lookup: lookup }], { documents: [{ a: 1 }], collections });
    expect(output).toEqual([]);
    expect(deadLetters).toMatchObject([{ reason: expect.stringMatching(/LookUpOperator with error: .*zero/) }]);
  });
});

test("`as` may lead into a document, and takes the place of what is there", () => {
  const { output } = tried([{ $lookup: { ...equality, as: "a.found" } }], {
    documents: [{ item: "water", a: { b: 1, found: "x" } }],
    collections,
  });
  expect(output).toEqual([{ item: "water", a: { b: 1, found: [] } }]);
});

test("a collection of which nothing was given leaves the document unchanged, and the stage untried", () => {
  const { output, untried } = tried([{ $lookup: equality }], { documents: [{ item: "bread" }] });
  expect(output).toEqual([{ item: "bread" }]);
  expect(untried).toMatchObject([{ stage: expect.anything(), why: expect.stringContaining("shop.items") }]);
});
