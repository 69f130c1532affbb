/** Real clients, each with the main job: to list the tools, and to create a connection on the sandbox. */
import { Client as Client2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioClientTransport2 } from "@modelcontextprotocol/client/stdio";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectionTypes } from "../../src/connections/union.ts";
import { packageVersion } from "../../src/version.ts";
import { simple } from "../support/against-sandbox.ts";
import { serverPath } from "../support/server.ts";

const parameters = {
  command: process.execPath,
  args: [serverPath, "--sandbox"],
  env: {},
  stderr: "pipe" as const,
};

const modes = [
  ["legacy", "2025-11-25"],
  ["auto", "2026-07-28"],
  [{ pin: "2026-07-28" }, "2026-07-28"],
] as const;

describe.each([
  ...modes.map(([mode, revision]) => ({
    title: `@modelcontextprotocol/client, ${JSON.stringify(mode)}`,
    revision,
    start: async () => {
      const transport = new StdioClientTransport2(parameters);
      const client = new Client2({ name: "test", version: "0" }, { versionNegotiation: { mode } });
      await client.connect(transport);
      return { client, transport, revision: () => client.getNegotiatedProtocolVersion() };
    },
  })),
  {
    title: "@modelcontextprotocol/sdk",
    revision: undefined,
    start: async () => {
      const transport = new StdioClientTransport(parameters);
      const client = new Client({ name: "test", version: "0" });
      await client.connect(transport);
      return { client, transport, revision: () => undefined };
    },
  },
])("$title", ({ start, revision }) => {
  let running: Awaited<ReturnType<typeof start>>;
  let stderr: string;
  beforeEach(async () => {
    running = await start();
    stderr = "";
    running.transport.stderr?.on("data", (piece) => {
      stderr += piece;
    });
  });
  afterEach(async () => {
    await running.client.close();
    expect(stderr).toBe("");
  });

  it("agrees on a revision and learns who serves it", () => {
    const { client } = running;
    expect(running.revision()).toBe(revision);
    expect(client.getServerVersion()).toMatchObject({ name: "atlas-streams-mcp", version: packageVersion });
    expect(client.getInstructions()).toContain("sandbox");
    expect(client.getServerCapabilities()).toMatchObject({
      tools: {},
      prompts: {},
      resources: {},
      completions: {},
      logging: {},
    });
  });

  it("lists the tools, creates a connection and is told the same of it again", async () => {
    const { client } = running;
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("create_stream_connection");
    const call = { name: "create_stream_connection", arguments: simple() };
    const { connection, ...workspace } = call.arguments;
    const look = { name: "get_stream_connection", arguments: { ...workspace, connectionName: connection.name } };
    // The client checks all of them against the tools' output schemas.
    expect(await client.callTool(call)).toMatchObject({ isError: false, structuredContent: { outcome: "created" } });
    await vi.waitFor(async () => expect(await client.callTool(look)).toMatchObject({ isError: false }), 5_000);
    expect(await client.callTool(call)).toMatchObject({ structuredContent: { outcome: "already_exists" } });
  });

  it("follows the guides", async () => {
    const { client } = running;
    const { prompts } = await client.listPrompts();
    for (const { name } of prompts) expect((await client.getPrompt({ name })).messages).toHaveLength(1);
    const { resources } = await client.listResources();
    for (const { uri } of resources) expect((await client.readResource({ uri })).contents).toHaveLength(1);
    const [template] = (await client.listResourceTemplates()).resourceTemplates;
    const { completion } = await client.complete({
      ref: { type: "ref/resource", uri: template?.uriTemplate ?? "" },
      argument: { name: "type", value: "" },
    });
    expect(completion.values).toEqual(connectionTypes.map(({ type }) => type));
  });
});
