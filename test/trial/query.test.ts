/** Queries of `$match`, held against what MongoDB's documentation says of each operator. */
import { expect, test } from "vitest";
import { refusedOf, tried } from "./tried.ts";

const long = (text: string) => ({ $numberLong: text });

/** A query, the documents, and the positions of those that match. */
const cases: [query: Record<string, unknown>, documents: unknown[], matching: number[]][] = [
  [{ a: 1 }, [{ a: 1 }, { a: long("1") }, { a: { $numberDecimal: "1.0" } }, { a: "1" }, { a: [2, 1] }], [0, 1, 2, 4]],
  [{ a: null }, [{ a: null }, {}, { a: 0 }, { a: [null] }], [0, 1, 3]],
  [{ a: { $ne: null } }, [{ a: null }, {}, { a: 0 }], [2]],
  [{ a: { $exists: true } }, [{ a: null }, {}, { a: 0 }], [0, 2]],
  [{ a: { $exists: false } }, [{ a: null }, {}], [1]],
  [{ a: { $gt: 1 } }, [{ a: 2 }, { a: "2" }, { a: null }, {}, { a: [0, 5] }], [0, 4]],
  [{ a: { $gte: null } }, [{ a: null }, {}, { a: 1 }], [0, 1]],
  [{ a: { $lt: "b" } }, [{ a: "a" }, { a: 1 }], [0]],
  [{ a: { $gt: 1, $lt: 3 } }, [{ a: [0, 5] }, { a: 2 }], [0, 1]],
  [{ a: { $elemMatch: { $gt: 1, $lt: 3 } } }, [{ a: [0, 5] }, { a: [2] }, { a: 2 }], [1]],
  [{ a: { $elemMatch: { b: 1, c: 2 } } }, [{ a: [{ b: 1 }, { c: 2 }] }, { a: [{ b: 1, c: 2 }] }], [1]],
  [{ "a.b": 1 }, [{ a: { b: 1 } }, { a: [{ b: 2 }, { b: 1 }] }, { a: { b: [1] } }, { a: 1 }], [0, 1, 2]],
  [{ "a.0": 1 }, [{ a: [1, 2] }, { a: [2, 1] }, { a: { 0: 1 } }], [0, 2]],
  [{ "a.b": null }, [{ a: { b: null } }, { a: {} }, {}, { a: [{ b: 1 }, {}] }, { a: [{ b: 1 }] }], [0, 1, 2, 3]],
  [{ a: { $in: [1, "x"] } }, [{ a: long("1") }, { a: "x" }, { a: ["y", "x"] }, {}], [0, 1, 2]],
  [{ a: { $in: [{ $regularExpression: { pattern: "^x", options: "" } }] } }, [{ a: "xy" }, { a: "y" }], [0]],
  [{ a: { $nin: [1, null] } }, [{ a: 1 }, {}, { a: 2 }], [2]],
  [{ a: { $not: { $gt: 1 } } }, [{ a: 2 }, { a: 1 }, {}], [1, 2]],
  [{ a: { $type: "int" } }, [{ a: 1 }, { a: long("1") }, { a: 1.5 }, { a: ["x", 1] }], [0, 3]],
  [{ a: { $type: ["long", 2] } }, [{ a: 1 }, { a: long("1") }, { a: "x" }], [1, 2]],
  [{ a: { $type: "number" } }, [{ a: 1 }, { a: { $numberDecimal: "1" } }, { a: "1" }], [0, 1]],
  [{ a: { $size: 2 } }, [{ a: [1, 2] }, { a: [1] }, { a: 2 }], [0]],
  [{ a: { $all: [1, 2] } }, [{ a: [2, 1, 3] }, { a: [1] }], [0]],
  [{ a: { $mod: [4, 0] } }, [{ a: 8 }, { a: 9 }, { a: "8" }, { a: long("12") }], [0, 3]],
  [{ a: { $regex: "^AB", $options: "i" } }, [{ a: "abc" }, { a: "cab" }, { a: 1 }, { a: ["x", "ABC"] }], [0, 3]],
  [{ a: { $bitsAllSet: [1, 5] } }, [{ a: 54 }, { a: 20 }], [0]],
  [{ a: { $bitsAnySet: 35 } }, [{ a: 54 }, { a: 20 }], [0]],
  [{ a: {} }, [{ a: {} }, { a: { b: 1 } }], [0]],
  [{ a: { b: 1, c: 2 } }, [{ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }], [0]],
  [{ $or: [{ a: 1 }, { b: 1 }] }, [{ a: 1 }, { b: 1 }, { c: 1 }], [0, 1]],
  [{ $nor: [{ a: 1 }] }, [{ a: 1 }, { a: 2 }], [1]],
  [
    { $expr: { $gt: ["$spent", "$budget"] } },
    [{ spent: 500, budget: 450 }, { spent: 1, budget: 2 }, { spent: 1 }],
    [0, 2],
  ],
  [{ $jsonSchema: { required: ["n"], properties: { n: { bsonType: "int" } } } }, [{ n: 1 }, { n: "1" }, {}], [0]],
  [
    { t: { $gte: { $date: "2025-01-01T00:00:00Z" } } },
    [{ t: { $date: "2025-01-02T00:00:00Z" } }, { t: "2025-01-02" }],
    [0],
  ],
  [{ constructor: 1 }, [{ constructor: 1 }, {}], [0]],
  [{ "a.constructor.name": { $exists: true } }, [{ a: {} }, { a: { constructor: { name: "x" } } }], [1]],
];

test.each(cases.map((each) => [JSON.stringify(each[0]), each] as const))("%s", (_, [query, documents, matching]) => {
  const numbered = documents.map((document, index) => ({ ...Object(document), at: index }));
  const { output, deadLetters } = tried([{ $match: query }, { $project: { _id: 0, at: 1 } }], numbered);
  expect(deadLetters).toEqual([]);
  expect(output).toEqual(matching.map((at) => ({ at })));
});

test("what is no query is refused with its place", () => {
  expect(refusedOf({ $match: { $or: [] } })).toEqual([
    { path: "pipeline.1.$match.$or", message: "must be a nonempty array" },
  ]);
  expect(refusedOf({ $match: { a: { $in: 1 } } })).toMatchObject([{ path: "pipeline.1.$match.a.$in" }]);
});

test("what cannot be told here passes all, and is told", () => {
  const { output, untried } = tried([{ $match: { place: { $geoWithin: {} } } }], [{ a: 1 }]);
  expect(output).toHaveLength(1);
  expect(untried).toEqual([{ stage: "$match", why: "places are not computed here" }]);
});
