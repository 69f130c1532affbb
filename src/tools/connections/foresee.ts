/** What would come of a create or an update, as far as reads can tell: what a dry run warns of. */
import type { WorkspacePlace } from "../../atlas/endpoints.ts";
import { linkFields } from "../../connections/access.ts";
import { type Connection, typeNamed } from "../../connections/union.ts";
import { dotted, type JsonObject, type Path, valueAt } from "../../json.ts";
import { noteLine } from "../../schema/problems.ts";
import { nearest } from "../../schema/spelling.ts";
import type { Call, Create } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import type { ErrorKind } from "../../tool/result.ts";
import { type Option, projectOptions } from "./project-options.ts";
import { secretsNotCompared } from "./resource.ts";

export interface Foreseen {
  /** The outcome, or the kind of the failure; nothing where only a write would tell. */
  wouldBe?: "created" | "already_exists" | "conflict" | ErrorKind;
  /** Each with the call that helps; what could not be read is one of them. */
  warnings: string[];
}

/** What would come of `create`, which creates `connection`. */
export async function foresee(
  create: Create,
  connection: Connection,
  place: WorkspacePlace,
  call: Call,
): Promise<Foreseen> {
  if (call.settings.credentials.kind === "missing")
    return {
      wouldBe: "configuration",
      warnings: ["Nothing could be checked with Atlas, since there are no credentials that can be used."],
    };
  const [name, use] = await Promise.all([
    call.attempt(foreseeName(create, connection, call)),
    call.attempt(foreseeUse(connection, place, call)),
  ]);
  const parts = [name, use];
  const kind = name instanceof ToolFailure ? name.failure.kind : undefined;
  // Credentials that may not read may not write either.
  const refused = kind === "unauthenticated" || kind === "forbidden" ? kind : undefined;
  const wouldBe = name instanceof ToolFailure ? refused : name.wouldBe;
  return {
    ...(wouldBe !== undefined && { wouldBe }),
    warnings: [...new Set(parts.flatMap((part) => (part instanceof ToolFailure ? [unread(part)] : part.warnings)))],
  };
}

/** Warnings of the options that the connection names and that are missing or not ready. */
export async function foreseeUse(
  connection: Connection | JsonObject,
  place: WorkspacePlace,
  call: Call,
): Promise<Pick<Foreseen, "warnings">> {
  const checks = namedOptions(connection, place).map((named) => missingOption(named, connection, call));
  const parts = await Promise.all(checks.map((check) => call.attempt(check)));
  const warnings = parts.flatMap((part) => (part instanceof ToolFailure ? [] : part));
  const failures = parts.flatMap((part) => (part instanceof ToolFailure ? [unread(part)] : []));
  return { warnings: [...warnings, ...new Set(failures)] };
}

/**
 * Warns of a role that the connection names and nobody has authorized, and of a private link that is not DONE: Atlas takes
 * the connection, and cannot use it.
 */
export async function warnOfUnready(connection: Connection, place: WorkspacePlace, call: Call): Promise<void> {
  for (const named of namedOptions(connection, place)) {
    const { kind } = named.options;
    if (kind !== "awsRoles" && kind !== "privateLinks") continue;
    const all = await call.attempt(named.options.read(named.groupId, call));
    const option = all instanceof ToolFailure ? undefined : all.find(({ value }) => value === named.value);
    const isUnready = kind === "awsRoles" ? option?.todo !== undefined : option?.usable === false;
    if (option && isUnready) call.warn(troubleWith(named, notReady(option, call), connection, call));
  }
}

const unread = ({ message }: ToolFailure) => `Not everything could be checked: ${message}.`;

/** What the connection's name would meet, or which place is missing. */
async function foreseeName(create: Create, requested: Connection, call: Call): Promise<Foreseen> {
  const isThere = `"${call.mask(create.name)}" is already there and`;
  const made = await call.attempt(call.create(create));
  if (!(made instanceof ToolFailure)) {
    const { outcome: wouldBe, latest } = made;
    if (wouldBe === "created") return { wouldBe, warnings: [] };
    const same = `${isThere} is the one requested, so a create would end in ${wouldBe}.`;
    return { wouldBe, warnings: [same, ...secretsNotCompared(requested, latest, call)] };
  }
  const { failure, message, circumstances } = made;
  const { summary, fields, hint = "" } = circumstances;
  if (failure.kind === "not_found") {
    const where = call.way("See what there is", "list_projects", "list_stream_workspaces");
    // A proxy answers 404 too, which says nothing about the connection.
    return {
      ...(summary !== undefined && { wouldBe: "not_found" }),
      warnings: [`${summary ?? message} ${hint} ${where}.`],
    };
  }
  if (failure.kind !== "conflict") throw made;
  if (!fields) return { wouldBe: "conflict", warnings: [`${message}. ${hint}`] };
  const differing = fields.map(({ path }) => dotted(path.slice(call.at.length))).join(", ");
  return {
    wouldBe: "conflict",
    warnings: [
      `${isThere} differs in ${differing}, so a create would end in conflict. ${call.way("Look at it", "get_stream_connection")}, or choose another name.`,
    ],
  };
}

/** An option that the connection names. */
interface NamedOption {
  options: (typeof projectOptions)[number];
  path: Path;
  value: string;
  groupId: string;
}

/** Where a Cluster connection names a role, which may be one of the project's own. */
const rolePath = ["dbRoleToExecute", "role"];
const isCustomRole = (connection: Connection | JsonObject) =>
  valueAt(connection, ["dbRoleToExecute", "type"]) === "CUSTOM";

function namedOptions(connection: Connection | JsonObject, { groupId }: WorkspacePlace): NamedOption[] {
  const named = Object.entries(typeNamed(connection.type)?.uses ?? {}).flatMap(([kind, path]) =>
    path ? [[kind, path] as const] : [],
  );
  const linked = linkFields.map((path) => ["privateLinks", path] as const);
  const roles = isCustomRole(connection) ? [["customRoles", rolePath] as const] : [];
  return [...named, ...roles, ...linked].flatMap(([kind, path]) => {
    const value = valueAt(connection, path);
    const options = projectOptions.find((candidate) => candidate.kind === kind);
    if (typeof value !== "string" || !options) return [];
    const ofCluster = kind === "clusters" || kind === "customRoles";
    const otherProject = ofCluster ? valueAt(connection, ["clusterGroupId"]) : undefined;
    return [{ options, path, value, groupId: typeof otherProject === "string" ? otherProject : groupId }];
  });
}

async function missingOption(named: NamedOption, connection: Connection | JsonObject, call: Call): Promise<string[]> {
  const { options, value, groupId } = named;
  const all = await options.read(groupId, call);
  const found = all.find((option) => option.value === value);
  if (found) return found.usable ? [] : [troubleWith(named, notReady(found, call), connection, call)];
  const meant = nearest(value, all.map((option) => option.value).filter(Boolean));
  const suggestion = meant === undefined ? "" : ` Did you mean ${JSON.stringify(call.mask(meant))}?`;
  const [quotedValue, project] = [JSON.stringify(call.mask(value)), call.mask(groupId)];
  const missing = `the project ${project} has no ${quotedValue} among its ${options.kind}.${suggestion}`;
  return [troubleWith(named, missing, connection, call)];
}

function troubleWith(named: NamedOption, trouble: string, { type }: Connection | JsonObject, call: Call): string {
  const { path, options } = named;
  // The toolset for networks knows more of them.
  const isOfNetwork = options.kind === "privateLinks" && call.settings.toolsets.includes("network");
  const next = isOfNetwork
    ? `${call.way("See how far it is", "get_stream_networking")}; ${call.way("make one", "create_private_link")} where there is none.`
    : `${call.way("See what there is", "get_connection_options")} for ${call.mask(String(type))}.`;
  const message = `${trouble} ${next}`;
  return noteLine({ path: [...call.at, ...path], message });
}

function notReady({ value, view: { state, status, authorized }, todo }: Option, { mask }: Call): string {
  const is = mask(String(state ?? status ?? (authorized === false ? "not authorized" : "unknown")));
  return `${JSON.stringify(mask(value))} is not ready to be used (state ${is})${todo ? `: ${todo}` : ""}.`;
}
