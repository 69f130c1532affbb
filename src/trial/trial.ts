/**
 * One trial: a pipeline runs on example documents, and what comes of it is told as JSON. It is computed in a worker, which
 * is ended where it takes too long; nothing here waits for anything.
 */
import type { JsonObject, Path } from "../json.ts";
import { type Processing, type StageCount, type Stop, startProcessing } from "./engine.ts";
import { expressions } from "./expressions/expressions.ts";
import { ExpressionFailure, PipelineFault, Untried } from "./failures.ts";
import type { Document } from "./operator.ts";
import { sampleDocument } from "./sample.ts";
import { hasTimes, readsSample } from "./stages/source.ts";
import { documentFromJson, ExtendedJsonFault, fromJson, toJson } from "./values/extended-json.ts";
import { isOfSize } from "./values/size.ts";
import { isDocument } from "./values/values.ts";

/** What is tried, as JSON. */
export interface TrialRequest {
  pipeline: readonly JsonObject[];
  documents?: readonly unknown[] | undefined;
  collections?: Readonly<Record<string, readonly unknown[]>> | undefined;
  responses?: readonly unknown[] | undefined;
  dlq: boolean;
}

export interface TrialResult {
  output: unknown[];
  /** What the sink has written or sent. */
  sink: JsonObject;
  stages: readonly StageCount[];
  deadLetters: { stage: string; reason: string; document: unknown }[];
  untried: { stage: string; why: string }[];
  totalIn: number;
  totalOut: number;
  /** Not all of it is shown. */
  truncated: boolean;
  stopped?: Stop | undefined;
  /** The documents had no times of their own. */
  madeUpTimes: boolean;
  /** The documents are like those of the sample stream, since there were no others. */
  areSamples: boolean;
}

/** What is wrong with the request; nothing was tried then. */
export interface TrialRefusal {
  problems: { path: Path; message: string }[];
}

/** Documents without a time of their own come a second apart, from then on. */
export const FIRST_ARRIVAL = Date.UTC(2025, 0, 1);
const SECOND = 1_000;

const SAMPLES = 30;
const MOST_SHOWN = 50;
/** Characters of JSON; what is larger is no help to an agent. */
const MOST_CHARACTERS = 100_000;

export function tryPipeline(request: TrialRequest): TrialResult | TrialRefusal {
  try {
    return run(request);
  } catch (error) {
    if (error instanceof ExtendedJsonFault) return refused(error.path, error.message);
    if (error instanceof PipelineFault) return refused(["pipeline", ...error.path], error.message);
    if (error instanceof RangeError)
      return refused(["pipeline"], "is nested too deeply, or makes values too large to be tried");
    throw error;
  }
}

const refused = (path: Path, message: string): TrialRefusal => ({ problems: [{ path, message }] });

function run(request: TrialRequest): TrialResult | TrialRefusal {
  const pipeline = request.pipeline.map((stage, index) => fromJson(stage, ["pipeline", `${index}`]));
  const source = isDocument(pipeline[0]) ? pipeline[0]["$source"] : undefined;
  const documents = documentsOf(request, source);
  if (!Array.isArray(documents)) return documents;
  const collections = new Map(
    Object.entries(request.collections ?? {}).map(([name, list]) => [
      name,
      list.map((document, index) => documentFromJson(document, ["collections", name, `${index}`])),
    ]),
  );
  const responses = (request.responses ?? []).map((response, index) => fromJson(response, ["responses", `${index}`]));
  const output: Document[] = [];
  const deadLetters: { stage: string; reason: string; document: Document }[] = [];
  const untried: TrialResult["untried"] = [];
  let [totalOut, totalDead] = [0, 0];
  const processing = startProcessing(pipeline, {
    collections,
    nextResponse: () => responses.shift(),
    dlq: request.dlq,
    onOutput(document) {
      totalOut += 1;
      if (output.length < MOST_SHOWN) output.push(document);
    },
    onDeadLetter({ stage, reason, document }) {
      totalDead += 1;
      if (deadLetters.length < MOST_SHOWN) deadLetters.push({ stage, reason, document });
    },
    onUntried: ({ stage, why }) => untried.push({ stage, why }),
  });
  for (const [index, document] of documents.entries()) processing.push(document, FIRST_ARRIVAL + index * SECOND);
  processing.end();
  const shown = new Shown();
  const all = {
    output: shown.list(output, (document) => toJson(document)),
    sink: sinkOf(processing, shown),
    deadLetters: shown.list(deadLetters, ({ document, ...letter }) => ({ ...letter, document: toJson(document) })),
  };
  return {
    ...all,
    stages: processing.counts,
    untried,
    totalIn: documents.length,
    totalOut,
    truncated: shown.isTruncated || totalOut > output.length || totalDead > deadLetters.length,
    ...(processing.stopped && { stopped: processing.stopped }),
    madeUpTimes: !hasTimes(source, documents),
    areSamples: request.documents === undefined && readsSample(source),
  };
}

/** The example documents: those of the request, those that `$source` holds, or those of the sample stream. */
function documentsOf({ documents }: TrialRequest, source: unknown): Document[] | TrialRefusal {
  if (documents) return documents.map((document, index) => documentFromJson(document, ["documents", `${index}`]));
  const held = isDocument(source) ? source["documents"] : undefined;
  if (held !== undefined) return heldIn(held);
  if (readsSample(source))
    return Array.from({ length: SAMPLES }, (_, index) => sampleDocument(index, FIRST_ARRIVAL + index * SECOND));
  return refused(["documents"], "is required: 1 to 200 messages as they come in, in order; the source holds none");
}

function heldIn(held: unknown): Document[] | TrialRefusal {
  const at = ["pipeline", "0", "$source", "documents"];
  try {
    const list = expressions.compile(held)({ root: {}, current: {}, meta: {} });
    if (Array.isArray(list) && list.every(isDocument)) return list;
    return refused(at, "must be a list of documents");
  } catch (error) {
    if (error instanceof Untried || error instanceof ExpressionFailure) return refused(at, error.message);
    throw error;
  }
}

function sinkOf(processing: Processing, shown: Shown): JsonObject {
  const { collections, messages } = processing.arrived();
  return {
    ...(collections && {
      collections: Object.fromEntries(
        Object.entries(collections).map(([name, documents]) => [name, shown.list(documents, (each) => toJson(each))]),
      ),
    }),
    ...(messages && { messages: shown.list(messages, (each) => toJson(each)) }),
  };
}

/** What is shown of lists: only as much as a result can hold. */
class Shown {
  #left = MOST_CHARACTERS;
  #isTruncated = false;

  get isTruncated(): boolean {
    return this.#isTruncated;
  }

  /** The first of them, as they are written; one that alone is too large is left out. */
  list<T, Written>(items: readonly T[], write: (item: T) => Written): Written[] {
    const shown: Written[] = [];
    for (const item of items) {
      const written = isOfSize(item, MOST_CHARACTERS) ? write(item) : undefined;
      const length = written === undefined ? Number.POSITIVE_INFINITY : JSON.stringify(written).length;
      if (written === undefined || length > this.#left || shown.length === MOST_SHOWN) {
        this.#isTruncated = true;
        continue;
      }
      this.#left -= length;
      shown.push(written);
    }
    return shown;
  }
}
