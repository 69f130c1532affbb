/** What `tools/list` says: how much of it there is, in both dialects, what is promised, and what read-only leaves. */
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringsIn } from "../../src/json.ts";
import { refusals } from "../schema/strict-reader.ts";
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
  "delete_stream_workspace",
  "list_stream_processors",
  "get_stream_processor",
  "create_stream_processor",
  "update_stream_processor",
  "start_stream_processor",
  "stop_stream_processor",
  "delete_stream_processor",
  "diagnose_stream_processor",
  "apply_stream_pipeline",
];
const readingPipelines = ["list_stream_processors", "get_stream_processor", "diagnose_stream_processor"];
const everyTool = [...reading, ...writing, ...pipelines];

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

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const named = (tools: Tools, name: string) => tools.find((tool) => tool.name === name);

describe("the published list", () => {
  it("has the tools in a fixed order", () => {
    expect(lists.union.map(({ name }) => name)).toEqual(everyTool);
    expect(lists.flat.map(({ name }) => name)).toEqual(everyTool);
  });

  it.each(["union", "flat"] as const)("is small: all tools at most 32 KB, %s", (dialect) => {
    expect(bytes(lists[dialect])).toBeLessThanOrEqual(32 * 1024);
  });

  it.each(["union", "flat"] as const)("is small: the tools for connections at most 20,000 bytes, %s", (dialect) => {
    const connections = lists[dialect].filter(({ name }) => !pipelines.includes(name));
    expect(bytes(connections)).toBeLessThanOrEqual(20_000);
  });

  it.each(["union", "flat"] as const)("is small: the create at most 10,240 bytes, %s", (dialect) => {
    expect(bytes(named(lists[dialect], "create_stream_connection"))).toBeLessThanOrEqual(10_240);
  });

  it.each(everyTool)("describes %s and all its arguments", (name) => {
    const tool = named(lists.union, name);
    expect(tool?.description).toMatch(/^[A-Z].*\.$/);
    for (const [argument, schema] of Object.entries(tool?.inputSchema.properties ?? {}))
      expect([argument, Object(schema).description]).toEqual([argument, expect.stringMatching(/\w/)]);
    expect(tool?.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
  });

  it.each(everyTool)("has schemas for %s that validators of both drafts take", (name) => {
    for (const dialect of ["union", "flat"] as const) {
      const { inputSchema, outputSchema } = named(lists[dialect], name) ?? {};
      for (const schema of [inputSchema, outputSchema]) {
        expect(() => new Ajv().compile(Object(schema))).not.toThrow();
        expect(() => new Ajv2020().compile(Object(schema))).not.toThrow();
      }
    }
  });

  it.each(everyTool)("in the flat dialect has nothing in %s that a strict reader refuses", (name) => {
    const { inputSchema, outputSchema } = named(lists.flat, name) ?? {};
    expect([...refusals(inputSchema), ...refusals(outputSchema)]).toEqual([]);
  });

  it("has no place for links or secrets in what tools give back", () => {
    const told = lists.union.map(({ outputSchema }) => stringsIn(outputSchema).map(({ path }) => path.at(-1)));
    expect(told.flat()).not.toContain("links");
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

describe("annotations", () => {
  const of = (name: string) => named(lists.union, name)?.annotations;

  it.each([...reading, ...readingPipelines])("of %s say that it only reads", (name) => {
    expect(of(name)).toEqual({
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    });
  });

  it.each([
    ["create_stream_connection", false],
    ["update_stream_connection", true],
    ["delete_stream_connection", true],
    ["create_stream_workspace", false],
    ["create_stream_processor", false],
    ["start_stream_processor", true],
    ["delete_stream_workspace", true],
  ])("of %s say that it writes, that repeating it is safe, and whether it destroys: %s", (name, destructiveHint) => {
    expect(of(name)).toEqual({ readOnlyHint: false, destructiveHint, idempotentHint: true, openWorldHint: true });
  });
});

describe("read-only mode", () => {
  it("lists only what reads", async () => {
    const { tools } = await readOnly.server.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([...reading, ...readingPipelines]);
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
