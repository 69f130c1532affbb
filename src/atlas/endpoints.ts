/**
 * The requests that the server makes of the Atlas Administration API, as values: where each one lives and which
 * version of it is meant. @see https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/
 */
import type { HttpRequest } from "./http.ts";

/** A request before credentials are added. */
export interface AtlasRequest {
  method: HttpRequest["method"];
  /** Absolute path with query, percent-encoded. */
  path: string;
  /** Date of the endpoint's version, which goes into `Accept`. */
  version: string;
  body?: unknown;
  /** Whether `envelope=true` was asked for. */
  envelope: boolean;
}

/** A stream workspace: project id and workspace name. */
export interface Workspace {
  groupId: string;
  tenantName: string;
}

/** Atlas's query parameters that change how an answer is written, not what it says. */
export interface AnswerStyle {
  envelope?: boolean;
  pretty?: boolean;
}

/** `value` as one path segment. A name of dots only would otherwise be taken for a step in the path. */
export function segment(value: string): string {
  const encoded = encodeURIComponent(Buffer.from(value).toString());
  return /^\.+$/.test(encoded) ? encoded.replaceAll(".", "%2E") : encoded;
}

/** The date of the version that each endpoint is asked for. */
const versions = {
  projects: "2023-01-01",
  clusters: "2024-08-05",
  cloudProviderAccess: "2023-01-01",
  customRoles: "2023-01-01",
  streams: "2023-02-01",
  activePeerings: "2024-11-13",
  processors: "2024-05-30",
} as const;

const project = (groupId: string) => `/api/atlas/v2/groups/${segment(groupId)}`;
const workspace = ({ groupId, tenantName }: Workspace) => `${project(groupId)}/streams/${segment(tenantName)}`;
const connection = (place: Workspace, name: string) => `${workspace(place)}/connections/${segment(name)}`;

/** `POST …/connections`: creates a connection; answers 200 with it, its secrets left out. */
export function createConnection(place: Workspace, body: unknown, style: AnswerStyle = {}): AtlasRequest {
  const query = [style.envelope && "envelope=true", style.pretty && "pretty=true"].filter(Boolean).join("&");
  return {
    method: "POST",
    path: `${workspace(place)}/connections${query && `?${query}`}`,
    version: versions.streams,
    body,
    envelope: style.envelope ?? false,
  };
}

/** `PATCH …/connections/{connectionName}`: changes the fields that are given; answers 200 with the connection. */
export function updateConnection(place: Workspace, name: string, body: unknown): AtlasRequest {
  return { method: "PATCH", path: connection(place, name), version: versions.streams, body, envelope: false };
}

/** `DELETE …/connections/{connectionName}`: answers 202; the connection may be `DELETING` for a while. */
export function deleteConnection(place: Workspace, name: string): AtlasRequest {
  return { method: "DELETE", path: connection(place, name), version: versions.streams, envelope: false };
}

/** `GET …/connections/{connectionName}`. */
export const getConnection = (place: Workspace, name: string) => read(connection(place, name), versions.streams);

/** `GET /groups/{groupId}/customDBRoles/roles`: an array, not a page. */
export const listCustomRoles = (groupId: string) =>
  read(`${project(groupId)}/customDBRoles/roles`, versions.customRoles);

/** `GET /groups/{groupId}/cloudProviderAccess`: `awsIamRoles`, `azureServicePrincipals`, `gcpServiceAccounts`. */
export const getCloudProviderAccess = (groupId: string) =>
  read(`${project(groupId)}/cloudProviderAccess`, versions.cloudProviderAccess);

/** A list that comes in pages, numbered from 1. */
export type PagedList = (pageNum: number) => AtlasRequest;

/** `GET /groups`: the projects that the credentials see. */
export const listProjects = paged("/api/atlas/v2/groups", versions.projects);

/** `GET …/streams`: the workspaces of a project. */
export const listWorkspaces = (groupId: string) => paged(`${project(groupId)}/streams`, versions.streams);

/** `GET …/connections`. */
export const listConnections = (place: Workspace) => paged(`${workspace(place)}/connections`, versions.streams);

/** `GET …/processors`. */
export const listProcessors = (place: Workspace) => paged(`${workspace(place)}/processors`, versions.processors);

/** `GET /groups/{groupId}/clusters`. */
export const listClusters = (groupId: string) => paged(`${project(groupId)}/clusters`, versions.clusters);

/** `GET …/privateLinkConnections`. */
export const listPrivateLinks = (groupId: string) =>
  paged(`${project(groupId)}/streams/privateLinkConnections`, versions.streams);

/** `GET …/activeVpcPeeringConnections`. */
export const listActivePeerings = (groupId: string) =>
  paged(`${project(groupId)}/streams/activeVpcPeeringConnections`, versions.activePeerings);

/** The largest page that Atlas gives. */
export const PAGE_SIZE = 500;

function paged(path: string, version: string): PagedList {
  return (pageNum) => read(`${path}?itemsPerPage=${PAGE_SIZE}&pageNum=${pageNum}`, version);
}

function read(path: string, version: string): AtlasRequest {
  return { method: "GET", path, version, envelope: false };
}

/** The headers of a request, without credentials. */
export function headersOf({ version, body }: AtlasRequest): Record<string, string> {
  return {
    accept: `application/vnd.atlas.${version}+json`,
    ...(body !== undefined && { "content-type": "application/json" }),
  };
}
