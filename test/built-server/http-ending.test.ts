/** How `serve` ends, what becomes of calls whose client goes away, and how much a caller may ask. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { creates, freshName, place, simple, variablesFor } from "../support/against-sandbox.ts";
import { headersOf, ownMeta } from "../support/eras.ts";
import { type HttpServer, messagesOf, startHttpServer } from "../support/http-server.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { changed, putConnections, runningProcessor, truth } from "./running-processors.ts";

const tool = "create_stream_connection";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
  putConnections(sandbox);
});
const servers: HttpServer[] = [];
afterEach(async () => {
  sandbox.faults.clear();
  sandbox.requests.length = 0;
  sandbox.state.readyAfterMs = 0;
  for (const { process } of servers.splice(0)) {
    process.child.kill("SIGKILL");
    await process.ended;
  }
});
afterAll(() => sandbox.close());

async function serving(args: string[] = []): Promise<HttpServer> {
  const server = await startHttpServer({
    args,
    env: { ...variablesFor(sandbox), ATLAS_STREAMS_MCP_CHECK_MS: "2000", ATLAS_STREAMS_MCP_TIMEOUT_MS: "20000" },
  });
  servers.push(server);
  return server;
}

const waitUntil = (happened: () => boolean | Promise<boolean>) =>
  vi.waitFor(async () => expect(await happened()).toBe(true), { interval: 20, timeout: 15_000 });

const create = (name: string) => ({ ...place, connection: { name, type: "Sample" } });
const stored = (name: string) => sandbox.state.connection(place.groupId, place.tenantName, name);

describe("SIGTERM", () => {
  test("ends a server without calls at once, with open connections and streams", async () => {
    const server = await serving();
    await server.call("list_projects");
    const params = { notifications: {}, _meta: ownMeta };
    const body = { jsonrpc: "2.0", id: 1, method: "subscriptions/listen", params };
    const stream = await server.post(body, headersOf("subscriptions/listen"));
    expect(stream.headers.get("content-type")).toBe("text/event-stream");
    const from = performance.now();
    expect(await server.close()).toEqual({ code: 0, signal: null });
    expect(performance.now() - from).toBeLessThan(5_000);
    await stream.text().catch(() => {});
  });

  test("lets a call end; meanwhile the server is not ready and takes no connection", async () => {
    const server = await serving();
    sandbox.faults.add({ method: "POST", path: /connections$/, fault: { kind: "delay", ms: 1_500 } });
    const name = freshName();
    const call = server.call(tool, create(name));
    await waitUntil(() => creates(sandbox).length === 1);
    const ended = server.close();
    await waitUntil(async () => (await server.page("/readyz")).status === 503);
    expect(await server.page("/livez")).toMatchObject({ status: 200 });
    await expect(fetch(server.url, { method: "POST", headers: { connection: "close" } })).rejects.toThrow();
    expect(await call).toMatchObject({ outcome: "created" });
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(creates(sandbox)).toHaveLength(1);
  });

  test("asked twice cancels what is under way, and looks for a write that was sent", async () => {
    const server = await serving();
    sandbox.faults.add({ method: "POST", path: /connections$/, fault: { kind: "silence-after-acting" } });
    const name = freshName();
    const call = server.call(tool, create(name)).catch((error: unknown) => error);
    await waitUntil(() => creates(sandbox).length === 1);
    server.process.child.kill("SIGTERM");
    await waitUntil(async () => (await server.page("/readyz")).status === 503);
    const looked = server.process.logged(name);
    expect(await server.close()).toEqual({ code: 0, signal: null });
    await call;
    expect(await looked).toContain("it happened");
    expect([creates(sandbox).length, stored(name) !== undefined]).toEqual([1, true]);
  });

  test("asked twice starts again what was stopped for a change", async () => {
    const server = await serving();
    const processorName = runningProcessor(sandbox);
    sandbox.faults.add({ method: "PATCH", fault: { kind: "silence-before-acting" } });
    const call = server
      .call("update_stream_processor", { ...place, processorName, pipeline: changed })
      .catch((error: unknown) => error);
    await waitUntil(() => sandbox.requests.some(({ method }) => method === "PATCH"));
    server.process.child.kill("SIGTERM");
    await waitUntil(async () => (await server.page("/readyz")).status === 503);
    expect(await server.close()).toEqual({ code: 0, signal: null });
    await call;
    expect(truth(sandbox, processorName)).toEqual({ state: "STARTED", changed: false });
  });
});

describe("a client that goes away", () => {
  const readyAfterSeconds = 3;

  /** Begins a call that waits, and breaks it off once Atlas has the write. Gives how long it took, in seconds. */
  async function durationOf(era: "2025" | "2026", meta: JsonObject = {}): Promise<number> {
    const server = await serving();
    sandbox.state.readyAfterMs = readyAfterSeconds * 1_000;
    const params: JsonObject = { name: tool, arguments: { ...create(freshName()), waitUntilReady: true } };
    const isModern = era === "2026";
    const body = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { ...params, ...(isModern && { _meta: { ...ownMeta, ...meta } }) },
    };
    const leave = new AbortController();
    const headers = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(isModern && headersOf("tools/call", params)),
    };
    const sent = fetch(server.url, { method: "POST", headers, body: JSON.stringify(body), signal: leave.signal });
    const read = sent.then((response) => response.text()).catch(() => {});
    await waitUntil(() => sandbox.requests.some(({ method, status }) => method === "POST" && status === 200));
    leave.abort();
    await read;
    const counted = /^atlas_streams_mcp_call_duration_seconds_sum\{tool="create_stream_connection"\} (\S+)$/m;
    let metrics = "";
    await waitUntil(async () => {
      metrics = (await server.page("/metrics")).text;
      return counted.test(metrics) && /^atlas_streams_mcp_requests_in_progress 0$/m.test(metrics);
    });
    return Number(counted.exec(metrics)?.[1]);
  }

  test("cancels its call in the 2026 era", async () => {
    expect(await durationOf("2026")).toBeLessThan(readyAfterSeconds);
  });

  test("cancels it in the middle of an event stream, too", async () => {
    expect(await durationOf("2026", { progressToken: 1 })).toBeLessThan(readyAfterSeconds);
  });

  test("may have lost its connection in the 2025 era: the call goes on", async () => {
    expect(await durationOf("2025")).toBeGreaterThan(readyAfterSeconds);
  });
});

describe("a caller", () => {
  test("may make so many requests a minute; the others are refused with when to ask again", async () => {
    const server = await serving(["--calls-per-minute", "2"]);
    await server.ask("server/discover");
    await server.ask("tools/list");
    expect(await server.call("list_projects")).toMatchObject({ outcome: "ok" });
    const params = { name: tool, arguments: simple(), _meta: ownMeta };
    const body = { jsonrpc: "2.0", id: "over", method: "tools/call", params };
    const response = await server.post(body, headersOf("tools/call", params));
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toSatisfy((seconds: number) => seconds >= 1 && seconds <= 60);
    expect(await messagesOf(response)).toMatchObject([{ id: "over", error: { code: -32000 } }]);
    expect(creates(sandbox)).toEqual([]);
    expect((await server.page("/metrics")).text).toContain('limited_total{limit="calls_per_minute"} 1');
  });

  test("may have so many under way at once, and more once they have ended", async () => {
    const server = await serving(["--concurrent", "1"]);
    sandbox.faults.add({ method: "POST", path: /connections$/, fault: { kind: "delay", ms: 1_000 } });
    const first = server.call(tool, simple());
    await waitUntil(() => creates(sandbox).length === 1);
    expect(await server.ask("tools/list")).toMatchObject({ status: 429 });
    expect(await first).toMatchObject({ outcome: "created" });
    expect(await server.ask("tools/list")).toMatchObject({ status: 200 });
  });
});
