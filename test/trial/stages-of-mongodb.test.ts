/** MongoDB's own stages: `$project`, `$addFields`, `$unwind`, `$group` …, by the examples of its documentation. */
import { describe, expect, test } from "vitest";
import { tryPipeline } from "../../src/trial/trial.ts";
import { outputOf, refusedOf, tried } from "./tried.ts";

describe("$addFields", () => {
  test("adds to nested documents and to each of a list, and takes away with $$REMOVE", () => {
    expect(
      outputOf(
        [{ $addFields: { "specs.fuel": "unleaded", "items.on": true, gone: "$$REMOVE" } }],
        [{ specs: { doors: 4 }, items: [{ a: 1 }, { b: 2 }], gone: 1 }],
      ),
    ).toEqual([
      {
        specs: { doors: 4, fuel: "unleaded" },
        items: [
          { a: 1, on: true },
          { b: 2, on: true },
        ],
      },
    ]);
  });

  test("computes all fields of the document as it came", () => {
    expect(outputOf([{ $set: { a: "$b", b: "$a" } }], [{ a: 1, b: 2 }])).toEqual([{ a: 2, b: 1 }]);
  });
});

describe("$project", () => {
  const book = {
    _id: 1,
    title: "abc123",
    isbn: "0001122223334",
    author: { last: "zzz", first: "aaa" },
    copies: 5,
    stops: [{ at: "x", n: 1 }, 7],
  };

  test.each<[Record<string, unknown>, unknown]>([
    [
      { title: 1, author: 1 },
      { _id: 1, title: "abc123", author: { last: "zzz", first: "aaa" } },
    ],
    [{ _id: 0, title: 1 }, { title: "abc123" }],
    [{ "author.first": 1, _id: 0 }, { author: { first: "aaa" } }],
    [{ author: { first: 1 }, _id: 0 }, { author: { first: "aaa" } }],
    [{ _id: 0, "stops.at": 1 }, { stops: [{ at: "x" }] }],
    [
      { _id: 0, isbn: 0, "author.first": 0, stops: 0, title: 0 },
      { author: { last: "zzz" }, copies: 5 },
    ],
    [
      { _id: 0, copies: 0, author: 0, title: 0, "stops.n": 0 },
      { isbn: "0001122223334", stops: [{ at: "x" }, 7] },
    ],
    [
      { _id: 0, name: { $toUpper: "$author.last" }, n: { $literal: 1 } },
      { name: "ZZZ", n: 1 },
    ],
    [{ _id: 0, list: ["$copies", "$none"] }, { list: [5, null] }],
    [{ _id: 0, copies: { $numberDecimal: "1" } }, { copies: 5 }],
  ])("%j", (spec, expected) => {
    expect(outputOf([{ $project: spec }], [book])).toEqual([expected]);
  });

  test.each<[Record<string, unknown>, RegExp]>([
    [{ a: 1, b: 0 }, /Cannot do exclusion on field b in inclusion projection/],
    [{ a: {} }, /empty sub-projection/],
    [{ a: 1, "a.b": 1 }, /conflicting paths/],
    [{ "a..b": 1 }, /empty/],
  ])("refuses %j", (spec, message) => {
    expect(refusedOf({ $project: spec })[0]?.message).toMatch(message);
  });
});

describe("$unwind", () => {
  const documents = [
    { _id: 1, sizes: ["S", "M"] },
    { _id: 2, sizes: [] },
    { _id: 3, sizes: "M" },
    { _id: 4 },
    { _id: 5, sizes: null },
  ];

  test("gives one document for each item, and none where there is nothing", () => {
    expect(outputOf([{ $unwind: "$sizes" }], documents)).toEqual([
      { _id: 1, sizes: "S" },
      { _id: 1, sizes: "M" },
      { _id: 3, sizes: "M" },
    ]);
  });

  test("keeps those too where it is asked for, and counts", () => {
    const stage = { $unwind: { path: "$sizes", includeArrayIndex: "at", preserveNullAndEmptyArrays: true } };
    expect(outputOf([stage], documents)).toEqual([
      { _id: 1, sizes: "S", at: 0 },
      { _id: 1, sizes: "M", at: 1 },
      { _id: 2, at: null },
      { _id: 3, sizes: "M", at: null },
      { _id: 4, at: null },
      { _id: 5, sizes: null, at: null },
    ]);
  });
});

test("$unset, $replaceRoot and $replaceWith", () => {
  expect(outputOf([{ $unset: ["a.b", "c"] }], [{ a: [{ b: 1, d: 2 }], c: 3 }])).toEqual([{ a: [{ d: 2 }] }]);
  expect(outputOf([{ $replaceRoot: { newRoot: "$a" } }], [{ a: { b: 1 } }])).toEqual([{ b: 1 }]);
  expect(outputOf([{ $replaceWith: { $mergeObjects: [{ x: 0 }, "$a"] } }], [{ a: { b: 1 } }])).toEqual([
    { x: 0, b: 1 },
  ]);
  const { deadLetters } = tried([{ $replaceRoot: { newRoot: "$a" } }], [{ a: 1 }]);
  expect(deadLetters[0]?.reason).toMatch(/ReplaceRootOperator.*must evaluate to an object/);
});

test("$redact goes down into documents, and leaves out what is not to be seen", () => {
  const stage = {
    $redact: {
      $cond: [{ $gt: [{ $size: { $setIntersection: ["$tags", ["STLW", "G"]] } }, 0] }, "$$DESCEND", "$$PRUNE"],
    },
  };
  const document = {
    title: "123 Department Report",
    tags: ["G", "STLW"],
    subsections: [
      { subtitle: "Section 1", tags: ["SI", "G"], content: "c1" },
      { subtitle: "Section 2", tags: ["STLW"], content: "c2" },
      { subtitle: "Section 3", tags: ["TK"], content: { text: "c3", tags: ["HCS"] } },
    ],
  };
  expect(outputOf([stage], [document])).toEqual([{ ...document, subsections: document.subsections.slice(0, 2) }]);
});

describe("$group", () => {
  const grouped = (group: Record<string, unknown>, documents: unknown[]) =>
    outputOf([{ $tumblingWindow: { interval: { size: 1, unit: "day" }, pipeline: [{ $group: group }] } }], documents);
  const long = (text: string) => ({ $numberLong: text });

  test("keeps kinds of numbers, and groups what is equal", () => {
    const documents = [
      { k: 1, v: 2147483647 },
      { k: long("1"), v: 1 },
      { k: { $numberDecimal: "1.0" }, v: long("2") },
      { v: 1.5 },
      { k: null, v: { $numberDecimal: "0.1" } },
    ];
    expect(grouped({ _id: "$k", sum: { $sum: "$v" }, avg: { $avg: "$v" }, n: { $count: {} } }, documents)).toEqual([
      { _id: 1, sum: 2147483650, avg: 715827883.3333334, n: 3 },
      { _id: null, sum: { $numberDecimal: "1.6" }, avg: { $numberDecimal: "0.8" }, n: 2 },
    ]);
  });

  test("accumulates as MongoDB's pages say", () => {
    const documents = [
      { n: 3, s: "c", o: { a: 1 } },
      { n: 1, s: "a" },
      { n: 2, s: "b", o: { b: 2 } },
      { s: "a", o: null },
    ];
    const group = {
      _id: null,
      min: { $min: "$n" },
      max: { $max: "$n" },
      first: { $first: "$n" },
      last: { $last: "$n" },
      all: { $push: "$n" },
      set: { $addToSet: "$s" },
      merged: { $mergeObjects: "$o" },
      pop: { $stdDevPop: "$n" },
      samp: { $stdDevSamp: "$n" },
      firstN: { $firstN: { input: "$s", n: 2 } },
      maxN: { $maxN: { input: "$n", n: 2 } },
      top: { $top: { sortBy: { n: -1 }, output: ["$n", "$s"] } },
      bottomN: { $bottomN: { sortBy: { n: 1 }, output: "$s", n: 2 } },
      median: { $median: { input: "$n", method: "approximate" } },
      p: { $percentile: { input: "$n", p: [0, 0.5, 1], method: "approximate" } },
    };
    expect(grouped(group, documents)).toEqual([
      {
        _id: null,
        min: 1,
        max: 3,
        first: 3,
        last: null,
        all: [3, 1, 2],
        set: ["c", "a", "b"],
        merged: { a: 1, b: 2 },
        pop: Math.sqrt(2 / 3),
        samp: 1,
        firstN: ["c", "a"],
        maxN: [3, 2],
        top: [3, "c"],
        bottomN: ["b", "c"],
        median: 2,
        p: [1, 2, 3],
      },
    ]);
  });

  test("sorts as MongoDB orders values, and counts", () => {
    const window = (...pipeline: unknown[]) => [{ $tumblingWindow: { interval: { size: 1, unit: "day" }, pipeline } }];
    const documents = [{ v: "a" }, { v: 2 }, {}, { v: [] }, { v: null }, { v: { a: 1 } }, { v: true }, { v: 1.5 }];
    expect(outputOf(window({ $sort: { v: 1 } }), documents)).toEqual([
      { v: [] },
      {},
      { v: null },
      { v: 1.5 },
      { v: 2 },
      { v: "a" },
      { v: { a: 1 } },
      { v: true },
    ]);
    expect(outputOf(window({ $match: { v: { $type: "number" } } }, { $count: "n" }), documents)).toEqual([{ n: 2 }]);
    expect(outputOf(window({ $sort: { v: -1 } }, { $limit: 1 }), documents)).toEqual([{ v: true }]);
  });

  test.each<[Record<string, unknown>, RegExp]>([
    [{ _id: null, n: 1 }, /must be an accumulator object/],
    [{ _id: null, n: { $sum: 1, $avg: 1 } }, /must specify one accumulator/],
    [{ _id: null, "a.b": { $sum: 1 } }, /cannot contain '.'/],
  ])("refuses %j", (group, message) => {
    const window = { $tumblingWindow: { interval: { size: 1, unit: "day" }, pipeline: [{ $group: group }] } };
    expect(refusedOf(window)[0]).toMatchObject({
      path: expect.stringMatching(/^pipeline\.1\.\$tumblingWindow\.pipeline\.0\.\$group/),
      message: expect.stringMatching(message),
    });
  });
});

test.each([
  [
    { $https: { connectionName: "api", method: "POST", payload: [{ $project: { a: 1, b: 0 } }], as: "x" } },
    "$https.payload.0.$project.b",
  ],
  [
    { $lookup: { from: { connectionName: "c", db: "d", coll: "e" }, pipeline: [{ $match: { $or: 1 } }], as: "x" } },
    "$lookup.pipeline.0.$match.$or",
  ],
])("a fault inside %j is told with its place", (stage, place) => {
  const collections = { "d.e": [{}] };
  const pipeline = [
    { $source: { connectionName: "kafka", topic: "t" } },
    stage,
    { $emit: { connectionName: "kafka", topic: "o" } },
  ];
  const result = tryPipeline({ pipeline, documents: [{}], collections, dlq: true });
  expect("problems" in result && result.problems.map(({ path }) => path.join("."))).toEqual([`pipeline.1.${place}`]);
});
