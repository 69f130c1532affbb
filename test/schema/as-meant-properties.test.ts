/** What holds of the pass for any payload, made from the union itself: a new type or field is covered as it is added. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod/v3";
import { kafkaSetting } from "../../src/connections/types/kafka-settings.ts";
import { connectionSchema } from "../../src/connections/union.ts";
import { isObject, type JsonObject, type Path, stringsIn, valueAt, withValueAt } from "../../src/json.ts";
import { asMeant, withLineBreaks } from "../../src/schema/as-meant.ts";
import { bare, traitOf } from "../../src/schema/fields.ts";
import { literalOf, objectsOf, propertiesOf, schemaAt } from "../../src/schema/structure.ts";

const PEM = "-----BEGIN X-----\nMIID\n-----END X-----";

/** Text that looks like something that is read elsewhere. */
const anyText = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '{"a":1}',
    "[]",
    "null",
    "true",
    " https://x ",
    PEM,
    PEM.replaceAll("\n", "\\n"),
    "sasl_ssl",
    "Kafka",
  ),
);

/** Keys of free maps, among them names that are fields elsewhere; but for the settings that have a field of their own. */
const freeKey = fc
  .oneof(fc.string(), fc.constantFrom("links", "id", "_x", "random_string", "type", "Headers", "bootstrap_servers"))
  .filter((key) => kafkaSetting(key, "x").length === 0 && !/^sasl\W*jaas/i.test(key));

/** Values of a string field as Atlas documents it. */
function textOf(schema: z.ZodTypeAny): fc.Arbitrary<string> {
  const { known, commaSeparated, pem, holds } = traitOf(schema);
  if (known) return fc.constantFrom(...known);
  if (commaSeparated) return fc.array(fc.domain(), { minLength: 1, maxLength: 3 }).map((hosts) => hosts.join(","));
  if (pem) return fc.constantFrom(PEM, `${PEM}\n`, "${env:KEY}");
  if (holds === "url") return fc.webUrl();
  return schema.safeParse("a".repeat(24)).success && !schema.safeParse("x").success
    ? fc.constant("a".repeat(24))
    : anyText.filter((text) => schema.safeParse(text).success);
}

/** Values that the schema has, in its own form. */
function valuesOf(schema: z.ZodTypeAny): fc.Arbitrary<unknown> {
  const field = bare(schema);
  if (field instanceof z.ZodObject || field instanceof z.ZodDiscriminatedUnion)
    return fc.oneof(...objectsOf(field).map(objectOf)).filter((value) => schema.safeParse(value).success);
  if (field instanceof z.ZodRecord) return fc.dictionary(freeKey, anyText, { maxKeys: 4, noNullPrototype: true });
  if (field instanceof z.ZodArray)
    return fc.uniqueArray(traitOf(schema).holds === "url" ? fc.webUrl() : valuesOf(field.element), {
      minLength: 1,
      maxLength: 3,
    });
  if (field instanceof z.ZodEnum) return fc.constantFrom(...field.options);
  if (field instanceof z.ZodLiteral) return fc.constant(field.value);
  return textOf(schema);
}

function objectOf(object: z.AnyZodObject): fc.Arbitrary<JsonObject> {
  const shape = Object.entries<z.ZodTypeAny>(object.shape);
  const requiredKeys = shape.flatMap(([name, property]) => (property.isOptional() ? [] : [name]));
  const values = Object.fromEntries(shape.map(([name, property]) => [name, valuesOf(property)]));
  return fc.record(values, { requiredKeys, noNullPrototype: true });
}

/** `text` in another spelling. */
const respelt = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.boolean(), fc.constantFrom("", "", "", "_", "-", " ")), {
      minLength: text.length,
      maxLength: text.length,
    })
    .map((marks) =>
      marks.map(([upper, mark], i) => `${upper ? text.charAt(i).toUpperCase() : text.charAt(i).toLowerCase()}${mark}`),
    )
    .map((letters) => letters.join(""));

const asItIs = fc.constant;
const asJson = (value: unknown) => fc.constantFrom<unknown>(value, JSON.stringify(value));

/** `value`, which fits the schema, in another form in which it can only mean the same. */
function disguised(schema: z.ZodTypeAny, value: unknown): fc.Arbitrary<unknown> {
  const field = bare(schema);
  const { known, commaSeparated } = traitOf(schema);
  if (field instanceof z.ZodRecord) return asJson(value);
  if (field instanceof z.ZodArray && Array.isArray(value))
    return value.length === 1 ? fc.oneof(asJson(value), fc.constant(value[0])) : asJson(value);
  if (isObject(value)) {
    const member = memberFor(field, value);
    const fields = Object.entries(value).map(([name, inner]) =>
      fc.tuple(fc.oneof(asItIs(name), respelt(name)), disguised(schemaAt(member, [name]) ?? z.unknown(), inner)),
    );
    const extras = fc.constantFrom<[string, unknown][]>([], [["links", [{ rel: "self" }]]], [["nothing", null]]);
    return fc
      .tuple(extras, ...fields)
      .map(([extra, ...given]) => Object.fromEntries([...extra, ...given]))
      .chain(asJson);
  }
  if (typeof value !== "string") return asItIs(value);
  if (commaSeparated) return fc.oneof(asItIs<unknown>(value), asJson(value.split(",")));
  if (known?.includes(value) || field instanceof z.ZodEnum || field instanceof z.ZodLiteral)
    return fc.oneof(asItIs(value), respelt(value));
  return asItIs(value);
}

function memberFor(field: z.ZodTypeAny, value: JsonObject): z.ZodTypeAny {
  const isMember = (member: z.AnyZodObject) => literalOf(member, "type") === value["type"];
  return field instanceof z.ZodDiscriminatedUnion ? (objectsOf(field).find(isMember) ?? field) : field;
}

const connections = valuesOf(connectionSchema);
const meant = (value: unknown) => asMeant(connectionSchema, value, ["connection"]);

describe("a payload that the union accepts", () => {
  test("in its own form is never changed", () => {
    fc.assert(
      fc.property(connections, (connection) => {
        expect(meant(connection)).toEqual({ value: connection, changes: [], problems: [], nulls: [] });
      }),
      { numRuns: 300 },
    );
  });

  test("in any other form in which it can only mean the same is that payload", () => {
    fc.assert(
      fc.property(
        connections.chain((connection) => fc.tuple(asItIs(connection), disguised(connectionSchema, connection))),
        ([connection, given]) => {
          expect(meant(given)).toMatchObject({ value: connection, problems: [] });
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Names of fields at any depth. */
const namesIn = (schema: z.ZodTypeAny): string[] =>
  propertiesOf(schema).flatMap(([name, property]) => [name, ...namesIn(property)]);
const names = [...new Set([...namesIn(connectionSchema), "links", "id", "state", "connectionName", "__proto__"])];
const words = ["Kafka", "SchemaRegistry", "USER_INFO", "SCRAM-SHA-512", "SASL_SSL", "BUILT_IN", "atlasAdmin", "PUBLIC"];
const settings = ["bootstrap.servers", "sasl.mechanism", "saslMechanism", "sasl.password", "ssl.key.pem", "acks"];
const spelling = (from: readonly string[]) =>
  fc.constantFrom(...from).chain((word) => fc.oneof(asItIs(word), respelt(word)));

/** Anything made of what the union is made of, a type among it more often than not. */
const { junk } = fc.letrec<{ junk: unknown; object: unknown; leaf: unknown }>((tie) => ({
  junk: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    tie("leaf"),
    tie("object"),
    fc.array(tie("junk"), { maxLength: 3 }),
  ),
  object: fc
    .tuple(
      fc.dictionary(fc.oneof(spelling(names), fc.constantFrom(...settings)), tie("junk"), { maxKeys: 6 }),
      fc.option(fc.tuple(spelling(["type"]), spelling(["Kafka", "SchemaRegistry", "Cluster", "USER_INFO"]))),
    )
    .map(([object, type]) => ({ ...object, ...(type && { [type[0]]: type[1] }) }))
    .chain(asJson),
  leaf: fc.oneof(anyText, spelling(words), fc.constantFrom(null, true, 7, ["a:1"], '["a:1"]')),
}));

describe("junk", () => {
  test("made of the union's own names: what was meant once is not changed again", () => {
    fc.assert(
      fc.property(junk, (given) => {
        const { value } = meant(given);
        expect(meant(value)).toEqual({ value, changes: [], problems: [], nulls: [] });
      }),
      { numRuns: 1000 },
    );
  });

  test("of any kind is no reason to throw, nor is it changed in place", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), junk), fc.boolean(), (given, partial) => {
        const before = structuredClone(given);
        for (const schema of [connectionSchema, ...objectsOf(connectionSchema)]) {
          asMeant(schema, given, [], { partial });
          asMeant(schema, JSON.stringify(given), [], { partial });
        }
        expect(given).toEqual(before);
      }),
    );
  });
});

describe("free maps", () => {
  test.each([
    ["Kafka", "config"],
    ["Https", "headers"],
  ])("of %s: keys of %s are kept, and so is what they hold", (type, field) => {
    fc.assert(
      fc.property(fc.dictionary(freeKey, anyText, { minKeys: 1 }), respelt(field), (map, key) => {
        expect(meant({ type, [key]: map }).value).toEqual({ type, [field]: map });
        expect(meant({ type, [key]: JSON.stringify(map) }).value).toEqual({ type, [field]: map });
      }),
    );
  });
});

describe("a secret", () => {
  /** With it, a text is told from everything else. */
  const asMark = fc.constantFrom("", "§§");
  const kafka = { type: "Kafka" };
  const registry = { type: "SchemaRegistry", schemaRegistryAuthentication: { type: "user-info" } };
  const places: [JsonObject, Path][] = [
    [kafka, ["authentication", "password"]],
    [kafka, ["authentication", "clientSecret"]],
    [kafka, ["authentication", "sslKeyPassword"]],
    [kafka, ["authentication", "sslKey"]],
    [kafka, ["config", "ssl.truststore.password"]],
    [{ type: "Https" }, ["headers", "Authorization"]],
    [registry, ["schemaRegistryAuthentication", "password"]],
  ];

  test.each(places)("of %j at %j leaves the pass as it came, and in no note", (connection, path) => {
    fc.assert(
      fc.property(anyText, asMark, fc.boolean(), (text, mark, asText) => {
        const secret = `${mark}${text}`;
        const given = withValueAt(connection, path, secret);
        const { value, changes, problems } = meant(asText ? JSON.stringify(given) : given);
        expect(valueAt(value, path)).toBe(path.at(-1) === "sslKey" ? withLineBreaks(secret) : secret);
        if (mark !== "") expect(JSON.stringify([changes, problems])).not.toContain(mark);
      }),
    );
  });

  test.each([
    ["sasl.password", ["authentication", "password"]],
    ["ssl.key.password", ["authentication", "sslKeyPassword"]],
    ["saslOauthbearerClientSecret", ["authentication", "clientSecret"]],
  ])("moved from the setting %s is the same in its field, and nowhere else", (setting, path) => {
    fc.assert(
      fc.property(anyText, (text) => {
        const secret = `§§${text}`;
        const { value, changes } = meant({ type: "Kafka", config: { [setting]: secret } });
        expect(stringsIn(value).filter((found) => found.text === secret)).toEqual([{ text: secret, path }]);
        expect(JSON.stringify(changes)).not.toContain("§§");
      }),
    );
  });
});
