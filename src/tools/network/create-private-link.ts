/**
 * `create_private_link`: sends the create at most once and says what became of it. A private link has no name, so what it
 * leads to tells whether it is there; what was there before is remembered, so that an old one is not taken for a new one.
 */
import { z } from "zod/v3";
import {
  type AtlasRequest,
  createPrivateLink,
  getPrivateLink,
  headersOf,
  listClusters,
  listPrivateLinks,
} from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import { userAgent } from "../../atlas/http.ts";
import { isLeaving, privateLinkStates } from "../../atlas/states.ts";
import { linkEquivalents } from "../../equivalents/private-link.ts";
import { isObject, type JsonObject, valueAt } from "../../json.ts";
import { describeLink, sameDomain, sameness } from "../../private-links/same.ts";
import type { Pair } from "../../private-links/union.ts";
import { ownWords, unlisted } from "../../schema/fields.ts";
import { noteLine } from "../../schema/problems.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { BeingDeleted } from "../../tool/deletion.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { warnings } from "../../tool/result.ts";
import { someOf } from "../../tool/words.ts";
import { groupId } from "../projects/resource.ts";
import { privateLinkArgument, type RequestedLink } from "./link-argument.ts";
import { linkView, privateLink, waitUntilDone } from "./resource.ts";

export default defineTool({
  name: "create_private_link",
  description:
    "Creates a private link, over which connections reach private brokers and services; takes up to an hour. Safe to repeat.",
  effect: "adds",
  resource: privateLink,
  input: z.object({ groupId, privateLink: privateLinkArgument, dryRun, waitUntilReady: waitUntilDone }).strict(),
  outcomes: ["created", "already_exists", "planned"],
  output: {
    privateLink: linkView,
    equivalents: ownWords(
      unlisted(z.object({ curl: z.string(), atlasCli: z.string(), terraform: z.string() }).optional()),
    ),
    warnings,
  },
  bodyArgument: "privateLink",
  async run({ groupId, privateLink: requested, dryRun, waitUntilReady }, call) {
    for (const note of requested.notes) call.warn(noteLine(note));
    const began = call.now();
    const { outcome, latest } = await createLinkOnce(groupId, requested, call, waitUntilReady);
    if (dryRun) {
      const request = createPrivateLink(groupId, requested.link);
      const isDoubtful = outcome === "created" && (await lacksCluster(groupId, requested.pair, call));
      return {
        outcome: isDoubtful ? "planned" : outcome,
        summary: plannedSummary(outcome, requested, isDoubtful, call),
        ...(outcome === "already_exists" && { privateLink: privateLink.view(latest) }),
        ...(isDoubtful && { request: call.planned(request, call.secretPartsIn) }),
        equivalents: equivalentsOf(groupId, requested, request, call),
      };
    }
    const settled = waitUntilReady ? await doneLink(groupId, latest, requested, call, began) : latest;
    return {
      outcome,
      summary: summaryOf(outcome, requested, settled, call),
      privateLink: privateLink.view(settled),
    };
  },
});

/** Creates a private link, or finds the same; with `waits`, once the same that is being deleted is gone. */
export async function createLinkOnce(
  groupId: string,
  requested: RequestedLink,
  call: Call,
  waits = false,
): Promise<{ outcome: "created" | "already_exists"; latest: JsonObject }> {
  const { link } = requested;
  const list = listPrivateLinks(groupId);
  const name = describeLink(link);
  const until = call.now() + (waits ? call.settings.readyMs : 0);
  const all = async () => (await call.list(list)).entries;
  const create = async (): Promise<{ outcome: "created" | "already_exists"; latest: JsonObject }> => {
    let before = await all();
    for (let leaving = leavingIn(before, link); leaving; leaving = leavingIn(before, link)) {
      if (call.isDry || call.now() >= until) throw beingDeleted(name, leaving, call, waits);
      call.progress(`The same private link is being deleted (state ${call.mask(String(leaving["state"]))})`);
      await call.pause(POLL_MS);
      before = await all();
    }
    const existing = before.find((each) => isThere(each, link));
    if (existing) {
      for (const difference of linkDifferences(link, existing, call)) call.warn(difference);
      return { outcome: "already_exists", latest: existing };
    }
    warnOfOthers(before, link, call);
    const ids = new Set(before.map(idOf));
    const pick = (entries: readonly JsonObject[]) => {
      const made = entries.filter((each) => !ids.has(idOf(each)) && sameness(link, each) !== "other");
      if (made.length > 1)
        call.warn(
          `${made.length} private links to the same end are new (${someOf(made.map(idOf).map(call.mask))}), so another process has made one at the same time; which of them is this call's cannot be known.`,
        );
      return made[0];
    };
    try {
      const { outcome, latest } = await call.create({
        request: createPrivateLink(groupId, link),
        find: { lists: [list], pick },
        name,
        differences: () => [],
        partsOf: call.secretPartsIn,
      });
      return { outcome, latest: call.isDry ? latest : await onceListed(latest, groupId, call) };
    } catch (error) {
      throw error instanceof ToolFailure && error.failure.kind === "conflict"
        ? await whatIsInTheWay(error, groupId, link, call)
        : error;
    }
  };
  // All creates of a project, one after the other: each sees in the list what the one before has made.
  return call.inTurn({ lists: [list], pick: () => undefined }, create, { untilKnown: true });
}

const POLL_MS = 1_000;

const idOf = ({ _id }: JsonObject): string => String(_id);
const isFailed = ({ state }: JsonObject) => state === privateLinkStates.failed;
const isThere = (existing: JsonObject, link: JsonObject) =>
  sameness(link, existing) === "same" && !isFailed(existing) && !isLeaving(existing);
const leavingIn = (entries: readonly JsonObject[], link: JsonObject) =>
  entries.some((each) => isThere(each, link))
    ? undefined
    : entries.find((each) => sameness(link, each) === "same" && isLeaving(each));

const beingDeleted = (name: string, existing: JsonObject, call: Call, waits: boolean) =>
  new BeingDeleted(name, existing, call, { next: waits ? "" : "; `waitUntilReady`: true waits for that" });

/** What may be the same, or was to be it. */
function warnOfOthers(entries: readonly JsonObject[], link: JsonObject, { warn, mask, way }: Call): void {
  for (const each of entries) {
    const kind = sameness(link, each);
    const id = mask(idOf(each));
    if (kind === "maybe" && !isLeaving(each))
      warn(
        `The private link ${id} (state ${mask(String(each["state"]))}) leads to the same end and shows no vendor: it may be the one requested.`,
      );
    if (kind === "same" && isFailed(each))
      warn(
        `The private link ${id} leads to the same end and is FAILED. Ask the person; then ${way("delete it", "delete_private_link")}.`,
      );
  }
}

/** What tells no two links apart, and is not as requested. */
export function linkDifferences(link: JsonObject, existing: JsonObject, { mask, maskText, way }: Call): string[] {
  const id = mask(idOf(existing));
  const { dnsDomain, authenticationScheme } = link;
  const domain = existing["dnsDomain"];
  const scheme = existing["authenticationScheme"] ?? (link["vendor"] === "MSK" ? "SASL_SCRAM" : undefined);
  return [
    ...(dnsDomain !== undefined && domain === undefined
      ? [`The private link ${id} has no dnsDomain. ${way("Set it", "update_private_link")}.`]
      : dnsDomain !== undefined && !sameDomain(dnsDomain, domain)
        ? [
            `The dnsDomain of the private link ${id} is ${JSON.stringify(maskText(String(domain)))}, not the one requested; it can be changed in the state IDLE only.`,
          ]
        : []),
    ...(authenticationScheme !== undefined && authenticationScheme !== scheme
      ? [
          `The authenticationScheme of the private link ${id} is ${mask(String(scheme))}, not ${mask(String(authenticationScheme))}; it cannot be changed. Ask the person before it is deleted and created again.`,
        ]
      : []),
  ];
}

/** How often a new link is looked for, which can be missing for a moment. */
const LOOKS = 12;

/** A new link as Atlas shows it, once all see it: the next call in turn has to find it in the list. */
async function onceListed(created: JsonObject, groupId: string, call: Call): Promise<JsonObject> {
  const id = idOf(created);
  for (let looks = 1; looks <= LOOKS; looks += 1) {
    const found = await call.attempt(call.list(listPrivateLinks(groupId)));
    const entry = found instanceof ToolFailure ? undefined : found.entries.find((each) => idOf(each) === id);
    if (entry) return { ...created, ...entry };
    if (found instanceof ToolFailure) break;
    await call.pause(50 * 1.4 ** looks);
  }
  const shown = await call.attempt(call.find(getPrivateLink(groupId, id)));
  if (!(shown instanceof ToolFailure)) return { ...created, ...shown };
  call.warn(`Atlas accepted the private link, and its state could not be read yet: ${shown.message}.`);
  return created;
}

/** Atlas's refusal of a create, with the link for which it refused. */
async function whatIsInTheWay(
  refusal: ToolFailure,
  groupId: string,
  link: JsonObject,
  call: Call,
): Promise<ToolFailure> {
  const listing = await call.attempt(call.list(listPrivateLinks(groupId)));
  const all = listing instanceof ToolFailure ? [] : listing.entries;
  const own = refusal.with({
    summary: `Atlas refused the private link: ${refusal.failure.facts.detail ?? refusal.failure.message}`,
  });
  const found =
    all.find((each) => sameness(link, each) === "same") ?? all.find((each) => sameness(link, each) === "maybe");
  if (!found) return own;
  if (isLeaving(found)) return beingDeleted(describeLink(link), found, call, false);
  const next = isFailed(found)
    ? `The private link ${call.mask(idOf(found))} to the same end is FAILED. Ask the person; ${call.way("delete it", "delete_private_link")}, then call again.`
    : `Use the private link ${call.mask(idOf(found))}, which leads to the same end.`;
  return own.with({ hint: next, result: { privateLink: privateLink.view(found) } });
}

/** Whether a person has to act at Confluent before the link goes on: it waits for its domain. */
const awaitsDomain = ({ provider, vendor }: Pair, { dnsDomain, interfaceEndpointId }: JsonObject) =>
  provider === "AWS" && vendor === "CONFLUENT" && dnsDomain === undefined && interfaceEndpointId !== undefined;

/**
 * A private link once it is DONE, or waits for a person; past the limit, as it is then. The waiting began at `since`.
 * @throws {ToolFailure} where it failed: it exists all the same.
 */
export async function doneLink(
  groupId: string,
  existing: JsonObject,
  { link, pair }: RequestedLink,
  call: Call,
  since = call.now(),
): Promise<JsonObject> {
  const find = getPrivateLink(groupId, idOf(existing));
  const watched = await call.untilSettled(existing, find, {
    passes: (state, latest) => privateLinkStates.passes(state) && !awaitsDomain(pair, { ...link, ...latest }),
    since,
    seen: true,
  });
  if (!isFailed(watched)) return watched;
  const why = watched["errorMessage"];
  const message = `The private link ${call.mask(idOf(watched))} exists, but it failed (state FAILED)`;
  throw new ToolFailure(
    new AtlasFailure("atlas_error", why === undefined ? message : `${message}: ${call.maskText(String(why))}`),
    {
      hint: `${prerequisiteOf(pair, call)}Check what it leads to. Ask the person; then ${call.way("delete it", "delete_private_link")} and create it again.`,
      result: { privateLink: privateLink.view(watched) },
    },
  );
}

/** Whether the project seems to have nothing on the cloud, so that Atlas may refuse; it is told. */
async function lacksCluster(groupId: string, { provider }: Pair, call: Call): Promise<boolean> {
  const clusters = await call.attempt(call.list(listClusters(groupId)));
  if (clusters instanceof ToolFailure) {
    call.warn(`Whether the project has a cluster on ${provider} could not be read: ${clusters.message}.`);
    return false;
  }
  const clouds = clusters.entries.flatMap(({ replicationSpecs }) =>
    (Array.isArray(replicationSpecs) ? replicationSpecs.filter(isObject) : []).flatMap(({ regionConfigs }) =>
      Array.isArray(regionConfigs) ? regionConfigs.map((each) => valueAt(each, ["providerName"])) : [],
    ),
  );
  if (clouds.includes(provider)) return false;
  call.warn(
    `The project has no cluster on ${provider}: unless it has a network peering there, Atlas refuses the private link (bad_request).`,
  );
  return true;
}

function equivalentsOf(groupId: string, { link }: RequestedLink, request: AtlasRequest, call: Call) {
  const { baseUrl, credentials, sandbox } = call.settings;
  return linkEquivalents({
    url: baseUrl + request.path,
    headers: { ...headersOf(request), "user-agent": userAgent },
    groupId,
    body: link,
    partsOf: call.secretPartsIn,
    login: credentials.kind,
    sandbox,
  });
}

/** What has to be done at the other side, as a sentence. */
function prerequisiteOf({ prerequisite }: Pair, { way }: Call): string {
  const look = /Atlas's account/.test(prerequisite) ? ` (${way("look it up", "get_stream_networking")})` : "";
  return prerequisite === "" ? "" : `${prerequisite}${look}. `;
}

const named = ({ link }: RequestedLink, call: Call) => `private link ${call.maskText(describeLink(link))}`;

function plannedSummary(outcome: string, requested: RequestedLink, isDoubtful: boolean, call: Call): string {
  const what = named(requested, call);
  if (outcome === "already_exists") return `Would find the ${what} already there; nothing was created.`;
  const doubt = isDoubtful ? " Atlas may refuse it: see the warnings." : "";
  return `Would create the ${what}, which takes up to an hour; nothing was created.${doubt} ${prerequisiteOf(requested.pair, call)}`.trim();
}

/** What came of it, and what to do next. */
function summaryOf(outcome: string, requested: RequestedLink, latest: JsonObject, call: Call): string {
  const { pair, link } = requested;
  const id = call.mask(idOf(latest));
  const state = call.mask(String(latest["state"] ?? "unknown"));
  const what = `${outcome === "created" ? "Created the" : "There is already the"} ${named(requested, call)} (connectionId ${id}, state ${state}).`;
  const use = `${call.way("connect over it", "create_stream_connection")} (${pair.usedBy.type}, ${pair.usedBy.field}.access {"type":"PRIVATE_LINK","connectionId":"${id}"})`;
  if (latest["state"] === privateLinkStates.done) return `${what} Next, ${use}.`;
  if (awaitsDomain(pair, { ...link, ...latest }))
    return `${what} Give Confluent its interfaceEndpointId as an access point, then ${call.way("set the dnsDomain that Confluent shows", "update_private_link")}.`;
  return `${what} ${prerequisiteOf(pair, call)}It takes up to an hour: ${call.way("look whether it is DONE", "get_stream_networking")}, then ${use}.`;
}
