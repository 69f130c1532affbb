/** What a handler is, and what many of them need: the place that the path names, the body, a link. */
import { isObject, type JsonObject } from "../../json.ts";
import { isFound, type Project, type SandboxState, type StoredWorkspace } from "../data/state.ts";
import type { ReceivedRequest } from "../http.ts";
import { ApiError } from "./api-error.ts";

/** A request with the values of its route's `{…}` segments, decoded. */
export interface RoutedRequest extends ReceivedRequest {
  readonly parameters: Readonly<Record<string, string>>;
}

/** Does what the request asks and gives the body of the answer, or throws an `ApiError`. */
export type Handler = (request: RoutedRequest, state: SandboxState) => unknown;

/** The project that the path names, or its 404. */
export function projectOf({ parameters: { groupId = "" } }: RoutedRequest, { projects }: SandboxState): Project {
  const project = projects.get(groupId);
  if (project) return project;
  throw new ApiError(404, "GROUP_NOT_FOUND", `There is no project with the id ${groupId}.`, { parameters: [groupId] });
}

/** The stream workspace that the path names, or its 404. */
export function workspaceOf(request: RoutedRequest, state: SandboxState): StoredWorkspace {
  const { tenantName = "" } = request.parameters;
  const workspace = projectOf(request, state).workspaces.get(tenantName);
  if (workspace && isFound(workspace)) return workspace;
  throw new ApiError(
    404,
    "STREAM_TENANT_NOT_FOUND_FOR_NAME",
    `There is no stream workspace named ${tenantName} in this project.`,
    { parameters: [tenantName] },
  );
}

/** The JSON object that the body has to be, or its 400. */
export function objectBody({ body }: RoutedRequest): JsonObject {
  if (isObject(body)) return body;
  throw new ApiError(400, "INVALID_JSON", "The request body must be a JSON object.");
}

/** The link of a resource to itself. */
export function selfLink({ origin }: RoutedRequest, ...segments: string[]) {
  return [{ href: [`${origin}/api/atlas/v2`, ...segments.map(encodeURIComponent)].join("/"), rel: "self" }];
}
