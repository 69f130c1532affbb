/** Fields that a stage needs, and the path that says which one is missing. */
import { isObject, type JsonObject, type Path, valueAt } from "../json.ts";
import type { Mask } from "../mask.ts";
import { choice, type Remark, refusal, warning } from "../schema/problems.ts";

/** Whether there is nothing to use: no expression and no name is empty. */
export const isMissing = (value: unknown): boolean => value === undefined || value === null || value === "";

/** The start of `path` that leads to what is there, and one step further where something is missing. */
export function reachable(value: unknown, path: Path): Path {
  const missing = path.findIndex((_, index) => isMissing(valueAt(value, path.slice(0, index + 1))));
  return missing < 0 ? path : path.slice(0, missing + 1);
}

/** Of the fields, those that are missing from an object to which `at` leads. */
export function missingFields(
  object: JsonObject,
  at: Path,
  { needs = [], expects = [] }: { needs?: readonly string[]; expects?: readonly string[] },
  reason = "",
): Remark[] {
  const lacking = (names: readonly string[]) => names.filter((name) => isMissing(valueAt(object, [name])));
  return [
    ...lacking(needs).map((name) => refusal([...at, name], `is required${reason}`)),
    ...lacking(expects).map((name) =>
      warning([...at, name], `is left out, and Atlas documents it as required${reason}`),
    ),
  ];
}

const UNITS = ["ms", "second", "minute", "hour", "day"];
const SHAPE = 'such as {"size": 5, "unit": "minute"}';

/**
 * What a window needs beside its pipeline.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-tumbling/
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-hopping/
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-session/
 */
export function checkWindow(durations: readonly string[], body: JsonObject, at: Path, mask: Mask): Remark[] {
  return [
    ...durations.flatMap((name) => checkDuration(valueAt(body, [name]), [...at, name], mask)),
    ...timing(body, at),
  ];
}

function checkDuration(duration: unknown, at: Path, mask: Mask): Remark[] {
  if (isMissing(duration)) return [refusal(at, `is required, ${SHAPE}`)];
  if (!isObject(duration)) return [refusal(at, `must be an object ${SHAPE}`)];
  const remarks = missingFields(duration, at, { needs: ["size", "unit"] });
  const size = valueAt(duration, ["size"]);
  const unit = valueAt(duration, ["unit"]);
  // A number can also be written as an object of Extended JSON.
  const isCount = isMissing(size) || isObject(size) || (Number.isInteger(size) && Number(size) > 0);
  if (!isCount) remarks.push(refusal([...at, "size"], "must be a whole number greater than 0"));
  if (typeof unit === "string" && unit !== "" && !UNITS.includes(unit))
    remarks.push(warning([...at, "unit"], choice(unit, UNITS, mask)));
  return remarks;
}

/** With the clock of the processor nothing can be late. */
function timing(body: JsonObject, at: Path): Remark[] {
  if (valueAt(body, ["boundary"]) !== "processingTime") return [];
  return ["idleTimeout", "allowedLateness"]
    .filter((name) => !isMissing(valueAt(body, [name])))
    .map((name) => refusal([...at, name], "cannot be set where boundary is processingTime"));
}
