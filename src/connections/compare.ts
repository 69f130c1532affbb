/** Whether an existing connection is the one requested. */
import { isDeepStrictEqual } from "node:util";
import { type Difference, isObject, type JsonObject, type Path, stringsIn, valueAt } from "../json.ts";
import { traitOf } from "../schema/fields.ts";
import { schemaAt } from "../schema/structure.ts";
import { networkFields } from "./access.ts";
import { isHeaders, isNeverReturned, secretsIn } from "./secret-places.ts";
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
 * The differences between the `requested` connection and the `existing` one, both of the project `groupId`. Secrets that
 * Atlas does not return are left out, and so are fields that it fills in by itself. The values are not masked: headers
 * and the passwords in URLs are among them.
 */
export function compare(requested: Connection | JsonObject, existing: unknown, groupId: string): Difference[] {
  const [requestedLeaves, existingLeaves] = [leaves(requested), leaves(existing)];
  const paths = new Map([...requestedLeaves, ...existingLeaves].map(([key, { path }]) => [key, path]));
  return [...paths].flatMap(([key, path]) => {
    if (isNeverReturned(path) || isHidden(path, existing)) return [];
    const [after, before] = [requestedLeaves, existingLeaves].map((side) =>
      normal(path, side.get(key)?.value, groupId),
    );
    if (isDeepStrictEqual(after, before) || (after === undefined && isFilledByAtlas(path))) return [];
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

/** The values at the ends of `value`, each by its path; lists of links and nulls are left out. */
function leaves(value: unknown, path: Path = [], found = new Map<string, Leaf>()): Map<string, Leaf> {
  if (isObject(value)) {
    for (const [key, inner] of Object.entries(value))
      if (key !== "links" || !Array.isArray(inner)) leaves(inner, [...path, key], found);
  } else if (value !== null && value !== undefined) found.set(JSON.stringify(path), { path, value });
  return found;
}

/** One form for values that mean the same. */
function normal([field = "", ...inside]: Path, value: unknown, groupId: string): unknown {
  // Public is what Atlas fills in where a request names no access.
  if (networkFields.includes(field) && inside.join(" ") === "access type") return value ?? "PUBLIC";
  // A cluster without a project of its own is one of the connection's project.
  if (field === "clusterGroupId") return value ?? groupId;
  if (field === "bootstrapServers" && typeof value === "string") return value.replace(/\s*,\s*/g, ",").trim();
  return value;
}
