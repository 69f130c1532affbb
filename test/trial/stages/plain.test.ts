/** `$setStreamMeta`, `$throttle` and `$vectorSearch`. */
import { expect, test } from "vitest";
import { tried } from "./tried.ts";

/** @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-setStreamMeta/ where orders are routed so */
test("$setStreamMeta tells later stages where a document goes, though the field itself is gone", () => {
  const route = { $cond: [{ $eq: ["$kind", "A"] }, "tech", "clothing"] };
  const { collections } = tried([{ $setStreamMeta: { "stream.coll": route } }, { $unset: "kind" }], {
    documents: [
      { _id: 1, kind: "A" },
      { _id: 2, kind: "B" },
      { _id: 3, kind: "A" },
    ],
    sink: { $merge: { into: { connectionName: "store", db: "shop", coll: { $meta: "stream.coll" } } } },
  });
  expect(collections).toEqual({ "shop.tech": [{ _id: 1 }, { _id: 3 }], "shop.clothing": [{ _id: 2 }] });
});

test("$setStreamMeta makes a document a dead letter where it fails on it, and shows in the old field", () => {
  const half = { "stream.half": { $divide: [1, "$n"] } };
  const { output, deadLetters } = tried([{ $setStreamMeta: half }, { $project: { half: "$_stream_meta.half" } }], {
    documents: [{ n: 2 }, { n: 0 }],
  });
  expect(output).toEqual([{ half: 0.5 }]);
  expect(deadLetters).toMatchObject([{ stage: "$setStreamMeta", reason: expect.stringContaining("zero") }]);
});

test("$throttle lets everything pass, and $vectorSearch does so untried", () => {
  const documents = [{ a: 1 }, { a: 2 }];
  const search = {
    from: { connectionName: "s", db: "d", coll: "c" },
    index: "i",
    path: "v",
    queryVector: [1],
    as: "x",
  };
  const { output, untried } = tried([{ $throttle: { messagesPerSec: 1 } }, { $vectorSearch: search }], { documents });
  expect(output).toEqual(documents);
  expect(untried.map(({ stage }) => stage)).toEqual(["$vectorSearch"]);
});
