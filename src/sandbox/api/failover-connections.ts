/** The handlers of failover connections: what a connection is in another region of its workspace. */
import { isObject } from "../../json.ts";
import { addFailover, changeConnection, removeFailover } from "../data/connection-lifecycle.ts";
import type { SandboxState, StoredConnection, StoredWorkspace } from "../data/state.ts";
import { ApiError, invalidBody } from "./api-error.ts";
import { patchConnection, readConnection, viewConnection } from "./connection-body.ts";
import { connectionOf } from "./connections.ts";
import { type Handler, objectBody, type RoutedRequest, selfLink, workspaceOf } from "./handler.ts";
import { pageOf } from "./page.ts";

export const listFailoverConnections: Handler = (request, state) => {
  const { workspace, primary } = primaryOf(request, state);
  return pageOf(
    [...primary.failovers.values()].map((each) => view(request, workspace, primary, each, state)),
    request,
  );
};

export const createFailoverConnection: Handler = (request, state) => {
  const { workspace, primary } = primaryOf(request, state);
  const body = readConnection(objectBody(request));
  const { name, type, region } = body;
  if (type !== "Kafka" && type !== "Cluster")
    throw invalidBody([{ field: "type", description: "must be Kafka or Cluster" }]);
  if (!workspace.failoverRegions.some((each) => each.region === region))
    throw invalidBody([{ field: "region", description: "must be a failover region of the workspace" }]);
  if ([...primary.failovers.values()].some((each) => each.body.region === region))
    throw new ApiError(
      409,
      "STREAM_FAILOVER_CONNECTION_ALREADY_EXISTS",
      `The connection ${primary.body.name} already has a failover connection in ${region}.`,
      { parameters: [name, String(region)] },
    );
  return view(request, workspace, primary, addFailover(primary, body, state.readyAfterMs), state);
};

export const getFailoverConnection: Handler = (request, state) => {
  const { workspace, primary, failover } = failoverOf(request, state);
  return view(request, workspace, primary, failover, state);
};

/** Its region stays, as its name and its type do. */
export const updateFailoverConnection: Handler = (request, state) => {
  const { workspace, primary, failover } = failoverOf(request, state);
  const changes = objectBody(request);
  if ((changes["region"] ?? failover.body.region) !== failover.body.region)
    throw invalidBody([{ field: "region", description: "cannot be changed" }]);
  changeConnection(failover, patchConnection(failover.body, changes), {
    ...state.oddities,
    readyAfterMs: state.readyAfterMs,
  });
  return view(request, workspace, primary, failover, state);
};

export const deleteFailoverConnection: Handler = (request, state) => {
  const { primary, failover } = failoverOf(request, state);
  removeFailover(primary, failover, state.oddities.deletingMs);
};

function primaryOf(request: RoutedRequest, state: SandboxState) {
  const workspace = workspaceOf(request, state);
  return { workspace, primary: connectionOf(request, workspace) };
}

/** The failover connection that the path names, or the 404 of the first that is not there. */
function failoverOf(request: RoutedRequest, state: SandboxState) {
  const { workspace, primary } = primaryOf(request, state);
  const { failoverConnectionId = "" } = request.parameters;
  const failover = primary.failovers.get(failoverConnectionId);
  if (failover) return { workspace, primary, failover };
  throw new ApiError(
    404,
    "STREAM_FAILOVER_CONNECTION_NOT_FOUND",
    `The connection ${primary.body.name} has no failover connection with the id ${failoverConnectionId}.`,
    { parameters: [failoverConnectionId] },
  );
}

function view(
  request: RoutedRequest,
  workspace: StoredWorkspace,
  primary: StoredConnection,
  failover: StoredConnection,
  { oddities }: SandboxState,
) {
  const { groupId = "" } = request.parameters;
  const shown = viewConnection(request, workspace, failover, oddities);
  const path = ["groups", groupId, "streams", workspace.name, "connections", primary.body.name];
  return {
    ...(isObject(shown) ? shown : {}),
    links: selfLink(request, ...path, "failoverConnections", failover.id),
  };
}
