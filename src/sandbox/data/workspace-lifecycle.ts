/** How a stream workspace comes into being and goes. */
import { after } from "./after.ts";
import { newId, type Project, type StoredWorkspace } from "./state.ts";

/** What is told of a workspace when it is created. */
export type StoredWorkspaceDefinition = Pick<StoredWorkspace, "name" | "cloudProvider" | "region" | "tier" | "maxTier">;

/** Adds an empty workspace, which can be used at once. */
export function addWorkspace(
  { workspaces }: Pick<Project, "workspaces">,
  definition: StoredWorkspaceDefinition,
): StoredWorkspace {
  const id = newId();
  const place = definition.region.toLowerCase().replaceAll("_", "-");
  const workspace: StoredWorkspace = {
    id,
    ...definition,
    hostnames: [`atlas-stream-${id}.${place}.a.query.mongodb.net`],
    connections: new Map(),
    processors: new Map(),
    logs: [],
  };
  workspaces.set(workspace.name, workspace);
  return workspace;
}

/** Begins to delete a workspace, which is gone with all that is in it after `goneAfterMs`. */
export function removeWorkspace({ workspaces }: Project, workspace: StoredWorkspace, goneAfterMs: number): void {
  after(goneAfterMs, () => {
    if (workspaces.get(workspace.name) === workspace) workspaces.delete(workspace.name);
  });
}
