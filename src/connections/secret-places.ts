/**
 * Where the secrets of a connection are, read off the union: whole fields, headers, settings of a client, and parts of
 * URLs. Every view of a connection, or of a part of one, goes through this.
 */
import type { z } from "zod/v3";
import { type Path, stringsIn } from "../json.ts";
import { type SecretHolder, traitOf } from "../schema/fields.ts";
import { propertiesOf } from "../schema/structure.ts";
import { mergedParts, type SecretPart } from "../secrets/parts.ts";
import { connectionSchema } from "./union.ts";

/** Fields that hold secrets, by name. A name counts wherever it stands, so that echoes are covered too. */
const holders = new Map(holdersIn(connectionSchema));

function holdersIn(schema: z.ZodTypeAny): [string, SecretHolder][] {
  return propertiesOf(schema).flatMap(([name, property]) => {
    const { holds } = traitOf(property);
    return [...(holds ? [[name, holds] satisfies [string, SecretHolder]] : []), ...holdersIn(property)];
  });
}

/** The secrets in the string at `path` of a connection. */
export function secretParts(text: string, path: Path): SecretPart[] {
  if (text === "") return [];
  const at = path.findIndex((step) => holders.has(step));
  const holder = holders.get(path[at] ?? "");
  const name = path[at + 1];
  const whole = [{ start: 0, end: text.length }];
  switch (holder) {
    case "secret":
      return whole;
    case "headers":
      return name !== undefined && isPlainHeader(name) ? [] : whole;
    case "settings":
      return name === undefined || isSecretSetting(name) ? whole : urlParts(text, false);
    case "url":
    case "hosts":
      return urlParts(text, true);
    default:
      return text.includes("://") ? urlParts(text, false) : [];
  }
}

/** The same for a processor, whose stage `$https` has parameters and a path of its own. */
export function stageSecretParts(text: string, path: Path): SecretPart[] {
  const name = path.at(-1) ?? "";
  const isParameter = path.at(-2) === "parameters" && isSecretParameter(name);
  if (isParameter && text !== "") return [{ start: 0, end: text.length }];
  return mergedParts([...secretParts(text, path), ...(name === "path" ? urlParts(text, false) : [])]);
}

/** The secrets in `value`, which may be malformed, each with the string that it is in. */
export function secretsIn(value: unknown, partsOf = secretParts): { text: string; path: Path; parts: SecretPart[] }[] {
  return stringsIn(value).flatMap(({ text, path }) => {
    const parts = partsOf(text, path);
    return parts.length > 0 ? [{ text, path, parts }] : [];
  });
}

/**
 * Whether a reference may stand at `path`: in secrets, URLs, user names, headers and settings. Anywhere else it would let
 * an agent read a secret in a visible field.
 */
export function takesReferences(path: Path): boolean {
  return path.some((step) => (holders.has(step) && holders.get(step) !== "hosts") || step === "username");
}

/** Whether what stands at `path` is, or is inside, a secret that Atlas takes and never returns. */
export function isNeverReturned(path: Path): boolean {
  return path.some((step) => holders.get(step) === "secret");
}

/** The settings in `connection` that hold a secret; Atlas shows them, unlike the fields that are secrets themselves. */
export function secretSettings(connection: unknown): Path[] {
  const isSetting = (path: Path) => path.some((step) => holders.get(step) === "settings");
  return secretsIn(connection).flatMap(({ path }) => (isSetting(path) ? [path] : []));
}

/** Whether a field is a map whose keys are free. */
export function isFreeMap(field: string): boolean {
  return holders.get(field) === "headers" || holders.get(field) === "settings";
}

/** Whether a field is a map of headers, whose names have no case, and which Atlas may not show. */
export const isHeaders = (field: string): boolean => holders.get(field) === "headers";

/** Headers that say how a message is written, not who sends it, in lower case. */
const PLAIN_HEADERS = new Set([
  ...["accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "content-encoding"],
  ...["content-language", "content-type", "date", "host", "idempotency-key", "origin", "pragma", "user-agent"],
]);

export const isPlainHeader = (name: string): boolean => PLAIN_HEADERS.has(name.trim().toLowerCase());

/** `ssl.keyPassword` → ssl, key, password. */
const wordsOf = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);

const SECRET_WORDS = new Set([
  ...["password", "passwd", "passphrase", "pwd", "secret", "secrets", "token", "credential", "credentials", "jaas"],
  ...["apikey", "privatekey"],
]);

/** Last words of settings that are about a secret and are none themselves. */
const ABOUT_SECRETS = new Set([
  ...["url", "uri", "location", "path", "file", "type", "class", "algorithm", "mechanism", "alias", "provider", "name"],
  ...["ms", "seconds", "length", "iterations", "spec", "host", "port", "scope", "id", "policy", "enable", "enabled"],
]);

/** Whether a setting of a Kafka client holds a secret, by its name: `ssl.key.password`, `sasl.jaas.config`. */
export function isSecretSetting(name: string): boolean {
  const words = wordsOf(name);
  const last = words.at(-1) ?? "";
  if (ABOUT_SECRETS.has(last)) return false;
  const isKey = last === "key" || words.join(" ").endsWith("key pem") || words.join(" ").endsWith("user info");
  return isKey || words.some((word) => SECRET_WORDS.has(word));
}

/** Whether a parameter of a URL holds a secret, by its name. */
export function isSecretParameter(name: string): boolean {
  const words = wordsOf(name);
  return (
    words.some(
      (word) => SECRET_WORDS.has(word) || ["key", "sig", "signature", "auth", "code", "sas", "jwt"].includes(word),
    ) || /(key|token|secret|password|passwd|signature)$/.test(words.join(""))
  );
}

/** The password in a URL, or in each of several. */
const PASSWORD = /(?<=\/\/[^\s/?#:@]*:)[^\s/?#]+(?=@)/g;
/** The same where the scheme may be missing, as in a list of brokers. */
const BARE_PASSWORD = /(?<=(?:^|,)\s*[^\s/?#:@,]+:)[^\s/?#,]+(?=@)/g;
/** A parameter of a query or of a fragment. */
const PARAMETER = /[?&;#]([^=&;#?\s]+)=([^&;#\s]+)/g;

function urlParts(text: string, isUrl: boolean): SecretPart[] {
  const passwords = [...text.matchAll(PASSWORD), ...(isUrl ? text.matchAll(BARE_PASSWORD) : [])].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    label: "password",
  }));
  const parameters = [...text.matchAll(PARAMETER)].flatMap(({ index, 0: whole, 1: name = "", 2: value = "" }) =>
    isSecretParameter(decoded(name))
      ? [{ start: index + whole.length - value.length, end: index + whole.length, label: decoded(name) }]
      : [],
  );
  return mergedParts([...passwords, ...parameters]);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
