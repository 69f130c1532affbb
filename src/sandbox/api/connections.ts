/** The handlers of stream connections. */
import { addConnection, removeConnection } from "../data/connection-lifecycle.ts";
import type { StoredConnection, Workspace } from "../data/state.ts";
import { ApiError } from "./api-error.ts";
import { type Call, type Handler, workspaceOf } from "./call.ts";
import { connectionBody, objectBody, patchedBody } from "./connection-body.ts";
import { viewConnection } from "./connection-view.ts";
import { pageOf } from "./page.ts";

export const listConnections: Handler = (call) => {
  const workspace = workspaceOf(call);
  const connections = [...workspace.connections.values()];
  return {
    body: pageOf(
      connections.map((connection) => viewConnection(call, workspace, connection)),
      call,
    ),
  };
};

export const createConnection: Handler = (call) => {
  const workspace = workspaceOf(call);
  const body = connectionBody(objectBody(call.request.body));
  if (workspace.connections.has(body.name))
    throw new ApiError(
      409,
      "STREAM_CONNECTION_NAME_ALREADY_EXISTS",
      `The workspace already has a connection named ${body.name}.`,
      { parameters: [body.name] },
    );
  return { body: viewConnection(call, workspace, addConnection(workspace, body, call.state.readyAfterMs)) };
};

export const getConnection: Handler = (call) => {
  const workspace = workspaceOf(call);
  return { body: viewConnection(call, workspace, connectionOf(call, workspace)) };
};

export const updateConnection: Handler = (call) => {
  const workspace = workspaceOf(call);
  const connection = connectionOf(call, workspace);
  connection.body = patchedBody(connection.body, objectBody(call.request.body));
  return { body: viewConnection(call, workspace, connection) };
};

export const deleteConnection: Handler = (call) => {
  const workspace = workspaceOf(call);
  const connection = connectionOf(call, workspace);
  const { name, type } = connection.body;
  if (type === "Kafka" && connection.state === "PENDING")
    throw new ApiError(
      409,
      "STREAM_KAFKA_CONNECTION_IS_DEPLOYING",
      `The Kafka connection ${name} is still being deployed.`,
      { parameters: [name] },
    );
  removeConnection(workspace, connection, call.state.readyAfterMs);
  return { status: 202, body: {} };
};

function connectionOf(call: Call, workspace: Workspace): StoredConnection {
  const connection = workspace.connections.get(call.parameters["connectionName"] ?? "");
  if (connection) return connection;
  throw notFound(call);
}

function notFound({ parameters: { connectionName = "", tenantName = "" } }: Call): ApiError {
  return new ApiError(
    404,
    "STREAM_CONNECTION_NOT_FOUND_FOR_NAME",
    `There is no connection named ${connectionName} in the stream workspace ${tenantName}.`,
    { parameters: [connectionName] },
  );
}
