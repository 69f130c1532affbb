import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dotted } from "../../../src/json.ts";
import { differences } from "../../../src/tools/processors/definition.ts";

const stage = (n: number) => ({ $match: { n } });
const told = (before: readonly number[], after: readonly number[]) =>
  differences({ pipeline: after.map(stage) }, { pipeline: before.map(stage) }).map(
    ({ path, requested, existing }) =>
      `${dotted(path)}${existing ? ` -${JSON.stringify(existing)}` : ""}${requested ? ` +${JSON.stringify(requested)}` : ""}`,
  );
const sign = (what: string, n: number) => `${what}${JSON.stringify(stage(n))}`;

describe("the stages of a pipeline that differ", () => {
  test.each([
    ["none", [1, 2, 3], [1, 2, 3], []],
    ["one that was added", [1, 3], [1, 2, 3], [`pipeline[1] ${sign("+", 2)}`]],
    ["one that was removed", [1, 2, 3], [1, 3], [`pipeline[1] ${sign("-", 2)}`]],
    ["one that was changed", [1, 2, 3], [1, 4, 3], [`pipeline[1] ${sign("-", 2)} ${sign("+", 4)}`]],
    [
      "one that was changed and one that was added",
      [1, 2, 3],
      [1, 4, 5, 3],
      [`pipeline[1] ${sign("-", 2)} ${sign("+", 4)}`, `pipeline[2] ${sign("+", 5)}`],
    ],
    ["one that went to the end", [1, 2, 3], [2, 3, 1], [`pipeline[0] ${sign("-", 1)}`, `pipeline[2] ${sign("+", 1)}`]],
    ["all", [1], [2], [`pipeline[0] ${sign("-", 1)} ${sign("+", 2)}`]],
    ["those of nothing", [], [1], [`pipeline[0] ${sign("+", 1)}`]],
  ])("%s", (_, before, after, expected) => {
    expect(told(before, after)).toEqual(expected);
  });

  test("are none exactly where the pipelines are the same, and never more than there are stages", () => {
    const stages = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 8 });
    fc.assert(
      fc.property(stages, stages, (before, after) => {
        const found = told(before, after);
        expect(found.length === 0).toBe(JSON.stringify(before) === JSON.stringify(after));
        expect(found.length).toBeLessThanOrEqual(before.length + after.length);
      }),
    );
  });
});
