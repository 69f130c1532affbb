/**
 * `$jsonSchema` as MongoDB reads it.
 * @see https://www.mongodb.com/docs/manual/reference/operator/query/jsonSchema/
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJsonSchema } from "../../../src/trial/stages/json-schema.ts";
import { fromJson } from "../../../src/trial/values/extended-json.ts";

const long = (number: number) => ({ $numberLong: `${number}` });
const decimal = (text: string) => ({ $numberDecimal: text });
const double = (text: string) => ({ $numberDouble: text });

/** Whether a document, as extended JSON, matches a schema. */
const matches = (schema: object, document: unknown) => readJsonSchema(fromJson(schema))(fromJson(document));
const ofField = (schema: object) => ({ properties: { a: schema } });

describe("a schema of a field", () => {
  test.each<[schema: object, fits: unknown[], fitsNot: unknown[]]>([
    [{ bsonType: "int" }, [1, { $numberInt: "2" }], [1.5, "1", long(1), double("1.0"), decimal("1"), null, [1]]],
    [{ bsonType: "long" }, [long(1), 2 ** 40], [1, 1.5]],
    [{ bsonType: "double" }, [1.5, double("1.0")], [1, long(1)]],
    [{ bsonType: "decimal" }, [decimal("1.0")], [1, 1.5]],
    [{ bsonType: "number" }, [1, 1.5, long(1), decimal("1")], ["1", null]],
    [{ bsonType: ["string", "null"] }, ["x", null], [1, []]],
    [
      { bsonType: "date" },
      [{ $date: "2025-01-01T00:00:00Z" }],
      ["2025-01-01T00:00:00Z", { $timestamp: { t: 1, i: 1 } }],
    ],
    [{ bsonType: "objectId" }, [{ $oid: "0123456789abcdef01234567" }], ["0123456789abcdef01234567"]],
    [{ bsonType: "object" }, [{}, { b: 1 }], [[], { $date: 0 }, { $oid: "0123456789abcdef01234567" }]],
    [{ bsonType: "array" }, [[], [1]], [{}, "x"]],
    [{ bsonType: "bool" }, [true, false], [0, "true"]],
    [{ type: "number" }, [1, 1.5, long(1), decimal("1")], ["1"]],
    [{ type: ["boolean", "null"] }, [true, null], [0]],
    [{ minimum: 1 }, [1, 2.5, long(1), decimal("1.0"), "0", null], [0.99, long(0), decimal("0.9")]],
    [{ minimum: 1, exclusiveMinimum: true }, [1.01, long(2)], [1, long(1), decimal("1")]],
    [{ maximum: 4, exclusiveMaximum: false }, [4, -1], [4.01]],
    [{ maximum: 4, exclusiveMaximum: true }, [3], [4]],
    [{ multipleOf: 2 }, [4, 0, long(8), decimal("6.0"), "3"], [3, 4.5, long(7)]],
    [{ multipleOf: 0.1 }, [0.3, 1, decimal("0.7")], [0.35]],
    [{ multipleOf: long(3) }, [{ $numberLong: "9007199254740993" }], [{ $numberLong: "9007199254740994" }]],
    [{ minLength: 2, maxLength: 3 }, ["ab", "äöü", "😀😀", 7], ["a", "abcd", "😀😀😀😀"]],
    [{ pattern: "^a\\d+" }, ["a1", "a12b", 5], ["ba1", "a"]],
    [{ enum: [1, "x", { b: 1, c: 2 }, null] }, [1, long(1), 1.0, "x", { c: 2, b: 1 }, null], [2, "1", { b: 1 }, false]],
    [{ minItems: 1, maxItems: 2 }, [[1], [1, 2], "x"], [[], [1, 2, 3]]],
    [
      { uniqueItems: true },
      [[1, 2], [], [[1], [2]], [1, "1", true]],
      [
        [1, long(1)],
        [
          { b: 1, c: 2 },
          { c: 2, b: 1 },
        ],
      ],
    ],
    [{ uniqueItems: false }, [[1, 1]], []],
    [{ items: { bsonType: "int" } }, [[1, 2], [], "x"], [[1, "x"]]],
    [{ items: [{ bsonType: "int" }, { bsonType: "string" }] }, [[1, "x"], [1], [1, "x", true]], [["x"], [1, 2]]],
    [{ items: [{}], additionalItems: false }, [[1], []], [[1, 2]]],
    [{ items: [{}], additionalItems: { bsonType: "int" } }, [["x", 1]], [["x", "y"]]],
    [{ items: {}, additionalItems: false }, [[1, 2]], []],
    [{ required: ["b"] }, [{ b: null }, { b: 1, c: 1 }, "x", []], [{}, { c: 1 }]],
    [{ minProperties: 1, maxProperties: 2 }, [{ b: 1 }, "x"], [{}, { b: 1, c: 1, d: 1 }]],
    [{ properties: { b: { bsonType: "int" } } }, [{ b: 1 }, {}, 7], [{ b: "x" }]],
    [{ properties: { b: {} }, additionalProperties: false }, [{ b: 1 }, {}], [{ c: 1 }]],
    [{ properties: { b: {} }, additionalProperties: { bsonType: "int" } }, [{ b: "x", c: 1 }], [{ c: "x" }]],
    [{ patternProperties: { "^n_": { bsonType: "int" } } }, [{ n_a: 1, b: "x" }], [{ n_a: "x" }]],
    [{ patternProperties: { "^n_": {} }, additionalProperties: false }, [{ n_a: "x" }], [{ m: 1 }]],
    [{ dependencies: { b: ["c"] } }, [{ b: 1, c: 1 }, { c: 1 }, {}], [{ b: 1 }]],
    [{ dependencies: { b: { required: ["c"] } } }, [{ b: 1, c: 1 }, {}], [{ b: 1 }]],
    [{ allOf: [{ minimum: 1 }, { maximum: 3 }] }, [2], [0, 4]],
    [{ anyOf: [{ bsonType: "string" }, { minimum: 3 }] }, ["x", 3], [2]],
    [{ oneOf: [{ minimum: 1 }, { maximum: 3 }] }, [0, 4], [2]],
    [{ not: { bsonType: "string" } }, [1], ["x"]],
    [{ title: "t", description: "d" }, [1, "x"], []],
    [{}, [1], []],
  ])("%j", (schema, fits, fitsNot) => {
    for (const value of fits) expect([value, matches(ofField(schema), { a: value })]).toEqual([value, true]);
    for (const value of fitsNot) expect([value, matches(ofField(schema), { a: value })]).toEqual([value, false]);
    expect(matches(ofField(schema), {})).toBe(true);
  });
});

/** @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-validate/ */
test("the schema of races that the page of $validate shows tells laps apart", () => {
  const int = (more: object = {}) => ({ bsonType: "int", ...more });
  const schema = {
    required: ["Racer_Num", "Racer_Name", "lap", "Corner_Num", "timestamp"],
    properties: {
      Racer_Num: int(),
      Racer_Name: { bsonType: "string" },
      lap: int({ minimum: 1 }),
      Corner_Num: int({ minimum: 1, maximum: 4 }),
      timestamp: { bsonType: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}$" },
    },
  };
  const lap = { Racer_Num: 8, Racer_Name: "Ann", lap: 1, Corner_Num: 4, timestamp: "2024-05-01T10:00:00.000001" };
  expect(matches(schema, lap)).toBe(true);
  for (const wrong of [{ lap: 0 }, { Corner_Num: 5 }, { Racer_Num: "8" }, { Racer_Num: 8.5 }, { timestamp: "10:00" }])
    expect(matches(schema, { ...lap, ...wrong })).toBe(false);
  const { lap: _, ...without } = lap;
  expect(matches(schema, without)).toBe(false);
});

describe("what MongoDB would not take is refused, with its place", () => {
  test.each([
    [{ type: "integer" }, /no type integer; use bsonType/],
    [{ bsonType: "integer" }, /no type integer/],
    [{ type: "string", bsonType: "string" }, /both type and bsonType/],
    [{ $ref: "#/a" }, /not supported keyword \$ref/],
    [{ format: "date" }, /not supported keyword format/],
    [{ minimun: 1 }, /unknown keyword minimun/],
    [{ minimum: "1" }, /minimum must be a number/],
    [{ exclusiveMinimum: true }, /needs minimum/],
    [{ minimum: 1, exclusiveMinimum: 1 }, /must be true or false/],
    [{ multipleOf: 0 }, /greater than 0/],
    [{ maxLength: -1 }, /whole number/],
    [{ required: [] }, /must be a list that is not empty/],
    [{ required: ["a", "a"] }, /different names/],
    [{ enum: [] }, /must be a list that is not empty/],
    [{ properties: { b: 7 } }, /properties > b must be an object/],
    [{ items: 7 }, /items must be an object/],
    [{ anyOf: { a: 1 } }, /anyOf must be a list/],
  ])("%j", (schema, message) => {
    expect(() => matches(ofField(schema), {})).toThrow(message);
  });

  test("as is one that is deeper than documents can be", () => {
    let schema: object = {};
    for (let level = 0; level < 200; level++) schema = { not: schema };
    expect(() => matches(schema, {})).toThrow(/deeper/);
  });
});

test("fields named as JavaScript's own are fields like any other", () => {
  const schema = JSON.parse('{"required":["__proto__","constructor"],"properties":{"__proto__":{"bsonType":"int"}}}');
  expect(matches(schema, {})).toBe(false);
  expect(matches(schema, JSON.parse('{"__proto__":1,"constructor":1}'))).toBe(true);
  expect(matches(schema, JSON.parse('{"__proto__":"x","constructor":1}'))).toBe(false);
  expect(matches({ properties: { toString: { bsonType: "string" } }, additionalProperties: false }, {})).toBe(true);
});

describe("for whatever schema and document", () => {
  const leaf = fc.constantFrom({ bsonType: "int" }, { minimum: 2 }, { minLength: 2 }, { required: ["a"] }, {});
  const schemas = fc.letrec<{ schema: object }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      leaf,
      tie("schema").map((not) => ({ not })),
      fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      fc.dictionary(fc.constantFrom("a", "b"), tie("schema")).map((properties) => ({ properties })),
    ),
  })).schema;
  const documents = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.jsonValue({ maxDepth: 2 }));

  test("its contrary matches when it does not", () => {
    fc.assert(
      fc.property(schemas, documents, (schema, document) => {
        const fits = matches(schema, document);
        expect(matches({ not: schema }, document)).toBe(!fits);
        expect(matches({ allOf: [schema, {}] }, document)).toBe(fits);
        expect(matches({ anyOf: [schema, schema] }, document)).toBe(fits);
        expect(matches({ oneOf: [schema, schema] }, document)).toBe(false);
      }),
    );
  });
});
