/**
 * Judges a write by what would be in effect after it: the connection as it would be, the tier that would run, and every
 * connection that a pipeline names. What cannot be read for that is refused.
 */
import type { Answer } from "../atlas/answer.ts";
import type { ReadPast } from "../atlas/atlas.ts";
import {
  type AtlasRequest,
  getConnection,
  getFailoverConnection,
  getProcessor,
  getWorkspace,
  listConnections,
  listFailoverConnections,
  listProcessors,
  type PagedList,
  type WorkspacePlace,
} from "../atlas/endpoints.ts";
import { AtlasFailure, type FailureKind, saysMissing } from "../atlas/failure.ts";
import { readPages } from "../atlas/pages.ts";
import { withoutLinks } from "../connections/added-by-atlas.ts";
import { SAMPLE_NAME } from "../connections/types/sample.ts";
import { hasFailovers } from "../connections/union.ts";
import { dotted, isObject, type JsonObject, type Path, stringsIn, valueAt } from "../json.ts";
import type { Mask } from "../mask.ts";
import { type ConnectionUse, unreadableUsesOf, usesOf } from "../stages/connections.ts";
import { LOG_SINK, pipelineFields, stageNamed } from "../stages/table.ts";
import { fitsHost, staysAtHost, targetName, targetsOf } from "./hosts.ts";
import { refusal, toolRefusal } from "./refusal.ts";
import type { KnownRequest } from "./requests.ts";
import { allowsProject, allowsTool, allowsWorkspace, type Rule } from "./rule.ts";

/** What there is in workspaces, by `path` of what finds it. */
type Known = Map<string, JsonObject>;

export class Judge {
  readonly #rule: Rule;
  readonly #mask: Mask;
  /** What this call's writes have made or would make, as they would leave it. */
  readonly #written: Known = new Map();
  /** What was read for writes that are not sent yet, by path: once for all of them. */
  readonly #foreseen = new Map<string, Promise<Answer>>();

  constructor(rule: Rule, mask: Mask) {
    this.#rule = rule;
    this.#mask = mask;
  }

  /** Judges a write that is to be sent. What Atlas shows counts; of what it does not show yet, what this call has written. */
  judge(request: AtlasRequest, known: KnownRequest, read: ReadPast): Promise<void> {
    return this.#judge(request, known, new Sight(read, this.#written, false, this.#rule));
  }

  /** Judges a write that may be sent later, after those that were judged before it. */
  permit(request: AtlasRequest, known: KnownRequest, read: ReadPast): Promise<void> {
    const readOnce: ReadPast = (find) => {
      const reading = this.#foreseen.get(find.path) ?? read(find);
      this.#foreseen.set(find.path, reading);
      reading.catch(() => this.#foreseen.delete(find.path));
      return reading;
    };
    return this.#judge(request, known, new Sight(readOnce, this.#written, true, this.#rule));
  }

  async #judge({ body }: AtlasRequest, { write, names }: KnownRequest, sight: Sight): Promise<void> {
    const { groupId = "", tenantName = "", connectionName = "", failoverConnectionId = "", processorName = "" } = names;
    const place = { groupId, tenantName };
    const sent = isObject(body) ? body : {};
    switch (write?.effect) {
      case "connection created": {
        this.#connection(sent, place);
        return sight.remember(getConnection(place, String(sent["name"])), sent);
      }
      case "failover connection created":
        return this.#connection(sent, place);
      case "connection changed": {
        const find = getConnection(place, connectionName);
        const after = mergedDeeply(
          withoutLinks(await sight.find(find, `the connection ${this.#quoted(connectionName)}`)),
          sent,
        );
        this.#connection(after, place);
        return sight.remember(find, after);
      }
      case "failover connection changed": {
        const find = getFailoverConnection(place, connectionName, failoverConnectionId);
        const existing = await sight.find(find, "the failover connection");
        return this.#connection(mergedDeeply(withoutLinks(existing), sent), place);
      }
      case "processor created": {
        await this.#processor(sent, place, sight, { isGiven: true });
        return sight.remember(getProcessor(place, String(sent["name"])), sent);
      }
      case "processor changed": {
        const find = getProcessor(place, processorName);
        const existing = await sight.find(find, `the processor ${this.#quoted(processorName)}`);
        const after = changedProcessor(existing, sent);
        await this.#processor(after, place, sight, { isGiven: sent["pipeline"] !== undefined });
        const { name } = sent;
        if (typeof name === "string") sight.remember(getProcessor(place, name), after);
        return sight.remember(find, after);
      }
      case "processor started": {
        const existing = await sight.find(
          getProcessor(place, processorName),
          `the processor ${this.#quoted(processorName)}`,
        );
        return this.#processor(startedProcessor(existing, sent), place, sight, { failsOver: sent["failover"] != null });
      }
      case "workspace created":
        return this.#workspace(sent, groupId, sight, valueAt(sent, ["sampleConnections", "solar"]) === true);
      case "workspace with samples created":
        return this.#workspace(sent, groupId, sight, true);
      case "workspace changed": {
        // Sizes that stay may be sent as well.
        if (this.#rule.tiers && sent["streamConfig"] !== undefined) this.#sizes(sent, await sight.workspace(place));
        const status = valueAt(sent, ["processorStatus", "status"]);
        if (status !== undefined) await this.#allProcessors(status, sent, place, sight);
        return;
      }
      default:
    }
  }

  /** The type, the hosts and the cluster's project of a connection. */
  #connection(connection: JsonObject, { groupId }: WorkspacePlace, { whose, fieldOf }: Part = written): void {
    const { types, hosts } = this.#rule.connections ?? {};
    const type = String(connection["type"]);
    const refuse = (what: string, allowed: readonly string[], path: Path): never => {
      const field = fieldOf(path);
      const fields = field === undefined ? [] : [{ field, description: `is not within the policy: ${what}` }];
      return this.#refuse(whose === undefined ? what : `${whose} (${what})`, allowed, fields);
    };
    if (types && !types.includes(type)) refuse(`the type ${this.#mask(type)}`, types, ["type"]);
    for (const { path, target } of hosts ? targetsOf(connection) : []) {
      if (!target) refuse(`${dotted(path.map(this.#mask))}, whose host cannot be told for sure`, hosts ?? [], path);
      else if (!hosts?.some((pattern) => fitsHost(target, pattern)))
        refuse(`the host ${this.#mask(targetName(target))}`, hosts ?? [], path);
    }
    const other = connection["clusterGroupId"] ?? groupId;
    if (typeof other !== "string" || !allowsProject(this.#rule, other.toLowerCase()))
      refuse(`the cluster's project ${this.#mask(String(other))}`, this.#rule.projects, ["clusterGroupId"]);
  }

  /** What a processor would run on, and the connections that it would use. */
  async #processor(
    processor: JsonObject,
    place: WorkspacePlace,
    sight: Sight,
    { isGiven = false, ...options }: { isGiven?: boolean; failsOver?: boolean },
  ): Promise<void> {
    if (this.#rule.tiers) await this.#tier(processor, place, sight, this.#rule.tiers);
    if (!this.#rule.connections && this.#rule.projects.includes("*")) return;
    const { pipeline } = processor;
    if (!Array.isArray(pipeline)) this.#refuse("a processor whose pipeline cannot be read", []);
    // Of what Atlas has no argument tells.
    const fieldAt = (path: Path) => (isGiven ? dotted(path[0] === "options" ? path.slice(1) : path) : undefined);
    for (const path of unreadableUsesOf(processor)) {
      const what = `${dotted(path)}, which cannot be read as the name of a connection`;
      const field = fieldAt(path);
      this.#refuse(what, [], field === undefined ? [] : [{ field, description: "is not within the policy" }]);
    }
    const failsOver = options.failsOver || processor["failoverEnabled"] === true;
    const connections = await sight.connections(place);
    const uses = [...usesOf(processor), ...hiddenUses(pipeline, connections)];
    for (const { name, role, path } of uses) {
      const connection = connections.get(name);
      if (name === LOG_SINK || (!connection && role === "doubtful")) continue;
      const fieldOf = () => fieldAt(path);
      const whose = `the connection ${this.#quoted(name)} in a pipeline`;
      if (!connection) return this.#refuse(`${whose}, since it could not be read`, []);
      this.#connection(connection, place, { whose, fieldOf });
      for (const other of failsOver && hasFailovers(connection) ? await sight.failovers(place, name) : []) {
        const region = this.#mask(String(other["region"]));
        this.#connection(other, place, { whose: `${whose}, for failover to ${region}`, fieldOf });
      }
      const { hosts } = this.#rule.connections ?? {};
      if (hosts && !staysAtHost(connection["url"], valueAt(processor, [...path.slice(0, -1), "path"])))
        this.#refuse(`the path that is appended to the URL of ${whose}: begin it with a slash`, hosts);
    }
  }

  async #tier(processor: JsonObject, place: WorkspacePlace, sight: Sight, allowed: readonly string[]): Promise<void> {
    const own = processor["tier"];
    const autoscaling = valueAt(processor, ["options", "autoscaling"]);
    const scales = isObject(autoscaling) && autoscaling["enabled"] !== false;
    const largest = scales ? autoscaling["maxTier"] : undefined;
    const workspace =
      (own == null && !scales) || (scales && largest == null) ? await sight.workspace(place) : undefined;
    const size = (field: string) => valueAt(workspace, ["streamConfig", field]);
    const runs = [
      ...(own == null && scales ? [] : [{ tier: own ?? size("tier"), path: ["tier"] }]),
      ...(scales ? [{ tier: largest ?? size("maxTierSize"), path: ["autoscaling", "maxTier"] }] : []),
    ];
    for (const { tier, path } of runs) {
      if (typeof tier === "string" && allowed.includes(tier)) continue;
      const what =
        typeof tier === "string"
          ? `the tier ${this.#mask(tier)}${own == null && !scales ? ", the workspace's default" : ""}`
          : "a tier that Atlas does not show, the workspace's: give one";
      this.#refuse(what, allowed, [{ field: dotted(path), description: `can be ${allowed.join(", ")}` }]);
    }
  }

  async #workspace(body: JsonObject, groupId: string, sight: Sight, hasSample: boolean): Promise<void> {
    const { name, groupId: other = groupId } = body;
    if (typeof name !== "string" || !allowsWorkspace(this.#rule, name))
      this.#refuse(`the workspace ${this.#quoted(String(name))}`, this.#rule.workspaces ?? []);
    if (other !== groupId) this.#refuse("a workspace of another project than its path names", this.#rule.projects);
    this.#sizes(body);
    const place = { groupId, tenantName: String(name) };
    const found = body["connections"];
    for (const each of Array.isArray(found) ? found : []) this.#connection(isObject(each) ? each : {}, place);
    if (hasSample) {
      const { types } = this.#rule.connections ?? {};
      if (types && !types.includes("Sample"))
        this.#refuse("a connection of type Sample, which a workspace with a sample gets", types);
      sight.remember(getConnection(place, SAMPLE_NAME), { type: "Sample", name: SAMPLE_NAME });
    }
    sight.remember(getWorkspace(place), body);
  }

  /** The sizes that a workspace is given. Those that are left out are Atlas's, and count where a processor would run. */
  #sizes(body: JsonObject, existing?: JsonObject): void {
    const { tiers } = this.#rule;
    for (const [field, argument] of [["tier", "tier"] as const, ["maxTierSize", "maxTier"] as const]) {
      const size = valueAt(body, ["streamConfig", field]);
      const isAsItWas = existing && valueAt(existing, ["streamConfig", field]) === size;
      if (!tiers || size == null || isAsItWas || tiers.some((each) => each === size)) continue;
      this.#refuse(`the ${argument} ${this.#mask(String(size))}`, tiers, [
        { field: argument, description: `can be ${tiers.join(", ")}` },
      ]);
    }
  }

  /** A change of the state of all processors needs what it would need of each. */
  async #allProcessors(status: unknown, body: JsonObject, place: WorkspacePlace, sight: Sight): Promise<void> {
    const tools = status === "STOPPED" ? [STOP] : status === "STARTED" ? [START] : [STOP, START];
    for (const tool of tools) if (!allowsTool(this.#rule, tool, "write")) throw toolRefusal(this.#rule, tool);
    if (status === "STOPPED") return;
    const existing = await sight.workspace(place);
    sight.remember(getWorkspace(place), mergedDeeply(existing ?? {}, body));
    // What is neither started nor stopped may go on in another region.
    for (const processor of await sight.processors(place))
      await this.#processor(processor, place, sight, { failsOver: status !== "STARTED" });
  }

  #quoted(name: string): string {
    return JSON.stringify(this.#mask(name));
  }

  #refuse(what: string, allowed: readonly string[], fields: { field: string; description: string }[] = []): never {
    throw refusal(this.#rule, what, allowed, fields.length > 0 ? { fields } : {});
  }
}

const START = "start_stream_processor";
const STOP = "stop_stream_processor";

/** A connection as a part of what is judged. */
interface Part {
  /** What it is called, where it is not what is written. */
  whose?: string;
  /** What names the place of a fault for an agent; of the field at `path` of the connection. */
  fieldOf: (path: Path) => string | undefined;
}

const written: Part = { fieldOf: (path) => dotted(path) };

/** How a judge sees what there is: through reads, and what the call has written or would write. */
class Sight {
  readonly #read: ReadPast;
  readonly #written: Known;
  readonly #isForeseen: boolean;
  readonly #rule: Rule;

  constructor(read: ReadPast, written: Known, isForeseen: boolean, rule: Rule) {
    this.#read = read;
    this.#written = written;
    this.#isForeseen = isForeseen;
    this.#rule = rule;
  }

  remember({ path }: AtlasRequest, value: JsonObject): void {
    this.#written.set(path, value);
  }

  /** @throws {AtlasFailure} `not_found` where it is not there: then a write of it comes to that, too. */
  async find(find: AtlasRequest, what: string): Promise<JsonObject> {
    const written = this.#written.get(find.path);
    if (this.#isForeseen && written) return written;
    const body = await this.#readable(async () => (await this.#read(find)).body, what).catch((error: unknown) => {
      if (written && error instanceof AtlasFailure && saysMissing(error)) return written;
      throw error;
    });
    if (!isObject(body)) throw this.#unreadable(what);
    return body;
  }

  async workspace(place: WorkspacePlace): Promise<JsonObject> {
    return this.find(getWorkspace(place), "the workspace");
  }

  processors(place: WorkspacePlace): Promise<JsonObject[]> {
    return this.#list(listProcessors(place), "the processors");
  }

  /** What takes the place of a connection where a processor fails over. */
  failovers(place: WorkspacePlace, primary: string): Promise<JsonObject[]> {
    return this.#list(listFailoverConnections(place, primary), "the failover connections");
  }

  /** The connections of a workspace by their names. */
  async connections(place: WorkspacePlace): Promise<Map<string, JsonObject>> {
    const listed = await this.#list(listConnections(place), "the connections").catch((error: unknown) => {
      // What the call itself makes has none yet, and may not be found for a moment.
      const isOwn = this.#written.has(getWorkspace(place).path);
      if (isOwn && error instanceof AtlasFailure && saysMissing(error)) return [];
      throw error;
    });
    const found = new Map(listed.map((entry) => [String(entry["name"]), withoutLinks(entry)]));
    const prefix = getConnection(place, "").path;
    for (const [path, connection] of this.#written) {
      const name = String(connection["name"]);
      const isOwn = path.startsWith(prefix) && getConnection(place, name).path === path;
      if (isOwn && (this.#isForeseen || !found.has(name))) found.set(name, connection);
    }
    return found;
  }

  #list(list: PagedList, what: string): Promise<JsonObject[]> {
    const { signal } = new AbortController();
    return this.#readable(async () => (await readPages({ read: this.#read }, list, signal)).entries, what);
  }

  async #readable<T>(work: () => Promise<T>, what: string): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AtlasFailure) || TOLD_AS_IT_IS.has(error.kind)) throw error;
      throw this.#unreadable(`${what}: ${error.message}`, error.facts.retryable);
    }
  }

  #unreadable(what: string, retryable = false): AtlasFailure {
    return refusal(this.#rule, `what it cannot judge, and this could not be read: ${what}`, [], { retryable });
  }
}

/** Failures of a read after which the write itself would fail so, or that say better what to do. */
const TOLD_AS_IT_IS: ReadonlySet<FailureKind> = new Set([
  ...(["not_found", "cancelled", "unauthenticated", "forbidden", "configuration"] as const),
]);

/** Connections that a stage names of which no table tells: any text in it may be one. */
function hiddenUses(
  pipeline: unknown,
  connections: ReadonlyMap<string, JsonObject>,
  at: Path = ["pipeline"],
): ConnectionUse[] {
  const items: readonly unknown[] = Array.isArray(pipeline) ? pipeline : [];
  return items.flatMap((item, index) =>
    Object.entries(isObject(item) ? item : {}).flatMap(([name, value]) => {
      const path = [...at, `${index}`, name];
      const stage = stageNamed(name);
      if (stage)
        return pipelineFields(stage).flatMap((field) =>
          hiddenUses(valueAt(value, [field]), connections, [...path, field]),
        );
      return stringsIn(value).flatMap((each): ConnectionUse[] =>
        connections.has(each.text) ? [{ name: each.text, role: "doubtful", path: [...path, ...each.path] }] : [],
      );
    }),
  );
}

/** A processor after a change: what it leaves out stays. */
function changedProcessor(existing: JsonObject, { pipeline, options, ...changed }: JsonObject): JsonObject {
  const before = existing["options"];
  return {
    ...existing,
    ...changed,
    ...(pipeline !== undefined && { pipeline }),
    options: {
      ...mergedDeeply(isObject(before) ? before : {}, isObject(options) ? options : {}),
      // It is given whole, and one without fields takes away what is there.
      ...(isObject(options) && options["dlq"] !== undefined && { dlq: options["dlq"] }),
    },
  };
}

/** A processor as it would run after a start with these options. */
function startedProcessor(existing: JsonObject, { tier, autoscaling, failover }: JsonObject): JsonObject {
  const before = existing["options"];
  return {
    ...existing,
    ...(tier !== undefined && { tier }),
    ...(failover !== undefined && { failover }),
    options: mergedDeeply(isObject(before) ? before : {}, isObject(autoscaling) ? { autoscaling } : {}),
  };
}

/**
 * The second merged into the first, at any depth. Nobody knows whether Atlas keeps what is left out inside a field, or
 * what is to be cleared: it counts as there.
 */
function mergedDeeply(existing: JsonObject, changed: JsonObject): JsonObject {
  const entries = Object.entries(changed).map(([key, value]) => {
    const before = existing[key];
    if (value === null || value === "") return [key, before ?? value];
    return [key, isObject(value) && isObject(before) ? mergedDeeply(before, value) : value];
  });
  return { ...existing, ...Object.fromEntries(entries) };
}
