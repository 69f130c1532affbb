import { describe, expect, test } from "vitest";
import { isSameStage } from "../../src/stages/same.ts";

describe("two stages are the same", () => {
  test.each([
    [{ $match: { a: 1, b: 2 } }, { $match: { a: 1, b: 2 } }],
    [
      { $merge: { into: { connectionName: "c", db: "d", coll: "e" }, whenMatched: "merge" } },
      { $merge: { whenMatched: "merge", into: { coll: "e", connectionName: "c", db: "d" } } },
    ],
    [
      {
        $tumblingWindow: {
          interval: { size: 5, unit: "second" },
          pipeline: [{ $emit: { topic: "t", connectionName: "c" } }],
        },
      },
      {
        $tumblingWindow: {
          pipeline: [{ $emit: { connectionName: "c", topic: "t" } }],
          interval: { unit: "second", size: 5 },
        },
      },
    ],
    [
      { $match: { at: { $gt: { $date: "2026-01-01T00:00:00Z" } } } },
      { $match: { at: { $gt: { $date: "2026-01-01T00:00:00.000Z" } } } },
    ],
    [
      { $https: { connectionName: "api", headers: { "X-Key": "a", Accept: "$$b" } } },
      { $https: { headers: { accept: "$$b", "x-key": "a" }, connectionName: "api" } },
    ],
    [{ $match: { at: { $date: 0 } } }, { $match: { at: { $date: { $numberLong: "0" } } } }],
  ])("%j", (one, other) => {
    expect(isSameStage(one, other)).toBe(true);
  });
});

describe("two stages differ", () => {
  test.each([
    ["in the order of a sort", { $sort: { a: 1, b: 1 } }, { $sort: { b: 1, a: 1 } }],
    ["in the order of fields of a document", { $match: { a: { b: 1, c: 2 } } }, { $match: { a: { c: 2, b: 1 } } }],
    [
      "in the order of a sort in a window",
      { $hoppingWindow: { pipeline: [{ $sort: { a: 1, b: 1 } }] } },
      { $hoppingWindow: { pipeline: [{ $sort: { b: 1, a: 1 } }] } },
    ],
    ["in a value", { $emit: { topic: "a" } }, { $emit: { topic: "b" } }],
    ["in an instant", { $match: { at: { $date: 0 } } }, { $match: { at: { $date: 1 } } }],
    ["in a header", { $https: { headers: { "X-Key": "a" } } }, { $https: { headers: { "X-Key": "A" } } }],
    [
      "in how often a header is there",
      { $https: { headers: { "X-Key": "a", "x-key": "a" } } },
      { $https: { headers: { "X-Key": "a" } } },
    ],
    ["in the case of a parameter", { $https: { parameters: { q: "a" } } }, { $https: { parameters: { Q: "a" } } }],
    ["in their names", { $set: { a: 1 } }, { $project: { a: 1 } }],
    ["as one is none", { $set: { a: 1 } }, undefined],
  ])("%s", (_, one, other) => {
    expect(isSameStage(one, other)).toBe(false);
  });
});
