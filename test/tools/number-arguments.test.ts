/** Arguments that are numbers, of every tool: taken as text too, and refused in words that say what they can be. */
import { expect, test } from "vitest";
import { z } from "zod/v3";
import type { JsonObject } from "../../src/json.ts";
import { bare } from "../../src/schema/fields.ts";
import { catalog } from "../../src/tools/catalog.ts";
import { call, fakeServices, place } from "../support/fake-services.ts";

const numbers = catalog.flatMap((tool) =>
  Object.entries<z.ZodTypeAny>(tool.input.shape).flatMap(([name, field]) => {
    const number = bare(field);
    return number instanceof z.ZodNumber ? [{ tool, name, number }] : [];
  }),
);
const cases = numbers.map((each) => [each.tool.name, each.name, each] as const);

const reply = () => ({ results: [], totalCount: 0, name: "x", state: "STOPPED" });
const callWith = ({ tool, name }: (typeof numbers)[number], value: unknown) => {
  const others: JsonObject = { ...place, connectionName: "x", processorName: "x" };
  const given = Object.entries(others).filter(([argument]) => Object.hasOwn(tool.input.shape, argument));
  return call(tool, { ...Object.fromEntries(given), [name]: value }, fakeServices({ reply }));
};

test("there are such arguments", () => {
  expect(cases.map(([tool, name]) => `${tool} ${name}`)).toEqual(
    expect.arrayContaining(["list_stream_connections page", "diagnose_stream_processor sinceMinutes"]),
  );
});

test.each(cases)("%s takes %s as text", async (_, name, each) => {
  const number = Math.max(1, each.number.minValue ?? 1);
  const result = await callWith(each, `${number}`);
  expect(result.error?.kind).not.toBe("invalid_input");
  expect(result.warnings).toContain(`${name}: was text and was read as a number`);
});

test.each(cases)("%s refuses another %s in plain words", async (_, name, each) => {
  const { isInt, minValue, maxValue } = each.number;
  const wrong: [unknown, string][] = [
    ["often", "not a string"],
    [true, "not a boolean"],
    [{}, "not an object"],
    ...(isInt ? [[1.5, "1.5 was given"] as [unknown, string]] : []),
    ...(minValue === null ? [] : [[minValue - 1, `${minValue - 1} was given`] as [unknown, string]]),
    ...(maxValue === null ? [] : [[maxValue + 1, `${maxValue + 1} was given`] as [unknown, string]]),
  ];
  for (const [value, end] of wrong) {
    const { error } = await callWith(each, value);
    expect(error).toMatchObject({ kind: "invalid_input", fields: [{ path: name }] });
    const message = error?.fields?.[0]?.message ?? "";
    expect(message).toMatch(isInt ? /^must be a whole number\b/ : /^must be a number\b/);
    if (minValue !== null) expect(message).toContain(`at least ${minValue}`);
    if (maxValue !== null) expect(message).toContain(`at most ${maxValue}`);
    expect(message.endsWith(end)).toBe(true);
  }
});
