/** What Atlas would say to a create or an update, as far as reading can tell: what a dry run warns of. */
import { getConnection, type Workspace } from "../../atlas/endpoints.ts";
import { networkFields } from "../../connections/access.ts";
import { compare } from "../../connections/compare.ts";
import { type Connection, typeNamed } from "../../connections/union.ts";
import { dotted, type JsonObject, type Path, samePath, valueAt } from "../../json.ts";
import { noteLine } from "../../schema/problems.ts";
import { nearest } from "../../schema/spelling.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { Absent } from "../../tool/missing.ts";
import { type Option, resources } from "./project-resources.ts";

/** Warnings of a create, each with the call that helps. What cannot be read is said in one of them. */
export async function foresee(connection: Connection, place: Workspace, call: Call): Promise<string[]> {
  if (call.settings.credentials.kind === "missing")
    return ["What Atlas would say could not be checked, since no credentials are set."];
  return gathered(call, [
    nameTaken(connection, place, call),
    ...references(connection, place).map((reference) => missingResource(reference, connection, call)),
  ]);
}

/** Warnings of an update that makes an existing connection `changed`: of what the `given` fields name. */
export function foreseeUpdate(given: JsonObject, changed: JsonObject, place: Workspace, call: Call): Promise<string[]> {
  const concerned = references(changed, place).filter(({ fields }) => fields.some((field) => field in given));
  return gathered(
    call,
    concerned.map((reference) => missingResource(reference, changed, call)),
  );
}

async function gathered({ attempt }: Call, checks: readonly Promise<string[]>[]): Promise<string[]> {
  const parts = await Promise.all(checks.map((check) => attempt(check)));
  const failures = parts.filter((part) => part instanceof ToolFailure);
  const unread = new Set(failures.map(({ message }) => `Not all could be checked: ${message}.`));
  return [...parts.flatMap((part) => (part instanceof ToolFailure ? [] : part)), ...unread];
}

/** What the name would meet, or which place is missing. */
async function nameTaken({ name, ...rest }: Connection, place: Workspace, call: Call): Promise<string[]> {
  const found = await call.attempt(call.unlessAbsent(call.read(getConnection(place, name)), name));
  if (found instanceof Absent) return [];
  if (found instanceof ToolFailure) {
    if (found.failure.kind !== "not_found") throw found;
    const { summary = found.message, hint = "" } = found.circumstances;
    return [`${summary} ${hint} See list_projects and list_stream_workspaces.`];
  }
  const shown = call.mask(name);
  const differences = compare({ name, ...rest }, found.body, place.groupId).map(({ path }) =>
    dotted(call.visiblePath(path)),
  );
  return [
    differences.length === 0
      ? `"${shown}" is there already and is the one asked for: a create would give already_exists.`
      : `"${shown}" is there already and differs in ${differences.join(", ")}: a create would give conflict. See get_stream_connection, or choose another name.`,
  ];
}

/** Something of the project that the connection names. */
interface Reference {
  resource: (typeof resources)[number];
  path: Path;
  /** The connection's own fields that it is made of. */
  fields: readonly string[];
  value: string;
  groupId: string;
}

const linkFields = networkFields.map((field) => [field, "access", "connectionId"]);

function references(connection: Connection | JsonObject, { groupId }: Workspace): Reference[] {
  const named = Object.entries(typeNamed(connection.type)?.uses ?? {}).flatMap(([resource, path]) =>
    path ? [[resource, path] as const] : [],
  );
  const linked = linkFields.map((path) => ["privateLinks", path] as const);
  return [...named, ...linked].flatMap(([kind, path]) => {
    const value = valueAt(connection, path);
    const resource = resources.find((candidate) => candidate.resource === kind);
    if (typeof value !== "string" || !resource) return [];
    const [field = ""] = path;
    const isCluster = samePath(path, ["clusterName"]);
    const otherProject = isCluster ? valueAt(connection, ["clusterGroupId"]) : undefined;
    const fields = isCluster ? [field, "clusterGroupId"] : [field];
    return [{ resource, path, fields, value, groupId: typeof otherProject === "string" ? otherProject : groupId }];
  });
}

async function missingResource(
  { resource, path, value, groupId }: Reference,
  { type }: Connection | JsonObject,
  call: Call,
): Promise<string[]> {
  const options = await resource.read(groupId, call);
  const found = options.find((option) => option.value === value);
  if (found?.usable) return [];
  const meant = found ? undefined : nearest(value, options.map((option) => option.value).filter(Boolean));
  const [given, project] = [JSON.stringify(call.mask(value)), call.mask(groupId)];
  const suggestion = meant === undefined ? "" : ` Did you mean ${JSON.stringify(call.mask(meant))}?`;
  const trouble = found
    ? `${given} is not ready to be used (${call.mask(states(found))}).`
    : `the project ${project} has no ${given} among its ${resource.resource}.${suggestion}`;
  return [
    noteLine({
      path: ["connection", ...path],
      message: `${trouble} See get_connection_options for ${call.mask(String(type))}.`,
    }),
  ];
}

function states({ shown }: Option): string {
  const { state, status, authorized } = shown;
  return `state ${String(state ?? status ?? (authorized === false ? "not authorized" : "unknown"))}`;
}
