/** What the page asks a person for: which secrets, of which connection, and where they will go. */
import type { Workspace } from "../atlas/endpoints.ts";
import type { MissingSecret } from "../connections/connection-type.ts";
import { traitOf } from "../connections/fields.ts";
import { valueAt } from "../connections/paths.ts";
import { schemaAt } from "../connections/structure.ts";
import { typeNamed } from "../connections/union.ts";
import type { JsonObject } from "../json.ts";
import type { SecretRequest } from "../secret-page/open.ts";

export function secretRequest(
  connection: JsonObject,
  missing: readonly MissingSecret[],
  { groupId, tenantName }: Workspace,
): SecretRequest {
  const type = typeNamed(connection["type"]);
  const target = valueAt(connection, type?.apart[0] ?? "");
  const hosts = (Array.isArray(target) ? target : [target]).filter((each) => typeof each === "string").map(hostOf);
  return {
    project: groupId,
    workspace: tenantName,
    connection: {
      name: String(connection["name"]),
      type: String(connection["type"]),
      ...(hosts.length > 0 && { host: hosts.join(",") }),
    },
    fields: missing.map(({ path }) => {
      const schema = type && schemaAt(type.schema, path);
      return {
        path: path.join("."),
        label: labelOf(path),
        multiline: schema !== undefined && traitOf(schema).multiline === true,
      };
    }),
  };
}

/** Of a URL only the host, since what stands before an `@` in it is made to mislead. */
function hostOf(target: string): string {
  return URL.canParse(target) && /^https?:/i.test(target) ? new URL(target).host : target;
}

/** `sslKeyPassword` → `SSL key password`; a header by its name. */
function labelOf(path: readonly string[]): string {
  const name = path.at(-1) ?? "";
  if (path[0] === "headers") return `Header ${name}`;
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.replace(/^ssl/, "SSL").replace(/^[a-z]/, (letter) => letter.toUpperCase());
}
