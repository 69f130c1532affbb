/** The shared cases, real and realistic payloads, under each kind of credentials; skipped where they are not at hand. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { creates, place, type ServerOnSandbox, startOnSandbox } from "../support/against-sandbox.ts";
import { bodyValidators } from "../support/api-description.ts";
import { credentialKinds } from "../support/server.ts";
import { at, openapi, sharedCases } from "../support/shared-atlas.ts";

const accepted = sharedCases?.filter((each) => each.expect === "accept") ?? [];
const refused = sharedCases?.filter((each) => each.expect === "refuse") ?? [];
const validators = bodyValidators();

describe.skipIf(!sharedCases || !openapi).each(credentialKinds)(
  "a shared case, with the credentials %s,",
  (credentials) => {
    let on: ServerOnSandbox;
    beforeAll(async () => {
      on = await startOnSandbox({ credentials });
    });
    afterEach(() => {
      on.sandbox.requests.length = 0;
      on.sandbox.state.workspace(place.groupId, place.tenantName)?.connections.clear();
    });
    afterAll(() => on.close());

    it.each(accepted)("($name) reaches Atlas as it should", async ({ connection, sent, warning }) => {
      const result = await on.server.create({ ...place, connection });
      expect(result).toMatchObject({ isError: false, outcome: "created", project: place });
      if (warning === true) expect(result["warnings"]).not.toEqual([]);
      if (warning === false) expect(result["warnings"]).toEqual([]);
      const bodies = on.sandbox.requests.filter(({ path }) => path.includes("/groups/")).map(({ body }) => body);
      expect(bodies.filter((body) => body !== undefined)).toEqual([sent]);
      const validate = validators.get(String(at(sent, "type")));
      expect([validate?.(creates(on.sandbox).at(-1)?.body), validate?.errors]).toEqual([true, null]);
    });

    it.each(refused)(
      "($name) is refused with the field at fault, and nothing is sent",
      async ({ connection, path, mention }) => {
        const { isError, error } = await on.server.create({ ...place, connection });
        expect([isError, error?.kind]).toEqual([true, "invalid_input"]);
        const fields = error?.fields?.filter((field) => field.path === path) ?? [];
        expect(fields).not.toEqual([]);
        expect(fields.map(({ message }) => message).join() + error?.hint).toContain(mention);
        expect(on.sandbox.requests.filter((request) => request.path.includes("/connections"))).toEqual([]);
      },
    );
  },
);

describe.skipIf(!openapi)("the judge of bodies", () => {
  it("knows every type, S3 too, which the description leaves out of one of its lists", () => {
    const base = at(openapi, "components", "schemas", "StreamsConnection");
    expect([...validators.keys()].sort()).toEqual(Object.keys(Object(at(base, "discriminator", "mapping"))).sort());
    expect(validators.size).toBe(10);
    expect(at(base, "properties", "type", "enum")).not.toContain("S3");
  });

  it.each([
    { name: "x", type: "Sample", url: "https://a.example.com" },
    { name: "x", type: "Kafka", bootstrapServers: ["a:1"] },
    { name: "x", type: "Kafka", authentication: { user: "u" } },
    { name: "x", type: "Kafka", id: "1" },
    { name: "x", type: "S3", networking: { access: { type: "PEERED" } } },
    { name: "x", type: "Cluster", dbRoleToExecute: { role: "r", type: "CUSTOM", links: [] } },
    { name: "x", type: "SchemaRegistry", provider: "CONFLUENT", schemaRegistryUrls: [] },
    {
      name: "x",
      type: "SchemaRegistry",
      provider: "CONFLUENT",
      schemaRegistryUrls: ["https://a.example.com"],
      schemaRegistryAuthentication: { type: "SASL_INHERIT", username: "u" },
    },
  ])("does not take %j", (body) => {
    expect(validators.get(body.type)?.(body)).toBe(false);
  });
});
