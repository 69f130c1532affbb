/** The table of operations, held against the official API description where it is present. */
import { describe, expect, test } from "vitest";
import * as endpoints from "../../src/atlas/endpoints.ts";
import { type Operation, operations, rolesFor } from "../../src/atlas/operations.ts";
import { isObject } from "../../src/json.ts";
import { at, openapi } from "../support/shared-atlas.ts";

interface Described {
  id: string;
  method: string;
  template: string;
  roles: readonly unknown[];
  /** Dates, ascending. */
  versions: string[];
}

const described = Object.entries(Object(at(openapi, "paths"))).flatMap(([template, methods]) =>
  Object.entries(Object(methods)).flatMap(([method, operation]): Described[] => {
    const id = at(operation, "operationId");
    if (!isObject(operation) || typeof id !== "string") return [];
    const roles = operation["x-rolesRequirements"];
    const dates = Object.values(Object(operation["responses"]))
      .flatMap((answer) => Object.keys(Object(at(answer, "content"))))
      .map((type) => /\d{4}-\d\d-\d\d/.exec(type)?.[0] ?? "");
    const versions = [...new Set(dates)].filter(Boolean).sort();
    return [{ id, method: method.toUpperCase(), template, roles: Array.isArray(roles) ? roles : [], versions }];
  }),
);

describe.skipIf(!openapi)("the table of operations", () => {
  test("has those of the description", () => {
    expect(Object.keys(operations).sort()).toEqual(described.map(({ id }) => id).sort());
  });

  test.each(described)("has the newest version and the roles of $id", ({ id, roles, versions }) => {
    const known = Object.entries(operations).find(([name]) => name === id)?.[1];
    expect(known?.version).toBe(versions.at(-1));
    expect([...(known?.roles ?? [])].sort()).toEqual([...roles].sort());
  });
});

test("the least role is told first, and the wider ones that people know at the end", () => {
  expect(rolesFor("createGroupStreamConnection")).toEqual([
    "Project Stream Processing Manager",
    "Project Stream Processing Owner",
    "Organization Stream Processing Admin",
    "Project Owner",
  ]);
  expect(rolesFor("acceptGroupStreamVpcPeeringConnection")[0]).toBe("Project Stream Processing Owner");
  expect(rolesFor("listGroupStreamWorkspaces")[0]).toBe("Project Read Only");
  expect(rolesFor("downloadGroupStreamAuditLogs")[0]).toBe("Project Data Access Read Only");
  expect(rolesFor(undefined)).toContain("Project Stream Processing Manager");
  for (const operation of Object.keys(operations) as Operation[])
    expect(rolesFor(operation)).toContain("Project Owner");
});

const place = { groupId: "32b6e34b3d91647abb20e7b8", tenantName: "orders" };
const { groupId } = place;

/** Every request that the server can send. */
const requests = [
  endpoints.listProjects(1),
  endpoints.listClusters(groupId)(1),
  endpoints.listCustomRoles(groupId),
  endpoints.getCloudProviderAccess(groupId),
  endpoints.listPrivateLinks(groupId)(1),
  endpoints.listActivePeerings(groupId)(1),
  endpoints.listWorkspaces(groupId)(1),
  endpoints.createWorkspace(groupId, {}),
  endpoints.createWorkspaceWithSamples(groupId, {}),
  endpoints.getWorkspace(place),
  endpoints.updateWorkspace(place, {}),
  endpoints.deleteWorkspace(place),
  endpoints.downloadOperationalLogs(place, { spName: "p", startDate: 0 }),
  endpoints.downloadAuditLogs(place, { spName: "", startDate: 0 }),
  endpoints.listConnections(place)(1),
  endpoints.createConnection(place, {}),
  endpoints.getConnection(place, "c"),
  endpoints.updateConnection(place, "c", {}),
  endpoints.deleteConnection(place, "c"),
  endpoints.listFailoverConnections(place, "c")(1),
  endpoints.createFailoverConnection(place, "c", {}),
  endpoints.getFailoverConnection(place, "c", "f"),
  endpoints.updateFailoverConnection(place, "c", "f", {}),
  endpoints.deleteFailoverConnection(place, "c", "f"),
  endpoints.listProcessors(place)(1),
  endpoints.createProcessor(place, {}),
  endpoints.getProcessor(place, "p"),
  endpoints.updateProcessor(place, "p", {}),
  endpoints.deleteProcessor(place, "p"),
  endpoints.startProcessor(place, "p"),
  endpoints.startProcessor(place, "p", { tier: "SP5" }),
  endpoints.stopProcessor(place, "p"),
];

test.skipIf(!openapi).each(requests)("$method $path is the operation $operation", ({ operation, method, path }) => {
  const expected = described.find(({ id }) => id === operation);
  const pattern = expected?.template.replace(/[.:]/g, "\\$&").replace(/\{\w+\}/g, "[^/:?]+");
  expect(method).toBe(expected?.method);
  expect(path).toMatch(new RegExp(`^${pattern}(\\?|$)`));
});
