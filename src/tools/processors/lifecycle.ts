/** Starting and stopping a processor, each read back from Atlas. */
import {
  type AtlasRequest,
  getProcessor,
  type StartOptions,
  startProcessor,
  stopProcessor,
  type Workspace,
} from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import type { JsonObject } from "../../json.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { failureInLogs } from "./logs.ts";
import { processor, stateOf } from "./resource.ts";

/** Starts a processor that shows as `before`. @throws {AtlasFailure | ToolFailure} where it is not known to run. */
export function start(place: Workspace, name: string, before: JsonObject, options: StartOptions, call: Call) {
  return change("start", "STARTED", startProcessor(place, name, options), place, name, before, call);
}

/** Stops a processor that shows as `before`. @throws {AtlasFailure | ToolFailure} where it is not known to be stopped. */
export function stop(place: Workspace, name: string, before: JsonObject, call: Call) {
  return change("stop", "STOPPED", stopProcessor(place, name), place, name, before, call);
}

async function change(
  verb: "start" | "stop",
  wanted: "STARTED" | "STOPPED",
  request: AtlasRequest,
  place: Workspace,
  name: string,
  before: JsonObject,
  call: Call,
): Promise<JsonObject> {
  const find = getProcessor(place, name);
  const from = before["state"];
  await call.act({ verb, request, find, name, happened: ({ state }) => state !== from });
  // What Atlas showed before is no news, so the first poll counts.
  const last = await call.untilSettled({}, find, [wanted, "FAILED"]);
  if (last["state"] === wanted) return last;
  const shown = `The processor "${call.mask(name)}"`;
  const result = { processor: processor.view({ name, ...last }) };
  if (last["state"] === "FAILED") {
    const reason = await failureInLogs(place, name, call);
    throw new ToolFailure(
      new AtlasFailure("atlas_error", `${shown} failed (state FAILED)${reason ? `: ${reason}` : ""}`),
      {
        hint: "Find out why with diagnose_stream_processor; then change the processor or its connections, and start it again.",
        result,
      },
    );
  }
  const state = call.mask(stateOf(last));
  throw new ToolFailure(
    new AtlasFailure("unknown_outcome", `${shown} was told to ${verb}, and its state is still ${state}`, {
      retryable: true,
    }),
    { hint: `Look again with get_stream_processor, or call again, which is safe.`, result },
  );
}
