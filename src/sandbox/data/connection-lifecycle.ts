/** How a connection comes into being and goes: PENDING, READY or FAILED, DELETING, gone. */
import type { Connection } from "../../connections/union.ts";
import { newId, type StoredConnection, type Workspace } from "./state.ts";

/** Brokers that never exist, by their top-level domain (RFC 2606, section 2). */
const NO_BROKER = /\.invalid(:\d+)?(,|$)/i;

/** Adds a connection that is PENDING for `readyAfterMs`; one to a broker that never exists then fails. */
export function addConnection(workspace: Workspace, body: Connection, readyAfterMs: number): StoredConnection {
  const connection: StoredConnection = { id: newId(), body, state: "PENDING" };
  workspace.connections.set(body.name, connection);
  after(readyAfterMs, () => {
    if (connection.state === "PENDING") connection.state = fails(body) ? "FAILED" : "READY";
  });
  return connection;
}

const fails = (body: Connection) => body.type === "Kafka" && NO_BROKER.test(body.bootstrapServers);

/** Begins to delete a connection, which is gone after `goneAfterMs`. */
export function removeConnection(workspace: Workspace, connection: StoredConnection, goneAfterMs: number): void {
  if (connection.state === "DELETING") return;
  connection.state = "DELETING";
  after(goneAfterMs, () => {
    if (workspace.connections.get(connection.body.name) === connection)
      workspace.connections.delete(connection.body.name);
  });
}

/** Runs `change` after `ms`: at once for 0, never for Infinity. The timer keeps no process alive. */
function after(ms: number, change: () => void): void {
  if (ms <= 0) change();
  else if (Number.isFinite(ms)) setTimeout(change, ms).unref();
}
