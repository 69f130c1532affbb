/** A connection as a resource: where it is, what it is called, and how an agent sees it. */
import { listConnections } from "../../atlas/endpoints.ts";
import { secretParts } from "../../connections/secret-places.ts";
import { isObject } from "../../json.ts";
import { withTrait } from "../../schema/fields.ts";
import { maskValue } from "../../secrets/parts.ts";
import type { Resource } from "../../tool/resource.ts";
import { pathName, workspaceArguments } from "../places/arguments.ts";
import { workspace } from "../places/resources.ts";

export const connection: Resource = {
  noun: "connection",
  argument: "connectionName",
  within: workspace,
  list: ({ groupId = "", tenantName = "" }) => listConnections({ groupId, tenantName }),
  nameOf: ({ name }) => ({ name: String(name) }),
  listedBy: "list_stream_connections",
  shownBy: "get_stream_connection",
  /** As Atlas gives it, without links, and with secrets masked by their place. */
  view: (given) => {
    const shown = withoutLinks(maskValue(given, secretParts));
    return isObject(shown) ? shown : {};
  },
  states: { settled: ["READY", "FAILED"], leaving: "DELETING" },
  errorCodes: { missing: "CONNECTION", deploying: "STREAM_KAFKA_CONNECTION_IS_DEPLOYING" },
};

/** The arguments that name a connection. */
export const connectionArguments = {
  ...workspaceArguments,
  connectionName: withTrait(pathName().describe("Name of the connection"), { alsoCalled: ["name"] }),
};

function withoutLinks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLinks);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== "links" || !Array.isArray(inner))
      .map(([key, inner]) => [key, withoutLinks(inner)]),
  );
}
