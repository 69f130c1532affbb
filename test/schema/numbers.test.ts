import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dotted } from "../../src/json.ts";
import { parseJson, withoutLost } from "../../src/schema/numbers.ts";

const pathsOf = (text: string) => withoutLost(parseJson(text), ["a"]).problems.map(({ path }) => dotted(path));

describe("a number that would be changed", () => {
  test.each([
    "9007199254740993",
    "-9007199254740993",
    "12345678901234567890",
    "1152921504606846976",
    "1e400",
    "-1E+400",
    "1e-400",
    `1${"0".repeat(309)}`,
  ])("is found where it stands: %s", (number) => {
    expect(pathsOf(`{"b": [1, {"c.d": ${number}}], "e": "${number}"}`)).toEqual(["a.b[1].c.d"]);
    expect(pathsOf(`[${number},${number}]`)).toEqual(["a[0]", "a[1]"]);
  });

  test("is told with the way to write it, and not repeated", () => {
    const [problem] = withoutLost(parseJson('{"b": 9007199254740993}'), []).problems;
    expect(problem?.message).toMatch(/In a pipeline or a document, write \{"\$numberLong": "…"\}/);
    expect(problem?.message).not.toContain("9007199254740993");
  });
});

describe("a number that is kept", () => {
  test.each(["9007199254740992", "0", "-0.0", "1e308", "0e999", "1e-300", "0.1234567890123456789", "1234567890123456"])(
    "is read as ever: %s",
    (number) => {
      expect(pathsOf(`{"b": ${number}}`)).toEqual([]);
      expect(parseJson(`{"b": ${number}}`)).toEqual(JSON.parse(`{"b": ${number}}`));
    },
  );

  test("is any that JavaScript itself writes, beside any text", () => {
    fc.assert(
      fc.property(fc.json(), fc.string({ unit: fc.constantFrom("9", '"', "\\", "e", "{") }), (json, text) => {
        const written = JSON.stringify([JSON.parse(json), text, "9007199254740993"]);
        expect(parseJson(written)).toEqual(JSON.parse(written));
        expect(withoutLost(parseJson(written), []).problems).toEqual([]);
      }),
    );
  });

  test("and what is no JSON is told as ever", () => {
    for (const text of ["{9007199254740993: 1}", "[9007199254740993,]", "9007199254740993 1"])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});
