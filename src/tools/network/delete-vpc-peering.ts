/** `delete_vpc_peering`: removes a VPC peering whose id was repeated. */
import { z } from "zod/v3";
import { deletePeering } from "../../atlas/endpoints.ts";
import { defineTool } from "../../tool/define.ts";
import { confirmed, confirmIdArgument, nothingToDelete } from "../../tool/deletion.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { Absent } from "../../tool/resource.ts";
import { warnings } from "../../tool/result.ts";
import { groupId } from "../projects/resource.ts";
import { findPeering, listedPeering, peeringLists, standingOf } from "./peerings.ts";
import { peering, peeringId, peeringView } from "./resource.ts";

export default defineTool({
  name: "delete_vpc_peering",
  description: "Deletes a VPC peering. Ask a person first.",
  effect: "changes",
  resource: peering,
  input: z.object({ groupId, id: peeringId, confirm: confirmIdArgument, dryRun }).strict(),
  outcomes: ["deleted", "not_found", "planned"],
  output: { vpcPeering: peeringView, warnings },
  run({ groupId, id: name, confirm, dryRun }, call) {
    return confirmed({ name, confirm, dryRun }, call, async () => {
      const lists = peeringLists(groupId);
      const { id, existing } = await listedPeering(lists, name, call);
      const what = `the VPC peering ${JSON.stringify(call.mask(name))}`;
      if (!existing && dryRun) {
        call.warn(
          `It is not among the active peerings, and Atlas lists requests by their account only: ${call.way("see them", "get_stream_networking")} (requesterAccountId). Only the deletion tells whether there is one.`,
        );
        return {
          outcome: "planned" as const,
          summary: `Would delete ${what}, if it is there; nothing was deleted.`,
          request: call.planned(deletePeering(groupId, id)),
        };
      }
      const ended = await call.remove({
        request: deletePeering(groupId, id),
        find: findPeering(lists, id),
        name: id,
        unseen: existing === undefined,
        isLeaving: (latest) => standingOf(latest) === "leaving",
      });
      if (ended instanceof Absent) return nothingToDelete(ended, call);
      return {
        outcome: "deleted" as const,
        summary: dryRun ? `Would delete ${what}; nothing was deleted.` : `Deleted ${what}.`,
        ...(existing && { vpcPeering: peering.view(existing) }),
      };
    });
  },
});
