/** Asks a person for the secrets that a connection lacks: on a page, or by telling the agent how else they get here. */
import type { MissingSecret } from "../../connections/connection-type.ts";
import { typeNamed } from "../../connections/union.ts";
import { type JsonObject, type Path, valueAt } from "../../json.ts";
import { traitOf } from "../../schema/fields.ts";
import { InvalidInput, type Note } from "../../schema/problems.ts";
import { schemaAt } from "../../schema/structure.ts";
import type { SecretRequest } from "../../secret-page/pages.ts";
import type { PersonNeeded } from "../../secret-page/person.ts";
import type { Call } from "../../tool/context.ts";

/** A connection that lacks secrets. */
export interface IncompleteConnection {
  /** Leads to it from the arguments. */
  at: Path;
  /** The connection without them. */
  fields: JsonObject;
  missing: readonly MissingSecret[];
}

/** What to throw for secrets that connections lack; `ask` says that the arguments have a person asked. */
export async function askForSecrets(
  incomplete: readonly IncompleteConnection[],
  ask: boolean,
  call: Call,
): Promise<PersonNeeded | InvalidInput> {
  if (!call.canAskPerson) return secretsMissing(incomplete, call.settings.secretEnv, ask);
  const paths = incomplete.flatMap(({ at, missing }) => missing.map(({ path }) => [...at, ...path]));
  return call.askPerson({ request: secretRequest(incomplete, call), paths });
}

/** What a plan says of secrets that connections lack: how they get here once it is carried out. */
export function secretsToGive(
  incomplete: readonly IncompleteConnection[],
  { canAskPerson, settings: { secretEnv } }: Call,
): Note[] {
  const way = canAskPerson
    ? "a person is asked for it when this is carried out; or they set it as an environment variable of this server"
    : "a person sets it as an environment variable of this server";
  return incomplete.flatMap(({ at, missing }) =>
    missing.map(({ path, reason }) => ({
      path: [...at, ...path],
      message: `is missing: ${reason}. Not in the chat: ${way} (${secretEnv.join(", ")}), to be given as \${env:NAME}.`,
    })),
  );
}

/** The refusal for lack of secrets, which says how a person can set them outside the chat. */
function secretsMissing(
  incomplete: readonly IncompleteConnection[],
  allowed: readonly string[],
  ask: boolean,
): InvalidInput {
  return new InvalidInput(
    incomplete.flatMap(({ at, missing }) =>
      missing.map(({ path, reason }) => ({ path: [...at, ...path], message: `is required: ${reason}` })),
    ),
    (ask ? "This client cannot open a page for a person, so `secrets` does not help. " : "") +
      "Do not ask the person to write the secret into the chat. Have them set it as an environment variable of this " +
      `server (allowed names: ${allowed.join(", ")}) and give it as \${env:NAME}, or as \${file:NAME} where ` +
      "ATLAS_STREAMS_MCP_SECRET_DIR is set. Nothing was sent.",
  );
}

/** What the page shows: which secrets, of which connection, and where they will go. */
function secretRequest(
  incomplete: readonly IncompleteConnection[],
  { place, mask }: Pick<Call, "place" | "mask">,
): SecretRequest {
  const { groupId = "", tenantName = "" } = place;
  const isOnly = incomplete.length === 1;
  const hosts = incomplete.flatMap(({ fields }) => hostsOf(fields)).map(mask);
  const each = (field: string) => incomplete.map(({ fields }) => String(fields[field])).join(", ");
  const fields = incomplete.flatMap(({ fields, missing }) =>
    missing.map(({ path }) => {
      const type = typeNamed(fields["type"]);
      const schema = type && schemaAt(type.schema, path);
      return {
        label: isOnly ? labelOf(path) : `${labelOf(path)} of ${mask(String(fields["name"]))}`,
        multiline: schema !== undefined && traitOf(schema).multiline === true,
      };
    }),
  );
  return {
    project: mask(groupId),
    workspace: mask(tenantName),
    connection: { name: mask(each("name")), type: each("type"), ...(hosts.length > 0 && { host: hosts.join(",") }) },
    fields: fields.map((field, index) => ({ key: String(index), ...field })),
  };
}

/** Where the secrets of a connection will go. */
function hostsOf(connection: JsonObject): string[] {
  const [target] = typeNamed(connection["type"])?.apart ?? [];
  return [target && valueAt(connection, target)]
    .flat()
    .filter((each) => typeof each === "string")
    .map(hostOf);
}

/** Only the host of a URL or of each broker: what stands before an `@` is made to mislead, or holds a password. */
function hostOf(target: string): string {
  if (URL.canParse(target) && /^https?:/i.test(target)) return new URL(target).host;
  return target.replace(/(^|,)[^,]*@/g, "$1");
}

/** `sslKeyPassword` → `SSL key password`; a header by its name. */
function labelOf(path: Path): string {
  const name = path.at(-1) ?? "";
  if (path[0] === "headers") return `Header ${name}`;
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return words.replace(/^ssl/, "SSL").replace(/^[a-z]/, (letter) => letter.toUpperCase());
}
