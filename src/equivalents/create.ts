/** Creates, and the variables that stand for their secrets when they are written for other tools. */
import type { WorkspacePlace } from "../atlas/endpoints.ts";
import type { CredentialSettings } from "../config/settings.ts";
import type { Connection } from "../connections/union.ts";
import { type Path, samePath, stringsIn } from "../json.ts";
import { mergedParts, type PartsOf, type SecretPart } from "../secrets/parts.ts";

/** A create as the server would send it, whatever is created. */
export interface PostRequest {
  /** Full URL of the POST. */
  url: string;
  /** Its headers without `authorization`. */
  headers: Readonly<Record<string, string>>;
  /** How the server logs in to Atlas. */
  login: CredentialSettings["kind"];
  /** The URL is that of the embedded sandbox. */
  sandbox?: boolean | undefined;
}

/** The create of a connection. */
export interface CreateRequest extends WorkspacePlace, PostRequest {
  /** The primary of a failover connection. */
  failoverOf?: string | undefined;
  /** The body, its references resolved. It holds secrets, and nothing that is made of it here does. */
  connection: Connection;
  /** Which parts of the connection's strings are secret. */
  partsOf: PartsOf;
}

/** A comment on where the create goes, where that does not last. */
export function sandboxComment({ sandbox = false }: Pick<CreateRequest, "sandbox">): string[] {
  return sandbox ? ["For the sandbox of the server that printed this, which is gone when that process ends."] : [];
}

/** Where the Atlas CLI and the Terraform provider go by themselves. */
const ATLAS = "https://cloud.mongodb.com";

/** The origin of the create's Atlas, where other tools have to be told of it. */
export function foreignOrigin({ url }: Pick<CreateRequest, "url">): string | undefined {
  const { origin } = new URL(url);
  return origin === ATLAS ? undefined : origin;
}

/** A piece of a string: text as it is, or the variable that holds a secret. */
export type Piece = string | { variable: string };

/**
 * One variable for each secret of a body, named after its place. It holds the secret as it stands there: the
 * password of a URL is percent-encoded in the variable too, where the URL needs it to be.
 */
export interface Variables {
  /** Every variable, in upper case, as a shell's environment has it. */
  names: readonly string[];
  /** The string at `path` in its pieces, of which none is empty. */
  pieces(text: string, path: Path): Piece[];
  /** What is created by its name, or else its type, as the beginning of an identifier: `ORDERS_KAFKA`. */
  prefix: string;
}

/** Where another string of the connection holds a secret that is shorter than this, that is by chance. */
const TELLING = 8;

/** Long enough to tell variables apart, short enough to read. */
const LONGEST = 60;

export const variablesOf = ({ connection, partsOf }: Pick<CreateRequest, "connection" | "partsOf">): Variables =>
  variablesIn(connection, partsOf, connection);

/** The variables of a body that is called by a name and a type. */
export function variablesIn(body: object, partsOf: PartsOf, { name, type }: { name: string; type: string }): Variables {
  const found = stringsIn(body).flatMap(({ text, path }) =>
    mergedParts(partsOf(text, path))
      .filter(({ start, end }) => start < end)
      .map((part) => ({ ...part, path, secret: text.slice(part.start, part.end) })),
  );
  // Only letters and digits are compared, since nothing else of a name gets into an identifier.
  const telltales = found.filter(({ secret }) => secret.length >= TELLING).map(({ secret }) => lettersOf(secret));
  const givesAway = (name: string) => telltales.some((secret) => secret !== "" && lettersOf(name).includes(secret));

  const isSecret = (field: string) => found.some(({ path }) => samePath(path, [field]));
  const prefix = prefixOf(isSecret("name") || givesAway(name) ? "" : name, isSecret("type") ? "connection" : type);
  const names = new Set<string>();
  const secrets = found.map((part): SecretVariable => {
    // Other labels are names of parameters: text of the URL, in which a secret may be repeated.
    const label = part.label === "password" || !givesAway(part.label ?? "") ? part.label : undefined;
    const variable = unique(`${prefix}_${identifier([...part.path, label].join(" "))}`, names);
    names.add(variable);
    return { ...part, variable };
  });

  // The longest is looked for first, since it may hold others.
  const repeatable = secrets
    .filter(({ secret }) => secret.length >= TELLING)
    .sort((a, b) => b.secret.length - a.secret.length);
  return {
    names: [...names],
    pieces(text, path) {
      const pieces: Piece[] = [];
      let from = 0;
      for (const { start, end, variable } of secrets.filter((secret) => samePath(secret.path, path))) {
        pieces.push(...withoutRepeated(repeatable, text.slice(from, start)), { variable });
        from = end;
      }
      pieces.push(...withoutRepeated(repeatable, text.slice(from)));
      return pieces.filter((piece) => piece !== "");
    },
    prefix,
  };
}

interface SecretVariable extends SecretPart {
  path: Path;
  secret: string;
  variable: string;
}

/** `text` with variables where it repeats `secrets`, as it does where a user name holds the password. */
function withoutRepeated(secrets: readonly SecretVariable[], text: string): Piece[] {
  return secrets.reduce<Piece[]>(
    (pieces, { secret, variable }) =>
      pieces.flatMap((piece) => {
        if (typeof piece !== "string") return [piece];
        return piece.split(secret).flatMap((between, index) => (index === 0 ? [between] : [{ variable }, between]));
      }),
    [text],
  );
}

function unique(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let copy = 2; taken.has(candidate); copy++) candidate = `${name}_${copy}`;
  return candidate;
}

/** An identifier must begin with a letter, which a name of digits or in another script does not. */
function prefixOf(name: string, type: string): string {
  const own = identifier(name);
  return /^[A-Z]/.test(own) ? own : identifier(`${type} ${own}`);
}

/** `sslKeyPassword` → `SSL_KEY_PASSWORD`, `AWSLambda` → `AWS_LAMBDA`. */
function identifier(text: string): string {
  return text
    .replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "_")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .slice(0, LONGEST)
    .replace(/^_|_$/g, "")
    .toUpperCase();
}

const lettersOf = (text: string) => text.replace(/[^A-Za-z0-9]+/g, "").toLowerCase();
