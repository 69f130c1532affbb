/** `update_private_link`: gives a private link its domain, which is all of it that can be changed. */
import { z } from "zod/v3";
import { getPrivateLink, updatePrivateLink } from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import type { JsonObject } from "../../json.ts";
import { sameDomain } from "../../private-links/same.ts";
import { name, ownWords, unlisted } from "../../schema/fields.ts";
import { changeView } from "../../tool/changes.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { refuseLeaving } from "../../tool/deletion.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { entries, warnings } from "../../tool/result.ts";
import { groupId } from "../projects/resource.ts";
import { connectionId, linkView, privateLink } from "./resource.ts";

export default defineTool({
  name: "update_private_link",
  description: "Sets a private link's domain, all that can be changed.",
  effect: "changes",
  resource: privateLink,
  input: z.object({ groupId, connectionId, dnsDomain: name("Shown by Confluent"), dryRun }).strict(),
  outcomes: ["updated", "unchanged", "planned"],
  output: { privateLink: linkView, changes: ownWords(unlisted(entries("path, before, after"))), warnings },
  async run({ groupId, connectionId: id, dnsDomain, dryRun }, call) {
    const find = getPrivateLink(groupId, id);
    return call.inTurn(find, async () => {
      const existing = await call.find(find);
      refuseLeaving(id, existing, call);
      const what = `the private link ${JSON.stringify(call.mask(id))}`;
      if (sameDomain(existing["dnsDomain"], dnsDomain))
        return {
          outcome: "unchanged" as const,
          summary: `The domain of ${what} is already as requested; nothing was changed.`,
          privateLink: privateLink.view(existing),
          changes: [],
        };
      refuseFixed(existing, what, call);
      const latest = await call.update({
        request: updatePrivateLink(groupId, id, { dnsDomain }),
        find,
        name: id,
        happened: (found) => sameDomain(found["dnsDomain"], dnsDomain),
        unseen: false,
        partsOf: call.secretPartsIn,
      });
      const difference = { path: ["dnsDomain"], requested: dnsDomain, existing: existing["dnsDomain"] };
      return {
        outcome: "updated" as const,
        summary: dryRun
          ? `Would set the domain of ${what}; nothing was changed.`
          : `Set the domain of ${what}. ${call.way("Look whether it is DONE", "get_stream_networking")}.`,
        ...(!dryRun && { privateLink: privateLink.view({ ...existing, ...latest }) }),
        changes: [changeView(difference, call.secretPartsIn, call)],
      };
    });
  },
});

/** @throws {ToolFailure} where Atlas takes no other domain: it does where there is none, and in the state IDLE. */
function refuseFixed({ dnsDomain, state }: JsonObject, what: string, { mask, way }: Call): void {
  if (dnsDomain === undefined || dnsDomain === null || dnsDomain === "" || state === "IDLE") return;
  const message = `The domain of ${what} is set, and can be changed in the state IDLE only (it is ${mask(String(state))})`;
  throw new ToolFailure(new AtlasFailure("conflict", message, { retryable: false }), {
    hint: `Ask the person; then ${way("delete it and create it again", "delete_private_link", "create_private_link")}.`,
    fields: [{ path: ["dnsDomain"], message: "is set already" }],
  });
}
