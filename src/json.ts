/** JSON values: telling them apart, and finding and changing what is in them by its path. */

export type JsonObject = Record<string, unknown>;

/** The steps from a value to something inside it: names of fields, and positions in lists as text. */
export type Path = readonly string[];

/** A path as people read it, `pipeline[2].$match`. Nothing splits it again: names of fields may hold dots themselves. */
export const dotted = (path: Path): string =>
  path.map((step, index) => (index === 0 ? step : /^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join("");

/** A place in which what is requested and what exists differ; undefined stands for a side that lacks it. */
export interface Difference {
  path: Path;
  requested?: unknown;
  existing?: unknown;
}

/** Whether two paths lead to the same place. */
export function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}

/** Whether a value is an object that is no array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at `path`, or undefined. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (Array.isArray(inner)) return inner[Number(step)];
    return isObject(inner) && Object.hasOwn(inner, step) ? inner[step] : undefined;
  }, value);
}

/** A copy of `value` with `field` at `path`; objects on the way are made where they are missing. */
export function withValueAt(value: JsonObject, path: Path, field: unknown): JsonObject {
  const [step = "", ...rest] = path;
  if (rest.length === 0) return { ...value, [step]: field };
  const inner = value[step];
  return { ...value, [step]: withValueAt(isObject(inner) ? inner : {}, rest, field) };
}

/** A copy of `value` in which every string is what `change` makes of it; `path` leads there from the root. */
export function mapStrings(value: unknown, change: (text: string, path: Path) => string, path: Path = []): unknown {
  if (typeof value === "string") return change(value, path);
  if (Array.isArray(value)) return value.map((item, index) => mapStrings(item, change, [...path, `${index}`]));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, mapStrings(inner, change, [...path, key])]),
  );
}

/** Every string in `value` with its path. */
export function stringsIn(value: unknown): { text: string; path: Path }[] {
  const found: { text: string; path: Path }[] = [];
  const look = (inside: unknown, path: Path): void => {
    if (typeof inside === "string") found.push({ text: inside, path });
    else if (isContainer(inside)) for (const [key, inner] of Object.entries(inside)) look(inner, [...path, key]);
  };
  look(value, []);
  return found;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Goes through the value level by level, since recursion is what a limit on levels is there to protect. */
export function isDeeperThan(levels: number, value: object): boolean {
  let containers = [value];
  for (let depth = 0; depth < levels && containers.length > 0; depth++) {
    containers = containers.flatMap((outer) => Object.values(outer).filter(isContainer));
  }
  return containers.length > 0;
}
