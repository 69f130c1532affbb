/** Whether an existing connection is the one requested. */
import { isDeepStrictEqual } from "node:util";
import { type Difference, isObject, type JsonObject, type Path, stringsIn, valueAt } from "../json.ts";
import { traitOf } from "../schema/fields.ts";
import { schemaAt } from "../schema/structure.ts";
import { networkFields } from "./access.ts";
import { isFreeMap, isHeaders, isNeverReturned, secretsIn } from "./secret-places.ts";
import { type Connection, connectionTypes } from "./union.ts";

interface Leaf {
  path: Path;
  value: unknown;
}

/** Whether Atlas may have filled in what stands at `path`: then it differs only where the request has it too. */
function isFilledByAtlas(path: Path): boolean {
  const places = path.map((_, index) => path.slice(0, index + 1));
  const schemas = connectionTypes.flatMap(({ schema }) => places.map((place) => schemaAt(schema, place)));
  // Nobody can have requested what the API does not document.
  return schemas.every((each) => each === undefined) || schemas.some((each) => each && traitOf(each).filled);
}

/**
 * The differences between the `requested` connection and the `existing` one, both of the project `groupId`, as Atlas tells
 * values apart. Secrets that it does not return are left out, and so are fields that it fills in by itself. The values are
 * not masked: headers and the passwords in URLs are among them.
 */
export function compare(requested: Connection | JsonObject, existing: unknown, groupId: string): Difference[] {
  const sides = [leaves(requested), leaves(existing)];
  const paths = new Map(sides.flatMap((side) => [...side].map(([key, { path }]) => [key, path] as const)));
  return [...paths].flatMap(([key, path]) => {
    if (isNeverReturned(path) || isHidden(path, existing)) return [];
    const values = sides.map((side) => withDefault(path, side.get(key)?.value, groupId));
    const [after, before] = values;
    const [one, other] = values.map((value) => normal(path, value));
    if (isDeepStrictEqual(one, other) || (one === undefined && isFilledByAtlas(path))) return [];
    return [{ path, requested: after, existing: before }];
  });
}

/** What of the `requested` connection cannot be compared: the secrets, and the headers where Atlas shows none. */
export function uncompared(requested: Connection | JsonObject, existing: JsonObject): Path[] {
  const headers = stringsIn(requested).filter(({ path }) => isHidden(path, existing));
  const secrets = secretsIn(requested).filter(({ path }) => isNeverReturned(path));
  return [...secrets, ...headers].map(({ path }) => path);
}

/** Whether `path` leads into headers, which Atlas may have without showing any. */
const isHidden = ([field = ""]: Path, existing: unknown) => isHeaders(field) && valueAt(existing, [field]) == null;

/** The values at the ends of `value`, each by its path, in which header names have no case; no lists of links, no nulls. */
function leaves(value: unknown, path: Path = [], found = new Map<string, Leaf>()): Map<string, Leaf> {
  if (isObject(value)) {
    for (const [key, inner] of Object.entries(value))
      if (key !== "links" || !Array.isArray(inner)) leaves(inner, [...path, key], found);
  } else if (value !== null && value !== undefined) {
    const key = JSON.stringify(path);
    found.set(isHeaders(path[0] ?? "") ? key.toLowerCase() : key, { path, value });
  }
  return found;
}

/** The value that counts where one is left out. */
function withDefault([field = "", ...inside]: Path, value: unknown, groupId: string): unknown {
  // Public is what Atlas fills in where a request names no access.
  if (networkFields.includes(field) && inside.join(" ") === "access type") return value ?? "PUBLIC";
  // A cluster without a project of its own is one of the connection's project.
  return field === "clusterGroupId" ? (value ?? groupId) : value;
}

/** One form for values that mean the same. */
function normal(path: Path, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => normal(path, item));
  if (typeof value !== "string" || isFreeMap(path[0] ?? "")) return value;
  // A text that was cleared is not shown any more.
  if (value === "") return undefined;
  const schemas = connectionTypes.flatMap(({ schema }) => schemaAt(schema, path) ?? []);
  const { holds, pem } = schemas[0] ? traitOf(schemas[0]) : {};
  if (holds === "hosts") return [...new Set(value.split(",").map(host))].sort();
  if (holds === "url" && URL.canParse(value)) return new URL(value).href;
  return pem ? value.replaceAll("\r\n", "\n").trim() : value;
}

/** A host in lower case; a login that stands before it has case. */
const host = (text: string) => text.trim().replace(/[^@]*$/, (name) => name.toLowerCase());
