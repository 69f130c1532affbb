/**
 * `$emit` and `$iceberg`.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-emit/
 */
import { describe, expect, test } from "vitest";
import { type JsonObject, valueAt } from "../../../src/json.ts";
import { tried } from "./tried.ts";

const emit = (fields: JsonObject) => ({ $emit: { connectionName: "bus", ...fields } });

/** What was sent, and what was not. */
function sent(sink: JsonObject, documents: object[]) {
  const { messages, deadLetters } = tried([], { sink, documents });
  return { messages, reasons: deadLetters.map(({ reason }) => reason) };
}

/** The page's example of transactions that are sorted by customer. */
test("a topic can be an expression", () => {
  const documents = [{ customerStatus: "VIP" }, { customerStatus: "employee" }, { customerStatus: "contractor" }, {}];
  const { messages, reasons } = sent(emit({ topic: "$customerStatus" }), documents);
  expect(messages).toEqual([
    { topic: "VIP", value: documents[0] },
    { topic: "employee", value: documents[1] },
    { topic: "contractor", value: documents[2] },
  ]);
  expect(reasons).toEqual([expect.stringContaining("$emit.topic")]);
});

describe("a key", () => {
  test.each([
    ["string", "a", "a"],
    ["int", 7, 7],
    ["long", { $numberLong: "7" }, 7],
    ["double", 7.5, 7.5],
    ["json", { a: 1 }, { a: 1 }],
    ["binData", { $binary: { base64: "AQ==", subType: "00" } }, { $binary: { base64: "AQ==", subType: "00" } }],
  ])("of the format %s is written", (keyFormat, key, written) => {
    const config = { key: "$key", keyFormat };
    const { messages } = sent(emit({ topic: "t", config }), [{ key }]);
    expect(messages).toEqual([{ topic: "t", key: written, value: { key: written } }]);
  });

  test("of another kind than its format makes the document a dead letter", () => {
    const config = { key: "$key", keyFormat: "int" };
    const { messages, reasons } = sent(emit({ topic: "t", config }), [{ key: "7" }, { key: { $numberLong: "7" } }]);
    expect(messages).toEqual([]);
    expect(reasons).toEqual(Array(2).fill(expect.stringContaining("must evaluate to 'int'")));
  });
});

describe("headers", () => {
  const headersOf = (headers: unknown, document: object) => sent(emit({ topic: "t", config: { headers } }), [document]);

  test.each([
    ["an object", { h: { a: "x", n: 1 } }],
    [
      "a list",
      {
        h: [
          { k: "a", v: "x" },
          { k: "n", v: 1 },
        ],
      },
    ],
  ])("come from %s", (_, document) => {
    const { messages } = headersOf("$h", document);
    expect(messages).toMatchObject([
      {
        headers: [
          { k: "a", v: "x" },
          { k: "n", v: 1 },
        ],
      },
    ]);
  });

  test.each([[{ h: 1 }], [{ h: [1] }], [{ h: [{ k: 1, v: 1 }] }], [{ h: { a: [1] } }], [{ h: { a: true } }]])(
    "that are none make the document a dead letter: %j",
    (document) => {
      expect(headersOf("$h", document).reasons).toHaveLength(1);
    },
  );
});

test("a tombstone is written for null", () => {
  const config = { tombstoneWhen: "$gone" };
  const { messages, reasons } = sent(emit({ topic: "t", config }), [{ gone: true }, { gone: false }, { gone: 1 }]);
  expect(messages).toEqual([
    { topic: "t", value: null },
    { topic: "t", value: { gone: false } },
  ]);
  expect(reasons).toEqual([expect.stringContaining("tombstoneWhen")]);
});

describe("the page's examples of formats", () => {
  const written = (config: object, document: object) => {
    const { messages } = sent(emit({ topic: "t", config }), [document]);
    return messages.map((message) => valueAt(message, ["value"]));
  };
  const flight = { flightTime: { $date: "2025-01-10T20:17:38.387Z" } };

  test("dates", () => {
    expect(written({}, flight)).toEqual([flight]);
    expect(written({ dateFormat: "default" }, flight)).toEqual([flight]);
    const iso = [{ flightTime: "2025-01-10T20:17:38.387Z" }];
    expect(written({ dateFormat: "ISO8601" }, flight)).toEqual(iso);
    expect(written({ dateFormat: "ISO8601", outputFormat: "basicJson" }, flight)).toEqual(iso);
  });

  test("canonicalJson", () => {
    expect(written({ outputFormat: "canonicalJson" }, { n: 1 })).toEqual([{ n: { $numberInt: "1" } }]);
  });

  test.each([
    [{ $binary: { base64: "gf1UcxdHTJ2HQ/EGQrO7mQ==", subType: "00" } }, "gf1UcxdHTJ2HQ/EGQrO7mQ=="],
    [{ $date: "2024-10-22T19:27:55.856Z" }, 1_729_625_275_856],
    [{ $numberDecimal: "9.9" }, "9.9"],
    [{ $timestamp: { t: 1_729_793_249, i: 1 } }, 1_729_793_249_000],
    [{ $oid: "6717fcbba18c8a8f74b6d977" }, "6717fcbba18c8a8f74b6d977"],
    [{ $numberDouble: "-Infinity" }, "-Infinity"],
    [{ $numberDouble: "Infinity" }, "Infinity"],
    [{ $regularExpression: { pattern: "ab+c", options: "i" } }, { pattern: "ab+c", options: "i" }],
    [{ $uuid: "420b7ade-811a-4698-aa64-c8347c719cf1" }, "420b7ade-811a-4698-aa64-c8347c719cf1"],
    [{ $numberLong: "42" }, 42],
    [[{ $numberDecimal: "1" }], ["1"]],
  ])("basicJson of %j", (value, expected) => {
    expect(written({ outputFormat: "basicJson" }, { value })).toEqual([{ value: expected }]);
  });
});

describe("other sinks", () => {
  test("get the document with where it goes", () => {
    const document = { day: "monday", device: "d1" };
    const sentTo = (fields: JsonObject) => sent(emit(fields), [document]).messages;
    const value = document;
    expect(sentTo({ stream: "out", partitionKey: "$device" })).toEqual([{ stream: "out", partitionKey: "d1", value }]);
    expect(sentTo({ bucket: "b", path: { $concat: ["day/", "$day"] } })).toEqual([
      { bucket: "b", path: "day/monday", value },
    ]);
    expect(sentTo({ container: "c", path: "p" })).toEqual([{ container: "c", path: "p", value }]);
    expect(
      sentTo({ projectId: "p", topic: "t", region: "r", orderingKey: "$device", attributes: { day: "$day" } }),
    ).toEqual([{ topic: "t", orderingKey: "d1", attributes: { day: "monday" }, value }]);
    expect(sentTo({ connectionName: "__testLog" })).toEqual([{ value }]);
  });

  test("of a time series collection want its time", () => {
    const sink = emit({ db: "m", coll: "solar", timeseries: { timeField: "at" } });
    const right = { _id: 1, at: { $date: "2025-01-01T00:00:00Z" } };
    const { collections, deadLetters } = tried([], { sink, documents: [right, { _id: 2, at: "2025" }, { _id: 3 }] });
    expect(collections).toEqual({ "m.solar": [right] });
    expect(deadLetters).toHaveLength(2);
  });

  test("of Iceberg get rows, and their table is untried", () => {
    const sink = { $iceberg: { connectionName: "lake", bucket: "b", tableName: "$kind", path: "w", mode: "insert" } };
    const { messages, untried } = tried([], { sink, documents: [{ kind: "a" }] });
    expect(messages).toEqual([{ tableName: "a", operation: "insert", value: { kind: "a" } }]);
    expect(untried).toHaveLength(1);
  });
});
