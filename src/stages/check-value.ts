/** Holds a value against the shape that the table has for it. Paths lead to what is there, or to what is missing in it. */
import { dotted, isObject, type JsonObject, type Path, valueAt } from "../json.ts";
import type { Mask } from "../mask.ts";
import { quoted, type Remark, refusal, warning } from "../schema/problems.ts";
import { nearest } from "../schema/spelling.ts";
import { type Known, type Met, meet } from "./check-connection.ts";
import { firstKey, inWords, isComputed, isOfKind, likeness, numberOf, oneOf } from "./kinds.ts";
import type { Body, ConnectionShape, Fields, KnownFrom, ObjectShape, Room, Rule, Shape } from "./table/shapes.ts";

/** What is known around a value. */
export interface Surroundings extends Known {
  /** Whether the processor has a dead letter queue; left out where that is not known. */
  hasDlq?: boolean | undefined;
  /** The stage ends the processor's pipeline. */
  isEnd: boolean;
  /** The stage's value. */
  stage: unknown;
  checkStages: (pipeline: unknown, at: Path, room: Room) => Remark[];
}

/** Whether there is nothing to use: no name and no object is empty. */
export const isMissing = (value: unknown): boolean => value === undefined || value === null || value === "";

/** Of what is computed, or data, null and no text are values too. */
const isLeftOut = ({ kind }: Shape, value: unknown): boolean =>
  kind === "expression" || kind === "data" ? value === undefined : isMissing(value);

export const remark = (from: KnownFrom, path: Path, message: string): Remark =>
  from === "page" ? refusal(path, message) : warning(path, message);

export function checkValue(shape: Shape, value: unknown, at: Path, around: Surroundings): Remark[] {
  if (!isOfKind(shape, value)) {
    const isScalar = !["object", "map", "query", "list", "pipeline"].includes(shape.kind);
    return [
      isComputed(value) && isScalar
        ? warning(at, `is documented as ${inWords(shape)}, and not as an expression`)
        : refusal(at, `must be ${inWords(shape)}`),
    ];
  }
  switch (shape.kind) {
    case "text":
      return shape.values ? documented(String(value), shape.values, at, around.mask) : [];
    case "path":
      return String(value).startsWith("$") ? [warning(at, "is the name of a field, which has no $ in front")] : [];
    case "number":
      return checkNumber(shape, numberOf(value) ?? 0, at);
    case "computed":
      return variablesIn(value, at, refusal);
    case "expression":
      return checkExpression(shape.usual, value, at);
    case "query":
      return unsupportedIn(shape, value, at);
    case "list":
      return checkList(shape, value, at, around);
    case "map":
      return checkMap(shape, isObject(value) ? value : {}, at, around);
    case "pipeline":
      return shape.room === "collection" ? variablesIn(value, at, warning) : around.checkStages(value, at, shape.room);
    case "either": {
      const isFit = (each: Shape) => isOfKind(each, value);
      const chosen = shape.shapes.find((each) => each.kind === "computed" && isFit(each)) ?? shape.shapes.find(isFit);
      return chosen ? checkValue(chosen, value, at, around) : [];
    }
    case "object":
      return checkObject(shape, isObject(value) ? value : {}, at, around);
    case "elsewhere":
      return [warning(at, `is documented at ${shape.at}`)];
    default:
      return [];
  }
}

/** What people and other databases call some of the values. */
const VALUE_ALIASES: Readonly<Record<string, string>> = {
  discard: "ignore",
  error: "dlq",
  fetch: "GET",
  update: "merge",
  upsert: "merge",
};

/** A word that is not documented is a warning: Atlas gets new ones. */
function documented(word: string, values: readonly string[], at: Path, mask: Mask): Remark[] {
  // The page of $https spells the same words in capitals too.
  if (values.some((each) => each.toLowerCase() === word.toLowerCase() && (each === word || values.includes("dlq"))))
    return [];
  const alias = VALUE_ALIASES[word.toLowerCase()] ?? "";
  const meant = values.includes(alias) ? alias : nearest(word, values);
  const question = meant === undefined ? "" : `; did you mean ${JSON.stringify(meant)}?`;
  return [warning(at, `is documented as ${oneOf(values)}; ${quoted(mask(word))} was given${question}`)];
}

function checkNumber(shape: Shape & { kind: "number" }, number: number, at: Path): Remark[] {
  const { least, most = Number.POSITIVE_INFINITY } = shape;
  const isRight = least === undefined || (Number.isInteger(number) && number >= least && number <= most);
  return isRight ? [] : [refusal(at, `must be ${inWords(shape)}`)];
}

function checkExpression(usual: readonly string[] | undefined, value: unknown, at: Path): Remark[] {
  const found = variablesIn(value, at, refusal);
  if (!usual || usual.includes(firstKey(value)) || (typeof value === "string" && value.startsWith("$"))) return found;
  return [...found, warning(at, `is documented as ${inWords({ kind: "expression", usual })}`)];
}

function checkList(shape: Shape & { kind: "list" }, value: unknown, at: Path, around: Surroundings): Remark[] {
  const { of, distinct, filled } = shape;
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  if (filled && items.length === 0) return [warning(at, "must not be empty")];
  const seen = new Set<unknown>();
  const twice = distinct ? items.findIndex((item) => seen.size === seen.add(item).size) : -1;
  return [
    ...checkEach(of, value, at, around),
    ...(twice < 0 ? [] : [warning([...at, `${twice}`], "stands there twice")]),
  ];
}

function checkMap(shape: Shape & { kind: "map" }, value: JsonObject, at: Path, around: Surroundings): Remark[] {
  const { of, start = "", filled } = shape;
  const keys = Object.keys(value);
  if (filled && keys.length === 0) return [warning(at, "must not be empty")];
  const odd = keys.filter((key) => !key.startsWith(start));
  return [
    ...odd.map((key) => refusal([...at, key], `must have a name that starts with ${start}`)),
    ...checkEach(of, value, at, around),
  ];
}

/** Checks what is in a list or a map; what is only computed, all at once. */
function checkEach(of: Shape, values: unknown, at: Path, around: Surroundings): Remark[] {
  if (of.kind === "data" || !isContainer(values)) return [];
  if (of.kind === "expression") return variablesIn(values, at, refusal);
  return Object.entries(values).flatMap(([step, value]) => checkValue(of, value, [...at, step], around));
}

const isContainer = (value: unknown): value is object => typeof value === "object" && value !== null;

/**
 * Variables that streams do not have.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/limitations/
 */
const UNSUPPORTED = /^\$\$(NOW|CLUSTER_TIME|USER_ROLES|SEARCH_META)(?:\.|$)/;

/** More of them help nobody. */
const MOST_VARIABLES = 20;

/** Those in an expression, but for what is literal in it. */
function variablesIn(value: unknown, at: Path, say: typeof refusal): Remark[] {
  const found: Remark[] = [];
  walk(value, at, (key, inside, path) => {
    if (key === "$literal" || found.length === MOST_VARIABLES) return false;
    const name = typeof inside === "string" ? UNSUPPORTED.exec(inside)?.[1] : undefined;
    const instead = name === "NOW" ? "; {$currentDate: {}} is the time" : "";
    if (name !== undefined) found.push(say(path(), `uses $$${name}, which streams do not have${instead}`));
    return true;
  });
  return found;
}

/** What streams do not have of a query; nothing is looked for in a schema. */
function unsupportedIn(shape: Shape & { kind: "query" }, value: unknown, at: Path): Remark[] {
  const found: Remark[] = [];
  walk(value, at, (key, inside, path) => {
    if (shape.without.includes(key)) found.push(remark(shape.from, path(), "cannot be used in streams"));
    if (key === "$expr") found.push(...variablesIn(inside, path(), refusal));
    return key !== "$expr" && key !== "$jsonSchema";
  });
  return found;
}

/** Visits a value and all that is inside it, where `visit` says to go on; a path is only made where it is asked for. */
function walk(value: unknown, at: Path, visit: (key: string, value: unknown, path: () => Path) => boolean): void {
  const steps: string[] = [];
  const path = () => [...at, ...steps];
  const look = (key: string, inside: unknown): void => {
    if (!visit(key, inside, path) || !isContainer(inside)) return;
    for (const [step, inner] of Object.entries(inside)) {
      steps.push(step);
      look(step, inner);
      steps.pop();
    }
  };
  look("", value);
}

function checkObject(shape: ObjectShape, value: JsonObject, at: Path, around: Surroundings): Remark[] {
  const { wrapped, ...unwrapped } = shape;
  const [name, place] = connectionField(shape);
  const inside = wrapped === undefined ? undefined : value[wrapped];
  if (wrapped !== undefined && isObject(inside) && isMissing(value[name])) {
    const where = [...at, wrapped, ...(isMissing(inside[name]) ? [] : [name])];
    return [
      warning(where, `is documented at ${name}, and all fields beside it there`),
      ...checkObject(unwrapped, inside, [...at, wrapped], around),
    ];
  }
  const met = place ? meetIn(place, name, value, at, around) : { remarks: [], body: { fields: {} } };
  const reason = met.type === undefined ? "" : ` for a connection of type ${met.type}`;
  const whole = withBody(shape, met.body);
  return [
    ...met.remarks,
    ...missingIn(whole.fields, met.body?.fields, value, at, reason, around),
    ...valuesIn(whole, value, at, around),
    ...(met.body && !shape.others ? unknownIn(whole, value, at, reason, place) : []),
    ...(met.body || met.isOther || !place ? [] : leastOf(shape, place, value, at, around)),
    ...checkRules(whole.rules ?? [], value, at, around),
    ...tooLong(shape, value, at),
  ];
}

/** The field that names a connection, where there is one. */
function connectionField({ fields }: ObjectShape): [name: string, place?: ConnectionShape] {
  for (const [name, field] of Object.entries(fields)) if (field.kind === "connection") return [name, field];
  return [""];
}

/** The connection that an object names, and what is known of it. */
function meetIn(place: ConnectionShape, name: string, value: JsonObject, at: Path, around: Surroundings): Met {
  const isElsewhere = isMissing(value[name]) && place.alsoAt;
  const named = isElsewhere ? valueAt(around.stage, place.alsoAt ?? []) : value[name];
  if (typeof named !== "string" || named === "") return { remarks: [] };
  return meet(named, place, [...at, name], around);
}

/** An object with the fields that go with the type of its connection, which come next to the name. */
function withBody(shape: ObjectShape, body: Body | undefined): ObjectShape {
  if (!body) return shape;
  const [first, ...others] = Object.entries(shape.fields);
  const fields = Object.fromEntries([...(first ? [first] : []), ...Object.entries(body.fields), ...others]);
  return { ...shape, fields, rules: [...(shape.rules ?? []), ...(body.rules ?? [])] };
}

/** Of a connection whose type is not known: what is wrong with its fields whatever the type is. */
function leastOf(
  shape: ObjectShape,
  place: ConnectionShape,
  value: JsonObject,
  at: Path,
  around: Surroundings,
): Remark[] {
  const found = Object.values(place.types).map((body) => [
    ...valuesIn(body, value, at, around),
    ...unknownIn(withBody(shape, body), value, at, ""),
  ]);
  return found.reduce((least, each) => (each.length < least.length ? each : least));
}

function missingIn(
  fields: Fields,
  ofType: Fields = {},
  value: JsonObject,
  at: Path,
  reason: string,
  { stage }: Surroundings,
): Remark[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (!field.need || !isLeftOut(field, value[name])) return [];
    if (field.kind === "connection" && field.alsoAt && !isMissing(valueAt(stage, field.alsoAt))) return [];
    const why = Object.hasOwn(ofType, name) ? reason : "";
    const like = field.kind === "object" ? `${field.like === undefined ? ":" : ","} ${likeness(field)}` : "";
    return field.need === "required"
      ? [refusal([...at, name], `is required${why}${like}`)]
      : [warning([...at, name], `is left out, and Atlas documents it as required${why}${like}`)];
  });
}

/** What is wrong with what is there, but for what counts as left out. */
const valuesIn = (
  { fields, others }: Pick<ObjectShape, "fields" | "others">,
  value: JsonObject,
  at: Path,
  around: Surroundings,
): Remark[] =>
  Object.entries(value).flatMap(([name, inside]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : others;
    return field && !isLeftOut(field, inside) ? checkValue(field, inside, [...at, name], around) : [];
  });

/** Other names that people and other tools have for fields, in lower case without separators. */
const ALIASES: Readonly<Record<string, string>> = {
  collection: "coll",
  collectionname: "coll",
  database: "db",
  databasename: "db",
  dbname: "db",
  groupid: "group_id",
  offsetreset: "auto_offset_reset",
  prefix: "path",
  streamname: "stream",
  timestampfield: "timeField",
  topicname: "topic",
};

/** More of them help nobody. */
const MOST_UNKNOWN = 10;

function unknownIn(
  { fields, hints = {}, without = {} }: ObjectShape,
  value: JsonObject,
  at: Path,
  reason: string,
  place?: ConnectionShape,
): Remark[] {
  const odd = Object.keys(value).filter((key) => !Object.hasOwn(fields, key));
  const own = dotted(at.slice(at.findLastIndex((step) => step.startsWith("$"))));
  return odd.slice(0, MOST_UNKNOWN).map((key) => {
    const none = `is no field of ${own}`;
    if (Object.hasOwn(without, key)) return refusal([...at, key], `${none}; ${without[key]}`);
    if (Object.hasOwn(hints, key)) return warning([...at, key], `${none}; ${hints[key]}`);
    const types = Object.entries(place?.types ?? {}).filter(([, body]) => Object.hasOwn(body.fields, key));
    if (types.length > 0)
      return warning([...at, key], `${none}${reason}; it is one for ${types.map(([type]) => type).join(", ")}`);
    const meant = meantField(key, fields);
    const help = meant === undefined ? `. There are: ${Object.keys(fields).join(", ")}` : `; did you mean ${meant}?`;
    return warning([...at, key], `${none}${reason}${help}`);
  });
}

/** The field that someone meant, here or one level down. */
function meantField(key: string, fields: Fields): string | undefined {
  const inner = Object.entries(fields).flatMap(([name, field]) =>
    field.kind === "object" ? Object.keys(field.fields).map((each) => [each, `${name}.${each}`] as const) : [],
  );
  const places = new Map([...inner, ...Object.keys(fields).map((name) => [name, name] as const)]);
  const alias = ALIASES[key.toLowerCase().replace(/[^a-z]/g, "")] ?? "";
  const name = [key, alias].find((each) => places.has(each)) ?? nearest(key, [...places.keys()]);
  return name === undefined ? undefined : places.get(name);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, second: 1e3, minute: 6e4, hour: 3.6e6, day: 8.64e7 };

function tooLong({ longest }: ObjectShape, { size, unit }: JsonObject, at: Path): Remark[] {
  const ms = typeof unit === "string" ? (numberOf(size) ?? 0) * (UNITS[unit] ?? 0) : 0;
  return longest && ms > longest.ms ? [remark(longest.from, at, `can be at most ${longest.words}`)] : [];
}

/** Rules across the fields of one object. */
function checkRules(rules: readonly Rule[], value: JsonObject, at: Path, around: Surroundings): Remark[] {
  return rules.flatMap((rule) => {
    const { where = {}, inTheMiddle, needs = [], excludes = [], from = "page" } = rule;
    if ((inTheMiddle && around.isEnd) || !Object.entries(where).every(([name, is]) => holds(is, value[name])))
      return [];
    const say = (name: string, message: string) => remark(from, [...at, name], `${message}${conditionOf(rule)}`);
    const isLacking = needs.length > 0 && needs.every((name) => isMissing(value[name]));
    const [only = ""] = needs;
    return [
      ...(isLacking && needs.length === 1
        ? [say(only, from === "page" ? "is required" : "is left out, and may be required")]
        : []),
      ...(isLacking && needs.length > 1 ? [remark(from, at, `needs ${needs.join(" or ")}`)] : []),
      ...excludes.filter((name) => !isMissing(value[name])).map((name) => say(name, "cannot be set")),
      ...Object.entries(rule.only ?? {})
        .filter(([name, values]) => !holds(values, value[name]))
        .map(([name, values]) => say(name, `has to be ${valuesInWords(values)}`)),
      ...bounds(rule, value).map(([name, message]) => say(name, message)),
      ...(rule.ofProcessor && around.hasDlq === false
        ? Object.keys(where).map((name) => remark(from, [...at, name], NO_DLQ))
        : []),
    ];
  });
}

const NO_DLQ = "sends to the dead letter queue, and the processor has none: give it dlq {connectionName, db, coll}";

type Is = NonNullable<Rule["where"]>[string];

function holds(is: Is, value: unknown): boolean {
  if (is === true) return !isMissing(value);
  if (is === "an expression") return isComputed(value);
  if (isMissing(value)) return is.includes(undefined);
  return is.some((each) => each === value || (typeof value === "string" && each === value.toLowerCase()));
}

export const valuesInWords = (values: readonly unknown[]) =>
  values
    .filter((each) => each !== undefined)
    .map(String)
    .join(" or ");

/** When a rule counts, in words, and what else helps. */
export function conditionOf({ where = {}, or }: Rule): string {
  const conditions = Object.entries(where).map(([name, is]) => {
    if (is === true) return `${name} is set`;
    return `${name} is ${is === "an expression" ? is : valuesInWords(is)}`;
  });
  return `${conditions.length > 0 ? ` where ${conditions.join(" and ")}` : ""}${or === undefined ? "" : `: ${or}`}`;
}

function bounds({ atMost = {}, atLeast = {} }: Rule, value: JsonObject): [name: string, message: string][] {
  const isOver = (name: string, limit: number | undefined, sign: 1 | -1) => {
    const number = numberOf(value[name]);
    return number !== undefined && limit !== undefined && (number - limit) * sign > 0;
  };
  const limitOf = (limit: number | string) => (typeof limit === "number" ? limit : numberOf(value[limit]));
  return [
    ...Object.entries(atMost)
      .filter(([name, limit]) => isOver(name, limitOf(limit), 1))
      .map(([name, limit]): [string, string] => [name, `can be at most ${limit}`]),
    ...Object.entries(atLeast)
      .filter(([name, limit]) => isOver(name, limit, -1))
      .map(([name, limit]): [string, string] => [name, `must be at least ${limit}`]),
  ];
}
