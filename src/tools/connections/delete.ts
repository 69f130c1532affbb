/** `delete_stream_connection`: removes a connection whose name was repeated. */
import { z } from "zod/v3";
import { deleteConnection, deleteFailoverConnection, getConnection } from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import type { JsonObject } from "../../json.ts";
import { unlisted } from "../../schema/fields.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { confirmArgument, confirmed, nothingToDelete } from "../../tool/deletion.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { Absent } from "../../tool/resource.ts";
import { warnings } from "../../tool/result.ts";
import { type FailoverPlace, failoverArgument, findNamed, getFailover } from "./failover.ts";
import { connection, connectionArguments } from "./resource.ts";
import { inUse, namingUsers, type Users, usersOf } from "./users.ts";

const AGAIN = " and call again";

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
      force: z.boolean().default(false).describe("Delete it though stopped processors use it"),
      failoverOf: failoverArgument,
      region: z.string().optional().describe("Of a failover connection"),
    })
    .strict(),
  outcomes: ["deleted", "not_found", "planned"],
  output: {
    processors: z.array(z.string()).optional().describe("That use it"),
    doubtful: unlisted(z.array(z.string()).optional()),
    warnings,
  },
  run({ confirm, connectionName: name, dryRun, force, failoverOf, region, ...place }, call) {
    return confirmed({ name, confirm, dryRun }, call, async () => {
      if (failoverOf !== undefined) return deleteFailover({ ...place, failoverOf }, name, region, call);
      const it = `the connection ${JSON.stringify(call.mask(name))}`;
      const removal = { request: deleteConnection(place, name), find: getConnection(place, name), name };
      const users = await usersOf(name, place, call);
      const result = warnOf(users, call);
      const running = users instanceof ToolFailure ? [] : users.running;
      const obstacle = force ? undefined : obstacleIn(users, it);
      const ended = await call.attempt<"deleted" | Absent | JsonObject>(
        obstacle === undefined ? call.remove(removal) : call.unlessAbsent(call.find(removal.find)),
      );
      if (ended instanceof ToolFailure) throw await namingUsers(ended, name, place, AGAIN, call);
      if (ended instanceof Absent) return nothingToDelete(ended, call);
      if (obstacle !== undefined) {
        const first =
          running.length > 0
            ? ` Atlas keeps it in any case while one of them runs. ${running.map(call.mask).join(", ")} run: ${call.way("stop them", "stop_stream_processor")} first.`
            : "";
        throw new ToolFailure(new AtlasFailure("conflict", `${obstacle}, so it was not deleted`), {
          hint: `Ask the person: change or delete the processors that use it first, or call again with \`force\`: true; one that does not run fails once it is started.${first}`,
          result,
        });
      }
      if (dryRun && running.length > 0) throw inUse(name, running, AGAIN, call);
      return {
        outcome: "deleted" as const,
        summary: dryRun ? `Would delete ${it}; nothing was deleted.` : `Deleted ${it}.`,
        ...result,
      };
    });
  },
});

async function deleteFailover(place: FailoverPlace, name: string, region: string | undefined, call: Call) {
  const found = await findNamed(place, name, { value: region, at: ["region"] }, call);
  if (found instanceof Absent) return nothingToDelete(found, call);
  const { failoverOf } = place;
  const [id, ownName] = [String(found["id"]), String(found["name"])];
  const request = deleteFailoverConnection(place, failoverOf, id);
  const ended = await call.remove({ request, find: getFailover(place, found), name: ownName });
  if (ended instanceof Absent) return nothingToDelete(ended, call);
  const [quotedName, where, primary] = [ownName, String(found["region"]), failoverOf].map(call.mask);
  const it = `the failover connection "${quotedName}" of "${primary}" in ${where}`;
  return {
    outcome: "deleted" as const,
    summary: call.isDry ? `Would delete ${it}; nothing was deleted.` : `Deleted ${it}.`,
  };
}

/** Why the connection is not deleted unless that is forced. */
function obstacleIn(users: Users | ToolFailure, it: string): string | undefined {
  if (users instanceof ToolFailure) return `Which stream processors use ${it} could not be read`;
  if (users.processors.length > 0) return `Stream processors use ${it}`;
  return users.doubtful.length > 0 ? `Stream processors may use ${it}` : undefined;
}

/** The names that a result gives; what there is to say of them is a warning. */
function warnOf(users: Users | ToolFailure, { mask, warn }: Call) {
  if (users instanceof ToolFailure) {
    warn(`Which stream processors use it could not be read: ${users.message}.`);
    return {};
  }
  const { processors, doubtful } = users;
  const named = (names: readonly string[]) => names.map(mask).join(", ");
  if (processors.length > 0) warn(`Stream processors that use it: ${named(processors)}.`);
  if (doubtful.length > 0)
    warn(`Stream processors that may use it, in stages that this server does not know: ${named(doubtful)}.`);
  return { processors, ...(doubtful.length > 0 && { doubtful }) };
}
