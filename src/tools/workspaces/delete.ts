/** `delete_stream_workspace`: removes a workspace, and all that is in it, once its name was repeated. */
import { z } from "zod/v3";
import {
  deleteWorkspace,
  getWorkspace,
  listConnections,
  listProcessors,
  type PagedList,
  stopProcessor,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import type { JsonObject } from "../../json.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { confirmArgument, confirmed, nothingToDelete } from "../../tool/deletion.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { Absent } from "../../tool/resource.ts";
import { warnings } from "../../tool/result.ts";
import { howMany, sentence, someOf } from "../../tool/words.ts";
import { stop } from "../processors/lifecycle.ts";
import { processor } from "../processors/resource.ts";
import { workspace, workspaceArguments } from "./resource.ts";

const names = (description: string) => z.array(z.string()).optional().describe(description);

export default defineTool({
  name: "delete_stream_workspace",
  description: "Deletes a workspace and all that is in it; refused while a processor is started. Ask a person first.",
  effect: "changes",
  resource: workspace,
  input: z
    .object({
      ...workspaceArguments,
      confirm: confirmArgument,
      force: z.boolean().default(false).describe("Stop started processors first"),
      dryRun,
    })
    .strict(),
  outcomes: ["deleted", "not_found", "planned"],
  output: {
    processors: names("That go with it"),
    connections: names("That go with it"),
    warnings,
  },
  run({ confirm, force, dryRun, ...place }, call) {
    const name = place.tenantName;
    const find = getWorkspace(place);
    return confirmed({ name, confirm, dryRun }, call, async () => {
      const existing = await call.unlessAbsent(call.find(find));
      if (existing instanceof Absent) return nothingToDelete(existing, call);
      // Where it cannot be seen whether one is started, nothing is deleted.
      const { entries } = await call.list(listProcessors(place));
      const connections = await namesIn(listConnections(place), call);
      const inside = { processors: entries.map(nameOf), connections };
      const started = entries.filter(({ state }) => state === "STARTED");
      const quotedName = JSON.stringify(call.mask(name));
      const stopping = someOf(started.map(nameOf).map(call.mask));
      if (started.length > 0 && !force)
        throw inUse(quotedName, stopping, { ...inside, started: started.map(nameOf) }, call);
      const removal = { request: deleteWorkspace(place), find, name };
      await call.permit([...started.map((each) => stopProcessor(place, nameOf(each))), removal.request]);
      await stopAll(started, place, call);
      const ended = await call.remove(removal);
      if (ended instanceof Absent) return nothingToDelete(ended, call);
      const what = `the workspace ${quotedName} with ${howMany(entries.length, "processor")} and ${howMany(connections.length, "connection")}`;
      const first = started.length > 0 ? `stop ${stopping}, then ` : "";
      return {
        outcome: "deleted" as const,
        summary: dryRun
          ? `Would ${first}delete ${what}; nothing was deleted.`
          : `Deleted ${what}${started.length > 0 ? `, once ${stopping} had been stopped` : ""}.`,
        ...inside,
      };
    });
  },
});

const nameOf = ({ name }: JsonObject): string => String(name);

/** The names in a list, as far as it can be read. */
async function namesIn(list: PagedList, call: Call): Promise<string[]> {
  const listing = await call.attempt(call.list(list));
  if (!(listing instanceof ToolFailure)) return listing.entries.map(nameOf);
  call.warn(sentence(`What is in the workspace could not all be read: ${listing.message}`));
  return [];
}

function inUse(quotedName: string, started: string, result: JsonObject, { way }: Call): ToolFailure {
  const message = `Stream processors run in the workspace ${quotedName}, so it was not deleted: ${started}`;
  return new ToolFailure(new AtlasFailure("conflict", message), {
    hint: `Ask the person; then ${way("stop them", "stop_stream_processor")} and call again, or call again with \`force\`: true, which stops them.`,
    result,
  });
}

/** As many are stopped at the same time. */
const SIDE_BY_SIDE = 10;

/** @throws {ToolFailure} where one is not known to be stopped; those that were stopped before stay so. */
async function stopAll(started: readonly JsonObject[], place: WorkspacePlace, call: Call): Promise<void> {
  for (let next = 0; next < started.length; next += SIDE_BY_SIDE) {
    const some = started.slice(next, next + SIDE_BY_SIDE);
    const ended = await Promise.all(
      some.map((each) => {
        const name = nameOf(each);
        const about = call.about({ resource: processor, place: { ...place, [processor.argument]: name }, at: [] });
        return about.attempt(stop(place, name, each, about));
      }),
    );
    const stopped = some.filter((_, index) => !(ended[index] instanceof ToolFailure)).map(nameOf);
    if (!call.isDry && stopped.length > 0)
      call.log.warning("Processors were stopped, since their workspace is to be deleted", {
        processors: stopped.map(call.mask),
      });
    const failed = ended.find((each) => each instanceof ToolFailure);
    if (!failed) continue;
    const before = started.slice(0, next).map(nameOf);
    throw failed.with({
      during: "The workspace was not deleted, since a processor could not be stopped",
      left: `Stopped: ${someOf([...before, ...stopped].map(call.mask)) || "none"}.`,
    });
  }
}
