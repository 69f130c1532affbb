/** `serve` as clients of both eras meet it, and what it refuses before the protocol. */
import { request as httpRequest } from "node:http";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sandboxEmptyTenant, sandboxProject } from "../../src/sandbox/data/seed.ts";
import { headersOf, modern, ownMeta } from "../support/eras.ts";
import { type HttpServer, messagesOf, startHttpServer } from "../support/http-server.ts";
import { runCommand } from "../support/run-command.ts";

const origin = "https://app.example";
const place = { groupId: sandboxProject.groupId, tenantName: sandboxEmptyTenant };

let server: HttpServer;
beforeAll(async () => {
  server = await startHttpServer({ args: ["--sandbox", "--allowed-origins", origin] });
});
afterAll(async () => {
  expect(await server.close()).toEqual({ code: 0, signal: null });
  expect(server.process.stdout()).toBe("");
});

const listTools = { jsonrpc: "2.0", id: 1, method: "tools/list", params: modern() };

/** A request with headers that `fetch` does not let anybody set. */
const raw = (headers: Record<string, string>, method = "POST", path = new URL(server.url).pathname): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const sent = httpRequest({ hostname, port, path, method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end(method === "POST" ? JSON.stringify(listTools) : undefined);
  });

const json = { "content-type": "application/json", ...headersOf("tools/list") };

describe("the SDK's own client", () => {
  test("in the 2026 era lists the tools and calls one", async () => {
    const client = new Client({ name: "t", version: "1" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
    await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("create_stream_connection");
    const result = await client.callTool({ name: "list_projects", arguments: {} });
    expect(result.structuredContent).toMatchObject({ outcome: "ok" });
    await client.close();
  });

  test("in the 2025 era lists the tools, creates something and hears how far it is", async () => {
    const client = new Client({ name: "t", version: "1" }, { versionNegotiation: { mode: "legacy" } });
    await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("create_stream_connection");
    const heard: string[] = [];
    const result = await client.callTool(
      {
        name: "create_stream_connection",
        arguments: { ...place, connection: { name: "of-2025", type: "Sample" }, waitUntilReady: true },
      },
      { onprogress: ({ message }) => heard.push(message ?? "") },
    );
    expect(result.structuredContent).toMatchObject({ outcome: "created", connection: { state: "READY" } });
    expect(heard.length).toBeGreaterThan(0);
    await client.close();
  });
});

describe("the 2026 era", () => {
  test("answers with JSON, and says what may be kept", async () => {
    const response = await server.post(listTools, headersOf("tools/list"));
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("mcp-session-id")).toBeNull();
    const [message] = await messagesOf(response);
    expect(message).toMatchObject({
      id: 1,
      result: { resultType: "complete", ttlMs: expect.any(Number), cacheScope: "private", tools: expect.any(Array) },
    });
  });

  test("answers with an event stream once there is progress", async () => {
    const params = {
      name: "create_stream_connection",
      arguments: { ...place, connection: { name: "of-2026", type: "Sample" }, waitUntilReady: true },
      _meta: { ...ownMeta, progressToken: "p" },
    };
    const body = { jsonrpc: "2.0", id: 7, method: "tools/call", params };
    const response = await server.post(body, headersOf("tools/call", params));
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const messages = await messagesOf(response);
    expect(messages.at(-1)).toMatchObject({ id: 7, result: { structuredContent: { outcome: "created" } } });
    const progress = messages.slice(0, -1);
    expect(progress.length).toBeGreaterThan(0);
    for (const message of progress)
      expect(message).toMatchObject({ method: "notifications/progress", params: { progressToken: "p" } });
  });

  test("sends log entries of a request to whoever sent it and asked for them, and to nobody else", async () => {
    const ask = async (id: string, meta: Record<string, unknown>) => {
      const params = { name: "list_projects", arguments: {}, _meta: { ...ownMeta, ...meta } };
      const body = { jsonrpc: "2.0", id, method: "tools/call", params };
      const messages = await messagesOf(await server.post(body, headersOf("tools/call", params)));
      expect(messages.at(-1)).toMatchObject({ id });
      return messages.slice(0, -1).map(({ method, params }) => [method, Object(Object(params)["data"])["requestId"]]);
    };
    const asking = { "io.modelcontextprotocol/logLevel": "debug" };
    const [first, second, silent] = await Promise.all([ask("a", asking), ask("b", asking), ask("c", {})]);
    expect(silent).toEqual([]);
    for (const heard of [first, second]) {
      expect(heard?.length).toBeGreaterThan(1);
      expect(new Set(heard?.map(([method, requestId]) => `${method} ${requestId}`)).size).toBe(1);
    }
    expect(first?.[0]).not.toEqual(second?.[0]);
  });

  test("discovers", async () => {
    const { status, message } = await server.ask("server/discover");
    expect(status).toBe(200);
    expect(message).toMatchObject({
      result: { supportedVersions: ["2026-07-28"], instructions: expect.stringContaining("sandbox") },
    });
  });

  test("takes a notification with 202 and no body", async () => {
    const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1, ...modern() } };
    const response = await server.post(cancelled, headersOf("notifications/cancelled"));
    expect([response.status, await response.text()]).toEqual([202, ""]);
  });

  test.each([
    ["without MCP-Protocol-Version", { "mcp-protocol-version": undefined }, 400, -32020],
    ["with that of another revision", { "mcp-protocol-version": "2025-11-25" }, 400, -32020],
    ["without Mcp-Method", { "mcp-method": undefined }, 400, -32020],
    ["with another Mcp-Method", { "mcp-method": "tools/list" }, 400, -32020],
    ["without Mcp-Name", { "mcp-name": undefined }, 400, -32020],
    ["with another Mcp-Name", { "mcp-name": "delete_stream_connection" }, 400, -32020],
  ])("refuses a call %s", async (_, changes, status, code) => {
    const params = { name: "list_projects", arguments: {}, ...modern() };
    const body = { jsonrpc: "2.0", id: "x", method: "tools/call", params };
    const all = Object.entries({ ...headersOf("tools/call", params), ...changes });
    const headers = Object.fromEntries(all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
    const response = await server.post(body, headers);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ id: "x", error: { code } });
  });

  test("refuses a revision that it does not know with those that it knows", async () => {
    for (const revision of ["2099-01-01", "1.0"]) {
      const _meta = { ...ownMeta, "io.modelcontextprotocol/protocolVersion": revision };
      const headers = { "mcp-protocol-version": revision, "mcp-method": "tools/list" };
      for (const meta of [_meta, { "io.modelcontextprotocol/protocolVersion": revision }]) {
        const response = await server.post({ ...listTools, params: { _meta: meta } }, headers);
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({
          id: 1,
          error: { code: -32022, data: { supported: ["2026-07-28"], requested: revision } },
        });
      }
    }
  });

  test("has no methods but its own", async () => {
    for (const method of ["no/such", "ping", "logging/setLevel", "constructor"]) {
      const { status, message } = await server.ask(method);
      expect([method, status, message["error"]]).toMatchObject([method, 404, { code: -32601 }]);
    }
  });

  test("refuses a request that lacks what each has to say of itself", async () => {
    const response = await server.post({ ...listTools, params: {} }, headersOf("tools/list"));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: -32602 } });
  });

  test("answers what is wrong with a call in its own words", async () => {
    const { status, message } = await server.ask("tools/call", { name: "no_such_tool" });
    expect([status, message["error"]]).toMatchObject([200, { code: -32602 }]);
  });
});

describe("before the protocol", () => {
  test.each(["GET", "DELETE", "PUT", "HEAD"])("%s is not allowed", async (method) => {
    const response = await fetch(server.url, { method, headers: { accept: "text/event-stream" } });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("there is one path", async () => {
    for (const path of ["/", "/mcp/", "/other", "/.well-known/oauth-protected-resource/mcp"]) {
      const response = await fetch(new URL(path, server.url), { method: "POST", body: "{}" });
      expect([path, response.status]).toEqual([path, 404]);
    }
    expect(
      (await fetch(`${server.url}?a=b`, { method: "POST", body: JSON.stringify(listTools), headers: json })).status,
    ).toBe(200);
  });

  test("Host has to be this machine's", async () => {
    const { port } = new URL(server.url);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`])
      expect([host, await raw({ ...json, host })]).toEqual([host, 200]);
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "localhost",
      "127.0.0.1:1",
      `127.0.0.1.evil.example:${port}`,
    ])
      expect([host, await raw({ ...json, host })]).toEqual([host, 403]);
    // What a proxy says is not believed.
    expect(await raw({ ...json, host: "evil.example", "x-forwarded-host": `127.0.0.1:${port}` })).toBe(403);
  });

  test("Origin has to be one that is allowed", async () => {
    for (const other of ["https://evil.example", "null", new URL(server.url).origin, `${origin}.evil.example`])
      expect((await server.post(listTools, { ...headersOf("tools/list"), origin: other })).status).toBe(403);
    const allowed = await server.post(listTools, { ...headersOf("tools/list"), origin });
    expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([200, origin]);
    const asked = await fetch(server.url, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-headers")).toMatch(/authorization.*mcp-protocol-version/i);
    expect((await fetch(server.url, { method: "OPTIONS", headers: { origin: "https://evil.example" } })).status).toBe(
      403,
    );
  });

  test.each([
    ["nothing", "", 400, -32600],
    ["no JSON", "{", 400, -32700],
    ["no message", "[]", 400, -32600],
    ["a batch", JSON.stringify([listTools]), 400, -32600],
    ["an id that is none", JSON.stringify({ ...listTools, id: {} }), 400, -32600],
    ["a text", '"x"', 400, -32600],
  ])("a body with %s is refused", async (_, body, status, code) => {
    const response = await server.post(body, headersOf("tools/list"));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ id: null, error: { code } });
  });

  test("a body of another type is refused", async () => {
    expect((await server.post(listTools, { ...headersOf("tools/list"), "content-type": "text/plain" })).status).toBe(
      415,
    );
  });

  test("a body over 4 MiB is refused by its id, one of 4 MiB is read", async () => {
    const sized = (bytes: number) => {
      const start = JSON.stringify({ ...listTools, id: "big" }).slice(0, -1);
      return `${start},"pad":"${"x".repeat(bytes - start.length - 10)}"}`;
    };
    const limit = 4 * 1024 * 1024;
    expect((await server.post(sized(limit), headersOf("tools/list"))).status).toBe(200);
    const response = await server.post(sized(limit + 1), headersOf("tools/list"));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ id: "big", error: { code: -32600 } });
  });
});

describe("the other port", () => {
  test("says that the server lives and is ready", async () => {
    expect(await server.page("/livez")).toEqual({ status: 200, text: "ok\n" });
    expect(await server.page("/readyz")).toEqual({ status: 200, text: "ok\n" });
    expect(await server.page("/mcp")).toMatchObject({ status: 404 });
    expect((await fetch(`${server.ops}/metrics`, { method: "POST" })).status).toBe(405);
  });

  test("counts calls by tool and outcome", async () => {
    const counted = async (line: string) =>
      Number(new RegExp(`^${line} (\\d+)$`, "m").exec((await server.page("/metrics")).text)?.[1] ?? 0);
    const failed =
      'atlas_streams_mcp_calls_total{tool="get_stream_connection",outcome="failed",kind="not_found"}'.replace(
        /[{}]/g,
        "\\$&",
      );
    const before = await counted(failed);
    await server.call("get_stream_connection", { ...place, connectionName: "nowhere" });
    expect(await counted(failed)).toBe(before + 1);
    const { text } = await server.page("/metrics");
    expect(text).toMatch(/^atlas_streams_mcp_call_duration_seconds_count\{tool="get_stream_connection"\} \d+$/m);
    for (const line of text.trimEnd().split("\n"))
      expect(line).toMatch(/^# (HELP|TYPE) |^[a-z_]+(\{([a-z_]+="[^"\\]*",?)*\})? \d+(\.\d+)?(e-?\d+)?$/);
  });
});

describe("it does not start", () => {
  test.each([
    ["beyond loopback without an issuer, a public URL and a policy", ["--listen", "0.0.0.0:0"], /only with an issuer/],
    ["with arguments", ["now"], /takes flags only/],
    ["with an address that is none", ["--listen", "8080"], /ATLAS_STREAMS_MCP_LISTEN is "8080"/],
    ["with a policy that nobody can be told apart by", ["--policy", "/nowhere"], /who calls/],
    [
      "with a policy that is not there",
      ["--policy", "/nowhere", "--issuer", "https://login.example"],
      /\/nowhere: ENOENT/,
    ],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await runCommand(["serve", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^atlas-streams-mcp: .*\n$/);
    expect(stderr).toMatch(message);
  });

  test("without the command: flags of it are refused", async () => {
    expect(await runCommand(["--listen", "127.0.0.1:0"])).toMatchObject({
      code: 2,
      stderr: "atlas-streams-mcp: --listen belongs to serve.\n",
    });
  });

  test("where something else listens", async () => {
    const address = new URL(server.url).host;
    expect(await runCommand(["serve", "--sandbox", "--ops-listen", "127.0.0.1:0", "--listen", address])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("EADDRINUSE"),
    });
  });
});

test("an audit on stdout has a line before the first write and one at the end", async () => {
  const audited = await startHttpServer({ args: ["--sandbox", "--audit", "-"] });
  await audited.call("create_stream_connection", { ...place, connection: { name: "audited", type: "Sample" } });
  await audited.close();
  const lines = audited.process.stdout().trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { phase: "begin", tool: "create_stream_connection", name: "audited" },
    { phase: "end", outcome: "created" },
  ]);
});

test("secrets come as references, and no page is offered", async () => {
  const kafka = {
    name: "k",
    type: "Kafka",
    bootstrapServers: "b.example:9092",
    security: { protocol: "SASL_SSL" },
    authentication: { mechanism: "PLAIN", username: "u" },
  };
  const meta = { "io.modelcontextprotocol/clientCapabilities": { elicitation: { url: {} } } };
  const args = (authentication: object) => ({
    ...place,
    connection: { ...kafka, authentication: { ...kafka.authentication, ...authentication } },
  });
  for (const authentication of [{ password: "inline-secret-value" }, {}]) {
    const params = { name: "create_stream_connection", arguments: args(authentication), _meta: meta };
    const { message } = await server.ask("tools/call", params);
    expect(message).toMatchObject({
      result: { resultType: "complete", structuredContent: { outcome: "failed", error: { kind: "invalid_input" } } },
    });
    expect(JSON.stringify(message)).not.toContain("inline-secret-value");
  }
});
