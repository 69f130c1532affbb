/**
 * Every tool of this server, in the order in which they are listed; a new tool is a line in the list. In the build this is
 * one chunk with all tools, loaded by the first call: a chunk for each makes every start later.
 */
import type { Tool } from "../tool/define.ts";
import createStreamConnection from "./connections/create.ts";
import deleteStreamConnection from "./connections/delete.ts";
import getStreamConnection from "./connections/get.ts";
import listStreamConnections from "./connections/list.ts";
import getConnectionOptions from "./connections/options.ts";
import updateStreamConnection from "./connections/update.ts";
import listProjects from "./places/list-projects.ts";
import listStreamWorkspaces from "./places/list-workspaces.ts";

export const catalog: readonly Tool[] = [
  listProjects,
  listStreamWorkspaces,
  listStreamConnections,
  getStreamConnection,
  getConnectionOptions,
  createStreamConnection,
  updateStreamConnection,
  deleteStreamConnection,
];
