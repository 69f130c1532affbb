/** What `tools/list` says, in both dialects, and what read-only mode and toolsets leave of it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publishedForm } from "../../src/tool/publish.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";
import { freshName, place } from "../support/against-sandbox.ts";
import { type RunningServer, startServer } from "../support/server.ts";
import { type Session, startSession } from "./session.ts";

const reading = [
  "list_projects",
  "list_stream_workspaces",
  "list_stream_connections",
  "get_stream_connection",
  "get_connection_options",
];
const writing = ["create_stream_connection", "update_stream_connection", "delete_stream_connection"];
const pipelines = [
  "create_stream_workspace",
  "update_stream_workspace",
  "delete_stream_workspace",
  "list_stream_processors",
  "get_stream_processor",
  "create_stream_processor",
  "update_stream_processor",
  "start_stream_processor",
  "stop_stream_processor",
  "delete_stream_processor",
  "diagnose_stream_processor",
  "read_stream_logs",
  "get_stage_reference",
  "try_stream_pipeline",
  "apply_stream_pipeline",
];
const readingPipelines = [
  "list_stream_processors",
  "get_stream_processor",
  "diagnose_stream_processor",
  "read_stream_logs",
  "get_stage_reference",
  "try_stream_pipeline",
];

const readingNetwork = ["get_stream_networking"];

type Tools = Awaited<ReturnType<RunningServer["client"]["listTools"]>>["tools"];

let readOnly: Session;
const lists: Record<"union" | "flat", Tools> = { union: [], flat: [] };

beforeAll(async () => {
  readOnly = await startSession({ args: ["--read-only"] });
  for (const dialect of ["union", "flat"] as const) {
    const server = await startServer({ ATLAS_STREAMS_MCP_SCHEMA: dialect });
    lists[dialect] = (await server.client.listTools()).tools;
    await server.close();
  }
}, 60_000);
afterAll(() => readOnly.close());

describe("the published list", () => {
  it.each(["union", "flat"] as const)("is the published forms, of which test/tools has the tests, %s", (dialect) => {
    expect(lists[dialect]).toEqual(generatedTools.map((tool) => publishedForm(tool, { dialect })));
  });
});

/** A session holds every result against the schema that its tool publishes. */
describe("in the flat dialect", () => {
  it("results fit their schemas too: what Atlas shows, what a tool says of it, and failures", async () => {
    // What is new can be read at once: the moment in which it cannot is not what this test is about.
    const sandbox = { oddities: { hiddenMs: 0 } };
    const flat = await startSession({ env: { ATLAS_STREAMS_MCP_SCHEMA: "flat" }, sandbox });
    const connection = { name: freshName(), type: "Https", url: "https://a.example.com" };
    const named = { ...place, connectionName: connection.name };
    const outcomes = [
      await flat.call("create_stream_connection", { ...place, connection }),
      await flat.call("list_projects"),
      await flat.call("list_stream_connections", place),
      await flat.call("get_connection_options", { groupId: place.groupId, type: "Kafka" }),
      await flat.call("update_stream_connection", { ...named, connection: '{"url":"https://b.example.com"}' }),
      await flat.call("get_stream_connection", { ...place, connectionName: "none" }),
    ].map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["created", "ok", "ok", "ok", "updated", "failed"]);
    await flat.close();
  }, 60_000);
});

describe("read-only mode", () => {
  it("lists only what reads", async () => {
    const { tools } = await readOnly.server.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([...reading, ...readingPipelines, ...readingNetwork]);
  });

  it.each([...writing, "start_stream_processor"])("refuses %s", async (name) => {
    const connectionName = freshName();
    const args = { ...place, connectionName, connection: { name: connectionName, type: "Sample" } };
    await expect(readOnly.server.client.callTool({ name, arguments: args })).rejects.toThrow(/read-only mode/);
    expect(readOnly.sandbox.requests).toEqual([]);
  });

  it("still reads", async () => {
    expect(await readOnly.call("list_projects")).toMatchObject({ outcome: "ok" });
  });
});

describe("toolsets", () => {
  it("offer only their own tools, by a variable or by a flag, and say where another one is", async () => {
    const byFlag = await startServer({}, ["--toolsets", "connections"]);
    const byVariable = await startServer({ ATLAS_STREAMS_MCP_TOOLSETS: "pipelines" });
    const namesOf = async ({ client }: RunningServer) => (await client.listTools()).tools.map(({ name }) => name);
    expect(await namesOf(byFlag)).toEqual([...reading, ...writing]);
    expect(await namesOf(byVariable)).toEqual(pipelines);
    await expect(byFlag.client.callTool({ name: "start_stream_processor", arguments: {} })).rejects.toThrow(
      /in the toolset pipelines/,
    );
    expect(byFlag.client.getInstructions()).not.toContain("apply_stream_pipeline");
    expect(byVariable.client.getInstructions()).toContain("apply_stream_pipeline");
    await Promise.all([byFlag.close(), byVariable.close()]);
  });
});
