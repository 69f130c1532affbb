/** A connection that a pipeline names: whether it is there, works, and is of a type that can stand there. */
import { connectionStates, isLeaving } from "../atlas/states.ts";
import { SAMPLE_NAME } from "../connections/types/sample.ts";
import { typeNamed } from "../connections/union.ts";
import type { Path } from "../json.ts";
import type { Mask } from "../mask.ts";
import { quoted, type Remark, refusal, warning } from "../schema/problems.ts";
import { nearest } from "../schema/spelling.ts";
import type { Body, ConnectionShape, ConnectionType } from "./table/shapes.ts";
import { connectionPlaces, LOG_SINK, stages } from "./table.ts";

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

/** What is known of a connection: its type and the fields that go with that, where it can stand there at all. */
export interface Met {
  remarks: readonly Remark[];
  type?: ConnectionType;
  body?: Body;
  /** It is another than can stand there, or needs nothing beside it, so its fields say nothing. */
  isOther?: true;
}

/** The connection of that name, which stands at `path`. */
export function meet(name: string, shape: ConnectionShape, path: Path, { connections: known, mask }: Known): Met {
  if (name === LOG_SINK) return { remarks: [], isOther: true };
  if (!known) return { remarks: [] };
  const connection = known.get(name);
  if (!connection) return { remarks: [refusal(path, noSuch(name, [...known.keys()], mask))], isOther: true };
  const state = stateOf(connection.state, path);
  const type = typeNamed(connection.type)?.type;
  if (type === undefined) return { remarks: state };
  const body = shape.types[type];
  if (body) return { remarks: state, type, body };
  const message = `is a connection of type ${type}; ${list(Object.keys(shape.types))} can stand here`;
  const isDoubtful = shape.doubtful.includes(type);
  const remark = isDoubtful
    ? warning(path, `${message} by the documentation`)
    : refusal(path, `${message}${instead(type, path)}`);
  return { remarks: [remark, ...state], isOther: true };
}

/** The stages that take a connection of the type, those of the same place in the pipeline before others. */
function instead(type: ConnectionType, path: Path): string {
  const takers = stages.flatMap((stage) => {
    const found = connectionPlaces(stage.value).find(({ shape }) => shape.types[type]);
    return found ? [{ stage, at: found.at }] : [];
  });
  const place = stages.find(({ name }) => path.includes(name))?.place;
  if (place === undefined) return "";
  const same = takers.filter(({ stage }) => stage.place === place);
  const told = (same.length > 0 ? same : takers).map(({ stage: { name, place }, at }) => {
    if (at[0] === "schemaRegistry") return `schemaRegistry of ${name} takes it`;
    if (place === "source") return `${name} reads from ${type}`;
    return place === "sink" ? `${name} writes to ${type}` : `${name} takes it`;
  });
  return told.length === 0 ? "" : `. ${told.join(", ")}`;
}

function noSuch(name: string, names: readonly string[], mask: Mask): string {
  const none = `names no connection of the workspace: ${quoted(mask(name))}`;
  if (name === SAMPLE_NAME) return `${none}; create it: ${JSON.stringify({ type: "Sample", name })}`;
  if (names.length === 0) return `${none}; there is none at all`;
  const meant = nearest(name, names);
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  const first = names.slice(0, MOST_NAMES).map((each) => mask(each));
  return `${none}${meant === undefined ? "" : `; did you mean ${quoted(mask(meant))}?`}${meant === undefined ? "." : ""} There are: ${first.join(", ")}${more}`;
}

function stateOf(state: string | undefined, at: Path): Remark[] {
  if (state === undefined || state === "READY") return [];
  if (state === connectionStates.failed || isLeaving({ state }))
    return [warning(at, `is a connection in state ${state}: a processor that uses it will not run`)];
  return [warning(at, `is a connection that is not READY yet: it is ${state}`)];
}

function list(words: readonly string[]): string {
  const last = words.at(-1) ?? "none";
  return words.length < 2 ? `only ${last}` : `${words.slice(0, -1).join(", ")} and ${last}`;
}
