/** How a stream workspace comes into being and goes. */
import { after } from "./after.ts";
import { newId, type Project, type RequestedTiers, type StoredWorkspace } from "./state.ts";

/** What is told of a workspace when it is created. */
export type StoredWorkspaceDefinition = Pick<StoredWorkspace, "name" | "cloudProvider" | "region"> & RequestedTiers;

/** Where nothing else is asked for. */
export const defaultTiers = { tier: "SP10", maxTier: "SP50" } as const;

/** Adds an empty workspace, which is hidden for `hiddenMs`. */
export function addWorkspace(
  { workspaces, collections }: Pick<Project, "workspaces" | "collections">,
  { name, cloudProvider, region, ...requestedTiers }: StoredWorkspaceDefinition,
  hiddenMs = 0,
): StoredWorkspace {
  const id = newId();
  const place = region.toLowerCase().replaceAll("_", "-");
  const workspace: StoredWorkspace = {
    id,
    name,
    cloudProvider,
    region,
    tier: requestedTiers.tier ?? defaultTiers.tier,
    maxTier: requestedTiers.maxTier ?? defaultTiers.maxTier,
    requestedTiers,
    failoverRegions: [],
    hiddenUntil: Date.now() + hiddenMs,
    hostnames: [`atlas-stream-${id}.${place}.a.query.mongodb.net`],
    connections: new Map(),
    processors: new Map(),
    collections,
    logs: [],
    audit: [],
  };
  workspaces.set(workspace.name, workspace);
  return workspace;
}

/** Changes what is told of a workspace; what is left out stays. */
export function changeWorkspace(
  workspace: StoredWorkspace,
  {
    tier,
    maxTier,
    ...place
  }: Partial<Omit<StoredWorkspaceDefinition, "name"> & Pick<StoredWorkspace, "failoverRegions">>,
): void {
  Object.assign(workspace, place);
  workspace.requestedTiers = {
    tier: tier ?? workspace.requestedTiers.tier,
    maxTier: maxTier ?? workspace.requestedTiers.maxTier,
  };
  workspace.tier = tier ?? workspace.tier;
  workspace.maxTier = maxTier ?? workspace.maxTier;
}

/** Begins to delete a workspace, which is gone with all that is in it after `goneAfterMs`. */
export function removeWorkspace({ workspaces }: Project, workspace: StoredWorkspace, goneAfterMs: number): void {
  after(goneAfterMs, () => {
    if (workspaces.get(workspace.name) === workspace) workspaces.delete(workspace.name);
  });
}
