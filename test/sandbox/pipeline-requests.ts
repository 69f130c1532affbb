/** The server's own requests for workspaces and processors, sent to a sandbox; each answer is judged as it comes. */
import { expect } from "vitest";
import * as atlas from "../../src/atlas/endpoints.ts";
import { sandboxProject, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import type { StoredProcessor } from "../../src/sandbox/data/state.ts";
import type { Sandbox } from "../../src/sandbox/start.ts";
import { type Got, perform } from "./atlas-client.ts";
import { undescribedIn } from "./described-answers.ts";

const { groupId } = sandboxProject;
const streams = "/groups/{groupId}/streams";
const workspace = `${streams}/{tenantName}`;
const processor = `${workspace}/processor/{processorName}`;

/** Each function takes what the request is about and gives the answer; `tenantName` is the seeded one if left out. */
export function requestsTo(sandbox: () => Sandbox) {
  const place = (tenantName: string) => ({ groupId, tenantName });
  const judged = async (template: string, request: atlas.AtlasRequest): Promise<Got> => {
    const answer = await perform(sandbox(), request);
    expect(undescribedIn(request.method, template, answer)).toEqual([]);
    return answer;
  };
  return {
    createWorkspace: (body: unknown) => judged(streams, atlas.createWorkspace(groupId, body)),
    createWorkspaceWithSamples: (body: unknown) =>
      judged(`${streams}:withSampleConnections`, atlas.createWorkspaceWithSamples(groupId, body)),
    updateWorkspace: (tenantName: string, body: unknown) =>
      judged(workspace, atlas.updateWorkspace(place(tenantName), body)),
    listWorkspaces: () => judged(streams, atlas.listWorkspaces(groupId)(1)),
    getWorkspace: (tenantName: string) => judged(workspace, atlas.getWorkspace(place(tenantName))),
    deleteWorkspace: (tenantName: string) => judged(workspace, atlas.deleteWorkspace(place(tenantName))),
    createConnection: (body: unknown, tenantName: string = sandboxTenant) =>
      perform(sandbox(), atlas.createConnection(place(tenantName), body)),
    deleteConnection: (name: string) => perform(sandbox(), atlas.deleteConnection(place(sandboxTenant), name)),
    createProcessor: (body: unknown, tenantName: string = sandboxTenant) =>
      judged(`${workspace}/processor`, atlas.createProcessor(place(tenantName), body)),
    listProcessors: () => judged(`${workspace}/processors`, atlas.listProcessors(place(sandboxTenant))(1)),
    getProcessor: (name: string) => judged(processor, atlas.getProcessor(place(sandboxTenant), name)),
    updateProcessor: (name: string, body: unknown) =>
      judged(processor, atlas.updateProcessor(place(sandboxTenant), name, body)),
    deleteProcessor: (name: string) => judged(processor, atlas.deleteProcessor(place(sandboxTenant), name)),
    startProcessor: (name: string, options?: atlas.StartOptions, tenantName: string = sandboxTenant) =>
      judged(`${processor}:${options ? "startWith" : "start"}`, atlas.startProcessor(place(tenantName), name, options)),
    stopProcessor: (name: string) => judged(`${processor}:stop`, atlas.stopProcessor(place(sandboxTenant), name)),
    downloadAuditLogs: (spName: string, startDate: number) =>
      judged(`${workspace}/auditLogs`, atlas.downloadAuditLogs(place(sandboxTenant), { spName, startDate })),
    downloadOperationalLogs: (name: string, startDate: number) =>
      judged(
        `${workspace}:downloadOperationalLogs`,
        atlas.downloadOperationalLogs(place(sandboxTenant), { spName: name, startDate }),
      ),
  };
}

/** What the sandbox has of a processor of the seeded workspace. */
export function storedProcessor({ state }: Sandbox, name: string): StoredProcessor {
  const found = state.processor(groupId, sandboxTenant, name);
  if (!found) throw new Error(`The sandbox has no processor ${name}`);
  return found;
}
