/** Everything that the sandbox remembers. Whoever changes it changes what the next request meets. */
import { randomBytes } from "node:crypto";
import type { Connection } from "../../connections/union.ts";
import type { JsonObject } from "../../json.ts";
import { Digest } from "../access/digest.ts";
import { IssuedTokens } from "../access/tokens.ts";

/** A resource that is only ever shown: it is kept in the shape in which it is answered. */
export type Resource = JsonObject;

export type ConnectionState = "PENDING" | "READY" | "DELETING" | "FAILED";

export interface StoredConnection {
  readonly id: string;
  /** The connection as it was sent, secrets included. */
  body: Connection;
  state: ConnectionState;
}

export interface Workspace {
  readonly id: string;
  readonly name: string;
  cloudProvider: string;
  region: string;
  tier: string;
  hostnames: string[];
  /** By name. */
  readonly connections: Map<string, StoredConnection>;
  processors: Resource[];
}

export interface Project {
  readonly groupId: string;
  name: string;
  orgId: string;
  created: string;
  clusters: Resource[];
  awsIamRoles: Resource[];
  azureServicePrincipals: Resource[];
  gcpServiceAccounts: Resource[];
  customRoles: Resource[];
  privateLinks: Resource[];
  vpcPeerings: Resource[];
  /** By name. */
  readonly workspaces: Map<string, Workspace>;
}

export class SandboxState {
  /** By project id. */
  readonly projects: Map<string, Project>;
  /** Projects in which the credentials may not do everything: `none` answers 403 to all, `read` to writes. */
  readonly rights = new Map<string, "none" | "read">();
  readonly tokens = new IssuedTokens();
  readonly digest = new Digest();
  /** The requests that count against the rate limit, and when (milliseconds since 1970) counting starts anew. */
  readonly rate = { used: 0, windowEnds: 0 };
  /** How long a new connection is PENDING before it is READY, and a deleted one DELETING. */
  readyAfterMs = 0;

  constructor(projects: readonly Project[]) {
    this.projects = new Map(projects.map((project) => [project.groupId, project]));
  }

  /** The stream workspace of that name, if there is one. */
  workspace(groupId: string, tenantName: string): Workspace | undefined {
    return this.projects.get(groupId)?.workspaces.get(tenantName);
  }

  /** The connection of that name, if there is one, with what was sent for it. */
  connection(groupId: string, tenantName: string, connectionName: string): StoredConnection | undefined {
    return this.workspace(groupId, tenantName)?.connections.get(connectionName);
  }
}

/** A new Atlas object id. */
export const newId = () => randomBytes(12).toString("hex");
