/** What Atlas would say to a create, as far as reading can tell: what a dry run warns of. */
import { unwrapped } from "../atlas/atlas.ts";
import { getConnection, type Workspace } from "../atlas/endpoints.ts";
import { compare } from "../connections/compare.ts";
import { valueAt } from "../connections/paths.ts";
import { nearest } from "../connections/spelling.ts";
import { type Connection, typeNamed } from "../connections/union.ts";
import type { JsonObject } from "../json.ts";
import { missingPlace } from "./missing-place.ts";
import { type Option, resources } from "./project-resources.ts";
import type { CallContext, Services } from "./tool.ts";

/** Warnings of a create, each with the call that helps. What cannot be read is said in one of them. */
export function foresee(
  connection: Connection,
  place: Workspace,
  services: Services,
  context: CallContext,
): Promise<string[]> {
  if (services.settings.credentials.kind === "missing")
    return Promise.resolve(["What Atlas would say could not be checked, since no credentials are set."]);
  return gathered([
    nameTaken(connection, place, services, context),
    ...references(connection, place).map((reference) => missingResource(reference, connection, services, context)),
  ]);
}

/** Warnings of an update that makes an existing connection `changed`: of what the `given` fields name. */
export function foreseeUpdate(
  given: JsonObject,
  changed: JsonObject,
  place: Workspace,
  services: Services,
  context: CallContext,
): Promise<string[]> {
  const concerned = references(changed, place).filter(({ fields }) => fields.some((field) => field in given));
  return gathered(concerned.map((reference) => missingResource(reference, changed, services, context)));
}

async function gathered(checks: Promise<string[]>[]): Promise<string[]> {
  const parts = await Promise.allSettled(checks);
  const failures = parts.flatMap((part) => (part.status === "rejected" ? [unwrapped(part.reason)] : []));
  const cancelled = failures.find(({ kind }) => kind === "cancelled");
  if (cancelled) throw cancelled;
  const unread = [...new Set(failures.map(({ message }) => `Not all could be checked: ${message}.`))];
  return [...parts.flatMap((part) => (part.status === "fulfilled" ? part.value : [])), ...unread];
}

/** What the name would meet, or which place is missing. */
async function nameTaken(
  connection: Connection,
  place: Workspace,
  { atlas }: Services,
  { signal }: CallContext,
): Promise<string[]> {
  try {
    const { body } = await atlas.read(getConnection(place, connection.name), signal);
    const differences = compare(connection, body, place.groupId);
    return differences.length === 0
      ? [`"${connection.name}" is there already and is the one asked for: a create would give already_exists.`]
      : [
          `"${connection.name}" is there already and differs in ${differences.map(({ path }) => path).join(", ")}: a create would give conflict. See get_stream_connection, or choose another name.`,
        ];
  } catch (error) {
    const failure = unwrapped(error);
    if (failure.kind !== "not_found") throw failure;
    const { summary, hint, fields } = await missingPlace(
      failure,
      { ...place, connectionName: connection.name },
      atlas,
      signal,
    );
    if (fields?.some(({ path }) => path === "connectionName")) return [];
    return [`${summary ?? failure.message} ${hint ?? ""} See list_projects and list_stream_workspaces.`.trim()];
  }
}

/** Something of the project that the connection names. */
interface Reference {
  resource: (typeof resources)[number];
  path: string;
  /** The connection's own fields that it is made of. */
  fields: readonly string[];
  value: string;
  groupId: string;
}

function references(connection: Connection | JsonObject, { groupId }: Workspace): Reference[] {
  const type = typeNamed(connection.type);
  const named = Object.entries(type?.uses ?? {}).flatMap(([resource, path]) =>
    path ? [[resource, path] as const] : [],
  );
  const linked = ["networking.access.connectionId", "publicPrivateNetworking.access.connectionId"].map(
    (path) => ["privateLinks", path] as const,
  );
  return [...named, ...linked].flatMap(([kind, path]) => {
    const value = valueAt(connection, path);
    const resource = resources.find((candidate) => candidate.resource === kind);
    if (typeof value !== "string" || !resource) return [];
    const otherProject = path === "clusterName" ? valueAt(connection, "clusterGroupId") : undefined;
    const fields = path === "clusterName" ? [path, "clusterGroupId"] : path.split(".").slice(0, 1);
    return [{ resource, path, fields, value, groupId: typeof otherProject === "string" ? otherProject : groupId }];
  });
}

async function missingResource(
  { resource, path, value, groupId }: Reference,
  { type }: Connection | JsonObject,
  { atlas }: Services,
  { signal }: CallContext,
): Promise<string[]> {
  const options = await resource.read(groupId, atlas, signal);
  const found = options.find((option) => option.value === value);
  const see = `See get_connection_options for ${String(type)}.`;
  if (found?.usable) return [];
  if (found) return [`connection.${path}: ${JSON.stringify(value)} is not ready to be used (${states(found)}). ${see}`];
  const meant = nearest(value, options.map((option) => option.value).filter(Boolean));
  const suggestion = meant === undefined ? "" : ` Did you mean ${JSON.stringify(meant)}?`;
  return [
    `connection.${path}: the project ${groupId} has no ${JSON.stringify(value)} among its ${resource.resource}.${suggestion} ${see}`,
  ];
}

function states({ shown }: Option): string {
  const { state, status, authorized } = shown;
  return `state ${String(state ?? status ?? (authorized === false ? "not authorized" : "unknown"))}`;
}
