/**
 * What the engine of Atlas refuses of a pipeline. It stands here once more, and not in the table of stages alone, so that a
 * mistake there is not made on both sides.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/stream-aggregation-stages/
 */
import { isObject, type JsonObject, valueAt } from "../../json.ts";

const WINDOWS = ["$tumblingWindow", "$hoppingWindow", "$sessionWindow"];

const STAGES = new Set([
  ...["$source", "$validate", "$lookup", "$cachedLookup", "$vectorSearch", "$https", "$externalFunction"],
  ...["$setStreamMeta", "$throttle", "$merge", "$emit", "$iceberg", ...WINDOWS],
  ...["$match", "$project", "$addFields", "$set", "$unset", "$replaceRoot", "$replaceWith", "$redact", "$unwind"],
  ...["$group", "$sort", "$limit", "$count"],
]);

const DURATIONS = ["interval", "hopSize", "gap", "idleTimeout", "allowedLateness"];
const UNITS = new Set(["ms", "second", "minute", "hour", "day"]);

/** The sum of what is requested beyond one each, by tier. @see https://www.mongodb.com/docs/atlas/tier-guide/ */
const PARALLELISM: ReadonlyMap<string, number> = new Map([
  ["SP2", 1],
  ["SP5", 2],
  ["SP10", 8],
  ["SP30", 16],
  ["SP50", 64],
]);

export interface PipelineProblem {
  /** Such as `pipeline.1.$tumblingWindow.interval.unit`. */
  field: string;
  description: string;
}

/** The first thing that is wrong, or undefined; without a tier, any amount of parallelism is right. */
export const problemIn = (pipeline: readonly JsonObject[], tier: string | undefined): PipelineProblem | undefined =>
  stagesProblem(pipeline, "pipeline") ?? (tier === undefined ? undefined : parallelismProblem(pipeline, tier));

function stagesProblem(pipeline: readonly JsonObject[], at: string): PipelineProblem | undefined {
  for (const [index, stage] of pipeline.entries()) {
    const field = `${at}.${index}`;
    const [[name = "", value] = [], ...others] = Object.entries(stage);
    if (name === "" || others.length > 0)
      return { field, description: "A pipeline stage specification object must contain exactly one field" };
    if (!STAGES.has(name)) return { field, description: `Unrecognized pipeline stage name: '${name}'` };
    const inner = WINDOWS.includes(name) ? windowProblem(value, `${field}.${name}`, name) : undefined;
    if (inner) return inner;
  }
  return undefined;
}

function windowProblem(value: unknown, at: string, name: string): PipelineProblem | undefined {
  for (const duration of DURATIONS) {
    const unit = valueAt(value, [duration, "unit"]);
    if (unit !== undefined && !UNITS.has(String(unit)))
      return {
        field: `${at}.${duration}.unit`,
        description: `Enumeration value '${unit}' for field '${name}.${duration}.unit' is not a valid value`,
      };
  }
  const pipeline = valueAt(value, ["pipeline"]);
  return Array.isArray(pipeline) ? stagesProblem(pipeline.filter(isObject), `${at}.pipeline`) : undefined;
}

/** The values of all stages, those inside windows too. */
const valuesIn = (pipeline: readonly JsonObject[]): unknown[] =>
  pipeline.flatMap((stage) =>
    Object.values(stage).flatMap((value) => {
      const inner = valueAt(value, ["pipeline"]);
      return [value, ...(Array.isArray(inner) ? valuesIn(inner.filter(isObject)) : [])];
    }),
  );

function parallelismProblem(pipeline: readonly JsonObject[], tier: string): PipelineProblem | undefined {
  const requested = valuesIn(pipeline)
    .map((value) => Number(valueAt(value, ["parallelism"]) ?? valueAt(value, ["initialSync", "parallelism"]) ?? 1) - 1)
    .reduce((sum, each) => sum + Math.max(each, 0), 0);
  const limit = PARALLELISM.get(tier) ?? Number.POSITIVE_INFINITY;
  if (requested <= limit) return undefined;
  const [smallest = "none"] = [...PARALLELISM].find(([, most]) => most >= requested) ?? [];
  return {
    field: "tier",
    description: `Operator parallelism requested exceeds limit for this tier. (Requested: ${requested}, Limit: ${limit}). Minimum tier for this workload: ${smallest} or larger`,
  };
}
