/** Starting and stopping a processor, each read back from Atlas. */
import {
  type AtlasRequest,
  getProcessor,
  type StartOptions,
  startProcessor,
  stopProcessor,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import type { JsonObject } from "../../json.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { failureInLogs } from "./logs.ts";
import { processor, stateOf } from "./resource.ts";

/** Starts a processor that shows as `before`. @throws {ToolFailure} where it is not known to run. */
export function start(place: WorkspacePlace, name: string, before: JsonObject, options: StartOptions, call: Call) {
  return change("start", startProcessor(place, name, options), place, name, before, call);
}

/** Stops a processor that shows as `before`. @throws {ToolFailure} where it is not known to be stopped. */
export function stop(place: WorkspacePlace, name: string, before: JsonObject, call: Call) {
  return change("stop", stopProcessor(place, name), place, name, before, call);
}

async function change(
  verb: "start" | "stop",
  request: AtlasRequest,
  place: WorkspacePlace,
  name: string,
  before: JsonObject,
  call: Call,
): Promise<JsonObject> {
  const find = getProcessor(place, name);
  const from = before["state"];
  const goal = verb === "start" ? "STARTED" : "STOPPED";
  const what = `The processor "${call.mask(name)}"`;
  const resultOf = (existing: JsonObject) => ({ processor: processor.view({ name, ...existing }) });
  let found: JsonObject | undefined;
  const happened = (existing: JsonObject) => {
    found = existing;
    return existing["state"] !== from;
  };
  const told = await call.attempt(call.changeState({ verb, request, find, name, happened }));
  if (told instanceof ToolFailure) throw found ? told.with({ result: resultOf(found) }) : told;

  if (from === "FAILED") await whileStillFailed(find, call);
  // What Atlas showed before is no news, so the first poll counts.
  const latest = await call.untilSettled({}, find, [goal, "FAILED"]);
  const state = latest["state"];
  if (state === goal) return latest;
  const result = resultOf(latest);
  const reason = state === "FAILED" ? await failureInLogs(place, name, call) : undefined;
  const because = reason ? `: ${reason}` : "";
  if (state === "FAILED" && from !== "FAILED")
    throw new ToolFailure(new AtlasFailure("atlas_error", `${what} failed (state FAILED)${because}`), {
      hint: "Find out why with diagnose_stream_processor; then change the processor or its connections, and start it again.",
      result,
    });
  const still = `${what} was told to ${verb}, and its state is still ${call.mask(stateOf(latest))}${because}`;
  throw new ToolFailure(new AtlasFailure("unknown_outcome", still, { retryable: true }), {
    hint:
      state === "FAILED"
        ? "It failed again, or does not start. Find out why with diagnose_stream_processor, or call again, which is safe."
        : "Look again with get_stream_processor, or call again, which is safe.",
    result,
  });
}

/** How often one that failed before is looked at, a second each, until it shows anything else. */
const LOOKS_AT_FAILED = 30;

/** Of one that failed before, Atlas goes on to say so until it is started, so at first that is no news either. */
async function whileStillFailed(find: AtlasRequest, call: Call): Promise<void> {
  for (let looks = 0; looks < LOOKS_AT_FAILED; looks += 1) {
    const now = await call.attempt(call.find(find));
    if (!(now instanceof ToolFailure) && now["state"] !== "FAILED") return;
    await call.pause(1_000);
  }
}
