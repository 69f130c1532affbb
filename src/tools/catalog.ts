/**
 * Every tool of this server by its toolset, in the order in which they are listed; a new tool is a line in a list. In the
 * build this is one chunk with all tools, loaded by the first call: a chunk for each makes every start later.
 */
import type { ToolsetName } from "../config/settings.ts";
import type { Tool } from "../tool/define.ts";
import createStreamConnection from "./connections/create.ts";
import deleteStreamConnection from "./connections/delete.ts";
import getStreamConnection from "./connections/get.ts";
import listStreamConnections from "./connections/list.ts";
import getConnectionOptions from "./connections/options.ts";
import updateStreamConnection from "./connections/update.ts";
import answerVpcPeering from "./network/answer-vpc-peering.ts";
import createPrivateLink from "./network/create-private-link.ts";
import deletePrivateLink from "./network/delete-private-link.ts";
import deleteVpcPeering from "./network/delete-vpc-peering.ts";
import getStreamNetworking from "./network/get-stream-networking.ts";
import updatePrivateLink from "./network/update-private-link.ts";
import applyStreamPipeline from "./pipelines/apply.ts";
import getStageReference from "./pipelines/stage-reference.ts";
import tryStreamPipeline from "./pipelines/try.ts";
import createStreamProcessor from "./processors/create.ts";
import deleteStreamProcessor from "./processors/delete.ts";
import diagnoseStreamProcessor from "./processors/diagnose.ts";
import getStreamProcessor from "./processors/get.ts";
import listStreamProcessors from "./processors/list.ts";
import readStreamLogs from "./processors/read-logs.ts";
import startStreamProcessor from "./processors/start.ts";
import stopStreamProcessor from "./processors/stop.ts";
import updateStreamProcessor from "./processors/update.ts";
import listProjects from "./projects/list.ts";
import createStreamWorkspace from "./workspaces/create.ts";
import deleteStreamWorkspace from "./workspaces/delete.ts";
import listStreamWorkspaces from "./workspaces/list.ts";
import updateStreamWorkspace from "./workspaces/update.ts";

export const toolsets: Readonly<Record<ToolsetName, readonly Tool[]>> = {
  connections: [
    listProjects,
    listStreamWorkspaces,
    listStreamConnections,
    getStreamConnection,
    getConnectionOptions,
    createStreamConnection,
    updateStreamConnection,
    deleteStreamConnection,
  ],
  pipelines: [
    createStreamWorkspace,
    updateStreamWorkspace,
    deleteStreamWorkspace,
    listStreamProcessors,
    getStreamProcessor,
    createStreamProcessor,
    updateStreamProcessor,
    startStreamProcessor,
    stopStreamProcessor,
    deleteStreamProcessor,
    diagnoseStreamProcessor,
    readStreamLogs,
    getStageReference,
    tryStreamPipeline,
    applyStreamPipeline,
  ],
  network: [
    getStreamNetworking,
    createPrivateLink,
    updatePrivateLink,
    deletePrivateLink,
    answerVpcPeering,
    deleteVpcPeering,
  ],
};

export const catalog: readonly Tool[] = Object.values(toolsets).flat();
