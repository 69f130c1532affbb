/**
 * What a processor keeps when its pipeline is changed: it goes on from its last checkpoint, which fits the source and the
 * windows of the pipeline that wrote it.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/manage-stream-processor/ "Modify a Stream Processor"
 */
import { isDeepStrictEqual } from "node:util";
import { isObject, type Path, valueAt } from "../json.ts";
import { type Checked, checked, type Remark, refusal, warning } from "../schema/problems.ts";
import { isSameStage } from "./same.ts";
import { isWindow } from "./table.ts";

interface Window {
  name: string;
  index: number;
  value: unknown;
}

/** The changes from `existing` to `pipeline`, to which `at` leads, that Atlas refuses while the checkpoint is kept. */
export function checkpointProblems(pipeline: readonly unknown[], existing: unknown, at: Path): Checked {
  const before: readonly unknown[] = Array.isArray(existing) ? existing : [];
  const source = ([first]: readonly unknown[]) => ({ $source: valueAt(first, ["$source"]) });
  const [windowBefore, window] = [windowOf(before), windowOf(pipeline)];
  return checked([
    ...(isSameStage(source(pipeline), source(before)) ? [] : [refusal([...at, "0", "$source"], "is another source")]),
    ...windowRemarks(window, windowBefore, at),
  ]);
}

function windowOf(pipeline: readonly unknown[]): Window | undefined {
  for (const [index, stage] of pipeline.entries()) {
    const [name, value] = Object.entries(isObject(stage) ? stage : {})[0] ?? [];
    if (name !== undefined && isWindow(name)) return { name, index, value };
  }
  return undefined;
}

function windowRemarks(window: Window | undefined, before: Window | undefined, at: Path): Remark[] {
  if (!window) return before ? [refusal(at, `has no ${before.name} any more`)] : [];
  const { name, index, value } = window;
  const path = [...at, `${index}`, name];
  if (!before) return [refusal(path, "is a new window")];
  if (before.name !== name) return [refusal(path, `is another kind of window than ${before.name}`)];
  const changed = (field: string) => !isDeepStrictEqual(valueAt(value, [field]), valueAt(before.value, [field]));
  if (changed("interval")) return [refusal([...path, "interval"], "is another interval")];
  const doubtful = ["gap", "hopSize", "allowedLateness"].filter(changed);
  return [
    ...doubtful.map((field) =>
      warning([...path, field], "is changed, which Atlas may refuse while the checkpoint is kept."),
    ),
    ...(blocks(value)
      ? []
      : [refusal([...path, "pipeline"], "has neither $group nor $sort, so the window cannot be kept")]),
  ];
}

const blocks = (window: unknown): boolean => {
  const stages = valueAt(window, ["pipeline"]);
  return Array.isArray(stages) && stages.some((stage) => isObject(stage) && ("$group" in stage || "$sort" in stage));
};
