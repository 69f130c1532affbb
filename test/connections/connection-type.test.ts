/** An eleventh type: what its own file holds is enough for it to be published, checked and explained. */
import { describe, expect, test } from "vitest";
import { z } from "zod/v3";
import { awsRole, networking } from "../../src/connections/access.ts";
import { connectionType } from "../../src/connections/connection-type.ts";
import { connectionTypes } from "../../src/connections/union.ts";
import { openString, secret } from "../../src/schema/fields.ts";
import { jsonSchema } from "../../src/schema/json-schema.ts";
import { check, quoted } from "../../src/schema/problems.ts";

const redis = connectionType({
  type: "Redis",
  use: "Redis streams",
  prerequisite: "A Redis server.",
  fields: {
    host: z.string().min(1).describe("host:port"),
    mode: openString(["SINGLE", "CLUSTER"], "SINGLE, CLUSTER").optional(),
    token: secret("Secret").optional(),
    aws: z.object(awsRole).strict().describe("AWS access").optional(),
    networking,
  },
  apart: [["host"]],
  uses: { privateLinks: null },
  example: { host: "redis.example.com:6379" },
  review: ({ host }) =>
    host.includes(":") ? [] : [{ path: ["host"], message: "normally names a port", severity: "warning" }],
  missingSecrets: ({ mode, token }) =>
    mode === "CLUSTER" && !token ? [{ path: ["token"], reason: "a cluster wants one" }] : [],
});

const [first, ...others] = connectionTypes;
const union = z.discriminatedUnion("type", [first.schema, ...others.map(({ schema }) => schema), redis.schema]);

describe("a new type", () => {
  test("is taken beside the others", () => {
    const given = { name: "r", type: "Redis", region: "VIRGINIA_USA", ...redis.example };
    expect(check(union, given, [])).toEqual({ ok: true, value: given });
  });

  test("is refused in the same words", () => {
    expect(check(union, { name: "", type: "Redis", hst: "x" }, ["connection"])).toEqual({
      ok: false,
      problems: [
        { path: ["connection", "name"], message: "must not be empty" },
        { path: ["connection", "host"], message: "is required (host:port)" },
        {
          path: ["connection", "hst"],
          message: expect.stringContaining("did you mean host? Allowed: type, name, host, mode"),
        },
      ],
    });
  });

  test("is published in both dialects, also where it shares fields with others", () => {
    expect(jsonSchema(union, "union").anyOf?.at(-1)).toMatchObject({
      description: "Redis streams",
      properties: { type: { const: "Redis" } },
      required: ["type", "name", "host"],
      additionalProperties: false,
    });
    const { properties = {} } = jsonSchema(union, "flat");
    expect(properties["type"]?.enum?.at(-1)).toBe("Redis");
    expect(properties["host"]?.description).toBe("Redis: host:port");
    expect(properties["aws"]?.description).toBe("AWSLambda, S3, AWSKinesisDataStreams, Redis: AWS access");
  });

  test("has its findings, which leave connections of other types alone", () => {
    const given = { name: "r", type: "Redis", host: "redis", mode: "CLUSTER" };
    expect(redis.review(given, quoted)).toEqual([
      { path: ["host"], message: "normally names a port", severity: "warning" },
    ]);
    expect(redis.missingSecrets(given)).toEqual([{ path: ["token"], reason: "a cluster wants one" }]);
    expect(redis.review({ ...given, type: "Kafka" }, quoted)).toEqual([]);
    expect(redis.missingSecrets({ ...given, type: "Kafka" })).toEqual([]);
  });
});

test("each type says what it is for and what must exist first, and has a name of its own", () => {
  expect(new Set(connectionTypes.map(({ type }) => type)).size).toBe(connectionTypes.length);
  for (const { use, prerequisite } of connectionTypes) {
    expect(use).toMatch(/^\S/);
    expect(prerequisite).toMatch(/^\S.*\.$/);
  }
});
