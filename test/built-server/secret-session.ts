/** Connections with a secret in every place that can hold one, and a call of every tool about them. */
import type { JsonObject } from "../../src/json.ts";
import { examples } from "../connections/example.ts";
import { place } from "../support/against-sandbox.ts";

/** A secret as it is to be written where text is expected, and where a part of a URL is. */
export interface Written {
  inText: string;
  inUrl: string;
}

/** Gives the next secret each time it is asked. */
export type NextSecret = () => Written;

/** What stands in fields that are shown though references may stand there. */
export interface Visible {
  username: string;
  path: string;
  setting: string;
}

/** The fields that can hold secrets, by the connection's type. The others are as in the type's example. */
const secretFields: Readonly<Record<string, (next: NextSecret, visible: Visible) => JsonObject>> = {
  Https: (next, { path }) => ({
    url: `https://bob:${next().inUrl}@api.example.com/${path}?page=2&token=${next().inUrl}#access_token=${next().inUrl}`,
    headers: {
      Authorization: `Bearer ${next().inText}`,
      "X-Api-Key": next().inText,
      "Content-Type": "text/plain",
    },
  }),
  Kafka: (next, { username, path, setting }) => ({
    bootstrapServers: `bob:${next().inUrl}@broker-1.example.com:9092,broker-2.example.com:9092`,
    authentication: {
      mechanism: "PLAIN",
      username,
      password: next().inText,
      clientSecret: next().inText,
      tokenEndpointUrl: `https://c:${next().inUrl}@idp.example.com/${path}?sig=${next().inUrl}`,
      sslKey: next().inText,
      sslKeyPassword: next().inText,
    },
    config: {
      "auto.offset.reset": "latest",
      "client.id": setting,
      "ssl.key.pem": next().inText,
      "sasl.jaas.config": `x required password="${next().inText}";`,
    },
  }),
  SchemaRegistry: (next, { username, path }) => ({
    schemaRegistryUrls: [
      `https://bob:${next().inUrl}@registry.example.com/${path}`,
      `https://registry-2.example.com?api_key=${next().inUrl}`,
    ],
    schemaRegistryAuthentication: { type: "USER_INFO", username, password: next().inText },
  }),
};

/** No type takes more. */
export const MOST_SECRETS = 10;

export const types = examples.map(({ type }) => type);

/** A connection of this type with secrets in all their places, the first of `secrets` in the first. */
export function connectionWith(
  { type, name }: { type: string; name: string },
  secrets: readonly Written[],
  visible: Visible,
): JsonObject {
  const found = examples.find((each) => each.type === type);
  let used = 0;
  const next = () => {
    const secret = secrets[used++];
    if (!secret) throw new Error(`${type} takes more than ${secrets.length} secrets`);
    return secret;
  };
  return { ...found?.example, ...secretFields[type]?.(next, visible), name };
}

/** The fields of a connection that an update can be given. */
const withoutFixed = ({ type: _type, name: _name, ...fields }: JsonObject): JsonObject => fields;

export interface Step {
  tool: string;
  args: JsonObject;
}

/** The life of a connection, every tool in it, and of `other`, which has the same name and other secrets. */
export function lifeOf(connection: JsonObject, other: JsonObject): Step[] {
  const { name: connectionName, type } = connection;
  const step = (tool: string, args: JsonObject): Step => ({ tool, args: { ...place, ...args } });
  const create = (args: JsonObject) => step("create_stream_connection", { connection, ...args });
  const update = (args: JsonObject) => step("update_stream_connection", { connectionName, ...args });
  const remove = (args: JsonObject) =>
    step("delete_stream_connection", { connectionName, confirm: connectionName, ...args });
  const look = [
    step("get_stream_connection", { connectionName }),
    step("get_stream_connection", { connectionName, as: "terraform" }),
    step("list_stream_connections", {}),
  ];
  return [
    create({ dryRun: true }),
    create({ connection: { ...connection, surplus: 1, region: 7 } }),
    create({ connection: JSON.stringify(connection), envelope: true, waitUntilReady: true }),
    create({}),
    create({ connection: { ...other, region: "OTHER" }, dryRun: true }),
    create({ connection: { ...other, region: "OTHER" } }),
    ...look,
    { tool: "get_connection_options", args: { groupId: place.groupId, type } },
    update({ connection: withoutFixed(other), dryRun: true }),
    update({ connection: withoutFixed(other) }),
    update({ connection: withoutFixed(connection) }),
    update({ connection: { ...withoutFixed(connection), type: "Sample" } }),
    ...look,
    remove({ dryRun: true }),
    remove({}),
    remove({}),
  ];
}
