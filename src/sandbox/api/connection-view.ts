/** A connection as Atlas shows it: without secrets, with what Atlas adds. */
import { connectionSchema, typeNamed } from "../../connections/union.ts";
import type { StoredConnection, Workspace } from "../data/state.ts";
import { type Call, selfLink } from "./call.ts";
import { withoutSecrets } from "./without-secrets.ts";

const networkingFields = ["networking", "publicPrivateNetworking"];

/** The answer's form of a stored connection. */
export function viewConnection(call: Call, workspace: Workspace, { id, body, state }: StoredConnection) {
  const { groupId = "" } = call.parameters;
  const shown = withoutSecrets(connectionSchema, body);
  return {
    id,
    region: workspace.region,
    state,
    ...networkingDefaults(body.type),
    ...(typeof shown === "object" ? shown : {}),
    links: selfLink(call, "groups", groupId, "streams", workspace.name, "connections", body.name),
  };
}

/** The public access that Atlas assumes for a type that has a network path. */
function networkingDefaults(type: string): Record<string, unknown> {
  const fields = Object.keys(typeNamed(type)?.schema.shape ?? {});
  const defaults = networkingFields
    .filter((field) => fields.includes(field))
    .map((field): [string, unknown] => [field, { access: { type: "PUBLIC" } }]);
  return Object.fromEntries(defaults);
}
