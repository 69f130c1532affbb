import { expect, test } from "vitest";
import { refusals } from "./strict-reader.ts";

const text = { type: "string" };

test.each([
  ["a list of types", { type: ["string", "null"] }, ['schema: type ["string","null"]']],
  ["no type", { enum: ["a"] }, ["schema: type undefined"]],
  ["alternatives and constants", { ...text, anyOf: [text], const: "a" }, ["schema: anyOf", "schema: const"]],
  ["a closed object", { type: "object", properties: { a: text }, additionalProperties: false }, [/additional/]],
  ["an object without properties", { type: "object", properties: {} }, ["schema: no properties"]],
  ["a bare object in a list", { type: "array", items: { type: "object" } }, ["schema[]: no properties"]],
  ["a list without items", { type: "array" }, ["schema[]: no schema"]],
  [
    "properties of a text",
    { type: "object", properties: { a: { ...text, properties: {} } } },
    ["schema.a: properties"],
  ],
  ["what is required and unknown", { type: "object", properties: { a: text }, required: ["b"] }, ["schema: required"]],
  ["nothing that is required", { type: "object", properties: { a: text }, required: [] }, ["schema: required"]],
  ["an enumeration of numbers", { ...text, enum: [1] }, ["schema: enum"]],
  ["a limit that strict modes refuse", { ...text, minLength: 1 }, ["schema: minLength"]],
  ["two items at least", { type: "array", items: text, minItems: 2 }, ["schema: minItems"]],
  ["a name that is none", { type: "object", properties: { "a.b": text } }, ["schema: a.b"]],
])("strict readers refuse %s", (_what, schema, refused) => {
  expect(refusals(schema)).toEqual(refused.map((why) => (why instanceof RegExp ? expect.stringMatching(why) : why)));
});

test("strict readers take what is plain", () => {
  const list = { type: "array", items: { ...text, pattern: "^a$" }, minItems: 1 };
  const properties = { list, choice: { ...text, description: "Which", enum: ["a"] }, on: { type: "boolean" } };
  expect(refusals({ type: "object", properties, required: ["list"] })).toEqual([]);
});
