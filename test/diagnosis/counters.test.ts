import fc from "fast-check";
import { expect, test } from "vitest";
import { countersOf } from "../../src/diagnosis/counters.ts";

const counts = { inputMessageCount: 926, outputMessageCount: 383, dlqMessageCount: 0 };

test.each([
  ["numbers", { ...counts, status: "running" }, counts],
  ["text", { inputMessageCount: "926", outputMessageCount: "383", dlqMessageCount: "0" }, counts],
  [
    "extended JSON",
    {
      inputMessageCount: { $numberLong: "926" },
      outputMessageCount: { $numberInt: "383" },
      dlqMessageCount: { $numberDouble: "0.0" },
      stateSize: { $numberLong: "4504" },
    },
    { ...counts, stateSize: 4504 },
  ],
  ["the shell's reply", { ok: 1, ns: "a.b.c", stats: { ...counts, stateSize: 0 } }, { ...counts, stateSize: 0 }],
  ["one of them", { dlqMessageCount: 2 }, { inputMessageCount: 0, outputMessageCount: 0, dlqMessageCount: 2 }],
])("counters come as %s", (_, stats, expected) => {
  expect(countersOf(stats)).toEqual(expected);
});

test.each([
  undefined,
  null,
  "926",
  [],
  {},
  { stats: [] },
  { inputMessageCount: null },
  { inputMessageCount: -1 },
  { inputMessageCount: "" },
  { inputMessageCount: {} },
  { stateSize: 1 },
])("%j tells no counters", (stats) => {
  expect(countersOf(stats)).toBeUndefined();
});

test("whatever Atlas shows, counters are numbers from 0", () => {
  const stats = fc.record(
    {
      inputMessageCount: fc.jsonValue(),
      outputMessageCount: fc.double(),
      dlqMessageCount: fc.string(),
      stateSize: fc.anything(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), stats, fc.record({ stats })), (shown) => {
      for (const count of Object.values(countersOf(shown) ?? {})) expect(count).toBeGreaterThanOrEqual(0);
    }),
  );
});
