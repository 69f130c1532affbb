/** What the stages of a pipeline are to the engine that runs it on example documents. */

/** A document as the engine computes on it; see values.ts for how BSON's kinds are kept. */
export type Document = Record<string, unknown>;
export interface Message {
  document: Document;
  /** Event time, in milliseconds since 1970. */
  time: number;
  /** What `{$meta: "stream…"}` and `_stream_meta` show: source, window, https, … */
  meta: Document;
  /** When it came in, in milliseconds since 1970; left out, that is its event time. */
  arrival?: number;
  /** Inside a pipeline that has variables: their values by name. */
  variables?: Document;
}
/** Where an operator's messages go. */
export interface Outlet {
  emit(message: Message): void;
  deadLetter(message: Message, reason: string): void;
  /** The stage could not be tried; its documents pass on unchanged. */
  untried(why: string): void;
}
/** One stage at work. A document is never lost: it is emitted, held until a window closes, dropped as the stage says, or a dead letter. */
export interface Operator {
  push(message: Message, out: Outlet): void;
  /** Event time has come so far: windows that end before it close. */
  advance?(time: number, out: Outlet): void;
  /** No more documents will come: everything held goes out. */
  end?(out: Outlet): void;
}
export interface Surroundings {
  /** An expression of MongoDB, computed for a message. @throws {ExpressionFailure} where it fails on it. */
  expression(spec: unknown): (message: Message) => unknown;
  /** Whether a document matches a query ($match, whenMatched conditions …). */
  query(spec: unknown): (message: Message) => boolean;
  /** Collections by "db.coll" (or connection + db.coll), read by $lookup, changed by $merge. */
  collections: Map<string, Document[]>;
  /** Answers of $https and $externalFunction, in order; undefined when there are none left. */
  nextResponse(): unknown;
  dlq: boolean;
  /** A pipeline inside a stage (a window's, a $lookup's, $https's payload); `variables` are values by name, for `$$name`. */
  inner(pipeline: readonly unknown[], variables?: Document): Operator;
  /** The names of the variables that the pipeline around has. */
  variables?: readonly string[];
  /** The field in which documents show their `meta` too; left out where the pipeline names it nowhere. */
  metaField?: string | undefined;
  /** The field in which documents show their time too; likewise. */
  timeField?: string | undefined;
}
export type MakeOperator = (body: unknown, surroundings: Surroundings) => Operator;

/** The last stage of a pipeline, which also tells what arrived. What it has written it emits too, so that it is counted. */
export interface Sink extends Operator {
  arrived(): Arrived;
}

/** In values of the engine. */
export interface Arrived {
  /** What each collection that was written to holds now, by `db.coll`. */
  collections?: Readonly<Record<string, readonly Document[]>>;
  /** What was sent, of which only the first are kept: topic, key, headers, path and the like, and `value` as it was written. */
  messages?: readonly Document[];
}
export type MakeSink = (body: unknown, surroundings: Surroundings) => Sink;
