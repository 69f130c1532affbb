/** A connection that a pipeline names: whether it is there, works, and is of a type that can stand there. */
import { connectionStates } from "../atlas/states.ts";
import { typeNamed } from "../connections/union.ts";
import { isObject, type JsonObject, type Path, valueAt } from "../json.ts";
import type { Mask } from "../mask.ts";
import { quoted, type Remark, refusal, warning } from "../schema/problems.ts";
import { nearest } from "../schema/spelling.ts";
import { missingFields } from "./check-fields.ts";
import type { ConnectionUse } from "./connections.ts";
import { type ConnectionPlace, LOG_SINK } from "./table.ts";

/** What Atlas says of the connections of a workspace, by their names. */
export type Connections = ReadonlyMap<string, { type: string; state?: string | undefined }>;

export interface Known {
  /** Left out where they are not known; what needs them is not checked then. */
  connections?: Connections | undefined;
  /** Hides what is secret of a name before it is repeated. */
  mask: Mask;
}

/** More names than this help nobody. */
const MOST_NAMES = 20;

/** The connections that something uses, to which `at` leads, and what it needs beside them because of their types. */
export function checkUses(uses: readonly ConnectionUse[], value: unknown, at: Path, known: Known): Remark[] {
  return uses.flatMap(({ name, path, place }) => {
    if (!place || !known.connections || name === LOG_SINK) return [];
    const connection = known.connections.get(name);
    if (!connection) return [refusal(path, noSuch(name, [...known.connections.keys()], known.mask))];
    const holder = valueAt(value, path.slice(at.length, -1));
    return [
      ...checkType(connection.type, path, place, isObject(holder) ? holder : {}),
      ...stateOf(connection.state, path),
    ];
  });
}

function checkType(name: string, path: Path, { types, doubtful = [] }: ConnectionPlace, holder: JsonObject): Remark[] {
  const type = typeNamed(name)?.type;
  if (type === undefined) return [];
  const needs = types[type];
  if (needs) return missingFields(holder, path.slice(0, -1), needs, ` for a connection of type ${type}`);
  const message = `is a connection of type ${type}; ${list(Object.keys(types))} can stand here`;
  return [doubtful.includes(type) ? warning(path, `${message} by the documentation`) : refusal(path, message)];
}

function noSuch(name: string, names: readonly string[], mask: Mask): string {
  const none = `names no connection of the workspace: ${quoted(mask(name))}`;
  if (names.length === 0) return `${none}; there is none at all`;
  const meant = nearest(name, names);
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  const first = names.slice(0, MOST_NAMES).map((each) => mask(each));
  return `${none}${meant === undefined ? "" : `; did you mean ${quoted(mask(meant))}?`}${meant === undefined ? "." : ""} There are: ${first.join(", ")}${more}`;
}

function stateOf(state: string | undefined, at: Path): Remark[] {
  if (state === undefined || state === "READY") return [];
  if (state === connectionStates.failed || state === connectionStates.leaving)
    return [warning(at, `is a connection in state ${state}: a processor that uses it will not run`)];
  return [warning(at, `is a connection that is not READY yet: it is ${state}`)];
}

function list(words: readonly string[]): string {
  const last = words.at(-1) ?? "none";
  return words.length < 2 ? `only ${last}` : `${words.slice(0, -1).join(", ")} and ${last}`;
}
