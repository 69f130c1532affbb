/** The places that tools work in, as resources: a project, and in it a stream workspace. */
import { listProjects, listWorkspaces } from "../../atlas/endpoints.ts";
import { valueAt } from "../../json.ts";
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

export const workspace: Resource = {
  noun: "workspace",
  argument: "tenantName",
  within: project,
  list: ({ groupId = "" }) => listWorkspaces(groupId),
  nameOf: ({ name }) => ({ name: String(name) }),
  listedBy: "list_stream_workspaces",
  view: (shown) => ({
    tenantName: shown["name"],
    cloudProvider: valueAt(shown, ["dataProcessRegion", "cloudProvider"]),
    region: valueAt(shown, ["dataProcessRegion", "region"]),
    tier: valueAt(shown, ["streamConfig", "tier"]),
    maxTier: valueAt(shown, ["streamConfig", "maxTierSize"]),
    hostnames: shown["hostnames"],
  }),
  errorCodes: {
    missing: "TENANT",
    hints: {
      STREAM_TENANT_HAS_STREAM_PROCESSORS:
        "Ask the person; then stop and delete its processors (list_stream_processors shows them), and call again.",
    },
  },
};
