/**
 * What goes through a processor while it runs. It is computed when something looks, from the time that has passed.
 *
 * - A source of type `Sample` gives a message every 20 ms; `$source: { documents }` gives each document once a run;
 *   a cluster gives the changes of its collections; nothing ever comes from any other source.
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
/** What a look may take to compute more than the least, in milliseconds of the machine's processor; the rest waits. */
const USUAL_MS = 100;
/** What takes longer than that is stopped, in milliseconds. */
const LONGEST_MS = 3_000;

type Engine = typeof import("./pipeline-work.ts");

let engine: Engine | undefined;

/** Whether messages come from the source of a processor that runs. */
export const hasInput = (processor: StoredProcessor, workspace: StoredWorkspace): boolean =>
  processor.state === "STARTED" &&
  (clusterReadBy(processor, workspace) !== undefined || comingIn(processor, workspace) !== undefined);

/** The cluster whose changes a processor reads, or undefined where it reads from something else. */
function clusterReadBy({ pipeline }: StoredProcessor, { connections }: StoredWorkspace): string | undefined {
  const name = valueAt(sourceOf(pipeline), ["connectionName"]);
  const body = connections.get(String(name))?.body;
  return body?.type === "Cluster" ? body.clusterName : undefined;
}

/** Has to be done for all processors before any proceeds: what one writes may be what another reads. */
export function beginToWatch(processor: StoredProcessor, workspace: StoredWorkspace): void {
  const cluster = clusterReadBy(processor, workspace);
  const source = sourceOf(processor.pipeline);
  if (!engine || cluster === undefined || !isObject(source)) return;
  processor.changes ??= new engine.ChangeStream(workspace.collections, cluster, source);
}

/** Without it, nothing proceeds. */
export async function loadEngine(): Promise<void> {
  engine ??= await import("./pipeline-work.ts");
}

/** What a collection of a cluster holds, as extended JSON, the oldest first. */
export const documentsIn = (collections: Collections, cluster: string, db: string, coll: string): unknown[] =>
  engine?.asJson(collections.get(`${cluster}/${db}.${coll}`)) ?? [];

/** Whether a look, which begins now, has taken as long as one may, however many processors it is about. */
export function isSpentFromNow(): () => boolean {
  const began = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(began);
    return user + system > USUAL_MS * 1_000;
  };
}

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
export function proceed(
  processor: StoredProcessor,
  workspace: StoredWorkspace,
  now: number,
  isSpent: () => boolean,
): Proceeded {
  processor.changes?.look(now);
  const coming = comingIn(processor, workspace);
  const due = coming?.countAt(now - processor.startedAt) ?? 0;
  if (!engine || !coming || due <= processor.taken) return { rejected: [], untried: [] };
  try {
    const inside = new ConnectedCollections(workspace.collections, workspace.connections);
    const work = processor.work ?? new engine.PipelineWork(processor.pipeline, inside);
    processor.work = work;
    return compute(engine, work, { processor, workspace, coming, due, isSpent });
  } catch (error) {
    return { rejected: [], untried: [], failure: error instanceof Error ? error.message : String(error) };
  }
}

/** What a look is about. */
interface Look {
  processor: StoredProcessor;
  workspace: StoredWorkspace;
  coming: Coming;
  /** How many messages have come by now. */
  due: number;
  isSpent: () => boolean;
}

function compute({ asJson, asQueued, doneWithin }: Engine, work: PipelineWork, look: Look): Proceeded {
  const { processor, workspace, due, isSpent } = look;
  const { collections, connections } = workspace;
  const { documentAt, timeAt, isEndless } = look.coming;
  const first = isEndless ? Math.max(processor.taken, due - MOST) : processor.taken;
  const skipped = first - processor.taken;
  const before = work.counts;
  const letters: { letter: DeadLetter; at: number }[] = [];
  let next = first;
  const isDone = doneWithin(LONGEST_MS, () => {
    for (; next < due && work.failure === undefined; next += 1) {
      if (next - first >= LEAST && next % 10 === 0 && isSpent()) break;
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
    queue.push(...letters.map(({ letter, at }) => asQueued(letter, processor.name, workspace.name, at)));
  }
  collections.trim();
  const failure = isDone ? work.failure : "The pipeline takes too long for this sandbox";
  // What has failed, or was broken off, begins anew with the next start.
  if (failure !== undefined) processor.work = undefined;
  const told = letters.slice(0, TOLD).map(({ letter }) => letter);
  const documents = asJson(told.map(({ document }) => document));
  return {
    rejected: told.map(({ reason }, index) => ({ reason, document: documents[index] })),
    untried: work.takeUntried(),
    failure,
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
  /** Of one that has no end, not every message need be computed. */
  isEndless: boolean;
}

/** Undefined where nothing ever comes. */
function comingIn(processor: StoredProcessor, { connections }: StoredWorkspace): Coming | undefined {
  const source = sourceOf(processor.pipeline);
  if (!isObject(source)) return undefined;
  const { documents, connectionName } = source;
  if (Array.isArray(documents))
    return {
      countAt: () => documents.length,
      timeAt: () => 0,
      documentAt: (index) => engine?.documentFromJson(documents[index]) ?? {},
      isEndless: false,
    };
  const { type } = connections.get(String(connectionName))?.body ?? {};
  const { changes, taken, startedAt } = processor;
  if (type === "Cluster" && changes)
    return {
      countAt: () => taken + changes.pending.length,
      timeAt: () => (changes.pending[0]?.at ?? startedAt) - startedAt,
      documentAt: () => changes.pending.shift()?.event ?? {},
      isEndless: false,
    };
  if (type !== "Sample") return undefined;
  return {
    countAt: (runMs) => Math.floor(runMs / MS_BETWEEN_MESSAGES),
    timeAt: (index) => index * MS_BETWEEN_MESSAGES,
    documentAt: (index, at) => engine?.sampleDocument(index, at) ?? {},
    isEndless: true,
  };
}
