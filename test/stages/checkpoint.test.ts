import { describe, expect, test } from "vitest";
import { dotted } from "../../src/json.ts";
import { checkpointProblems } from "../../src/stages/checkpoint.ts";

const source = { $source: { connectionName: "in", topic: "t" } };
const sink = { $emit: { connectionName: "out", topic: "t" } };
const group = { $group: { _id: null } };
const window = (more: object = {}, name = "$tumblingWindow") => ({
  [name]: { interval: { size: 5, unit: "second" }, pipeline: [group], ...more },
});
const pipeline = (...middle: object[]) => [source, ...middle, sink];

function told(before: unknown, after: readonly unknown[]) {
  const { problems, warnings } = checkpointProblems(after, before, ["pipeline"]);
  const lines = (notes: typeof problems) => notes.map(({ path, message }) => `${dotted(path)} ${message}`);
  return { problems: lines(problems), warnings: lines(warnings) };
}

describe("a checkpoint fits", () => {
  test.each([
    ["other stages", pipeline(), pipeline({ $match: { a: 1 } })],
    ["stages in front of a window", pipeline(window()), pipeline({ $match: { a: 1 } }, window())],
    ["another pipeline of a window", pipeline(window()), pipeline(window({ pipeline: [{ $sort: { a: 1 } }, group] }))],
    ["the source in another order", pipeline(), [{ $source: { topic: "t", connectionName: "in" } }, sink]],
    ["what cannot be read", undefined, [sink]],
  ])("%s", (_, before, after) => {
    expect(told(before, after)).toEqual({ problems: [], warnings: [] });
  });
});

describe("a checkpoint does not fit", () => {
  test.each([
    [
      "another source",
      pipeline(),
      [{ $source: { connectionName: "in", topic: "other" } }, sink],
      "pipeline[0].$source is another source",
    ],
    ["a new window", pipeline(), pipeline(window()), "pipeline[1].$tumblingWindow is a new window"],
    ["no window any more", pipeline(window()), pipeline(), "pipeline has no $tumblingWindow any more"],
    [
      "another kind of window",
      pipeline(window()),
      pipeline(window({}, "$hoppingWindow")),
      "pipeline[1].$hoppingWindow is another kind of window than $tumblingWindow",
    ],
    [
      "another interval",
      pipeline(window()),
      pipeline(window({ interval: { size: 6, unit: "second" } })),
      "pipeline[1].$tumblingWindow.interval is another interval",
    ],
    [
      "a window that keeps no groups",
      pipeline(window()),
      pipeline(window({ pipeline: [{ $match: {} }] })),
      "pipeline[1].$tumblingWindow.pipeline has neither $group nor $sort, so the window cannot be kept",
    ],
  ])("%s", (_, before, after, problem) => {
    expect(told(before, after)).toEqual({ problems: [problem], warnings: [] });
  });

  test("for sure another lateness, of which only the code tells", () => {
    const late = window({ allowedLateness: { size: 1, unit: "second" } });
    expect(told(pipeline(window()), pipeline(late))).toMatchObject({
      problems: [],
      warnings: [expect.stringMatching(/allowedLateness is changed, which Atlas may refuse/)],
    });
  });
});
