/** Fields of a connection by dotted path. */
import { isObject, type JsonObject } from "../json.ts";

/** The value at `path`, dotted or in steps, or undefined. */
export function valueAt(value: unknown, path: string | readonly (string | number)[]): unknown {
  const steps = typeof path === "string" ? path.split(".") : path;
  return steps.reduce<unknown>((inner, step) => {
    if (Array.isArray(inner)) return inner[Number(step)];
    return isObject(inner) && Object.hasOwn(inner, step) ? inner[step] : undefined;
  }, value);
}

/** A copy of `value` with `field` at `path`; objects on the way are made where they are missing. */
export function withValueAt(value: JsonObject, path: readonly string[], field: unknown): JsonObject {
  const [step = "", ...rest] = path;
  if (rest.length === 0) return { ...value, [step]: field };
  const inner = value[step];
  return { ...value, [step]: withValueAt(isObject(inner) ? inner : {}, rest, field) };
}
