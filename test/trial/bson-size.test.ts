import fc from "fast-check";
import { expect, test } from "vitest";
import { bsonSize } from "../../src/trial/values/bson-size.ts";
import { documentFromJson } from "../../src/trial/values/extended-json.ts";
import { computed, outputOf, tried } from "./tried.ts";

/** A document of one field takes 8 bytes beside its name and its value. */
test.each<[value: unknown, bytes: number]>([
  [1, 4],
  [{ $numberLong: "1" }, 8],
  [1.5, 8],
  [{ $numberDecimal: "1" }, 16],
  [true, 1],
  [null, 0],
  ["", 5],
  ["äö", 9],
  [{ $date: 0 }, 8],
  [{ $oid: "0123456789abcdef01234567" }, 12],
  [{ $timestamp: { t: 1, i: 1 } }, 8],
  [{ $binary: { base64: "AQID", subType: "00" } }, 8],
  [{ $binary: { base64: "AQID", subType: "02" } }, 12],
  [{ $regularExpression: { pattern: "ab", options: "i" } }, 5],
  [{}, 5],
  [[], 5],
  [{ b: 1 }, 12],
  [["x"], 14],
])("%j takes %i bytes", (value, bytes) => {
  expect(bsonSize(documentFromJson({ abc: value }))).toBe(7 + 3 + bytes);
});

test("a list takes as much as a document whose fields are numbers", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer(), fc.string())), (list) => {
      const document = documentFromJson({ a: list });
      expect(bsonSize(document)).toBe(bsonSize(documentFromJson({ a: { ...list } })));
    }),
  );
});

test("$bsonSize takes documents alone", () => {
  expect(computed({ $bsonSize: "$a" }, { a: { b: 1 } })).toEqual([12, "int"]);
  expect(computed({ $bsonSize: "$a" }, { a: null })).toEqual([null, "null"]);
  expect(computed({ $bsonSize: "$a" }, { a: "text" })).toContain("requires a document input, found: string");
});

/** As published in ASP_example, code_snippets/largeKafkaMessages.js. */
test("documents that are too large can be told apart", () => {
  const small = { $expr: { $lt: [{ $bsonSize: "$$ROOT" }, 100] } };
  const { deadLetters } = tried(
    [{ $validate: { validator: small, validationAction: "dlq" } }],
    [{ a: "x" }, { a: "x".repeat(100) }],
  );
  expect(deadLetters).toHaveLength(1);
});

/** As published in ASP_example, example_processors/dynamicexpressions. */
test("$expr can stand where an expression stands", () => {
  const kind = { $cond: [{ $expr: { $lt: ["$speed", 0] } }, "error", "normal"] };
  expect(outputOf([{ $addFields: { kind } }], [{ speed: -1 }, { speed: 1 }])).toEqual([
    { speed: -1, kind: "error" },
    { speed: 1, kind: "normal" },
  ]);
});
