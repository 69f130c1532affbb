import { describe, expect, test } from "vitest";
import { read, refused, taken } from "../read.ts";

const kafka = (over: Record<string, unknown>) => ({ name: "k", type: "Kafka", bootstrapServers: "b:9092", ...over });
const login = (authentication: Record<string, unknown>) => kafka({ authentication });
const complete = { username: "u", password: "p", clientId: "c", clientSecret: "s", tokenEndpointUrl: "https://t" };

describe("an open-ended value", () => {
  test("AWS_MSK_IAM, which logs in with a role, is sent, with a warning where the role is missing", () => {
    const aws = { roleArn: "arn:aws:iam::123456789012:role/r" };
    const given = login({ mechanism: "AWS_MSK_IAM", aws });
    expect(taken(given)).toEqual({ sent: given, warnings: [] });
    expect(taken(login({ mechanism: "aws-msk-iam" })).warnings).toEqual([
      'connection.authentication.mechanism: was taken as "AWS_MSK_IAM"',
      "connection.authentication.aws.roleArn: AWS_MSK_IAM normally needs aws.roleArn",
    ]);
  });

  test.each(["PLAIN", "SCRAM-256", "SCRAM-512", "OAUTHBEARER"])("the documented mechanism %s is sent", (mechanism) => {
    expect(taken(login({ mechanism, ...complete }))).toEqual({ sent: login({ mechanism, ...complete }), warnings: [] });
  });

  test.each(["SASL_PLAINTEXT", "SASL_SSL", "SSL", "PLAINTEXT"])("the protocol %s is sent", (protocol) => {
    const logsIn = protocol.startsWith("SASL_") && { authentication: { mechanism: "PLAIN", ...complete } };
    const given = kafka({ security: { protocol }, ...logsIn });
    expect(taken(given)).toEqual({ sent: given, warnings: [] });
  });

  test.each([
    ["authentication.mechanism", { authentication: { mechanism: "GSSAPI" } }],
    ["authentication.mechanism", { authentication: { mechanism: "SCRAM-SHA-1" } }],
    ["authentication.mechanism", { authentication: { mechanism: "string" } }],
    ["authentication.method", { authentication: { method: "AWS" } }],
    ["security.protocol", { security: { protocol: "QUIC" } }],
  ])("%s: an undocumented value in %j is sent, with a warning", (path, over) => {
    const { sent, warnings } = taken(kafka(over));
    expect(sent).toEqual(kafka(over));
    expect(warnings).toEqual([
      expect.stringMatching(
        new RegExp(`^connection\\.${path}: ".*" is not a documented value \\(.+\\); Atlas may refuse it$`),
      ),
    ]);
  });

  test.each([
    ["mechanism", "SCRAM-SHA-256", "SCRAM-256"],
    ["mechanism", "SCRAM-SHA-512", "SCRAM-512"],
    ["mechanism", "scram-512", "SCRAM-512"],
    ["mechanism", "SCRAM_SHA_256", "SCRAM-256"],
    ["mechanism", "SCRAM256", "SCRAM-256"],
    ["mechanism", "plain", "PLAIN"],
    ["mechanism", "OAUTH_BEARER", "OAUTHBEARER"],
    ["mechanism", "OAuthBearer", "OAUTHBEARER"],
    ["method", "oidc", "OIDC"],
  ])("the %s %s is taken as %s, with a warning", (field, value, spelling) => {
    const others = { mechanism: "OAUTHBEARER", ...complete };
    expect(taken(login({ ...others, [field]: value }))).toEqual({
      sent: login({ ...others, [field]: spelling }),
      warnings: [`connection.authentication.${field}: was taken as "${spelling}"`],
    });
  });

  test.each([
    ["SASL-SSL", "SASL_SSL"],
    ["sasl_ssl", "SASL_SSL"],
    ["SaslPlaintext", "SASL_PLAINTEXT"],
    ["ssl", "SSL"],
    ["plaintext", "PLAINTEXT"],
  ])("the protocol %s is taken as %s, with a warning", (protocol, spelling) => {
    expect(taken(kafka({ security: { protocol } }))).toMatchObject({
      sent: kafka({ security: { protocol: spelling } }),
      warnings: expect.arrayContaining([`connection.security.protocol: was taken as "${spelling}"`]),
    });
  });

  test.each([
    ["authentication.mechanism", { authentication: { mechanism: "SCRAMS-512" } }, "SCRAM-512"],
    ["authentication.mechanism", { authentication: { mechanism: "OAUTHBEARERS" } }, "OAUTHBEARER"],
    ["security.protocol", { security: { protocol: "SASL_SLL" } }, "SASL_SSL"],
  ])("%s: a value with a letter wrong in %j is refused with the right spelling, %s", (path, over, spelling) => {
    expect(refused(kafka(over))).toEqual({
      [`connection.${path}`]: expect.stringContaining(`Atlas spells it "${spelling}"`),
    });
  });
});

describe("what fields need of each other is a warning, not a refusal", () => {
  const warningsOf = (given: Record<string, unknown>) => {
    const { sent, warnings } = taken(given);
    expect(sent).toEqual(given);
    return warnings;
  };

  test.each(["PLAIN", "SCRAM-256", "SCRAM-512"])("%s without a user name", (mechanism) => {
    expect(warningsOf(login({ mechanism, password: "p" }))).toEqual([
      `connection.authentication.username: ${mechanism} normally needs username`,
    ]);
  });

  test("OAUTHBEARER without an endpoint and a client", () => {
    expect(warningsOf(login({ mechanism: "OAUTHBEARER", clientSecret: "s" }))).toEqual([
      "connection.authentication.tokenEndpointUrl: OAUTHBEARER normally needs tokenEndpointUrl",
      "connection.authentication.clientId: OAUTHBEARER normally needs clientId",
    ]);
  });

  test("OAUTHBEARER with an AWS role needs neither", () => {
    expect(
      warningsOf(login({ mechanism: "OAUTHBEARER", aws: { roleArn: "arn:aws:iam::123456789012:role/r" } })),
    ).toEqual([]);
  });

  test.each(["SASL_SSL", "SASL_PLAINTEXT"])("%s without authentication", (protocol) => {
    expect(warningsOf(kafka({ security: { protocol } }))).toEqual([
      `connection.authentication.mechanism: ${protocol} normally needs authentication`,
    ]);
  });

  test("SSL without authentication is usual, and so is a certificate as the login", () => {
    const block = (label: string) => `-----BEGIN ${label}-----\nMIID\n-----END ${label}-----`;
    const authentication = { sslCertificate: block("CERTIFICATE"), sslKey: block("PRIVATE KEY") };
    for (const login of [{}, { authentication }])
      expect(warningsOf(kafka({ security: { protocol: "SSL" }, ...login }))).toEqual([]);
  });

  test.each(
    ["PLAIN", "SCRAM-256", "SCRAM-512", "OAUTHBEARER"].flatMap((mechanism) => [
      [mechanism, "SSL", "SASL_SSL"],
      [mechanism, "PLAINTEXT", "SASL_PLAINTEXT"],
    ]),
  )("%s over %s instead of %s", (mechanism, protocol, better) => {
    const authentication = { mechanism, ...complete };
    expect(warningsOf(kafka({ authentication, security: { protocol } }))).toEqual([
      `connection.security.protocol: ${mechanism} normally needs ${better}; over ${protocol}, Atlas may be unable to log in`,
    ]);
    expect(warningsOf(kafka({ authentication, security: { protocol: better } }))).toEqual([]);
    expect(warningsOf(kafka({ authentication }))).toEqual([]);
  });

  test("an unknown mechanism may log in over anything", () => {
    const given = kafka({ authentication: { mechanism: "GSSAPI" }, security: { protocol: "SSL" } });
    expect(warningsOf(given)).toEqual([expect.stringContaining('"GSSAPI" is not a documented value')]);
  });

  test.each([
    ["PRIVATE_LINK", "connectionId"],
    ["TRANSIT_GATEWAY", "tgwRouteId"],
  ])("%s without %s", (type, id) => {
    expect(warningsOf(kafka({ networking: { access: { type } } }))).toEqual([
      `connection.networking.access.${id}: ${type} normally needs ${id}`,
    ]);
    expect(warningsOf(kafka({ networking: { access: { type, [id]: "a".repeat(24) } } }))).toEqual([]);
  });
});

describe("a secret that is missing", () => {
  const missing = (given: Record<string, unknown>) => {
    const result = read(given);
    return "problems" in result ? result.problems : result.missing;
  };

  test.each(["PLAIN", "SCRAM-256", "SCRAM-512"])("%s: the password", (mechanism) => {
    expect(missing(login({ mechanism, username: "u" }))).toEqual(["authentication.password"]);
    expect(missing(login({ mechanism, username: "u", password: "" }))).toEqual(["authentication.password"]);
    expect(missing(login({ mechanism, username: "u", password: "p" }))).toEqual([]);
  });

  test("OAUTHBEARER: the client secret, unless AWS vouches", () => {
    expect(missing(login({ mechanism: "OAUTHBEARER" }))).toEqual(["authentication.clientSecret"]);
    expect(missing(login({ mechanism: "OAUTHBEARER", aws: {} }))).toEqual([]);
  });

  test("nothing without a mechanism, or with an unknown one", () => {
    expect(missing(kafka({}))).toEqual([]);
    expect(missing(login({ mechanism: "GSSAPI" }))).toEqual([]);
  });
});
