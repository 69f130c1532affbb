/** For drawn documents and pipelines: the counts of the stages add up, and no document is lost or doubled. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { tried } from "./tried.ts";

const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ min: -2, max: 2, noNaN: true }),
  fc.constantFrom("a", "b", null, true),
  fc.constantFrom({ $numberLong: "2" }, { $numberDecimal: "0.5" }),
);

/** Some come out of order, some are late. */
const documents = fc.array(
  fc.record({ a: value, b: value, k: fc.constantFrom("x", "y", "z", null), second: fc.nat(60) }),
  { minLength: 1, maxLength: 60 },
);

/** Stages that give at most one document for each, and fail on some. */
const plain: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.record({
    $match: fc.oneof(fc.record({ a: fc.record({ $gt: value }) }), fc.record({ b: fc.record({ $ne: value }) })),
  }),
  fc.record({ $addFields: fc.record({ c: fc.constantFrom({ $divide: ["$a", "$b"] }, { $add: ["$a", 1] }, "$b") }) }),
  fc.record({
    $project: fc.constantFrom(
      { a: 1, b: 1, k: 1, n: 1 },
      { second: 0 },
      { a: { $ifNull: ["$a", 0] }, b: 1, k: 1, n: 1 },
    ),
  }),
);

const window = fc.record({
  $tumblingWindow: fc.record({
    interval: fc.record({ size: fc.integer({ min: 1, max: 30 }), unit: fc.constant("second") }),
    allowedLateness: fc.oneof(fc.constant(0), fc.record({ size: fc.nat(20), unit: fc.constant("second") })),
    pipeline: fc.constant([{ $group: { _id: "$k", count: { $sum: 1 }, ids: { $push: "$n" } } }]),
  }),
});

const numbered = (list: readonly JsonObject[]) =>
  list.map(({ second, ...document }, index) => ({
    ...document,
    n: index,
    t: new Date(Date.UTC(2025, 0, 1) + Number(second) * 1_000).toISOString(),
  }));

const source = { timeField: { $toDate: "$t" } };

test("stage by stage", () => {
  fc.assert(
    fc.property(documents, fc.array(plain, { maxLength: 4 }), (list, stages) => {
      const { stages: counts, totalIn, totalOut, deadLetters } = tried(stages, numbered(list), { source });
      expect(totalIn).toBe(list.length);
      expect(counts[0]?.in).toBe(totalIn);
      for (const [index, count] of counts.entries()) {
        expect(count.out + count.deadLetters).toBeLessThanOrEqual(count.in);
        if (count.stage !== "$match") expect(count.out + count.deadLetters).toBe(count.in);
        if (index > 0) expect(count.in).toBe(counts[index - 1]?.out);
      }
      expect(counts.at(-1)?.in).toBe(totalOut);
      expect(deadLetters).toHaveLength(counts.reduce((sum, count) => sum + count.deadLetters, 0));
    }),
    { numRuns: 150 },
  );
});

test("through a window, every document is in one group or a dead letter", () => {
  fc.assert(
    fc.property(documents, fc.array(plain, { maxLength: 2 }), window, (list, stages, inWindows) => {
      // What comes is kept by its number, whatever a stage before leaves of it.
      const kept = stages.filter((stage) => !("$project" in stage));
      const { output, deadLetters, stages: counts } = tried([...kept, inWindows], numbered(list), { source });
      const at = kept.length + 1;
      const groups = output.map((document) => Object(document));
      const grouped = groups.flatMap(({ ids }) => ids as number[]);
      const dead = deadLetters.map(({ document }) => Number(Object(document)["n"]));
      const into = counts[at]?.in ?? 0;
      expect(grouped.length + (counts[at]?.deadLetters ?? 0)).toBe(into);
      expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(grouped.length);
      expect(new Set([...grouped, ...dead]).size).toBe(grouped.length + dead.length);
      const dropped = counts.slice(0, at).reduce((sum, count) => sum + count.in - count.out - count.deadLetters, 0);
      expect(grouped.length + dead.length + dropped).toBe(list.length);
    }),
    { numRuns: 150 },
  );
});
