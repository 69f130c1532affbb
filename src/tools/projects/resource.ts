/** An Atlas project as a resource, and the argument that names one. */
import { listProjects } from "../../atlas/endpoints.ts";
import { objectId, withTrait } from "../../schema/fields.ts";
import type { Resource } from "../../tool/resource.ts";

export const project: Resource = {
  noun: "project",
  argument: "groupId",
  list: () => listProjects,
  nameOf: ({ id, name }) => ({ name: String(id), title: String(name) }),
  listedBy: "list_projects",
  view: ({ id, name, orgId, clusterCount }) => ({ groupId: id, name, orgId, clusterCount }),
  errorCodes: { missing: "GROUP" },
};

/** The argument that names a project. */
export const groupId = withTrait(objectId("Project id"), { alsoCalled: ["project", "projectid"] });
