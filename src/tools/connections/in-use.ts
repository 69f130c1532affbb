/**
 * A connection on which processors run. Atlas changes none, so that is foreseen; where it is requested, they are stopped,
 * the connection is changed, and they are started again, whatever came of the change.
 */
import { getProcessor, listProcessors, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import type { JsonObject } from "../../json.ts";
import { usesOf } from "../../stages/connections.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { sentence, someOf } from "../../tool/words.ts";
import { type Ended, stepsOf, whileStopped } from "../processors/while-stopped.ts";

/** The processors that run and are certain to use a connection; none where they cannot be read. */
export async function runningUsers(name: string, place: WorkspacePlace, call: Call): Promise<readonly JsonObject[]> {
  const listing = await call.attempt(call.list(listProcessors(place)));
  return listing instanceof ToolFailure
    ? []
    : listing.entries.filter((each) => each["state"] === "STARTED" && uses(each, name));
}

export const uses = (processor: JsonObject, name: string): boolean =>
  usesOf(processor).some((use) => use.name === name && use.role !== "doubtful");

export const namesOf = (processors: readonly JsonObject[], call: Call): string =>
  someOf(processors.map(({ name }) => JSON.stringify(call.mask(String(name)))));

/** Of a connection that is to be changed or deleted. */
export function inUse(name: string, running: readonly JsonObject[], hint: string, call: Call): ToolFailure {
  const message = `Processors run that use the connection "${call.mask(name)}": ${namesOf(running, call)}. Atlas keeps it as it is meanwhile; nothing was sent`;
  return new ToolFailure(new AtlasFailure("conflict", message), {
    hint,
    result: { processors: running.map((each) => call.mask(String(each["name"]))) },
  });
}

/**
 * What `change` gives, which is done while the processors that run stand still.
 * @throws {ToolFailure} with each step, and which of them run.
 */
export async function changeWhileStopped<T>(
  running: readonly JsonObject[],
  change: (call: Call) => Promise<T>,
  place: WorkspacePlace,
  call: Call,
): Promise<T> {
  const names = running.map(({ name }) => String(name)).toSorted();
  const inTurns = names.reduce<() => Promise<T>>(
    (work, name) => () => call.inTurn(getProcessor(place, name), work),
    async () => {
      // Another call may have stopped some of them meanwhile.
      const latest = await Promise.all(names.map((name) => call.find(getProcessor(place, name))));
      const processors = latest
        .map((before, index) => ({ name: names[index] ?? "", before }))
        .filter(({ before }) => before["state"] === "STARTED");
      return whileStopped(place, processors, change, (ended) => conclude(ended, processors, call), call);
    },
  );
  return inTurns();
}

function conclude<T>({ stopped, changed, started }: Ended<T>, processors: readonly { name: string }[], call: Call): T {
  const idle = processors.filter((_, index) => started[index] instanceof ToolFailure);
  const notStopped = stopped.find((each) => each instanceof ToolFailure);
  const notStarted = started.find((each) => each instanceof ToolFailure);
  const cut = (failure: ToolFailure, was: string, modify: "done" | "failed" | "skipped") => {
    const trouble = notStarted && notStarted !== failure ? `: ${notStarted.message}` : "";
    const runs = notStarted
      ? `not known to run again: ${namesOf(idle, call)}${trouble}`
      : "the processors that use it run";
    return failure.with({
      left: sentence(`${was}; ${runs}`),
      ...(notStarted && { hint: START }),
      result: {
        steps: stepsOf(`${notStopped ? "failed" : "done"} ${modify} ${notStarted ? "failed" : "done"}`),
      },
    });
  };
  if (notStopped) throw cut(notStopped, "It was not changed", "skipped");
  if (changed instanceof ToolFailure) {
    const isLost = changed.failure.kind === "unknown_outcome";
    throw cut(changed, isLost ? "Whether it was changed is not known" : "It was not changed", "failed");
  }
  if (notStarted) throw cut(notStarted, "It was changed", "done");
  return changed;
}

const START =
  "Look with list_stream_processors, and start those that do not run with start_stream_processor; then call again, if it was not changed.";
