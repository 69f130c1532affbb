/**
 * `$merge`: documents are written into collections, those that match one there by `on` as `whenMatched` says.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-merge/
 * @see https://www.mongodb.com/docs/manual/reference/operator/aggregation/merge/
 */
import { PipelineFault, reasonOf } from "../failures.ts";
import type { Document, MakeSink, Message, Outlet, Surroundings } from "../operator.ts";
import { compare, isDocument } from "../values/values.ts";
import { WrittenCollections } from "./arrivals.ts";
import { isText, partAt, textAt, textFor } from "./body.ts";
import { fieldAt, fieldsIn, withNewId } from "./fields.ts";

const WHEN_MATCHED = ["merge", "replace", "keepExisting", "delete"] as const;
const WHEN_NOT_MATCHED = ["insert", "discard"] as const;

/** What becomes of the document that matches, or undefined where it goes. */
type Change = (existing: Document, message: Message, out: Outlet) => Document | undefined;

export const merge: MakeSink = (body, surroundings) => {
  if (!isDocument(body)) throw new PipelineFault("its value must be an object");
  const into = partAt(body, "into");
  const connectionName = textAt(into, "connectionName");
  const dbOf = textFor(into["db"], "$merge.into.db", surroundings);
  const collOf = textFor(into["coll"], "$merge.into.coll", surroundings);
  const on = onIn(body);
  const change = changeIn(body, surroundings);
  const whenNotMatched = wordFor(body["whenNotMatched"] ?? "insert", "whenNotMatched", WHEN_NOT_MATCHED, surroundings);
  const written = new WrittenCollections(surroundings.collections);

  const write = (message: Message, out: Outlet) => {
    const { document: incoming, isNew } = identified(message.document, on);
    const collection = written.open({ connectionName, db: dbOf(message), coll: collOf(message) });
    const at = isNew ? -1 : indexOf(collection, incoming, on);
    const existing = collection[at];
    if (existing === undefined) {
      if (whenNotMatched(message) === "insert") insert(collection, incoming, isNew);
      return;
    }
    const changed = change(existing, { ...message, document: incoming }, out);
    if (changed === undefined) collection.splice(at, 1);
    else collection[at] = withSameId(existing, changed);
  };

  return {
    arrived: () => written.arrived(),
    push(message, out) {
      try {
        write(message, out);
      } catch (error) {
        return out.deadLetter(message, reasonOf("MergeOperator", error));
      }
      out.emit(message);
    },
  };
};

function onIn(body: Document): string[] {
  const { on = "_id" } = body;
  const fields: unknown[] = Array.isArray(on) ? on : [on];
  const names = fields.filter(isText);
  if (names.length === 0 || names.length < fields.length)
    throw new PipelineFault("on must be a field or a list of fields");
  return names;
}

/** The document with what `on` needs of it: an `_id` is made where it is missing. Any other may be missing or null. */
function identified(document: Document, on: readonly string[]): { document: Document; isNew: boolean } {
  const isNew = on.includes("_id") && document["_id"] === undefined;
  const whole = isNew ? withNewId(document) : document;
  for (const field of on) {
    if (Array.isArray(fieldAt(whole, field))) throw new Error(`$merge: the field ${field} of "on" cannot be an array`);
  }
  return { document: whole, isNew };
}

const indexOf = (collection: readonly Document[], incoming: Document, on: readonly string[]): number =>
  collection.findIndex((existing) =>
    on.every((field) => compare(fieldAt(existing, field) ?? null, fieldAt(incoming, field) ?? null) === 0),
  );

function insert(collection: Document[], document: Document, isNew: boolean): void {
  if (document["_id"] === undefined) return void collection.push(withNewId(document));
  if (!isNew && indexOf(collection, document, ["_id"]) >= 0)
    throw new Error("code = DuplicateKey, reason = duplicate key on _id");
  collection.push(document);
}

function withSameId(existing: Document, changed: Document): Document {
  if (changed["_id"] === undefined) return { _id: existing["_id"], ...fieldsIn(changed) };
  if (compare(existing["_id"], changed["_id"]) === 0) return changed;
  throw new Error("code = ImmutableField, reason = the field _id cannot be changed");
}

function changeIn(body: Document, surroundings: Surroundings): Change {
  const { whenMatched = "merge" } = body;
  if (Array.isArray(whenMatched)) return pipelineChange(whenMatched, body, surroundings);
  const wordOf = wordFor(whenMatched, "whenMatched", WHEN_MATCHED, surroundings);
  return (existing, message) => {
    switch (wordOf(message)) {
      case "merge":
        return { ...existing, ...fieldsIn(message.document) };
      case "replace":
        return message.document;
      case "keepExisting":
        return existing;
      case "delete":
        return undefined;
    }
  };
}

/** Runs on the document that is there; `$$new` is the one that comes in. */
function pipelineChange(pipeline: readonly unknown[], body: Document, { expression, inner }: Surroundings): Change {
  const variables = Object.entries(partAt(body, "let")).map(([name, spec]) => [name, expression(spec)] as const);
  // What is wrong with the pipeline is told before the first document.
  inner(pipeline, { ...Object.fromEntries(variables.map(([name]) => [name, null])), new: {} });
  return (existing, message, out) => {
    const values = Object.fromEntries(variables.map(([name, compute]) => [name, compute(message)]));
    const made: Document[] = [];
    inner(pipeline, { ...values, new: message.document }).push(
      { ...message, document: existing },
      {
        emit: ({ document }) => void made.push(document),
        deadLetter: (_, reason) => {
          throw new Error(reason);
        },
        untried: out.untried,
      },
    );
    if (made.length !== 1) throw new Error("the pipeline of whenMatched did not make one document");
    return made[0];
  };
}

/** One of the words, or an expression that has to give one. */
function wordFor<Word extends string>(
  spec: unknown,
  field: string,
  words: readonly Word[],
  { expression }: Surroundings,
): (message: Message) => Word {
  const wordIn = (value: unknown) => words.find((word) => word === value);
  const word = wordIn(spec);
  if (word !== undefined) return () => word;
  if (!isDocument(spec) && !(isText(spec) && spec.startsWith("$")))
    throw new PipelineFault(`${field} must be one of ${words.join(", ")}`);
  const compute = expression(spec);
  return (message) => {
    const found = wordIn(compute(message));
    if (found !== undefined) return found;
    throw new Error(`Expected $merge.${field} to evaluate to one of ${words.join(", ")}`);
  };
}
