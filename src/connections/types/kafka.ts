import { z } from "zod/v3";
import {
  certificate,
  commaSeparated,
  openString,
  pairs,
  privateKey,
  secret,
  settings,
  text,
  webUrl,
  withTrait,
} from "../../schema/fields.ts";
import type { Remark } from "../../schema/problems.ts";
import { awsRole, keyNames, keySecretNames, networking, reviewAccess } from "../access.ts";
import { connectionType, type MissingSecret } from "../connection-type.ts";
import { kafkaSetting } from "./kafka-settings.ts";

/** Mechanisms that log in with a user name and password. */
const passwordMechanisms = ["PLAIN", "SCRAM-256", "SCRAM-512"];
/** The API description does not name the last one, which MongoDB's own tools send with a role. */
const mechanisms = [...passwordMechanisms, "OAUTHBEARER", "AWS_MSK_IAM"];
const ofPasswords = <T extends z.ZodTypeAny>(field: T) => withTrait(field, { kinds: passwordMechanisms });
const ofTokens = <T extends z.ZodTypeAny>(field: T) => withTrait(field, { kinds: ["OAUTHBEARER"] });
/** The API description names the first three; PLAINTEXT is what the Atlas CLI's own end-to-end tests send. */
const protocols = ["SASL_PLAINTEXT", "SASL_SSL", "SSL", "PLAINTEXT"];

export const kafka = connectionType({
  type: "Kafka",
  use: "Apache Kafka, Confluent, MSK, Redpanda, …",
  alsoCalled: [
    "confluent",
    "confluentcloud",
    "msk",
    "awsmsk",
    "redpanda",
    "eventhub",
    "eventhubs",
    "warpstream",
    "broker",
  ],
  prerequisite: "Reachable brokers; for a private network, the private link or peering in the project.",
  fields: {
    bootstrapServers: withTrait(commaSeparated("host:port,host:port"), {
      alsoCalled: ["brokers", "broker", "brokerlist", "kafkabrokers", "bootstrap", "servers", "hosts"],
    }),
    authentication: z
      .object({
        mechanism: openString(mechanisms, `${mechanisms.join(", ")}; mutual TLS needs none`).optional(),
        username: withTrait(ofPasswords(text("For PLAIN and SCRAM")), { alsoCalled: keyNames }).optional(),
        password: withTrait(secret("Secret"), { alsoCalled: keySecretNames }).optional(),
        method: ofTokens(openString(["OIDC"], "For OAUTHBEARER: OIDC")).optional(),
        tokenEndpointUrl: ofTokens(webUrl("OIDC token endpoint")).optional(),
        clientId: ofTokens(text("OIDC client")).optional(),
        clientSecret: secret("Of clientId; secret").optional(),
        scope: ofTokens(text("OIDC scopes")).optional(),
        saslOauthbearerExtensions: ofTokens(pairs("key=value,…")).optional(),
        sslCertificate: certificate("Client certificate, PEM").optional(),
        sslKey: privateKey("Client key, PEM; secret").optional(),
        sslKeyPassword: secret("Of sslKey; secret").optional(),
        aws: withTrait(
          z
            .object({ ...awsRole, roleArn: awsRole.roleArn.optional() })
            .strict()
            .describe("AWS access"),
          { kinds: ["OAUTHBEARER", "AWS_MSK_IAM"] },
        ).optional(),
      })
      .strict()
      .describe("Login")
      .optional(),
    security: z
      .object({
        protocol: openString(protocols, protocols.join(", ")).optional(),
        brokerPublicCertificate: certificate("Brokers' own CA, PEM").optional(),
      })
      .strict()
      .describe("Transport")
      .optional(),
    config: settings("Client settings, e.g. auto.offset.reset", kafkaSetting).optional(),
    networking,
  },
  apart: [["bootstrapServers"]],
  uses: { privateLinks: null, vpcPeerings: null },
  linkVendors: ["MSK", "CONFLUENT", "EVENTHUB", "GENERIC"],
  example: {
    bootstrapServers: "broker-1.example.com:9092,broker-2.example.com:9092",
    authentication: {
      mechanism: "SCRAM-512",
      username: "atlas",
      password: "${env:ATLAS_STREAMS_SECRET_KAFKA_PASSWORD}",
    },
    security: { protocol: "SASL_SSL" },
    config: { "auto.offset.reset": "earliest" },
  },
  missingSecrets: ({ authentication }) => {
    const missing: MissingSecret[] = [];
    const mechanism = authentication?.mechanism ?? "";
    if (passwordMechanisms.includes(mechanism) && !authentication?.password)
      missing.push({ path: ["authentication", "password"], reason: `${mechanism} logs in with a password` });
    if (mechanism === "OAUTHBEARER" && !authentication?.clientSecret && !authentication?.aws)
      missing.push({ path: ["authentication", "clientSecret"], reason: "OAUTHBEARER logs in with a client secret" });
    return missing;
  },
  review: ({ authentication, security, networking }) => {
    const remarks: Remark[] = reviewAccess(networking, "networking");
    const warn = (path: string[], message: string) => remarks.push({ path, message, severity: "warning" });
    const needs = (field: "username" | "tokenEndpointUrl" | "clientId", mechanism: string) => {
      if (!authentication?.[field]) warn(["authentication", field], `${mechanism} normally needs ${field}`);
    };
    const mechanism = authentication?.mechanism ?? "";
    if (passwordMechanisms.includes(mechanism)) needs("username", mechanism);
    if (mechanism === "AWS_MSK_IAM" && !authentication?.aws?.roleArn)
      warn(["authentication", "aws", "roleArn"], `${mechanism} normally needs aws.roleArn`);
    if (authentication?.sslKey && !authentication.sslCertificate)
      warn(["authentication", "sslCertificate"], "a client key normally needs its certificate");
    if (mechanism === "OAUTHBEARER" && !authentication?.aws) {
      needs("tokenEndpointUrl", mechanism);
      needs("clientId", mechanism);
    }
    const protocol = security?.protocol ?? "";
    if (protocol.startsWith("SASL_") && !mechanism)
      warn(["authentication", "mechanism"], `${protocol} normally needs authentication`);
    if (["SSL", "PLAINTEXT"].includes(protocol) && mechanisms.includes(mechanism))
      warn(
        ["security", "protocol"],
        `${mechanism} normally needs SASL_${protocol}; over ${protocol}, Atlas may be unable to log in`,
      );
    return remarks;
  },
});
