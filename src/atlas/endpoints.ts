/**
 * The requests that the server sends to the Atlas Administration API, as values: the operation and the path of each.
 * @see https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/
 */
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
export function createConnection(place: WorkspacePlace, body: unknown, style: AnswerStyle = {}): AtlasRequest {
  const query = [style.envelope && "envelope=true", style.pretty && "pretty=true"].filter(Boolean).join("&");
  const path = `${workspace(place)}/connections${query && `?${query}`}`;
  return {
    ...write("createGroupStreamConnection", "POST", path, body),
    envelope: style.envelope ?? false,
  };
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
    ? write("startGroupStreamProcessor", "POST", `${path}:start`)
    : write("startGroupStreamProcessorWith", "POST", `${path}:startWith`, options);
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

/** `GET /groups`: the projects that the credentials see. */
export const listProjects = paged("listGroups", "/api/atlas/v2/groups");

/** `GET …/streams`: the workspaces of a project. */
export const listWorkspaces = (groupId: string) => paged("listGroupStreamWorkspaces", `${project(groupId)}/streams`);

/** `GET …/connections`. */
export const listConnections = (place: WorkspacePlace) =>
  paged("listGroupStreamConnections", `${workspace(place)}/connections`);

/** `GET …/processors`. */
export const listProcessors = (place: WorkspacePlace) =>
  paged("getGroupStreamProcessors", `${workspace(place)}/processors`);

/** `GET /groups/{groupId}/clusters`. */
export const listClusters = (groupId: string) => paged("listGroupClusters", `${project(groupId)}/clusters`);

/** `GET …/privateLinkConnections`. */
export const listPrivateLinks = (groupId: string) =>
  paged("listGroupStreamPrivateLinkConnections", `${project(groupId)}/streams/privateLinkConnections`);

/** `GET …/activeVpcPeeringConnections`. */
export const listActivePeerings = (groupId: string) =>
  paged("listGroupStreamActiveVpcPeeringConnections", `${project(groupId)}/streams/activeVpcPeeringConnections`);

/** The largest page that Atlas gives. */
export const PAGE_SIZE = 500;

function paged(operation: Operation, path: string): PagedList {
  return (pageNum) => read(operation, `${path}?itemsPerPage=${PAGE_SIZE}&pageNum=${pageNum}`);
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
