/** `start_stream_processor`: starts a processor, once, and reads back whether it runs. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod/v3";
import { getProcessor, getWorkspace, type StartOptions } from "../../atlas/endpoints.ts";
import { cloudProviders } from "../../atlas/regions-and-tiers.ts";
import type { JsonObject } from "../../json.ts";
import { withTrait } from "../../schema/fields.ts";
import { InvalidInput } from "../../schema/problems.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { refuseLeaving } from "../../tool/deletion.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { warnings } from "../../tool/result.ts";
import { meantRegion } from "../workspaces/create.ts";
import { failoverRegionsShown, tier, workspace } from "../workspaces/resource.ts";
import { autoscalingOf, checkScaling, connectionsOf, scalingAfter } from "./definition.ts";
import { failOver, startUnlessFailed } from "./lifecycle.ts";
import { autoscalingChange, processor, processorArguments, processorView } from "./resource.ts";

const failover = z
  .object({
    region: z.string().min(1),
    mode: z.enum(["GRACEFUL", "FORCED"]).optional(),
    clearCheckpoint: z.boolean().optional(),
  })
  .strict();

export default defineTool({
  name: "start_stream_processor",
  description: "Starts a processor, which is billed until it is stopped.",
  effect: "changes",
  resource: processor,
  input: z
    .object({
      ...processorArguments,
      tier: tier("To run on, such as SP30"),
      autoscaling: autoscalingChange,
      resumeFromCheckpoint: z.boolean().optional().describe("false: start afresh, without its state"),
      startAtOperationTime: z.string().optional().describe("Where a change stream begins, in ISO 8601"),
      failover: withTrait(failover, {
        published: z.object({}).passthrough().optional().describe("{region, mode, clearCheckpoint}"),
      }).optional(),
      dryRun,
    })
    .strict(),
  outcomes: ["started", "already_started", "planned"],
  output: { processor: processorView, warnings },
  async run({ groupId, tenantName, processorName: name, dryRun, failover: requestedFailover, ...requested }, call) {
    const place = { groupId, tenantName };
    const find = getProcessor(place, name);
    return call.inTurn(find, async () => {
      const before = await call.find(find);
      refuseLeaving(name, before, call);
      const options = withoutRepeats(requested, before);
      const quotedName = JSON.stringify(call.mask(name));
      const runs = before["state"] === "STARTED";
      if (runs) refuseOther(options, before, call);
      if (runs && !requestedFailover)
        return {
          outcome: "already_started",
          summary: `The processor ${quotedName} was already started; billing runs.`,
          processor: processor.view(before),
        };
      const scaling = scalingAfter(options.autoscaling, before);
      const found = scaling || requestedFailover ? await call.attempt(call.find(getWorkspace(place))) : undefined;
      const known = found instanceof ToolFailure ? undefined : found;
      if (scaling && !runs) refuseUnbound(scaling, known);
      const moving = requestedFailover && { ...requestedFailover, ...meantFailover(requestedFailover, known, call) };
      const isDoubtful = call.isDry || before["state"] === processor.states?.failed;
      const connections = isDoubtful ? await connectionsOf(place, call) : undefined;
      const latest = moving
        ? await failOver(place, name, before, { ...options, failover: moving }, call)
        : await startUnlessFailed(place, name, before, connections, call, options);
      const from =
        before["state"] === "STOPPED" && options.resumeFromCheckpoint !== false && moving?.mode !== "FORCED"
          ? " It goes on from its last checkpoint, but for one that stood still for 45 days: the state of that is gone."
          : "";
      const where = moving ? ` in ${moving.region}` : "";
      return {
        outcome: "started",
        summary: dryRun
          ? `Would start the processor ${quotedName}${where}, after which billing runs; nothing was started.`
          : `The processor ${quotedName} is started${where}; billing runs until it is stopped.${from}`,
        processor: processor.view(dryRun ? before : latest),
      };
    });
  },
});

/** What is so already is not said again. */
function withoutRepeats(options: StartOptions, existing: JsonObject): StartOptions {
  const { autoscaling, ...others } = options;
  const isSame = isDeepStrictEqual(scalingAfter(autoscaling, existing), autoscalingOf(existing));
  return isSame ? others : options;
}

/** @throws {InvalidInput} where it is to be scaled to bounds that Atlas does not start it with. */
function refuseUnbound(scaling: NonNullable<StartOptions["autoscaling"]>, known: JsonObject | undefined): void {
  const most = known && workspace.view(known)["maxTier"];
  const maxTier = typeof most === "string" ? most : undefined;
  const { problems } = checkScaling(scaling, { maxTier, isWhole: known !== undefined, starts: true }, []);
  if (problems.length > 0) throw new InvalidInput(problems);
}

/**
 * The region in Atlas's spelling, with a warning of what a forced failover loses.
 * @throws {InvalidInput} for one that the workspace does not have.
 */
function meantFailover(
  { region, mode, clearCheckpoint }: z.output<typeof failover>,
  known: JsonObject | undefined,
  call: Call,
) {
  const at = ["failover", "region"];
  const own = known && workspace.view(known);
  const cloud = cloudProviders.find((each) => each === own?.["cloudProvider"]);
  const meant = cloud ? meantRegion({ region, cloudProvider: cloud }, call, at) : region;
  const shown = known && failoverRegionsShown(known);
  const regions = [...(shown ?? []).map((each) => each.region), String(own?.["region"])];
  if (shown && !regions.includes(meant))
    throw new InvalidInput([
      {
        path: at,
        message: `must be a failover region of the workspace, or its own: ${regions.map(call.mask).join(", ")}. ${call.way("Set failoverRegions", "update_stream_workspace")}`,
      },
    ]);
  if (mode === "FORCED")
    call.warn(
      `failover.mode: FORCED starts it in ${call.mask(meant)} whether or not it could be stopped, ${clearCheckpoint ? "and clears its checkpoint" : "with checkpoints disabled"}: messages may be missing or come twice.`,
    );
  else if (clearCheckpoint)
    call.warn(
      "failover.clearCheckpoint: counts only with mode FORCED; a graceful failover goes on from the checkpoint.",
    );
  return { region: meant };
}

/** @throws {InvalidInput} where one that runs is to run in another way than it does, or may do. */
function refuseOther(options: StartOptions, existing: JsonObject, call: Call): void {
  const { tier } = existing;
  const runsOn = typeof tier === "string" ? `, on ${call.mask(tier)}` : "";
  const [other] = Object.entries(options).flatMap(([option, value]) =>
    value === undefined || (option === "tier" && value === tier) ? [] : [option],
  );
  if (other === undefined) return;
  throw new InvalidInput(
    [{ path: [other], message: `is only for a processor that does not run, and this one is started${runsOn}` }],
    `${call.way("Stop it", "stop_stream_processor")}, then start it again with these arguments; nothing was sent.`,
  );
}
