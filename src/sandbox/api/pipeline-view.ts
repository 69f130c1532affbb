/** A pipeline as Atlas shows it: the same stages, in which fields may stand in another order and instants are respelled. */
import { isObject, type JsonObject } from "../../json.ts";
import { isWindow } from "../../stages/table.ts";
import type { Oddities } from "../data/oddities.ts";

/**
 * Stages whose own fields are known; those of any other are an expression, a query or a list of names. They stand here
 * once more, and not in the table alone, so that a mistake there is not made on both sides.
 */
const STAGES = new Set([
  "$source",
  "$validate",
  "$https",
  "$externalFunction",
  "$lookup",
  "$cachedLookup",
  "$vectorSearch",
  "$tumblingWindow",
  "$hoppingWindow",
  "$sessionWindow",
  "$merge",
  "$emit",
  "$iceberg",
]);

/** Fields of those stages whose own fields are known as well. */
const PARTS = new Set([
  "into",
  "from",
  "config",
  "schemaRegistry",
  "timeseries",
  "initialSync",
  "interval",
  "hopSize",
  "gap",
  "ttl",
  "idleTimeout",
  "partitionIdleTimeout",
  "allowedLateness",
]);

/** The stages of a pipeline. */
export function viewPipeline(pipeline: readonly unknown[], { fieldsReordered, datesRespelled }: Oddities): unknown[] {
  const ordered = fieldsReordered ? pipeline.map(orderedStage) : [...pipeline];
  return datesRespelled ? ordered.map(withServerDates) : ordered;
}

/** The object with its fields in the order of the alphabet. */
export const inOrder = (value: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

function orderedStage(stage: unknown): unknown {
  if (!isObject(stage)) return stage;
  return Object.fromEntries(
    Object.entries(stage).map(([name, fields]) => [
      name,
      STAGES.has(name) && isObject(fields) ? orderedFields(name, fields) : fields,
    ]),
  );
}

function orderedFields(stage: string, fields: JsonObject): JsonObject {
  const parts = Object.entries(fields).map(([field, value]): [string, unknown] => {
    if (isWindow(stage) && field === "pipeline" && Array.isArray(value)) return [field, value.map(orderedStage)];
    return [field, PARTS.has(field) && isObject(value) ? inOrder(value) : value];
  });
  return inOrder(Object.fromEntries(parts));
}

/** Every `{"$date": …}` in the value as the server writes it. */
function withServerDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withServerDates);
  if (!isObject(value)) return value;
  const date = "$date" in value ? serverDate(value["$date"]) : undefined;
  if (date !== undefined) return { $date: date };
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, withServerDates(inner)]));
}

/** Milliseconds since 1970, as a number or `{"$numberLong": …}`, or ISO 8601; undefined for anything else. */
function serverDate(spelled: unknown): string | undefined {
  const value = isObject(spelled) ? Number(spelled["$numberLong"]) : spelled;
  const instant = new Date(typeof value === "number" || typeof value === "string" ? value : Number.NaN);
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}
