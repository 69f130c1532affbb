import { expect, test } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import { type Variable, variables } from "../../src/config/variables.ts";

const list: readonly Variable[] = variables;

test("every variable is named once and explained", () => {
  expect(new Set(list.map(({ name }) => name)).size).toBe(list.length);
  for (const { meaning } of list) expect(meaning).not.toBe("");
});

test("the stated defaults are the ones in force", () => {
  const stated = Object.fromEntries(list.flatMap(({ name, default: value }) => (value ? [[name, value]] : [])));
  expect(readSettings(stated)).toEqual(readSettings({}));
});

test("a variable that holds a credential is marked as secret", () => {
  expect(list.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
    "MONGODB_ATLAS_CLIENT_SECRET",
    "MONGODB_ATLAS_ACCESS_TOKEN",
    "MONGODB_ATLAS_PRIVATE_KEY",
  ]);
});
