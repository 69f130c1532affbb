/**
 * The requests that the server sends to the Atlas Administration API, as values: the operation and the path of each.
 * @see https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/
 */
import type { JsonObject } from "../json.ts";
import type { AnswerForm } from "./answer.ts";
import type { HttpRequest } from "./http.ts";
import { type Operation, operations } from "./operations.ts";

/** A request before credentials are added. */
export interface AtlasRequest extends AnswerForm {
  operation: Operation;
  method: HttpRequest["method"];
  /** Absolute path with query, percent-encoded. */
  path: string;
  /** Date of the endpoint's version, which goes into `Accept`. */
  version: string;
  body?: unknown;
}

/** A stream workspace: project id and workspace name. */
export interface WorkspacePlace {
  groupId: string;
  tenantName: string;
}

/** Query parameters that change how Atlas writes an answer, not what it says. */
export interface AnswerStyle {
  envelope?: boolean;
  pretty?: boolean;
}

/** `value` as one path segment. A name of nothing but dots would otherwise be a step in the path. */
export function segment(value: string): string {
  const encoded = encodeURIComponent(Buffer.from(value).toString());
  return /^\.+$/.test(encoded) ? encoded.replaceAll(".", "%2E") : encoded;
}

const project = (groupId: string) => `/api/atlas/v2/groups/${segment(groupId)}`;
const workspace = ({ groupId, tenantName }: WorkspacePlace) => `${project(groupId)}/streams/${segment(tenantName)}`;
const connection = (place: WorkspacePlace, name: string) => `${workspace(place)}/connections/${segment(name)}`;
const processor = (place: WorkspacePlace, name: string) => `${workspace(place)}/processor/${segment(name)}`;

/** `POST …/connections`: creates a connection; answers 200 with it, its secrets left out. */
export const createConnection = (place: WorkspacePlace, body: unknown, style?: AnswerStyle) =>
  styled(write("createGroupStreamConnection", "POST", `${workspace(place)}/connections`, body), style);

/** The same request for an answer in a style. */
function styled(request: AtlasRequest, { envelope = false, pretty = false }: AnswerStyle = {}): AtlasRequest {
  const query = [envelope && "envelope=true", pretty && "pretty=true"].filter(Boolean).join("&");
  return { ...request, path: `${request.path}${query && `?${query}`}`, envelope };
}

/** `PATCH …/connections/{connectionName}`: changes the fields in `body`; answers 200 with the connection. */
export const updateConnection = (place: WorkspacePlace, name: string, body: unknown) =>
  write("updateGroupStreamConnection", "PATCH", connection(place, name), body);

/** `DELETE …/connections/{connectionName}`: answers 202; the connection may be `DELETING` for a while. */
export const deleteConnection = (place: WorkspacePlace, name: string) =>
  write("deleteGroupStreamConnection", "DELETE", connection(place, name));

/** `GET …/connections/{connectionName}`. */
export const getConnection = (place: WorkspacePlace, name: string) =>
  read("getGroupStreamConnection", connection(place, name));

const failovers = (place: WorkspacePlace, primary: string) => `${connection(place, primary)}/failoverConnections`;
const failover = (place: WorkspacePlace, primary: string, id: string) => `${failovers(place, primary)}/${segment(id)}`;

/** `POST …/connections/{connectionName}/failoverConnections`: answers 201 with it. */
export const createFailoverConnection = (place: WorkspacePlace, primary: string, body: unknown, style?: AnswerStyle) =>
  styled(write("createGroupStreamConnectionFailoverConnection", "POST", failovers(place, primary), body), style);

/** `GET …/failoverConnections/{failoverConnectionId}`. */
export const getFailoverConnection = (place: WorkspacePlace, primary: string, id: string) =>
  read("getGroupStreamConnectionFailoverConnection", failover(place, primary, id));

/** `PATCH …/failoverConnections/{failoverConnectionId}`: its type and region stay; answers 200 with it. */
export const updateFailoverConnection = (place: WorkspacePlace, primary: string, id: string, body: unknown) =>
  write("updateGroupStreamConnectionFailoverConnection", "PATCH", failover(place, primary, id), body);

/** `DELETE …/failoverConnections/{failoverConnectionId}`: answers 204. */
export const deleteFailoverConnection = (place: WorkspacePlace, primary: string, id: string) =>
  write("deleteGroupStreamConnectionFailoverConnection", "DELETE", failover(place, primary, id));

/** `POST …/streams`: creates a workspace; answers 200 with it. */
export const createWorkspace = (groupId: string, body: unknown) =>
  write("createGroupStreamWorkspace", "POST", `${project(groupId)}/streams`, body);

/** `POST …/streams:withSampleConnections`: the same, with the sample connections that `body` names. */
export const createWorkspaceWithSamples = (groupId: string, body: unknown) =>
  write("withGroupStreamSampleConnections", "POST", `${project(groupId)}/streams:withSampleConnections`, body);

/** `GET …/streams/{tenantName}`. */
export const getWorkspace = (place: WorkspacePlace) => read("getGroupStreamWorkspace", workspace(place));

/** `PATCH …/streams/{tenantName}`: changes the fields in `body`, and what all processors do; answers 200 with the workspace. */
export const updateWorkspace = (place: WorkspacePlace, body: unknown) =>
  write("updateGroupStreamWorkspace", "PATCH", workspace(place), body);

/** `DELETE …/streams/{tenantName}`: answers 202; its connections go with it. */
export const deleteWorkspace = (place: WorkspacePlace) =>
  write("deleteGroupStreamWorkspace", "DELETE", workspace(place));

/** `POST …/processor`: creates a processor that is not started; answers 200 with it. */
export const createProcessor = (place: WorkspacePlace, body: unknown) =>
  write("createGroupStreamProcessor", "POST", `${workspace(place)}/processor`, body);

/** `GET …/processor/{processorName}`: with its state and counters. */
export const getProcessor = (place: WorkspacePlace, name: string) =>
  read("getGroupStreamProcessor", processor(place, name));

/** `PATCH …/processor/{processorName}`: changes the fields in `body` of one that is stopped; answers 200 with it. */
export const updateProcessor = (place: WorkspacePlace, name: string, body: unknown) =>
  write("updateGroupStreamProcessor", "PATCH", processor(place, name), body);

/** `DELETE …/processor/{processorName}`: answers 204. */
export const deleteProcessor = (place: WorkspacePlace, name: string) =>
  write("deleteGroupStreamProcessor", "DELETE", processor(place, name));

/** Between which tiers a processor is scaled; what is left out is as it was, or as the workspace has it. */
export interface Autoscaling {
  enabled: boolean;
  minTier?: string | undefined;
  maxTier?: string | undefined;
}

/** Where a processor is to start in place of its own region. */
export interface Failover {
  region: string;
  mode?: "GRACEFUL" | "FORCED" | undefined;
  clearCheckpoint?: boolean | undefined;
  /** Atlas only says what it would do. */
  dryRun?: true;
}

/** How a processor is to start; what is left out is as it was. */
export interface StartOptions {
  tier?: string | undefined;
  autoscaling?: Autoscaling | undefined;
  resumeFromCheckpoint?: boolean | undefined;
  startAtOperationTime?: string | undefined;
  failover?: Failover | undefined;
}

/** `POST …/processor/{processorName}:start`, or `:startWith` where there are options; answers 200 without a body. */
export function startProcessor(place: WorkspacePlace, name: string, options: StartOptions = {}): AtlasRequest {
  const path = processor(place, name);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? write("startGroupStreamProcessor", "POST", `${path}:start`)
    : write("startGroupStreamProcessorWith", "POST", `${path}:startWith`, Object.fromEntries(given));
}

/** `POST …/processor/{processorName}:stop`; answers 200 without a body. */
export const stopProcessor = (place: WorkspacePlace, name: string) =>
  write("stopGroupStreamProcessor", "POST", `${processor(place, name)}:stop`);

/** Which part of a workspace's logs: of one processor, or of all where its name is empty, since a time in seconds. */
export interface LogPart {
  spName: string;
  startDate: number;
}

/** `GET …/streams/{tenantName}:downloadOperationalLogs`: gzip. */
export const downloadOperationalLogs = (place: WorkspacePlace, part: LogPart) =>
  archive("downloadGroupStreamOperationalLogs", `${workspace(place)}:downloadOperationalLogs`, part);

/** `GET …/streams/{tenantName}/auditLogs`: gzip. */
export const downloadAuditLogs = (place: WorkspacePlace, part: LogPart) =>
  archive("downloadGroupStreamAuditLogs", `${workspace(place)}/auditLogs`, part);

/** `GET /groups/{groupId}/customDBRoles/roles`: an array, not a page. */
export const listCustomRoles = (groupId: string) =>
  read("listGroupCustomDbRoleRoles", `${project(groupId)}/customDBRoles/roles`);

/** `GET /groups/{groupId}/cloudProviderAccess`: `awsIamRoles`, `azureServicePrincipals`, `gcpServiceAccounts`. */
export const getCloudProviderAccess = (groupId: string) =>
  read("listGroupCloudProviderAccess", `${project(groupId)}/cloudProviderAccess`);

/** A list that comes in pages, numbered from 1. */
export type PagedList = (pageNum: number) => AtlasRequest;

/** How something that was written is found: by its own path, or in lists, by what it is. */
export type Find = AtlasRequest | FindInLists;

/** `pick` finds it among the entries of all `lists`. */
export interface FindInLists {
  lists: readonly PagedList[];
  pick(entries: readonly JsonObject[]): JsonObject | undefined;
}

/** What tells a find from others that are done at the same time. */
export const findKey = (find: Find): string =>
  "lists" in find ? find.lists.map((list) => list(1).path).join(" ") : find.path;

/** `GET /groups`: the projects that the credentials see. */
export const listProjects = paged("listGroups", "/api/atlas/v2/groups");

/** `GET …/streams`: the workspaces of a project. */
export const listWorkspaces = (groupId: string) => paged("listGroupStreamWorkspaces", `${project(groupId)}/streams`);

/** `GET …/connections`. */
export const listConnections = (place: WorkspacePlace) =>
  paged("listGroupStreamConnections", `${workspace(place)}/connections`);

/** `GET …/connections/{connectionName}/failoverConnections`. */
export const listFailoverConnections = (place: WorkspacePlace, primary: string) =>
  paged("listGroupStreamConnectionFailoverConnections", failovers(place, primary));

/** `GET …/processors`. */
export const listProcessors = (place: WorkspacePlace) =>
  paged("getGroupStreamProcessors", `${workspace(place)}/processors`);

/** `GET /groups/{groupId}/clusters`. */
export const listClusters = (groupId: string) => paged("listGroupClusters", `${project(groupId)}/clusters`);

/** `GET …/privateLinkConnections`. */
export const listPrivateLinks = (groupId: string) =>
  paged("listGroupStreamPrivateLinkConnections", `${project(groupId)}/streams/privateLinkConnections`);

const privateLink = (groupId: string, id: string) =>
  `${project(groupId)}/streams/privateLinkConnections/${segment(id)}`;

/** `POST …/privateLinkConnections`: answers 200 with its `_id`, and with neither its state nor its vendor. */
export const createPrivateLink = (groupId: string, body: unknown) =>
  write("createGroupStreamPrivateLinkConnection", "POST", `${project(groupId)}/streams/privateLinkConnections`, body);

/** `GET …/privateLinkConnections/{connectionId}`. */
export const getPrivateLink = (groupId: string, id: string) =>
  read("getGroupStreamPrivateLinkConnection", privateLink(groupId, id));

/** `PATCH …/privateLinkConnections/{connectionId}`: changes `dnsDomain`; answers 200 with the private link. */
export const updatePrivateLink = (groupId: string, id: string, body: unknown) =>
  write("updateGroupStreamPrivateLinkConnection", "PATCH", privateLink(groupId, id), body);

/** `DELETE …/privateLinkConnections/{connectionId}`: answers 202; it is `DELETING` for a while. */
export const deletePrivateLink = (groupId: string, id: string) =>
  write("deleteGroupStreamPrivateLinkConnection", "DELETE", privateLink(groupId, id));

/** `GET …/activeVpcPeeringConnections`. */
export const listActivePeerings = (groupId: string) =>
  paged("listGroupStreamActiveVpcPeeringConnections", `${project(groupId)}/streams/activeVpcPeeringConnections`);

/** `GET …/vpcPeeringConnections`: the requests of an AWS account. */
export const listPeeringRequests = (groupId: string, requesterAccountId: string) =>
  paged("listGroupStreamVpcPeeringConnections", `${project(groupId)}/streams/vpcPeeringConnections`, {
    requesterAccountId,
  });

const peering = (groupId: string, id: string) => `${project(groupId)}/streams/vpcPeeringConnections/${segment(id)}`;

/** `POST …/vpcPeeringConnections/{id}:accept`: answers 202 where the body names the account and VPC of the requester. */
export const acceptPeering = (groupId: string, id: string, body: unknown) =>
  write("acceptGroupStreamVpcPeeringConnection", "POST", `${peering(groupId, id)}:accept`, body);

/** `POST …/vpcPeeringConnections/{id}:reject`: answers 202. */
export const rejectPeering = (groupId: string, id: string) =>
  write("rejectGroupStreamVpcPeeringConnection", "POST", `${peering(groupId, id)}:reject`);

/** `DELETE …/vpcPeeringConnections/{id}`: answers 202. */
export const deletePeering = (groupId: string, id: string) =>
  write("deleteGroupStreamVpcPeeringConnection", "DELETE", peering(groupId, id));

/** `GET …/accountDetails`: Atlas's own account, network and CIDR; the cloud in lower case, the region as clusters have it. */
export function getAccountDetails(groupId: string, cloudProvider: string, regionName: string): AtlasRequest {
  const query = new URLSearchParams({ cloudProvider, regionName });
  return read("getGroupStreamAccountDetails", `${project(groupId)}/streams/accountDetails?${query}`);
}

/** The largest page that Atlas gives. */
export const PAGE_SIZE = 500;

function paged(operation: Operation, path: string, query: Readonly<Record<string, string>> = {}): PagedList {
  return (pageNum) => {
    const all = new URLSearchParams({ itemsPerPage: String(PAGE_SIZE), pageNum: String(pageNum), ...query });
    return read(operation, `${path}?${all}`);
  };
}

function archive(operation: Operation, path: string, { spName, startDate }: LogPart): AtlasRequest {
  const query = new URLSearchParams({ spName, startDate: String(startDate) });
  return { ...read(operation, `${path}?${query}`), format: "gzip" };
}

function read(operation: Operation, path: string): AtlasRequest {
  return write(operation, "GET", path);
}

function write(operation: Operation, method: AtlasRequest["method"], path: string, body?: unknown): AtlasRequest {
  const { version } = operations[operation];
  return { operation, method, path, version, envelope: false, ...(body !== undefined && { body }) };
}

/** The headers of a request, without credentials. */
export function headersOf({ version, body, format = "json" }: AtlasRequest): Record<string, string> {
  return {
    accept: `application/vnd.atlas.${version}+${format}`,
    ...(body !== undefined && { "content-type": "application/json" }),
  };
}
