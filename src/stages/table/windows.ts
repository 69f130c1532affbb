/** Stages that collect documents and run a pipeline on what they collected, and those that only stand in there. */
import {
  duration,
  durationOrNone,
  expression,
  type Fields,
  object,
  page,
  pipeline,
  plain,
  processorOnly,
  type Rule,
  required,
  type Stage,
  stage,
  text,
  whole,
  windowOnly,
  words,
} from "./shapes.ts";

const boundary = words("eventTime processingTime", "eventTime");
const allowedLateness = durationOrNone({ ms: 1_800_000, words: "30 minutes", from: "planner" });
const offset = object({ offsetFromUtc: whole(Number.MIN_SAFE_INTEGER), unit: words("ms second minute hour") });
const inTime: Fields = { boundary, offset, idleTimeout: durationOrNone(), allowedLateness };
const inner = required(pipeline("window"));

/** With the clock of the processor nothing can be late. */
const noneLate = (...excludes: string[]): Rule => ({ where: { boundary: ["processingTime"] }, excludes });

const minute = { size: 1, unit: "minute" };
const counted = [{ $group: { _id: "$site", n: { $sum: 1 } } }];

export const windows: readonly Stage[] = [
  stage(
    ["$tumblingWindow", "middle", processorOnly],
    "Collects documents in windows of one length that follow each other, and runs a pipeline on each window",
    page("sp-agg-tumbling", "2025/26"),
    object({ interval: required(duration), pipeline: inner, ...inTime }, [noneLate("idleTimeout", "allowedLateness")], {
      hints: { hopSize: "$hoppingWindow takes it" },
    }),
    { interval: minute, idleTimeout: minute, allowedLateness: { size: 5, unit: "second" }, pipeline: counted },
  ),
  stage(
    ["$hoppingWindow", "middle", processorOnly],
    "Collects documents in windows that overlap, and runs a pipeline on each window",
    page("sp-agg-hopping", "2025/26"),
    object({ interval: required(duration), hopSize: required(duration), pipeline: inner, ...inTime }, [
      noneLate("idleTimeout", "allowedLateness"),
    ]),
    { interval: minute, hopSize: { size: 20, unit: "second" }, pipeline: counted },
  ),
  stage(
    ["$sessionWindow", "middle", processorOnly],
    "Collects documents of the same key until none comes for a while, and runs a pipeline on each session",
    page("sp-agg-session", "2025/26"),
    object(
      { partitionBy: required(expression), gap: required(duration), pipeline: inner, boundary, allowedLateness },
      [noneLate("allowedLateness")],
      { hints: { key: "partitionBy is the key of a session", interval: "gap is what ends a session" } },
    ),
    { partitionBy: "$user", gap: minute, pipeline: [{ $group: { _id: "$user", n: { $sum: 1 } } }] },
  ),
];

/** Stages of MongoDB that work on what a window collected. */
export const inWindows: readonly Stage[] = [
  stage(
    ["$group", "middle", windowOnly],
    "Groups the documents of a window and computes totals",
    plain,
    object({ _id: required(expression) }, [], { others: expression, like: '{"_id": "$key", …}' }),
    { _id: "$site", total: { $sum: "$watts" } },
    { _id: null },
  ),
  stage(
    ["$sort", "middle", windowOnly],
    "Sorts the documents of a window",
    plain,
    { kind: "map", of: expression, filled: true },
    { total: -1 },
  ),
  stage(["$count", "middle", windowOnly], "Counts the documents of a window", plain, text, "n"),
  stage(["$limit", "middle", windowOnly], "Keeps the first documents of a window", plain, whole(1), 5),
];
