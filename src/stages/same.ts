/**
 * Whether two stages are the same to Atlas, which shows fields in an order of its own and instants in one spelling. In
 * expressions, documents and $sort the order of fields has a meaning.
 */
import { isObject, type JsonObject } from "../json.ts";

/** Stages whose fields are documented one by one. */
const OF_STREAMS = new Set([
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

/** Their fields that hold an object of which the same is true. */
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

export const isSameStage = (one: unknown, other: unknown): boolean =>
  JSON.stringify(stageInOrder(one)) === JSON.stringify(stageInOrder(other));

function stageInOrder(stage: unknown): unknown {
  if (!isObject(stage)) return stage;
  return Object.fromEntries(
    Object.entries(stage).map(([name, fields]) => [
      name,
      OF_STREAMS.has(name) && isObject(fields) ? inOrder(fields, partInOrder(name)) : withInstants(fields),
    ]),
  );
}

const partInOrder =
  (stage: string) =>
  (field: string, value: unknown): unknown => {
    if (field === "pipeline" && stage.endsWith("Window") && Array.isArray(value)) return value.map(stageInOrder);
    return PARTS.has(field) && isObject(value)
      ? inOrder(value, (_, inner) => withInstants(inner))
      : withInstants(value);
  };

const inOrder = (fields: JsonObject, inside: (field: string, value: unknown) => unknown): JsonObject =>
  Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((field) => [field, inside(field, fields[field])]),
  );

/** Every `{"$date": …}` by its milliseconds since 1970. */
function withInstants(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withInstants);
  if (!isObject(value)) return value;
  const entries = Object.entries(value);
  const [[key, date] = []] = entries;
  const instant = key === "$date" && entries.length === 1 ? instantOf(date) : undefined;
  if (instant !== undefined) return { $date: instant };
  return Object.fromEntries(entries.map(([field, inner]) => [field, withInstants(inner)]));
}

function instantOf(date: unknown): number | undefined {
  const written = isObject(date) ? Number(date["$numberLong"]) : date;
  const instant = typeof written === "string" ? Date.parse(written) : Number(written);
  return Number.isFinite(instant) ? instant : undefined;
}
