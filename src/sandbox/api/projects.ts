/** The handlers of projects and of what else in them a connection can use. */
import type { Project } from "../data/state.ts";
import { type Call, type Handler, projectOf, selfLink } from "./call.ts";
import { pageOf } from "./page.ts";

/** Only projects in which the credentials have any right are listed. */
export const listProjects: Handler = (call) => {
  const { projects, rights } = call.state;
  const visible = [...projects.values()].filter(({ groupId }) => rights.get(groupId) !== "none");
  return {
    body: pageOf(
      visible.map((project) => view(call, project)),
      call,
    ),
  };
};

export const listClusters: Handler = (call) => ({ body: pageOf(projectOf(call).clusters, call) });

export const getCloudProviderAccess: Handler = (call) => {
  const { awsIamRoles, azureServicePrincipals, gcpServiceAccounts } = projectOf(call);
  return { body: { awsIamRoles, azureServicePrincipals, gcpServiceAccounts } };
};

/** Not a page: Atlas answers this list as a bare array. */
export const listCustomRoles: Handler = (call) => ({ body: projectOf(call).customRoles });

export const listPrivateLinks: Handler = (call) => ({ body: pageOf(projectOf(call).privateLinks, call) });

export const listActiveVpcPeerings: Handler = (call) => {
  const active = projectOf(call).vpcPeerings.filter((peering) => peering["localStatus"] === "ACTIVE");
  return { body: pageOf(active, call) };
};

function view(call: Call, { groupId, name, orgId, created, clusters }: Project) {
  return { id: groupId, name, orgId, created, clusterCount: clusters.length, links: selfLink(call, "groups", groupId) };
}
