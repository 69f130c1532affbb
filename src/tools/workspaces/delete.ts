/** `delete_stream_workspace`: removes a workspace, and all that is in it, once its name was repeated. */
import { z } from "zod/v3";
import {
  deleteWorkspace,
  getWorkspace,
  listConnections,
  listProcessors,
  type PagedList,
} from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import type { JsonObject } from "../../json.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { confirmArgument, nothingToDelete, requireConfirm } from "../../tool/deletion.ts";
import { dryRun, plannedRequest } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { Absent } from "../../tool/resource.ts";
import { warnings } from "../../tool/result.ts";
import { howMany, sentence } from "../../tool/words.ts";
import { workspace, workspaceArguments } from "./resource.ts";

const names = (description: string) => z.array(z.string()).optional().describe(description);

export default defineTool({
  name: "delete_stream_workspace",
  description:
    "Deletes a workspace with its connections and processors; refused while a processor is started. Ask a person first.",
  effect: "changes",
  resource: workspace,
  input: z.object({ ...workspaceArguments, confirm: confirmArgument, dryRun }).strict(),
  outcomes: ["deleted", "not_found", "planned"],
  output: {
    processors: names("That go with it"),
    connections: names("That go with it"),
    warnings,
    request: plannedRequest,
  },
  async run({ confirm, dryRun, ...place }, call) {
    const name = place.tenantName;
    requireConfirm({ name, confirm, dryRun }, call);
    const quotedName = JSON.stringify(call.mask(name));
    const find = getWorkspace(place);
    const existing = await call.unlessAbsent(call.find(find));
    if (existing instanceof Absent) return nothingToDelete(existing, call);
    const processors = dryRun
      ? await entriesOf(listProcessors(place), call)
      : // Where it cannot be seen whether one is started, nothing is deleted.
        (await call.list(listProcessors(place))).entries;
    const connections = (await entriesOf(listConnections(place), call)).map(nameOf);
    const inside = { processors: processors.map(nameOf), connections };
    const started = processors.filter(({ state }) => state === "STARTED").map(nameOf);
    if (started.length > 0 && !dryRun) throw inUse(quotedName, started, inside);
    const request = deleteWorkspace(place);
    if (!dryRun) {
      const ended = await call.remove({ request, find, name });
      if (ended instanceof Absent) return nothingToDelete(ended, call);
      return { outcome: "deleted", summary: `Deleted the workspace ${quotedName}${withAll(inside)}.`, ...inside };
    }
    const first = started.length > 0 ? ` Stop ${started.map(call.mask).join(", ")} first.` : "";
    return {
      outcome: "planned",
      summary: `Would delete the workspace ${quotedName}${withAll(inside)}; nothing was deleted.${first}`,
      ...inside,
      request: call.planned(request),
    };
  },
});

const nameOf = ({ name }: JsonObject): string => String(name);

const withAll = ({ processors, connections }: { processors: string[]; connections: string[] }) =>
  ` with ${howMany(processors.length, "processor")} and ${howMany(connections.length, "connection")}`;

/** What is in the workspace, as far as it can be read. */
async function entriesOf(list: PagedList, call: Call): Promise<readonly JsonObject[]> {
  const listing = await call.attempt(call.list(list));
  if (!(listing instanceof ToolFailure)) return listing.entries;
  call.warn(sentence(`What is in the workspace could not all be read: ${listing.message}`));
  return [];
}

function inUse(quotedName: string, started: readonly string[], inside: JsonObject): ToolFailure {
  const message = `Stream processors run in the workspace ${quotedName}, so it was not deleted`;
  return new ToolFailure(new AtlasFailure("conflict", message), {
    hint: "Ask the person; then stop the running processors with stop_stream_processor, and call again.",
    result: { ...inside, started },
  });
}
