/** What `tools/list` says: how much of it there is, in both dialects, what is promised, and what read-only leaves. */
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringsIn } from "../../src/json.ts";
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
    expect(lists.union.map(({ name }) => name)).toEqual([...reading, ...writing]);
    expect(lists.flat.map(({ name }) => name)).toEqual([...reading, ...writing]);
  });

  it("is small: all tools at most 20,000 bytes", () => {
    expect(bytes(lists.union)).toBeLessThanOrEqual(20_000);
  });

  it.each(["union", "flat"] as const)("is small: the create at most 9,500 bytes, %s", (dialect) => {
    expect(bytes(named(lists[dialect], "create_stream_connection"))).toBeLessThanOrEqual(9_500);
  });

  it.each([...reading, ...writing])("describes %s and all its arguments", (name) => {
    const tool = named(lists.union, name);
    expect(tool?.description).toMatch(/^[A-Z].*\.$/);
    for (const [argument, schema] of Object.entries(tool?.inputSchema.properties ?? {}))
      expect([argument, Object(schema).description]).toEqual([argument, expect.stringMatching(/\w/)]);
    expect(tool?.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
  });

  it.each([...reading, ...writing])("has schemas for %s that validators of both drafts take", (name) => {
    for (const dialect of ["union", "flat"] as const) {
      const { inputSchema, outputSchema } = named(lists[dialect], name) ?? {};
      for (const schema of [inputSchema, outputSchema]) {
        expect(() => new Ajv().compile(Object(schema))).not.toThrow();
        expect(() => new Ajv2020().compile(Object(schema))).not.toThrow();
      }
    }
  });

  it("in the flat dialect has no keyword that some clients refuse", () => {
    expect(JSON.stringify(lists.flat)).not.toMatch(/"(anyOf|oneOf|allOf|const|\$ref|\$defs)":/);
  });

  it("has no place for links or secrets in what tools give back", () => {
    const told = lists.union.map(({ outputSchema }) => stringsIn(outputSchema).map(({ path }) => path.at(-1)));
    expect(told.flat()).not.toContain("links");
  });
});

describe("annotations", () => {
  const of = (name: string) => named(lists.union, name)?.annotations;

  it.each(reading)("of %s say that it only reads", (name) => {
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
  ])("of %s say that it writes, that repeating it is safe, and whether it destroys: %s", (name, destructiveHint) => {
    expect(of(name)).toEqual({ readOnlyHint: false, destructiveHint, idempotentHint: true, openWorldHint: true });
  });
});

describe("read-only mode", () => {
  it("lists only what reads", async () => {
    const { tools } = await readOnly.server.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(reading);
  });

  it.each(writing)("refuses %s", async (name) => {
    const connectionName = freshName();
    const args = { ...place, connectionName, connection: { name: connectionName, type: "Sample" } };
    await expect(readOnly.server.client.callTool({ name, arguments: args })).rejects.toThrow(/read-only mode/);
    expect(readOnly.sandbox.requests).toEqual([]);
  });

  it("still reads", async () => {
    expect(await readOnly.call("list_projects")).toMatchObject({ outcome: "ok" });
  });
});
