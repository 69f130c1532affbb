/** What a 404 means: which of project, workspace and connection is missing, and which names there are. */
import type { Atlas } from "../atlas/atlas.ts";
import { listConnections, listProjects, listWorkspaces, type PagedList } from "../atlas/endpoints.ts";
import { AtlasFailure, saysMissing } from "../atlas/failure.ts";
import { readPages } from "../atlas/pages.ts";
import { nearest } from "../connections/spelling.ts";
import type { JsonObject } from "../json.ts";
import type { Circumstances } from "./failure.ts";

/** Where a call looks; what it does not need is left out. */
export interface Place {
  groupId?: string | undefined;
  tenantName?: string | undefined;
  connectionName?: string | undefined;
}

/** Names shown in a hint. */
const MOST_NAMES = 10;

/** Asks Atlas which part of the place is missing; where even that cannot be read, Atlas's error code has to do. */
export async function missingPlace(
  failure: AtlasFailure,
  { groupId, tenantName, connectionName }: Place,
  atlas: Atlas,
  signal: AbortSignal,
): Promise<Circumstances> {
  if (groupId === undefined) return {};
  const namesIn = (list: PagedList) => namesOf(list, ({ name }) => String(name), atlas, signal);
  const code = failure.facts.errorCode ?? "";

  const workspaces = await namesIn(listWorkspaces(groupId));
  if (workspaces === "not found" || (workspaces === "unreadable" && /GROUP/.test(code)))
    return noProject(groupId, atlas, signal);
  if (tenantName === undefined) return {};
  const known = workspaces === "unreadable" ? [] : workspaces;
  if (workspaces === "unreadable" ? /TENANT/.test(code) : !known.includes(tenantName))
    return missing("tenantName", "workspace", tenantName, `the project ${groupId}`, known);
  if (connectionName === undefined)
    return { hint: "The project or the workspace does not exist, or these credentials cannot see it. Check both." };
  // A proxy answers 404, too: where nothing else tells, nothing is claimed.
  if (workspaces === "unreadable" && !/CONNECTION/.test(code)) return {};
  const connections = await namesIn(listConnections({ groupId, tenantName }));
  if (!Array.isArray(connections) && !/CONNECTION/.test(code)) return {};
  const names = Array.isArray(connections) ? connections : [];
  if (names.includes(connectionName))
    return { hint: `Atlas lists "${connectionName}", but does not find it at the moment. Call again in a minute.` };
  return missing("connectionName", "connection", connectionName, `the workspace "${tenantName}"`, names);
}

function missing(path: string, what: string, name: string, where: string, names: string[]): Circumstances {
  const meant = nearest(name, names);
  const suggestion = meant === undefined ? "" : `; did you mean "${meant}"?`;
  const nearestFirst = meant === undefined ? names : [meant, ...names.filter((other) => other !== meant)];
  return {
    summary: `There is no ${what} "${name}" in ${where}.`,
    fields: [{ path, message: `there is no ${what} "${name}"${suggestion}` }],
    hint: `Check ${path}. ${listed(`The ${what}s in ${where}`, nearestFirst)}`.trim(),
  };
}

async function noProject(groupId: string, atlas: Atlas, signal: AbortSignal): Promise<Circumstances> {
  const seen = await namesOf(listProjects, ({ id, name }) => `${String(name)} (${String(id)})`, atlas, signal);
  return {
    summary: `There is no project ${groupId} that these credentials can see.`,
    fields: [{ path: "groupId", message: `no project ${groupId} is visible to these credentials` }],
    hint: `Check groupId, the project's id. ${listed("The projects that these credentials see", Array.isArray(seen) ? seen : [])}`.trim(),
  };
}

function listed(what: string, names: string[]): string {
  if (names.length === 0) return "";
  const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : "";
  return `${what}: ${names.slice(0, MOST_NAMES).join(", ")}${more}.`;
}

/** What `nameOf` makes of each entry of a list. */
async function namesOf(
  list: PagedList,
  nameOf: (entry: JsonObject) => string,
  atlas: Atlas,
  signal: AbortSignal,
): Promise<string[] | "not found" | "unreadable"> {
  try {
    return (await readPages(atlas, list, signal)).entries.map(nameOf);
  } catch (error) {
    if (!(error instanceof AtlasFailure) || error.kind === "cancelled") throw error;
    return saysMissing(error) ? "not found" : "unreadable";
  }
}
