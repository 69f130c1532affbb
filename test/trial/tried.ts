/** Trials in this thread, for the tests: what a pipeline makes of documents. */
import { isObject, type JsonObject } from "../../src/json.ts";
import { type TrialRequest, type TrialResult, tryPipeline } from "../../src/trial/trial.ts";

const sink = { $emit: { connectionName: "kafka", topic: "out" } };

/** What comes of a pipeline; `stages` stand between two topics of Kafka. */
export function tried(
  stages: readonly JsonObject[],
  documents: readonly unknown[],
  { source = {}, ...more }: Partial<TrialRequest> & { source?: JsonObject } = {},
): TrialResult {
  const pipeline = [{ $source: { connectionName: "kafka", topic: "t", ...source } }, ...stages, sink];
  const result = tryPipeline({ pipeline, documents, dlq: true, ...more });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result;
}

/** What is wrong with stages, as the trial tells it. */
export function refusedOf(...stages: readonly JsonObject[]): { path: string; message: string }[] {
  const pipeline = [{ $source: { connectionName: "kafka", topic: "t" } }, ...stages, sink];
  const result = tryPipeline({ pipeline, documents: [{}], dlq: true });
  if (!("problems" in result)) throw new Error("It was not refused");
  return result.problems.map(({ path, message }) => ({ path: path.join("."), message }));
}

/** The documents that reach the sink. */
export const outputOf = (...args: Parameters<typeof tried>): unknown[] => tried(...args).output;

/** An expression on a document: its value and its kind, or why it fails. */
export function computed(expression: unknown, document: JsonObject = {}): unknown {
  const { output, deadLetters, untried } = tried(
    [{ $addFields: { value: expression } }, { $project: { _id: 0, value: 1, kind: { $type: "$value" } } }],
    [document],
  );
  if (untried.length > 0) return { untried: untried[0]?.why };
  const [first] = output;
  if (isObject(first)) return [first["value"], first["kind"]];
  return deadLetters[0]?.reason.replace(/^.* with error: /, "");
}
