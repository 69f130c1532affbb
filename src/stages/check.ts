/**
 * Checks a pipeline before it is sent. What is refused is what the documentation says Atlas refuses; all else that looks
 * wrong is a warning. Paths lead to what is there, or to what is missing directly from it.
 */
import { isObject, type Path, valueAt } from "../json.ts";
import type { Mask } from "../mask.ts";
import { type Checked, checked, quoted, type Remark, refusal, warning } from "../schema/problems.ts";
import { nearest } from "../schema/spelling.ts";
import type { Known } from "./check-connection.ts";
import { checkValue, isMissing, type Surroundings } from "./check-value.ts";
import type { Room, Stage } from "./table/shapes.ts";
import { dlqShape, isSink, isWindow, notForStreams, stageNamed, stages } from "./table.ts";
import { checkTiers, type Tiers } from "./tiers.ts";

const unmasked: Mask = (text) => text;

/** What is known of the processor and its workspace; what is left out is not known, and not checked. */
export interface Context extends Partial<Known> {
  hasDlq?: boolean | undefined;
  tiers?: Tiers | undefined;
}

const stageNames = (isOne: (stage: Stage) => boolean) =>
  stages
    .filter(isOne)
    .map(({ name }) => name)
    .join(", ");

/** A pipeline of a processor, to which `at` leads. */
export function checkPipeline(pipeline: unknown, at: Path, context: Context = {}): Checked {
  return checked([
    ...checkStages(pipeline, at, "processor", context),
    ...checkOrder(pipeline, at),
    ...checkTiers(pipeline, at, context.tiers ?? {}),
  ]);
}

/** The dead letter queue of a processor, to which `at` leads. */
export function checkDlq(dlq: unknown, at: Path, context: Context = {}): Checked {
  return checked(checkValue(dlqShape, dlq, at, { ...around(context), stage: dlq, isEnd: false }));
}

/** What is the same around all stages of a pipeline. */
const around = (context: Context) => ({
  mask: unmasked,
  ...context,
  checkStages: (inner: unknown, at: Path, room: Room) => checkStages(inner, at, room, context),
});

/** More remarks than this help nobody, and a pipeline can be long. */
const MOST_REMARKS = 200;

function checkStages(pipeline: unknown, at: Path, room: Room, context: Context): Remark[] {
  if (!Array.isArray(pipeline)) return [refusal(at, "must be a list of stages")];
  // One for all stages, since there can be very many.
  const shared: Surroundings = { ...around(context), stage: undefined, isEnd: false };
  const { mask } = shared;
  const items: readonly unknown[] = pipeline;
  const remarks: Remark[] = [];
  for (const [index, item] of items.entries()) {
    if (remarks.length > MOST_REMARKS) break;
    const path = [...at, `${index}`];
    const [name, value] = nameAndValue(item) ?? [];
    const stage = name === undefined ? undefined : stageNamed(name);
    if (name === undefined) remarks.push(refusal(path, notAStage(item, mask)));
    else if (!stage) remarks.push(warning(path, unknownStage(name, mask)));
    else {
      shared.stage = value;
      shared.isEnd = room === "processor" && index === items.length - 1;
      const inside = [...path, name];
      remarks.push(...checkRoom(stage, path, room), ...checkValue(stage.value, value, inside, shared));
      const peculiar = peculiarities[name];
      if (peculiar) remarks.push(...peculiar(value, inside));
    }
  }
  return remarks;
}

/** The name and the value of a stage, where it is the object of one that it has to be. */
function nameAndValue(item: unknown): [name: string, value: unknown] | undefined {
  if (!isObject(item)) return undefined;
  const [name, ...others] = Object.keys(item);
  return name?.startsWith("$") && others.length === 0 ? [name, item[name]] : undefined;
}

function notAStage(item: unknown, mask: Mask): string {
  const form = 'must be an object with one key, the stage\'s name, such as {"$match": {…}}';
  if (!isObject(item)) return form;
  const keys = Object.keys(item);
  const [key] = keys;
  if (key === undefined) return `${form}; it is empty`;
  if (keys.length > 1) return `${form}; it has ${keys.length}, and each stage has an object of its own`;
  const meant = nearest(`$${key}`, namesKnown);
  return `${form}; ${quoted(mask(key))} was given${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}

const namesKnown = stages.map(({ name }) => name);

function unknownStage(name: string, mask: Mask): string {
  const isOfMongoDB = Object.hasOwn(notForStreams, name);
  const unlisted = `${isOfMongoDB ? name : quoted(mask(name))} is no stage that Atlas documents for streams`;
  const instead = isOfMongoDB ? notForStreams[name] : undefined;
  if (instead) return `${unlisted}; ${instead}`;
  const meant = isOfMongoDB ? undefined : nearest(name, namesKnown);
  return meant === undefined ? unlisted : `${unlisted}; did you mean ${meant}?`;
}

/** What `checkOrder` says of the processor's own pipeline is not said here. */
function checkRoom({ name, rooms }: Stage, path: Path, room: Room): Remark[] {
  if (rooms[room] === "yes" || (room === "processor" && name === "$source")) return [];
  if (room === "processor") return [refusal(path, `${name} can only stand in the pipeline of a window`)];
  const inside = room === "window" ? "the pipeline of a window" : "a payload";
  if (rooms[room] === "no") return [refusal(path, `${name} cannot stand in ${inside}`)];
  return [warning(path, `${name} is not documented for ${inside}`)];
}

/** One source in front, one sink at the end, one window at most, and none beside an initial sync. */
function checkOrder(pipeline: unknown, at: Path): Remark[] {
  if (!Array.isArray(pipeline)) return [];
  if (pipeline.length === 0) return [refusal(at, "must have stages: $source, and at the end a sink")];
  const remarks: Remark[] = [];
  const names = pipeline.map((item) => nameAndValue(item)?.[0]);
  let window: string | undefined;
  for (const [index, name] of names.entries()) {
    const path = [...at, `${index}`];
    const isLast = index === names.length - 1;
    if (name === undefined) continue;
    const stage = stageNamed(name);
    if (index === 0 && name !== "$source") remarks.push(refusal(path, "must be $source: what the processor reads"));
    if (index > 0 && name === "$source") remarks.push(refusal(path, "$source can only be the first stage"));
    if (!isLast && stage?.place === "sink") remarks.push(refusal(path, `${name} can only be the last stage`));
    if (isLast && (stage ? !isSink(stage) : Object.hasOwn(notForStreams, name)))
      remarks.push(refusal(path, `is the last stage, which must be a sink: one of ${stageNames(isSink)}`));
    if (!isWindow(name)) continue;
    if (window !== undefined) remarks.push(refusal(path, "is a second window: a processor can have one"));
    window ??= name;
  }
  const sync = ["0", "$source", "initialSync"];
  const isSynced = isObject(valueAt(pipeline, sync)) && valueAt(pipeline, [...sync, "enable"]) !== false;
  if (isSynced && window !== undefined)
    remarks.push(refusal([...at, ...sync], `cannot stand in a pipeline with a window, and there is ${window}`));
  return remarks;
}

/** What only one stage has. */
const peculiarities: Readonly<Record<string, (value: unknown, path: Path) => Remark[]>> = {
  /** The planner refuses a session that nothing ends, or that is cut before. */
  $sessionWindow: (value, path) => {
    const pipeline = valueAt(value, ["pipeline"]);
    if (!Array.isArray(pipeline) || pipeline.length === 0) return [];
    const names = pipeline.map((item) => nameAndValue(item)?.[0] ?? "");
    const blocking = names.findIndex((name) => name === "$group" || name === "$sort");
    if (blocking < 0) return [warning([...path, "pipeline"], "needs a $group or a $sort")];
    const limit = names.indexOf("$limit");
    return limit < 0 || limit > blocking
      ? []
      : [warning([...path, "pipeline", `${limit}`], `$limit should stand behind ${names[blocking]}`)];
  },
  $iceberg: (value, path) => {
    const [first] = Object.keys(
      isObject(valueAt(value, ["partitionedBy"])) ? Object(valueAt(value, ["partitionedBy"])) : {},
    );
    const id = valueAt(value, ["idFieldName"]);
    const own = isMissing(id) ? "_id" : id;
    return first === undefined || first === own
      ? []
      : [refusal([...path, "partitionedBy", first], `must come after ${String(own)}, which is the first column`)];
  },
};
