/**
 * A pipeline at work on documents as they come. It reaches nothing outside: no network, no file, no clock but for
 * `$currentDate`.
 */
import type { Path } from "../json.ts";
import { inside, scopeOf } from "./expressions/compile.ts";
import { expressionsIn } from "./expressions/expressions.ts";
import { queryOf } from "./expressions/query.ts";
import { ExpressionFailure, PipelineFault, ProcessorFailure, Untried } from "./failures.ts";
import type { Arrived, Document, MakeOperator, Message, Operator, Outlet, Sink, Surroundings } from "./operator.ts";
import { collectingStages } from "./stages/collecting.ts";
import { documentStages } from "./stages/documents.ts";
import { readJsonSchema } from "./stages/json-schema.ts";
import { source } from "./stages/source.ts";
import { streamSinks, streamStages } from "./stages/stream-stages.ts";
import { windowStages } from "./stages/windows.ts";
import { isOfSize } from "./values/size.ts";
import { isDocument } from "./values/values.ts";

/** Stages that can stand inside a stage too. */
const innerStages: Readonly<Record<string, MakeOperator>> = { ...documentStages, ...collectingStages, ...streamStages };

const stages: Readonly<Record<string, MakeOperator>> = { ...innerStages, ...windowStages, $source: source };

/** What a processor does not know by its pipeline. */
export interface Around {
  /** By `db.coll` or `connection/db.coll`; changed by `$merge`. */
  collections: Map<string, Document[]>;
  /** The next answer to a request; undefined where there is none. */
  nextResponse(): unknown;
  dlq: boolean;
  /** A document that reaches the sink. */
  onOutput(document: Document): void;
  onDeadLetter(letter: DeadLetter): void;
  /** A stage that cannot be tried, told once for each reason. */
  onUntried(untried: { stage: string; index: number; why: string }): void;
}

export interface DeadLetter {
  stage: string;
  /** Of the stage in the pipeline. */
  index: number;
  reason: string;
  document: Document;
  meta: Document;
}

export interface StageCount {
  stage: string;
  in: number;
  out: number;
  deadLetters: number;
}

/** What stopped the processor, as Atlas would stop it. */
export interface Stop {
  stage: string;
  index: number;
  reason: string;
}

export interface Processing {
  /** A document comes in at that time, in milliseconds since 1970. */
  push(document: Document, arrival: number): void;
  /** Nothing more comes: all windows close. */
  end(): void;
  readonly counts: readonly StageCount[];
  readonly stopped: Stop | undefined;
  /** What the sink has written or sent. */
  arrived(): Arrived;
}

/** A stage as it is written: its name and its value. */
function stageIn(item: unknown): [string, unknown] {
  const [entry, ...others] = isDocument(item) ? Object.entries(item) : [];
  if (!entry || others.length > 0) throw new PipelineFault("must be an object with one key, the name of a stage");
  return entry;
}

const passing: Operator = { push: (message, out) => out.emit(message) };

const makeOperator = (makers: Readonly<Record<string, MakeOperator>>, name: string): MakeOperator => {
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (make) return make;
  throw new Untried(`${name} is no stage that this trial has`);
};

/** The name that Atlas gives to what does the work of a stage; dead letters have it. */
function operatorName(stage: string): string {
  const name = stage.slice(1);
  const known: Readonly<Record<string, string>> = {
    set: "AddFields",
    unset: "Project",
    replaceWith: "ReplaceRoot",
    tumblingWindow: "Group",
    hoppingWindow: "Group",
    sessionWindow: "Group",
  };
  return `${known[name] ?? name.charAt(0).toUpperCase() + name.slice(1)}Operator`;
}

/** What is told of a stage while it works. */
interface Teller {
  deadLetter(message: Message, reason: string): void;
  untried(why: string): void;
}

/** Pushes a message, and tells what goes wrong with it. */
function pushTo(operator: Operator, stage: string, message: Message, out: Outlet, teller: Teller): void {
  try {
    if (isOfSize(message.document)) operator.push(message, out);
    else teller.deadLetter(message, "The document is larger, or nested deeper, than a trial computes");
  } catch (error) {
    if (error instanceof Untried) {
      teller.untried(error.message);
      out.emit(message);
    } else if (error instanceof ExpressionFailure || error instanceof RangeError) {
      const why = error instanceof RangeError ? "a value is nested too deeply, or grows too large" : error.message;
      teller.deadLetter(message, `Failed to process input document in ${operatorName(stage)} with error: ${why}`);
    } else throw error;
  }
}

/** The surroundings of one stage; `untried` takes what cannot be tried in the pipelines inside it. */
function surroundingsOf(
  around: Pick<Around, "collections" | "nextResponse" | "dlq">,
  shown: Pick<Surroundings, "metaField" | "timeField">,
  untried: (why: string) => void,
  body: unknown,
): Surroundings {
  const surroundings = (variables: readonly string[]): Surroundings => {
    const known = { variables };
    const expressions = expressionsIn(known);
    return {
      collections: around.collections,
      nextResponse: () => around.nextResponse(),
      dlq: around.dlq,
      variables,
      ...shown,
      expression(spec) {
        const compute = expressions.compile(spec);
        return (message) => compute(scopeOf(message));
      },
      query(spec) {
        const matches = queryOf(spec, { expressions, schema: readJsonSchema });
        return (message) => matches(message.document, scopeOf(message));
      },
      inner(pipeline, values = {}) {
        const names = [...new Set([...variables, ...Object.keys(values)])];
        return chain({ pipeline, field: fieldOfPipeline(body, pipeline) }, surroundings(names), values, untried);
      },
    };
  };
  return surroundings([]);
}

/** The field of a stage that holds a pipeline, such as `payload`. */
const fieldOfPipeline = (body: unknown, pipeline: readonly unknown[]): string =>
  Object.entries(isDocument(body) ? body : {}).find(([, value]) => value === pipeline)?.[0] ?? "pipeline";

/** Stages one after the other, as one; `field` is where they stand. */
function chain(
  { pipeline, field }: { pipeline: readonly unknown[]; field: string },
  surroundings: Surroundings,
  values: Document,
  untried: (why: string) => void,
): Operator {
  const parts = pipeline.map((item, index) =>
    inside(field, () =>
      inside(`${index}`, () => {
        const [stage, body] = stageIn(item);
        return { stage, operator: made(stage, body, innerStages, surroundings, untried) };
      }),
    ),
  );
  const hasValues = Object.keys(values).length > 0;
  let outer: Outlet | undefined;
  const outlets = parts.map(
    (_, index): Outlet => ({
      emit: (message) => pushAt(index + 1, message),
      deadLetter: (message, reason) => outer?.deadLetter(message, reason),
      untried,
    }),
  );
  const pushAt = (index: number, message: Message): void => {
    const [part, out] = [parts[index], outlets[index]];
    if (part && out) pushTo(part.operator, part.stage, message, out, out);
    else outer?.emit(message);
  };
  return {
    push(message, out) {
      outer = out;
      pushAt(0, hasValues ? { ...message, variables: { ...message.variables, ...values } } : message);
    },
    advance(time, out) {
      outer = out;
      for (const [index, { operator }] of parts.entries()) {
        const outlet = outlets[index];
        if (outlet) operator.advance?.(time, outlet);
      }
    },
    end(out) {
      outer = out;
      for (const [index, { operator }] of parts.entries()) {
        const outlet = outlets[index];
        if (outlet) operator.end?.(outlet);
      }
    },
  };
}

/** The operator of a stage; one that cannot be tried passes documents on. @throws {PipelineFault} */
function made(
  stage: string,
  body: unknown,
  makers: Readonly<Record<string, MakeOperator>>,
  surroundings: Surroundings,
  untried: (why: string) => void,
): Operator {
  return inside(stage, () => {
    try {
      return makeOperator(makers, stage)(body, surroundings);
    } catch (error) {
      if (!(error instanceof Untried)) throw error;
      untried(error.message);
      return passing;
    }
  });
}

/** Fields in which documents show their meta and their time, where `$source` or anything in the pipeline names them. */
function shownFields(pipeline: readonly unknown[]): Pick<Surroundings, "metaField" | "timeField"> {
  const [first] = pipeline;
  const body = isDocument(first) ? first["$source"] : undefined;
  const { streamMetaFieldName, tsFieldName, tsFieldOverride }: Document = isDocument(body) ? body : {};
  const nameOf = (name: unknown) => (typeof name === "string" && name !== "" ? name : undefined);
  const metaField = nameOf(streamMetaFieldName) ?? "_stream_meta";
  return {
    metaField: isNamed(metaField, pipeline.slice(1)) ? metaField : undefined,
    timeField:
      nameOf(tsFieldName) ?? nameOf(tsFieldOverride) ?? (isNamed("_ts", pipeline.slice(1)) ? "_ts" : undefined),
  };
}

/** Whether a field is named in a pipeline, by itself or in a path. */
function isNamed(field: string, value: unknown): boolean {
  if (typeof value === "string") return value.split(/[.$]/).includes(field);
  if (Array.isArray(value)) return value.some((item) => isNamed(field, item));
  return (
    isDocument(value) && Object.entries(value).some(([key, inner]) => isNamed(field, key) || isNamed(field, inner))
  );
}

/**
 * Sets up a pipeline, whose first stage is `$source` and whose values are the engine's.
 * @throws {PipelineFault} with the path from the pipeline.
 */
export function startProcessing(pipeline: readonly unknown[], around: Around): Processing {
  const shown = shownFields(pipeline);
  const counts: StageCount[] = [];
  let [stopped, latest]: [Stop | undefined, number] = [undefined, Number.NEGATIVE_INFINITY];
  const told = new Set<string>();
  let sink: Sink | undefined;

  const parts = pipeline.map((item, index) =>
    inside(`${index}`, () => {
      const [stage, body] = stageIn(item);
      const count = { stage, in: 0, out: 0, deadLetters: 0 };
      counts.push(count);
      const untried = (why: string) => {
        const key = `${index} ${why}`;
        if (told.has(key)) return;
        told.add(key);
        around.onUntried({ stage, index, why });
      };
      const surroundings = surroundingsOf(around, shown, untried, body);
      const isLast = index === pipeline.length - 1;
      const makeSink = isLast && Object.hasOwn(streamSinks, stage) ? streamSinks[stage] : undefined;
      const operator = makeSink
        ? made(stage, body, { [stage]: (value, inSink) => (sink = makeSink(value, inSink)) }, surroundings, untried)
        : made(stage, body, stages, surroundings, untried);
      const out: Outlet = {
        emit(message) {
          count.out += 1;
          pushAt(index + 1, message);
        },
        deadLetter(message, reason) {
          count.deadLetters += 1;
          around.onDeadLetter({ stage, index, reason, document: message.document, meta: message.meta });
        },
        untried,
      };
      return { stage, operator, count, out, isLast };
    }),
  );

  const pushAt = (index: number, message: Message): void => {
    const part = parts[index];
    if (!part || stopped) return;
    part.count.in += 1;
    if (part.isLast && index > 0) around.onOutput(message.document);
    if (index === 1) latest = Math.max(latest, message.time);
    within(index, () => pushTo(part.operator, part.stage, message, part.out, part.out));
  };

  /** What stops a processor stops all; a fault of the pipeline has its place. */
  const within = (index: number, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (error instanceof ProcessorFailure)
        stopped ??= { stage: counts[index]?.stage ?? "", index, reason: error.message };
      else if (error instanceof PipelineFault) throw withPlace(error, [`${index}`, counts[index]?.stage ?? ""]);
      else throw error;
    }
  };

  return {
    counts,
    get stopped() {
      return stopped;
    },
    push(document, arrival) {
      if (stopped) return;
      pushAt(0, { document, time: arrival, arrival, meta: {} });
      for (const [index, { operator, out }] of parts.entries())
        if (latest > Number.NEGATIVE_INFINITY) within(index, () => operator.advance?.(latest, out));
    },
    end() {
      for (const [index, { operator, out }] of parts.entries()) if (!stopped) within(index, () => operator.end?.(out));
    },
    arrived: () => sink?.arrived() ?? {},
  };
}

/** A fault that was found late has no path from the pipeline yet. */
const withPlace = (fault: PipelineFault, place: Path): PipelineFault =>
  fault.path[0] === place[0] && fault.path[1] === place[1]
    ? fault
    : new PipelineFault(fault.message, [...place, ...fault.path]);
