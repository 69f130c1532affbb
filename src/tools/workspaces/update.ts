/** `update_stream_workspace`: changes what differs of a workspace, and what its processors do all together. */
import { z } from "zod/v3";
import { getWorkspace, listProcessors, updateWorkspace, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import { type CloudProvider, cloudProviders, isLarger } from "../../atlas/regions-and-tiers.ts";
import { processorStates, runningStates } from "../../atlas/states.ts";
import type { Difference, JsonObject } from "../../json.ts";
import { name, ownWords, unlisted, withTrait } from "../../schema/fields.ts";
import { InvalidInput, type Note, noteLine } from "../../schema/problems.ts";
import { changeView, differenceNote } from "../../tool/changes.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { entries, someObject, warnings } from "../../tool/result.ts";
import { sentence, someOf } from "../../tool/words.ts";
import { notToRepeat } from "../processors/lifecycle.ts";
import { meantRegion } from "./create.ts";
import { failoverRegionsShown, tier, workspace, workspaceArguments } from "./resource.ts";

const cloud = z.enum(cloudProviders).optional();

export default defineTool({
  name: "update_stream_workspace",
  description: "Changes a workspace, or starts, stops or fails over all its processors.",
  effect: "changes",
  resource: workspace,
  input: z
    .object({
      ...workspaceArguments,
      tier: tier("Its default, SP2 to SP50"),
      maxTier: tier("Largest tier"),
      cloudProvider: cloud.describe("Cloud"),
      region: z.string().min(1).optional().describe("To move it; nothing may run"),
      failoverRegions: withTrait(z.array(z.object({ cloudProvider: cloud, region: name("Region") }).strict()).max(2), {
        published: z.array(z.object({}).passthrough()).optional().describe("Up to two {region}, of its cloud"),
      }).optional(),
      processorStatus: z
        .object({
          status: z.enum(["STARTED", "STOPPED", "FAILED_OVER"]).describe("Of each"),
          mode: z.enum(["GRACEFUL", "FORCED"]).optional().describe("Of a failover"),
          region: z.string().min(1).optional().describe("To fail over to"),
        })
        .strict()
        .optional()
        .describe("Of all processors"),
      confirm: z.string().optional().describe("The name again, to stop or move them"),
      dryRun,
    })
    .strict(),
  outcomes: ["updated", "unchanged", "planned"],
  output: {
    workspace: unlisted(someObject("As Atlas shows it")),
    changes: ownWords(unlisted(entries("path, before, after"))),
    processors: unlisted(entries("name, state")),
    warnings,
  },
  async run({ groupId, tenantName, confirm, dryRun, ...given }, call) {
    const place = { groupId, tenantName };
    const find = getWorkspace(place);
    return call.inTurn(find, async () => {
      const existing = await call.find(find);
      const before = workspace.view(existing);
      const requested = readRequested(given, before, failoverRegionsShown(existing), call);
      const settings = settingsThatChange(requested, before);
      const isMove = settings.some(({ path: [field = ""] }) => field === "region" || field === "cloudProvider");
      const { processorStatus: status } = requested;
      const all = isMove || status ? (await call.list(listProcessors(place))).entries : [];
      if (isMove) refuseMove(all, tenantName, call);
      await warnOfTiers(requested, settings, place, call);
      const affected = status ? affectedBy(status, all) : [];
      const quotedName = JSON.stringify(call.mask(tenantName));
      const changes = [
        ...settings,
        ...(status && affected.length > 0 ? [{ path: ["processorStatus"], requested: status }] : []),
      ];
      if (changes.length === 0)
        return {
          outcome: "unchanged",
          summary: `The workspace ${quotedName} is already as requested${status ? `, and no processor of it is ${idle[status.status]}` : ""}; nothing was sent.`,
          workspace: before,
          changes: [],
        };
      const doing = status && affected.length > 0 ? `${verbs[status.status]} ${namesOf(affected, call)}` : undefined;
      if (doing !== undefined && status?.status !== "STARTED" && confirm !== tenantName)
        askFirst(doing, quotedName, call);
      const views = changes.map((each) => changeView(each, () => [], call));
      const request = updateWorkspace(place, bodyOf(requested, settings, before, affected.length > 0));
      const updating = call.update({
        request,
        find,
        name: tenantName,
        happened: (latest) => settingsThatChange(requested, workspace.view(latest)).length === 0,
        unseen: settings.length === 0,
        unseenAs: "whether Atlas did it cannot be seen",
      });
      const acting = { status, affected, place };
      const unsure =
        status?.status === "FAILED_OVER" ? affected.filter((each) => each["failoverEnabled"] !== true) : [];
      if (unsure.length > 0)
        call.warn(`Atlas shows no failoverEnabled for ${namesOf(unsure, call)}: what has none may stay where it is.`);
      const updated = await call.attempt(updating.catch((error) => seenInProcessors(error, acting, call)));
      const fields = settings.map(({ path }) => path.join(".")).join(", ");
      const what = [...(fields ? [`change ${fields} of the workspace ${quotedName}`] : []), ...(doing ? [doing] : [])];
      if (updated instanceof ToolFailure) throw await told(updated, acting, call);
      const bills = doing !== undefined && status?.status === "STARTED" ? " Billing runs until they are stopped." : "";
      if (dryRun)
        return {
          outcome: "updated",
          summary: `Would ${what.join(" and ")}; nothing was sent.${bills}`,
          changes: views,
          ...(affected.length > 0 && { processors: affected.map(stateView) }),
        };
      const processors =
        doing === undefined ? undefined : (await statesAfter(acting, call, call.settings.readyMs)).map(stateView);
      const latest = workspace.view({ ...existing, ...updated });
      for (const other of settingsThatChange(requested, latest))
        call.warn(noteLine(differenceNote(other, () => [], call)));
      return {
        outcome: "updated",
        summary: `Done: ${what.join(" and ")}.${bills}`,
        workspace: latest,
        changes: views,
        ...(processors && { processors }),
      };
    });
  },
});

interface Status {
  status: "STARTED" | "STOPPED" | "FAILED_OVER";
  mode?: "GRACEFUL" | "FORCED" | undefined;
  region?: string | undefined;
}

interface Place {
  cloudProvider: CloudProvider;
  region: string;
}

interface Given {
  tier?: string | undefined;
  maxTier?: string | undefined;
  cloudProvider?: CloudProvider | undefined;
  region?: string | undefined;
  failoverRegions?: readonly { cloudProvider?: CloudProvider | undefined; region: string }[] | undefined;
  processorStatus?: Status | undefined;
}

/** What is requested, with regions in Atlas's spelling. */
interface Requested extends Omit<Given, "failoverRegions"> {
  failoverRegions?: readonly Place[] | undefined;
}

const verbs = { STARTED: "start", STOPPED: "stop", FAILED_OVER: "fail over" } as const;
const idle = { STARTED: "idle", STOPPED: "running", FAILED_OVER: "made for failover" } as const;

/** @throws {InvalidInput} with all that cannot be used. */
function readRequested(
  { failoverRegions, ...given }: Given,
  before: JsonObject,
  shown: readonly { region: string }[] | undefined,
  call: Call,
): Requested {
  const existingCloud = cloudProviders.find((each) => each === before["cloudProvider"]);
  const cloudProvider = given.cloudProvider ?? existingCloud ?? "AWS";
  const { region, processorStatus } = given;
  const meant = (text: string, cloud: CloudProvider, at: string[]) =>
    meantRegion({ region: text, cloudProvider: cloud }, call, at);
  const moved = region === undefined ? undefined : meant(region, cloudProvider, ["region"]);
  const problems: Note[] = [];
  const refuse = (path: string[], message: string) => void problems.push({ path, message });
  if (given.cloudProvider !== undefined && given.cloudProvider !== existingCloud && region === undefined)
    refuse(["region"], `is required: a region of ${given.cloudProvider}`);
  const failover = failoverRegions?.map((each, index): Place => {
    const at = ["failoverRegions", `${index}`];
    const own = each.cloudProvider ?? cloudProvider;
    if (own !== cloudProvider) refuse([...at, "cloudProvider"], `must be ${cloudProvider}, the cloud of the workspace`);
    return { cloudProvider: own, region: meant(each.region, own, [...at, "region"]) };
  });
  const primary = moved ?? before["region"];
  failover?.forEach(({ region }, index) => {
    const at = ["failoverRegions", `${index}`, "region"];
    if (region === primary) refuse(at, "is the region of the workspace itself");
    if (failover.findIndex((other) => other.region === region) < index) refuse(at, "stands there twice");
  });
  if (moved !== undefined && !failover && shown?.some((each) => each.region === moved))
    call.warn(
      `region: ${call.mask(moved)} is one of the workspace's failover regions, and no processor could fail over to it then; give failoverRegions too.`,
    );
  const known = failover ?? shown;
  const regions = [...(known ?? []).map((each) => each.region), String(primary)];
  const status = processorStatus && {
    ...processorStatus,
    ...(processorStatus.region !== undefined && {
      region: meant(processorStatus.region, cloudProvider, ["processorStatus", "region"]),
    }),
  };
  if (status?.status === "FAILED_OVER") {
    if (status.region === undefined)
      refuse(["processorStatus", "region"], `is required where they are to fail over: one of ${regions.join(", ")}`);
    else if (known && !regions.includes(status.region))
      refuse(
        ["processorStatus", "region"],
        `must be a failover region of the workspace, or its own: ${regions.map(call.mask).join(", ")}. Set failoverRegions first`,
      );
  } else if (status?.mode !== undefined) refuse(["processorStatus", "mode"], "is only for the status FAILED_OVER");
  const largest = given.maxTier ?? textOf(before["maxTier"]);
  const usual = given.tier ?? textOf(before["tier"]);
  if ((given.tier ?? given.maxTier) !== undefined && isLarger(usual, largest))
    refuse(
      [given.tier === undefined ? "maxTier" : "tier"],
      given.tier === undefined
        ? `must be at least tier, which is ${usual}`
        : `can be at most maxTier, which is ${largest}`,
    );
  if (problems.length > 0) throw new InvalidInput(problems);
  return {
    ...given,
    ...(moved !== undefined && { region: moved, cloudProvider }),
    ...(failover && { failoverRegions: failover }),
    ...(status && { processorStatus: status }),
  };
}

const textOf = (value: unknown) => (typeof value === "string" ? value : undefined);

/** The failover regions of a workspace as it is seen. */
function failoverOf({ failoverRegions }: JsonObject): { region: string }[] {
  const regions: readonly unknown[] = Array.isArray(failoverRegions) ? failoverRegions : [];
  return regions.map((each) => ({ region: String(Object(each)["region"]) }));
}

const SETTINGS = ["tier", "maxTier", "cloudProvider", "region", "failoverRegions"] as const;

/** Where a workspace is not as requested. The order of failover regions is none. */
function settingsThatChange(requested: Requested, existing: JsonObject): Difference[] {
  const regions = (view: JsonObject) =>
    failoverOf(view)
      .map(({ region }) => region)
      .toSorted()
      .join();
  return SETTINGS.flatMap((field) => {
    const value = requested[field];
    const isSame =
      field === "failoverRegions"
        ? regions({ failoverRegions: value }) === regions(existing)
        : value === existing[field];
    return value === undefined || isSame
      ? []
      : [{ path: [field], requested: value, existing: existing[field] ?? undefined }];
  });
}

/** Of sizes, those that stay are sent too: whether Atlas merges them is not documented. */
function bodyOf(requested: Requested, settings: readonly Difference[], before: JsonObject, acts: boolean): JsonObject {
  const changes = (field: (typeof SETTINGS)[number]) => settings.some(({ path }) => path[0] === field);
  const [tier, maxTierSize] = [requested.tier ?? before["tier"], requested.maxTier ?? before["maxTier"]];
  const { cloudProvider, region, failoverRegions, processorStatus } = requested;
  return {
    ...((changes("region") || changes("cloudProvider")) && { cloudProvider, region }),
    ...((changes("tier") || changes("maxTier")) && {
      streamConfig: { ...(tier != null && { tier }), ...(maxTierSize != null && { maxTierSize }) },
    }),
    ...(changes("failoverRegions") && { failoverRegions }),
    ...(acts && { processorStatus }),
  };
}

const isRunning = ({ state }: JsonObject) => runningStates.some((each) => each === state);
const nameOf = ({ name }: JsonObject) => String(name);
const namesOf = (processors: readonly JsonObject[], { mask }: Call) => someOf(processors.map(nameOf).map(mask));
const stateView = (processor: JsonObject) => ({ name: nameOf(processor), state: processor["state"] });

function affectedBy({ status }: Status, all: readonly JsonObject[]): JsonObject[] {
  if (status === "STARTED") return all.filter((each) => !isRunning(each));
  return all.filter((each) => (status === "STOPPED" ? isRunning(each) : each["failoverEnabled"] !== false));
}

/** @throws {ToolFailure} where one runs: Atlas moves no workspace then. */
function refuseMove(all: readonly JsonObject[], name: string, call: Call): void {
  const running = all.filter(isRunning);
  if (running.length > 0) throw inTheWay(running, name, call);
}

function inTheWay(running: readonly JsonObject[], name: string, call: Call, cause?: AtlasFailure): ToolFailure {
  const names = namesOf(running, call);
  const message = `Stream processors run in the workspace ${JSON.stringify(call.mask(name))}, so it was not moved: ${names}`;
  return new ToolFailure(new AtlasFailure("conflict", message, { ...cause?.facts, retryable: false }, { cause }), {
    hint: `Ask the person; then ${call.way("stop them", "stop_stream_processor")}, or all of them with this tool (processorStatus), and call again. Started afterwards, they run in the new region.`,
    result: { processors: running.map(stateView) },
  });
}

/** @throws {InvalidInput} since what runs is to be stopped or moved, and the name is not repeated; a dry run says so. */
function askFirst(doing: string, quotedName: string, call: Call): void {
  if (!call.isDry)
    throw new InvalidInput(
      [{ path: ["confirm"], message: `must repeat the workspace's name, ${quotedName}, since this would ${doing}` }],
      `Ask the person whether to ${doing}, and only then repeat the name of the workspace; nothing was sent.`,
    );
  call.warn(`Ask the person first: this would ${doing}.`);
}

/** Processors that are larger than what is allowed from now on run on, but do not start again. */
async function warnOfTiers(
  { maxTier, failoverRegions }: Requested,
  settings: readonly Difference[],
  place: WorkspacePlace,
  call: Call,
): Promise<void> {
  const changed = (field: string) => settings.find(({ path }) => path[0] === field);
  if (changed("failoverRegions")?.existing !== undefined && failoverRegions)
    call.warn(
      "failoverRegions: MongoDB's Terraform provider says that they cannot be changed once they are set; Atlas may refuse it.",
    );
  if (!changed("maxTier")) return;
  const listing = await call.attempt(call.list(listProcessors(place)));
  if (listing instanceof ToolFailure) return;
  const tooLarge = listing.entries.filter(({ tier }) => isLarger(textOf(tier), maxTier));
  if (tooLarge.length > 0)
    call.warn(
      `maxTier: ${namesOf(tooLarge, call)} ${tooLarge.length === 1 ? "has" : "have"} a larger tier, and cannot be started again without a smaller one.`,
    );
}

interface Acting {
  status: Status | undefined;
  affected: readonly JsonObject[];
  place: WorkspacePlace;
}

/** The failure of the write, in words of what was tried. */
async function told(failed: ToolFailure, { status, affected, place }: Acting, call: Call): Promise<ToolFailure> {
  const { kind, facts } = failed.failure;
  if (facts.errorCode === "STREAM_TENANT_HAS_STREAM_PROCESSORS") {
    const listing = await call.attempt(call.list(listProcessors(place)));
    const running = listing instanceof ToolFailure ? [] : listing.entries.filter(isRunning);
    return running.length > 0 ? inTheWay(running, place.tenantName, call, failed.failure) : failed;
  }
  if (kind !== "unknown_outcome" || affected.length === 0) return failed;
  const look = call.way("Look what they do now", "list_stream_processors");
  return status?.status === "FAILED_OVER" && status.mode === "FORCED"
    ? notToRepeat(
        failed,
        `${look}. Do not call again before: a second forced failover would lose what the first has done.`,
      )
    : failed.with({ hint: `${look}, or call again, which is safe.` });
}

/** Between two looks at the processors, in milliseconds: grows by half from the first to the last. */
const FIRST_LOOK_MS = 200;
const LAST_LOOK_MS = 5_000;

/**
 * How the processors are once they are as they were to be, or after a while, in milliseconds.
 * @throws {ToolFailure} where they cannot be read.
 */
async function untilActed({ status, affected, place }: Acting, call: Call, within: number) {
  const before = new Map(affected.map((each) => [nameOf(each), each["state"]] as const));
  const until = call.now() + within;
  const isOpen = ({ name, state }: JsonObject) => {
    if (status?.status === "FAILED_OVER") return processorStates.passes(state);
    const hasFailed = state === processorStates.failed && before.get(String(name)) !== state;
    return state !== status?.status && !hasFailed;
  };
  for (let looks = 0; ; looks += 1) {
    const { entries } = await call.list(listProcessors(place));
    const latest = entries.filter(({ name }) => before.has(String(name)));
    const open = latest.filter(isOpen);
    call.progress(`${latest.length - open.length} of ${latest.length} processors are ${status?.status}`);
    if (open.length === 0 || call.now() >= until) return { latest, open };
    await call.pause(Math.min(FIRST_LOOK_MS * 1.5 ** looks, LAST_LOOK_MS));
  }
}

/** The same, with warnings of those that are not as they were to be. */
async function statesAfter(acting: Acting, call: Call, within: number): Promise<JsonObject[]> {
  const acted = await call.attempt(untilActed(acting, call, within));
  if (acted instanceof ToolFailure) {
    call.warn(sentence(`Whether the processors are as they were to be could not be read: ${acted.message}`));
    return [];
  }
  const { latest, open } = acted;
  const failed = latest.filter(({ state }) => state === processorStates.failed);
  if (open.length > 0)
    call.warn(
      `Not ${acting.status?.status} yet: ${namesOf(open, call)}. ${call.way("Look again", "list_stream_processors")}.`,
    );
  if (failed.length > 0)
    call.warn(`FAILED: ${namesOf(failed, call)}. ${call.way("Find out why", "diagnose_stream_processor")}.`);
  return latest;
}

/** Of a write whose answer was lost, the processors tell whether it happened, but for a failover, after which they run as before. */
async function seenInProcessors(error: unknown, acting: Acting, call: Call): Promise<JsonObject> {
  const isLost = error instanceof ToolFailure && error.failure.kind === "unknown_outcome";
  if (!isLost || acting.affected.length === 0 || acting.status?.status === "FAILED_OVER") throw error;
  const acted = await call.attempt(untilActed(acting, call, call.settings.checkMs));
  if (acted instanceof ToolFailure || acted.open.length > 0) throw error;
  call.warn(`${error.message}, so Atlas was asked: the processors are ${acting.status?.status}.`);
  return {};
}
