/** The handlers of projects and of what else in them a connection can use. */
import { type Handler, projectOf, selfLink } from "./handler.ts";
import { pageOf } from "./page.ts";

/** Only projects in which the credentials have any right are listed. */
export const listProjects: Handler = (request, { projects, rights }) => {
  const visible = [...projects.values()].filter(({ groupId }) => rights.get(groupId) !== "none");
  const views = visible.map(({ groupId, name, orgId, created, clusters }) => ({
    id: groupId,
    name,
    orgId,
    created,
    clusterCount: clusters.length,
    links: selfLink(request, "groups", groupId),
  }));
  return pageOf(views, request);
};

export const listClusters: Handler = (request, state) => pageOf(projectOf(request, state).clusters, request);

export const getCloudProviderAccess: Handler = (request, state) => {
  const { awsIamRoles, azureServicePrincipals, gcpServiceAccounts } = projectOf(request, state);
  return { awsIamRoles, azureServicePrincipals, gcpServiceAccounts };
};

/** Not a page: Atlas answers this list as a bare array. */
export const listCustomRoles: Handler = (request, state) => projectOf(request, state).customRoles;
