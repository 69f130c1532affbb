/** What the tests of the three forms share: creates to translate, and how to read Terraform. */
import fc from "fast-check";
import { expect } from "vitest";
import { secretParts } from "../../src/connections/secret-places.ts";
import { type Connection, connectionSchema, connectionTypes } from "../../src/connections/union.ts";
import { variablesOf } from "../../src/equivalents/create.ts";
import type { CreateRequest } from "../../src/equivalents/equivalents.ts";
import { isObject, stringsIn } from "../../src/json.ts";
import type { PartsOf } from "../../src/secrets/parts.ts";
import { Reference, readHcl, Template } from "./read-hcl.ts";

export const groupId = "0123456789abcdef01234567";

export function createOf(connection: unknown, others: Partial<CreateRequest> = {}): CreateRequest {
  return {
    url: `https://cloud.mongodb.com/api/atlas/v2/groups/${groupId}/streams/orders/connections`,
    headers: { accept: "application/vnd.atlas.2023-02-01+json", "content-type": "application/json", "user-agent": "t" },
    groupId,
    tenantName: "orders",
    connection: connectionSchema.parse(connection),
    partsOf: secretParts,
    login: "access-token",
    ...others,
  };
}

/** A connection of every type. */
export const examples: [string, Connection][] = connectionTypes.map(({ type, example }) => [
  type,
  connectionSchema.parse({ type, name: `${type} 1`, ...example }),
]);

/** What breaks out of quotes, templates, comments and lines, between characters of all kinds. */
const unruly = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.constantFrom(
        "'",
        '"',
        "`",
        "$",
        "${x}",
        "$${",
        "%{",
        "%%{",
        "$(id)",
        "\\",
        "\\n",
        "\n",
        "\r",
        "\t",
        "!x",
        "%s",
      ),
      fc.constantFrom(
        "\u007f",
        "\u202e",
        "\u2028",
        "#",
        "//",
        "EOF",
        "é",
        "日本",
        "🦊",
        "\u001b[31m",
        "{{x}}",
        "@",
        "-",
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));
const unrulyName = unruly.filter((text) => text !== "");
const unrulyMap = fc.dictionary(
  unruly.filter((key) => key !== "__proto__"),
  unruly,
  { maxKeys: 3 },
);

/** A text that no other text holds by chance; an environment variable holds no NUL. */
export const unrulySecret = fc
  .tuple(fc.uuid(), unruly)
  .map(([unique, text]) => `${text}${unique}${text}`.replaceAll("\0", ""));

/** Connections whose strings are all unruly, with secrets and without. */
export const unrulyConnections: fc.Arbitrary<Connection> = fc
  .oneof(
    fc.record({
      type: fc.constant("Kafka"),
      name: unrulyName,
      bootstrapServers: unrulyName,
      authentication: fc.record({
        mechanism: unruly,
        username: unruly,
        password: unrulySecret,
        clientSecret: unrulySecret,
      }),
      security: fc.record({ protocol: unruly, brokerPublicCertificate: unruly }),
      config: unrulyMap,
      networking: fc.constant({ access: { type: "PUBLIC" } }),
    }),
    fc.record({
      type: fc.constant("Https"),
      name: unrulyName,
      url: fc.constant("https://example.com/it's?a=$HOME&b=`id`"),
      headers: fc.dictionary(
        unruly.filter((key) => key !== "__proto__"),
        unrulySecret,
        { maxKeys: 3 },
      ),
    }),
    fc.record({
      type: fc.constant("Cluster"),
      name: unrulyName,
      clusterName: unrulyName,
      clusterGroupId: fc.constantFrom(null, groupId),
      dbRoleToExecute: fc.record({ role: unrulyName, type: fc.constant("CUSTOM") }),
    }),
  )
  .map((connection) => connectionSchema.parse(connection));

/** Every string for which `isSecret` holds as one secret. */
export const wholly =
  (isSecret: (field: string | undefined) => boolean): PartsOf =>
  (text, [field]) =>
    isSecret(field) ? [{ start: 0, end: text.length }] : [];

/** The environment in which the variables of a create hold its secrets, which they are named after in their order. */
export function secretsOf(create: CreateRequest): Record<string, string> {
  const secrets = stringsIn(create.connection).flatMap(({ text, path }) =>
    create.partsOf(text, path).map(({ start, end }) => text.slice(start, end)),
  );
  const { names } = variablesOf(create);
  expect(names).toHaveLength(secrets.length);
  return Object.fromEntries(names.map((name, index) => [name, secrets[index] ?? ""]));
}

/** The resource that a Terraform text declares, its variables replaced by what `values` has for them. */
export function resourceOf(text: string, values: Record<string, string> = {}): Record<string, unknown> {
  const blocks = readHcl(text);
  const used = new Set<string>();
  const filledIn = ({ reference }: Reference) => {
    const name = reference.replace(/^var\./, "");
    used.add(name);
    return values[name.toUpperCase()] ?? `<${name}>`;
  };
  const resolve = (value: unknown): unknown => {
    if (value instanceof Reference) return filledIn(value);
    if (value instanceof Template)
      return value.pieces.map((piece) => (typeof piece === "string" ? piece : filledIn(piece))).join("");
    if (Array.isArray(value)) return value.map(resolve);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner)]));
  };
  const resource = resolve(blocks.at(-1)?.body);
  const declared = blocks.filter(({ header }) => header[0] === "variable").map(({ header }) => header[1] ?? "");
  expect([...used].sort()).toEqual(declared.sort());
  return isObject(resource) ? resource : {};
}
