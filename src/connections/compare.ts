/** Whether a connection that Atlas shows is the one that was asked for. */
import { isDeepStrictEqual } from "node:util";
import { isObject, type JsonObject } from "../json.ts";
import { isSecretPlace, secretsIn } from "./secret-fields.ts";
import type { Connection } from "./union.ts";

/** A field in which two connections differ; a side that lacks it is left out. */
export interface Difference {
  path: string;
  asked?: unknown;
  existing?: unknown;
}

type Leaves = Map<string, { path: readonly string[]; value: unknown }>;

/** Fields that Atlas adds by itself; they differ only where they were asked for. */
const ADDED_BY_ATLAS = new Set(["id", "state", "region"]);

/**
 * The differences between the connection `asked` for and the `existing` one, both of the project `groupId`. Secrets are
 * left out, since Atlas does not return them, and so are fields that Atlas fills in by itself.
 */
export function compare(asked: Connection | JsonObject, existing: unknown, groupId: string): Difference[] {
  const wanted = leaves(asked);
  const found = leaves(existing);
  const differences: Difference[] = [];
  for (const [name, path] of new Map([...wanted, ...found].map(([name, { path }]) => [name, path]))) {
    const want = normal(name, wanted.get(name)?.value, groupId);
    const have = normal(name, found.get(name)?.value, groupId);
    if (isSecretPlace(path) || isDeepStrictEqual(want, have)) continue;
    if (want === undefined && ADDED_BY_ATLAS.has(name)) continue;
    differences.push({
      path: name,
      ...(want !== undefined && { asked: want }),
      ...(have !== undefined && { existing: have }),
    });
  }
  return differences;
}

/** Whether comparing left a secret out. */
export function hasSecrets(connection: Connection): boolean {
  return secretsIn(connection).length > 0;
}

/** The values at the ends of `value`, by dotted path; lists of links and nulls are left out. */
function leaves(value: unknown, path: readonly string[] = [], found: Leaves = new Map()): Leaves {
  if (isObject(value)) {
    for (const [key, inner] of Object.entries(value))
      if (key !== "links" || !Array.isArray(inner)) leaves(inner, [...path, key], found);
  } else if (value !== null && value !== undefined) found.set(path.join("."), { path, value });
  return found;
}

/** One form for values that mean the same. */
function normal(path: string, value: unknown, groupId: string): unknown {
  // Public is what Atlas fills in where no access was asked for.
  if (/^(networking|publicPrivateNetworking)\.access\.type$/.test(path)) return value ?? "PUBLIC";
  // A cluster without a project of its own is one of the connection's project.
  if (path === "clusterGroupId") return value ?? groupId;
  if (path === "bootstrapServers" && typeof value === "string") return value.replace(/\s*,\s*/g, ",").trim();
  return value;
}
