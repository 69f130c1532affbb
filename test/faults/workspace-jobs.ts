/** The tools that write workspaces, as the matrix calls them. A workspace has no secrets of its own. */
import { isDeepStrictEqual } from "node:util";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { addProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import type { Project, StoredWorkspace } from "../../src/sandbox/data/state.ts";
import {
  addWorkspace,
  defaultTiers,
  type StoredWorkspaceDefinition,
} from "../../src/sandbox/data/workspace-lifecycle.ts";
import type { NameState } from "./oracle.ts";
import { pipelineOf } from "./processor-jobs.ts";
import { hiddenMs, type Job, type Setting, workspaceIn } from "./scene.ts";
import type { Chance } from "./seeded.ts";

export const workspaceJobs: readonly Job[] = [
  {
    tool: "create_stream_workspace",
    verb: "create",
    resource: "workspace",
    readsFirst: false,
    set: setCreate,
  },
  {
    tool: "update_stream_workspace",
    verb: "update",
    resource: "workspace",
    names: ["with a change to see", "not there"],
    readsFirst: true,
    set: setChange,
  },
  {
    tool: "delete_stream_workspace",
    verb: "delete",
    resource: "workspace",
    readsFirst: true,
    set: setDeletion,
  },
];

function setCreate(project: Project, chance: Chance, name: NameState): Setting {
  const asked = someWorkspace(chance);
  const sampleConnection = chance.below(2) === 0;
  const other = anotherWorkspace(asked, chance);
  if (name === "taken by another") addWorkspace(project, other);
  else if (name !== "free") addWorkspace(project, withoutDefaults(asked), hiddenMs(name));
  const before = project.workspaces.get(asked.name);
  const { name: tenantName, ...definition } = asked;
  const { name: _, ...otherDefinition } = other;
  return {
    name: tenantName,
    args: { tenantName, ...definition, sampleConnection },
    secrets: [],
    othersSecrets: [],
    method: "POST",
    writes: "/streams(:withSampleConnections)?",
    reads: `/streams/${tenantName}`,
    rival: { tenantName, ...otherDefinition, sampleConnection },
    truth() {
      const after = project.workspaces.get(tenantName);
      if (project.workspaces.size > 1) return "something else";
      if (!after) return "nothing";
      if (after === before) return name === "taken by another" ? "another, as before" : "the same, as before";
      const same = isDefinedAs(after, asked) && after.connections.size === (sampleConnection ? 1 : 0);
      return same ? "the same, new" : "something else";
    },
  };
}

/** An update of a workspace that is there, or of one that is not. */
function setChange(project: Project, chance: Chance, name: NameState): Setting {
  const workspace = workspaceIn(project, chance);
  const tenantName = name === "not there" ? `w-${chance.text(12)}` : workspace.name;
  const failoverRegions = [{ cloudProvider: "AWS", region: chance.pick(["DUBLIN_IRL", "OHIO_USA"]) }];
  const change = chance.pick<() => Partial<StoredWorkspace>>([
    () => ({ tier: "SP5" }),
    () => ({ maxTier: "SP30" }),
    () => ({ region: "TOKYO_JPN" }),
    () => ({ failoverRegions }),
  ])();
  const before = structuredClone(partsOf(workspace));
  return {
    name: tenantName,
    args: { tenantName, ...change },
    secrets: [],
    othersSecrets: [],
    method: "PATCH",
    writes: `/streams/${tenantName}`,
    reads: `/streams/${tenantName}`,
    truth() {
      const after = partsOf(workspace);
      const isAsBefore = isDeepStrictEqual(after, before);
      if (name === "not there") return isAsBefore ? "absent, as before" : "something else";
      if (isAsBefore) return "as before";
      return isDeepStrictEqual(after, { ...before, ...change }) ? "done" : "something else";
    },
  };
}

const partsOf = ({ cloudProvider, region, tier, maxTier, failoverRegions }: StoredWorkspace) => ({
  cloudProvider,
  region,
  tier,
  maxTier,
  failoverRegions,
});

/** A deletion of a workspace in which nothing is started or a processor is, or of one that is not there. */
function setDeletion(project: Project, chance: Chance, name: NameState): Setting {
  const workspace = workspaceIn(project, chance);
  addConnection(workspace, { name: "solar", type: "Sample" }, 0);
  if (chance.below(2) === 0)
    addProcessor(workspace, { name: "idle", pipeline: pipelineOf([]), dlq: undefined, tier: "SP10" }, 0);
  if (name === "in use")
    addProcessor(workspace, { name: "running", pipeline: pipelineOf([]), dlq: undefined, tier: "SP10" }, 0).state =
      "STARTED";
  const tenantName = name === "not there" ? `w-${chance.text(12)}` : workspace.name;
  return {
    name: tenantName,
    args: { tenantName, confirm: tenantName },
    secrets: [],
    othersSecrets: [],
    method: "DELETE",
    writes: `/streams/${tenantName}`,
    reads: `/streams/${tenantName}`,
    truth() {
      const isThere = project.workspaces.get(workspace.name) === workspace;
      if (name === "not there") return isThere ? "absent, as before" : "something else";
      return isThere ? "as before" : "done";
    },
  };
}

function someWorkspace(chance: Chance): StoredWorkspaceDefinition {
  return {
    name: `w-${chance.text(12)}`,
    ...chance.pick([
      { cloudProvider: "AWS", region: "DUBLIN_IRL" },
      { cloudProvider: "AZURE", region: "westeurope" },
      { cloudProvider: "GCP", region: "US_CENTRAL1" },
    ]),
    tier: chance.pick(["SP5", "SP10"]),
    maxTier: chance.pick(["SP30", "SP50"]),
  };
}

/** The same, made by whoever did not ask for what it is by default: Atlas does not show that. */
function withoutDefaults({ tier, maxTier, ...definition }: StoredWorkspaceDefinition): StoredWorkspaceDefinition {
  const isDefault = tier === defaultTiers.tier && maxTier === defaultTiers.maxTier;
  return isDefault ? definition : { ...definition, tier, maxTier };
}

/** One of the same name that differs in one thing. */
function anotherWorkspace(asked: StoredWorkspaceDefinition, chance: Chance): StoredWorkspaceDefinition {
  return {
    ...asked,
    ...chance.pick([
      { cloudProvider: "AWS", region: "TOKYO_JPN" },
      { tier: "SP2" },
      { maxTier: asked.maxTier === "SP50" ? "SP30" : "SP50" },
    ]),
  };
}

const FIELDS = ["cloudProvider", "region", "tier", "maxTier"] as const;

const isDefinedAs = (workspace: StoredWorkspaceDefinition, asked: StoredWorkspaceDefinition) =>
  FIELDS.every((field) => workspace[field] === asked[field]);
