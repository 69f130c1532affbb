/**
 * `$merge`.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-merge/
 * @see https://www.mongodb.com/docs/manual/reference/operator/aggregation/merge/
 */
import { describe, expect, test } from "vitest";
import { tried } from "./tried.ts";

const into = { connectionName: "store", db: "shop", coll: "stock" };

/** What the collection holds after the documents were written. */
function collection(fields: object, documents: object[], before?: object[]): unknown {
  const sink = { $merge: { into, ...fields } };
  const { collections } = tried([], { sink, documents, ...(before && { collections: { "shop.stock": before } }) });
  return collections["shop.stock"];
}

const twice = [
  { _id: 1, a: 1 },
  { _id: 1, b: 2 },
];

describe("a document that matches one in the collection", () => {
  test.each<[whenMatched: unknown, after: unknown[]]>([
    [undefined, [{ _id: 1, a: 1, b: 2 }]],
    ["merge", [{ _id: 1, a: 1, b: 2 }]],
    ["replace", [{ _id: 1, b: 2 }]],
    ["keepExisting", [{ _id: 1, a: 1 }]],
    ["delete", []],
  ])("is treated as whenMatched %j says", (whenMatched, after) => {
    expect(collection({ whenMatched }, twice)).toEqual(after);
  });

  test("has its fields merged at the top only", () => {
    expect(collection({}, [{ _id: 1, a: { y: 2 } }], [{ _id: 1, a: { x: 1 }, b: 1 }])).toEqual([
      { _id: 1, a: { y: 2 }, b: 1 },
    ]);
  });

  test("can be added by a pipeline with let, and is inserted as it is where it matches none", () => {
    const whenMatched = [{ $addFields: { steps: { $add: ["$steps", "$$more"] }, last: "$$new.steps" } }];
    const documents = [
      { _id: 1, steps: 100 },
      { _id: 2, steps: -10.5 },
      { _id: 3, steps: 55.55 },
    ];
    const before = [
      { _id: 1, steps: 10 },
      { _id: 2, steps: 50 },
    ];
    expect(collection({ let: { more: "$steps" }, whenMatched }, documents, before)).toEqual([
      { _id: 1, steps: 110, last: 100 },
      { _id: 2, steps: 39.5, last: -10.5 },
      { _id: 3, steps: 55.55 },
    ]);
  });

  test("can be appended to a list", () => {
    const whenMatched = [{ $set: { all: { $concatArrays: ["$all", "$$new.all"] } } }];
    expect(collection({ whenMatched }, [{ _id: 1, all: [2] }], [{ _id: 1, all: [1] }])).toEqual([
      { _id: 1, all: [1, 2] },
    ]);
  });

  test("is found by the fields of `on`, whatever kind their numbers are of", () => {
    const documents = [
      { key: { a: { $numberLong: "1" } }, n: 2 },
      { key: { a: 2 }, n: 3 },
    ];
    const after = collection({ on: ["key.a"] }, documents, [{ _id: "x", key: { a: 1 }, n: 1 }]);
    expect(after).toEqual([
      { _id: "x", key: { a: 1 }, n: 2 },
      { _id: expect.objectContaining({ $oid: expect.any(String) }), key: { a: 2 }, n: 3 },
    ]);
  });
});

/** As window after window writes what it has grouped by nothing. */
test("null is a value like any other, and a missing field is null", () => {
  const documents = [
    { _id: null, n: 1 },
    { _id: null, n: 2 },
  ];
  expect(collection({}, documents)).toEqual([{ _id: null, n: 2 }]);
  expect(collection({ on: "key" }, [{ n: 1 }, { key: null, n: 2 }])).toMatchObject([{ key: null, n: 2 }]);
});

describe("a document that matches none", () => {
  test.each([
    ["insert", 2],
    [undefined, 2],
    ["discard", 1],
  ])("is treated as whenNotMatched %j says", (whenNotMatched, count) => {
    expect(collection({ whenNotMatched }, [{ _id: 2 }], [{ _id: 1 }])).toHaveLength(count);
  });

  test("gets an _id in front where it has none", () => {
    expect(collection({}, [{ a: 1 }, { a: 1 }])).toEqual([
      { _id: { $oid: expect.any(String) }, a: 1 },
      { _id: { $oid: expect.any(String) }, a: 1 },
    ]);
  });
});

/** The page's example of deletes that are carried over from another cluster. */
test("expressions can say what to do", () => {
  const choose = (then: string, otherwise: string) => ({ $cond: { if: "$_isDelete", then, else: otherwise } });
  const fields = { whenMatched: choose("delete", "replace"), whenNotMatched: choose("discard", "insert") };
  const documents = [
    { _id: 1, _isDelete: true },
    { _id: 2, a: 2, _isDelete: false },
    { _id: 3, _isDelete: true },
    { _id: 4, _isDelete: false },
  ];
  expect(
    collection(fields, documents, [
      { _id: 1, a: 1 },
      { _id: 2, a: 1 },
    ]),
  ).toEqual([
    { _id: 2, a: 2, _isDelete: false },
    { _id: 4, _isDelete: false },
  ]);
});

/** The page's example of transactions that are sorted by customer and type. */
test("database and collection can be expressions", () => {
  const sink = { $merge: { into: { connectionName: "db1", db: "$customerStatus", coll: "$transactionType" } } };
  const documents = [
    { _id: 1, customerStatus: "VIP", transactionType: "subscription" },
    { _id: 2, customerStatus: "employee", transactionType: "requisition" },
    { _id: 3, customerStatus: "contractor", transactionType: "billableHours" },
    { _id: 4, customerStatus: "VIP" },
  ];
  const { collections, deadLetters } = tried([], { sink, documents });
  expect(collections).toEqual({
    "VIP.subscription": [documents[0]],
    "employee.requisition": [documents[1]],
    "contractor.billableHours": [documents[2]],
  });
  expect(deadLetters).toMatchObject([{ document: documents[3], reason: expect.stringContaining("$merge.into.coll") }]);
});

describe("what cannot be written is a dead letter, and changes nothing", () => {
  test.each<[string, object, object, object[]]>([
    ["a field of `on` that is a list", { on: "key" }, { key: [1] }, []],
    ["another _id", { on: "key" }, { _id: 2, key: 1 }, [{ _id: 1, key: 1 }]],
    ["an _id that is taken", { on: "key" }, { _id: 1, key: 2 }, [{ _id: 1, key: 1 }]],
    ["a word that is none", { whenMatched: { $concat: ["up", "sert"] } }, { _id: 1 }, [{ _id: 1 }]],
    ["a pipeline that fails", { whenMatched: [{ $set: { a: { $divide: [1, 0] } } }] }, { _id: 1 }, [{ _id: 1 }]],
  ])("%s", (_, fields, document, before) => {
    const sink = { $merge: { into, ...fields } };
    const { collections, deadLetters } = tried([], {
      sink,
      documents: [document],
      collections: { "shop.stock": before },
    });
    expect(deadLetters).toMatchObject([{ reason: expect.stringContaining("MergeOperator"), document }]);
    expect(collections["shop.stock"] ?? before).toEqual(before);
  });
});
