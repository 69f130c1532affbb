import { z } from "zod/v3";
import { name, secret, webUrls, withTrait } from "../../schema/fields.ts";
import { keyNames, keySecretNames } from "../access.ts";
import { connectionType } from "../connection-type.ts";

export const schemaRegistry = connectionType({
  type: "SchemaRegistry",
  use: "Confluent Schema Registry",
  prerequisite: "A registry that Atlas can reach.",
  fields: {
    provider: z.enum(["CONFLUENT"]).describe("Vendor"),
    schemaRegistryUrls: webUrls(10, "Registry URLs"),
    schemaRegistryAuthentication: z
      .discriminatedUnion("type", [
        z
          .object({
            type: z.literal("USER_INFO").describe("USER_INFO; SASL_INHERIT: as Kafka does"),
            username: withTrait(name("Or API key"), { alsoCalled: keyNames }),
            password: withTrait(secret("Secret"), { alsoCalled: keySecretNames }),
          })
          .strict(),
        z.object({ type: z.literal("SASL_INHERIT").describe("USER_INFO; SASL_INHERIT: as Kafka does") }).strict(),
      ])
      .describe("Login"),
  },
  apart: [["schemaRegistryUrls"]],
  uses: {},
  example: {
    provider: "CONFLUENT",
    schemaRegistryUrls: ["https://registry.example.com"],
    schemaRegistryAuthentication: {
      type: "USER_INFO",
      username: "atlas",
      password: "${env:ATLAS_STREAMS_SECRET_REGISTRY_PASSWORD}",
    },
  },
});
