/** Everything that the sandbox remembers. Whoever changes it changes what the next request meets. */
import { randomBytes } from "node:crypto";
import type { Connection } from "../../connections/union.ts";
import type { JsonObject } from "../../json.ts";
import { Digest } from "../access/digest.ts";
import { IssuedTokens } from "../access/tokens.ts";
import type { ChangeStream } from "./change-stream.ts";
import type { Collections } from "./collections.ts";
import { atlasOddities, type Oddities } from "./oddities.ts";
import type { PipelineWork } from "./pipeline-work.ts";

/** A resource that is only ever shown: it is kept in the shape in which it is answered. */
export type Entry = JsonObject;

export type ConnectionState = "PENDING" | "READY" | "DELETING" | "FAILED";

/** What is answered with 404 for a while after its create. */
interface Hidden {
  /** Milliseconds since 1970; in the past, or 0, of what can be found. */
  hiddenUntil: number;
}

/** Whether it can be found. */
export const isFound = ({ hiddenUntil }: Hidden): boolean => hiddenUntil <= Date.now();

export interface StoredConnection extends Hidden {
  readonly id: string;
  /** The connection as it was sent, secrets included. */
  body: Connection;
  state: ConnectionState;
  /** What it is in other regions, by id. */
  readonly failovers: Map<string, StoredConnection>;
}

/** While a processor is being started it shows the state from before, and STARTED while it is being stopped. */
export type ProcessorState = "CREATING" | "CREATED" | "STARTED" | "STOPPED" | "FAILED";

/** How many messages came in, went out to the sink, and went to the dead letter queue. */
export interface MessageCounts {
  input: number;
  output: number;
  dlq: number;
}

/** Tiers that are left out are those of the workspace. */
export interface Autoscaling {
  minTier?: string | undefined;
  maxTier?: string | undefined;
}

export interface StoredProcessor {
  readonly id: string;
  name: string;
  /** Stages as they were sent. */
  pipeline: readonly JsonObject[];
  dlq: JsonObject | undefined;
  /** The tier that was set. */
  tier: string;
  /** What it is scaled within; undefined where it is not. */
  autoscaling?: Autoscaling | undefined;
  /** The tier that it was scaled to, if that is another than was set. */
  scaledTo?: string | undefined;
  failoverEnabled?: boolean | undefined;
  /** Where it runs, if that is not the region of the workspace. */
  region?: string | undefined;
  state: ProcessorState;
  /** Of all runs, as far as they were computed; undefined before the first run has begun. */
  counted: MessageCounts | undefined;
  /** When the present run began, in milliseconds since 1970; means something only while it is STARTED. */
  startedAt: number;
  /** How many messages of the present run were computed. */
  taken: number;
  /** What its pipeline is at, such as open windows, which a checkpoint keeps; undefined until a message comes. */
  work: PipelineWork | undefined;
  /** What it reads from a cluster; undefined where it reads from none, and until it is looked at. */
  changes: ChangeStream | undefined;
}

/** One line of the operational logs. */
export interface LogLine {
  /** Milliseconds since 1970. */
  at: number;
  /** Informational, warning, error. */
  severity: "I" | "W" | "E";
  processorName: string;
  message: string;
}

/** One line of the audit logs. */
export interface AuditLine {
  /** Milliseconds since 1970. */
  at: number;
  /** What was done, such as `startStreamProcessor`. */
  action: string;
  /** What it was done to: names by the path's parameters. */
  to: Readonly<Record<string, string>>;
  /** 0 where it was done, else the HTTP status of the refusal. */
  result: number;
}

export interface StoredWorkspace extends Hidden {
  readonly id: string;
  readonly name: string;
  cloudProvider: string;
  region: string;
  /** The default of its processors. */
  tier: string;
  maxTier: string;
  /** What was asked for of the two. */
  requestedTiers: RequestedTiers;
  /** Where its processors can run when its own region fails. */
  failoverRegions: readonly { cloudProvider: string; region: string }[];
  hostnames: string[];
  /** By name. */
  readonly connections: Map<string, StoredConnection>;
  /** By name. */
  readonly processors: Map<string, StoredProcessor>;
  /** Those of the project's clusters. */
  readonly collections: Collections;
  /** Oldest first. */
  readonly logs: LogLine[];
  /** Oldest first. */
  readonly audit: AuditLine[];
}

export interface RequestedTiers {
  tier?: string | undefined;
  maxTier?: string | undefined;
}

export interface Project {
  readonly groupId: string;
  name: string;
  orgId: string;
  created: string;
  clusters: Entry[];
  awsIamRoles: Entry[];
  azureServicePrincipals: Entry[];
  gcpServiceAccounts: Entry[];
  customRoles: Entry[];
  privateLinks: Entry[];
  vpcPeerings: Entry[];
  /** What the clusters hold. */
  readonly collections: Collections;
  /** By name. */
  readonly workspaces: Map<string, StoredWorkspace>;
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
  /** How long a new connection is PENDING. */
  readyAfterMs = 0;
  /** How long a new processor is CREATING, and a start or a stop on its way. */
  switchedAfterMs = 0;
  oddities: Oddities = { ...atlasOddities };

  constructor(projects: readonly Project[]) {
    this.projects = new Map(projects.map((project) => [project.groupId, project]));
  }

  /** The stream workspace of that name, if there is one. */
  workspace(groupId: string, tenantName: string): StoredWorkspace | undefined {
    return this.projects.get(groupId)?.workspaces.get(tenantName);
  }

  /** The connection of that name, if there is one, with what was sent for it. */
  connection(groupId: string, tenantName: string, connectionName: string): StoredConnection | undefined {
    return this.workspace(groupId, tenantName)?.connections.get(connectionName);
  }

  /** The processor of that name, if there is one. */
  processor(groupId: string, tenantName: string, processorName: string): StoredProcessor | undefined {
    return this.workspace(groupId, tenantName)?.processors.get(processorName);
  }
}

/** A new Atlas object id. */
export const newId = () => randomBytes(12).toString("hex");
