/** An agent that knows nothing but a wish: from the list of projects to a connection that is READY. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { isObject, type JsonObject } from "../../src/json.ts";
import { type Called, type Session, startSession } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession({ sandbox: { readyAfterMs: 300 } });
}, 60_000);
afterAll(() => session.close());

function firstOf(result: Called, list: string): JsonObject {
  const [entry] = [result[list]].flat();
  if (!isObject(entry)) throw new Error(`${list} is empty: ${JSON.stringify(result)}`);
  return entry;
}

it("takes four calls, each made of what the one before it gave", async () => {
  const { groupId } = firstOf(await session.call("list_projects", { nameContains: "shop" }), "projects");
  const { tenantName } = firstOf(await session.call("list_stream_workspaces", { groupId }), "workspaces");
  const options = await session.call("get_connection_options", { groupId, type: "Cluster" });
  const { name: clusterName } = firstOf(options, "clusters");
  const connection = { ...firstOf(options, "template"), name: "orders-archive", clusterName };
  const args = { groupId, tenantName, connection, waitUntilReady: true };
  expect(await session.call("create_stream_connection", args)).toMatchObject({
    outcome: "created",
    connection: { name: "orders-archive", type: "Cluster", state: "READY" },
    warnings: [],
  });
  session.reset();
});

it("goes on to change and to remove it", async () => {
  const place = { groupId: "65f1c0de0a1b2c3d4e5f6071", tenantName: "orders", connectionName: "orders-archive" };
  const connection = { dbRoleToExecute: { role: "readAnyDatabase", type: "BUILT_IN" } };
  expect(await session.call("update_stream_connection", { ...place, connection })).toMatchObject({
    outcome: "updated",
    changes: [{ path: "dbRoleToExecute.role", after: "readAnyDatabase" }],
  });
  expect(await session.call("update_stream_connection", { ...place, connection })).toMatchObject({
    outcome: "unchanged",
  });
  expect(await session.call("delete_stream_connection", { ...place, confirm: "orders-archive" })).toMatchObject({
    outcome: "deleted",
  });
  expect(await session.call("get_stream_connection", place)).toMatchObject({ error: { kind: "not_found" } });
  session.reset();
});
