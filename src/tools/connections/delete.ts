/** `delete_stream_connection`: removes a connection whose name was repeated. */
import { z } from "zod/v3";
import { deleteConnection, getConnection, listProcessors, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { AtlasFailure, saysMissing } from "../../atlas/failure.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { confirmArgument, nothingToDelete, requireConfirm } from "../../tool/deletion.ts";
import { dryRun, plannedRequest } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { Absent } from "../../tool/resource.ts";
import { warnings } from "../../tool/result.ts";
import { connection, connectionArguments } from "./resource.ts";

export default defineTool({
  name: "delete_stream_connection",
  description: "Deletes a connection. Ask a person first; safe to repeat.",
  effect: "changes",
  resource: connection,
  input: z
    .object({
      ...connectionArguments,
      confirm: confirmArgument,
      dryRun,
      force: z.boolean().default(false).describe("Delete it though processors use it"),
    })
    .strict(),
  outcomes: ["deleted", "not_found", "planned"],
  output: {
    processors: z.array(z.string()).optional().describe("That use it"),
    warnings,
    request: plannedRequest,
  },
  async run({ confirm, connectionName: name, dryRun, force, ...place }, call) {
    const shown = JSON.stringify(call.mask(name));
    requireConfirm({ name, confirm, dryRun }, connection, call);
    const removal = { request: deleteConnection(place, name), find: getConnection(place, name), name };
    const processors = await processorsUsing(name, place, call);
    if (processors && processors.length > 0 && !dryRun && !force) throw inUse(shown, processors);
    const ended = dryRun ? await call.unlessAbsent(call.find(removal.find)) : await call.remove(removal);
    if (ended instanceof Absent) return nothingToDelete(ended, connection, call);
    const users = processors && { processors };
    if (!dryRun) return { outcome: "deleted", summary: `Deleted the connection ${shown}.`, ...users };
    return {
      outcome: "planned",
      summary: `Would delete the connection ${shown}; nothing was deleted.`,
      ...users,
      request: call.planned(removal.request),
    };
  },
});

function inUse(shown: string, processors: readonly string[]): ToolFailure {
  const message = `Stream processors use the connection ${shown}, so it was not deleted`;
  return new ToolFailure(new AtlasFailure("conflict", message), {
    hint: "Ask the person: stop or change these processors first, or call again with `force`: true, after which they fail.",
    result: { processors },
  });
}

/** Names of the processors in whose pipeline or dead letter queue the connection stands; undefined where that cannot be read. */
async function processorsUsing(name: string, place: WorkspacePlace, call: Call): Promise<string[] | undefined> {
  const mention = `"connectionName":${JSON.stringify(name)}`;
  const listing = await call.attempt(call.list(listProcessors(place)));
  if (listing instanceof ToolFailure) {
    // No workspace, so no processors: the deletion itself says what is missing.
    if (saysMissing(listing.failure)) return [];
    call.warn(`Which stream processors use it could not be read: ${listing.message}.`);
    return undefined;
  }
  const users = listing.entries
    .filter(({ pipeline, options }) => JSON.stringify([pipeline, options]).includes(mention))
    .map((processor) => String(processor["name"]));
  if (users.length > 0) call.warn(`Stream processors that use it: ${users.map(call.mask).join(", ")}.`);
  return users;
}
