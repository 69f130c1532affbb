/** An existing connection as a Terraform resource, to bring it under Terraform's care. */
import { readConnection } from "../connections/read.ts";
import { isSecretPlace } from "../connections/secret-places.ts";
import type { Connection } from "../connections/union.ts";
import { type JsonObject, withValueAt } from "../json.ts";
import { terraformResource } from "./terraform.ts";
import { secretVariables } from "./variables.ts";

interface Existing {
  /** Origin of Atlas. */
  origin: string;
  groupId: string;
  tenantName: string;
  /** As Atlas returns it: without its secrets. */
  connection: JsonObject;
}

/** The resource, with a variable for each secret that a create of it needs; undefined for a type that is not known. */
export function terraformOfExisting({ origin, groupId, tenantName, connection }: Existing): string | undefined {
  const { id: _id, state: _state, links: _links, region: _region, ...fields } = connection;
  const complete = withSecrets(fields);
  if (!complete) return undefined;
  const isSecret = isSecretPlace;
  const create = {
    url: origin,
    headers: {},
    groupId,
    tenantName,
    connection: complete,
    isSecret,
    login: "missing",
  } as const;
  return terraformResource(create, secretVariables(create));
}

/** The connection with something in the place of each secret that Atlas left out, so that it gets a variable. */
function withSecrets(fields: JsonObject): Connection | undefined {
  const reading = readConnection(fields, []);
  if (reading.missingSecrets.length === 0) return reading.ok ? reading.connection : undefined;
  const complete = reading.missingSecrets.reduce(
    (value, { path }) => withValueAt(value, path, "left out by Atlas"),
    fields,
  );
  const again = readConnection(complete, []);
  return again.ok ? again.connection : undefined;
}
