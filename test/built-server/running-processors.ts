/** Processors that run in the sandbox's empty workspace, and a change of their pipeline. */
import type { Connection } from "../../src/connections/union.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { addProcessor, startProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import { place } from "../support/against-sandbox.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { emptyWorkspace } from "./session.ts";

const source = { $source: { connectionName: "solar" } };
const sink = { $merge: { into: { connectionName: "sink", db: "db", coll: "coll" } } };
const pipeline = [source, sink];
export const changed = [source, { $match: { a: 1 } }, sink];

const connections: Connection[] = [
  { name: "solar", type: "Sample" },
  { name: "sink", type: "Cluster", clusterName: "Cluster0" },
];

/** Puts there what the processors use. */
export function putConnections(sandbox: Sandbox): void {
  for (const each of connections) addConnection(emptyWorkspace(sandbox), each, 0);
}

let names = 0;
/** The name of a processor that runs. */
export function runningProcessor(sandbox: Sandbox): string {
  const name = `running-${++names}`;
  const workspace = emptyWorkspace(sandbox);
  startProcessor(workspace, addProcessor(workspace, { name, pipeline, dlq: undefined, tier: "SP10" }, 0), 0);
  return name;
}

/** What Atlas has of it now. */
export function truth({ state }: Sandbox, name: string) {
  const processor = state.processor(place.groupId, place.tenantName, name);
  return { state: processor?.state, changed: JSON.stringify(processor?.pipeline) === JSON.stringify(changed) };
}
