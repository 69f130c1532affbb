/** How a connection comes into being and goes: PENDING, READY or FAILED, DELETING, gone. */
import type { Connection } from "../../connections/union.ts";
import { after } from "./after.ts";
import { failProcessorsThatUse } from "./processor-lifecycle.ts";
import { newId, type StoredConnection, type StoredWorkspace } from "./state.ts";

/** Brokers that never exist, by their top-level domain (RFC 2606, section 2). */
const NO_BROKER = /\.invalid(:\d+)?(,|$)/i;

/**
 * Adds a connection that is hidden for `hiddenMs`, and PENDING for `readyAfterMs`; one to a broker that never exists
 * then fails.
 */
export function addConnection(
  workspace: StoredWorkspace,
  body: Connection,
  readyAfterMs: number,
  hiddenMs = 0,
): StoredConnection {
  const connection = newConnection(body, hiddenMs);
  workspace.connections.set(body.name, connection);
  settle(connection, readyAfterMs);
  return connection;
}

const newConnection = (body: Connection, hiddenMs = 0): StoredConnection => ({
  id: newId(),
  body,
  state: "PENDING",
  hiddenUntil: Date.now() + hiddenMs,
  failovers: new Map(),
});

/** Adds what a connection is in another region, which takes as long. */
export function addFailover(primary: StoredConnection, body: Connection, readyAfterMs: number): StoredConnection {
  const failover = newConnection(body);
  primary.failovers.set(failover.id, failover);
  settle(failover, readyAfterMs);
  return failover;
}

/** Begins to delete a failover connection, which is gone after `goneAfterMs`. */
export function removeFailover(primary: StoredConnection, failover: StoredConnection, goneAfterMs: number): void {
  failover.state = "DELETING";
  after(goneAfterMs, () => void primary.failovers.delete(failover.id));
}

/** Changes a connection. One that is FAILED stays so for `recoveringMs`, and is then tried again. */
export function changeConnection(
  connection: StoredConnection,
  body: Connection,
  { recoveringMs, readyAfterMs }: { recoveringMs: number; readyAfterMs: number },
): void {
  connection.body = body;
  if (connection.state !== "FAILED") return;
  after(recoveringMs, () => {
    if (connection.state === "FAILED") settle(connection, readyAfterMs);
  });
}

function settle(connection: StoredConnection, readyAfterMs: number): void {
  connection.state = "PENDING";
  after(readyAfterMs, () => {
    if (connection.state === "PENDING") connection.state = fails(connection.body) ? "FAILED" : "READY";
  });
}

const fails = (body: Connection) => body.type === "Kafka" && NO_BROKER.test(body.bootstrapServers);

/** Begins to delete a connection, which is gone after `goneAfterMs`; processors that run on it fail then. */
export function removeConnection(workspace: StoredWorkspace, connection: StoredConnection, goneAfterMs: number): void {
  if (connection.state === "DELETING") return;
  connection.state = "DELETING";
  after(goneAfterMs, () => {
    const { name } = connection.body;
    if (workspace.connections.get(name) !== connection) return;
    workspace.connections.delete(name);
    failProcessorsThatUse(workspace, name);
  });
}
