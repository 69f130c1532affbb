/** An existing connection as a Terraform resource, so that Terraform can take it over. */
import type { WorkspacePlace } from "../atlas/endpoints.ts";
import { withoutLinks } from "../connections/added-by-atlas.ts";
import { readConnection } from "../connections/read.ts";
import { secretParts } from "../connections/secret-places.ts";
import type { Connection } from "../connections/union.ts";
import { type JsonObject, withValueAt } from "../json.ts";
import type { PartsOf } from "../secrets/parts.ts";
import { variablesOf } from "./create.ts";
import { terraformResource } from "./terraform.ts";

interface ExistingConnection extends WorkspacePlace {
  /** Origin of Atlas. */
  origin: string;
  /** It is in the embedded sandbox. */
  sandbox?: boolean | undefined;
  /** As Atlas returns it: without passwords and keys, but with the secrets in its headers, URLs and settings. */
  connection: JsonObject;
  /** What is secret of it; by its place, where this is left out. */
  partsOf?: PartsOf;
}

/** The resource, with a variable for each secret that a create needs; undefined for what the union does not know. */
export function terraformOfExisting({
  origin,
  groupId,
  tenantName,
  sandbox,
  connection: existing,
  partsOf = secretParts,
}: ExistingConnection): string | undefined {
  const { id: _id, state: _state, region: _region, ...fields } = existing;
  const connection = withSecrets(withoutLinks(fields));
  return (
    connection &&
    terraformResource({ url: origin, groupId, tenantName, connection, sandbox }, variablesOf({ connection, partsOf }))
  );
}

/** The connection with something in the place of each secret that Atlas left out, so that it gets a variable. */
function withSecrets(fields: JsonObject): Connection | undefined {
  const reading = readConnection(fields, []);
  if (reading.missingSecrets.length === 0) return reading.ok ? reading.connection : undefined;
  // Too short to be looked for in other strings.
  const complete = reading.missingSecrets.reduce((value, { path }) => withValueAt(value, path, "?"), fields);
  const again = readConnection(complete, []);
  return again.ok ? again.connection : undefined;
}
