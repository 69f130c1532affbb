/** MCP itself, as spoken in the handshake revisions. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageVersion } from "../../src/version.ts";
import { createCall, type ServerProcess, startProcess } from "../support/server-process.ts";

const revisions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

describe("the handshake", () => {
  it.each(revisions)("agrees on the revision %s and serves it", async (revision) => {
    const server = startProcess();
    expect(await server.initialize(revision)).toMatchObject({
      result: {
        protocolVersion: revision,
        capabilities: { tools: expect.any(Object), logging: expect.any(Object) },
        serverInfo: { name: "atlas-streams-mcp", version: packageVersion },
        instructions: expect.stringContaining("create_stream_connection"),
      },
    });
    expect(await server.ask("tools/list")).toMatchObject({ result: { tools: expect.any(Array) } });
    server.child.stdin.end();
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });

  it("offers the latest revision that it knows where it does not know the client's", async () => {
    const server = startProcess();
    expect(await server.initialize("1999-12-31")).toMatchObject({ result: { protocolVersion: revisions.at(-1) } });
    server.child.stdin.end();
    await server.ended;
  });

  it("may come after other requests, each of which is answered under its id", async () => {
    const server = startProcess();
    expect(await server.ask("ping")).toMatchObject({ result: {} });
    for (const method of ["tools/list", "tools/call", "no/such/method"])
      expect(Object.keys(await server.ask(method, method === "tools/call" ? createCall({}) : {}))).toHaveLength(3);
    expect(await server.initialize()).toMatchObject({ result: { protocolVersion: "2025-11-25" } });
    server.child.stdin.end();
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });
});

describe("after the handshake", () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = startProcess();
    await server.initialize();
  });
  afterAll(async () => {
    server.child.stdin.end();
    await server.ended;
  });

  const logMessages = () => server.messages().filter(({ method }) => method === "notifications/message");
  /** Has the server log a warning: a reply to a request that was never made. */
  const provokeWarning = () => server.send({ jsonrpc: "2.0", id: 1, result: "unusable" });

  it("ping is answered with an empty result", async () => {
    expect(await server.ask("ping")).toMatchObject({ result: {} });
  });

  it("the tool is listed with its annotations and both schemas", async () => {
    const { result } = await server.ask("tools/list");
    expect(Object(result).tools).toContainEqual({
      name: "create_stream_connection",
      description: expect.any(String),
      inputSchema: expect.objectContaining({ type: "object", additionalProperties: false }),
      outputSchema: expect.objectContaining({ type: "object" }),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    });
  });

  it("the list is the same bytes each time", async () => {
    const lists = [await server.ask("tools/list"), await server.ask("tools/list", {})];
    expect(JSON.stringify(lists[0]?.["result"])).toBe(JSON.stringify(lists[1]?.["result"]));
  });

  it.each([
    ["an unknown method", "no/such/method", {}, -32601, /Method not found/],
    ["a capability that is not offered", "resources/subscribe", { uri: "x:y" }, -32601, /Method not found/],
    ["an unknown cursor", "tools/list", { cursor: "page 2" }, -32602, /cursor/],
    [
      "an unknown tool",
      "tools/call",
      { name: "create_stream_conection", arguments: {} },
      -32602,
      /did you mean create_stream_connection\?/,
    ],
    [
      "the name of a property that every object has",
      "tools/call",
      { name: "constructor" },
      -32602,
      /no tool constructor/,
    ],
    ["a cursor that is none", "tools/list", { cursor: 5 }, -32602, /cursor/],
    ["a call of no tool", "tools/call", {}, -32602, /name/],
    ["a call with arguments that are no object", "tools/call", { name: "x", arguments: "{}" }, -32602, /arguments/],
    ["an unknown log level", "logging/setLevel", { level: "loud" }, -32602, /level/],
  ])("%s is an error of its own code", async (_, method, params, code, message) => {
    expect(await server.ask(method, params)).toMatchObject({
      error: { code, message: expect.stringMatching(message) },
    });
  });

  it("a call without arguments, or with unfit ones, is a result that says what is missing", async () => {
    const answer = await server.ask("tools/call", { name: "create_stream_connection" });
    expect(answer).toMatchObject({
      result: { isError: true, structuredContent: { error: { kind: "invalid_input" } } },
    });
  });

  it("a log entry reaches the client as a notification as well", async () => {
    provokeWarning();
    const message = await server.message(({ method }) => method === "notifications/message");
    expect(message["params"]).toMatchObject({ level: "warning", logger: "atlas-streams-mcp" });
    expect(await server.logged("cannot be used")).toMatch(/^\{/);
  });

  it("logging/setLevel keeps entries below the level from the client", async () => {
    expect(await server.ask("logging/setLevel", { level: "error" })).toMatchObject({ result: {} });
    const before = logMessages().length;
    provokeWarning();
    await server.ask("ping");
    expect(logMessages()).toHaveLength(before);
  });

  it("logging/setLevel brings the client what stderr is spared", async () => {
    expect(await server.ask("logging/setLevel", { level: "debug" })).toMatchObject({ result: {} });
    const lines = server.stderr();
    await server.ask("tools/call", createCall({}));
    await server.message(({ params }) => ["debug", "info"].includes(Object(params).level));
    expect(server.stderr()).toBe(lines);
  });
});
