/** The tools that list: what they show of each entry, how they narrow, and how far they read. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { addProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
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
          /least first: Project Read Only, Project Stream Processing Manager, Project Stream Processing Owner, .*Project Owner.*Project Access/,
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
  ])("narrowed by %j gives %j and counts those", async (narrow, names) => {
    const result = await session.call("list_stream_connections", { ...orders, ...narrow });
    expect(result).toMatchObject({ totalCount: names.length, truncated: false });
    expect(result["connections"]).toEqual(names.map((name) => expect.objectContaining({ name })));
  });

  it("shows with `detail` each as get_stream_connection does", async () => {
    const { connections } = await session.call("list_stream_connections", { ...orders, detail: true });
    const names = ["shop-kafka", "shop-cluster", "fraud-check"];
    const got = names.map((connectionName) => session.call("get_stream_connection", { ...orders, connectionName }));
    expect(connections).toEqual((await Promise.all(got)).map(({ connection }) => connection));
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
  const list = (more: JsonObject = {}) => session.call("list_stream_connections", { ...place, ...more });
  const namesIn = ({ connections }: JsonObject) => Object.values(connections ?? {}).map((each) => Object(each).name);
  const names = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `c${from + index}`);

  it("is read over all its pages, and gives 200 at a time", async () => {
    fill(1203);
    const first = await list();
    expect(namesIn(first)).toEqual(names(0, 200));
    expect(first).toMatchObject({
      totalCount: 1203,
      truncated: true,
      nextPage: 2,
      summary: "1203 connections found; these are page 1 of 7. Go on with page: 2.",
    });
    expect(session.sent("GET").map(({ query }) => query)).toEqual([
      { itemsPerPage: "500", pageNum: "1" },
      { itemsPerPage: "500", pageNum: "2" },
      { itemsPerPage: "500", pageNum: "3" },
    ]);
    const second = await list({ page: 2 });
    expect(namesIn(second)).toEqual(names(200, 400));
    const last = await list({ page: "7" });
    expect(namesIn(last)).toEqual(names(1200, 1203));
    expect(last).toMatchObject({ totalCount: 1203, truncated: false });
    expect(last).not.toHaveProperty("nextPage");
    expect(await list({ page: 8 })).toMatchObject({
      connections: [],
      truncated: false,
      summary: "1203 connections found; the last of their pages is 7.",
    });
  });

  it("is narrowed by looking at all of it", async () => {
    fill(1203);
    expect(await list({ nameContains: "c1202" })).toMatchObject({
      connections: [{ name: "c1202" }],
      totalCount: 1,
      truncated: false,
      summary: "1 connection found.",
    });
    expect(await list({ nameContains: "c12", page: 1 })).toMatchObject({ totalCount: 14, truncated: false });
  });

  it("gives 20 at a time with `detail`", async () => {
    fill(41);
    const last = await list({ detail: true, page: 3 });
    expect(last).toMatchObject({ connections: [{ name: "c40", id: expect.any(String) }], truncated: false });
    expect(await list({ detail: true })).toMatchObject({ nextPage: 2, summary: expect.stringContaining("1 of 3") });
  });

  it.each([200, 20])("of exactly one page of %i is whole", async (count) => {
    fill(count);
    expect(await list({ detail: count === 20 })).toMatchObject({
      truncated: false,
      totalCount: count,
      summary: `${count} connections found.`,
    });
  });

  it.each([0, -1, 1.5])("has no page %i", async (page) => {
    expect((await list({ page })).error).toMatchObject({ kind: "invalid_input", fields: [{ path: "page" }] });
  });

  it("of processors is narrowed, shown in detail, and given in pages", async () => {
    const workspace = emptyWorkspace(session.sandbox);
    const pipeline = [{ $source: { connectionName: "c" } }, { $emit: { connectionName: "__testLog" } }];
    for (let index = 0; index < 203; index += 1)
      addProcessor(workspace, { name: `p${index}`, pipeline, dlq: undefined, tier: "SP10" }, 0);
    const processors = (more: JsonObject = {}) => session.call("list_stream_processors", { ...place, ...more });
    expect(await processors()).toMatchObject({ totalCount: 203, truncated: true, nextPage: 2 });
    expect(await processors({ page: 2 })).toMatchObject({ processors: [{ name: "p200" }, {}, {}], truncated: false });
    expect(await processors({ nameContains: "P20" })).toMatchObject({ totalCount: 4 });
    expect(await processors({ state: "STARTED" })).toMatchObject({ totalCount: 0, processors: [] });
    const detailed = await processors({ nameContains: "p202", detail: true });
    const { processor } = await session.call("get_stream_processor", { ...place, processorName: "p202" });
    expect(detailed["processors"]).toEqual([processor]);
    workspace.processors.clear();
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
