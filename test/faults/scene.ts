/** Where one call takes place: a workspace of its own in a sandbox, a connection to ask for, and the name's holder. */
import { isDeepStrictEqual } from "node:util";
import type { Connection } from "../../src/connections/union.ts";
import type { JsonObject } from "../../src/json.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { sandboxProject } from "../../src/sandbox/data/seed.ts";
import type { Workspace } from "../../src/sandbox/data/state.ts";
import { addWorkspace } from "../../src/sandbox/data/workspace-lifecycle.ts";
import type { RecordedRequest, Sandbox } from "../support/sandbox.ts";
import type { NameState, Truth, Verb } from "./oracle.ts";
import type { Chance } from "./seeded.ts";

export interface Scene {
  readonly sandbox: Sandbox;
  readonly tenantName: string;
  readonly connection: Connection;
  /** The secrets of the connection, met nowhere else. */
  readonly secrets: readonly string[];
  /** Those of another connection that may have its name: Atlas alone knows them, and shows them at their place. */
  readonly othersSecrets: readonly string[];
  /** The further arguments of the call. */
  readonly args: JsonObject;
  /** The method of the write. */
  readonly method: "POST" | "PATCH" | "DELETE";
  /** The path that is written to; with an API key, the GET that fetches the challenge goes there too. */
  readonly writes: RegExp;
  /** The path that the connection is read from. */
  readonly reads: RegExp;
  truth(): Truth;
  /** The requests that were made of this workspace, oldest first. */
  requests(): RecordedRequest[];
}

/** No secret may hold a word that stands in an answer for a reason of its own. */
const AWKWARD = `ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"\\/+&=%<> é`;

export function setScene(sandbox: Sandbox, chance: Chance, name: NameState, verb: Verb = "create"): Scene {
  const tenantName = `w-${chance.text(12)}`;
  const project = sandbox.state.projects.get(sandboxProject.groupId);
  if (!project) throw new Error("The sandbox has lost its project");
  const workspace = addWorkspace(project, {
    name: tenantName,
    cloudProvider: "AWS",
    region: "VIRGINIA_USA",
    tier: "SP10",
    maxTier: "SP50",
  });
  const stage = { sandbox, tenantName, workspace };
  return verb === "create" ? createScene(stage, chance, name) : changeScene(stage, chance, name, verb);
}

interface Stage {
  sandbox: Sandbox;
  tenantName: string;
  workspace: Workspace;
}

const requestsOf = ({ sandbox }: Stage, path: string) =>
  sandbox.requests.filter((request) => request.path.includes(path));

function createScene(stage: Stage, chance: Chance, name: NameState): Scene {
  const { sandbox, tenantName, workspace } = stage;
  const { connection, secrets } = someConnection(chance);
  if (name === "taken by the same") addConnection(workspace, structuredClone(connection), 0);
  const other = anotherConnection(connection, chance);
  if (name === "taken by another") addConnection(workspace, other.connection, 0);
  const before = workspace.connections.get(connection.name);
  const path = `/streams/${tenantName}/connections`;
  return {
    sandbox,
    tenantName,
    connection,
    secrets,
    othersSecrets: other.secrets,
    args: { connection },
    method: "POST",
    writes: new RegExp(`${path}$`),
    reads: new RegExp(`${path}/${connection.name}$`),
    truth() {
      const after = sandbox.state.connection(sandboxProject.groupId, tenantName, connection.name);
      if (workspace.connections.size > 1) return "something else";
      if (!after) return "nothing";
      const same = isDeepStrictEqual(after.body, connection);
      if (after !== before) return same ? "the same, new" : "something else";
      return name === "taken by another" ? "another, as before" : "the same, as before";
    },
    requests: () => requestsOf(stage, path),
  };
}

/** An update or a delete of a connection that is there, or of one that is not. */
function changeScene(stage: Stage, chance: Chance, name: NameState, verb: "update" | "delete"): Scene {
  const { sandbox, tenantName, workspace } = stage;
  const seen = name !== "with a secret to change";
  let existing = someConnection(chance);
  // Atlas shows headers, so a change of one can be seen.
  while (!seen && existing.connection.type === "Https") existing = someConnection(chance);
  const { connection } = existing;
  const secret = someSecret(chance);
  const change = changeOf(connection, secret, seen, chance);
  if (name !== "not there") addConnection(workspace, structuredClone(connection), 0);
  const path = `/streams/${tenantName}/connections`;
  const own = new RegExp(`${path}/${connection.name}$`);
  const changed = { ...connection, ...change };
  const { name: connectionName } = connection;
  return {
    sandbox,
    tenantName,
    connection,
    secrets: verb === "update" ? [secret] : [],
    othersSecrets: existing.secrets,
    args: { connectionName, ...(verb === "update" ? { connection: change } : { confirm: connectionName }) },
    method: verb === "update" ? "PATCH" : "DELETE",
    writes: own,
    reads: own,
    truth() {
      const after = sandbox.state.connection(sandboxProject.groupId, tenantName, connectionName);
      if (name === "not there" && !after) return verb === "delete" ? "absent, as before" : "nothing";
      if (!after) return verb === "delete" ? "done" : "something else";
      if (isDeepStrictEqual(after.body, connection)) return "as before";
      return verb === "update" && isDeepStrictEqual(after.body, changed) ? "done" : "something else";
    },
    requests: () => requestsOf(stage, path),
  };
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

/** It ends in a letter: what stands between angle brackets is a blank that somebody forgot, and is refused. */
const someSecret = (chance: Chance) => `${chance.text(24 + chance.below(60), AWKWARD)}x`;

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
