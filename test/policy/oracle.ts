/**
 * What a rule allows of a request, told from what Atlas holds when the request arrives: written for the tests alone, from
 * the documentation of policies and not from what enforces them.
 */
import { isObject, type JsonObject } from "../../src/json.ts";
import type { SandboxState, StoredProcessor, StoredWorkspace } from "../../src/sandbox/data/state.ts";
import type { ReceivedRequest } from "../../src/sandbox/http.ts";

/** A rule as a file has it. */
export interface WrittenRule {
  name: string;
  projects: readonly string[];
  workspaces?: readonly string[];
  tools: { allow: readonly string[]; deny?: readonly string[] };
  connections?: { types?: readonly string[]; hosts?: readonly string[] };
  tiers?: readonly string[];
}

const starred = (text: string, patterns: readonly string[] | undefined) =>
  patterns === undefined ||
  patterns.some((each) => (each.includes("*") ? text.startsWith(each.replace("*", "")) : each === text));

/** By what stands in a path after the project, with `*` for a name: the tool of each method that writes. */
const tools: Record<string, Record<string, string>> = {
  streams: { POST: "create_stream_workspace" },
  "streams:withSampleConnections": { POST: "create_stream_workspace" },
  "streams/privateLinkConnections": { POST: "create_private_link" },
  "streams/privateLinkConnections/*": { PATCH: "update_private_link", DELETE: "delete_private_link" },
  "streams/vpcPeeringConnections/*": { DELETE: "delete_vpc_peering" },
  "streams/vpcPeeringConnections/*:accept": { POST: "answer_vpc_peering" },
  "streams/vpcPeeringConnections/*:reject": { POST: "answer_vpc_peering" },
  "streams/*": { PATCH: "update_stream_workspace", DELETE: "delete_stream_workspace" },
  "streams/*/connections": { POST: "create_stream_connection" },
  "streams/*/connections/*": { PATCH: "update_stream_connection", DELETE: "delete_stream_connection" },
  "streams/*/connections/*/failoverConnections": { POST: "create_stream_connection" },
  "streams/*/connections/*/failoverConnections/*": {
    PATCH: "update_stream_connection",
    DELETE: "delete_stream_connection",
  },
  "streams/*/processor": { POST: "create_stream_processor" },
  "streams/*/processor/*": { PATCH: "update_stream_processor", DELETE: "delete_stream_processor" },
  "streams/*/processor/*:start": { POST: "start_stream_processor" },
  "streams/*/processor/*:startWith": { POST: "start_stream_processor" },
  "streams/*/processor/*:stop": { POST: "stop_stream_processor" },
};

const ofProject = /^(privateLinkConnections|vpcPeeringConnections|activeVpcPeeringConnections|accountDetails)\b/;

const allowsTool = (name: string, { allow, deny = [] }: WrittenRule["tools"]) => {
  const kind = name.startsWith("delete_") ? "delete" : "write";
  const isMeant = (each: string) => each === kind || starred(name, [each]);
  return allow.some(isMeant) && !deny.some((each) => isMeant(each) || each === "write");
};

/** Why the rule does not allow a request; undefined where it does. `stopped` are the paths of what the call has stopped. */
export function violation(
  rule: WrittenRule,
  { method, path, body }: ReceivedRequest,
  state: SandboxState,
  stopped: ReadonlySet<string>,
): string | undefined {
  const { pathname } = new URL(path, "http://atlas.example");
  if (pathname === "/api/atlas/v2/groups") return method === "GET" ? undefined : "writes projects";
  const [, groupId = "", rest = ""] = /^\/api\/atlas\/v2\/groups\/([0-9a-f]{24})\/(.*)$/.exec(pathname) ?? [];
  if (groupId === "") return `an odd path, ${path}`;
  if (!rule.projects.includes("*") && !rule.projects.includes(groupId)) return "another project";
  const [room = "", tenant = "", ...inside] = rest.split("/");
  const tenantName = decodeURIComponent(tenant.replace(/:.*/, ""));
  const isInWorkspace = room === "streams" && tenant !== "" && !ofProject.test(tenant);
  if (isInWorkspace && !starred(tenantName, rule.workspaces)) return "another workspace";
  if (method === "GET") return undefined;
  if (stopped.has(pathname.replace(/:start$/, "")) && pathname.endsWith(":start")) return undefined;
  const shape = rest
    .split("/")
    .map((segment, index) => {
      const isName = index === 0 ? false : index === 1 ? isInWorkspace : index % 2 === (isInWorkspace ? 1 : 0);
      return isName ? segment.replace(/^[^:]*/, "*") : segment;
    })
    .join("/");
  const tool = tools[shape]?.[method];
  if (tool === undefined) return `nobody knows what ${method} ${shape} is`;
  if (!allowsTool(tool, rule.tools)) return `needs ${tool}`;
  const sent = isObject(body) ? body : {};
  const workspace = state.projects.get(groupId)?.workspaces.get(tenantName);
  const judge = new Effects(rule, groupId, workspace);
  const [kind, name = ""] = inside.map(decodeURIComponent);
  if (room !== "streams") return judge.created(sent);
  if (tenant === "") return judge.created(sent);
  if (!isInWorkspace || method === "DELETE" || /:stop$/.test(pathname)) return undefined;
  if (kind === undefined) return judge.resized(sent);
  if (kind === "connections") {
    const existing = method === "PATCH" ? workspace?.connections.get(name)?.body : undefined;
    return judge.connection({ ...existing, ...sent });
  }
  const existing = workspace?.processors.get(name.replace(/:\w+$/, ""));
  return judge.processor(existing, sent);
}

class Effects {
  readonly rule: WrittenRule;
  readonly groupId: string;
  readonly workspace: StoredWorkspace | undefined;

  constructor(rule: WrittenRule, groupId: string, workspace: StoredWorkspace | undefined) {
    this.rule = rule;
    this.groupId = groupId;
    this.workspace = workspace;
  }

  created(body: JsonObject): string | undefined {
    if (!starred(String(body["name"]), this.rule.workspaces)) return "a workspace of another name";
    const { types } = this.rule.connections ?? {};
    const hasSample = isObject(body["sampleConnections"]) && body["sampleConnections"]["solar"] === true;
    if (hasSample && types && !types.includes("Sample")) return "a sample";
    return this.resized(body);
  }

  resized({ streamConfig }: JsonObject): string | undefined {
    const sizes = isObject(streamConfig) ? [streamConfig["tier"], streamConfig["maxTierSize"]] : [];
    const wrong = sizes.find((size) => size != null && this.rule.tiers && !this.rule.tiers.includes(String(size)));
    return wrong === undefined ? undefined : `the size ${wrong}`;
  }

  connection(connection: JsonObject): string | undefined {
    const { types, hosts } = this.rule.connections ?? {};
    const type = String(connection["type"]);
    if (types && !types.includes(type)) return `the type ${type}`;
    const other = connection["clusterGroupId"] ?? this.groupId;
    if (!this.rule.projects.includes("*") && !this.rule.projects.includes(String(other)))
      return "another cluster's project";
    if (!hosts) return undefined;
    const login = isObject(connection["authentication"]) ? connection["authentication"]["tokenEndpointUrl"] : undefined;
    const urls = [connection["url"], connection["schemaRegistryUrls"], login].flat().filter((each) => each != null);
    const brokers = String(connection["bootstrapServers"] ?? "")
      .split(",")
      .filter(Boolean);
    const all = [...urls.map((each) => new URL(String(each))), ...brokers.map((each) => new URL(`kafka://${each}`))];
    const wrong = all.find(({ hostname, port, protocol }) => {
      const used = port || (protocol === "https:" ? "443" : protocol === "http:" ? "80" : "");
      return !hosts.some((pattern) => {
        const [name = "", only = used] = pattern.split(":");
        return only === used && (name.startsWith("*.") ? hostname.endsWith(name.slice(1)) : hostname === name);
      });
    });
    return wrong && `the host ${wrong.host}`;
  }

  processor(existing: StoredProcessor | undefined, sent: JsonObject): string | undefined {
    const { tiers } = this.rule;
    const options = isObject(sent["options"]) ? sent["options"] : {};
    const scaling = sent["autoscaling"] ?? options["autoscaling"] ?? existing?.autoscaling;
    const scales = isObject(scaling) && scaling["enabled"] !== false;
    const tier = scales
      ? (scaling["maxTier"] ?? this.workspace?.maxTier)
      : (sent["tier"] ?? existing?.tier ?? this.workspace?.tier);
    if (tiers && !tiers.includes(String(tier))) return `the tier ${tier}`;
    const dlq = "dlq" in options ? options["dlq"] : existing?.dlq;
    for (const name of namedIn([sent["pipeline"] ?? existing?.pipeline, dlq])) {
      const found = this.workspace?.connections.get(name)?.body;
      const why = found ? this.connection({ ...found }) : undefined;
      if (why !== undefined) return `the connection ${name}: ${why}`;
    }
    return undefined;
  }
}

function namedIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namedIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "connectionName" && typeof inner === "string" ? [inner] : namedIn(inner),
  );
}
