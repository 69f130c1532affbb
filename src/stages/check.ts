/**
 * Checks a pipeline before it is sent. What is refused is what the documentation says Atlas refuses; all else that looks
 * wrong is a warning. Paths lead to what is there, or to what is missing directly from it.
 */
import { dotted, isObject, type JsonObject, type Path, valueAt } from "../json.ts";
import type { Mask } from "../mask.ts";
import { type Checked, checked, quoted, type Remark, refusal, warning } from "../schema/problems.ts";
import { nearest } from "../schema/spelling.ts";
import { type Connections, checkUses } from "./check-connection.ts";
import { checkWindow, isMissing, missingFields, reachable } from "./check-fields.ts";
import { usesInDlq, usesInPipeline } from "./connections.ts";
import {
  type ConnectionPlace,
  dlqConnection,
  isSink,
  notForStreams,
  type Room,
  type Stage,
  stageNamed,
  stages,
} from "./table.ts";

const unmasked: Mask = (text) => text;

/** Where a stage stands. */
interface Position {
  /** Leads to the stage's value, by its name. */
  path: Path;
  room: Room;
  isLast: boolean;
}

const namesOf = (isOne: (stage: Stage) => boolean) =>
  stages
    .filter(isOne)
    .map(({ name }) => name)
    .join(", ");

/** A pipeline of a processor, to which `at` leads. Without `connections`, only what needs none of them is checked. */
export function checkPipeline(pipeline: unknown, at: Path, connections?: Connections, mask: Mask = unmasked): Checked {
  return checked([
    ...checkStages(pipeline, at, "processor", mask),
    ...checkOrder(pipeline, at),
    ...checkUses(usesInPipeline(pipeline, at), pipeline, at, { connections, mask }),
  ]);
}

/** The dead letter queue of a processor, to which `at` leads. */
export function checkDlq(dlq: unknown, at: Path, connections?: Connections, mask: Mask = unmasked): Checked {
  if (!isObject(dlq)) return checked([refusal(at, "must be an object {connectionName, db, coll}")]);
  return checked([
    ...checkPlace(dlqConnection, dlq, at),
    ...checkUses(usesInDlq(dlq, at), dlq, at, { connections, mask }),
  ]);
}

function checkStages(pipeline: unknown, at: Path, room: Room, mask: Mask): Remark[] {
  if (!Array.isArray(pipeline)) return [refusal(at, "must be a list of stages")];
  const items: readonly unknown[] = pipeline;
  return items.flatMap((item, index) => {
    const path = [...at, `${index}`];
    const named = nameAndValue(item);
    if (named === undefined) return [refusal(path, notAStage(item, mask))];
    const [name, value] = named;
    const stage = stageNamed(name);
    if (!stage) return [warning(path, unknownStage(name, mask))];
    const position = { path: [...path, name], room, isLast: index === items.length - 1 };
    return [...checkRoom(stage, path, room), ...checkValue(stage, value, position, mask)];
  });
}

/** The name and the value of a stage, where it is the object of one that it has to be. */
function nameAndValue(item: unknown): [name: string, value: unknown] | undefined {
  if (!isObject(item)) return undefined;
  const [entry, ...others] = Object.entries(item);
  return entry?.[0].startsWith("$") && others.length === 0 ? entry : undefined;
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

/** One source in front, one sink at the end, one window at most. */
function checkOrder(pipeline: unknown, at: Path): Remark[] {
  if (!Array.isArray(pipeline)) return [];
  if (pipeline.length === 0) return [refusal(at, "must have stages: $source, and at the end a sink")];
  const remarks: Remark[] = [];
  const names = pipeline.map((item) => nameAndValue(item)?.[0]);
  let hasWindow = false;
  for (const [index, name] of names.entries()) {
    const path = [...at, `${index}`];
    const isLast = index === names.length - 1;
    if (name === undefined) continue;
    const stage = stageNamed(name);
    if (index === 0 && name !== "$source") remarks.push(refusal(path, "must be $source: what the processor reads"));
    if (index > 0 && name === "$source") remarks.push(refusal(path, "$source can only be the first stage"));
    if (!isLast && stage?.place === "sink") remarks.push(refusal(path, `${name} can only be the last stage`));
    if (isLast && (stage ? !isSink(stage) : Object.hasOwn(notForStreams, name)))
      remarks.push(refusal(path, `is the last stage, which must be a sink: one of ${namesOf(isSink)}`));
    if (stage?.durations === undefined) continue;
    if (hasWindow) remarks.push(refusal(path, "is a second window: a processor can have one"));
    hasWindow = true;
  }
  return remarks;
}

function checkValue(stage: Stage, value: unknown, position: Position, mask: Mask): Remark[] {
  const { path } = position;
  const { needs = [], expects = [], oneOf, without = [], connections = [], durations, pipeline } = stage;
  if (!hasFields(stage)) return [];
  if (!isObject(value)) return [refusal(path, "must be an object")];
  const isThere = (name: string) => !isMissing(valueAt(value, [name]));
  return [
    ...missingFields(value, path, { needs, expects }),
    ...(oneOf && !oneOf.some(isThere) ? [refusal(path, `needs ${oneOf.join(" or ")}`)] : []),
    ...without.filter(isThere).map((name) => refusal([...path, name], `is no field of ${stage.name}`)),
    ...connections.flatMap((place) => checkPlace(place, value, path)),
    ...(durations ? checkWindow(durations, value, path, mask) : []),
    ...(pipeline && pipeline.room !== "collection" && isThere(pipeline.field)
      ? checkStages(valueAt(value, [pipeline.field]), [...path, pipeline.field], pipeline.room, mask)
      : []),
    ...(peculiarities[stage.name]?.(value, position) ?? []),
  ];
}

const hasFields = ({ needs, oneOf, connections }: Stage): boolean => (needs ?? oneOf ?? connections) !== undefined;

/** A place that names a connection, and what is needed beside the name whatever the connection. */
function checkPlace(place: ConnectionPlace, value: JsonObject, path: Path): Remark[] {
  const { at, alsoAt, beside = [] } = place;
  if (place.optional && isMissing(valueAt(value, at.slice(0, 1)))) return [];
  const isElsewhere = isMissing(valueAt(value, at)) && alsoAt !== undefined && !isMissing(valueAt(value, alsoAt));
  const found = isElsewhere ? alsoAt : at;
  const holder = valueAt(value, found.slice(0, -1));
  const shape = `{${["connectionName", ...beside].join(", ")}}`;
  if (!isMissing(holder) && !isObject(holder))
    return [refusal([...path, ...found.slice(0, -1)], `must be an object ${shape}`)];
  const lacking = lackingIn(place, value).map((field) => [...path, ...reachable(value, field)]);
  if (isMissing(holder)) return lacking.slice(0, 1).map((field) => refusal(field, `is required: ${shape}`));
  const name = valueAt(value, found);
  const where = [...path, ...found];
  return [
    ...lacking.map((field) => refusal(field, "is required")),
    ...(isElsewhere ? [warning(where, `is documented at ${dotted(at)}`)] : []),
    ...(isMissing(name) || typeof name === "string" ? [] : [refusal(where, "must be the name of a connection")]),
  ];
}

/** The documented fields of a place that are missing. */
function lackingIn({ at, alsoAt, beside = [] }: ConnectionPlace, value: JsonObject): Path[] {
  const isNamed = [at, alsoAt].some((path) => path !== undefined && !isMissing(valueAt(value, path)));
  const others = beside.map((name) => [...at.slice(0, -1), name]).filter((path) => isMissing(valueAt(value, path)));
  return isNamed ? others : [at, ...others];
}

/** What only one stage has. */
const peculiarities: Readonly<Record<string, (value: JsonObject, position: Position) => Remark[]>> = {
  $source: (value, { path }) => {
    const isBoth = ["connectionName", "documents"].every((name) => !isMissing(valueAt(value, [name])));
    return isBoth ? [warning([...path, "documents"], "is not meant to stand beside connectionName")] : [];
  },
  $validate: (value, { path }) => {
    const action = valueAt(value, ["validationAction"]);
    const isKnown = isMissing(action) || action === "discard" || action === "dlq";
    return isKnown ? [] : [warning([...path, "validationAction"], "is documented as discard or dlq")];
  },
  $https: (value, { path, room, isLast }) => {
    const mayDropAnswer = room === "processor" && isLast;
    if (mayDropAnswer || !isMissing(valueAt(value, ["as"]))) return [];
    return [warning([...path, "as"], "is left out: it names the field for the answer")];
  },
  $externalFunction: (value, { path, room, isLast }) => {
    const isAsync = valueAt(value, ["execution"]) === "async";
    const hasAs = !isMissing(valueAt(value, ["as"]));
    const isEnd = room === "processor" && isLast;
    if (isAsync && hasAs) return [refusal([...path, "as"], "cannot be set where execution is async")];
    if (!isAsync && !isEnd && !hasAs)
      return [refusal([...path, "as"], "is required: it names the field for the result; or set execution to async")];
    if (isEnd && !isAsync)
      return [warning([...path, "execution"], "may have to be async where the stage ends the pipeline")];
    return [];
  },
};
