/**
 * Whether two stages are the same to Atlas, which shows fields in an order of its own and instants in one spelling. Where
 * the table knows the fields of an object, their order means nothing; in expressions, documents and $sort it does. Names of
 * headers have no case.
 */
import { isObject, type JsonObject } from "../json.ts";
import type { Shape } from "./table/shapes.ts";
import { stageNamed } from "./table.ts";

export const isSameStage = (one: unknown, other: unknown): boolean =>
  JSON.stringify(stageInOrder(one)) === JSON.stringify(stageInOrder(other));

function stageInOrder(stage: unknown): unknown {
  if (!isObject(stage)) return stage;
  return Object.fromEntries(
    Object.entries(stage).map(([name, value]) => [name, inOrder(value, stageNamed(name)?.value)]),
  );
}

function inOrder(value: unknown, shape: Shape | undefined): unknown {
  if (shape?.kind === "either")
    return inOrder(
      value,
      shape.shapes.find(({ kind }) => kind === (isObject(value) ? "object" : "list")),
    );
  if (Array.isArray(value)) {
    if (shape?.kind === "pipeline") return value.map(stageInOrder);
    return value.map((item) => inOrder(item, shape?.kind === "list" ? shape.of : undefined));
  }
  if (!isObject(value)) return value;
  const instant = instantOf(value);
  if (instant !== undefined) return { $date: instant };
  if (shape?.kind === "map" && shape.caseless)
    return Object.entries(value)
      .map(([name, each]) => [name.toLowerCase(), inOrder(each, shape.of)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1));
  const known = shape?.kind === "object" && shape.others === undefined ? shape.fields : undefined;
  const fields = known ? Object.keys(value).sort() : Object.keys(value);
  return Object.fromEntries(fields.map((field) => [field, inOrder(value[field], known?.[field])]));
}

/** The milliseconds since 1970 of `{"$date": …}`, in whatever spelling. */
function instantOf(value: JsonObject): number | undefined {
  const { $date: date, ...others } = value;
  if (date === undefined || Object.keys(others).length > 0) return undefined;
  const written = isObject(date) ? Number(date["$numberLong"]) : date;
  const instant = typeof written === "string" ? Date.parse(written) : Number(written);
  return Number.isFinite(instant) ? instant : undefined;
}
