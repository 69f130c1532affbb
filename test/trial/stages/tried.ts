/** Runs stages on documents, as extended JSON in and out. */
import { isObject } from "../../../src/json.ts";
import { type DeadLetter, startProcessing } from "../../../src/trial/engine.ts";
import type { Document } from "../../../src/trial/operator.ts";
import { documentFromJson, fromJson, toJson } from "../../../src/trial/values/extended-json.ts";

interface Trial {
  documents: readonly object[];
  collections?: Readonly<Record<string, readonly object[]>>;
  responses?: readonly unknown[];
  /** The last stage, where it matters. */
  sink?: object;
}

const START = Date.UTC(2025, 0, 1);

/** The stages between a source and a sink, or the sink, at work on documents that come a second apart. */
export async function tried(stages: readonly object[], { documents, collections = {}, responses = [], sink }: Trial) {
  const output: Document[] = [];
  const deadLetters: DeadLetter[] = [];
  const untried: { stage: string; why: string }[] = [];
  const answers = responses.map((response) => fromJson(response));
  const source = { $source: { connectionName: "bus", topic: "t" } };
  const pipeline = [source, ...stages, sink ?? { $emit: { connectionName: "__testLog" } }];
  const processing = startProcessing(
    pipeline.map((stage) => fromJson(stage)),
    {
      collections: new Map(
        Object.entries(collections).map(([name, inside]) => [name, inside.map((each) => documentFromJson(each))]),
      ),
      nextResponse: () => answers.shift(),
      dlq: true,
      onOutput: (document) => void output.push(document),
      onDeadLetter: (letter) => void deadLetters.push(letter),
      onUntried: (found) => void untried.push(found),
    },
  );
  for (const [index, document] of documents.entries())
    processing.push(documentFromJson(document), START + index * 1_000);
  processing.end();
  const arrived = toJson(processing.arrived());
  return {
    output: output.map(plain),
    deadLetters: deadLetters.map(({ reason, document }) => ({ reason, document: plain(document) })),
    untried,
    failure: processing.stopped?.reason,
    arrived: isObject(arrived) ? withoutTimes(arrived) : undefined,
  };
}

/** Without the time that every document is given. */
function plain(document: Document): Record<string, unknown> {
  const written = toJson(document);
  return isObject(written) ? withoutTime(written) : {};
}

const withoutTime = ({ _ts: _, ...document }: Record<string, unknown>): Record<string, unknown> => document;

function withoutTimes({ collections, messages }: Record<string, unknown>) {
  const list = (value: unknown) => (Array.isArray(value) ? value.filter(isObject) : []);
  return {
    ...(isObject(collections) && {
      collections: Object.fromEntries(
        Object.entries(collections).map(([name, documents]) => [name, list(documents).map(withoutTime)]),
      ),
    }),
    ...(messages !== undefined && {
      messages: list(messages).map((message) => ({
        ...message,
        ...(isObject(message["value"]) && { value: withoutTime(message["value"]) }),
      })),
    }),
  };
}
