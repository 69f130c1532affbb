/**
 * Whether two stages are the same to Atlas, which shows fields in an order of its own and instants in one spelling. In
 * expressions, documents and $sort the order of fields has a meaning.
 */
import { isObject } from "../json.ts";
import { isComputed } from "./kinds.ts";
import type { Shape } from "./table/shapes.ts";
import { fieldsOf, stageNamed } from "./table.ts";

export const isSameStage = (one: unknown, other: unknown): boolean =>
  JSON.stringify(stageInOrder(one)) === JSON.stringify(stageInOrder(other));

function stageInOrder(stage: unknown): unknown {
  if (!isObject(stage)) return stage;
  return Object.fromEntries(
    Object.entries(stage).map(([name, value]) => [name, inOrder(stageNamed(name)?.value, value)]),
  );
}

/** A value with the fields of its fixed parts in one order. */
function inOrder(shape: Shape | undefined, value: unknown): unknown {
  if (shape?.kind === "pipeline" && shape.room !== "collection" && Array.isArray(value)) return value.map(stageInOrder);
  const object = shape?.kind === "either" ? shape.shapes.find(({ kind }) => kind === "object") : shape;
  if (object?.kind !== "object" || object.others || !isObject(value) || isComputed(value)) return withInstants(value);
  const names = Object.keys(value).sort();
  return Object.fromEntries(
    names.map((name) => [name, inOrder(fieldsOf(object).find(([field]) => field === name)?.[1], value[name])]),
  );
}

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
