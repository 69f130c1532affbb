/**
 * References in strings: `${env:NAME}` reads an environment variable, `${file:NAME}` a file, each only inside its
 * allow-list, so that an agent can use a secret it has never seen. `$${env:` and `$${file:` stand for the text itself.
 */
import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { resolve, sep } from "node:path";
import { mapStrings, type Path, stringsIn } from "../json.ts";
import { MASK } from "../mask.ts";
import type { SecretPart } from "./parts.ts";

export interface ReferenceSources {
  env: Readonly<Record<string, string | undefined>>;
  /** Names, or prefixes ending in `*`, that `${env:NAME}` may read. */
  secretEnv: readonly string[];
  /** Folder that `${file:NAME}` may read from. */
  secretDir?: string;
  /** The rule of the policy that names these two, where one does. */
  namedBy?: string | undefined;
  /** Variables and files that the policy's own file refers to. */
  reserved?: { env: readonly string[]; files: readonly string[] } | undefined;
  /** What no value of a reference may hold: the server's own credentials, whatever variable or file holds them. */
  forbiddenValues: readonly string[];
  /** Where a reference stands that is this part of the string at a path. */
  placeOf: (path: Path, text: string, part: SecretPart) => ReferencePlace;
}

/** In a secret, where its value is shown masked, or where it would be shown as it is. */
export type ReferencePlace = "secret" | "masked" | "visible";

export interface ResolvedReferences {
  value: unknown;
  /** Every value that a reference stands for. */
  secrets: string[];
  /** Where in the strings of `value` such values stand. */
  hidden: { path: Path; parts: SecretPart[] }[];
  /** Their paths begin with `at`. */
  problems: { path: Path; message: string }[];
}

/** In one value. Each costs a look at the whole string in which it stands. */
const MOST_REFERENCES = 100;
/** Files above this size are refused. */
const MAX_FILE_BYTES = 64 * 1024;
/** Shorter values, and the short lines of longer ones, are not masked in fields in which ordinary words are expected. */
export const SHORTEST_IN_FIELD = 8;

const REFERENCE = /\$?\$\{(env|file):([^}]*)\}/g;
/** The schemes of `Authorization` headers that are common. */
const SCHEME = /^\s*(basic|bearer|digest|token|api-?key|api-?token|key|genie-?key|ssws|splunk)\s+/i;
const isLiteral = (reference: string) => reference.startsWith("$$");

/** Resolves the references in every string of `value`, to which `at` leads from the arguments. */
export async function resolveReferences(
  value: unknown,
  at: Path,
  sources: ReferenceSources,
): Promise<ResolvedReferences> {
  const resolved: ResolvedReferences = { value, secrets: [], hidden: [], problems: [] };
  const values = new Map<string, string>();
  let count = 0;
  for (const { text, path } of stringsIn(value)) {
    count += [...text.matchAll(REFERENCE)].length;
    if (count <= MOST_REFERENCES) continue;
    const message = `has the reference that is one too many: there can be ${MOST_REFERENCES}`;
    return { ...resolved, problems: [{ path: [...at, ...path], message }] };
  }
  for (const path of keysIn(value).filter((path) => hasReference(path.at(-1) ?? "")))
    resolved.problems.push({ path: [...at, ...path], message: `${path.at(-1)} ${IS_VISIBLE}` });
  for (const { text, path } of stringsIn(value))
    for (const { 0: reference, 1: kind, 2: name = "", index } of text.matchAll(REFERENCE)) {
      if (isLiteral(reference)) continue;
      const place = sources.placeOf(path, text, { start: index, end: index + reference.length });
      const found = await lookUp(place, kind === "env", name, sources);
      if ("problem" in found)
        resolved.problems.push({ path: [...at, ...path], message: `${reference} ${found.problem}` });
      else {
        values.set(reference, found.value);
        resolved.secrets.push(found.value);
      }
    }
  resolved.value = mapStrings(value, (text, path) => {
    const { filled, parts } = filledIn(text, values);
    if (parts.length > 0) resolved.hidden.push({ path, parts });
    return filled;
  });
  return resolved;
}

const IS_VISIBLE = "cannot be used here: this is visible, and references are for secrets, URLs and user names";

/** The path of every key in `value`. */
function keysIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...keysIn(inner, [...path, key])]);
}

async function lookUp(
  place: ReferencePlace,
  isVariable: boolean,
  name: string,
  sources: ReferenceSources,
): Promise<ReadSecret> {
  if (place === "visible") return { problem: IS_VISIBLE };
  const found = isVariable ? readVariable(name, sources) : await readSecretFile(name, sources);
  if ("problem" in found) return found;
  if (sources.forbiddenValues.some((forbidden) => found.value.includes(forbidden)))
    return { problem: "holds one of the server's own credentials" };
  if (place === "masked" && (found.value.length < SHORTEST_IN_FIELD || /[\r\n]/.test(found.value)))
    return {
      problem: `holds fewer than ${SHORTEST_IN_FIELD} characters, or several lines, and could be read back here, where no secret belongs; write the value itself`,
    };
  return found;
}

/** `text` with values in the place of its references, and where they stand in it. */
function filledIn(text: string, values: ReadonlyMap<string, string>): { filled: string; parts: SecretPart[] } {
  const parts: SecretPart[] = [];
  let filled = "";
  let from = 0;
  for (const { 0: reference, index } of text.matchAll(REFERENCE)) {
    filled += text.slice(from, index);
    const value = values.get(reference);
    if (value !== undefined) parts.push({ start: filled.length, end: filled.length + value.length });
    filled += isLiteral(reference) ? reference.slice(1) : (value ?? reference);
    from = index + reference.length;
  }
  return { filled: filled + text.slice(from), parts };
}

/** `text` with letters in the place of its references, as many as there were, so that the rest stays where it is. */
export function withoutReferences(text: string): string {
  return text.replace(REFERENCE, (reference) => (isLiteral(reference) ? reference : "R".repeat(reference.length)));
}

/** Whether `text` holds a reference. */
export function hasReference(text: string): boolean {
  return [...text.matchAll(REFERENCE)].some(([reference]) => !isLiteral(reference));
}

/** Whether `text` is references and nothing beside them but a scheme. */
export function isReference(text: string): boolean {
  return hasReference(text) && withoutEach(withoutScheme(text)).trim() === "";
}

/** `text` without its references. */
const withoutEach = (text: string) => text.replace(REFERENCE, (reference) => (isLiteral(reference) ? reference : ""));

/** What of `text` is no reference: a reference is no secret, it only says where one is. */
export function literalParts(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { 0: reference, index } of text.matchAll(REFERENCE)) {
    if (isLiteral(reference)) continue;
    parts.push(text.slice(from, index));
    from = index + reference.length;
  }
  return [...parts, text.slice(from)].map((part) => part.replace(REFERENCE, (literal) => literal.slice(1)));
}

/** A header's credentials without their scheme: an echo may leave it out. */
export const withoutScheme = (text: string): string => text.replace(SCHEME, "");

/** How other programs refer to a variable or a secret, and how this server's references are misspelt. */
const NEAR_MISS: readonly RegExp[] = [
  /^\$[A-Z_][A-Z0-9_]*$/,
  /^\$\{[^}]*\}$/,
  /^\$?\{?(env|file):[^\s}]+\}?$/i,
  /^\$?\{\{.*\}\}$/,
  /^%[A-Z_][A-Z0-9_]*%$/,
  /^\$\(.*\)$/,
  /^`.+`$/,
  /^(op|vault|bws|doppler|keychain):\/\/\S+$/,
  /^arn:aws[a-z-]*:(secretsmanager|ssm):\S+$/,
  /^@Microsoft\.KeyVault\(.*\)$/i,
];
/** What examples leave to fill in, and what programs make of nothing. */
const PLACEHOLDER: readonly RegExp[] = [
  /^<[^<>]+>$/,
  /^\[?redacted\]?$/i,
  /^change[-_ ]?me$/i,
  /^your[-_ ][a-z0-9_ -]*(password|passphrase|secret|token|key|credentials?)[a-z0-9_ -]*$/i,
  /^x{4,}$/i,
  /^[•●∙·*█▪.…]{2,}$/u,
  /^(undefined|null|none|nan|\[object \w+\])$/i,
  /^(bearer|basic)?$/i,
];

/**
 * Why `text`, in the place of a secret, is surely none, or undefined. A mask was copied from a result. What a reference
 * can read is known by its name.
 */
export function whyNoSecret(
  text: string,
  { env, secretEnv }: Pick<ReferenceSources, "env" | "secretEnv"> = { env: {}, secretEnv: [] },
): string | undefined {
  if (text === "") return undefined;
  const bare = withoutScheme(text.trim());
  const isOneOf = (patterns: readonly RegExp[]) => patterns.some((pattern) => pattern.test(bare));
  const isBroken = /\$\{(env|file):/i.test(text.replace(REFERENCE, ""));
  if (text.includes(MASK)) return `holds ${MASK}, which this server shows in place of a secret`;
  if (isBroken || (isOneOf(NEAR_MISS) && !hasReference(bare))) return "looks like a reference but is not one";
  if (isOneOf(PLACEHOLDER)) return "looks like a placeholder, not a secret";
  // A name that only a short prefix allows may be a password by chance.
  const telling = Object.hasOwn(env, bare) ? secretEnv : secretEnv.filter((pattern) => pattern.length > 8);
  return /^[A-Za-z_]\w*$/.test(bare) && mayRead(bare, telling) ? "is the name of a variable, not its value" : undefined;
}

/** What a variable or a file holds as a secret, or why it gives none. */
export type ReadSecret = { value: string } | { problem: string };

function readVariable(name: string, { env, secretEnv, namedBy, reserved }: ReferenceSources): ReadSecret {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return { problem: "does not name an environment variable" };
  if (isOwnVariable(name) || reserved?.env.includes(name))
    return { problem: "names one of the server's own settings, which no reference can read" };
  if (!mayRead(name, secretEnv)) {
    const where = namedBy === undefined ? "ATLAS_STREAMS_MCP_SECRET_ENV" : inPolicy("env", namedBy);
    return {
      problem: `is not allowed. A person can allow it by adding ${name} to ${where} (now: ${secretEnv.join(", ") || "none"}) and restarting the server`,
    };
  }
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return value
    ? { value }
    : {
        problem: `is ${value === "" ? "empty" : "not set"} in the server's environment; a person has to set it and restart the server`,
      };
}

/** The server's own variables stay closed whatever pattern covers them. Windows does not tell case apart. */
const isOwnVariable = (name: string) => /^(MONGODB_ATLAS_|ATLAS_STREAMS_MCP_)/i.test(name);

/** Whether `${env:NAME}` may read the variable. */
export function mayRead(name: string, secretEnv: readonly string[]): boolean {
  if (isOwnVariable(name)) return false;
  return secretEnv.some((pattern) =>
    pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}

const inPolicy = (field: string, rule: string) => `secrets.${field} of the policy's rule ${JSON.stringify(rule)}`;

async function readSecretFile(name: string, { secretDir, namedBy, reserved }: ReferenceSources): Promise<ReadSecret> {
  const where = namedBy === undefined ? "ATLAS_STREAMS_MCP_SECRET_DIR" : inPolicy("dir", namedBy);
  if (secretDir === undefined)
    return { problem: `is not allowed. A person can allow files by setting ${where} to a folder` };
  const outside = { problem: `is not a file inside the folder of ${where}` };
  if (name === "" || name.includes("\0")) return outside;
  try {
    const folder = await realpath(secretDir);
    const path = await realpath(resolve(folder, name));
    if (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return outside;
    const own = await Promise.all((reserved?.files ?? []).map((file) => realpath(file).catch(() => file)));
    if (own.includes(path)) return { problem: "is one of the server's own files, which no reference can read" };
    return await readWhole(path);
  } catch {
    return outside;
  }
}

/** Reads a file as one secret. */
export async function readWhole(path: string): Promise<ReadSecret> {
  // The path is resolved, so a link at its end was put there later. And a pipe must not hold up the call.
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return { problem: "is not a regular file" };
    if (stat.size > MAX_FILE_BYTES) return { problem: `is larger than ${MAX_FILE_BYTES} bytes` };
    const text = textIn(await file.readFile());
    if (text === undefined) return { problem: "is not text in UTF-8" };
    // Editors end a file with a newline that is not part of the secret.
    const value = text.replace(/(\r\n|\n|\r)$/, "");
    return value === "" ? { problem: "is empty" } : { value };
  } finally {
    await file.close();
  }
}

/** The text of a file in UTF-8, without its byte order mark; undefined for any other, such as one in UTF-16. */
function textIn(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}
