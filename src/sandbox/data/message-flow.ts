/**
 * What goes through a processor while it runs. It is computed when something looks, from the time that has passed.
 *
 * - A source of type `Sample` gives a message every 20 ms; `$source: { documents }` gives each document once a run;
 *   nothing ever comes from any other source.
 * - What the pipeline makes of it, the engine says that tries pipelines.
 */
import { isObject, type JsonObject, valueAt } from "../../json.ts";
import { isWindow } from "../../stages/table.ts";
import type { DeadLetter } from "../../trial/engine.ts";
import type { Document } from "../../trial/operator.ts";
import { type Collections, ConnectedCollections } from "./collections.ts";
import type { PipelineWork } from "./pipeline-work.ts";
import type { MessageCounts, StoredProcessor, StoredWorkspace } from "./state.ts";

const MS_BETWEEN_MESSAGES = 20;

/** So many messages are always computed at a look, before it is asked how long that took. */
const LEAST = 20;
/** No more than so many are computed at a look. Of a longer time, the older ones are counted as these turn out. */
const MOST = 3_000;
/** What it may take to compute more than the least, in milliseconds of the processor; the rest waits for the next look. */
const USUAL_MS = 100;
/** What takes longer than that is stopped, in milliseconds. */
const LONGEST_MS = 3_000;

type Engine = typeof import("./pipeline-work.ts");

let engine: Engine | undefined;

/** Whether messages come from the source of a processor that runs. */
export const hasInput = (processor: StoredProcessor, workspace: StoredWorkspace): boolean =>
  processor.state === "STARTED" && comingIn(processor.pipeline, workspace) !== undefined;

/** Without it, nothing proceeds. */
export async function loadEngine(): Promise<void> {
  engine ??= await import("./pipeline-work.ts");
}

/** What a collection of a cluster holds, as extended JSON, the oldest first. */
export const documentsIn = (collections: Collections, cluster: string, db: string, coll: string): unknown[] =>
  engine?.asJson(collections.get(`${cluster}/${db}.${coll}`)) ?? [];

/** A document that went to the dead letter queue. */
export interface Rejected {
  reason: string;
  /** As extended JSON. */
  document: unknown;
}

/** What has happened at a look. */
export interface Proceeded {
  /** The first of what went to the dead letter queue. */
  rejected: readonly Rejected[];
  /** Stages that the engine cannot carry out, each once. */
  untried: readonly { stage: string; why: string }[];
  /** Why the processor fails, where it does. */
  failure?: string | undefined;
}

/** So many dead letters are told at a look. */
const TOLD = 5;

/** Computes what the processor has done until `now` (milliseconds since 1970), as far as that does not take too long. */
export function proceed(processor: StoredProcessor, workspace: StoredWorkspace, now: number): Proceeded {
  const coming = comingIn(processor.pipeline, workspace);
  const due = coming?.countAt(now - processor.startedAt) ?? 0;
  if (!engine || !coming || due <= processor.taken) return { rejected: [], untried: [] };
  try {
    const inside = new ConnectedCollections(workspace.collections, workspace.connections);
    const work = processor.work ?? new engine.PipelineWork(processor.pipeline, inside);
    processor.work = work;
    return compute(engine, work, processor, workspace, coming, due);
  } catch (error) {
    return { rejected: [], untried: [], failure: error instanceof Error ? error.message : String(error) };
  }
}

function compute(
  { asJson, asQueued, doneWithin }: Engine,
  work: PipelineWork,
  processor: StoredProcessor,
  { name: instanceName, collections, connections }: StoredWorkspace,
  { documentAt, timeAt }: Coming,
  due: number,
): Proceeded {
  const first = Math.max(processor.taken, due - MOST);
  const skipped = first - processor.taken;
  const before = work.counts;
  const began = process.cpuUsage();
  const isLong = () => {
    const { user, system } = process.cpuUsage(began);
    return user + system > USUAL_MS * 1_000;
  };
  const letters: { letter: DeadLetter; at: number }[] = [];
  let next = first;
  const isDone = doneWithin(LONGEST_MS, () => {
    for (; next < due && work.failure === undefined; next += 1) {
      if (next - first >= LEAST && next % 10 === 0 && isLong()) break;
      const at = processor.startedAt + timeAt(next);
      for (const letter of work.take(documentAt(next, at), at)) letters.push({ letter, at });
    }
  });

  const { counts } = work;
  const grown = (name: keyof MessageCounts) => {
    const computed = counts[name] - before[name];
    return computed + Math.round((computed * skipped) / Math.max(next - first, 1));
  };
  const sofar = processor.counted ?? { input: 0, output: 0, dlq: 0 };
  processor.counted = {
    input: sofar.input + grown("input"),
    output: sofar.output + grown("output"),
    dlq: sofar.dlq + grown("dlq"),
  };
  processor.taken = next;
  const { dlq } = processor;
  if (dlq) {
    const queue = new ConnectedCollections(collections, connections).get(
      `${dlq["connectionName"]}/${dlq["db"]}.${dlq["coll"]}`,
    );
    queue.push(...letters.map(({ letter, at }) => asQueued(letter, processor.name, instanceName, at)));
  }
  collections.trim();
  const told = letters.slice(0, TOLD).map(({ letter }) => letter);
  const documents = asJson(told.map(({ document }) => document));
  return {
    rejected: told.map(({ reason }, index) => ({ reason, document: documents[index] })),
    untried: work.takeUntried(),
    failure: isDone ? work.failure : "The pipeline takes too long for this sandbox",
  };
}

/** What stands in the pipeline's first stage under `$source`; undefined where that is another stage. */
export const sourceOf = ([first]: readonly JsonObject[]): unknown => valueAt(first, ["$source"]);

/** Whether the pipeline keeps messages until a window closes. */
export const hasWindow = (pipeline: readonly JsonObject[]) => pipeline.some(isWindowStage);

const isWindowStage = (stage: JsonObject) => Object.keys(stage).some(isWindow);

/** The messages of a source. */
interface Coming {
  /** How many have come when it has run for so many milliseconds. */
  countAt(runMs: number): number;
  /** When a message comes, in milliseconds from the start. */
  timeAt(index: number): number;
  documentAt(index: number, at: number): Document;
}

/** Undefined where nothing ever comes. */
function comingIn(pipeline: readonly JsonObject[], { connections }: StoredWorkspace): Coming | undefined {
  const source = sourceOf(pipeline);
  if (!isObject(source)) return undefined;
  const { documents, connectionName } = source;
  if (Array.isArray(documents))
    return {
      countAt: () => documents.length,
      timeAt: () => 0,
      documentAt: (index) => engine?.documentFromJson(documents[index]) ?? {},
    };
  if (connections.get(String(connectionName))?.body.type !== "Sample") return undefined;
  return {
    countAt: (runMs) => Math.floor(runMs / MS_BETWEEN_MESSAGES),
    timeAt: (index) => index * MS_BETWEEN_MESSAGES,
    documentAt: (index, at) => engine?.sampleDocument(index, at) ?? {},
  };
}
