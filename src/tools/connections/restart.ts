/**
 * A change of a connection on which processors run, which Atlas refuses: they are stopped, the connection is changed, and
 * they are started again, whatever came of the change.
 */
import { getProcessor, type WorkspacePlace } from "../../atlas/endpoints.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { sentence, someOf } from "../../tool/words.ts";
import { type ChangeOfStopped, type Ended, stepsOf, whileStopped } from "../processors/while-stopped.ts";

/**
 * What the change gives, which is done while the processors that run stand still.
 * @throws {ToolFailure} with each step, and which of them run.
 */
export async function changeWhileStopped<T>(
  running: readonly string[],
  change: ChangeOfStopped<T>,
  place: WorkspacePlace,
  call: Call,
): Promise<T> {
  const names = running.toSorted();
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
      ? `not known to run again: ${someOf(idle.map(({ name }) => call.mask(name)))}${trouble}`
      : "the processors that use it run";
    return failure.with({
      left: sentence(`${was}; ${runs}`),
      ...(notStarted && { hint: startThem(call) }),
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

const startThem = ({ way }: Call) =>
  `${way("Look", "list_stream_processors")}, and ${way("start those that do not run", "start_stream_processor")}; then call again, if it was not changed.`;
