/** What Atlas adds to a connection beside what was sent. */
import { isObject, type JsonObject } from "../json.ts";

/** Read-only fields that every connection has. */
export const addedByAtlas: readonly string[] = ["id", "state"];

/** Without the lists of links that Atlas adds at any depth. */
export function withoutLinks(value: JsonObject): JsonObject {
  const clean = (inner: unknown): unknown =>
    Array.isArray(inner) ? inner.map(clean) : isObject(inner) ? withoutLinks(inner) : inner;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== "links" || !Array.isArray(inner))
      .map(([key, inner]) => [key, clean(inner)]),
  );
}
