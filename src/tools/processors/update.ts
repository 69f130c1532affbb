/**
 * `update_stream_processor`: stops a processor that runs, changes it, and starts it again. Where the change is refused, it
 * is started as it was; wherever it ends, the result says each step and what the state is.
 */
import { z } from "zod/v3";
import { type AtlasRequest, getProcessor, updateProcessor, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { stageSecretParts } from "../../connections/secret-places.ts";
import { type JsonObject, valueAt } from "../../json.ts";
import { addressable, ownWords, unlisted } from "../../schema/fields.ts";
import { InvalidInput } from "../../schema/problems.ts";
import { changeView } from "../../tool/changes.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun, plannedRequest } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { Absent } from "../../tool/resource.ts";
import { entries, warnings } from "../../tool/result.ts";
import { sentence } from "../../tool/words.ts";
import {
  bodyOf,
  changesOf,
  checkDefinitions,
  connectionsOf,
  keepSecretsOf,
  type ProcessorDefinition,
  withMasksAsTheyAre,
} from "./definition.ts";
import { start, stop } from "./lifecycle.ts";
import { processor, processorArguments, processorFields, processorView, stateOf } from "./resource.ts";

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
      dlq: processorFields.dlq.optional(),
      tier: processorFields.tier.describe("SP2 to SP50"),
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
    request: plannedRequest,
  },
  async run({ groupId, tenantName, processorName: name, dryRun, newName, resumeFromCheckpoint, ...given }, call) {
    const place = { groupId, tenantName };
    const find = getProcessor(place, name);
    keepSecretsOf(given, call);
    const before = await call.untilSettled(await call.find(find), find);
    const requested = withMasksAsTheyAre(given, before, call);
    keepSecretsOf(requested, call);
    checkDefinitions([{ definition: requested }], await connectionsOf(place, call), call);
    const now = newName ?? name;
    const changes = changesOf(requested, before);
    if (now !== name) {
      changes.push({ path: ["newName"], requested: now, existing: name });
      await refuseTaken(now, place, call);
    }
    const quotedName = JSON.stringify(call.mask(name));
    if (changes.length === 0) {
      if (resumeFromCheckpoint !== undefined)
        call.warn(
          "resumeFromCheckpoint: counts only with a change; without one, stop the processor and give it to start_stream_processor.",
        );
      return {
        outcome: "unchanged",
        summary: `The processor ${quotedName} is already as requested; nothing was sent.`,
        processor: processor.view(before),
        changes: [],
        steps: [],
      };
    }
    const views = changes.map((each) => changeView(each, stageSecretParts, call));
    const fields = views.map(({ path }) => (path === "newName" ? "name" : path)).join(", ");
    const change = changeOf({ place, name, now, requested, before, resumeFromCheckpoint });
    if (dryRun)
      return {
        outcome: "planned",
        summary: `Would ${change.runs ? "stop, change and start again" : "change"} the processor ${quotedName} (${fields}); nothing was changed.`,
        changes: views,
        steps: stepsOf("skipped skipped skipped"),
        request: call.planned(change.request, stageSecretParts),
      };
    const latest = await changeProcessor(change, call);
    return {
      outcome: "updated",
      summary: `Changed the processor ${quotedName} (${fields}); its state is ${call.mask(stateOf(latest))}.`,
      processor: processor.view({ name: now, ...latest }),
      changes: views,
      steps: stepsOf(change.runs ? "done done done" : "skipped done skipped"),
    };
  },
});

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
  resumeFromCheckpoint?: boolean | undefined;
}

type Change = RequestedChange & { runs: boolean; request: AtlasRequest };

export function changeOf(change: RequestedChange): Change {
  const { place, name, now, requested, before, resumeFromCheckpoint } = change;
  // A dead letter queue is kept where other options are given.
  const dlq = requested.dlq ?? valueAt(before, ["options", "dlq"]);
  const body = {
    ...bodyOf(requested),
    ...(now !== name && { name: now }),
    ...(resumeFromCheckpoint !== undefined && { options: { ...(dlq != null && { dlq }), resumeFromCheckpoint } }),
  };
  return { ...change, runs: before["state"] === "STARTED", request: updateProcessor(place, name, body) };
}

/** @throws {ToolFailure} that says which steps were taken, and what the state is now. */
export async function changeProcessor(change: Change, call: Call): Promise<JsonObject> {
  const { place, name, before, runs } = change;
  if (!runs) return changeAndStart(change, before, call);
  const stopped = await call.attempt(stop(place, name, before, call));
  if (stopped instanceof ToolFailure) throw cut(stopped, `stop: ${knownAfter(stopped)}`, name, before, call);
  const left = `The processor "${call.mask(name)}" was stopped to be changed, and was not started again.`;
  return call.leaving(left, changeAndStart(change, stopped, call));
}

async function changeAndStart(
  { place, name, now, requested, runs, request }: Change,
  stopped: JsonObject,
  call: Call,
): Promise<JsonObject> {
  const find = getProcessor(place, now);
  const happened = (latest: JsonObject) => changesOf(requested, latest).length === 0;
  const changed = await call.attempt(call.update({ request, find, name: now, happened, unseen: false }));
  if (changed instanceof ToolFailure) {
    const isUnknown = changed.failure.kind === "unknown_outcome";
    if (!runs) throw cut(changed, isUnknown ? "alone: unknown" : "alone: as before", name, undefined, call);
    if (isUnknown) throw cut(changed, "modify: unknown", name, undefined, call);
    const restarted = await call.attempt(start(place, name, stopped, {}, call));
    if (!(restarted instanceof ToolFailure)) throw cut(changed, "restarted", name, restarted, call);
    throw cut(changed, `restart: ${knownAfter(restarted)}`, name, stopped, call, restarted);
  }
  const settled = await call.untilSettled(changed, find);
  if (!runs) return settled;
  const started = await call.attempt(start(place, now, settled, {}, call));
  if (started instanceof ToolFailure) throw cut(started, `start: ${knownAfter(started)}`, now, settled, call);
  return started;
}

/** What is known of a processor whose start or stop failed. */
function knownAfter({ failure: { kind }, circumstances }: ToolFailure): "unknown" | "failed" | "as before" {
  if (valueAt(circumstances.result, ["processor", "state"]) === "FAILED") return "failed";
  // A clash, or that it is not there, says that somebody else did something to it.
  return ["unknown_outcome", "conflict", "not_found"].includes(kind) ? "unknown" : "as before";
}

type StepResult = "done" | "failed" | "skipped";
/** Of stop, modify and start. */
type StepResults = `${StepResult} ${StepResult} ${StepResult}`;

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

const LOOK = "Look with get_stream_processor; if it does not run, start it with start_stream_processor.";
const notRestarted = {
  steps: "done failed failed",
  left: "It was not changed, and could not be started again as it was",
  hint: "The processor does not run. Start it with start_stream_processor, then correct the change and call again.",
} as const;

/** By the step that failed and what is known of the processor then; `alone` is the change of one that does not run. */
const ends = {
  "stop: unknown": {
    steps: "failed skipped skipped",
    left: "It was not changed, and whether it is stopped is not known",
    hint: "Look with get_stream_processor and call again; if it is stopped then, start it with start_stream_processor afterwards.",
  },
  "stop: failed": { steps: "failed skipped skipped", left: "It was not changed, and does not run" },
  "stop: as before": { steps: "failed skipped skipped", left: "It was not changed, and runs as before", isKnown: true },
  "alone: unknown": { steps: "skipped failed skipped", left: "Whether it was changed is not known" },
  "alone: as before": { steps: "skipped failed skipped", left: "It was not changed" },
  "modify: unknown": {
    steps: "done failed skipped",
    left: "It is stopped, and whether it was changed is not known",
    hint: "Look with get_stream_processor: if it was changed, start it with start_stream_processor; if not, call again, and start it afterwards.",
  },
  restarted: { steps: "done failed done", left: "It was not changed, and runs again as it was", isKnown: true },
  "restart: unknown": {
    steps: "done failed failed",
    left: "It was not changed, and whether it runs again as it was is not known",
    hint: `${LOOK} Then correct the change and call again.`,
  },
  "restart: failed": notRestarted,
  "restart: as before": { ...notRestarted, isKnown: true },
  "start: unknown": { steps: "done done failed", left: "It was changed, and whether it runs is not known", hint: LOOK },
  "start: failed": { steps: "done done failed", left: "It was changed, and does not run" },
  "start: as before": {
    steps: "done done failed",
    left: "It was changed, and is stopped",
    hint: "Start it with start_stream_processor.",
    isKnown: true,
  },
} satisfies Record<string, End>;

/** The failure of a step, with all that an agent needs to go on; `trouble` is what else went wrong after it. */
function cut(
  failed: ToolFailure,
  end: keyof typeof ends,
  name: string,
  latest: JsonObject | undefined,
  call: Call,
  trouble?: ToolFailure,
): ToolFailure {
  const { steps, left, hint, isKnown }: End = ends[end];
  return failed.with({
    during: `The change of the processor "${call.mask(name)}" failed`,
    left: sentence(trouble ? `${left}: ${trouble.message}` : left),
    ...(hint && { hint }),
    result: { steps: stepsOf(steps), ...(isKnown && { processor: processor.view({ name, ...latest }) }) },
  });
}

const stepsOf = (results: StepResults): JsonObject[] =>
  results.split(" ").map((result, index) => ({ step: ["stop", "modify", "start"][index], result }));
