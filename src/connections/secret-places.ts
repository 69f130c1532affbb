/**
 * Where the secrets of a connection are, read off the union: whole fields, headers, settings of a client, and parts of
 * URLs. Every view of a connection, or of a part of one, goes through this.
 */
import type { z } from "zod/v3";
import { type Path, stringsIn } from "../json.ts";
import { type SecretHolder, traitOf } from "../schema/fields.ts";
import { propertiesOf } from "../schema/structure.ts";
import { mergedParts, outsideHosts, privateKeysIn, type SecretPart } from "../secrets/parts.ts";
import { type ReferencePlace, withoutReferences } from "../secrets/references.ts";
import { isPlainHeader, saysSecret } from "../secrets/secret-names.ts";
import { connectionSchema } from "./union.ts";

/** The documented fields, by name, and what secrets each holds. A name counts wherever it stands: echoes are covered too. */
const fields = new Map(
  fieldsIn(connectionSchema).toSorted(([, a], [, b]) => Number(a !== undefined) - Number(b !== undefined)),
);

function fieldsIn(schema: z.ZodTypeAny): [string, SecretHolder | undefined][] {
  return propertiesOf(schema).flatMap(([name, property]) => [
    ...fieldsIn(property),
    [name, traitOf(property).holds] satisfies [string, SecretHolder | undefined],
  ]);
}

const whole = (text: string): SecretPart[] => (text === "" ? [] : [{ start: 0, end: text.length }]);

/** The secrets in the string at `path` of a connection. */
export function secretParts(text: string, path: Path): SecretPart[] {
  return mergedParts([...partsByName(text, path), ...privateKeysIn(text)]);
}

function partsByName(text: string, path: Path): SecretPart[] {
  const at = path.findIndex((step) => fields.get(step) !== undefined);
  const name = path[at + 1];
  // The API does not document it, so only its name can tell.
  if (path.slice(0, at < 0 ? undefined : at).some(saysSecret)) return whole(text);
  switch (fields.get(path[at] ?? "")) {
    case "secret":
      return whole(text);
    case "headers":
      return name !== undefined && isPlainHeader(name) ? [] : whole(text);
    case "settings":
      return name === undefined || saysSecret(name) ? whole(text) : [...urlParts(text, false), ...pairParts(text)];
    case "pairs":
      return pairParts(text);
    case "url":
    case "hosts":
      return urlParts(text, true);
    default:
      return text.includes("://") ? urlParts(text, false) : [];
  }
}

/**
 * The secrets in the string at `path` of a processor: in its stages `$https`, the values that are written out there.
 * What begins with a dollar sign is a field of a document, or computed from one.
 */
export function stageSecretParts(text: string, path: Path): SecretPart[] {
  const at = path.lastIndexOf("$https");
  return mergedParts([...(at < 0 ? [] : stagePartsByName(text, path.slice(at + 1))), ...privateKeysIn(text)]);
}

function stagePartsByName(text: string, [field, ...inside]: Path): SecretPart[] {
  const [name = ""] = inside;
  if ([text, ...inside].some((each) => each.startsWith("$"))) return [];
  if (field === "headers") return isPlainHeader(name) ? [] : whole(text);
  if (field === "parameters") return saysSecret(name) ? whole(text) : [];
  return field === "path" && inside.length === 0 ? urlParts(text, false) : [];
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
  return path.some((step) => !["hosts", undefined].includes(fields.get(step)) || step === "username");
}

/**
 * Where a reference stands that is this part of the string at `path`. A host is shown as it is, like a name, and so is a
 * value of which only its name tells that it is no secret.
 */
export function placeOfReference(path: Path, text: string, part: SecretPart): ReferencePlace {
  const plain = withoutReferences(text);
  const isInside = ({ start, end }: SecretPart) => start <= part.start && part.end <= end;
  if (!takesReferences(path)) return "visible";
  if (secretParts(plain, path).some(isInside)) return "secret";
  const isShown = path.some((step) => fields.get(step) === "pairs") || outsideHosts(plain, [part]).length === 0;
  return isShown ? "visible" : "masked";
}

/** Whether what stands at `path` is, or is inside, a secret that Atlas takes and never returns. */
export function isNeverReturned(path: Path): boolean {
  return path.some((step) => fields.get(step) === "secret");
}

/** The settings in `connection` that hold a secret; Atlas shows them, unlike the fields that are secrets themselves. */
export function secretSettings(connection: unknown): Path[] {
  const isSetting = (path: Path) => path.some((step) => fields.get(step) === "settings");
  return secretsIn(connection).flatMap(({ path }) => (isSetting(path) ? [path] : []));
}

/** Whether a field is a map whose keys are free. */
export function isFreeMap(field: string): boolean {
  return fields.get(field) === "headers" || fields.get(field) === "settings";
}

/** Whether a field is a map of headers, whose names have no case, and which Atlas may not show. */
export const isHeaders = (field: string): boolean => fields.get(field) === "headers";

/** The password in a URL, or in each of several. */
const PASSWORD = /(?<=\/\/[^\s/?#:@]*:)[^\s/?#]+(?=@)/g;
/** The same where the scheme may be missing, as in a list of brokers. */
const BARE_PASSWORD = /(?<=(?:^|,)\s*[^\s/?#:@,]+:)[^\s/?#,]+(?=@)/g;
/** A parameter of a query or of a fragment. */
const PARAMETER = /[?&;#]([^=&;#?\s]+)=([^&;#\s]+)/g;

/** A name and its value, of several. */
const PAIR = /(?<=^|[,;\s])([\w.-]+)=("[^"]*"|[^,;\s]+)/g;

/** The part of a URL's path that lets whoever knows it write to a chat, after what all such paths have. */
const WEBHOOKS: readonly RegExp[] = [
  /(?<=\/(?:services|workflows|triggers)\/)T[A-Z0-9]+\/[\w/-]+/g,
  /(?<=\/api\/(?:v\d+\/)?webhooks\/\d+\/)[\w-]+/g,
  /(?<=\/webhook(?:b2)?\/)[\w-]+@[\w@/-]+/g,
  /(?<=\/bot)\d+:[\w-]+/g,
  /(?<=\/hooks\.zapier\.com\/hooks\/catch\/)[\w/-]+/g,
  /(?<=\/trigger\/[^/]+\/(?:json\/)?with\/key\/)[\w-]+/g,
  /(?<=\/open-apis\/bot\/v2\/hook\/)[\w-]+/g,
  /(?<=\/hooks\/)[a-z0-9]{20,}(?=$|[?#])/g,
];

const matched = (text: string, pattern: RegExp, label?: string): SecretPart[] =>
  [...text.matchAll(pattern)].map(({ index, 0: part }) => ({
    start: index,
    end: index + part.length,
    ...(label !== undefined && { label }),
  }));

/** The values whose names, in front of a `=`, say that they are secret. */
function namedParts(text: string, pattern: RegExp): SecretPart[] {
  return [...text.matchAll(pattern)].flatMap(({ index, 0: pair, 1: name = "", 2: value = "" }) => {
    const label = decoded(name);
    const end = index + pair.length;
    return saysSecret(label) ? [{ start: end - value.length, end, label }] : [];
  });
}

const pairParts = (text: string) => namedParts(text, PAIR);

function urlParts(text: string, isUrl: boolean): SecretPart[] {
  return mergedParts([
    ...[PASSWORD, ...(isUrl ? [BARE_PASSWORD] : [])].flatMap((pattern) => matched(text, pattern, "password")),
    ...WEBHOOKS.flatMap((pattern) => matched(text, pattern, "webhook")),
    ...namedParts(text, PARAMETER),
  ]);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
