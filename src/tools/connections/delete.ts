/** `delete_stream_connection`: removes a connection whose name was repeated. */
import { z } from "zod/v3";
import { deleteConnection, getConnection, listProcessors, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { AtlasFailure, saysMissing } from "../../atlas/failure.ts";
import { unlisted } from "../../schema/fields.ts";
import { usesOf } from "../../stages/connections.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { confirmArgument, confirmed, nothingToDelete } from "../../tool/deletion.ts";
import { dryRun } from "../../tool/dry-run.ts";
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
    doubtful: unlisted(z.array(z.string()).optional()),
    warnings,
  },
  run({ confirm, connectionName: name, dryRun, force, ...place }, call) {
    return confirmed({ name, confirm, dryRun }, call, async () => {
      const quotedName = JSON.stringify(call.mask(name));
      const removal = { request: deleteConnection(place, name), find: getConnection(place, name), name };
      const users = await usersOf(name, place, call);
      const obstacle = force ? undefined : obstacleIn(users, `the connection ${quotedName}`);
      const ended =
        obstacle === undefined ? await call.remove(removal) : await call.unlessAbsent(call.find(removal.find));
      if (ended instanceof Absent) return nothingToDelete(ended, call);
      if (obstacle !== undefined)
        throw new ToolFailure(new AtlasFailure("conflict", `${obstacle}, so it was not deleted`), {
          hint: "Ask the person: change or delete the processors that use it first, or call again with `force`: true. Even then Atlas keeps it while one of them runs; one that does not run fails once it is started.",
          result: { ...users },
        });
      return {
        outcome: "deleted" as const,
        summary: dryRun
          ? `Would delete the connection ${quotedName}; nothing was deleted.`
          : `Deleted the connection ${quotedName}.`,
        ...users,
      };
    });
  },
});

/** Names of processors. */
interface Users {
  /** Those that use the connection; left out where not all could be read and none was found. */
  processors?: string[];
  /** Those that have its name in a stage of which nobody can know what it means. */
  doubtful?: string[];
}

/** Why the connection is not deleted unless that is forced. */
function obstacleIn({ processors, doubtful }: Users, it: string): string | undefined {
  if (processors === undefined) return `Which stream processors use ${it} could not be read`;
  if (processors.length > 0) return `Stream processors use ${it}`;
  return doubtful && `Stream processors may use ${it}`;
}

async function usersOf(name: string, place: WorkspacePlace, call: Call): Promise<Users> {
  const listing = await call.attempt(call.list(listProcessors(place)));
  if (listing instanceof ToolFailure) {
    // No workspace, so no processors: the deletion itself says what is missing.
    if (saysMissing(listing.failure)) return { processors: [] };
    call.warn(`Which stream processors use it could not be read: ${listing.message}.`);
    return {};
  }
  const namesWhere = (isUser: (roles: readonly string[]) => boolean) =>
    listing.entries
      .filter((processor) => isUser(usesOf(processor).flatMap((use) => (use.name === name ? [use.role] : []))))
      .map((processor) => String(processor["name"]));
  const processors = namesWhere((roles) => roles.some((role) => role !== "doubtful"));
  const doubtful = namesWhere((roles) => roles.length > 0 && roles.every((role) => role === "doubtful"));
  const named = (names: readonly string[]) => names.map(call.mask).join(", ");
  if (processors.length > 0) call.warn(`Stream processors that use it: ${named(processors)}.`);
  if (doubtful.length > 0)
    call.warn(`Stream processors that may use it, in stages that this server does not know: ${named(doubtful)}.`);
  if (listing.truncated) call.warn("There are more stream processors than could be read, and they may use it too.");
  return {
    ...((processors.length > 0 || !listing.truncated) && { processors }),
    ...(doubtful.length > 0 && { doubtful }),
  };
}
