/** Two private links are the same by what they lead to, however Atlas and people write it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { describeLink, sameDomain, sameness } from "../../src/private-links/same.ts";
import { type Pair, pairs, titleOf } from "../../src/private-links/union.ts";

const exampleOf = ({ provider, vendor, example }: Pair): JsonObject => ({ provider, vendor, ...example });

describe.each(pairs.map((pair) => ({ title: titleOf(pair), pair })))("$title", ({ pair }) => {
  const link = exampleOf(pair);

  test("is the same in whatever spelling", () => {
    const shout = (value: unknown) => (typeof value === "string" ? value.toUpperCase() : value);
    const spelt = Object.fromEntries(
      Object.entries(link).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map(shout).reverse() : shout(value),
      ]),
    );
    const shown = { ...spelt, _id: "x", state: "WORKING", dnsDomain: `${link["dnsDomain"]}.` };
    expect(
      sameness(link, {
        ...shown,
        ...(link["region"] !== undefined && { region: String(link["region"]).replaceAll("-", "_") }),
      }),
    ).toBe("same");
  });

  test("is another where it leads elsewhere", () => {
    for (const field of pair.apart) {
      const value = link[field];
      if (value === undefined) continue;
      const other = field === "region" ? "me-central-1" : `${String(value)}-other`;
      expect([field, sameness(link, { ...link, [field]: Array.isArray(value) ? [other] : other })]).toEqual([
        field,
        "other",
      ]);
    }
    for (const each of pairs.filter((one) => one !== pair)) expect(sameness(link, exampleOf(each))).toBe("other");
  });

  test("may be one that shows no vendor", () => {
    const { vendor: _, ...bare } = link;
    expect(sameness(link, bare)).toBe("maybe");
    expect(sameness(link, { ...bare, vendor: "GENERIC" })).toBe("maybe");
  });

  test("is described so that people know it", () => {
    expect(describeLink(link)).toMatch(new RegExp(`^${titleOf(pair)} \\S+`));
  });
});

test("sameness goes both ways, and what lacks everything is no link", () => {
  const some = fc.constantFrom(...pairs.map(exampleOf), { provider: "AWS" }, {});
  fc.assert(
    fc.property(some, some, (one, other) => {
      expect(sameness(one, other) === "same").toBe(sameness(other, one) === "same");
    }),
  );
});

test("a domain is the same with a dot at its end", () => {
  expect(sameDomain("a.example.com", "A.example.com.")).toBe(true);
  expect(sameDomain("a.example.com", undefined)).toBe(false);
  expect(sameDomain("a.example.com", "b.example.com")).toBe(false);
});
