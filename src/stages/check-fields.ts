/** Fields that a stage needs, and the path that says which one is missing. */
import { type JsonObject, type Path, valueAt } from "../json.ts";
import { type Remark, refusal, warning } from "../schema/remarks.ts";

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

/** The remark on a stage that has none of the fields, to which `at` leads. */
export function missingOneOf(object: JsonObject, at: Path, names: readonly string[]): Remark[] {
  const has = names.length === 0 || names.some((name) => !isMissing(valueAt(object, [name])));
  return has ? [] : [refusal(at, `needs ${names.join(" or ")}`)];
}
