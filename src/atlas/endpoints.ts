/**
 * The requests that the server sends to the Atlas Administration API, as values: the path and the version of each.
 * @see https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/
 */
import type { JsonObject } from "../json.ts";
import type { AnswerForm } from "./answer.ts";
import type { HttpRequest } from "./http.ts";

/** A request before credentials are added. */
export interface AtlasRequest extends AnswerForm {
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

/** The date of the version of each endpoint. */
const versions = {
  projects: "2023-01-01",
  clusters: "2024-08-05",
  cloudProviderAccess: "2023-01-01",
  customRoles: "2023-01-01",
  streams: "2023-02-01",
  activePeerings: "2024-11-13",
  accountDetails: "2024-11-13",
  privateLinkUpdate: "2025-03-12",
  processors: "2024-05-30",
  startWith: "2025-03-12",
  operationalLogs: "2025-03-12",
} as const;

const project = (groupId: string) => `/api/atlas/v2/groups/${segment(groupId)}`;
const workspace = ({ groupId, tenantName }: WorkspacePlace) => `${project(groupId)}/streams/${segment(tenantName)}`;
const connection = (place: WorkspacePlace, name: string) => `${workspace(place)}/connections/${segment(name)}`;
const processor = (place: WorkspacePlace, name: string) => `${workspace(place)}/processor/${segment(name)}`;

/** `POST …/connections`: creates a connection; answers 200 with it, its secrets left out. */
export function createConnection(place: WorkspacePlace, body: unknown, style: AnswerStyle = {}): AtlasRequest {
  const query = [style.envelope && "envelope=true", style.pretty && "pretty=true"].filter(Boolean).join("&");
  return {
    method: "POST",
    path: `${workspace(place)}/connections${query && `?${query}`}`,
    version: versions.streams,
    body,
    envelope: style.envelope ?? false,
  };
}

/** `PATCH …/connections/{connectionName}`: changes the fields in `body`; answers 200 with the connection. */
export const updateConnection = (place: WorkspacePlace, name: string, body: unknown) =>
  write("PATCH", connection(place, name), versions.streams, body);

/** `DELETE …/connections/{connectionName}`: answers 202; the connection may be `DELETING` for a while. */
export const deleteConnection = (place: WorkspacePlace, name: string) =>
  write("DELETE", connection(place, name), versions.streams);

/** `GET …/connections/{connectionName}`. */
export const getConnection = (place: WorkspacePlace, name: string) => read(connection(place, name), versions.streams);

/** `POST …/streams`: creates a workspace; answers 200 with it. */
export const createWorkspace = (groupId: string, body: unknown) =>
  write("POST", `${project(groupId)}/streams`, versions.streams, body);

/** `GET …/streams/{tenantName}`. */
export const getWorkspace = (place: WorkspacePlace) => read(workspace(place), versions.streams);

/** `DELETE …/streams/{tenantName}`: answers 202; its connections go with it. */
export const deleteWorkspace = (place: WorkspacePlace) => write("DELETE", workspace(place), versions.streams);

/** `POST …/processor`: creates a processor that is not started; answers 200 with it. */
export const createProcessor = (place: WorkspacePlace, body: unknown) =>
  write("POST", `${workspace(place)}/processor`, versions.processors, body);

/** `GET …/processor/{processorName}`: with its state and counters. */
export const getProcessor = (place: WorkspacePlace, name: string) => read(processor(place, name), versions.processors);

/** `PATCH …/processor/{processorName}`: changes the fields in `body` of one that is stopped; answers 200 with it. */
export const updateProcessor = (place: WorkspacePlace, name: string, body: unknown) =>
  write("PATCH", processor(place, name), versions.processors, body);

/** `DELETE …/processor/{processorName}`: answers 204. */
export const deleteProcessor = (place: WorkspacePlace, name: string) =>
  write("DELETE", processor(place, name), versions.processors);

/** How a processor is to start; what is left out is as it was. */
export interface StartOptions {
  tier?: string | undefined;
  resumeFromCheckpoint?: boolean | undefined;
  startAtOperationTime?: string | undefined;
}

/** `POST …/processor/{processorName}:start`, or `:startWith` where there are options; answers 200 without a body. */
export function startProcessor(place: WorkspacePlace, name: string, options: StartOptions = {}): AtlasRequest {
  const path = processor(place, name);
  return Object.keys(options).length === 0
    ? write("POST", `${path}:start`, versions.processors)
    : write("POST", `${path}:startWith`, versions.startWith, options);
}

/** `POST …/processor/{processorName}:stop`; answers 200 without a body. */
export const stopProcessor = (place: WorkspacePlace, name: string) =>
  write("POST", `${processor(place, name)}:stop`, versions.processors);

/** `GET …/streams/{tenantName}:downloadOperationalLogs`: gzip; of one processor, since a time in seconds. */
export function downloadOperationalLogs(place: WorkspacePlace, spName: string, startDate: number): AtlasRequest {
  const query = new URLSearchParams({ spName, startDate: String(startDate) });
  return {
    ...read(`${workspace(place)}:downloadOperationalLogs?${query}`, versions.operationalLogs),
    format: "gzip",
  };
}

/** `GET /groups/{groupId}/customDBRoles/roles`: an array, not a page. */
export const listCustomRoles = (groupId: string) =>
  read(`${project(groupId)}/customDBRoles/roles`, versions.customRoles);

/** `GET /groups/{groupId}/cloudProviderAccess`: `awsIamRoles`, `azureServicePrincipals`, `gcpServiceAccounts`. */
export const getCloudProviderAccess = (groupId: string) =>
  read(`${project(groupId)}/cloudProviderAccess`, versions.cloudProviderAccess);

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
export const listProjects = paged("/api/atlas/v2/groups", versions.projects);

/** `GET …/streams`: the workspaces of a project. */
export const listWorkspaces = (groupId: string) => paged(`${project(groupId)}/streams`, versions.streams);

/** `GET …/connections`. */
export const listConnections = (place: WorkspacePlace) => paged(`${workspace(place)}/connections`, versions.streams);

/** `GET …/processors`. */
export const listProcessors = (place: WorkspacePlace) => paged(`${workspace(place)}/processors`, versions.processors);

/** `GET /groups/{groupId}/clusters`. */
export const listClusters = (groupId: string) => paged(`${project(groupId)}/clusters`, versions.clusters);

/** `GET …/privateLinkConnections`. */
export const listPrivateLinks = (groupId: string) =>
  paged(`${project(groupId)}/streams/privateLinkConnections`, versions.streams);

const privateLink = (groupId: string, id: string) =>
  `${project(groupId)}/streams/privateLinkConnections/${segment(id)}`;

/** `POST …/privateLinkConnections`: answers 200 with its `_id`, and with neither its state nor its vendor. */
export const createPrivateLink = (groupId: string, body: unknown) =>
  write("POST", `${project(groupId)}/streams/privateLinkConnections`, versions.streams, body);

/** `GET …/privateLinkConnections/{connectionId}`. */
export const getPrivateLink = (groupId: string, id: string) => read(privateLink(groupId, id), versions.streams);

/** `PATCH …/privateLinkConnections/{connectionId}`: changes `dnsDomain`; answers 200 with the private link. */
export const updatePrivateLink = (groupId: string, id: string, body: unknown) =>
  write("PATCH", privateLink(groupId, id), versions.privateLinkUpdate, body);

/** `DELETE …/privateLinkConnections/{connectionId}`: answers 202; it is `DELETING` for a while. */
export const deletePrivateLink = (groupId: string, id: string) =>
  write("DELETE", privateLink(groupId, id), versions.streams);

/** `GET …/activeVpcPeeringConnections`. */
export const listActivePeerings = (groupId: string) =>
  paged(`${project(groupId)}/streams/activeVpcPeeringConnections`, versions.activePeerings);

/** `GET …/vpcPeeringConnections`: the requests of an AWS account. */
export const listPeeringRequests = (groupId: string, requesterAccountId: string) =>
  paged(`${project(groupId)}/streams/vpcPeeringConnections`, versions.streams, { requesterAccountId });

const peering = (groupId: string, id: string) => `${project(groupId)}/streams/vpcPeeringConnections/${segment(id)}`;

/** `POST …/vpcPeeringConnections/{id}:accept`: answers 202 where the body names the account and VPC of the requester. */
export const acceptPeering = (groupId: string, id: string, body: unknown) =>
  write("POST", `${peering(groupId, id)}:accept`, versions.streams, body);

/** `POST …/vpcPeeringConnections/{id}:reject`: answers 202. */
export const rejectPeering = (groupId: string, id: string) =>
  write("POST", `${peering(groupId, id)}:reject`, versions.streams);

/** `DELETE …/vpcPeeringConnections/{id}`: answers 202. */
export const deletePeering = (groupId: string, id: string) => write("DELETE", peering(groupId, id), versions.streams);

/** `GET …/accountDetails`: Atlas's own account, network and CIDR; the cloud in lower case, the region as clusters have it. */
export function getAccountDetails(groupId: string, cloudProvider: string, regionName: string): AtlasRequest {
  const query = new URLSearchParams({ cloudProvider, regionName });
  return read(`${project(groupId)}/streams/accountDetails?${query}`, versions.accountDetails);
}

/** The largest page that Atlas gives. */
export const PAGE_SIZE = 500;

function paged(path: string, version: string, query: Readonly<Record<string, string>> = {}): PagedList {
  return (pageNum) => {
    const all = new URLSearchParams({ itemsPerPage: String(PAGE_SIZE), pageNum: String(pageNum), ...query });
    return read(`${path}?${all}`, version);
  };
}

function read(path: string, version: string): AtlasRequest {
  return { method: "GET", path, version, envelope: false };
}

function write(method: AtlasRequest["method"], path: string, version: string, body?: unknown): AtlasRequest {
  return { method, path, version, envelope: false, ...(body !== undefined && { body }) };
}

/** The headers of a request, without credentials. */
export function headersOf({ version, body, format = "json" }: AtlasRequest): Record<string, string> {
  return {
    accept: `application/vnd.atlas.${version}+${format}`,
    ...(body !== undefined && { "content-type": "application/json" }),
  };
}
