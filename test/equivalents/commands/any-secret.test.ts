/** What the three forms do when a secret is an ordinary word, code, or random: nothing else than with any other. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod/v3";
import { isNeverReturned } from "../../../src/connections/secret-places.ts";
import { type Connection, connectionSchema } from "../../../src/connections/union.ts";
import { type CreateRequest, equivalentsOf } from "../../../src/equivalents/equivalents.ts";
import { terraformOfExisting } from "../../../src/equivalents/terraform-of-existing.ts";
import { isObject, type JsonObject, type Path, withValueAt } from "../../../src/json.ts";
import { sandboxCredentials } from "../../../src/sandbox/credentials.ts";
import { sandboxEmptyTenant, sandboxProject } from "../../../src/sandbox/data/seed.ts";
import { propertiesOf } from "../../../src/schema/structure.ts";
import { type Sandbox, startSandbox } from "../../support/sandbox.ts";
import { createOf, resourceOf, secretsOf, unrulySecret } from "../support.ts";
import { has, runAtlasCli, shell } from "./shell.ts";

const fieldNames = (schema: z.ZodTypeAny): string[] =>
  propertiesOf(schema).flatMap(([name, property]) => [name, ...fieldNames(property)]);

const words = fc.constantFrom(
  ...new Set(fieldNames(connectionSchema)),
  ...["READY", "PENDING", "FAILED", "DELETING", "Kafka", "SchemaRegistry", "orders", "connections"],
  ...["if", "then", "fi", "printf", "curl", "data", "header", "escape", "body", "token", "EOF", "awk", "sed", "folder"],
  ...["GET", "POST", "Bearer", "Basic", "Accept", "Authorization", "application/json", "grant_type", "user"],
  ...["var", "variable", "resource", "sensitive", "mongodbatlas_stream_connection", "https", "example.com"],
);
const code = fc.constantFrom(
  ...["'", '"', "`id`", "$(id)", "$HOME", "${HOME}", "$", "%", "%s", "\\", "\\u0041", "#", "!!", "&", "|", "<", ">"],
  ...["\n", "\t", " ", "\nEOF\n", "'; exit 1; '", '"; exit 1; "', "{", "}", "${var.x}", "$${", "%{if}", "//", "*/"],
);
const secrets = fc.oneof(words, code, unrulySecret);

/** A secret as it has to be in a URL, where most of a shell's signs may stand as they are. */
const inUrl = (secret: string) => secret.replace(/[^!-~]|[/?#@&;,%\\]/gu, encodeURIComponent);
const urlSecrets = secrets.map(inUrl);

/** What else is in a connection: ordinary words, or what repeats a secret. */
const textWith = (secret: string) => fc.oneof(words, fc.constantFrom(`svc-${secret}`, `${secret}${secret}`));

/** Connections with secrets in every place that holds some. */
const connections: fc.Arbitrary<Connection> = fc
  .tuple(secrets, urlSecrets, urlSecrets)
  .chain(([secret, first, second]) => {
    const open = textWith(secret);
    return fc.oneof(
      fc.record({
        type: fc.constant("Kafka"),
        name: open,
        bootstrapServers: fc.constant(`bob:${first}@b1.example.com:9092,sasl://bob:${second}@b2.example.com:9092`),
        authentication: fc.record({
          mechanism: fc.constant("PLAIN"),
          username: open,
          password: fc.constant(secret),
          tokenEndpointUrl: fc.constant(`https://bob:${first}@idp.example.com/token?client_secret=${second}`),
          clientSecret: secrets,
          sslKey: secrets,
          sslKeyPassword: secrets,
        }),
        config: fc.record({
          "client.id": open,
          "sasl.jaas.config": secrets,
          "ssl.key.pem": secrets,
          "http.proxy": fc.constant(`http://bob:${first}@proxy.example.com:3128`),
        }),
      }),
      fc.record({
        type: fc.constant("Https"),
        name: open,
        url: fc.constant(`https://bob:${first}@example.com/hook?token=${second}&page=1#api_key=${first}`),
        headers: fc.record({ Authorization: fc.constant(secret), "X-Api-Key": secrets, "Content-Type": open }),
      }),
      fc.record({
        type: fc.constant("SchemaRegistry"),
        name: open,
        provider: fc.constant("CONFLUENT"),
        schemaRegistryUrls: fc.constant([`https://bob:${first}@a.example.com`, `https://b.example.com?sig=${second}`]),
        schemaRegistryAuthentication: fc.record({
          type: fc.constant("USER_INFO"),
          username: open,
          password: fc.constant(secret),
        }),
      }),
    );
  })
  .map((connection) => connectionSchema.parse(connection));

/** What every random secret holds, and nothing else. */
const RANDOM = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** The attributes that a connection has in Terraform, by the provider's convention: `snake_case`, maps as they are. */
function attributesOf(fields: object): JsonObject {
  const renamed: Record<string, string> = { name: "connection_name", provider: "schema_registry_provider" };
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([field]) => !["sslKey", "sslKeyPassword"].includes(field))
      .map(([field, value]) => [
        renamed[field] ?? field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        isObject(value) && field !== "config" && field !== "headers" ? attributesOf(value) : value,
      ]),
  );
}

/** A connection without the secrets that Atlas never returns. */
function asAtlasShows(fields: JsonObject, path: Path = []): JsonObject {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([field]) => !isNeverReturned([...path, field]))
      .map(([field, value]) => [field, isObject(value) ? asAtlasShows(value, [...path, field]) : value]),
  );
}

const place = { groupId: sandboxProject.groupId, tenantName: sandboxEmptyTenant };
const common = { project_id: place.groupId, workspace_name: place.tenantName };

const { clientId, clientSecret, accessToken, publicKey, privateKey } = sandboxCredentials;
const logins = fc.constantFrom<[CreateRequest["login"], Record<string, string>]>(
  ["service-account", { MONGODB_ATLAS_CLIENT_ID: clientId, MONGODB_ATLAS_CLIENT_SECRET: clientSecret }],
  ["access-token", { MONGODB_ATLAS_ACCESS_TOKEN: accessToken }],
  ["api-key", { MONGODB_ATLAS_PUBLIC_KEY: publicKey, MONGODB_ATLAS_PRIVATE_KEY: privateKey }],
);

describe("with any secret", () => {
  it("none of the texts holds a random one", () => {
    fc.assert(
      fc.property(connections, (connection) => {
        for (const text of Object.values(equivalentsOf(createOf(connection, place)))) expect(text).not.toMatch(RANDOM);
      }),
      { numRuns: 100 },
    );
  });

  it.skipIf(!has("bash"))("the commands are well-formed", async () => {
    await fc.assert(
      fc.asyncProperty(connections, async (connection) => {
        const { curl, atlasCli } = equivalentsOf(createOf(connection, place));
        for (const script of [curl, atlasCli]) await shell(script, {}, { shell: "bash", flags: ["-n"] });
      }),
      { numRuns: 20 },
    );
  });

  describe.skipIf(!has("curl"))("on the sandbox", () => {
    let sandbox: Sandbox;
    beforeAll(async () => {
      sandbox = await startSandbox();
    });
    afterAll(() => sandbox.close());

    it.each(["/bin/sh", ...(has("bash") ? ["bash"] : [])])("%s and curl create what was asked for", async (program) => {
      const path = `/api/atlas/v2/groups/${place.groupId}/streams/${place.tenantName}/connections`;
      await fc.assert(
        fc.asyncProperty(connections, logins, async (connection, [login, credentials]) => {
          const { connections: stored } = sandbox.state.workspace(place.groupId, place.tenantName) ?? {};
          stored?.clear();
          const create = createOf(connection, { ...place, url: sandbox.url + path, login });
          await shell(equivalentsOf(create).curl, { ...credentials, ...secretsOf(create) }, { shell: program });
          expect([...(stored?.values() ?? [])].map(({ body }) => body)).toEqual([connection]);
        }),
        { numRuns: 15 },
      );
    });
  });

  it("the Atlas CLI is given what was asked for", async () => {
    await fc.assert(
      fc.asyncProperty(connections, async (connection) => {
        expect((await runAtlasCli(createOf(connection, place))).body).toEqual(connection);
      }),
      { numRuns: 20 },
    );
  });

  it("Terraform holds what was asked for", () => {
    fc.assert(
      fc.property(connections, (connection) => {
        const create = createOf(connection, place);
        const { terraform } = equivalentsOf(create);
        expect(resourceOf(terraform, secretsOf(create))).toEqual({ ...common, ...attributesOf(connection) });
      }),
      { numRuns: 100 },
    );
  });

  it("Terraform holds an existing connection as Atlas shows it, but for what it does not show", () => {
    fc.assert(
      fc.property(connections, (connection) => {
        const shown = asAtlasShows({ ...connection });
        const login = connection.type === "Kafka" ? "authentication" : "schemaRegistryAuthentication";
        const complete = connection.type === "Https" ? shown : withValueAt(shown, [login, "password"], "?");
        const values = secretsOf(createOf(complete, place));
        const answer = { ...shown, id: "1", state: "READY", links: [] };
        const text = terraformOfExisting({ ...place, origin: "https://cloud.mongodb.com", connection: answer });
        expect(resourceOf(text ?? "", values)).toEqual({ ...common, ...attributesOf(complete) });
        for (const secret of Object.values(values)) if (RANDOM.test(secret)) expect(text).not.toContain(secret);
      }),
      { numRuns: 100 },
    );
  });
});
