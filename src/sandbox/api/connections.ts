/** The handlers of stream connections. */
import { addConnection, removeConnection } from "../data/connection-lifecycle.ts";
import type { StoredConnection, StoredWorkspace } from "../data/state.ts";
import { ApiError } from "./api-error.ts";
import { patchConnection, readConnection, viewConnection } from "./connection-body.ts";
import { type Handler, objectBody, type RoutedRequest, workspaceOf } from "./handler.ts";
import { pageOf } from "./page.ts";

export const listConnections: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const views = [...workspace.connections.values()].map((each) => viewConnection(request, workspace, each));
  return pageOf(views, request);
};

export const createConnection: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const body = readConnection(objectBody(request));
  if (workspace.connections.has(body.name))
    throw new ApiError(
      409,
      "STREAM_CONNECTION_NAME_ALREADY_EXISTS",
      `The workspace already has a connection named ${body.name}.`,
      { parameters: [body.name] },
    );
  return viewConnection(request, workspace, addConnection(workspace, body, state.readyAfterMs));
};

export const getConnection: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  return viewConnection(request, workspace, connectionOf(request, workspace));
};

export const updateConnection: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const connection = connectionOf(request, workspace);
  connection.body = patchConnection(connection.body, objectBody(request));
  return viewConnection(request, workspace, connection);
};

export const deleteConnection: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const connection = connectionOf(request, workspace);
  const { name, type } = connection.body;
  if (type === "Kafka" && connection.state === "PENDING")
    throw new ApiError(
      409,
      "STREAM_KAFKA_CONNECTION_IS_DEPLOYING",
      `The Kafka connection ${name} is still being deployed.`,
      { parameters: [name] },
    );
  removeConnection(workspace, connection, state.readyAfterMs);
  return {};
};

/** The connection that the path names, or its 404. */
function connectionOf({ parameters }: RoutedRequest, workspace: StoredWorkspace): StoredConnection {
  const { connectionName = "" } = parameters;
  const connection = workspace.connections.get(connectionName);
  if (connection) return connection;
  throw new ApiError(
    404,
    "STREAM_CONNECTION_NOT_FOUND_FOR_NAME",
    `There is no connection named ${connectionName} in the stream workspace ${workspace.name}.`,
    { parameters: [connectionName] },
  );
}
