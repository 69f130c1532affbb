/**
 * The words in which the table of stages is written: shapes of values, fields of objects, and rules across fields. All of
 * it is data; `check-value.ts` holds a value against it, and `reference.ts` describes it.
 */
import type { connectionTypes } from "../../connections/union.ts";
import type { Path } from "../../json.ts";

export type ConnectionType = (typeof connectionTypes)[number]["type"];

/** A pipeline in which a stage stands: the processor's own, that of a window, or one that makes a request's body. */
export type Room = "processor" | "window" | "payload";

/**
 * What something is known from, which decides what becomes of a pipeline that is otherwise: what a page of the
 * documentation states is refused; what only the public code of the planner, MongoDB's manual or one of two pages says is a
 * warning.
 */
export type KnownFrom = "page" | "planner" | "manual" | "differing pages";

export type Shape =
  /** Other than the `values` is a warning: Atlas gets new ones. */
  | { kind: "text"; values?: readonly string[] }
  /** A whole number where there are limits. */
  | { kind: "number"; least?: number; most?: number }
  | { kind: "boolean" }
  | { kind: "date" }
  /** The name of a field, `a.b`. */
  | { kind: "path" }
  /** The value of a field, `$a.b`. */
  | { kind: "reference" }
  /** Anything that MongoDB computes, constants too; other than the `usual` operators is a warning. */
  | { kind: "expression"; usual?: readonly string[] }
  /** A field path, a variable or an operator, in place of a constant. */
  | { kind: "computed" }
  | { kind: "query"; without: readonly string[]; from: KnownFrom }
  /** Anything, of which nothing is computed here. */
  | { kind: "data" }
  | { kind: "list"; of: Shape; distinct?: true; filled?: true }
  /** An object whose keys are free, but for how they start; of names without case, two spellings are one. */
  | { kind: "map"; of: Shape; start?: string; filled?: true; caseless?: true }
  | { kind: "pipeline"; room: Exclude<Room, "processor"> | "collection" }
  /** The first that a value can be counts. */
  | { kind: "either"; shapes: readonly Shape[] }
  /** A field that examples of MongoDB's own have here, and that is documented at `at`. */
  | { kind: "elsewhere"; at: string }
  | ConnectionShape
  | ObjectShape;

/** The name of a connection. */
export interface ConnectionShape {
  kind: "connection";
  /** The types that can stand there, and the fields beside the name for each. */
  types: Readonly<Partial<Record<ConnectionType, Body>>>;
  /** Types that are not documented there, and whose data a later Atlas might take there. */
  doubtful: readonly ConnectionType[];
  /** Another place where examples of MongoDB's own have it, from the stage's value. */
  alsoAt?: Path;
}

/** An object that has these fields and no others. */
export interface ObjectShape extends Body {
  kind: "object";
  /** How one looks, for whoever wrote another kind of value. */
  like?: string;
  /** Fields of other names are of this shape. */
  others?: Shape;
  /** The longest time that a duration can be. */
  longest?: { ms: number; words: string; from: KnownFrom };
  /** What does the job of a field that people look for here. */
  hints?: Readonly<Record<string, string>>;
  /** Fields that other stages of its kind have, and why this one has not. */
  without?: Readonly<Record<string, string>>;
  /** Where examples of MongoDB's own put all of its fields. */
  wrapped?: string;
}

export interface Body {
  fields: Fields;
  rules?: readonly Rule[];
}

export type Fields = Readonly<Record<string, Field>>;

export type Field = Shape & {
  /** Atlas refuses the object without a `required` one; an `expected` one is documented so, and examples leave it out. */
  need?: "required" | "expected";
  /** What counts where it is left out. */
  byDefault?: string;
};

type Value = string | number | boolean | undefined;

/** Holds for the fields of one object. */
export interface Rule {
  /** It counts where each of these is there, is an expression, or has one of the values; `undefined` is one left out. */
  where?: Readonly<Record<string, true | "an expression" | readonly Value[]>>;
  /** It counts where the stage does not end the processor's pipeline. */
  inTheMiddle?: true;
  /** One of these has to be there. */
  needs?: readonly string[];
  /** None of these can be there. */
  excludes?: readonly string[];
  /** These can have no other values. */
  only?: Readonly<Record<string, readonly Value[]>>;
  /** The largest number, or the field that has it. */
  atMost?: Readonly<Record<string, number | string>>;
  atLeast?: Readonly<Record<string, number>>;
  /** What the processor has to have. */
  ofProcessor?: "dlq";
  /** What else helps. */
  or?: string;
  /** Left out: a page of the documentation. */
  from?: KnownFrom;
}

/** What the documentation says of a stage in a room; of `unsure` it says nothing, or no more than a blank in a table. */
export type Support = "yes" | "no" | "unsure";

export interface Stage {
  name: string;
  /** Where it stands in the processor's own pipeline. */
  place: "source" | "middle" | "sink" | "middle or sink";
  /** What it is for, in one line. */
  use: string;
  rooms: Readonly<Record<Room, Support>>;
  /** What stands under its name. */
  value: Shape;
  /** Values that the check takes without a word. */
  examples: readonly unknown[];
  /** Its page in the documentation, and how old the copy is that was read; pages tell no dates of their own. */
  docs: { page: string; read: string };
}

const DOCS = "https://www.mongodb.com/docs/atlas/atlas-stream-processing";

/** Its own page, of which a copy of that age was read. */
export const page = (name: string, read: string) => ({ page: `${DOCS}/${name}/`, read });

/** The page of the stages that MongoDB has too and that work the same here. */
export const plain = page("stream-aggregation-stages", "2026-07");

export const stage = (
  [name, place, rooms]: [Stage["name"], Stage["place"], Stage["rooms"]],
  use: string,
  docs: Stage["docs"],
  value: Shape,
  ...examples: unknown[]
): Stage => ({ name, place, use, rooms, value, examples, docs });

export const anywhere = { processor: "yes", window: "yes", payload: "yes" } as const;
export const exceptPayload = { processor: "yes", window: "yes", payload: "unsure" } as const;
export const processorOnly = { processor: "yes", window: "no", payload: "no" } as const;
/** Documented for the processor's own pipeline; of windows there is only a blank. */
export const processorAtLeast = { processor: "yes", window: "unsure", payload: "unsure" } as const;
export const windowOnly = { processor: "no", window: "yes", payload: "unsure" } as const;

export const text = { kind: "text" } as const;
export const boolean = { kind: "boolean" } as const;
export const date = { kind: "date" } as const;
export const path = { kind: "path" } as const;
export const reference = { kind: "reference" } as const;
export const expression = { kind: "expression" } as const;
export const computed = { kind: "computed" } as const;
export const data = { kind: "data" } as const;

/** Documented words, separated by spaces. */
export const words = (values: string, byDefault?: string): Field => ({
  kind: "text",
  values: values.split(" "),
  ...(byDefault && { byDefault }),
});
export const whole = (least: number, most = Number.MAX_SAFE_INTEGER): Shape => ({ kind: "number", least, most });
export const list = (of: Shape): Shape => ({ kind: "list", of });
export const map = (of: Shape): Shape => ({ kind: "map", of });
/** Headers of HTTP, whose order means nothing either. */
export const headers = (of: Shape): Shape => ({ kind: "map", of, caseless: true });
export const pipeline = (room: "window" | "payload" | "collection"): Shape => ({ kind: "pipeline", room });
export const either = (...shapes: readonly Shape[]): Shape => ({ kind: "either", shapes });
/** One name or several. */
export const names = either(text, { kind: "list", of: text, filled: true });
export const object = (fields: Fields, rules: readonly Rule[] = [], more: Partial<ObjectShape> = {}): ObjectShape => ({
  ...more,
  kind: "object",
  fields,
  rules,
});
export const connection = (
  types: ConnectionShape["types"],
  doubtful: readonly ConnectionType[] = [],
  alsoAt?: Path,
): ConnectionShape => ({ kind: "connection", types, doubtful, ...(alsoAt && { alsoAt }) });

export const required = <T extends Shape>(field: T) => ({ ...field, need: "required" as const });
export const expected = <T extends Shape>(field: T) => ({ ...field, need: "expected" as const });
export const byDefault = <T extends Shape>(field: T, value: string) => ({ ...field, byDefault: value });

export const textOrExpression = either(text, computed);

/** Fields beside `connectionName` for one type of connection. */
export const beside = (fields: Fields = {}, ...rules: readonly Rule[]): Body => ({ fields, rules });

/** A collection of a cluster, as fields of its own object; `name` is what its database and its name can be. */
export const collection = (name: Shape, more: Partial<ObjectShape> = {}, alsoAt?: Path) => {
  const connectionName = required(connection({ Cluster: beside() }, [], alsoAt));
  return object({ connectionName, db: required(name), coll: required(name) }, [], more);
};

const durationOf = (least: number, longest?: ObjectShape["longest"]): ObjectShape => {
  const fields = { size: required(whole(least)), unit: required(words("ms second minute hour day")) };
  return object(fields, [], { like: '{"size": 5, "unit": "minute"}', ...(longest && { longest }) });
};
export const duration = durationOf(1);
export const durationUpTo = (longest: ObjectShape["longest"]) => durationOf(1, longest);
/** A duration of which a plain 0 is one too. */
export const durationOrNone = (longest?: ObjectShape["longest"]) => either(whole(0, 0), durationOf(0, longest));

/** A time that an expression reads from a message. */
export const time: Shape = { kind: "expression", usual: ["$toDate", "$dateFromString"] };

/** A field that sends what fails to the dead letter queue. */
export const onError = words("dlq ignore fail", "dlq");
export const toDlq = (field: string): Rule => ({ where: { [field]: ["dlq"] }, ofProcessor: "dlq" });

/** How many instances of a stage run; those beyond the first count for the tier. */
export const parallelism = byDefault(whole(1), "1");
