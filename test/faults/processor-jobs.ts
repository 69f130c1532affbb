/** The tools that write processors with one request, as the matrix calls them. */
import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../../src/json.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { addProcessor, type StoredDefinition } from "../../src/sandbox/data/processor-lifecycle.ts";
import type { Project, StoredProcessor, StoredWorkspace } from "../../src/sandbox/data/state.ts";
import type { NameState } from "./oracle.ts";
import { type Job, type Setting, someSecret, workspaceIn } from "./scene.ts";
import type { Chance } from "./seeded.ts";

export const processorJobs: readonly Job[] = [
  {
    tool: "create_stream_processor",
    verb: "create",
    resource: "processor",
    readsFirst: true,
    set: (project, chance, name) => setCreate(project, chance, name, false),
  },
  {
    tool: "create_stream_processor",
    verb: "create",
    resource: "processor",
    starts: true,
    readsFirst: true,
    set: (project, chance, name) => setCreate(project, chance, name, true),
  },
  {
    tool: "create_stream_processor",
    verb: "start what was created",
    resource: "processor",
    readsFirst: true,
    set: setStartOfCreated,
  },
  {
    tool: "start_stream_processor",
    verb: "start",
    resource: "processor",
    readsFirst: true,
    set: (project, chance, name) => setSwitch(project, chance, name, "start"),
  },
  {
    tool: "start_stream_processor",
    verb: "start",
    resource: "processor",
    names: ["not started"],
    readsFirst: true,
    set: (project, chance, name) => setFailover(project, chance, name, "GRACEFUL"),
  },
  {
    tool: "start_stream_processor",
    verb: "start",
    resource: "processor",
    names: ["not started"],
    once: true,
    readsFirst: true,
    set: (project, chance, name) => setFailover(project, chance, name, "FORCED"),
  },
  {
    tool: "stop_stream_processor",
    verb: "stop",
    resource: "processor",
    readsFirst: true,
    set: (project, chance, name) => setSwitch(project, chance, name, "stop"),
  },
  {
    tool: "delete_stream_processor",
    verb: "delete",
    resource: "processor",
    readsFirst: false,
    set: setDeletion,
  },
];

function setCreate(project: Project, chance: Chance, name: NameState, start: boolean): Setting {
  const workspace = workspaceForProcessors(project, chance);
  const { definition: asked, secrets } = someProcessor(chance);
  const other = anotherProcessor(asked, chance);
  if (name === "taken by the same") addProcessor(workspace, structuredClone(asked), 0);
  if (name === "taken by another") addProcessor(workspace, other.definition, 0);
  const before = workspace.processors.get(asked.name);
  const { name: processorName, dlq, ...definition } = asked;
  const { name: _name, dlq: _dlq, ...otherArguments } = other.definition;
  return {
    name: processorName,
    args: { tenantName: workspace.name, processorName, ...definition, ...(dlq && { dlq }), ...(start && { start }) },
    secrets,
    othersSecrets: name === "taken by another" ? other.secrets : [],
    method: "POST",
    writes: `/streams/${workspace.name}/processor`,
    reads: `/streams/${workspace.name}/processor/${processorName}`,
    truth() {
      const after = workspace.processors.get(processorName);
      if (workspace.processors.size > 1) return "something else";
      if (!after) return "nothing";
      if (after === before) return name === "taken by another" ? "another, as before" : "the same, as before";
      const isRight = after.state === "CREATED" || (start && after.state === "STARTED");
      return isDefinedAs(after, asked) && isRight ? "the same, new" : "something else";
    },
    runs: () => workspace.processors.get(processorName)?.state === "STARTED",
    rival: {
      tenantName: workspace.name,
      processorName,
      ...otherArguments,
      ...(other.definition.dlq && { dlq: other.definition.dlq }),
    },
  };
}

/** A create of a processor that is started as well; it is the start that a fault befalls. */
function setStartOfCreated(project: Project, chance: Chance, name: NameState): Setting {
  const { name: processorName, reads, args, ...setting } = setCreate(project, chance, name, true);
  return {
    ...setting,
    name: processorName,
    args,
    reads,
    writes: `${reads}:start(With)?`,
    truth() {
      if (setting.truth() !== "the same, new") return "something else";
      return setting.runs?.() ? "done" : "as before";
    },
  };
}

/** A start or a stop of a processor that is to be switched, of one that need not be, or of one that is not there. */
function setSwitch(project: Project, chance: Chance, name: NameState, verb: "start" | "stop"): Setting {
  const workspace = workspaceForProcessors(project, chance);
  const { definition, secrets } = someProcessor(chance);
  // Only Atlas knows of one that is CREATED whether it is about to run.
  const idle = () => (verb === "stop" ? "STOPPED" : chance.pick(["CREATED", "STOPPED"] as const));
  const from = name === "started" || name === "already started" ? "STARTED" : idle();
  if (name !== "not there") addProcessor(workspace, structuredClone(definition), 0).state = from;
  const withTier = verb === "start" && name !== "already started" && chance.below(2) === 0;
  const wanted = { ...definition, tier: withTier ? "SP30" : definition.tier };
  const to = verb === "start" ? "STARTED" : "STOPPED";
  const path = `/streams/${workspace.name}/processor/${definition.name}`;
  const is = (one: StoredProcessor, state: string, as: StoredDefinition) => one.state === state && isDefinedAs(one, as);
  return {
    name: definition.name,
    args: { tenantName: workspace.name, processorName: definition.name, ...(withTier && { tier: "SP30" }) },
    secrets: [],
    othersSecrets: secrets,
    method: "POST",
    writes: `${path}:${verb}(With)?`,
    reads: path,
    truth() {
      const after = workspace.processors.get(definition.name);
      if (!after) return name === "not there" ? "absent, as before" : "something else";
      if (name === "already started" || name === "already stopped")
        return is(after, from, definition) ? "as it was to be, as before" : "something else";
      if (is(after, from, definition)) return "as before";
      return is(after, to, wanted) ? "done" : "something else";
    },
  };
}

/** A start in another region. */
function setFailover(project: Project, chance: Chance, name: NameState, mode: "GRACEFUL" | "FORCED"): Setting {
  const { args, truth, ...setting } = setSwitch(project, chance, name, "start");
  const [workspace] = project.workspaces.values();
  if (!workspace) throw new Error("There is no workspace");
  workspace.failoverRegions = [{ cloudProvider: "AWS", region: "DUBLIN_IRL" }];
  return {
    ...setting,
    args: { ...args, failover: { region: "DUBLIN_IRL", mode } },
    truth() {
      const isThere = workspace.processors.get(setting.name)?.region === "DUBLIN_IRL";
      return truth() === "done" && !isThere ? "something else" : truth();
    },
  };
}

function setDeletion(project: Project, chance: Chance, name: NameState): Setting {
  const workspace = workspaceForProcessors(project, chance);
  const { definition, secrets } = someProcessor(chance);
  const { name: processorName } = definition;
  const processor = addProcessor(workspace, structuredClone(definition), 0);
  processor.state = chance.pick(["CREATED", "STARTED", "STOPPED", "FAILED"] as const);
  if (name !== "there") workspace.processors.clear();
  const path = `/streams/${workspace.name}/processor/${processorName}`;
  return {
    name: processorName,
    args: { tenantName: workspace.name, processorName, confirm: processorName },
    secrets: [],
    othersSecrets: secrets,
    method: "DELETE",
    writes: path,
    reads: path,
    truth() {
      const after = workspace.processors.get(processorName);
      if (name === "there") return !after ? "done" : after === processor ? "as before" : "something else";
      return after ? "something else" : "absent, as before";
    },
  };
}

function workspaceForProcessors(project: Project, chance: Chance): StoredWorkspace {
  const workspace = workspaceIn(project, chance);
  addConnection(workspace, { name: "solar", type: "Sample" }, 0);
  addConnection(workspace, { name: "sink", type: "Cluster", clusterName: "Cluster0" }, 0);
  addConnection(workspace, { name: "scorer", type: "Https", url: "https://score.example.com" }, 0);
  return workspace;
}

/** A pipeline of these connections. */
export const pipelineOf = (middle: readonly JsonObject[]): JsonObject[] => [
  { $source: { connectionName: "solar" } },
  ...middle,
  { $merge: { into: { connectionName: "sink", db: "db", coll: "coll" } } },
];

interface Given {
  definition: StoredDefinition;
  secrets: string[];
}

/** A processor with or without a secret, which stands in the headers of a stage. */
function someProcessor(chance: Chance): Given {
  const secret = someSecret(chance);
  const scored = chance.below(2) === 0;
  const match = {
    $match: chance.pick([{ "device.id": { $gt: chance.below(1000) } }, { at: { $gt: someInstant(chance) } }]),
  };
  return {
    definition: {
      name: `p-${chance.text(12)}`,
      pipeline: pipelineOf(scored ? [match, scoring(secret)] : [match]),
      dlq: chance.below(2) === 0 ? { connectionName: "sink", db: "db", coll: "rejected" } : undefined,
      tier: chance.pick(["SP5", "SP10"]),
      ...chance.pick([{}, { autoscaling: { maxTier: "SP30" } }]),
    },
    secrets: scored ? [secret] : [],
  };
}

/** In one of the ways in which people spell it; Atlas spells it in its own. */
const someInstant = (chance: Chance): JsonObject => ({
  $date: chance.pick<unknown>(["2026-01-31T12:00:00Z", "2026-01-31T13:00:00+01:00", { $numberLong: "1769860800000" }]),
});

const scoring = (secret: string): JsonObject => ({
  $https: { connectionName: "scorer", path: "score", as: "score", headers: { Authorization: `Bearer ${secret}` } },
});

/** One of the same name that differs in one thing, be it only in the value of a header. */
function anotherProcessor(asked: StoredDefinition, chance: Chance): Given {
  const secret = someSecret(chance);
  return chance.pick<() => Given>([
    () => ({ definition: { ...asked, tier: "SP50" }, secrets: [] }),
    () => ({ definition: { ...asked, pipeline: pipelineOf([{ $match: { other: true } }]) }, secrets: [] }),
    () => ({ definition: { ...asked, pipeline: pipelineOf([scoring(secret)]) }, secrets: [secret] }),
    () => ({
      definition: { ...asked, dlq: asked.dlq ? undefined : { connectionName: "sink", db: "db", coll: "other" } },
      secrets: [],
    }),
  ])();
}

const isDefinedAs = (one: StoredDefinition, other: StoredDefinition) => isDeepStrictEqual(partsOf(one), partsOf(other));

const partsOf = ({ pipeline, dlq, tier, autoscaling }: StoredDefinition) => [pipeline, dlq, tier, autoscaling?.maxTier];
