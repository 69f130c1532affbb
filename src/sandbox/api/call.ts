/** A request on its way to the handler that its route names. */
import type { Project, SandboxState, Workspace } from "../data/state.ts";
import type { ReceivedRequest } from "../http.ts";
import { ApiError } from "./api-error.ts";

export interface Call {
  readonly state: SandboxState;
  readonly request: ReceivedRequest;
  /** The values of the route's `{…}` segments, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What a handler gives back on success. */
export interface Result {
  /** 200 when left out. */
  status?: number;
  body: unknown;
}

export type Handler = (call: Call) => Result;

/** The project that the path names, or its 404. */
export function projectOf({ state, parameters: { groupId = "" } }: Call): Project {
  const project = state.projects.get(groupId);
  if (project) return project;
  throw new ApiError(404, "GROUP_NOT_FOUND", `There is no project with the id ${groupId}.`, { parameters: [groupId] });
}

/** The stream workspace that the path names, or its 404. */
export function workspaceOf(call: Call): Workspace {
  const { tenantName = "" } = call.parameters;
  const workspace = projectOf(call).workspaces.get(tenantName);
  if (workspace) return workspace;
  throw new ApiError(
    404,
    "STREAM_TENANT_NOT_FOUND_FOR_NAME",
    `There is no stream workspace named ${tenantName} in this project.`,
    { parameters: [tenantName] },
  );
}

/** The link of a resource to itself. */
export function selfLink({ request }: Call, ...segments: string[]) {
  return [{ href: [`${request.origin}/api/atlas/v2`, ...segments.map(encodeURIComponent)].join("/"), rel: "self" }];
}
