/** Where a call looks: names given for ids, and defaults that make arguments optional. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  sandboxEmptyTenant,
  sandboxOtherProject,
  sandboxOtherTenant,
  sandboxProject,
} from "../../src/sandbox/data/seed.ts";
import { at } from "../support/shared-atlas.ts";
import { type Session, startSession } from "./session.ts";

let session: Session;
/** Has defaults for project and workspace. */
let settled: Session;
beforeAll(async () => {
  const env = { MONGODB_ATLAS_PROJECT_ID: sandboxProject.groupId, ATLAS_STREAMS_MCP_TENANT: sandboxEmptyTenant };
  // What is new can be read at once: the moment in which it cannot is not what these tests are about.
  const sandbox = { oddities: { hiddenMs: 0 } };
  [session, settled] = await Promise.all([startSession({ sandbox }), startSession({ env, sandbox })]);
}, 60_000);
afterEach(() => {
  session.reset();
  settled.reset();
});
afterAll(() => Promise.all([session.close(), settled.close()]));

const callsIn = (groupId?: string): [string, Record<string, unknown>][] => {
  const project = groupId === undefined ? {} : { groupId };
  const place = groupId === undefined ? {} : { groupId, tenantName: sandboxEmptyTenant };
  const connection = { name: "x", type: "Sample" };
  return [
    ["list_stream_workspaces", project],
    ["list_stream_connections", place],
    ["get_connection_options", { ...project, type: "S3" }],
    ["create_stream_connection", { ...place, connection }],
    ["get_stream_connection", { ...place, connectionName: "x" }],
    ["update_stream_connection", { ...place, connectionName: "x", connection: {} }],
    ["delete_stream_connection", { ...place, connectionName: "x", confirm: "x" }],
  ];
};

describe("a project's name given for its id", () => {
  const { groupId } = sandboxProject;
  const warning = `groupId: "sHOP" is a name; it was taken as the project ${groupId}`;

  it.each(callsIn("sHOP"))("is taken by %s, in any case, with a warning", async (tool, args) => {
    session.sandbox.state.connection(groupId, sandboxEmptyTenant, "x") ?? session.put({ name: "x", type: "Sample" });
    const { isError, project, warnings } = await session.call(tool, args);
    expect(isError).toBe(false);
    expect(project).toMatchObject({ groupId });
    expect(warnings).toContain(warning);
    const [first, ...others] = session.sandbox.requests.map(({ path }) => path);
    expect(first).toBe("/api/atlas/v2/groups");
    expect(others.every((path) => path.startsWith(`/api/atlas/v2/groups/${groupId}/`))).toBe(true);
  });

  it("is warned of where the call then fails, too", async () => {
    const args = { groupId: "sHOP", tenantName: sandboxEmptyTenant, connectionName: "nowhere" };
    expect(await session.call("get_stream_connection", args)).toMatchObject({
      outcome: "failed",
      project: { groupId },
      warnings: [warning],
    });
  });

  const workspacesOf = (project: string) => session.call("list_stream_workspaces", { groupId: project });
  const plain = [{ path: "groupId", message: expect.stringMatching(/^must be 24 hexadecimal digits/) }];

  it.each(["Nowhere", "Sho", ""])("that is the name of none, %j, is refused", async (name) => {
    expect((await workspacesOf(name)).error?.fields).toEqual(plain);
  });

  it.each(callsIn("Shop"))("that two projects have is refused by %s with both ids", async (tool, args) => {
    const lab = session.sandbox.state.projects.get(sandboxOtherProject.groupId);
    if (lab) lab.name = "shop";
    const { error } = await session.call(tool, args);
    expect(error).toMatchObject({ kind: "invalid_input", fields: [{ path: "groupId" }] });
    for (const id of [groupId, sandboxOtherProject.groupId]) expect(error?.fields?.[0]?.message).toContain(id);
    expect(session.sent("GET")).toHaveLength(session.sandbox.requests.length);
    expect(session.sandbox.requests).toHaveLength(1);
    if (lab) lab.name = "Lab";
  });

  it("is refused where the projects cannot be read", async () => {
    session.sandbox.faults.add({ times: 9, fault: { kind: "answer", status: 403, body: {} } });
    expect((await workspacesOf("Shop")).error).toMatchObject({ kind: "invalid_input", fields: plain });
  });
});

describe("a project's id in capitals", () => {
  const groupId = sandboxProject.groupId.toUpperCase();

  it.each(callsIn(groupId))("is taken by %s", async (tool, args) => {
    session.sandbox.state.connection(sandboxProject.groupId, sandboxEmptyTenant, "x") ??
      session.put({ name: "x", type: "Sample" });
    const { isError, project, warnings } = await session.call(tool, args);
    expect(isError).toBe(false);
    expect(project).toMatchObject({ groupId: sandboxProject.groupId });
    expect(warnings).toContainEqual(expect.stringMatching(/^groupId: .*capital letters/));
  });
});

describe("defaults", () => {
  it("make the arguments optional, and the descriptions name them", async () => {
    const { tools } = await settled.server.client.listTools();
    for (const { inputSchema } of tools) {
      expect(inputSchema.required ?? []).not.toContain("groupId");
      expect(inputSchema.required ?? []).not.toContain("tenantName");
      const described = (name: string) => at(inputSchema.properties, name, "description");
      if (described("groupId")) expect(described("groupId")).toContain(`default ${sandboxProject.groupId}`);
      if (described("tenantName")) expect(described("tenantName")).toContain(`default ${sandboxEmptyTenant}`);
    }
  });

  const taking = callsIn().filter(([, args]) => !("type" in args));
  it.each(taking.filter(([tool]) => tool !== "list_stream_workspaces"))(
    "serve a call of %s that says no place",
    async (tool, args) => {
      const { isError, project } = await settled.call(tool, args);
      expect(isError).toBe(false);
      expect(project).toMatchObject({ groupId: sandboxProject.groupId });
    },
  );

  // These take no workspace, or not even a project.
  it.each([
    ["list_projects", {}],
    ["list_stream_workspaces", {}],
    ["get_connection_options", { type: "S3" }],
  ])("do not disturb %s, which lacks some of them", async (tool, args) => {
    expect((await settled.call(tool, args)).error).toBeUndefined();
  });

  it("stand back behind what is given", async () => {
    const { groupId } = sandboxOtherProject;
    const elsewhere = { groupId, tenantName: sandboxOtherTenant };
    expect(await settled.call("list_stream_connections", elsewhere)).toMatchObject({
      isError: false,
      project: elsewhere,
    });
  });
});
