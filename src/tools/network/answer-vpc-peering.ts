/** `answer_vpc_peering`: accepts or rejects a request, and reads back what the lists show of it. */
import { z } from "zod/v3";
import { acceptPeering, rejectPeering } from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import type { JsonObject } from "../../json.ts";
import { text } from "../../schema/fields.ts";
import { InvalidInput } from "../../schema/problems.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { warnings } from "../../tool/result.ts";
import { groupId } from "../projects/resource.ts";
import { findPeering, listedPeering, peeringLists, standingOf, statesIn } from "./peerings.ts";
import { peering, peeringId, peeringView, requesterAccountId } from "./resource.ts";

const done = { accept: "accepted", reject: "rejected" } as const;

export default defineTool({
  name: "answer_vpc_peering",
  description: "Accepts or rejects a requested VPC peering. Ask a person first.",
  effect: "changes",
  resource: peering,
  input: z
    .object({
      groupId,
      id: peeringId,
      answer: z.enum(["accept", "reject"]).describe("What to answer"),
      requesterAccountId,
      requesterVpcId: text("To accept").optional(),
      dryRun,
    })
    .strict(),
  outcomes: ["accepted", "rejected", "unchanged", "planned"],
  output: { vpcPeering: peeringView, warnings },
  async run({ groupId, id: given, answer, requesterAccountId, requesterVpcId, dryRun }, call) {
    if (answer === "accept" && requesterVpcId === undefined)
      throw new InvalidInput([
        {
          path: ["requesterVpcId"],
          message: "is required to accept: the VPC that the person expects the request from",
        },
      ]);
    const lists = peeringLists(groupId, requesterAccountId);
    // Whatever the account, one after the other: each finds the peering as the one before has left it.
    return call.inTurn(findPeering(lists.slice(0, 1), given), async () => {
      const { id, existing } = await listedPeering(lists, given, call);
      const find = findPeering(lists, id);
      const what = `the VPC peering ${JSON.stringify(call.mask(id))}`;
      if (existing) {
        refuseOthers(existing, { requesterAccountId, ...(requesterVpcId !== undefined && { requesterVpcId }) }, call);
        if (standingOf(existing) === done[answer])
          return {
            outcome: "unchanged" as const,
            summary: `${what.replace("t", "T")} is ${done[answer]} already (${statesIn(existing, call)}); nothing was sent.`,
            vpcPeering: peering.view(existing),
          };
        refuseAnswered(existing, what, answer, call);
      } else
        call.warn(
          `The lists show no VPC peering ${call.mask(id)} of the account ${call.mask(requesterAccountId)}; only Atlas can tell whether there is one.`,
        );
      await call.changeState({
        verb: answer,
        request:
          answer === "accept"
            ? acceptPeering(groupId, id, { requesterAccountId, requesterVpcId })
            : rejectPeering(groupId, id),
        find,
        name: id,
        happened: (latest) => standingOf(latest) === done[answer],
      });
      if (dryRun) {
        const summary = `Would ${answer} ${what}; nothing was sent.`;
        return existing ? { outcome: done[answer], summary } : { outcome: "planned" as const, summary };
      }
      const latest = await readBack(find, answer, existing !== undefined, call);
      return {
        outcome: done[answer],
        summary: `${answer === "accept" ? "Accepted" : "Rejected"} ${what}${latest ? ` (${statesIn(latest, call)})` : ""}. ${call.way("Look how far it is", "get_stream_networking")} (requesterAccountId).`,
        ...(latest && { vpcPeering: peering.view(latest) }),
      };
    });
  },
});

/** @throws {InvalidInput} where the request is another's than the person expects: Atlas asks for this on purpose. */
function refuseOthers(existing: JsonObject, expected: Readonly<Record<string, string>>, { mask, way }: Call): void {
  const problems = Object.entries(expected)
    .filter(([field, value]) => existing[field] !== undefined && existing[field] !== value)
    .map(([field, value]) => ({
      path: [field],
      message: `is not that of this request; ${JSON.stringify(mask(value))} was given`,
    }));
  if (problems.length > 0)
    throw new InvalidInput(
      problems,
      `${way("Look up the request", "get_stream_networking")}, show it to the person, and answer it only if it is the one that they expect; nothing was sent.`,
    );
}

/** @throws {ToolFailure} where it can be answered no more. */
function refuseAnswered(existing: JsonObject, what: string, answer: "accept" | "reject", call: Call): void {
  const standing = standingOf(existing);
  if (standing === undefined) return;
  const hint =
    standing === "accepted"
      ? `An accepted peering is not rejected, but deleted. Ask the person; then ${call.way("delete it", "delete_vpc_peering")}.`
      : "A person requests a new peering in AWS, and then this answers that one.";
  throw new ToolFailure(
    new AtlasFailure("conflict", `It is too late to ${answer} ${what} (${statesIn(existing, call)})`, {
      retryable: false,
    }),
    { hint, result: { vpcPeering: peering.view(existing) } },
  );
}

const POLL_MS = 1_000;

/**
 * The peering once the lists show the answer, which Atlas passes on to AWS; nothing where they do not show it.
 * @throws {ToolFailure} `unknown_outcome` where they go on to show it without the answer.
 */
async function readBack(
  find: ReturnType<typeof findPeering>,
  answer: "accept" | "reject",
  wasListed: boolean,
  call: Call,
): Promise<JsonObject | undefined> {
  const until = call.now() + call.settings.readyMs;
  let latest: JsonObject | undefined;
  let isRead = false;
  for (let looks = 1; ; looks += 1) {
    const parts = await Promise.all(find.lists.map((list) => call.attempt(call.list(list))));
    const read = parts.flatMap((part) => (part instanceof ToolFailure ? [] : [part]));
    isRead ||= read.length === parts.length;
    latest = find.pick(read.flatMap((part) => part.entries)) ?? (read.length < parts.length ? latest : undefined);
    if (latest ? standingOf(latest) === done[answer] : isRead) break;
    if (call.now() >= until) break;
    call.progress(latest ? statesIn(latest, call) : "The lists cannot be read");
    await call.pause(Math.min(POLL_MS, 50 * 2 ** looks));
  }
  if (latest && standingOf(latest) !== done[answer])
    throw new ToolFailure(
      new AtlasFailure(
        "unknown_outcome",
        `Atlas took the answer, and the lists still show ${statesIn(latest, call)}; it may still be ${done[answer]}`,
        { retryable: true },
      ),
      { result: { vpcPeering: peering.view(latest) } },
    );
  if (!isRead) call.warn("Atlas took the answer; whether it is done could not be read.");
  else if (!latest && wasListed) call.warn("Atlas took the answer; the lists show the VPC peering no more.");
  return latest;
}
