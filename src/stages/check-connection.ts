/** A connection that a pipeline names: whether it is there, works, and is of a type that can stand there. */
import { typeNamed } from "../connections/union.ts";
import type { Path } from "../json.ts";
import type { Mask } from "../mask.ts";
import { quoted } from "../schema/problems.ts";
import { type Remark, refusal, warning } from "../schema/remarks.ts";
import { nearest } from "../schema/spelling.ts";
import type { ConnectionPlace, ConnectionType } from "./table.ts";

/** What Atlas says of the connections of a workspace, by their names. */
export type Connections = ReadonlyMap<string, { type: string; state?: string | undefined }>;

export interface Known {
  /** Left out where they are not known; what needs them is not checked then. */
  connections?: Connections | undefined;
  /** Hides what is secret of a name before it is repeated. */
  mask: Mask;
}

/** A sink that every workspace has without a connection: it writes to the processor's own log. */
export const LOG_SINK = "__testLog";

/** More names than this help nobody. */
const NAMES_SHOWN = 20;

/** Checks the name to which `at` leads. `type` is that of its connection, where it is known and can stand there. */
export function checkConnection(
  name: unknown,
  at: Path,
  { types, doubtful = [] }: Pick<ConnectionPlace, "types" | "doubtful">,
  { connections, mask }: Known,
): { remarks: Remark[]; type?: ConnectionType } {
  if (typeof name !== "string") return { remarks: [refusal(at, "must be the name of a connection")] };
  if (!connections || name === LOG_SINK) return { remarks: [] };
  const found = connections.get(name);
  if (!found) return { remarks: [refusal(at, noSuch(name, [...connections.keys()], mask))] };
  const remarks = stateOf(found.state, at);
  const type = typeNamed(found.type)?.type;
  if (type === undefined) return { remarks };
  if (types[type]) return { remarks, type };
  const allowed = `${list(Object.keys(types))} can stand here`;
  const message = `is a connection of type ${type}; ${allowed}`;
  return {
    remarks: [
      doubtful.includes(type) ? warning(at, `${message} by the documentation`) : refusal(at, message),
      ...remarks,
    ],
  };
}

function noSuch(name: string, names: readonly string[], mask: Mask): string {
  const none = `names no connection of the workspace: ${quoted(mask(name))}`;
  if (names.length === 0) return `${none}; there is none at all`;
  const meant = nearest(name, names);
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
  const shown = names.slice(0, NAMES_SHOWN).map((each) => mask(each));
  return `${none}${meant === undefined ? "" : `; did you mean ${quoted(mask(meant))}?`}${meant === undefined ? "." : ""} There are: ${shown.join(", ")}${more}`;
}

function stateOf(state: string | undefined, at: Path): Remark[] {
  if (state === undefined || state === "READY") return [];
  if (state === "FAILED") return [warning(at, "is a connection that FAILED: a processor that uses it will not run")];
  return [warning(at, `is a connection that is not READY yet: it is ${state}`)];
}

function list(words: readonly string[]): string {
  const last = words.at(-1) ?? "none";
  return words.length < 2 ? `only ${last}` : `${words.slice(0, -1).join(", ")} and ${last}`;
}
