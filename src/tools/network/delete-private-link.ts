/** `delete_private_link`: removes a private link whose id was repeated. */
import { z } from "zod/v3";
import { deletePrivateLink, getPrivateLink } from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import { unlisted } from "../../schema/fields.ts";
import { defineTool } from "../../tool/define.ts";
import { confirmed, confirmIdArgument, nothingToDelete } from "../../tool/deletion.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { Absent } from "../../tool/resource.ts";
import { entries, warnings } from "../../tool/result.ts";
import { someOf } from "../../tool/words.ts";
import { groupId } from "../projects/resource.ts";
import { connectionId, privateLink } from "./resource.ts";
import { type Use, usesOfLink } from "./used-by.ts";

export default defineTool({
  name: "delete_private_link",
  description: "Deletes a private link. Ask a person first.",
  effect: "changes",
  resource: privateLink,
  input: z.object({ groupId, connectionId, confirm: confirmIdArgument, dryRun }).strict(),
  outcomes: ["deleted", "not_found", "planned"],
  output: { usedBy: unlisted(entries("tenantName, connectionName")), warnings },
  run({ groupId, connectionId: name, confirm, dryRun }, call) {
    return confirmed({ name, confirm, dryRun }, call, async () => {
      const quotedId = JSON.stringify(call.mask(name));
      const inUse = (uses: readonly Use[], cause?: ToolFailure) => {
        const named = uses.map((use) => `${call.mask(use.tenantName)}/${call.mask(use.connectionName)}`);
        const message = `Connections use the private link ${quotedId}, so it was not deleted: ${someOf(named)}`;
        const facts = cause?.failure.facts;
        return new ToolFailure(new AtlasFailure("conflict", message, facts), {
          hint: `Ask the person; then ${call.way("delete these connections", "delete_stream_connection")} (workspace/connection), and call again.`,
          result: { usedBy: uses },
        });
      };
      const find = getPrivateLink(groupId, name);
      const existing = await call.unlessAbsent(call.find(find));
      if (existing instanceof Absent) return nothingToDelete(existing, call);
      const uses = await usesOfLink(groupId, name, call);
      if (uses.length > 0) throw inUse(uses);
      const ended = await call.attempt(call.remove({ request: deletePrivateLink(groupId, name), find, name }));
      if (ended instanceof ToolFailure) {
        // A connection may have been made meanwhile.
        const isInUse = ended.failure.facts.errorCode === "STREAM_PRIVATE_LINK_IN_USE";
        const now = isInUse ? await usesOfLink(groupId, name, call) : [];
        throw now.length > 0 ? inUse(now, ended) : ended;
      }
      if (ended instanceof Absent) return nothingToDelete(ended, call);
      return {
        outcome: "deleted" as const,
        summary: dryRun
          ? `Would delete the private link ${quotedId}; nothing was deleted.`
          : `Deleted the private link ${quotedId}.`,
        usedBy: [],
      };
    });
  },
});
