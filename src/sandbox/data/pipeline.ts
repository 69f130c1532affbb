/** What the sandbox reads in a pipeline: its source, and the connections that it uses. */
import { type JsonObject, stringsIn, valueAt } from "../../json.ts";
import { LOG_SINK } from "../../stages/check-connection.ts";
import type { StoredProcessor } from "./state.ts";

/** The stages that name a connection; elsewhere a field may be called `connectionName` and be data. */
const STAGES_WITH_CONNECTIONS = [
  "$source",
  "$merge",
  "$emit",
  "$lookup",
  "$cachedLookup",
  "$https",
  "$externalFunction",
];

/** A connection's name, and where it stands: `pipeline.0.$source.connectionName`. */
export interface UsedConnection {
  name: string;
  field: string;
}

/** What stands in the pipeline's first stage under `$source`; undefined where that is another stage. */
export function sourceOf([first]: readonly JsonObject[]): unknown {
  return valueAt(first, ["$source"]);
}

/** The connections that a processor reads from, writes to and sends rejected messages to. */
export function connectionsUsedBy({ pipeline, dlq }: Pick<StoredProcessor, "pipeline" | "dlq">): UsedConnection[] {
  const inStages = stringsIn({ pipeline }).filter(({ path }) =>
    path.some((step) => STAGES_WITH_CONNECTIONS.includes(step)),
  );
  return [...inStages, ...stringsIn({ options: { dlq } })]
    .filter(({ path, text }) => path.at(-1) === "connectionName" && text !== LOG_SINK)
    .map(({ path, text }) => ({ name: text, field: path.join(".") }));
}
