/**
 * The private links of a plan. A connection of the same plan names one as `link:AS`, whatever its id will be: until Atlas
 * has given it one, an id that no link has stands in its place.
 */
import { z } from "zod/v3";
import { createPrivateLink, listPrivateLinks } from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import { isLeaving, privateLinkStates } from "../../atlas/states.ts";
import { isObject, type JsonObject } from "../../json.ts";
import { sameness } from "../../private-links/same.ts";
import { parsed } from "../../schema/as-meant.ts";
import { type Note, noteLine } from "../../schema/problems.ts";
import { argumentReadBy } from "../../tool/arguments.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import type { RequestedConnection } from "../connections/connection-argument.ts";
import { createLinkOnce, doneLink, linkDifferences } from "../network/create-private-link.ts";
import { type RequestedLink, readLink } from "../network/link-argument.ts";
import { privateLink } from "../network/resource.ts";
import { actionFor, type PlannedAction } from "./plan.ts";

/** A private link of a plan, and what the plan calls it. */
export interface NamedLink extends RequestedLink {
  as: string;
}

export const privateLinksArgument = argumentReadBy(
  z.array(z.custom<NamedLink>(isObject)),
  z
    .array(z.object({}).passthrough())
    .optional()
    .describe('Each: provider, vendor, what they need, and `as`; a connection has connectionId "link:AS"'),
  async (argument = [], _, context) => {
    const list = parsed(argument);
    if (!Array.isArray(list))
      return { problems: [{ path: ["privateLinks"], message: "must be a list of private links" }] };
    const problems: Note[] = [];
    const warnings: Note[] = [];
    const links: NamedLink[] = [];
    const names = new Set<string>();
    for (const [index, each] of list.entries()) {
      const at = ["privateLinks", `${index}`];
      const { as, ...link } = isObject(each) ? each : {};
      if (typeof as !== "string" || as === "")
        problems.push({
          path: [...at, "as"],
          message: 'is required: what connections of this plan call it, as "link:AS"',
        });
      else if (names.has(as))
        problems.push({ path: [...at, "as"], message: "repeats the name of an earlier one in this list" });
      else names.add(as);
      const read = readLink(link, at, context);
      if ("problems" in read) {
        problems.push(...read.problems);
        warnings.push(...(read.warnings ?? []));
      } else links.push({ ...read.value, as: String(as) });
    }
    return problems.length > 0 ? { problems, warnings } : { value: links };
  },
);

/** The ids of a plan's links by what it calls them, as far as there are any yet. */
export type LinkIds = Map<string, string>;

/** The steps for the links; the ids of those that are there, and of those that are made on the way, go into `ids`. */
export async function planLinks(
  links: readonly NamedLink[],
  groupId: string,
  ids: LinkIds,
  call: Call,
): Promise<PlannedAction[]> {
  if (links.length === 0) return [];
  const { entries } = await call.list(listPrivateLinks(groupId));
  return links.map((each) => planLink(each, entries, groupId, ids, call));
}

function planLink(
  requested: NamedLink,
  listed: readonly JsonObject[],
  groupId: string,
  ids: LinkIds,
  call: Call,
): PlannedAction {
  const { as, at, link, notes } = requested;
  const about = call.about({ resource: privateLink, place: { groupId }, at });
  for (const note of notes) call.warn(noteLine(note));
  const same = listed.filter((each) => sameness(link, each) === "same" && each["state"] !== privateLinkStates.failed);
  const existing = same.find((each) => !isLeaving(each)) ?? same[0];
  if (existing && !isLeaving(existing)) {
    ids.set(as, String(existing["_id"]));
    for (const difference of linkDifferences(link, existing, about)) call.warn(difference);
  }
  const step = actionFor({
    call: about,
    name: as,
    existing,
    differences: [],
    partsOf: () => [],
    requests: [createPrivateLink(groupId, link)],
    create: async () => {
      const { outcome, latest } = await createLinkOnce(groupId, requested, about);
      ids.set(as, String(latest["_id"]));
      await untilDone(latest, requested, groupId, about);
      return outcome;
    },
  });
  return existing && step.action === "none"
    ? { ...step, settle: () => untilDone(existing, requested, groupId, about) }
    : step;
}

/** @throws {ToolFailure} where it is not DONE in time, so that nothing can use it yet. */
async function untilDone(existing: JsonObject, requested: NamedLink, groupId: string, call: Call): Promise<void> {
  const latest = await doneLink(groupId, existing, requested, call);
  if (latest["state"] === privateLinkStates.done) return;
  const state = call.mask(String(latest["state"]));
  const isWaiting = requested.link.dnsDomain === undefined && latest["interfaceEndpointId"] !== undefined;
  const first = isWaiting
    ? `Give the other side its interfaceEndpointId, then ${call.way("set its dnsDomain", "update_private_link")}; then`
    : "It can take up to an hour:";
  throw new ToolFailure(
    new AtlasFailure("timeout", `The private link "${call.mask(requested.as)}" is not DONE yet (state ${state})`, {
      retryable: true,
    }),
    {
      hint: `${first} call again with the same arguments, which goes on waiting.`,
      result: { privateLink: privateLink.view(latest) },
    },
  );
}

/** The connection with the id of the link that it names, where there is one. */
export function withLinkId(requested: RequestedConnection, ids: LinkIds): RequestedConnection {
  const id = requested.link && ids.get(requested.link.as);
  return id === undefined ? requested : requested.linkedTo(id);
}
