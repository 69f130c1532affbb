/** The tools that list: what they show of each entry, how they narrow, and how far they read. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  sandboxConnections,
  sandboxEmptyTenant,
  sandboxOrganization,
  sandboxOtherProject,
  sandboxProject,
  sandboxTenant,
} from "../../src/sandbox/data/seed.ts";
import { place } from "../support/against-sandbox.ts";
import { emptyWorkspace, type Session, startSession } from "./session.ts";

const orders = { groupId: sandboxProject.groupId, tenantName: sandboxTenant };
const unknownProject = "0123456789abcdef01234567";

let session: Session;
beforeAll(async () => {
  session = await startSession();
}, 60_000);
afterEach(() => {
  session.sandbox.state.rights.clear();
  emptyWorkspace(session.sandbox).connections.clear();
  session.reset();
});
afterAll(() => session.close());

describe("list_projects", () => {
  it("gives the id that the other tools need, and what tells projects apart", async () => {
    expect(await session.call("list_projects")).toEqual({
      isError: false,
      outcome: "ok",
      summary: "2 projects found.",
      projects: [
        { groupId: sandboxProject.groupId, name: "Shop", ...sandboxOrganization, clusterCount: 2 },
        { groupId: sandboxOtherProject.groupId, name: "Lab", ...sandboxOrganization, clusterCount: 1 },
      ],
      truncated: false,
    });
  });

  it.each([
    ["sHo", ["Shop"]],
    ["", ["Shop", "Lab"]],
    ["nothing like it", []],
  ])("narrowed by %j in any case gives %j", async (nameContains, names) => {
    const { projects } = await session.call("list_projects", { nameContains });
    expect(projects).toEqual(names.map((name) => expect.objectContaining({ name })));
  });

  it("leaves out what the credentials cannot see", async () => {
    session.sandbox.state.rights.set(sandboxProject.groupId, "none");
    expect(await session.call("list_projects")).toMatchObject({ projects: [{ name: "Lab" }] });
  });
});

describe("list_stream_workspaces", () => {
  it("gives names, places, tiers and hostnames", async () => {
    const workspace = (tenantName: string, region: string, tier: string) => ({
      tenantName,
      cloudProvider: "AWS",
      region,
      tier,
      maxTier: "SP50",
      hostnames: [expect.stringContaining(".mongodb.net")],
    });
    const { groupId } = sandboxProject;
    expect(await session.call("list_stream_workspaces", { groupId })).toEqual({
      isError: false,
      outcome: "ok",
      summary: "2 workspaces found.",
      project: { groupId },
      workspaces: [
        workspace(sandboxTenant, "VIRGINIA_USA", "SP10"),
        workspace(sandboxEmptyTenant, "FRANKFURT_DEU", "SP30"),
      ],
      truncated: false,
    });
  });

  it("of a project that is not there names those that are", async () => {
    expect(await session.call("list_stream_workspaces", { groupId: unknownProject })).toMatchObject({
      summary: `There is no project ${unknownProject} that these credentials can see.`,
      error: {
        kind: "not_found",
        fields: [{ path: "groupId" }],
        hint: expect.stringContaining(`Shop (${sandboxProject.groupId})`),
      },
    });
  });

  it("without rights names the roles and where they are granted", async () => {
    session.sandbox.state.rights.set(sandboxProject.groupId, "none");
    expect(await session.call("list_stream_workspaces", { groupId: sandboxProject.groupId })).toMatchObject({
      error: {
        kind: "forbidden",
        status: 403,
        hint: expect.stringMatching(
          /Project Stream Processing Manager.*Project Stream Processing Owner.*Project Owner.*Project Access/,
        ),
      },
    });
  });
});

describe("list_stream_connections", () => {
  it("shows of each connection what tells it apart, and no more", async () => {
    const common = { state: "READY", region: "VIRGINIA_USA" };
    expect(await session.call("list_stream_connections", orders)).toEqual({
      isError: false,
      outcome: "ok",
      summary: "3 connections found.",
      project: orders,
      connections: [
        { name: "shop-kafka", type: "Kafka", ...common, bootstrapServers: sandboxConnections[0].bootstrapServers },
        { name: "shop-cluster", type: "Cluster", ...common, clusterName: "Cluster0" },
        { name: "fraud-check", type: "Https", ...common, url: "https://fraud.shop.example.com/score" },
      ],
      totalCount: 3,
      truncated: false,
    });
  });

  it.each([
    [{ type: "Kafka" }, ["shop-kafka"]],
    [{ nameContains: "SHOP" }, ["shop-kafka", "shop-cluster"]],
    [{ type: "Cluster", nameContains: "shop" }, ["shop-cluster"]],
    [{ type: "S3" }, []],
    [{ type: "kafka", name_contains: null }, ["shop-kafka"]],
  ])("narrowed by %j gives %j and counts all", async (narrow, names) => {
    const result = await session.call("list_stream_connections", { ...orders, ...narrow });
    expect(result).toMatchObject({ totalCount: 3, truncated: false });
    expect(result["connections"]).toEqual(names.map((name) => expect.objectContaining({ name })));
  });

  it("refuses a type that is none, with the nearest", async () => {
    const { error } = await session.call("list_stream_connections", { ...orders, type: "Kafkas" });
    expect(error).toMatchObject({
      kind: "invalid_input",
      fields: [{ path: "type", message: expect.stringContaining('did you mean "Kafka"') }],
    });
  });

  it("of a workspace that is not there names the nearest", async () => {
    const result = await session.call("list_stream_connections", { ...orders, tenantName: "order" });
    expect(result).toMatchObject({
      summary: expect.stringContaining('no workspace "order"'),
      error: {
        kind: "not_found",
        fields: [{ path: "tenantName", message: expect.stringContaining('did you mean "orders"') }],
        hint: expect.stringMatching(/orders.*clickstream/),
      },
    });
  });
});

describe("a long list", () => {
  const fill = (count: number) => {
    for (let index = 0; index < count; index += 1) session.put({ name: `c${index}`, type: "Sample" });
  };

  it("is read over all its pages", async () => {
    fill(501);
    const result = await session.call("list_stream_connections", { ...place, nameContains: "c500" });
    expect(result).toMatchObject({ connections: [{ name: "c500" }], totalCount: 501, truncated: false });
    expect(session.sent("GET").map(({ query }) => query)).toEqual([
      { itemsPerPage: "500", pageNum: "1" },
      { itemsPerPage: "500", pageNum: "2" },
    ]);
  });

  it("is cut at 1000 entries, which is said with how many there are", async () => {
    fill(1203);
    const result = await session.call("list_stream_connections", place);
    expect(result["connections"]).toHaveLength(1000);
    expect(result).toMatchObject({
      truncated: true,
      totalCount: 1203,
      summary: expect.stringMatching(/first 1000 of 1203/),
    });
  });

  it("of exactly 1000 entries is whole", async () => {
    fill(1000);
    expect(await session.call("list_stream_connections", place)).toMatchObject({
      truncated: false,
      totalCount: 1000,
      summary: "1000 connections found.",
    });
  });
});

describe("a list that cannot be had", () => {
  it.each([
    ["a proxy's page", { status: 200, body: "<html>Sign in</html>", contentType: "text/html" }, "atlas_error"],
    ["a refusal", { status: 400, body: { detail: "not so" } }, "bad_request"],
  ])("for %s is a failure that speaks of no create", async (_, answer, kind) => {
    session.sandbox.faults.add({ times: 9, fault: { kind: "answer", ...answer } });
    const { error } = await session.call("list_projects");
    expect(error).toMatchObject({ kind });
    expect(error?.hint).not.toMatch(/creat|connection/i);
  });

  it("for a moment is had the next time", async () => {
    session.sandbox.faults.add({ fault: { kind: "reset-before-read" } });
    session.sandbox.faults.add({ fault: { kind: "answer", status: 503, body: {} } });
    expect(await session.call("list_projects")).toMatchObject({ outcome: "ok" });
  });
});
