/** Stages of streams with anything in them: a trial ends with a result or a refusal, and reaches no prototype. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type JsonObject, withValueAt } from "../../../src/json.ts";
import { tryPipeline } from "../../../src/trial/trial.ts";
import { tried } from "./tried.ts";

const from = { connectionName: "s", db: "d", coll: "c" };
const bodies: Record<string, JsonObject> = {
  $validate: {
    validator: { $jsonSchema: { required: ["a"], properties: { a: { minimum: 1 } } } },
    validationAction: "dlq",
  },
  $lookup: { from, localField: "a", foreignField: "a", let: { v: "$a" }, pipeline: [{ $match: {} }], as: "found" },
  $cachedLookup: { from, localField: "a", foreignField: "a", as: "found", ttl: { size: 1, unit: "second" } },
  $https: {
    ...{ connectionName: "h", path: "/p", method: "POST", parameters: { q: "$a" }, headers: { h: "x" }, as: "answer" },
    ...{ onError: "dlq", payload: [{ $project: { a: 1 } }], config: { parseJsonStrings: true } },
  },
  $externalFunction: { connectionName: "f", functionName: "n", execution: "sync", as: "answer", onError: "ignore" },
  $setStreamMeta: { "stream.a": "$a" },
  $throttle: { messagesPerSec: 1 },
  $merge: { into: from, on: ["a"], let: { v: "$a" }, whenMatched: [{ $set: { b: "$$v" } }], whenNotMatched: "insert" },
  $emit: {
    ...{ connectionName: "k", topic: "$t" },
    config: {
      key: "$a",
      keyFormat: "int",
      headers: { h: "$a" },
      tombstoneWhen: { $eq: ["$a", 1] },
      outputFormat: "basicJson",
    },
  },
  $iceberg: { connectionName: "i", bucket: "b", tableName: "t", path: "p", mode: "cdc" },
};
const sinks = new Set(["$merge", "$emit", "$iceberg"]);

const names = fc.constantFrom("__proto__", "constructor", "toString", "a", "$a", "$$ROOT", "a.b", "", "$");
const junk = fc.oneof(
  names,
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(names, fc.oneof(names, fc.integer(), fc.constant(null))),
  fc.constantFrom({ $meta: "stream" }, { $literal: 1 }, { $divide: [1, 0] }, { $date: 0 }, { $numberLong: "7" }, []),
);
const stage = fc.constantFrom(...Object.keys(bodies)).chain((name) => {
  const body = bodies[name] ?? {};
  const changed = fc
    .record({ field: fc.constantFrom(...Object.keys(body), "__proto__"), value: junk })
    .map(({ field, value }) => ({ [name]: withValueAt(body, [field], value) }));
  return fc.oneof(
    changed,
    junk.map((value) => ({ [name]: value })),
  );
});

test("whatever stands in them", () => {
  fc.assert(
    fc.property(
      stage,
      fc.array(fc.dictionary(names, fc.jsonValue({ maxDepth: 2 })), { maxLength: 3 }),
      (tested, more) => {
        const source = { $source: { connectionName: "b", topic: "t" } };
        const [name = ""] = Object.keys(tested);
        const pipeline = [source, tested, ...(sinks.has(name) ? [] : [{ $emit: { connectionName: "__testLog" } }])];
        const result = tryPipeline({
          pipeline,
          documents: [{ a: 1 }, { a: "x" }, ...more],
          collections: { "d.c": [{ a: 1 }, { a: [1, { b: 2 }] }] },
          responses: [{ a: 1 }, { status: 404 }, "text"],
          dlq: true,
        });
        if ("problems" in result) expect(result.problems).not.toEqual([]);
        else
          expect(result.stages.map(({ deadLetters, out, in: came }) => came - out - deadLetters >= 0)).not.toContain(
            false,
          );
      },
    ),
    { numRuns: 200 },
  );
  expect(Object.keys(Object.prototype)).toEqual([]);
});

describe("names that objects of JavaScript have", () => {
  const document = (text: string): JsonObject => JSON.parse(text);
  const collections = { "d.c": [{ a: 1 }] };

  test("are fields like any other where a look-up or an answer is put", () => {
    const lookup = { from, localField: "a", foreignField: "a", as: "__proto__.found" };
    const https = { connectionName: "h", as: "constructor.answer" };
    const { output } = tried([{ $lookup: lookup }, { $https: https }], {
      documents: [{ a: 1 }],
      collections,
      responses: [7],
    });
    expect(JSON.stringify(output)).toBe('[{"a":1,"__proto__":{"found":[{"a":1}]},"constructor":{"answer":7}}]');
  });

  test("are written and matched like any other", () => {
    const { collections } = tried([], {
      documents: [
        document('{ "_id": 1, "__proto__": { "k": 1 }, "n": 1 }'),
        document('{ "__proto__": { "k": 1 }, "n": 2 }'),
      ],
      sink: { $merge: { into: from, on: "__proto__.k", whenMatched: "merge" } },
    });
    expect(JSON.stringify(collections["d.c"])).toBe('[{"_id":1,"__proto__":{"k":1},"n":2}]');
  });
});
