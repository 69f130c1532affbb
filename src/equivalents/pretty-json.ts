/** JSON over several lines in which the caller decides how each string is written. */
import { isObject } from "../json.ts";

type WriteString = (text: string, path: readonly string[]) => string;

/** `value` as JSON; `write` makes the JSON of the string at a path, and of every key, for which the path is empty. */
export function prettyJson(value: unknown, write: WriteString, path: readonly string[] = [], newline = "\n"): string {
  const inner = `${newline}  `;
  const list = (open: string, items: string[], close: string) =>
    items.length === 0 ? open + close : `${open}${inner}${items.join(`,${inner}`)}${newline}${close}`;
  if (typeof value === "string") return write(value, path);
  if (Array.isArray(value)) {
    const items = value.map((item, index) => prettyJson(item, write, [...path, `${index}`], inner));
    return list("[", items, "]");
  }
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${write(key, [])}: ${prettyJson(member, write, [...path, key], inner)}`,
  );
  return list("{", members, "}");
}

/**
 * `text` as a JSON string that can be pasted into a terminal and read there: no control characters, nothing that turns
 * the direction of writing, and no `!`, which older bash expands even between single quotes that began a line earlier.
 */
export function jsonString(text: string): string {
  return JSON.stringify(text).replace(/[!\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
