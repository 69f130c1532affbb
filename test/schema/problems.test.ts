import { expect, test } from "vitest";
import { z } from "zod/v3";
import { check } from "../../src/schema/problems.ts";

const step = z.object({ name: z.string().describe("Of the step"), retries: z.number().min(1).max(5) }).strict();
const plan = z.object({
  steps: z.array(step).min(1).max(2).optional(),
  nick: z.string().min(2).max(3).optional(),
  empty: z.string().min(1).optional(),
});

function problemsOf(value: unknown, known?: z.ZodTypeAny) {
  const checked = check(plan, value, [], known && { known });
  return checked.ok ? [] : checked.problems.map(({ path, message }) => `${path.join(" ")}: ${message}`);
}

test.each([
  [{ steps: [{ name: "a", retries: 0 }] }, "steps 0 retries: must be a number, at least 1 and at most 5; 0 was given"],
  [{ steps: [{ name: "a", retries: 6 }] }, "steps 0 retries: must be a number, at least 1 and at most 5; 6 was given"],
  [{ steps: [] }, "steps: must not be empty"],
  [{ nick: "a" }, "nick: must have at least 2 characters"],
  [{ nick: "abcd" }, "nick: must have at most 3 characters"],
  [{ empty: "" }, "empty: must not be empty"],
])("the bounds of %j are told by its kind", (value, problem) => {
  expect(problemsOf(value)).toEqual([problem]);
});

test.each<[unknown, string]>([
  [0, "must be a whole number, at least 1; 0 was given"],
  [1.5, "must be a whole number, at least 1; 1.5 was given"],
  ["one", "must be a whole number, at least 1, not a string"],
  [true, "must be a whole number, at least 1, not a boolean"],
  [[1], "must be a whole number, at least 1, not an array"],
])("a number that cannot be used is told all that it can be: %j", (value, message) => {
  const checked = check(z.object({ page: z.number().int().min(1).default(1) }), { page: value }, []);
  expect(checked).toEqual({ ok: false, problems: [{ path: ["page"], message }] });
});

test("a number in the place of a text is told so", () => {
  expect(problemsOf({ nick: 7 })).toEqual(["nick: must be a string, not a number"]);
});

test("an unknown field of an item in a list names the list", () => {
  const value = { steps: [{ name: "a", retries: 1, nam: "b" }] };
  const problem = "steps 0 nam: is not a field of steps[0]; did you mean name? Allowed: name, retries";
  expect(problemsOf(value)).toEqual([problem]);
  expect(problemsOf(value, z.object({ steps: z.array(z.object({})) }))).toEqual([problem]);
});

test("what the published schema does not describe is described by the strict one", () => {
  expect(problemsOf({ steps: [{ retries: 1 }] }, z.object({ steps: z.array(z.object({})) }))).toEqual([
    "steps 0 name: is required (Of the step)",
  ]);
});

test("of very many unknown fields the first are told, and how many more there are", () => {
  const problems = problemsOf({ steps: [{ name: "a", retries: 1, ...Object.fromEntries(numbered(60)) }] });
  expect(problems).toHaveLength(50);
  expect(problems[0]).toBe("steps 0 x0: is not a field of steps[0]. Allowed: name, retries");
  expect(problems.at(-1)).toBe("steps 0 x49: is not a field of steps[0]. Allowed: name, retries. Nor are 10 more");
});

const numbered = (count: number) => Array.from({ length: count }, (_, index) => [`x${index}`, 1] as const);
