/**
 * The endpoints of the Admin API that the sandbox has, each with the API versions it exists in. A new resource is a file
 * of handlers beside this one, and a line here for each of its endpoints.
 */
import { ApiError } from "./api-error.ts";
import { listDocuments } from "./collections.ts";
import { createConnection, deleteConnection, getConnection, listConnections, updateConnection } from "./connections.ts";
import {
  createFailoverConnection,
  deleteFailoverConnection,
  getFailoverConnection,
  listFailoverConnections,
  updateFailoverConnection,
} from "./failover-connections.ts";
import type { Handler } from "./handler.ts";
import { downloadAuditLogs, downloadOperationalLogs } from "./logs.ts";
import type { AnswerFormat } from "./media-types.ts";
import {
  acceptVpcPeering,
  createPrivateLink,
  deletePrivateLink,
  deleteVpcPeering,
  getAccountDetails,
  getPrivateLink,
  listActiveVpcPeerings,
  listPrivateLinks,
  listVpcPeerings,
  rejectVpcPeering,
  updatePrivateLink,
} from "./networking.ts";
import {
  createProcessor,
  deleteProcessor,
  getProcessor,
  listProcessors,
  startProcessor,
  startProcessorWith,
  stopProcessor,
  updateProcessor,
} from "./processors.ts";
import { getCloudProviderAccess, listClusters, listCustomRoles, listProjects } from "./projects.ts";
import {
  createWorkspace,
  createWorkspaceWithSamples,
  deleteWorkspace,
  getWorkspace,
  listWorkspaces,
  updateWorkspace,
} from "./workspaces.ts";

interface Endpoint {
  readonly handler: Handler;
  /** Ascending. */
  readonly versions: readonly string[];
  readonly format: AnswerFormat;
  /** Of the answer when the handler does not throw. */
  readonly status: number;
  /** What the audit log of the workspace calls it; what only looks is not logged there. */
  readonly audit?: string;
}

/** The path that every endpoint is under. */
export const apiPath = "/api/atlas/v2";

const project = "/groups/{groupId}";
const workspace = `${project}/streams/{tenantName}`;
const processor = `${workspace}/processor/{processorName}`;

/** In order: a fixed segment, or one that ends in a verb, stands before the parameter that it would fit, too. */
const endpoints: Record<string, Record<string, Endpoint>> = {
  "/groups": { GET: endpoint(listProjects, "2023-01-01") },
  [`${project}/clusters`]: { GET: endpoint(listClusters, "2023-01-01", "2023-02-01", "2024-08-05") },
  [`${project}/clusters/{clusterName}/databases/{databaseName}/collections/{collectionName}/documents`]: {
    GET: endpoint(listDocuments, "2023-01-01"),
  },
  [`${project}/cloudProviderAccess`]: { GET: endpoint(getCloudProviderAccess, "2023-01-01") },
  [`${project}/customDBRoles/roles`]: { GET: endpoint(listCustomRoles, "2023-01-01") },
  [`${project}/streams`]: {
    GET: endpoint(listWorkspaces, "2023-02-01"),
    POST: endpoint(createWorkspace, "2023-02-01"),
  },
  [`${project}/streams:withSampleConnections`]: { POST: endpoint(createWorkspaceWithSamples, "2024-08-05") },
  [`${project}/streams/privateLinkConnections`]: {
    GET: endpoint(listPrivateLinks, "2023-02-01"),
    POST: endpoint(createPrivateLink, "2023-02-01"),
  },
  [`${project}/streams/privateLinkConnections/{connectionId}`]: {
    GET: endpoint(getPrivateLink, "2023-02-01"),
    PATCH: endpoint(updatePrivateLink, "2025-03-12"),
    DELETE: { ...endpoint(deletePrivateLink, "2023-02-01"), status: 202 },
  },
  [`${project}/streams/activeVpcPeeringConnections`]: { GET: endpoint(listActiveVpcPeerings, "2024-11-13") },
  [`${project}/streams/vpcPeeringConnections`]: { GET: endpoint(listVpcPeerings, "2023-02-01") },
  [`${project}/streams/vpcPeeringConnections/{id}:accept`]: {
    POST: { ...endpoint(acceptVpcPeering, "2023-02-01"), status: 202 },
  },
  [`${project}/streams/vpcPeeringConnections/{id}:reject`]: {
    POST: { ...endpoint(rejectVpcPeering, "2023-02-01"), status: 202 },
  },
  [`${project}/streams/vpcPeeringConnections/{id}`]: {
    DELETE: { ...endpoint(deleteVpcPeering, "2023-02-01"), status: 202 },
  },
  [`${project}/streams/accountDetails`]: { GET: endpoint(getAccountDetails, "2024-11-13") },
  [`${workspace}:downloadOperationalLogs`]: {
    GET: { ...endpoint(downloadOperationalLogs, "2025-03-12"), format: "gzip" },
  },
  [`${workspace}/auditLogs`]: { GET: { ...endpoint(downloadAuditLogs, "2023-02-01"), format: "gzip" } },
  [workspace]: {
    GET: endpoint(getWorkspace, "2023-02-01"),
    PATCH: audited("modifyStreamInstance", endpoint(updateWorkspace, "2023-02-01")),
    DELETE: { ...endpoint(deleteWorkspace, "2023-02-01"), status: 202 },
  },
  [`${workspace}/processors`]: { GET: endpoint(listProcessors, "2024-05-30") },
  [`${workspace}/processor`]: { POST: audited("createStreamProcessor", endpoint(createProcessor, "2024-05-30")) },
  [`${processor}:start`]: { POST: audited("startStreamProcessor", endpoint(startProcessor, "2024-05-30")) },
  [`${processor}:startWith`]: { POST: audited("startStreamProcessor", endpoint(startProcessorWith, "2025-03-12")) },
  [`${processor}:stop`]: { POST: audited("stopStreamProcessor", endpoint(stopProcessor, "2024-05-30")) },
  [processor]: {
    GET: endpoint(getProcessor, "2024-05-30"),
    PATCH: audited("modifyStreamProcessor", endpoint(updateProcessor, "2024-05-30")),
    DELETE: audited("dropStreamProcessor", { ...endpoint(deleteProcessor, "2024-05-30"), status: 204 }),
  },
  [`${workspace}/connections`]: {
    GET: endpoint(listConnections, "2023-02-01"),
    POST: audited("createStreamConnection", endpoint(createConnection, "2023-02-01")),
  },
  [`${workspace}/connections/{connectionName}/failoverConnections`]: {
    GET: endpoint(listFailoverConnections, "2025-03-12"),
    POST: audited("createStreamFailoverConnection", {
      ...endpoint(createFailoverConnection, "2025-03-12"),
      status: 201,
    }),
  },
  [`${workspace}/connections/{connectionName}/failoverConnections/{failoverConnectionId}`]: {
    GET: endpoint(getFailoverConnection, "2025-03-12"),
    PATCH: audited("modifyStreamFailoverConnection", endpoint(updateFailoverConnection, "2025-03-12")),
    DELETE: audited("dropStreamFailoverConnection", {
      ...endpoint(deleteFailoverConnection, "2025-03-12"),
      status: 204,
    }),
  },
  [`${workspace}/connections/{connectionName}`]: {
    GET: endpoint(getConnection, "2023-02-01"),
    PATCH: audited("modifyStreamConnection", endpoint(updateConnection, "2023-02-01")),
    DELETE: audited("dropStreamConnection", { ...endpoint(deleteConnection, "2023-02-01"), status: 202 }),
  },
};

const patterns = Object.entries(endpoints).map(([path, methods]) => ({
  pattern: new RegExp(`^${apiPath}${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`),
  methods,
}));

/** Where a method and path lead to, with the values in the path, or the 404 or 405 when they lead nowhere. */
export function findRoute(method: string, path: string): Endpoint & { parameters: Record<string, string> } {
  for (const { pattern, methods } of patterns) {
    const match = pattern.exec(path);
    if (!match) continue;
    const found = methods[method];
    if (found) return { ...found, parameters: decoded(match.groups ?? {}) };
    throw new ApiError(405, "METHOD_NOT_ALLOWED", `${method} is not allowed here.`, {
      headers: { allow: Object.keys(methods).join(", ") },
    });
  }
  throw new ApiError(404, "RESOURCE_NOT_FOUND", `There is no resource ${path}.`, { parameters: [path] });
}

function endpoint(handler: Handler, ...versions: string[]): Endpoint {
  return { handler, versions, format: "json", status: 200 };
}

function audited(audit: string, of: Endpoint): Endpoint {
  return { ...of, audit };
}

function decoded(segments: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(segments).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new ApiError(400, "INVALID_PATH", "The path is not validly percent-encoded.");
  }
}
