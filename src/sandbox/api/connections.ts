/** The handlers of stream connections. */
import { addConnection, changeConnection, removeConnection } from "../data/connection-lifecycle.ts";
import type { Oddities } from "../data/oddities.ts";
import { runningOn } from "../data/processor-lifecycle.ts";
import { isFound, type StoredConnection, type StoredWorkspace } from "../data/state.ts";
import { ApiError } from "./api-error.ts";
import { patchConnection, readConnection, viewConnection } from "./connection-body.ts";
import { type Handler, objectBody, type RoutedRequest, workspaceOf } from "./handler.ts";
import { pageOf } from "./page.ts";

export const listConnections: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  return pageOf(viewConnections(request, workspace, state.oddities), request);
};

export const createConnection: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const body = readConnection(objectBody(request));
  if (workspace.connections.has(body.name))
    throw new ApiError(
      409,
      "STREAM_CONNECTION_NAME_ALREADY_EXISTS",
      `A Stream connection with the name ${body.name} already exists.`,
      { parameters: [body.name] },
    );
  const { oddities, readyAfterMs } = state;
  const connection = addConnection(workspace, body, readyAfterMs, oddities.hiddenMs);
  return viewConnection(request, workspace, connection, oddities);
};

export const getConnection: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  return viewConnection(request, workspace, connectionOf(request, workspace), state.oddities);
};

export const updateConnection: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const connection = connectionOf(request, workspace);
  const body = patchConnection(connection.body, objectBody(request));
  requireIdle(workspace, connection, state.oddities);
  changeConnection(connection, body, { ...state.oddities, readyAfterMs: state.readyAfterMs });
  return viewConnection(request, workspace, connection, state.oddities);
};

export const deleteConnection: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const connection = connectionOf(request, workspace);
  requireIdle(workspace, connection, state.oddities);
  removeConnection(workspace, connection, state.oddities.deletingMs);
  return {};
};

/** The connections of a workspace that can be found, as Atlas shows them. */
export const viewConnections = (request: RoutedRequest, workspace: StoredWorkspace, oddities: Oddities) =>
  [...workspace.connections.values()]
    .filter(isFound)
    .map((connection) => viewConnection(request, workspace, connection, oddities));

/** Throws the refusal of a write to a connection that is being deployed, or on which a processor runs. */
function requireIdle(workspace: StoredWorkspace, { body, state }: StoredConnection, oddities: Oddities): void {
  const { name, type } = body;
  if (oddities.deploying && type === "Kafka" && state === "PENDING")
    throw new ApiError(
      409,
      "STREAM_KAFKA_CONNECTION_IS_DEPLOYING",
      `Stream Kafka connection ${name} is currently deploying. Please retry the request later.`,
      { parameters: [name] },
    );
  if (oddities.inUse && runningOn(workspace, name).length > 0)
    throw new ApiError(
      403,
      "STREAM_CONNECTION_HAS_STREAM_PROCESSORS",
      `Stream connection with name ${name} in stream workspace ${workspace.name} has active processors, and cannot be changed.`,
      { parameters: [name, workspace.name] },
    );
}

/** The connection that the path names, or its 404. */
export function connectionOf({ parameters }: RoutedRequest, workspace: StoredWorkspace): StoredConnection {
  const { connectionName = "" } = parameters;
  const connection = workspace.connections.get(connectionName);
  if (connection && isFound(connection)) return connection;
  throw new ApiError(
    404,
    "STREAM_CONNECTION_NOT_FOUND_FOR_NAME",
    `There is no connection named ${connectionName} in the stream workspace ${workspace.name}.`,
    { parameters: [connectionName] },
  );
}
