/** Manners on stdio: only protocol on stdout, one JSON line a log entry on stderr, and no line that stops the server. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { simple, variablesFor } from "../support/against-sandbox.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { createCall, type ServerProcess, startProcess } from "../support/server-process.ts";

let sandbox: Sandbox;
let server: ServerProcess;
beforeAll(async () => {
  sandbox = await startSandbox();
});
beforeEach(() => {
  server = startProcess({ env: { ...variablesFor(sandbox), ATLAS_STREAMS_MCP_LOG: "debug" } });
});
afterEach(async () => {
  server.child.stdin.end();
  expect(await server.ended).toEqual({ code: 0, signal: null });
});
afterAll(() => sandbox.close());

/** The answer to a line that has no id of its own. */
const refusal = () => server.message(({ id, error }) => id === null && error !== undefined);

describe("stdout", () => {
  it("holds nothing but protocol, and stderr one JSON object a line", async () => {
    await server.initialize();
    server.send("nonsense");
    server.send({ jsonrpc: "2.0", id: 99, result: "a reply to nothing" });
    await server.ask("tools/call", createCall(simple()));
    await server.ask("tools/call", createCall({ groupId: "x\ny" }));
    server.child.stdin.end();
    await server.ended;
    // `messages` throws for a line that is none.
    expect(server.messages().length).toBeGreaterThanOrEqual(4);
    expect(server.stdout()).toMatch(/\n$/);
    const lines = server.stderr().trimEnd().split("\n");
    expect(lines.length).toBeGreaterThanOrEqual(3);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        level: expect.stringMatching(/^(debug|info|warning|error)$/),
        message: expect.any(String),
      });
  });
});

describe("a line that is no message", () => {
  it.each([
    ["no JSON", '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"password":"hunter2"', -32700],
    ["plain words", "hello", -32700],
    ["a batch", '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600],
    ["no JSON-RPC", '{"hello":"world"}', -32600],
    ["too large", `{"jsonrpc":"2.0","method":"${"x".repeat(5 * 1024 * 1024)}"}`, -32600],
  ])("(%s) is answered with an error, and the server goes on", async (_, line, code) => {
    await server.initialize();
    server.send(line);
    expect(await refusal()).toMatchObject({ error: { code, message: expect.not.stringContaining("hunter2") } });
    expect(await server.ask("ping")).toMatchObject({ result: {} });
  });

  it("is answered by its id where it is too large and that comes first", async () => {
    await server.initialize();
    server.send(`{"jsonrpc":"2.0","id":"large","method":"${"x".repeat(5 * 1024 * 1024)}"}`);
    expect(await server.message(({ id }) => id === "large")).toMatchObject({ error: { code: -32600 } });
  });

  it("can be the first one", async () => {
    server.send("nonsense");
    expect(await refusal()).toMatchObject({ error: { code: -32700 } });
    expect(await server.initialize()).toMatchObject({ result: { serverInfo: { name: "atlas-streams-mcp" } } });
  });
});

describe("lines as pipes deliver them", () => {
  it("may come in pieces, and many at once", async () => {
    const call = JSON.stringify({ jsonrpc: "2.0", id: "ü🧵", method: "ping" });
    for (const byte of Buffer.from(`${call}\r\n`)) server.child.stdin.write(Buffer.from([byte]));
    expect(await server.message(({ id }) => id === "ü🧵")).toMatchObject({ result: {} });
    const ids = Array.from({ length: 1000 }, (_, index) => index);
    server.child.stdin.write(ids.map((id) => `${JSON.stringify({ jsonrpc: "2.0", id, method: "ping" })}\n`).join(""));
    await server.message(({ id }) => id === 999);
    expect(new Set(server.messages().map(({ id }) => id))).toEqual(new Set(["ü🧵", ...ids]));
  });
});
