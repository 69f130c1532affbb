/** JSON values: telling them apart and walking through them. */

export type JsonObject = Record<string, unknown>;

/** Whether a value is an object that is no array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A copy of `value` in which every string is what `change` makes of it; `path` leads there from the root. */
export function mapStrings(
  value: unknown,
  change: (text: string, path: readonly string[]) => string,
  path: readonly string[] = [],
): unknown {
  if (typeof value === "string") return change(value, path);
  if (Array.isArray(value)) return value.map((item, index) => mapStrings(item, change, [...path, `${index}`]));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, mapStrings(inner, change, [...path, key])]),
  );
}

/** Every string in `value` with its path. */
export function stringsIn(value: unknown): { text: string; path: readonly string[] }[] {
  const found: { text: string; path: readonly string[] }[] = [];
  const look = (inside: unknown, path: readonly string[]): void => {
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
