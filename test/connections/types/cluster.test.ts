import { expect, test } from "vitest";
import { exampleOf } from "../example.ts";
import { refused, taken } from "../read.ts";

const withRole = (role: string, type: string) => exampleOf("Cluster", { dbRoleToExecute: { role, type } });

test.each(["atlasAdmin", "readWriteAnyDatabase", "readAnyDatabase"])("the built-in role %s is sent", (role) => {
  expect(taken(withRole(role, "BUILT_IN"))).toEqual({ sent: withRole(role, "BUILT_IN"), warnings: [] });
});

test("another built-in role is sent with a warning", () => {
  const { sent, warnings } = taken(withRole("clusterMonitor", "BUILT_IN"));
  expect(sent).toEqual(withRole("clusterMonitor", "BUILT_IN"));
  expect(warnings).toEqual([
    expect.stringMatching(
      /^connection\.dbRoleToExecute\.role: "clusterMonitor" is not among the documented .*; Atlas may refuse it$/,
    ),
  ]);
});

test("a role that is left out is a warning: the API allows it", () => {
  const { dbRoleToExecute: _left, ...given } = exampleOf("Cluster");
  expect(taken(given)).toEqual({
    sent: given,
    warnings: ["connection.dbRoleToExecute: a cluster normally needs a role, such as readWriteAnyDatabase (BUILT_IN)"],
  });
});

test.each([
  ["atlas_admin", "atlasAdmin"],
  ["AtlasAdmin", "atlasAdmin"],
  ["read-any-database", "readAnyDatabase"],
])("a built-in role written %s is taken as %s, with a warning", (role, meant) => {
  expect(taken(withRole(role, "builtin"))).toEqual({
    sent: withRole(meant, "BUILT_IN"),
    warnings: [
      'connection.dbRoleToExecute.type: was taken as "BUILT_IN"',
      `connection.dbRoleToExecute.role: was taken as "${meant}"`,
    ],
  });
});

test("a built-in role that only looks alike is refused with the right spelling", () => {
  expect(refused(withRole("readWriteAnyDatabases", "BUILT_IN"))).toEqual({
    "connection.dbRoleToExecute.role":
      '"readWriteAnyDatabases" is not a built-in role; did you mean "readWriteAnyDatabase"?',
  });
});

test.each(["streamWriter", "AtlasAdmin"])("a custom role may be called %s", (role) => {
  expect(taken(withRole(role, "CUSTOM"))).toEqual({ sent: withRole(role, "CUSTOM"), warnings: [] });
});
