import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearest, nearMiss } from "../../src/schema/spelling.ts";

const mechanisms = ["PLAIN", "SCRAM-256", "SCRAM-512", "OAUTHBEARER"];

describe("a near miss", () => {
  test.each([
    ["scram-sha-512", "SCRAM-512"],
    ["SCRAM 256", "SCRAM-256"],
    ["oauthbearr", "OAUTHBEARER"],
    ["Plain", "PLAIN"],
  ])("%s is surely %s", (word, meant) => {
    expect(nearMiss(word, mechanisms)).toBe(meant);
  });

  test.each(["", "PLAN", "GSSAPI", "SCRAM-SHA-1", "SCRAM", "AWS_MSK_IAM", "string"])(
    "%j is not: it is another value",
    (word) => {
      expect(nearMiss(word, mechanisms)).toBeUndefined();
    },
  );

  test("is never the value itself", () => {
    for (const word of mechanisms) expect(nearMiss(word, mechanisms)).toBeUndefined();
  });

  test("is found whatever the case and the separators", () => {
    const spelt = fc
      .tuple(fc.constantFrom(...mechanisms), fc.constantFrom("", "-", "_", " ", "."), fc.boolean())
      .map(([word, separator, lower]) => {
        const respelt = word.replace("-", separator);
        return { word, respelt: lower ? respelt.toLowerCase() : respelt };
      })
      .filter(({ word, respelt }) => word !== respelt);
    fc.assert(
      fc.property(spelt, ({ word, respelt }) => {
        expect(nearMiss(respelt, mechanisms)).toBe(word);
      }),
    );
  });
});

describe("the nearest name", () => {
  const names = ["groupId", "tenantName", "connection", "dryRun"];

  test.each([
    ["groupid", "groupId"],
    ["group_id", "groupId"],
    ["tenant", "tenantName"],
    ["conection", "connection"],
    ["connections", "connection"],
    ["dry_run", "dryRun"],
  ])("to %s is %s", (word, meant) => {
    expect(nearest(word, names)).toBe(meant);
  });

  test.each(["", "x", "id", "banana"])("there is none to %j", (word) => {
    expect(nearest(word, names)).toBeUndefined();
  });

  test("there is none of a text that is no word", () => {
    expect(nearest(`${"a".repeat(1000)} read`, ["read", "write"])).toBeUndefined();
  });

  test("there is none among no names", () => {
    expect(nearest("groupId", [])).toBeUndefined();
  });
});
