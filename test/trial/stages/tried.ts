/** Trials of the stages of streams, whose sinks matter too; what comes out has no times. */
import { isObject, type JsonObject } from "../../../src/json.ts";
import { type TrialRequest, tryPipeline } from "../../../src/trial/trial.ts";

type Trial = Pick<TrialRequest, "collections" | "responses"> & {
  documents: readonly unknown[];
  /** The last stage, where it matters. */
  sink?: JsonObject;
};

const source = { $source: { connectionName: "bus", topic: "t" } };
const log = { $emit: { connectionName: "__testLog" } };

/** What comes of stages between a source and a sink, on documents that come a second apart. */
export function tried(stages: readonly JsonObject[], { sink = log, ...request }: Trial) {
  const result = tryPipeline({ pipeline: [source, ...stages, sink], dlq: true, ...request });
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  const { output, deadLetters, untried, stopped, sink: arrived } = result;
  const { collections, messages } = arrived;
  return {
    output: output.map(withoutTime),
    deadLetters: deadLetters.map((letter) => ({ ...letter, document: withoutTime(letter.document) })),
    untried,
    failure: stopped?.reason,
    collections: Object.fromEntries(
      Object.entries(isObject(collections) ? collections : {}).map(([name, inside]) => [
        name,
        Array.isArray(inside) ? inside.map(withoutTime) : inside,
      ]),
    ),
    messages: Array.isArray(messages)
      ? messages.map((message: unknown) =>
          isObject(message) && "value" in message ? { ...message, value: withoutTime(message["value"]) } : message,
        )
      : [],
  };
}

function withoutTime(document: unknown): unknown {
  if (!isObject(document)) return document;
  const { _ts, ...others } = document;
  return others;
}
