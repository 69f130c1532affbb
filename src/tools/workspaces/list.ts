/** `list_stream_workspaces`: the stream workspaces of a project. */
import { z } from "zod/v3";
import { defineTool } from "../../tool/define.ts";
import { entries } from "../../tool/result.ts";
import { howMany } from "../../tool/words.ts";
import { groupId } from "../projects/resource.ts";
import { workspace } from "./resource.ts";

export default defineTool({
  name: "list_stream_workspaces",
  description: "Lists a project's stream workspaces (instances); other tools take their names as tenantName.",
  effect: "reads",
  resource: workspace,
  input: z.object({ groupId }).strict(),
  outcomes: ["ok"],
  output: {
    workspaces: entries("tenantName, cloudProvider, region, tier, hostnames"),
  },
  async run(_, call) {
    const listing = await call.list(workspace.list(call.place));
    const workspaces = listing.entries.map(workspace.view);
    return { outcome: "ok", summary: `${howMany(workspaces.length, workspace.noun)} found.`, workspaces };
  },
});
