/** How the environment changes what is published and what is accepted. */
import { describe, expect, it } from "vitest";
import { isObject } from "../../src/json.ts";
import { creates, place, type ServerOnSandbox, simple, startOnSandbox } from "../support/against-sandbox.ts";
import { at } from "../support/shared-atlas.ts";

async function publishedInput({ server }: ServerOnSandbox) {
  const { tools } = await server.client.listTools();
  return tools.find(({ name }) => name === "create_stream_connection")?.inputSchema;
}

function keywordsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keywordsIn);
  if (!isObject(value)) return [];
  return [...Object.keys(value), ...Object.values(value).flatMap(keywordsIn)];
}

describe("ATLAS_STREAMS_MCP_SCHEMA", () => {
  it("flat publishes no alternatives and accepts the same connections", async () => {
    const on = await startOnSandbox({ env: { ATLAS_STREAMS_MCP_SCHEMA: "flat" } });
    const schema = await publishedInput(on);
    for (const keyword of ["anyOf", "oneOf", "allOf", "const", "$ref"])
      expect(keywordsIn(schema)).not.toContain(keyword);
    expect(at(schema, "properties", "connection", "properties", "type", "enum")).toHaveLength(10);
    const args = simple();
    expect(await on.server.create(args)).toMatchObject({ outcome: "created" });
    expect(creates(on.sandbox).at(-1)?.body).toEqual(args.connection);
    expect(await on.server.create({ ...args, connection: { ...args.connection, url: "x" } })).toMatchObject({
      error: { kind: "invalid_input", fields: [{ path: "connection.url" }] },
    });
    await on.close();
  });

  it("union, the default, publishes one closed alternative a type", async () => {
    const on = await startOnSandbox();
    const schema = await publishedInput(on);
    const alternatives = at(schema, "properties", "connection", "anyOf");
    expect(alternatives).toHaveLength(10);
    for (const keyword of ["$ref", "$defs"]) expect(keywordsIn(schema)).not.toContain(keyword);
    await on.close();
  });
});

describe("defaults for project and workspace", () => {
  it("make their arguments optional, in the published schema and in a call", async () => {
    const env = { MONGODB_ATLAS_PROJECT_ID: place.groupId, ATLAS_STREAMS_MCP_TENANT: place.tenantName };
    const on = await startOnSandbox({ env });
    expect((await publishedInput(on))?.required).toEqual(["connection"]);
    const { connection } = simple();
    expect(await on.server.create({ connection })).toMatchObject({ outcome: "created", project: place });
    await on.close();
  });

  it("give way to what a call says", async () => {
    const env = { MONGODB_ATLAS_PROJECT_ID: "0123456789abcdef01234567", ATLAS_STREAMS_MCP_TENANT: "nowhere" };
    const on = await startOnSandbox({ env });
    expect(await on.server.create(simple())).toMatchObject({ outcome: "created", project: place });
    await on.close();
  });

  it("are each on their own", async () => {
    const on = await startOnSandbox({ env: { ATLAS_STREAMS_MCP_TENANT: place.tenantName } });
    expect((await publishedInput(on))?.required).toEqual(expect.arrayContaining(["connection", "groupId"]));
    expect((await publishedInput(on))?.required).not.toContain("tenantName");
    const { error } = await on.server.create({ connection: simple().connection });
    expect(error).toMatchObject({ kind: "invalid_input", fields: [{ path: "groupId" }] });
    await on.close();
  });

  it("are missed where there are none", async () => {
    const on = await startOnSandbox();
    expect((await publishedInput(on))?.required).toEqual(["groupId", "tenantName", "connection"]);
    const { error } = await on.server.create({ connection: simple().connection });
    expect(error?.fields?.map(({ path }) => path).sort()).toEqual(["groupId", "tenantName"]);
    expect(on.sandbox.requests).toEqual([]);
    await on.close();
  });
});

describe("read-only mode", () => {
  it.each([
    ["ATLAS_STREAMS_MCP_READ_ONLY=true", { env: { ATLAS_STREAMS_MCP_READ_ONLY: "true" } }],
    ["--read-only", { args: ["--read-only"] }],
    ["--read-only against the variable", { env: { ATLAS_STREAMS_MCP_READ_ONLY: "false" }, args: ["--read-only"] }],
  ])("(%s) lists no tool that writes, refuses one that is called, and says why", async (_, options) => {
    const on = await startOnSandbox(options);
    const { tools } = await on.server.client.listTools();
    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint !== true)).toEqual([]);
    expect(on.server.client.getInstructions()).toMatch(/read-only/);
    expect(on.server.client.getInstructions()).not.toMatch(/create|dryRun/);
    for (const args of [simple(), { ...simple(), dryRun: true }]) {
      const call = on.server.client.callTool({ name: "create_stream_connection", arguments: args });
      await expect(call).rejects.toMatchObject({ code: -32602, message: expect.stringMatching(/read-only/) });
    }
    expect(on.sandbox.requests).toEqual([]);
    await on.close();
  });
});

describe("ATLAS_STREAMS_MCP_SECRET_DIR", () => {
  it.each([
    ["a folder that is not there", `${import.meta.dirname}/nowhere`, "ENOENT"],
    ["a file", import.meta.filename, "ENOTDIR"],
  ])("told at the start: %s", async (_, folder, why) => {
    const on = await startOnSandbox({ env: { ATLAS_STREAMS_MCP_SECRET_DIR: folder } });
    expect(await on.server.create(simple())).toMatchObject({ outcome: "created" });
    await on.close();
    expect(JSON.parse(on.server.stderr())).toMatchObject({
      level: "warning",
      message: expect.stringContaining("ATLAS_STREAMS_MCP_SECRET_DIR cannot be read"),
      folder,
      why,
    });
  });
});
