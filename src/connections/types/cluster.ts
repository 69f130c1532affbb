import { z } from "zod/v3";
import { filled, name, objectId, withTrait } from "../../schema/fields.ts";
import { nearMiss } from "../../schema/spelling.ts";
import { connectionType } from "../connection-type.ts";

/** The built-in roles that Atlas documents for a cluster connection. */
const builtInRoles = ["atlasAdmin", "readWriteAnyDatabase", "readAnyDatabase"];

export const cluster = connectionType({
  type: "Cluster",
  use: "An Atlas cluster, source or sink",
  alsoCalled: ["mongodb", "atlas", "database"],
  prerequisite: "An Atlas cluster; for a custom role, that role in the project's database access.",
  fields: {
    clusterName: name("Atlas cluster"),
    clusterGroupId: objectId("Its project id, if another").nullable().optional(),
    dbRoleToExecute: filled(
      z
        .object({
          role: withTrait(name(`${builtInRoles.join(", ")} or a custom role`), {
            knownWhere: { field: "type", is: "BUILT_IN", known: builtInRoles },
          }),
          type: z.enum(["BUILT_IN", "CUSTOM"]).describe("Kind of role"),
        })
        .strict()
        .describe("Database role to use"),
    ).optional(),
  },
  apart: [["clusterName"], ["clusterGroupId"]],
  uses: { clusters: ["clusterName"], customRoles: null },
  example: { clusterName: "Cluster0", dbRoleToExecute: { role: "readWriteAnyDatabase", type: "BUILT_IN" } },
  review: ({ dbRoleToExecute }, quote) => {
    if (!dbRoleToExecute) {
      const message = "a cluster normally needs a role, such as readWriteAnyDatabase (BUILT_IN)";
      return [{ path: ["dbRoleToExecute"], severity: "warning", message }];
    }
    const { role, type } = dbRoleToExecute;
    if (type !== "BUILT_IN" || builtInRoles.includes(role)) return [];
    const path = ["dbRoleToExecute", "role"];
    const meant = nearMiss(role, builtInRoles);
    return meant
      ? [{ path, severity: "refusal", message: `${quote(role)} is not a built-in role; did you mean "${meant}"?` }]
      : [
          {
            path,
            severity: "warning",
            message: `${quote(role)} is not among the documented built-in roles (${builtInRoles.join(", ")}); Atlas may refuse it`,
          },
        ];
  },
});
