/** `list_stream_workspaces`: the stream workspaces of a project. */
import { z } from "zod/v3";
import { listWorkspaces } from "../atlas/endpoints.ts";
import { readPages } from "../atlas/pages.ts";
import { valueAt } from "../connections/paths.ts";
import { checkArguments } from "./arguments/check-arguments.ts";
import { workspaceShape } from "./arguments/workspace.ts";
import { counted, entries, readResultSchema, truncated } from "./read-result.ts";
import { reading } from "./reading.ts";
import { readOnly, type Tool } from "./tool.ts";

const input = z.object({ groupId: workspaceShape.groupId }).strict();

export const listStreamWorkspaces: Tool = {
  name: "list_stream_workspaces",
  title: "List stream workspaces",
  description: "Lists the stream workspaces (instances) of a project; their names are tenantName elsewhere.",
  annotations: readOnly,
  input,
  output: readResultSchema({
    workspaces: entries("tenantName, cloudProvider, region, tier, hostnames"),
    truncated,
  }),
  async call(args, services, context) {
    const { groupId } = await checkArguments(input, args, services, context);
    return reading({ groupId }, services, context, async () => {
      const listing = await readPages(services.atlas, listWorkspaces(groupId), context.signal);
      const workspaces = listing.entries.map((workspace) => ({
        tenantName: workspace["name"],
        cloudProvider: valueAt(workspace, "dataProcessRegion.cloudProvider"),
        region: valueAt(workspace, "dataProcessRegion.region"),
        tier: valueAt(workspace, "streamConfig.tier"),
        hostnames: workspace["hostnames"],
      }));
      const summary = counted(workspaces, "workspace", listing);
      return { summary, project: { groupId }, workspaces, truncated: listing.truncated };
    });
  },
};
