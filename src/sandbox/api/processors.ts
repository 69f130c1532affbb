/** The handlers of stream processors. Whether a request fits is judged by the state that the processor shows. */
import {
  addProcessor,
  startProcessor as beginToStart,
  stopProcessor as beginToStop,
  changeProcessor,
  failOver,
  removeProcessor,
} from "../data/processor-lifecycle.ts";
import type { SandboxState, StoredProcessor, StoredWorkspace } from "../data/state.ts";
import { ApiError } from "./api-error.ts";
import { type Handler, objectBody, type RoutedRequest, workspaceOf } from "./handler.ts";
import { pageOf } from "./page.ts";
import {
  readProcessor,
  readProcessorChange,
  readStartOptions,
  requireBound,
  viewProcessor,
  viewProcessorWithStats,
} from "./processor-body.ts";

export const listProcessors: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const views = [...workspace.processors.values()].map((each) =>
    viewProcessorWithStats(request, workspace, each, state.oddities),
  );
  return pageOf(views, request);
};

export const createProcessor: Handler = (request, state) => {
  const workspace = workspaceOf(request, state);
  const definition = readProcessor(objectBody(request), workspace);
  requireFreeName(workspace, definition.name);
  return viewProcessor(request, workspace, addProcessor(workspace, definition, state.switchedAfterMs), state.oddities);
};

export const getProcessor: Handler = (request, state) => {
  const { workspace, processor } = processorOf(request, state);
  return viewProcessorWithStats(request, workspace, processor, state.oddities);
};

export const updateProcessor: Handler = (request, state) => {
  const { workspace, processor } = processorOf(request, state);
  if (processor.state === "STARTED")
    throw conflict("STREAM_PROCESSOR_MUST_BE_STOPPED", processor, "must be stopped before it can be modified");
  const definition = readProcessorChange(objectBody(request), processor, workspace);
  if (definition.name !== processor.name) requireFreeName(workspace, definition.name);
  changeProcessor(workspace, processor, definition);
  return viewProcessorWithStats(request, workspace, processor, state.oddities);
};

export const deleteProcessor: Handler = (request, state) => {
  const { workspace, processor } = processorOf(request, state);
  removeProcessor(workspace, processor);
};

export const startProcessor: Handler = (request, state) => {
  const { workspace, processor } = processorOf(request, state);
  requireStartable(processor);
  requireBound(processor, workspace);
  beginToStart(workspace, processor, state.switchedAfterMs);
};

/** One that runs fails over as well. */
export const startProcessorWith: Handler = (request, state) => {
  const { workspace, processor } = processorOf(request, state);
  const { failover, ...options } = readStartOptions(objectBody(request), processor, workspace);
  if (!failover) requireStartable(processor);
  requireBound({ name: processor.name, ...options }, workspace);
  if (failover?.dryRun) return;
  Object.assign(processor, options);
  if (failover) failOver(workspace, processor, failover, state.switchedAfterMs);
  else beginToStart(workspace, processor, state.switchedAfterMs);
};

export const stopProcessor: Handler = (request, state) => {
  const { workspace, processor } = processorOf(request, state);
  if (processor.state !== "STARTED") throw conflict("STREAM_PROCESSOR_NOT_STARTED", processor, "is not started");
  beginToStop(workspace, processor, state.switchedAfterMs);
};

/** The workspace and the processor that the path names, or the 404 of the first that is not there. */
function processorOf(
  request: RoutedRequest,
  state: SandboxState,
): { workspace: StoredWorkspace; processor: StoredProcessor } {
  const workspace = workspaceOf(request, state);
  const { processorName = "" } = request.parameters;
  const processor = workspace.processors.get(processorName);
  if (processor) return { workspace, processor };
  throw new ApiError(
    404,
    "STREAM_PROCESSOR_NOT_FOUND_FOR_NAME",
    `There is no processor named ${processorName} in the stream workspace ${workspace.name}.`,
    { parameters: [processorName] },
  );
}

function requireFreeName({ processors }: StoredWorkspace, name: string): void {
  if (!processors.has(name)) return;
  throw new ApiError(
    409,
    "STREAM_PROCESSOR_NAME_ALREADY_EXISTS",
    `The workspace already has a processor named ${name}.`,
    { parameters: [name] },
  );
}

function requireStartable(processor: StoredProcessor): void {
  const { state } = processor;
  if (state === "STARTED") throw conflict("STREAM_PROCESSOR_ALREADY_STARTED", processor, "is already started");
  if (state === "CREATING") throw conflict("STREAM_PROCESSOR_NOT_READY", processor, "is still being created");
}

function conflict(errorCode: string, { name }: StoredProcessor, what: string): ApiError {
  return new ApiError(409, errorCode, `The stream processor ${name} ${what}.`, { parameters: [name] });
}
