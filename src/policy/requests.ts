/**
 * What a request to Atlas is: the place that it is about, and the tool that would do it alone. A request that no row
 * knows is refused under a policy, so a new endpoint has to have one.
 */
import type { AtlasRequest } from "../atlas/endpoints.ts";
import type { ToolClass } from "./rule.ts";

/** What a write does, as far as it is judged by more than its place and its tool. */
export type Effect =
  | "connection created"
  | "connection changed"
  | "failover connection created"
  | "failover connection changed"
  | "processor created"
  | "processor changed"
  | "processor started"
  | "workspace created"
  | "workspace with samples created"
  | "workspace changed"
  | "nothing more";

export interface KnownRequest {
  /** Of a read that lists what a rule may hide. */
  lists?: "projects" | "workspaces";
  /** Of a write: the tool that would do it alone, and what it does. */
  write?: { tool: string; kind: ToolClass; effect: Effect };
  /** What the path names: `groupId`, `tenantName`, … */
  names: Readonly<Record<string, string>>;
}

type Row = readonly [method: AtlasRequest["method"], path: string, of?: Omit<KnownRequest, "names">];

const write = (tool: string, effect: Effect = "nothing more"): Omit<KnownRequest, "names"> => ({
  write: { tool, kind: tool.startsWith("delete_") ? "delete" : "write", effect },
});

const project = "/api/atlas/v2/groups/{groupId}";
const streams = `${project}/streams`;
const workspace = `${streams}/{tenantName}`;
const connection = `${workspace}/connections/{connectionName}`;
const processor = `${workspace}/processor/{processorName}`;
const failover = `${connection}/failoverConnections`;

/** Where two rows fit, the earlier one counts. */
const rows: readonly Row[] = [
  ["GET", "/api/atlas/v2/groups", { lists: "projects" }],
  ["GET", project],
  ["GET", `${project}/clusters`],
  ["GET", `${project}/clusters/{clusterName}`],
  ["GET", `${project}/cloudProviderAccess`],
  ["GET", `${project}/customDBRoles/roles`],
  ["GET", `${streams}/accountDetails`],
  ["GET", `${streams}/activeVpcPeeringConnections`],
  ["GET", `${streams}/privateLinkConnections`],
  ["GET", `${streams}/privateLinkConnections/{connectionId}`],
  ["POST", `${streams}/privateLinkConnections`, write("create_private_link")],
  ["PATCH", `${streams}/privateLinkConnections/{connectionId}`, write("update_private_link")],
  ["DELETE", `${streams}/privateLinkConnections/{connectionId}`, write("delete_private_link")],
  ["GET", `${streams}/vpcPeeringConnections`],
  ["POST", `${streams}/vpcPeeringConnections/{id}:accept`, write("answer_vpc_peering")],
  ["POST", `${streams}/vpcPeeringConnections/{id}:reject`, write("answer_vpc_peering")],
  ["DELETE", `${streams}/vpcPeeringConnections/{id}`, write("delete_vpc_peering")],
  ["GET", streams, { lists: "workspaces" }],
  ["POST", streams, write("create_stream_workspace", "workspace created")],
  ["POST", `${streams}:withSampleConnections`, write("create_stream_workspace", "workspace with samples created")],
  ["GET", workspace],
  ["GET", `${workspace}:downloadOperationalLogs`],
  ["GET", `${workspace}/auditLogs`],
  ["PATCH", workspace, write("update_stream_workspace", "workspace changed")],
  ["DELETE", workspace, write("delete_stream_workspace")],
  ["GET", `${workspace}/connections`],
  ["POST", `${workspace}/connections`, write("create_stream_connection", "connection created")],
  ["GET", connection],
  ["PATCH", connection, write("update_stream_connection", "connection changed")],
  ["DELETE", connection, write("delete_stream_connection")],
  ["GET", failover],
  ["POST", failover, write("create_stream_connection", "failover connection created")],
  ["GET", `${failover}/{failoverConnectionId}`],
  ["PATCH", `${failover}/{failoverConnectionId}`, write("update_stream_connection", "failover connection changed")],
  ["DELETE", `${failover}/{failoverConnectionId}`, write("delete_stream_connection")],
  ["GET", `${workspace}/processors`],
  ["POST", `${workspace}/processor`, write("create_stream_processor", "processor created")],
  ["GET", processor],
  ["PATCH", processor, write("update_stream_processor", "processor changed")],
  ["DELETE", processor, write("delete_stream_processor")],
  ["POST", `${processor}:start`, write("start_stream_processor", "processor started")],
  ["POST", `${processor}:startWith`, write("start_stream_processor", "processor started")],
  ["POST", `${processor}:stop`, write("stop_stream_processor")],
];

interface ReadyRow {
  segments: readonly (string | { name: string; action: string })[];
  of: Omit<KnownRequest, "names">;
}

/** By method and number of segments. */
let ready: ReadonlyMap<string, readonly ReadyRow[]> | undefined;

const keyOf = (method: string, segments: readonly unknown[]) => `${method} ${segments.length}`;

function readyRows(): ReadonlyMap<string, readonly ReadyRow[]> {
  const byKey = new Map<string, ReadyRow[]>();
  for (const [method, path, of = {}] of rows) {
    const segments = path.split("/").map((segment) => {
      const [, name, action = ""] = /^\{(\w+)\}(:\w+)?$/.exec(segment) ?? [];
      return name === undefined ? segment : { name, action };
    });
    const key = keyOf(method, segments);
    byKey.set(key, [...(byKey.get(key) ?? []), { segments, of }]);
  }
  return byKey;
}

/** Every tool that does one of the writes. */
export const writingTools = (): ReadonlySet<string> => new Set(rows.flatMap(([, , of]) => of?.write?.tool ?? []));

/** What a request is; undefined where no row knows it, or a name in it could be read as another path. */
export function knownRequest({ method, path }: Pick<AtlasRequest, "method" | "path">): KnownRequest | undefined {
  const [whole = ""] = path.split("?", 1);
  const segments = whole.split("/");
  ready ??= readyRows();
  for (const row of ready.get(keyOf(method, segments)) ?? []) {
    const names = namesIn(row.segments, segments);
    if (names) return Object.values(names).every(isPlain) ? { ...row.of, names } : undefined;
  }
  return undefined;
}

function namesIn(pattern: ReadyRow["segments"], segments: readonly string[]): Record<string, string> | undefined {
  const names: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? "";
    if (typeof part === "string") {
      if (part !== segment) return undefined;
      continue;
    }
    // What is encoded holds no colon, so one says what is done.
    if (!segment.endsWith(part.action) || segment.slice(0, segment.length - part.action.length).includes(":"))
      return undefined;
    const name = decoded(segment.slice(0, segment.length - part.action.length));
    if (name === undefined) return undefined;
    names[part.name] = name;
  }
  return names;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Whether a name stays one name, even for what decodes a path twice, or before it reads it. */
const isPlain = (name: string): boolean => /^[^/\\%?#;:\p{Cc}]+$/u.test(name) && !/^\.+$/.test(name);
