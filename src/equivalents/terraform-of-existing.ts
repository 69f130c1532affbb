/** An existing connection as a Terraform resource, to bring it under Terraform's care. */
import { withoutLinks } from "../connections/added-by-atlas.ts";
import { readConnection } from "../connections/read.ts";
import { secretParts } from "../connections/secret-places.ts";
import type { Connection } from "../connections/union.ts";
import { type JsonObject, withValueAt } from "../json.ts";
import type { PartsOf } from "../secrets/parts.ts";
import { variablesOf } from "./create.ts";
import { terraformResource } from "./terraform.ts";

interface Existing {
  /** Origin of Atlas. */
  origin: string;
  groupId: string;
  tenantName: string;
  /** It is in the embedded sandbox. */
  sandbox?: boolean | undefined;
  /** As Atlas returns it: without passwords and keys, with the secrets in its headers, URLs and settings. */
  connection: JsonObject;
  /** What must not be shown of it. By its place, unless more is known. */
  partsOf?: PartsOf;
}

/** The resource, with a variable for each secret that a create of it needs; undefined for a type that is not known. */
export function terraformOfExisting({
  origin,
  groupId,
  tenantName,
  sandbox,
  connection: shown,
  partsOf = secretParts,
}: Existing): string | undefined {
  const { id: _id, state: _state, region: _region, ...fields } = shown;
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
