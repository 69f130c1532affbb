/** A connection as a resource: where it is, what it is called, and how an agent sees it. */
import { z } from "zod/v3";
import { type AtlasRequest, listConnections } from "../../atlas/endpoints.ts";
import { AtlasFailure } from "../../atlas/failure.ts";
import { connectionStates } from "../../atlas/states.ts";
import { linkFields } from "../../connections/access.ts";
import { addedByAtlas, withoutLinks } from "../../connections/added-by-atlas.ts";
import { uncompared } from "../../connections/compare.ts";
import { isHeaders, isNeverReturned, secretParts, secretsIn } from "../../connections/secret-places.ts";
import { type Connection, connectionTypes } from "../../connections/union.ts";
import { dotted, isObject, type JsonObject, type Path, valueAt } from "../../json.ts";
import { MASK } from "../../mask.ts";
import { addressable, withTrait } from "../../schema/fields.ts";
import { schemaAt } from "../../schema/structure.ts";
import { maskValue } from "../../secrets/parts.ts";
import type { Call } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import type { Resource } from "../../tool/resource.ts";
import { someObject } from "../../tool/result.ts";
import type { Way } from "../../tool/words.ts";
import { workspace, workspaceArguments } from "../workspaces/resource.ts";

/** Atlas's word, with a 403, for a connection on which processors run. */
export const IN_USE = "STREAM_CONNECTION_HAS_STREAM_PROCESSORS";
const fixedNetwork = (way: Way) =>
  `The network path of a connection cannot be changed in place. Ask the person; then ${way("delete the connection", "delete_stream_connection")} and create it again.`;
const DEPLOYING = "STREAM_KAFKA_CONNECTION_IS_DEPLOYING";

export const connection: Resource = {
  noun: "connection",
  argument: "connectionName",
  within: workspace,
  list: ({ groupId = "", tenantName = "" }) => listConnections({ groupId, tenantName }),
  nameOf: ({ name }) => ({ name: String(name) }),
  listedBy: "list_stream_connections",
  shownBy: "get_stream_connection",
  changedBy: "update_stream_connection",
  /**
   * As Atlas gives it, without links, and with secrets masked by their place. Of a failure Atlas may repeat what it is to
   * connect to, so the secrets of the other fields are masked there too.
   */
  view: (existing) => {
    const { errorMessage, ...fields } = withoutLinks(existing);
    const masked = maskValue(fields, secretParts);
    if (!isObject(masked) || errorMessage === undefined) return isObject(masked) ? masked : {};
    const secrets = secretsIn(fields).flatMap(({ text, parts }) =>
      parts.map(({ start, end }) => text.slice(start, end)),
    );
    const cleared = secrets.reduce((told, secret) => told.replaceAll(secret, MASK), String(errorMessage));
    return { ...masked, errorMessage: maskValue(cleared, secretParts, ["errorMessage"]) };
  },
  documents,
  states: { ...connectionStates, patience: "Private networking can take half an hour" },
  errorCodes: {
    missing: "CONNECTION",
    deploying: DEPLOYING,
    hints: {
      [DEPLOYING]: (way) =>
        `The connection is still being deployed, which can take 10 to 30 minutes. Call again when its state is READY (${way("look", "get_stream_connection")}).`,
      [IN_USE]: (way) =>
        `Atlas keeps a connection as it is while a stream processor runs on it. Ask the person; then ${way("stop those that use it", "stop_stream_processor")} (${way("see which", "list_stream_processors")}), and call again.`,
      STREAM_NETWORKING_CANNOT_BE_MODIFIED: fixedNetwork,
      STREAM_NETWORKING_ACCESS_TYPE_CANNOT_BE_MODIFIED: fixedNetwork,
      VALIDATION_ERROR: (way, detail) =>
        /VPC peering/i.test(detail)
          ? `Atlas finds no VPC peering for this connection. ${way("See those of the project", "get_connection_options")}. A person requests one in AWS, for the region that \`detail\` names; then ${way("find the request", "get_stream_networking")} and ${way("accept it", "answer_vpc_peering")}; or take another network path.`
          : undefined,
    },
  },
};

/** A warning that secrets of an existing connection were not compared; nothing where all requested ones were. */
export function secretsNotCompared(requested: Connection, existing: JsonObject, { mask, way }: Call): string[] {
  const secrets = uncompared(requested, existing).map(dotted).join(", ");
  if (!secrets) return [];
  return [
    `Secrets of the connection ${JSON.stringify(mask(requested.name))} could not be compared, since Atlas does not return them (${secrets}). ${way("Set them", "update_stream_connection")}.`,
  ];
}

/** What is to be said of the secrets in what was compared, and of those that were not. */
export function comparison(requested: JsonObject) {
  const places = secretsIn(requested).filter(({ path }) => !isNeverReturned(path));
  const compared = places.map(({ path: [field = ""] }) => (isHeaders(field) ? "header values" : field));
  return {
    compared: [...new Set(compared)].join(" and "),
    caveat: (existing: JsonObject) => {
      const secrets = uncompared(requested, existing).map(dotted).join(", ");
      return secrets && ` Secrets cannot be compared, since Atlas does not return them (${secrets}).`;
    },
  };
}

/** A connection in a result. */
export const connectionView = someObject("As Atlas shows it");

/** The arguments that name a connection. */
export const connectionArguments = {
  ...workspaceArguments,
  connectionName: withTrait(addressable("Its name"), { alsoCalled: ["name"] }),
};

/** The argument that has a call wait for a connection. */
export const waitUntilReady = z.boolean().default(false).describe("Wait until READY or FAILED");

/**
 * A connection once its state has settled; of one that was changed, what it was `before`. The waiting began at `since`.
 * @throws {ToolFailure} where it failed: it exists all the same, and its name is taken.
 */
export async function readyConnection(
  existing: JsonObject,
  find: AtlasRequest,
  name: string,
  call: Call,
  before?: JsonObject,
  since = call.now(),
) {
  const what = `The connection "${call.mask(name)}"`;
  const within = Math.min(RECOVERY_MS, call.settings.readyMs);
  const passes = (state: unknown) => state === connectionStates.failed;
  const tried = isFailed(before) ? await call.untilSettled(existing, find, { passes, seen: true, within }) : existing;
  const latest = await call.untilSettled(tried, find, { since });
  if (!isFailed(latest)) return latest;
  const message = `${what} ${before ? "was changed, and is FAILED" : "exists, but it failed (state FAILED)"}`;
  const link = linkFields.some((path) => valueAt(latest, path) !== undefined)
    ? ` ${call.way("See whether its private link is DONE", "get_stream_networking")}.`
    : "";
  throw new ToolFailure(new AtlasFailure("atlas_error", message), {
    hint: `Check its brokers or URL, its login and its network.${link} ${call.way("Change it", "update_stream_connection")}; where its network path is wrong, ask the person, ${call.way("delete it", "delete_stream_connection")} and create it again, since its name is taken.`,
    result: { connection: connection.view(latest) },
  });
}

const isFailed = (existing: JsonObject | undefined) => existing?.["state"] === connectionStates.failed;

/** How long one that was FAILED before a change may go on to say so, until Atlas has tried again, in milliseconds. */
const RECOVERY_MS = 60_000;

function documents(path: Path): boolean {
  if (path.length === 1 && addedByAtlas.includes(path[0] ?? "")) return true;
  return connectionTypes.some(({ schema }) => schemaAt(schema, path) !== undefined);
}
