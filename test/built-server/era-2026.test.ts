/** The revision 2026-07-28: no handshake, and every request says what it speaks. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { packageVersion } from "../../src/version.ts";
import { creates, simple, variablesFor } from "../support/against-sandbox.ts";
import { modern, ownMeta, resultOf } from "../support/eras.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { createCall, resultIn, type ServerProcess, startProcess } from "../support/server-process.ts";
import { at } from "../support/shared-atlas.ts";

const revision = "io.modelcontextprotocol/protocolVersion";
const logLevel = "io.modelcontextprotocol/logLevel";

let sandbox: Sandbox;
let server: ServerProcess;
beforeAll(async () => {
  sandbox = await startSandbox();
  server = startProcess({ env: variablesFor(sandbox) });
});
afterAll(async () => {
  server.child.stdin.end();
  expect(await server.ended).toEqual({ code: 0, signal: null });
  // It never asks a client for anything.
  expect(server.messages().filter(({ id, method }) => id !== undefined && method !== undefined)).toEqual([]);
  await sandbox.close();
});

describe("server/discover", () => {
  it("names the versions, the capabilities, the server and the instructions", async () => {
    expect(resultOf(await server.ask("server/discover", modern()))).toEqual({
      resultType: "complete",
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} },
      instructions: expect.stringContaining("create_stream_connection"),
      ttlMs: expect.any(Number),
      cacheScope: "private",
      _meta: {
        "io.modelcontextprotocol/serverInfo": {
          name: "atlas-streams-mcp",
          title: expect.any(String),
          version: packageVersion,
        },
      },
    });
  });
});

describe("a result", () => {
  it.each<[string, JsonObject]>([
    ["tools/list", {}],
    ["prompts/list", {}],
    ["resources/list", {}],
    ["resources/templates/list", {}],
    ["resources/read", { uri: "atlas-streams://types" }],
  ])("of %s says that it is complete, and how long it may be kept", async (method, params) => {
    const result = resultOf(await server.ask(method, modern(params)));
    expect(result).toMatchObject({ resultType: "complete", cacheScope: "private", _meta: expect.any(Object) });
    expect(Number(result["ttlMs"])).toBeGreaterThan(0);
  });

  it.each<[string, JsonObject]>([
    ["tools/call", createCall({})],
    ["prompts/get", { name: "connect_source" }],
    [
      "completion/complete",
      { ref: { type: "ref/prompt", name: "connect_source" }, argument: { name: "what", value: "" } },
    ],
  ])("of %s says that it is complete, and nothing of keeping it", async (method, params) => {
    const result = resultOf(await server.ask(method, modern(params)));
    expect(result).toMatchObject({ resultType: "complete" });
    expect(Object.keys(result)).not.toEqual(expect.arrayContaining(["ttlMs"]));
    expect(Object.keys(result)).not.toEqual(expect.arrayContaining(["cacheScope"]));
  });

  it("of a tool is the same whatever the client says of itself", async () => {
    const meta = {
      "io.modelcontextprotocol/clientInfo": { name: "test", version: "0" },
      "io.modelcontextprotocol/clientCapabilities": { elicitation: {}, extensions: { "com.example/x": {} } },
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01",
    };
    const answer = await server.ask("tools/call", modern(createCall(simple()), meta));
    expect(resultIn(answer)).toMatchObject({ outcome: "created" });
  });
});

describe("a request", () => {
  it.each<[string, JsonObject | undefined]>([
    ["no params", undefined],
    ["no _meta", {}],
    ["an empty _meta", { _meta: {} }],
    ["no revision", { _meta: { "io.modelcontextprotocol/clientCapabilities": {} } }],
    ["no capabilities", { _meta: { [revision]: "2026-07-28" } }],
    ["a revision that is no string", { _meta: { ...ownMeta, [revision]: 20260728 } }],
    ["capabilities that are no object", { _meta: { ...ownMeta, "io.modelcontextprotocol/clientCapabilities": "all" } }],
    ["an unknown log level", { _meta: { ...ownMeta, [logLevel]: "loud" } }],
  ])("with %s is -32602, before and after a good one", async (_, params) => {
    const fresh = startProcess();
    const malformed = { error: { code: -32602, message: expect.any(String) } };
    await fresh.ask("server/discover", modern());
    expect(await fresh.ask("tools/list", params)).toMatchObject(malformed);
    await fresh.ask("tools/list", modern());
    expect(await fresh.ask("tools/list", params)).toMatchObject(malformed);
    fresh.child.stdin.end();
    await fresh.ended;
  });

  it.each(["server/discover", "tools/list", "ping"])(
    "for %s in an unknown revision is -32022 at any time",
    async (method) => {
      expect(await server.ask(method, modern({}, { [revision]: "2027-01-01" }))).toMatchObject({
        error: { code: -32022, data: { supported: ["2026-07-28"], requested: "2027-01-01" } },
      });
    },
  );

  it.each<[string, JsonObject]>([
    ["ping", {}],
    ["logging/setLevel", { level: "debug" }],
    ["initialize", { protocolVersion: "2026-07-28" }],
    ["resources/subscribe", { uri: "atlas-streams://types" }],
  ])("for %s finds nothing", async (method, params) => {
    expect(await server.ask(method, modern(params))).toMatchObject({ error: { code: -32601 } });
  });

  it("for a handshake learns the revisions that are spoken", async () => {
    const handshake = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "0" } };
    expect(await server.ask("initialize", handshake)).toMatchObject({
      error: { code: -32022, data: { supported: ["2026-07-28"] } },
    });
  });

  it("for an unknown resource is -32602 and names it", async () => {
    expect(await server.ask("resources/read", modern({ uri: "atlas-streams://types/None" }))).toMatchObject({
      error: { code: -32602, data: { uri: "atlas-streams://types/None" } },
    });
  });
});

describe("log messages", () => {
  const logs = (from: ServerProcess) => from.messages().filter(({ method }) => method === "notifications/message");

  it("reach a client where _meta asks for them, from the level that it names", async () => {
    const fresh = startProcess({ env: variablesFor(sandbox) });
    await fresh.ask("tools/call", modern(createCall(simple())));
    expect(logs(fresh)).toEqual([]);
    await fresh.ask("tools/call", modern(createCall(simple()), { [logLevel]: "error" }));
    expect(logs(fresh)).toEqual([]);
    const answer = await fresh.ask("tools/call", modern(createCall(simple()), { [logLevel]: "debug" }));
    expect(logs(fresh).length).toBeGreaterThan(0);
    for (const { params } of logs(fresh))
      expect(params).toMatchObject({
        level: expect.stringMatching(/^(debug|info)$/),
        logger: "atlas-streams-mcp",
        data: { message: expect.any(String) },
      });
    expect(fresh.messages().at(-1)).toEqual(answer);
    fresh.child.stdin.end();
    await fresh.ended;
  });

  it("are about the request that asks for them, and no other at the same time", async () => {
    const fresh = startProcess({ env: variablesFor(sandbox) });
    await fresh.ask("server/discover", modern());
    const calls = [{ [logLevel]: "debug" }, {}, {}].map((meta) =>
      fresh.ask("tools/call", modern(createCall(simple()), meta)),
    );
    const [asking] = (await Promise.all(calls)).map(resultIn);
    const ids = new Set(logs(fresh).map((entry) => at(entry, "params", "data", "requestId")));
    expect([...ids]).toHaveLength(1);
    if (asking?.["requestId"] !== undefined) expect([...ids]).toEqual([asking["requestId"]]);
    fresh.child.stdin.end();
    await fresh.ended;
  });

  it("come no more once the request is cancelled", async () => {
    const fresh = startProcess({ env: { ...variablesFor(sandbox), ATLAS_STREAMS_MCP_CHECK_MS: "50" } });
    sandbox.requests.length = 0;
    sandbox.faults.add({ method: "POST", fault: { kind: "silence-before-acting" } });
    fresh.request("call", "tools/call", modern(createCall(simple()), { [logLevel]: "debug" }));
    await vi.waitFor(() => expect(creates(sandbox)).toHaveLength(1), { interval: 5, timeout: 15_000 });
    const before = logs(fresh).length;
    fresh.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "call" } });
    await fresh.logged("cancelled after its create had been sent");
    sandbox.faults.clear();
    await fresh.ask("tools/list", modern());
    expect(logs(fresh)).toHaveLength(before);
    expect(fresh.messages().filter(({ id }) => id === "call")).toEqual([]);
    fresh.child.stdin.end();
    await fresh.ended;
  });
});
