/** The tools that write connections, as the matrix calls them. */
import { isDeepStrictEqual } from "node:util";
import type { Connection } from "../../src/connections/union.ts";
import type { JsonObject } from "../../src/json.ts";
import {
  addConnection,
  addFailover,
  removeConnection,
  removeFailover,
} from "../../src/sandbox/data/connection-lifecycle.ts";
import { addProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import type { Project, StoredWorkspace } from "../../src/sandbox/data/state.ts";
import type { NameState } from "./oracle.ts";
import { hiddenMs, type Job, type Setting, someSecret, workspaceIn } from "./scene.ts";
import type { Chance } from "./seeded.ts";

export const createConnection: Job = {
  tool: "create_stream_connection",
  verb: "create",
  resource: "connection",
  readsFirst: false,
  set: setCreate,
};

export const connectionJobs: readonly Job[] = [
  createConnection,
  {
    tool: "update_stream_connection",
    verb: "update",
    resource: "connection",
    readsFirst: true,
    set: (project, chance, name) => setChange(project, chance, name, "update"),
  },
  {
    tool: "delete_stream_connection",
    verb: "delete",
    resource: "connection",
    readsFirst: true,
    set: (project, chance, name) => setChange(project, chance, name, "delete"),
  },
  {
    tool: "create_stream_connection",
    verb: "create",
    resource: "failover connection",
    names: ["free", "taken by the same", "taken by another", "being deleted"],
    readsFirst: true,
    set: setFailover,
  },
  {
    tool: "update_stream_connection",
    verb: "update",
    resource: "failover connection",
    names: ["with a change to see", "with a secret to change"],
    readsFirst: true,
    set: (project, chance, name) => setFailoverChange(project, chance, name, "update"),
  },
  {
    tool: "delete_stream_connection",
    verb: "delete",
    resource: "failover connection",
    names: ["there"],
    readsFirst: true,
    set: (project, chance, name) => setFailoverChange(project, chance, name, "delete"),
  },
];

/** A primary in a workspace that fails over, and what it is to be in another region. */
function someFailover(project: Project, chance: Chance) {
  const workspace = workspaceIn(project, chance);
  workspace.failoverRegions = [{ cloudProvider: "AWS", region: "DUBLIN_IRL" }];
  let own = someConnection(chance);
  while (own.connection.type !== "Kafka") own = someConnection(chance);
  const { connection, secrets } = own;
  const bootstrapServers = `b-${chance.text(6)}.example.com:9092`;
  const primary = addConnection(workspace, { name: connection.name, type: "Kafka", bootstrapServers }, 0);
  const body: Connection = { ...connection, region: "DUBLIN_IRL" };
  const path = `/streams/${workspace.name}/connections/${connection.name}/failoverConnections`;
  return { workspace, primary, body, secrets, path };
}

function setFailover(project: Project, chance: Chance, name: NameState): Setting {
  const { workspace, primary, body, secrets, path } = someFailover(project, chance);
  const other = { ...structuredClone(body), bootstrapServers: "another.example.com:9092" };
  const before =
    name === "free" ? undefined : addFailover(primary, name === "taken by another" ? other : structuredClone(body), 0);
  if (before && name === "being deleted") removeFailover(primary, before, Number.POSITIVE_INFINITY);
  return {
    name: body.name,
    args: { tenantName: workspace.name, failoverOf: body.name, connection: body },
    secrets,
    othersSecrets: [],
    method: "POST",
    writes: path,
    reads: path,
    truth() {
      const [after, ...more] = primary.failovers.values();
      if (more.length > 0) return "something else";
      if (!after) return "nothing";
      if (after !== before) return isDeepStrictEqual(after.body, body) ? "the same, new" : "something else";
      if (after.state === "DELETING") return "leaving, as before";
      return name === "taken by another" ? "another, as before" : "the same, as before";
    },
  };
}

function setFailoverChange(project: Project, chance: Chance, name: NameState, verb: "update" | "delete"): Setting {
  const { workspace, primary, body, secrets, path } = someFailover(project, chance);
  const failover = addFailover(primary, structuredClone(body), 0);
  const secret = someSecret(chance);
  const change = changeOf(body, secret, name !== "with a secret to change", chance);
  const place = { tenantName: workspace.name, failoverOf: body.name, connectionName: body.name };
  return {
    name: body.name,
    args: { ...place, ...(verb === "update" ? { connection: change } : { confirm: body.name }) },
    secrets: verb === "update" ? [secret] : [],
    othersSecrets: secrets,
    method: verb === "update" ? "PATCH" : "DELETE",
    writes: `${path}/${failover.id}`,
    reads: `${path}/${failover.id}`,
    truth() {
      const after = primary.failovers.get(failover.id);
      if (!after || after.state === "DELETING") return verb === "delete" ? "done" : "something else";
      if (isDeepStrictEqual(after.body, body)) return "as before";
      return verb === "update" && isDeepStrictEqual(after.body, { ...body, ...change }) ? "done" : "something else";
    },
  };
}

function setCreate(project: Project, chance: Chance, name: NameState): Setting {
  const workspace = workspaceIn(project, chance);
  const { connection, secrets } = someConnection(chance);
  const other = anotherConnection(connection, chance);
  if (name === "taken by another") addConnection(workspace, other.connection, 0);
  else if (name !== "free") addConnection(workspace, structuredClone(connection), 0, hiddenMs(name));
  const before = workspace.connections.get(connection.name);
  if (before && name === "being deleted") removeConnection(workspace, before, Number.POSITIVE_INFINITY);
  const path = `/streams/${workspace.name}/connections`;
  return {
    name: connection.name,
    args: { tenantName: workspace.name, connection },
    secrets,
    othersSecrets: other.secrets,
    method: "POST",
    writes: path,
    reads: `${path}/${connection.name}`,
    rival: { tenantName: workspace.name, connection: other.connection },
    truth() {
      const after = workspace.connections.get(connection.name);
      if (workspace.connections.size > 1) return "something else";
      if (!after) return "nothing";
      const same = isDeepStrictEqual(after.body, connection);
      if (after !== before) return same ? "the same, new" : "something else";
      if (after.state === "DELETING") return "leaving, as before";
      return name === "taken by another" ? "another, as before" : "the same, as before";
    },
  };
}

/** An update or a delete of a connection that is there, or of one that is not. */
function setChange(project: Project, chance: Chance, name: NameState, verb: "update" | "delete"): Setting {
  const workspace = workspaceIn(project, chance);
  const seen = name !== "with a secret to change";
  const isKafka = name === "in use" || name === "being deployed";
  const fits = ({ connection: { type } }: Given) =>
    // Atlas shows headers, so a change of one can be seen.
    (seen || type !== "Https") && (!isKafka || type === "Kafka");
  let existing = someConnection(chance);
  while (!fits(existing)) existing = someConnection(chance);
  const { connection } = existing;
  const secret = someSecret(chance);
  const change = changeOf(connection, secret, seen, chance);
  if (name !== "not there") {
    const added = addConnection(workspace, structuredClone(connection), name === "being deployed" ? DEPLOYING_MS : 0);
    if (name === "being deleted") removeConnection(workspace, added, Number.POSITIVE_INFINITY);
    if (name === "in use") runOn(workspace, connection.name);
  }
  // What is in use is not deleted even then.
  const force = name === "in use" && chance.below(2) === 0;
  // A header that is given leaves the others.
  const headers = "headers" in connection && { headers: { ...connection.headers, ...Object(change["headers"]) } };
  const changed = { ...connection, ...change, ...headers };
  const { name: connectionName } = connection;
  const path = `/streams/${workspace.name}/connections/${connectionName}`;
  return {
    name: connectionName,
    args: {
      tenantName: workspace.name,
      connectionName,
      ...(verb === "update" ? { connection: change } : { confirm: connectionName, ...(force && { force }) }),
    },
    secrets: verb === "update" ? [secret] : [],
    othersSecrets: existing.secrets,
    method: verb === "update" ? "PATCH" : "DELETE",
    writes: path,
    reads: path,
    truth() {
      const after = workspace.connections.get(connectionName);
      if (name === "not there" && !after) return "absent, as before";
      if (!after) return verb === "delete" ? "done" : "something else";
      if (isDeepStrictEqual(after.body, connection)) return "as before";
      return verb === "update" && isDeepStrictEqual(after.body, changed) ? "done" : "something else";
    },
  };
}

/** How long a Kafka connection that is new cannot be deleted, in milliseconds. */
const DEPLOYING_MS = 1_200;

/** Lets a processor run that reads from a Kafka connection. */
function runOn(workspace: StoredWorkspace, connectionName: string): void {
  const pipeline = [{ $source: { connectionName, topic: "orders" } }, { $emit: { connectionName: "__testLog" } }];
  addProcessor(workspace, { name: "running", pipeline, dlq: undefined, tier: "SP10" }, 0).state = "STARTED";
}

/** Fields to change: one that Atlas shows beside a secret where the change is to be seen, else the secret alone. */
function changeOf({ type }: Connection, secret: string, seen: boolean, chance: Chance): JsonObject {
  const host = `${chance.text(6).toLowerCase()}.example.com`;
  if (type === "Https") return { url: `https://${host}/changed`, headers: { "X-Key": secret } };
  if (type === "Kafka")
    return {
      ...(seen && { bootstrapServers: `${host}:9093` }),
      authentication: { mechanism: "SCRAM-512", username: "atlas", password: secret },
    };
  return {
    ...(seen && { schemaRegistryUrls: [`https://${host}/changed`] }),
    schemaRegistryAuthentication: { type: "USER_INFO", username: "atlas", password: secret },
  };
}

interface Given {
  connection: Connection;
  secrets: string[];
}

/** One of the same name that differs in what Atlas shows, be it only in the value of a header. */
function anotherConnection(connection: Connection, chance: Chance): Given {
  if (connection.type !== "Https" || chance.below(2) === 0)
    return {
      connection: { name: connection.name, type: "Https", url: "https://another.example.com" },
      secrets: [],
    };
  const secret = chance.text(24);
  return { connection: { ...connection, headers: { ...connection.headers, "X-Key": secret } }, secrets: [secret] };
}

/** A connection of a random type that takes secrets. */
function someConnection(chance: Chance): Given {
  const name = `c-${chance.text(12)}`;
  const [first, second] = [someSecret(chance), someSecret(chance)];
  const connection = chance.pick<() => Connection>([
    () => ({
      name,
      type: "Kafka",
      bootstrapServers: `b-${chance.text(6)}.example.com:9092`,
      authentication: { mechanism: "SCRAM-512", username: "atlas", password: first, sslKey: `${second}\n${first}` },
      security: { protocol: "SASL_SSL" },
    }),
    () => ({
      name,
      type: "Https",
      url: `https://${chance.text(6).toLowerCase()}.example.com/in`,
      headers: { Authorization: `Bearer ${first}`, "X-Key": second },
    }),
    () => ({
      name,
      type: "SchemaRegistry",
      provider: "CONFLUENT",
      schemaRegistryUrls: [`https://${chance.text(6).toLowerCase()}.example.com`],
      schemaRegistryAuthentication: { type: "USER_INFO", username: "atlas", password: first },
    }),
  ])();
  return { connection, secrets: connection.type === "SchemaRegistry" ? [first] : [first, second] };
}
