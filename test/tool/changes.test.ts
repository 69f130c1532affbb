import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AtlasFailure } from "../../src/atlas/failure.ts";
import { MASK } from "../../src/mask.ts";
import { shortened } from "../../src/tool/changes.ts";
import createStreamProcessor from "../../src/tools/processors/create.ts";
import type { Reply } from "../atlas/fake-atlas.ts";
import { call, fakeServices, place } from "../support/fake-services.ts";

const pem = `-----BEGIN CERTIFICATE-----\n${"MIIB".repeat(486)}\n-----END CERTIFICATE-----`;

const long = fc
  .array(fc.oneof(fc.string({ unit: "binary", minLength: 1 }), fc.constant(MASK)), { minLength: 1, maxLength: 200 })
  .map((parts) => parts.map((part) => (part === MASK ? part : part.replaceAll("*", "+"))).join(""));

describe("a difference", () => {
  test("in the order of fields alone, which has a meaning here, is called no secret", async () => {
    const source = { $source: { documents: [{ a: 1 }] } };
    const sink = { $emit: { connectionName: "__testLog" } };
    const pipeline = (sort: object) => [
      source,
      { $tumblingWindow: { interval: { size: 1, unit: "second" }, pipeline: [{ $sort: sort }] } },
      sink,
    ];
    const existing = { name: "p", state: "CREATED", pipeline: pipeline({ b: 1, a: 1 }) };
    const reply: Reply = ({ method, path }) => {
      if (method === "POST") return new AtlasFailure("conflict", "Taken", { status: 409, structured: true });
      return path.endsWith("/processor/p") ? existing : { results: [], totalCount: 0 };
    };
    const args = { ...place, processorName: "p", pipeline: pipeline({ a: 1, b: 1 }) };
    const { error } = await call(createStreamProcessor, args, fakeServices({ reply }));
    expect(error?.fields).toEqual([
      { path: "pipeline[1]", message: expect.stringMatching(/has its fields in another order.*was requested/) },
    ]);
  });
});

describe("a long text", () => {
  test("is shown by its beginning and its end, with how much is left out", () => {
    const text = String(shortened(pem));
    expect(text).toMatch(
      /^-----BEGIN CERTIFICATE-----\nMIIB.* … (\d+) characters left out … .*-----END CERTIFICATE-----$/s,
    );
    expect(pem).toHaveLength(1_998);
    expect(text.length).toBeLessThan(200);
  });

  test("keeps what is not left out, to the character", () => {
    fc.assert(
      fc.property(long, (text) => {
        const shown = String(shortened(text));
        const [head = "", count, tail = ""] = shown.split(/ … (\d+) characters left out … /);
        if (count === undefined) {
          expect(shown).toBe(text);
          return;
        }
        expect(text.startsWith(head) && text.endsWith(tail)).toBe(true);
        expect(head.length + Number(count) + tail.length).toBe(text.length);
        expect(/\p{Cs}/u.test(shown)).toBe(false);
      }),
    );
  });

  test("that differs from another in its middle shows where", () => {
    const other = `${pem.slice(0, 1_000)}XYZ${pem.slice(1_003)}`;
    const [before, after] = [String(shortened(pem, other)), String(shortened(other, pem))];
    expect(after).toMatch(/^-----BEGIN.* characters left out … .*XYZ.* characters left out … .*-----END/s);
    expect(before).not.toBe(after);
    expect(after.length).toBeLessThan(350);
    expect(shortened({ a: [pem] }, { a: [other] })).toEqual({ a: [before] });
  });

  test("is cut in no mask and no character where it differs from another", () => {
    fc.assert(
      fc.property(long, long, long, (head, middle, tail) => {
        const shown = String(shortened(head + middle + tail, `${head}|${tail}`));
        for (const [stars] of shown.matchAll(/\*+/g)) expect(stars.length % MASK.length).toBe(0);
        expect(/\p{Cs}/u.test(shown)).toBe(false);
      }),
    );
  });

  test("is cut in no mask", () => {
    fc.assert(
      fc.property(long, (text) => {
        for (const [stars] of String(shortened(text)).matchAll(/\*+/g)) expect(stars.length % MASK.length).toBe(0);
      }),
    );
  });
});

test("what is not long, and what is no text, stays as it is", () => {
  for (const value of ["x".repeat(240), 7, true, null, undefined, ["a"], { a: ["b", 1] }])
    expect(shortened(value)).toEqual(value);
  expect(shortened([pem])).toEqual([shortened(pem)]);
});
