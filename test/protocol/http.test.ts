/** Streamable HTTP in front of services in this process: what takes time there. */
import { createServer } from "node:http";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { readSettings } from "../../src/config/settings.ts";
import { isObject } from "../../src/json.ts";
import { createHttpHandler, type HttpHandler } from "../../src/protocol/http.ts";
import { readMessage } from "../../src/protocol/read-message.ts";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { sandboxEmptyTenant, sandboxProject } from "../../src/sandbox/data/seed.ts";
import { createServices, type Services } from "../../src/services.ts";
import { headersOf, ownMeta } from "../support/eras.ts";

import { listen } from "../support/listen.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";

const place = { groupId: sandboxProject.groupId, tenantName: sandboxEmptyTenant };

let sandbox: Sandbox;
let services: Services;
let handler: HttpHandler;
let http: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  sandbox = await startSandbox({ readyAfterMs: Number.POSITIVE_INFINITY });
  const variables = {
    MONGODB_ATLAS_ACCESS_TOKEN: sandboxCredentials.accessToken,
    MONGODB_ATLAS_BASE_URL: sandbox.url,
  };
  services = createServices(readSettings(variables), {});
  handler = createHttpHandler(() => {});
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const content = readMessage(Buffer.concat(pieces));
    if (content?.kind !== "message") throw new Error("A test sends no such thing");
    await handler.handle(request, response, { message: content.message, services, stop: new AbortController() });
  });
  http = await listen(server);
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  await handler.close();
  await Promise.all([http.close(), services.atlas.close(), sandbox.close()]);
});

test("an event stream on which nothing happens has a comment every 15 s", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const params = {
    name: "create_stream_connection",
    arguments: { ...place, connection: { name: "waited-for", type: "Sample" }, waitUntilReady: true },
    _meta: { ...ownMeta, progressToken: 1 },
  };
  const leave = new AbortController();
  const response = await fetch(`http://127.0.0.1:${http.port}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headersOf("tools/call", params) },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
    signal: leave.signal,
  });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let read = "";
  const comments = () => read.split("\n").filter((line) => line.startsWith(":")).length;
  for (let expected = 1; expected <= 2; expected++) {
    vi.advanceTimersByTime(14_999);
    expect(comments()).toBe(expected - 1);
    vi.advanceTimersByTime(1);
    while (comments() < expected) read += (await reader?.read())?.value ?? "";
  }
  leave.abort();
});

test("the caller's token stays with the guard: no tool sees it", async () => {
  const params = { name: "list_stream_connections", arguments: place, _meta: ownMeta };
  const response = await fetch(`http://127.0.0.1:${http.port}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headersOf("tools/call", params), authorization: "Bearer x.y.z" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
  });
  const answer: unknown = await response.json();
  expect(isObject(answer) && answer["result"]).toMatchObject({ isError: false });
  const sent = sandbox.requests.map(({ headers }) => JSON.stringify(headers)).join();
  expect(sent).not.toContain("x.y.z");
});
