/** A connection as the agent sees it. */
import { maskSecretFields } from "../connections/secret-fields.ts";
import { isObject, type JsonObject } from "../json.ts";

/** As Atlas gave it, without links, and with secrets masked by their place. */
export function connectionView(connection: JsonObject): JsonObject {
  const shown = withoutLinks(maskSecretFields(connection));
  return isObject(shown) ? shown : {};
}

function withoutLinks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLinks);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== "links" || !Array.isArray(inner))
      .map(([key, inner]) => [key, withoutLinks(inner)]),
  );
}
