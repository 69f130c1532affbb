/** The first request decides the era. */
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import type { JsonObject } from "../../src/json.ts";
import { serveChosenEra } from "../../src/protocol/choose-era.ts";
import { StdioTransport } from "../../src/protocol/stdio.ts";
import { createServices } from "../../src/services.ts";
import { modern } from "../support/eras.ts";
import { type ServerProcess, startProcess } from "../support/server-process.ts";

const handshake = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "0" } };

/** The era of a server that has been opened: in the old one, requests need say nothing, and results don't. */
async function eraOf(server: ServerProcess): Promise<string> {
  const { result } = await server.ask("tools/list", modern());
  return Object(result).resultType === "complete" ? "2026" : "2025";
}

async function opened(test: (server: ServerProcess) => Promise<void>): Promise<void> {
  const server = startProcess();
  await test(server);
  server.child.stdin.end();
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(server.stderr()).toBe("");
}

describe("the first request", () => {
  it.each<[string, string, JsonObject, string]>([
    ["a handshake", "initialize", handshake, "2025"],
    ["a ping", "ping", {}, "2025"],
    ["a list without a revision", "tools/list", { _meta: { progressToken: 1 } }, "2025"],
    ["a discovery without a revision", "server/discover", {}, "2025"],
    ["a discovery", "server/discover", modern(), "2026"],
    ["a list with a revision", "tools/list", modern(), "2026"],
    ["a handshake with a revision", "initialize", modern(handshake), "2026"],
    ["an unknown method with a revision", "no/such/method", modern(), "2026"],
    [
      "a request with an unknown revision",
      "tools/list",
      modern({}, { "io.modelcontextprotocol/protocolVersion": "2030-01-01" }),
      "2026",
    ],
    [
      "a request with a revision that is none",
      "tools/list",
      modern({}, { "io.modelcontextprotocol/protocolVersion": null }),
      "2026",
    ],
  ])("(%s) decides, and is answered", async (_, method, params, era) => {
    await opened(async (server) => {
      expect(await server.ask(method, params)).toHaveProperty("jsonrpc");
      expect(await eraOf(server)).toBe(era);
    });
  });

  it("of an unknown revision is told the known ones, and a right one may follow", async () => {
    await opened(async (server) => {
      const unknown = modern({}, { "io.modelcontextprotocol/protocolVersion": "2030-01-01" });
      expect(await server.ask("server/discover", unknown)).toMatchObject({
        error: { code: -32022, data: { supported: ["2026-07-28"], requested: "2030-01-01" } },
      });
      expect(await server.ask("server/discover", modern())).toMatchObject({
        result: { supportedVersions: ["2026-07-28"] },
      });
    });
  });

  it("that lacks a required key is -32602, and a right one may follow", async () => {
    await opened(async (server) => {
      const lacking = { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } };
      expect(await server.ask("tools/list", lacking)).toMatchObject({ error: { code: -32602 } });
      expect(await server.ask("tools/list", modern())).toMatchObject({ result: { resultType: "complete" } });
    });
  });

  it("may come after lines, notifications and replies that decide nothing", async () => {
    await opened(async (server) => {
      server.send("nonsense");
      server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
      server.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
      server.send({ jsonrpc: "2.0", id: 5, result: {} });
      expect(await server.ask("server/discover", modern())).toMatchObject({ result: { resultType: "complete" } });
    });
  });

  it("decides for good: a handshake later on is refused, and a revision is of no consequence", async () => {
    await opened(async (server) => {
      await server.ask("tools/list", modern());
      expect(await server.ask("initialize", handshake)).toMatchObject({ error: { code: -32022 } });
      expect(await eraOf(server)).toBe("2026");
    });
    await opened(async (server) => {
      await server.initialize();
      expect(await server.ask("tools/list", modern())).toMatchObject({ result: { tools: expect.any(Array) } });
      expect(await server.ask("ping")).toMatchObject({ result: {} });
    });
  });
});

describe("while an SDK is loaded", () => {
  // From the sources, loading takes many turns of the event loop.
  const open = () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    let text = "";
    output.on("data", (piece) => {
      text += piece;
    });
    const transport = new StdioTransport(input, output, { responseGraceMs: 10_000 });
    const services = createServices(readSettings({}), {});
    const closed = new Promise<void>((resolve) => void serveChosenEra(transport, services, resolve));
    const answers = () =>
      text
        .split("\n")
        .slice(0, -1)
        .map((line): JsonObject => JSON.parse(line));
    const send = (id: number, method: string, params: JsonObject) =>
      input.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return { input, closed, answers, send };
  };

  it.each<[string, string, JsonObject]>([
    ["2025", "tools/list", {}],
    ["2026", "tools/list", modern()],
  ])("messages of the %s era wait in their order, and the end of the input behind them", async (_, method, params) => {
    const { input, closed, answers, send } = open();
    const ids = Array.from({ length: 250 }, (_, index) => index);
    for (const id of ids.slice(0, 120)) send(id, method, params);
    await new Promise(setImmediate);
    for (const id of ids.slice(120)) send(id, method, params);
    input.end();
    await closed;
    expect(answers().map(({ id }) => id)).toEqual(ids);
    for (const answer of answers()) expect(answer).toMatchObject({ result: { tools: expect.any(Array) } });
  });
});
