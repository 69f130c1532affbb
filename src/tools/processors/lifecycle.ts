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
import { connectionStates, isLeaving, processorStates } from "../../atlas/states.ts";
import type { JsonObject } from "../../json.ts";
import type { Connections } from "../../stages/check-connection.ts";
import { usesOf } from "../../stages/connections.ts";
import { LOG_SINK } from "../../stages/table.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { failureInLogs } from "./logs.ts";
import { processor, stateOf } from "./resource.ts";

/** Starts a processor that shows as `before`. @throws {ToolFailure} where it is not known to run. */
export function start(place: WorkspacePlace, name: string, before: JsonObject, options: StartOptions, call: Call) {
  return bring(
    { verb: "start", goal: "STARTED", request: startProcessor(place, name, options) },
    place,
    name,
    before,
    call,
  );
}

/** The same, but where it failed because of a connection, after whose failure it may show nothing else for a while. */
export async function startUnlessFailed(
  place: WorkspacePlace,
  name: string,
  before: JsonObject,
  connections: Connections | undefined,
  call: Call,
  options: StartOptions = {},
): Promise<JsonObject> {
  if (call.isDry || before["state"] === processorStates.failed) refuseFailed(name, before, connections, call);
  return start(place, name, before, options, call);
}

/**
 * Starts a processor in another region, whether it runs or not. In a dry run Atlas itself says what it would do.
 * @throws {ToolFailure} where it is not known to run; one that was forced is not to be repeated then.
 */
export async function failOver(
  place: WorkspacePlace,
  name: string,
  before: JsonObject,
  { failover, ...options }: StartOptions & Required<Pick<StartOptions, "failover">>,
  call: Call,
): Promise<JsonObject> {
  if (!failover) return start(place, name, before, options, call);
  if (call.isDry) await call.read(startProcessor(place, name, { ...options, failover: { ...failover, dryRun: true } }));
  const change = {
    verb: "start",
    goal: "STARTED",
    request: startProcessor(place, name, { ...options, failover }),
  } as const;
  const done = await call.attempt(
    before["state"] === "STARTED"
      ? bringElsewhere(change, place, name, before, call)
      : bring(change, place, name, before, call),
  );
  if (!(done instanceof ToolFailure)) return done;
  if (done.failure.kind !== "unknown_outcome" || failover.mode !== "FORCED") throw done;
  throw notToRepeat(
    done,
    `${call.way("Look whether it runs", "get_stream_processor")}, and ${call.way("see where", "read_stream_logs")}. Do not call again before: a second forced failover would lose what the first has done.`,
  );
}

/** One that runs shows STARTED before and after, and may show something else in between. */
async function bringElsewhere(change: Switch, place: WorkspacePlace, name: string, before: JsonObject, call: Call) {
  const find = getProcessor(place, name);
  const happened = (existing: JsonObject) => existing["state"] !== before["state"];
  await call.changeState({ verb: "start", request: change.request, find, name, happened });
  return call.isDry ? before : readBack(change, place, name, { state: "STOPPED" }, call);
}

/** Stops a processor that shows as `before`. @throws {ToolFailure} where it is not known to be stopped. */
export function stop(place: WorkspacePlace, name: string, before: JsonObject, call: Call) {
  return bring({ verb: "stop", goal: "STOPPED", request: stopProcessor(place, name) }, place, name, before, call);
}

interface Switch {
  verb: "start" | "stop";
  goal: "STARTED" | "STOPPED";
  request: AtlasRequest;
}

/**
 * How long one is watched whose start or stop Atlas refused, in milliseconds. While it does the one it refuses the other,
 * and shows the state from before all the while.
 */
const REFUSED_MS = 3_000;
const MOST_TRIES = 3;

async function bring(
  change: Switch,
  place: WorkspacePlace,
  name: string,
  before: JsonObject,
  call: Call,
): Promise<JsonObject> {
  const { verb, goal, request } = change;
  const find = getProcessor(place, name);
  let from = before;
  for (let tries = 1; ; tries += 1) {
    let found: JsonObject | undefined;
    const happened = (existing: JsonObject) => {
      found = existing;
      return existing["state"] !== from["state"];
    };
    const told = await call.attempt(call.changeState({ verb, request, find, name, happened }));
    if (!(told instanceof ToolFailure))
      return call.isDry ? { ...from, state: goal } : readBack(change, place, name, from, call);
    if (told.failure.kind !== "conflict") throw found ? told.with({ result: resultOf(name, found) }) : told;
    const refused = from["state"];
    const latest = await call.untilSettled(from, find, {
      passes: (state) => state === refused,
      seen: true,
      within: Math.min(REFUSED_MS, call.settings.readyMs),
    });
    if (latest["state"] === goal) return latest;
    if (latest["state"] === refused || tries === MOST_TRIES) throw told.with({ result: resultOf(name, latest) });
    from = latest;
  }
}

/** A write of which nobody knows whether it happened, and which does harm where it happens twice. */
export const notToRepeat = ({ failure, circumstances }: ToolFailure, hint: string): ToolFailure =>
  new ToolFailure(
    new AtlasFailure(failure.kind, failure.message, { ...failure.facts, retryable: false }, { cause: failure }),
    { ...circumstances, hint },
  );

const resultOf = (name: string, existing: JsonObject) => ({ processor: processor.view({ name, ...existing }) });

/** How long Atlas may go on to show a trouble from before, such as FAILED, of one that it starts, in milliseconds. */
const STILL_FAILED_MS = 30_000;

async function readBack(
  { verb, goal }: Switch,
  place: WorkspacePlace,
  name: string,
  { state: from }: JsonObject,
  call: Call,
): Promise<JsonObject> {
  const until = call.now() + STILL_FAILED_MS;
  // What Atlas showed before is no news, so the first poll counts.
  const latest = await call.untilSettled({ state: undefined }, getProcessor(place, name), {
    passes: (state) =>
      processorStates.passes(state) ||
      (state === from && (processorStates.resting.some((each) => each === from) || call.now() < until)),
    seen: true,
  });
  const { state } = latest;
  if (state === goal) return latest;
  const what = `The processor "${call.mask(name)}"`;
  const result = resultOf(name, latest);
  const reason = state === "FAILED" ? await failureInLogs(place, name, call) : undefined;
  const because = reason ? `: ${reason}` : "";
  if (state === "FAILED" && from !== "FAILED")
    throw new ToolFailure(new AtlasFailure("atlas_error", `${what} failed (state FAILED)${because}`), {
      hint: `${call.way("Find out why", "diagnose_stream_processor")}; then change the processor or its connections, and start it again.`,
      result,
    });
  const is = state === from ? "its state is still" : "its state is";
  const still = `${what} was told to ${verb}, and ${is} ${call.mask(stateOf(latest))}${because}`;
  throw new ToolFailure(new AtlasFailure("unknown_outcome", still, { retryable: true }), {
    hint:
      state === "FAILED"
        ? `It failed again, or does not start. ${call.way("Find out why", "diagnose_stream_processor")}, or call again, which is safe.`
        : `${call.way("Look again", "get_stream_processor")}, or call again, which is safe.`,
    result,
  });
}

/** @throws {ToolFailure} where a connection that the processor is certain to use does not work, since it would fail, too. */
export function refuseFailed(
  name: string,
  existing: JsonObject,
  connections: Connections | undefined,
  call: Call,
): void {
  if (!connections) return;
  const names = usesOf(existing).flatMap(({ role, name }) => (role === "doubtful" || name === LOG_SINK ? [] : [name]));
  const isBroken = (connection: { state?: string | undefined } | undefined) =>
    !connection || connection.state === connectionStates.failed || isLeaving(connection);
  const broken = names.find((each) => isBroken(connections.get(each)));
  if (broken === undefined) return;
  const [quotedName, connection] = [name, broken].map((each) => JSON.stringify(call.mask(each)));
  const found = connections.get(broken);
  const is = found ? `is in state ${found.state}` : "is not there";
  const message = `The processor ${quotedName} cannot run: its connection ${connection} ${is}`;
  const mend = found
    ? `${call.way("Find out why", "get_stream_connection")}, ${call.way(`mend ${connection}`, "update_stream_connection")}`
    : call.way(`Create ${connection}`, "create_stream_connection");
  throw new ToolFailure(new AtlasFailure("atlas_error", message), {
    hint: `${mend}, then start the processor.`,
    result: { processor: processor.view({ name, ...existing }) },
  });
}
