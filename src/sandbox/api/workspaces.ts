/** The handlers of stream workspaces and their processors. */
import type { Workspace } from "../data/state.ts";
import { type Call, type Handler, projectOf, selfLink, workspaceOf } from "./call.ts";
import { pageOf } from "./page.ts";

export const listWorkspaces: Handler = (call) => {
  const workspaces = [...projectOf(call).workspaces.values()];
  return {
    body: pageOf(
      workspaces.map((workspace) => view(call, workspace)),
      call,
    ),
  };
};

export const listProcessors: Handler = (call) => ({ body: pageOf(workspaceOf(call).processors, call) });

function view(call: Call, { id, name, cloudProvider, region, tier, hostnames }: Workspace) {
  const { groupId = "" } = call.parameters;
  return {
    _id: id,
    groupId,
    name,
    dataProcessRegion: { cloudProvider, region },
    hostnames,
    streamConfig: { tier, maxTierSize: "SP50" },
    links: selfLink(call, "groups", groupId, "streams", name),
  };
}
