/**
 * `$lookup` and `$cachedLookup`: a left outer join with a collection.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-lookup/
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-cachedlookup/
 * @see https://www.mongodb.com/docs/manual/reference/operator/aggregation/lookup/
 */
import { valuesAt as foundByQuery } from "../expressions/query.ts";
import { PipelineFault, reasonOf } from "../failures.ts";
import type { Document, MakeOperator, Message, Outlet, Surroundings } from "../operator.ts";
import { isDocument, isEqual } from "../values/values.ts";
import { collectionNamed, isText, textAt } from "./body.ts";
import { valuesAt, withField } from "./fields.ts";

export const lookup: MakeOperator = (body, surroundings) => {
  if (!isDocument(body)) throw new PipelineFault("its value must be an object");
  const as = textAt(body, "as");
  const { from, localField, foreignField, pipeline } = body;
  if ((localField === undefined) !== (foreignField === undefined))
    throw new PipelineFault("localField and foreignField go together");
  if (localField === undefined && !Array.isArray(pipeline))
    throw new PipelineFault("either localField and foreignField are needed, or a pipeline");
  const variables = Object.entries(isDocument(body["let"]) ? body["let"] : {}).map(
    ([name, spec]) => [name, surroundings.expression(spec)] as const,
  );
  const source = sourceOf(from, pipeline);
  // What is wrong with the pipeline is told before the first document.
  if (source.pipeline) surroundings.inner(source.pipeline, withoutValues(variables));
  const joins = isText(localField) && isText(foreignField) ? equality(localField, foreignField) : () => () => true;

  return {
    push(message, out) {
      const candidates = source.documents(surroundings);
      if (!candidates) {
        out.untried(`nothing is known of the collection ${source.name}`);
        return out.emit(message);
      }
      let found: Document[];
      try {
        found = candidates.filter(joins(message));
        if (source.pipeline) {
          const values = Object.fromEntries(variables.map(([name, compute]) => [name, compute(message)]));
          found = run(source.pipeline, found, values, message, surroundings, out);
        }
      } catch (error) {
        const reason = reasonOf("LookUpOperator", error);
        return out.deadLetter(message, reason);
      }
      out.emit({ ...message, document: withField(message.document, as, found) });
    },
  };
};

const withoutValues = (variables: readonly (readonly [string, unknown])[]): Document =>
  Object.fromEntries(variables.map(([name]) => [name, null]));

/** What is joined with, and the pipeline that runs on it. */
interface JoinSource {
  name: string;
  documents(surroundings: Surroundings): readonly Document[] | undefined;
  pipeline?: readonly unknown[];
}

function sourceOf(from: unknown, pipeline: unknown): JoinSource {
  const stages: readonly unknown[] = Array.isArray(pipeline) ? pipeline : [];
  if (from === undefined) {
    const [first, ...rest] = stages;
    const documents = isDocument(first) ? first["$documents"] : undefined;
    if (!Array.isArray(documents)) throw new PipelineFault("from is needed, or a pipeline that begins with $documents");
    const given = documents.filter(isDocument);
    return { name: "$documents", documents: () => given, pipeline: rest };
  }
  if (!isDocument(from)) throw new PipelineFault("from must be {connectionName, db, coll}");
  const place = { connectionName: textAt(from, "connectionName"), db: textAt(from, "db") };
  const coll = textAt(from, "coll");
  return {
    name: `${place.db}.${coll}`,
    documents: ({ collections }) => collectionNamed(collections, { ...place, coll }),
    ...(Array.isArray(pipeline) && { pipeline: stages.map((stage) => inSamePlace(stage, place)) }),
  };
}

/** A nested look-up names its collection as on the cluster itself, by a text. */
function inSamePlace(stage: unknown, place: { connectionName: string; db: string }): unknown {
  const nested = isDocument(stage) ? stage["$lookup"] : undefined;
  if (!isDocument(nested)) return stage;
  const { from, pipeline } = nested;
  return {
    $lookup: {
      ...nested,
      ...(isText(from) && { from: { ...place, coll: from } }),
      ...(Array.isArray(pipeline) && { pipeline: pipeline.map((inner: unknown) => inSamePlace(inner, place)) }),
    },
  };
}

/** Documents join where they share a value; a field that is missing is null. */
const equality = (localField: string, foreignField: string) => {
  const steps = foreignField.split(".");
  return (message: Message) => {
    const found = valuesAt(message.document, localField);
    const local = found.length === 0 ? [null] : found;
    return (foreign: Document): boolean =>
      foundByQuery(foreign, steps)
        .flatMap((value) => (Array.isArray(value) ? [value, ...value] : [value ?? null]))
        .some((value) => local.some((other) => isEqual(value, other)));
  };
};

/** What the pipeline makes of the documents. */
function run(
  pipeline: readonly unknown[],
  documents: readonly Document[],
  variables: Document,
  { time, meta }: Message,
  { inner }: Surroundings,
  out: Outlet,
): Document[] {
  const results: Document[] = [];
  const inside: Outlet = {
    emit: ({ document }) => void results.push(document),
    // A failure on the cluster fails the whole look-up.
    deadLetter: (_, reason) => {
      throw new Error(reason);
    },
    untried: out.untried,
  };
  const operator = inner(pipeline, variables);
  for (const document of documents) operator.push({ document, time, meta }, inside);
  operator.end?.(inside);
  return results;
}
