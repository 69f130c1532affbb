/**
 * A processor's pipeline at work, by the engine that tries pipelines. It is loaded when a processor has its first message,
 * since most sandboxes never run one.
 */
import { createContext, Script } from "node:vm";
import { isObject, type JsonObject } from "../../json.ts";
import { type DeadLetter, type Processing, startProcessing } from "../../trial/engine.ts";
import type { Document } from "../../trial/operator.ts";
import { withNewId } from "../../trial/stages/fields.ts";
import { documentFromJson, fromJson, toJson } from "../../trial/values/extended-json.ts";

export { sampleDocument } from "../../trial/sample.ts";
export { ChangeStream } from "./change-stream.ts";
export { documentFromJson };

/** What a pipeline has counted. */
interface Counts {
  input: number;
  output: number;
  dlq: number;
}

export class PipelineWork {
  readonly #processing: Processing;
  #letters: DeadLetter[] = [];
  #untried: { stage: string; why: string }[] = [];

  /** @throws where the pipeline is none that the engine, or Atlas, would run. */
  constructor(pipeline: readonly JsonObject[], collections: Map<string, Document[]>) {
    this.#processing = startProcessing(
      pipeline.map((stage) => fromJson(stage)),
      {
        collections,
        nextResponse: () => undefined,
        dlq: true,
        onOutput() {},
        onDeadLetter: (letter) => void this.#letters.push(letter),
        onUntried: (untried) => void this.#untried.push(untried),
      },
    );
  }

  /** A message comes in, `at` milliseconds since 1970; gives what has become a dead letter of it. */
  take(document: Document, at: number): DeadLetter[] {
    this.#processing.push(document, at);
    const letters = this.#letters;
    this.#letters = [];
    return letters;
  }

  /** What could not be carried out, and was not asked for before. */
  takeUntried(): { stage: string; why: string }[] {
    const untried = this.#untried;
    this.#untried = [];
    return untried;
  }

  get counts(): Counts {
    const { counts } = this.#processing;
    const dlq = counts.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
    return { input: counts[0]?.in ?? 0, output: counts.at(-1)?.out ?? 0, dlq };
  }

  /** Why the processor would have stopped, where it would. */
  get failure(): string | undefined {
    return this.#processing.stopped?.reason;
  }
}

/** A document of a dead letter queue. @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/monitoring/ */
export const asQueued = (
  { reason, document, meta }: DeadLetter,
  processorName: string,
  instanceName: string,
  at: number,
) =>
  withNewId({
    _stream_meta: meta,
    errInfo: { reason },
    doc: document,
    processorName,
    instanceName,
    dlqTime: new Date(at),
  });

/** Documents as relaxed extended JSON. */
export const asJson = (documents: readonly Document[]): unknown[] => documents.map((document) => toJson(document));

const realm = createContext({ work: undefined });
const doWork = new Script("work()");

/**
 * Does the work, unless it takes longer than `timeout` milliseconds: one regular expression of a pipeline can take for
 * ever, and would take the process with it.
 * @returns whether it was done.
 */
export function doneWithin(timeout: number, work: () => void): boolean {
  realm["work"] = work;
  try {
    doWork.runInContext(realm, { timeout });
    return true;
  } catch (error) {
    if (isObject(error) && error["code"] === "ERR_SCRIPT_EXECUTION_TIMEOUT") return false;
    throw error;
  } finally {
    realm["work"] = undefined;
  }
}
