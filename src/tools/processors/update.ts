/**
 * `update_stream_processor`: stops a processor that runs, changes it, and starts it again. Where the change is refused, it
 * is started as it was; wherever it ends, the result says each step and what the state is.
 */
import { z } from "zod/v3";
import { type AtlasRequest, getProcessor, updateProcessor, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { stageSecretParts } from "../../connections/secret-places.ts";
import type { JsonObject } from "../../json.ts";
import { addressable, ownWords, unlisted } from "../../schema/fields.ts";
import { InvalidInput } from "../../schema/problems.ts";
import { changeView } from "../../tool/changes.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { refuseLeaving } from "../../tool/deletion.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { Absent } from "../../tool/resource.ts";
import { entries, warnings } from "../../tool/result.ts";
import { sentence, type Way } from "../../tool/words.ts";
import { tier } from "../workspaces/resource.ts";
import {
  bodyOf,
  changesOf,
  checkDefinitions,
  dlqOf,
  keepSecretsOf,
  type ProcessorDefinition,
  surroundingsOf,
  withMasksAsTheyAre,
} from "./definition.ts";
import { refuseFailed } from "./lifecycle.ts";
import {
  autoscalingChange,
  dlqChange,
  processor,
  processorArguments,
  processorFields,
  processorView,
  stateOf,
} from "./resource.ts";
import { type Ended, knownAfter, STEPS, type StepResults, stepsOf, whileStopped } from "./while-stopped.ts";

export default defineTool({
  name: "update_stream_processor",
  description:
    "Changes a processor's pipeline, tier, dead letter queue or name. If it runs, it is stopped, changed and started " +
    "again; if Atlas refuses the change, it is started as it was.",
  effect: "changes",
  resource: processor,
  input: z
    .object({
      ...processorArguments,
      pipeline: processorFields.pipeline.optional().describe("All its stages"),
      dlq: dlqChange.optional(),
      tier: tier("SP2 to SP50"),
      autoscaling: autoscalingChange,
      failoverEnabled: processorFields.failoverEnabled,
      newName: addressable("To rename it").optional(),
      resumeFromCheckpoint: z.boolean().optional().describe("false: start afresh, without its state"),
      dryRun,
    })
    .strict(),
  outcomes: ["updated", "unchanged", "planned"],
  output: {
    processor: processorView,
    changes: ownWords(entries("path, before, after")),
    steps: ownWords(unlisted(entries("stop, modify, start: done, failed or skipped"))),
    warnings,
  },
  async run({ groupId, tenantName, processorName: name, dryRun, newName, ...given }, call) {
    const place = { groupId, tenantName };
    const find = getProcessor(place, name);
    keepSecretsOf(given, call);
    return call.inTurn(find, async () => {
      const existing = await call.find(find);
      refuseLeaving(name, existing, call);
      const before = await settledSoon(place, existing, name, call);
      const requested = withMasksAsTheyAre(given, before, call);
      keepSecretsOf(requested, call);
      const { connections, ...surroundings } = await surroundingsOf(place, call);
      const starts = before["state"] === "STARTED";
      checkDefinitions([{ definition: requested, existing: before, starts }], { connections, ...surroundings }, call);
      const now = newName ?? name;
      const changes = changesOf(requested, before);
      if (now !== name) {
        changes.push({ path: ["newName"], requested: now, existing: name });
        await refuseTaken(now, place, call);
      }
      const quotedName = JSON.stringify(call.mask(name));
      if (changes.length === 0) {
        if (requested.resumeFromCheckpoint !== undefined)
          call.warn(
            `resumeFromCheckpoint: counts only with a change; without one, stop the processor and ${call.way("start it afresh", "start_stream_processor")}.`,
          );
        return {
          outcome: "unchanged",
          summary: `The processor ${quotedName} is already as requested; nothing was sent.${standsStill(before, call)}`,
          processor: processor.view(before),
          changes: [],
          steps: [],
        };
      }
      const views = changes.map((each) => changeView(each, stageSecretParts, call));
      const fields = views.map(({ path }) => (path === "newName" ? "name" : path)).join(", ");
      const change = changeOf({ place, name, now, requested, before });
      const { pipeline = before["pipeline"] } = requested;
      if (change.runs)
        refuseFailed(name, { ...before, pipeline, options: { dlq: dlqAfter(requested, before) } }, connections, call);
      const latest = await changeProcessor(change, call);
      if (dryRun)
        return {
          outcome: "updated",
          summary: `Would ${change.runs ? "stop, change and start again" : "change"} the processor ${quotedName} (${fields}); nothing was changed.`,
          changes: views,
          steps: STEPS.filter((step) => change.runs || step === "modify").map((step) => ({ step })),
        };
      return {
        outcome: "updated",
        summary: `Changed the processor ${quotedName} (${fields}); its state is ${call.mask(stateOf(latest))}.`,
        processor: processor.view({ name: now, ...latest }),
        changes: views,
        steps: stepsOf(change.runs ? "done done done" : "skipped done skipped"),
      };
    });
  },
});

/** How long a processor that is between two states is watched, in milliseconds: it may stay there. */
const SETTLE_MS = 5_000;

/** A processor as it shows once its state does not pass any more, or after a while. */
export const settledSoon = (place: WorkspacePlace, existing: JsonObject, name: string, call: Call) =>
  call.untilSettled(existing, getProcessor(place, name), { seen: true, within: SETTLE_MS });

/** What to say of one that does not run, which may be what is left of a change that was cut short. */
function standsStill(existing: JsonObject, call: Call): string {
  const { state } = existing;
  if (state === "STARTED") return "";
  return ` It does not run: its state is ${call.mask(stateOf(existing))}. To run it, ${call.way("start it", "start_stream_processor")}.`;
}

/** @throws {InvalidInput} for the name of another processor: were the answer lost, the two could not be told apart. */
async function refuseTaken(name: string, place: WorkspacePlace, call: Call): Promise<void> {
  const other = await call.unlessAbsent(call.find(getProcessor(place, name)), name);
  if (other instanceof Absent) return;
  const message = `is the name of another processor, ${JSON.stringify(call.mask(name))}`;
  throw new InvalidInput([{ path: ["newName"], message }], "Choose another name; nothing was sent.");
}

/** A change of a processor that is as `before`. */
interface RequestedChange {
  place: WorkspacePlace;
  name: string;
  /** Its name after the change. */
  now: string;
  requested: ProcessorDefinition;
  before: JsonObject;
}

/** A dead letter queue is kept where none is requested. */
const dlqAfter = (requested: ProcessorDefinition, before: JsonObject) => requested.dlq ?? dlqOf(before);

type Change = RequestedChange & { runs: boolean; request: AtlasRequest };

export function changeOf(change: RequestedChange): Change {
  const { place, name, now, requested, before } = change;
  const { resumeFromCheckpoint, autoscaling } = requested;
  const dlq = dlqAfter(requested, before);
  const options = {
    ...(autoscaling !== undefined && { autoscaling }),
    ...(resumeFromCheckpoint !== undefined && { resumeFromCheckpoint }),
  };
  const body = {
    ...bodyOf(requested),
    ...(now !== name && { name: now }),
    // Whether options that are sent without a dead letter queue leave it is not documented.
    ...(Object.keys(options).length > 0 && { options: { ...(dlq && { dlq }), ...options } }),
  };
  return { ...change, runs: before["state"] === "STARTED", request: updateProcessor(place, name, body) };
}

/** @throws {ToolFailure} that says which steps were taken, and what the state is now. */
export async function changeProcessor(change: Change, call: Call): Promise<JsonObject> {
  const { place, name, now, before, runs } = change;
  if (!runs) {
    const changed = await call.attempt(modify(change, call));
    if (changed instanceof ToolFailure) throw cut(changed, isLost(changed) ? "alone: lost" : "alone", name, {}, call);
    return changed;
  }
  const running = [{ name, now, before }];
  const { request } = change;
  const run = (shielded: Call) => modify(change, shielded);
  return whileStopped(place, running, { request, run }, conclusionOf(change, call), call);
}

/** The processor as it runs again, or how the change was cut short. */
const conclusionOf =
  ({ name, now, before }: Change, call: Call) =>
  ({ stopped: [stopped = before], changed, started: [started] }: Ended<JsonObject>): JsonObject => {
    const trouble = started instanceof ToolFailure ? started : undefined;
    const latest = started instanceof ToolFailure ? undefined : started;
    const restart = trouble ? knownAfter(trouble) : "done";
    if (stopped instanceof ToolFailure) {
      const end = started ? (`stop, start: ${restart}` as const) : (`stop: ${knownAfter(stopped)}` as const);
      throw cut(stopped, end, name, latest ?? before, call, trouble);
    }
    if (changed instanceof ToolFailure) {
      const step = isLost(changed) ? "lost" : "modify";
      throw cut(changed, `${step}, start: ${restart}`, name, latest ?? stopped, call, trouble);
    }
    if (trouble) throw cut(trouble, `start: ${knownAfter(trouble)}`, now, changed, call);
    return latest ?? before;
  };

/** The change itself, of one that does not run. */
async function modify({ place, now, requested, request }: Change, call: Call): Promise<JsonObject> {
  const find = getProcessor(place, now);
  const happened = (latest: JsonObject) => changesOf(requested, latest).length === 0;
  const changed = await call.update({ request, find, name: now, happened, unseen: false, partsOf: stageSecretParts });
  return settledSoon(place, changed, now, call);
}

const isLost = ({ failure }: ToolFailure) => failure.kind === "unknown_outcome";

/** How a change ends that is cut short. */
interface End {
  steps: StepResults;
  /** What was left. */
  left: string;
  /** What to do next, where the failure itself does not say it. */
  hint?: string;
  /** The processor is as Atlas showed it last. */
  isKnown?: true;
}

const UNKNOWN = "and whether it runs again as it was is not known";
const runsAgain = { left: "It was not changed, and runs again as it was", isKnown: true } as const;

/**
 * By the step that failed and what is known of the processor then. Of a change that is lost nobody knows whether it
 * happened; `alone` is the change of one that does not run; `start` after another step is the one that makes up for it.
 */
const endsOf = (way: Way) => {
  const start = (doing: string) => way(doing, "start_stream_processor");
  const look = (doing: string) => way(doing, "get_stream_processor");
  const lookAndStart = `${look("Look")}; if it does not run, ${start("start it")}.`;
  const notRestarted = {
    left: "It was not changed, and could not be started again as it was",
    hint: `The processor does not run. ${start("Start it")}, then correct the change and call again.`,
  };
  const lostAndStill = {
    steps: "done failed failed",
    left: "Whether it was changed is not known, and it could not be started again",
    hint: `The processor may not run. ${look("Look")}, and ${start("start it")}; if it was not changed, call again.`,
  } as const;
  return {
    "stop: unknown": {
      steps: "failed skipped skipped",
      left: "It was not changed, and whether it is stopped is not known",
      hint: `${look("Look")} and call again; if it is stopped then, ${start("start it")} afterwards.`,
    },
    "stop: failed": { steps: "failed skipped skipped", left: "It was not changed, and does not run" },
    "stop: as before": {
      steps: "failed skipped skipped",
      left: "It was not changed, and runs as before",
      isKnown: true,
    },
    "stop, start: done": { steps: "failed skipped done", ...runsAgain },
    "stop, start: unknown": {
      steps: "failed skipped failed",
      left: `It was not changed, ${UNKNOWN}`,
      hint: lookAndStart,
    },
    "stop, start: failed": { steps: "failed skipped failed", ...notRestarted },
    "stop, start: as before": { steps: "failed skipped failed", ...notRestarted },
    alone: { steps: "skipped failed skipped", left: "It was not changed" },
    "alone: lost": { steps: "skipped failed skipped", left: "Whether it was changed is not known" },
    "modify, start: done": { steps: "done failed done", ...runsAgain },
    "modify, start: unknown": {
      steps: "done failed failed",
      left: `It was not changed, ${UNKNOWN}`,
      hint: `${lookAndStart} Then correct the change and call again.`,
    },
    "modify, start: failed": { steps: "done failed failed", ...notRestarted },
    "modify, start: as before": { steps: "done failed failed", ...notRestarted, isKnown: true },
    "lost, start: done": {
      steps: "done failed done",
      left: "Whether it was changed is not known; it runs again",
      hint: `${look("Look whether it was changed")}; if it was not, call again.`,
      isKnown: true,
    },
    "lost, start: unknown": lostAndStill,
    "lost, start: failed": lostAndStill,
    "lost, start: as before": lostAndStill,
    "start: unknown": {
      steps: "done done failed",
      left: "It was changed, and whether it runs is not known",
      hint: lookAndStart,
    },
    "start: failed": { steps: "done done failed", left: "It was changed, and does not run" },
    "start: as before": {
      steps: "done done failed",
      left: "It was changed, and is stopped",
      hint: `${start("Start it")}.`,
      isKnown: true,
    },
  } satisfies Record<string, End>;
};

/** The failure of a step, with all that an agent needs to go on; `trouble` is what else went wrong after it. */
function cut(
  failed: ToolFailure,
  end: keyof ReturnType<typeof endsOf>,
  name: string,
  latest: JsonObject,
  call: Call,
  trouble?: ToolFailure,
): ToolFailure {
  const { steps, left, hint, isKnown }: End = endsOf(call.way)[end];
  return failed.with({
    during: `The change of the processor "${call.mask(name)}" failed`,
    left: sentence(trouble ? `${left}: ${trouble.message}` : left),
    ...(hint && { hint }),
    result: { steps: stepsOf(steps), ...(isKnown && { processor: processor.view({ name, ...latest }) }) },
  });
}
