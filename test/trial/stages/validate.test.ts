/**
 * `$validate`.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-validate/
 */
import { describe, expect, test } from "vitest";
import { tried } from "./tried.ts";

const validate = (validator: object, validationAction?: string) => ({
  $validate: { validator, ...(validationAction !== undefined && { validationAction }) },
});
const INVALID = "Input document found to be invalid in $validate stage";

describe("documents that do not match", () => {
  const documents = [0, 1, 2, 3, 3, 3, 4, 0, 5].map((id) => ({ id }));
  const isZero = { $expr: { $eq: ["$id", 0] } };

  test("go to the dead letter queue where the stage says so", () => {
    const { output, deadLetters } = tried([validate(isZero, "dlq")], { documents });
    expect(output).toEqual([{ id: 0 }, { id: 0 }]);
    expect(deadLetters).toHaveLength(7);
    expect(deadLetters[0]).toMatchObject({ reason: INVALID, document: { id: 1 } });
  });

  test.each([["discard"], [undefined]])("are dropped with %j", (action) => {
    const { output, deadLetters } = tried([validate(isZero, action)], { documents });
    expect(output).toHaveLength(2);
    expect(deadLetters).toEqual([]);
  });
});

/** The page's example, in which a position has to be a list. */
test("a schema asks for lists where the page's example has them", () => {
  const list = { bsonType: "array" };
  const schema = {
    properties: { sections: list, position: { bsonType: "object", properties: { coordinates: list } } },
  };
  const right = { position: { type: "Point", coordinates: [120.7, -98.2] }, sections: ["UG1", "MA1"] };
  const wrong = { position: { type: "Point", coordinates: -100.2 }, sections: ["GA2"] };
  const { output, deadLetters } = tried([validate({ $jsonSchema: schema }, "dlq")], {
    documents: [right, wrong],
  });
  expect(output).toEqual([right]);
  expect(deadLetters).toMatchObject([{ reason: INVALID, document: wrong }]);
});

test("an expression and a schema go together", () => {
  const schema = { required: ["lap"], properties: { lap: { bsonType: "int", minimum: 1, maximum: 4 } } };
  const validator = { $and: [{ $expr: { $ne: ["$name", "Pace Car"] } }, { $jsonSchema: schema }] };
  const { output } = tried([validate(validator)], {
    documents: [
      { name: "Ann", lap: 1 },
      { name: "Pace Car", lap: 2 },
      { name: "Ben", lap: 5 },
      { name: "Cat" },
      { name: "Dan", lap: { $numberLong: "3" } },
    ],
  });
  expect(output).toEqual([{ name: "Ann", lap: 1 }]);
});

test("an expression that fails on a document makes it a dead letter with the reason, or drops it", () => {
  const fails = { $expr: { $gt: [{ $divide: [1, "$id"] }, 0] } };
  const documents = [{ id: 0 }, { id: 1 }];
  const { output, deadLetters } = tried([validate(fails, "dlq")], { documents });
  expect(output).toEqual([{ id: 1 }]);
  expect(deadLetters).toMatchObject([
    { reason: expect.stringMatching(/^Failed to process input document in \$validate stage with error: .*zero/) },
  ]);
  expect(tried([validate(fails)], { documents }).deadLetters).toEqual([]);
});
