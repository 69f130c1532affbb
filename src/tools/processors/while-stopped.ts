/**
 * A change that is made while processors stand still. Each is stopped before it and started again after it, whatever came
 * of the change and though the client cancels the call: a running pipeline is never left worse than it was.
 */
import {
  type AtlasRequest,
  getProcessor,
  startProcessor,
  stopProcessor,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
import { type JsonObject, valueAt } from "../../json.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { start, stop } from "./lifecycle.ts";

/** A processor that runs. */
interface Running {
  name: string;
  /** Its name after the change. */
  now?: string;
  before: JsonObject;
}

/** What is done while they stand still. */
export interface ChangeOfStopped<T> {
  /** What it sends. */
  request: AtlasRequest;
  run: (call: Call) => Promise<T>;
}

/** How it ended. */
export interface Ended<T> {
  /** Each processor as it was stopped. */
  stopped: readonly (JsonObject | ToolFailure)[];
  /** Of a change that was not tried, why one was not stopped. */
  changed: T | ToolFailure;
  /** Each as it runs again; undefined for one that was not stopped. */
  started: readonly (JsonObject | ToolFailure | undefined)[];
}

type StepResult = "done" | "failed" | "skipped";
/** Of stop, modify and start. */
export type StepResults = `${StepResult} ${StepResult} ${StepResult}`;

export const STEPS = ["stop", "modify", "start"] as const;

export const stepsOf = (results: StepResults): JsonObject[] =>
  results.split(" ").map((result, index) => ({ step: STEPS[index], result }));

/**
 * Gives what `conclude` makes of how it ended, or throws what that throws. Nothing is stopped where the policy does not
 * allow each step; to put back what was stopped it need not.
 */
export async function whileStopped<T, Result>(
  place: WorkspacePlace,
  processors: readonly Running[],
  { request, run }: ChangeOfStopped<T>,
  conclude: (ended: Ended<T>) => Result,
  call: Call,
): Promise<Result> {
  await call.permit([
    ...processors.map(({ name }) => stopProcessor(place, name)),
    request,
    ...processors.map(({ name, now = name }) => startProcessor(place, now)),
  ]);
  return call.toTheEnd(async (call) => {
    const owed = processors.map(({ name, now = name }) => ({
      name,
      starts: [...new Set([now, name])].map((each) => startProcessor(place, each)),
      isConfirmed: false,
    }));
    const forget = owed.map((each) => call.stopping(each));
    try {
      const stopped = await Promise.all(
        processors.map(async ({ name, before }, index) => {
          const latest = await call.attempt(stop(place, name, before, call));
          const one = owed[index];
          if (one) one.isConfirmed = !(latest instanceof ToolFailure);
          return latest;
        }),
      );
      const obstacle = stopped.find((each) => each instanceof ToolFailure);
      const changed = obstacle ?? (await call.attempt(run(call)));
      const started = await Promise.all(
        processors.map((each, index) =>
          startAgain(place, each, stopped[index] ?? {}, obstacle ? "not tried" : changed, call),
        ),
      );
      return conclude({ stopped, changed, started });
    } finally {
      for (const each of forget) each();
    }
  });
}

/** How long a stop of which nothing is known is watched for its coming late, in milliseconds. */
const LATE_MS = 30_000;
/** How often a start is sent that may have been lost, and the longest pause between two, in milliseconds. */
const MOST_STARTS = 3;
const LONGEST_PAUSE_MS = 60_000;

async function startAgain(
  place: WorkspacePlace,
  { name, now = name }: Running,
  stopped: JsonObject | ToolFailure,
  changed: unknown,
  call: Call,
): Promise<JsonObject | ToolFailure | undefined> {
  const latest = stopped instanceof ToolFailure ? await stoppedLate(place, name, stopped, call) : stopped;
  if (latest === undefined || latest instanceof ToolFailure) return latest;
  const isUnknown = changed instanceof ToolFailure && changed.failure.kind === "unknown_outcome";
  const isUnchanged = changed === "not tried" || changed instanceof ToolFailure;
  const names = isUnknown && now !== name ? [now, name] : [isUnchanged ? name : now];
  for (let starts = 1; ; starts += 1) {
    const started = await startOneOf(place, names, latest, call);
    if (!(started instanceof ToolFailure)) return started;
    const { kind, facts } = started.failure;
    const mayPass = kind === "unknown_outcome" || kind === "conflict" || facts.retryable === true;
    if (starts === MOST_STARTS || !mayPass || knownAfter(started) === "failed") return started;
    call.warn(`${started.message}, so the start of "${call.mask(name)}" was sent again.`);
    await call.pause(Math.min((facts.retryAfterSeconds ?? 0) * 1_000, LONGEST_PAUSE_MS));
  }
}

/** What became of one whose stop failed: nothing where it runs on, and else how it shows. */
async function stoppedLate(
  place: WorkspacePlace,
  name: string,
  failed: ToolFailure,
  call: Call,
): Promise<JsonObject | ToolFailure | undefined> {
  const known = knownAfter(failed);
  if (known === "as before") return undefined;
  if (known === "failed") return { state: "FAILED" };
  const latest = await call.attempt(
    call.untilSettled({ state: "STARTED" }, getProcessor(place, name), {
      passes: (state) => state === "STARTED",
      seen: true,
      within: Math.min(LATE_MS, call.settings.readyMs),
    }),
  );
  return latest instanceof ToolFailure || latest["state"] === "STARTED" ? undefined : latest;
}

/** Starts the processor under the first of these names that it has. */
async function startOneOf(
  place: WorkspacePlace,
  names: readonly string[],
  latest: JsonObject,
  call: Call,
): Promise<JsonObject | ToolFailure> {
  const [name = "", ...others] = names;
  const started = await call.attempt(start(place, name, latest, {}, call));
  const isAway = started instanceof ToolFailure && started.failure.kind === "not_found";
  return isAway && others.length > 0 ? startOneOf(place, others, latest, call) : started;
}

/** What is known of a processor whose start or stop failed. */
export function knownAfter({ failure: { kind }, circumstances }: ToolFailure): "unknown" | "failed" | "as before" {
  if (valueAt(circumstances.result, ["processor", "state"]) === "FAILED") return "failed";
  // A clash, or that it is not there, says that somebody else did something to it.
  return ["unknown_outcome", "conflict", "not_found"].includes(kind) ? "unknown" : "as before";
}
