/** The handlers of stream workspaces and their processors. */
import type { Workspace } from "../data/state.ts";
import { type Handler, projectOf, type RoutedRequest, selfLink, workspaceOf } from "./handler.ts";
import { pageOf } from "./page.ts";

export const listWorkspaces: Handler = (request, state) => {
  const workspaces = [...projectOf(request, state).workspaces.values()];
  return pageOf(
    workspaces.map((workspace) => viewWorkspace(request, workspace)),
    request,
  );
};

export const listProcessors: Handler = (request, state) => pageOf(workspaceOf(request, state).processors, request);

function viewWorkspace(request: RoutedRequest, { id, name, cloudProvider, region, tier, hostnames }: Workspace) {
  const { groupId = "" } = request.parameters;
  return {
    _id: id,
    groupId,
    name,
    dataProcessRegion: { cloudProvider, region },
    hostnames,
    streamConfig: { tier, maxTierSize: "SP50" },
    links: selfLink(request, "groups", groupId, "streams", name),
  };
}
