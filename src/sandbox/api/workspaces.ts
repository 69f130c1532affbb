/** The handlers of stream workspaces. */
import { SAMPLE_NAME } from "../../connections/types/sample.ts";
import { addConnection } from "../data/connection-lifecycle.ts";
import { failOver, startProcessor, stopProcessor } from "../data/processor-lifecycle.ts";
import { isFound, type StoredWorkspace } from "../data/state.ts";
import { addWorkspace, changeWorkspace, removeWorkspace } from "../data/workspace-lifecycle.ts";
import { ApiError } from "./api-error.ts";
import { viewConnections } from "./connections.ts";
import { type Handler, objectBody, projectOf, workspaceOf } from "./handler.ts";
import { pageOf } from "./page.ts";
import { readWorkspace, readWorkspaceChange, viewWorkspace } from "./workspace-body.ts";

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

/** The same; without a body that names samples, it has them all. */
export const createWorkspaceWithSamples: Handler = (request, state) =>
  createWorkspace({ ...request, body: { sampleConnections: { solar: true }, ...objectBody(request) } }, state);

export const getWorkspace: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const view = viewWorkspace(request, workspace, state.oddities);
  if (request.query["includeConnections"] !== "true") return view;
  return { ...view, connections: viewConnections(request, workspace, state.oddities) };
};

/** A workspace is not moved while a processor runs. What all processors are to do takes its time. */
export const updateWorkspace: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const { isMove, change, processorStatus } = readWorkspaceChange(objectBody(request), workspace);
  if (isMove) requireIdle(workspace);
  changeWorkspace(workspace, change);
  for (const processor of processorStatus ? workspace.processors.values() : []) {
    const runs = processor.state === "STARTED";
    if (processorStatus?.status === "STOPPED" && runs) stopProcessor(workspace, processor, state.switchedAfterMs);
    if (processorStatus?.status === "STARTED" && !runs) startProcessor(workspace, processor, state.switchedAfterMs);
    if (processorStatus?.status === "FAILED_OVER" && processorStatus.region && processor.failoverEnabled)
      failOver(workspace, processor, { ...processorStatus, region: processorStatus.region }, state.switchedAfterMs);
  }
  return viewWorkspace(request, workspace, state.oddities);
};

export const deleteWorkspace: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  requireIdle(workspace);
  removeWorkspace(projectOf(request, state), workspace, state.oddities.deletingMs);
  return {};
};

/** Atlas answers 403, not 409, while a processor runs. */
function requireIdle({ name, processors }: StoredWorkspace): void {
  if (![...processors.values()].some((processor) => processor.state === "STARTED")) return;
  throw new ApiError(
    403,
    "STREAM_TENANT_HAS_STREAM_PROCESSORS",
    `Stream workspace with name ${name} has active processors, and cannot be changed.`,
    { parameters: [name] },
  );
}
