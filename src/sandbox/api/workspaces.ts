/** The handlers of stream workspaces. */
import { SAMPLE_NAME } from "../../connections/types/sample.ts";
import { addConnection } from "../data/connection-lifecycle.ts";
import { isFound } from "../data/state.ts";
import { addWorkspace, removeWorkspace } from "../data/workspace-lifecycle.ts";
import { ApiError } from "./api-error.ts";
import { viewConnections } from "./connections.ts";
import { type Handler, objectBody, projectOf, workspaceOf } from "./handler.ts";
import { pageOf } from "./page.ts";
import { readWorkspace, viewWorkspace } from "./workspace-body.ts";

export const listWorkspaces: Handler = (request, state) => {
  const workspaces = [...projectOf(request, state).workspaces.values()].filter(isFound);
  return pageOf(
    workspaces.map((workspace) => viewWorkspace(request, workspace, state.oddities)),
    request,
  );
};

export const createWorkspace: Handler = (request, state) => {
  const project = projectOf(request, state);
  const { definition, solar } = readWorkspace(objectBody(request));
  const { name } = definition;
  if (project.workspaces.has(name))
    throw new ApiError(
      409,
      "STREAM_TENANT_NAME_ALREADY_EXISTS",
      `The project already has a stream workspace named ${name}.`,
      { parameters: [name] },
    );
  const workspace = addWorkspace(project, definition, state.oddities.hiddenMs);
  if (solar) addConnection(workspace, { name: SAMPLE_NAME, type: "Sample" }, 0);
  return viewWorkspace(request, workspace, state.oddities);
};

export const getWorkspace: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const view = viewWorkspace(request, workspace, state.oddities);
  if (request.query["includeConnections"] !== "true") return view;
  return { ...view, connections: viewConnections(request, workspace, state.oddities) };
};

/** Atlas answers 403, not 409, while a processor runs. */
export const deleteWorkspace: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const { name } = workspace;
  if ([...workspace.processors.values()].some((processor) => processor.state === "STARTED"))
    throw new ApiError(
      403,
      "STREAM_TENANT_HAS_STREAM_PROCESSORS",
      `Stream workspace with name ${name} has active processors, and cannot be changed.`,
      { parameters: [name] },
    );
  removeWorkspace(projectOf(request, state), workspace, state.oddities.deletingMs);
  return {};
};
