/**
 * How many messages go through a processor while it runs. Nothing is really processed: the counts follow from the
 * pipeline and from how long it has been running.
 *
 * - A source of type `Sample` gives a message every 20 ms; `$source: { documents }` gives each document once a run;
 *   nothing ever comes from any other source.
 * - `$match` lets every second message through.
 * - `$validate` finds every fifth message wrong: with `validationAction: "dlq"` it goes to the dead letter queue, else
 *   it is dropped.
 * - A window makes one message of a hundred.
 */
import { isObject, type JsonObject, valueAt } from "../../json.ts";
import { isWindow } from "../../stages/table.ts";
import type { MessageCounts, StoredProcessor, StoredWorkspace } from "./state.ts";

const MS_BETWEEN_MESSAGES = 20;

const NOTHING: MessageCounts = { input: 0, output: 0, dlq: 0 };

/** The messages of all runs until `now` (milliseconds since 1970), or undefined before the first. */
export function countsAt(
  now: number,
  processor: StoredProcessor,
  workspace: StoredWorkspace,
): MessageCounts | undefined {
  const { state, startedAt, counted } = processor;
  if (state !== "STARTED") return counted;
  const before = counted ?? NOTHING;
  const run = countsOf(processor.pipeline, now - startedAt, workspace);
  return { input: before.input + run.input, output: before.output + run.output, dlq: before.dlq + run.dlq };
}

/** What stands in the pipeline's first stage under `$source`; undefined where that is another stage. */
export const sourceOf = ([first]: readonly JsonObject[]): unknown => valueAt(first, ["$source"]);

/** Whether the pipeline keeps messages until a window closes. */
export const hasWindow = (pipeline: readonly JsonObject[]) => pipeline.some(isWindowStage);

function countsOf(pipeline: readonly JsonObject[], runMs: number, workspace: StoredWorkspace): MessageCounts {
  const input = inputOf(sourceOf(pipeline), runMs, workspace);
  let passing = 1;
  let rejected = 0;
  for (const stage of pipeline) {
    if ("$match" in stage) passing /= 2;
    if (isWindowStage(stage)) passing /= 100;
    if (!("$validate" in stage)) continue;
    if (valueAt(stage, ["$validate", "validationAction"]) === "dlq") rejected += passing / 5;
    passing *= 4 / 5;
  }
  return { input, output: Math.floor(input * passing), dlq: Math.floor(input * rejected) };
}

function inputOf(source: unknown, runMs: number, { connections }: StoredWorkspace): number {
  if (!isObject(source)) return 0;
  const { documents, connectionName } = source;
  if (Array.isArray(documents)) return documents.length;
  const isSample = connections.get(String(connectionName))?.body.type === "Sample";
  return isSample ? Math.floor(runMs / MS_BETWEEN_MESSAGES) : 0;
}

const isWindowStage = (stage: JsonObject) => Object.keys(stage).some(isWindow);
