/** No secret in what is said about a connection. Other wordings are tested where the fields are. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { secretsIn } from "../../src/connections/secret-places.ts";
import { exampleOf } from "./example.ts";
import { read } from "./read.ts";

/** A text that stands in no message by chance. */
const secret = fc.string({ minLength: 4, maxLength: 80 }).map((text) => `§${text}§`);

/** What a person or agent may make of a secret: the text itself, or the text somewhere inside something else. */
const misplaced = secret.chain((text) =>
  fc.constantFrom<unknown>(text, [text], { value: text }, { [text]: text }, { a: [text, 1] }, null).map((given) => ({
    text,
    given,
  })),
);

const secretPlaces = [
  ["Kafka", "authentication", "password"],
  ["Kafka", "authentication", "clientSecret"],
  ["Kafka", "authentication", "sslKey"],
  ["Kafka", "authentication", "sslKeyPassword"],
  ["SchemaRegistry", "schemaRegistryAuthentication", "password"],
  ["Https", "headers", "X-Key"],
] as const;

/** Everything that is said about a connection. */
function said(connection: unknown): string[] {
  const result = read(connection);
  return "problems" in result ? result.problems.map(({ message }) => message) : result.warnings;
}

describe("a secret", () => {
  test.each(secretPlaces)("of %s in %s.%s is in no message, whatever its form", (type, field, name) => {
    fc.assert(
      fc.property(misplaced, ({ text, given }) => {
        const connection = exampleOf(type, { [field]: { ...Object(exampleOf(type)[field]), [name]: given } });
        for (const message of said(connection)) expect(message).not.toContain(text);
      }),
    );
  });

  test("stays out of every message where other fields are wrong", () => {
    const wrong = fc.constantFrom<unknown>(undefined, null, 7, "", [], {}, "x");
    fc.assert(
      fc.property(secret, wrong, wrong, wrong, (text, type, name, bootstrapServers) => {
        const authentication = { mechanism: "scram-512", password: text, pasword: text, username: 1 };
        const connection = { type, name, bootstrapServers, authentication };
        for (const given of [connection, { ...connection, type: "Kafka" }])
          for (const message of said(given)) expect(message).not.toContain(text);
      }),
    );
  });

  test("as an object where a text belongs is known to be one all the same", () => {
    fc.assert(
      fc.property(secret, (text) => {
        const found = secretsIn({ authentication: { password: { value: text } }, headers: [text] });
        expect(found.map(({ text: value }) => value)).toEqual([text, text]);
      }),
    );
  });
});

describe("a text that is repeated in a message", () => {
  /** The redactor can mask only what it sees whole, so a value that may be a resolved reference is never cut. */
  const places: [string, (text: string) => unknown][] = [
    ["type", (type) => ({ name: "x", type })],
    ["an id", (clusterGroupId) => exampleOf("Cluster", { clusterGroupId })],
    ["an enumerated value", (type) => exampleOf("S3", { networking: { access: { type } } })],
    ["an open-ended value", (mechanism) => exampleOf("Kafka", { authentication: { mechanism } })],
    ["a role", (role) => exampleOf("Cluster", { dbRoleToExecute: { role, type: "BUILT_IN" } })],
  ];

  test.each(places)("as %s stands there whole or not at all", (_place, connection) => {
    for (const length of [1, 40, 60, 61, 64, 71, 200, 5_000]) {
      const text = `<${"s".repeat(length)}>`;
      for (const message of said(connection(text)))
        expect(message.replaceAll(JSON.stringify(text), "")).not.toContain("<s");
    }
  });

  test.each(places)("as %s is short enough to read", (_place, connection) => {
    for (const message of said(connection("s".repeat(5_000)))) expect(message.length).toBeLessThan(500);
  });
});
