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
import { shownChange } from "../../tool/changes.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun, plannedRequest } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { Absent } from "../../tool/missing.ts";
import { entries, warnings } from "../../tool/result.ts";
import {
  bodyOf,
  changesOf,
  checkDefinitions,
  connectionsOf,
  keepSecretsOf,
  type ProcessorDefinition,
} from "./definition.ts";
import { start, stop } from "./lifecycle.ts";
import { processor, processorArguments, processorFields, shownProcessor, stateOf } from "./resource.ts";

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
    processor: shownProcessor,
    changes: ownWords(entries("path, before, after")),
    steps: ownWords(unlisted(entries("stop, modify, start: done, failed or skipped"))),
    warnings,
    request: plannedRequest,
  },
  async run({ groupId, tenantName, processorName: name, dryRun, newName, resumeFromCheckpoint, ...asked }, call) {
    const place = { groupId, tenantName };
    const find = getProcessor(place, name);
    keepSecretsOf(asked, call);
    const before = await call.untilSettled(await call.shown(find), find);
    checkDefinitions([{ definition: asked }], await connectionsOf(place, call), call);
    const rename = newName === undefined || newName === name ? undefined : newName;
    const changes = [
      ...changesOf(asked, before),
      ...(rename === undefined ? [] : [{ path: ["newName"], asked: rename, existing: name }]),
    ];
    const shownName = call.mask(name);
    if (changes.length === 0 && resumeFromCheckpoint !== undefined)
      call.warn("resumeFromCheckpoint: goes with a change; by itself it is for start_stream_processor, after a stop.");
    if (rename !== undefined) await refuseTaken(rename, place, call);
    if (changes.length === 0)
      return {
        outcome: "unchanged",
        summary: `The processor "${shownName}" is already as asked for; nothing was sent.`,
        processor: processor.view(before),
        changes: [],
        steps: [],
      };
    const shownChanges = changes.map((each) => shownChange(each, stageSecretParts, call));
    const changed = shownChanges.map(({ path }) => path).join(", ");
    const change = changeOf({ place, name, now: rename ?? name, asked, before, resumeFromCheckpoint });
    const { runs } = change;
    if (dryRun)
      return {
        outcome: "planned",
        summary: `Would ${runs ? "stop, change and start again" : "change"} the processor "${shownName}": ${changed}; nothing was changed.`,
        changes: shownChanges,
        steps: stepsOf(runs, "skipped", "skipped", "skipped"),
        request: call.planned(change.request, stageSecretParts),
      };
    const last = await changeProcessor(change, call);
    return {
      outcome: "updated",
      summary: `Changed ${changed} of the processor "${shownName}"; its state is ${call.mask(stateOf(last))}.`,
      processor: processor.view({ name: change.now, ...last }),
      changes: shownChanges,
      steps: stepsOf(runs, "done", "done", "done"),
    };
  },
});

/** @throws {InvalidInput} for the name of another processor: were the answer lost, the two could not be told apart. */
async function refuseTaken(name: string, place: WorkspacePlace, call: Call): Promise<void> {
  const other = await call.unlessAbsent(call.shown(getProcessor(place, name)), name);
  if (other instanceof Absent) return;
  const message = `is the name of another processor, ${JSON.stringify(call.mask(name))}`;
  throw new InvalidInput([{ path: ["newName"], message }], "Choose another name; nothing was sent.");
}

type StepResult = "done" | "failed" | "skipped";

/** One that does not run is neither stopped nor started. */
function stepsOf(runs: boolean, stop: StepResult, modify: StepResult, start: StepResult): JsonObject[] {
  return [
    { step: "stop", result: runs ? stop : "skipped" },
    { step: "modify", result: modify },
    { step: "start", result: runs ? start : "skipped" },
  ];
}

/** A change of a processor that shows as `before`. */
interface RequestedChange {
  place: WorkspacePlace;
  name: string;
  /** Its name after the change. */
  now: string;
  asked: ProcessorDefinition;
  before: JsonObject;
  resumeFromCheckpoint?: boolean | undefined;
}

type Change = RequestedChange & { runs: boolean; request: AtlasRequest };

export function changeOf(change: RequestedChange): Change {
  const { place, name, now, asked, before, resumeFromCheckpoint } = change;
  // A dead letter queue is kept where other options are given.
  const dlq = asked.dlq ?? valueAt(before, ["options", "dlq"]);
  const body = {
    ...bodyOf(asked),
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
  if (stopped instanceof ToolFailure)
    throw cut(stopped, stepsOf(runs, "failed", "skipped", "skipped"), leftByStop(stopped, before), name, call);
  const left = `The processor "${call.mask(name)}" was stopped to be changed, and was not started again.`;
  return call.leaving(left, changeAndStart(change, stopped, call));
}

async function changeAndStart(
  { place, name, now, asked, runs, request }: Change,
  stopped: JsonObject,
  call: Call,
): Promise<JsonObject> {
  const find = getProcessor(place, now);
  const happened = (seen: JsonObject) => changesOf(asked, seen).length === 0;
  const modified = await call.attempt(call.update({ request, find, name: now, happened, unseen: false }));
  if (modified instanceof ToolFailure) throw await afterRefusal(modified, stopped, { place, name, runs }, call);
  const settled = await call.untilSettled(modified.shown, find);
  if (!runs) return settled;

  const started = await call.attempt(start(place, now, settled, {}, call));
  if (!(started instanceof ToolFailure)) return started;
  throw cut(started, stepsOf(runs, "done", "done", "failed"), leftByStart(started, settled), now, call);
}

/** What a step that failed left behind. */
interface Left {
  end: string;
  /** What to do next, where the failure itself does not say it. */
  hint?: string;
  /** As Atlas shows it, where that is known. */
  shown?: JsonObject;
}

/** What is known of a processor whose start or stop failed. */
function knownAfter({ failure: { kind }, circumstances }: ToolFailure): "nothing" | "that it failed" | "as before" {
  if (valueAt(circumstances.result, ["processor", "state"]) === "FAILED") return "that it failed";
  // A clash, or that it is not there, says that somebody else did something to it.
  return ["unknown_outcome", "conflict", "not_found"].includes(kind) ? "nothing" : "as before";
}

function leftByStop(failure: ToolFailure, before: JsonObject): Left {
  switch (knownAfter(failure)) {
    case "nothing":
      return {
        end: "It was not changed, and whether it is stopped is not known.",
        hint: "Look with get_stream_processor and call again; if it is stopped by then, start it with start_stream_processor afterwards.",
      };
    case "that it failed":
      return { end: "It was not changed, and does not run." };
    case "as before":
      return { end: "It was not changed, and runs as before.", shown: before };
  }
}

function leftByStart(failure: ToolFailure, changed: JsonObject): Left {
  switch (knownAfter(failure)) {
    case "nothing":
      return {
        end: "It was changed, and whether it runs is not known.",
        hint: "Look with get_stream_processor; if it does not run, start it with start_stream_processor.",
      };
    case "that it failed":
      return { end: "It was changed, and does not run." };
    case "as before":
      return {
        end: "It was changed, and is stopped.",
        hint: "Start it with start_stream_processor.",
        shown: changed,
      };
  }
}

/** What to throw after a change that failed. One that ran is started as it was, unless it may have been changed. */
async function afterRefusal(
  modified: ToolFailure,
  stopped: JsonObject,
  { place, name, runs }: Pick<Change, "place" | "name" | "runs">,
  call: Call,
): Promise<ToolFailure> {
  const isUnknown = modified.failure.kind === "unknown_outcome";
  if (!runs) {
    const end = isUnknown ? "Whether it was changed is not known." : "It was not changed.";
    return cut(modified, stepsOf(runs, "skipped", "failed", "skipped"), { end }, name, call);
  }
  if (isUnknown) {
    const left = {
      end: "It is stopped, and whether it was changed is not known.",
      hint: "Look with get_stream_processor: if it is as it is to be, start it with start_stream_processor; if not, call again, and start it afterwards.",
    };
    return cut(modified, stepsOf(runs, "done", "failed", "skipped"), left, name, call);
  }
  const restored = await call.attempt(start(place, name, stopped, {}, call));
  if (restored instanceof ToolFailure)
    return cut(modified, stepsOf(runs, "done", "failed", "failed"), leftByRestart(restored, stopped), name, call);
  const left = { end: "It was not changed, and runs again as it was.", shown: restored };
  return cut(modified, stepsOf(runs, "done", "failed", "done"), left, name, call);
}

function leftByRestart(failure: ToolFailure, stopped: JsonObject): Left {
  const known = knownAfter(failure);
  if (known === "nothing")
    return {
      end: `It was not changed, and whether it runs again as it was is not known: ${failure.message}.`,
      hint: "Look with get_stream_processor; if it does not run, start it with start_stream_processor. Then correct the change and call again.",
    };
  return {
    end: `It was not changed, and could not be started again as it was: ${failure.message}.`,
    hint: "The processor does not run. Start it with start_stream_processor, then correct the change and call again.",
    ...(known === "as before" && { shown: stopped }),
  };
}

/** The failure of a step, with all that an agent needs to go on. */
function cut(
  { failure, circumstances, message }: ToolFailure,
  steps: JsonObject[],
  { end, hint, shown }: Left,
  name: string,
  call: Call,
): ToolFailure {
  return new ToolFailure(failure, {
    ...circumstances,
    summary: `The change of the processor "${call.mask(name)}" failed: ${message}. ${end}`,
    ...(hint && { hint }),
    result: { steps, ...circumstances.result, ...(shown && { processor: processor.view({ name, ...shown }) }) },
  });
}
