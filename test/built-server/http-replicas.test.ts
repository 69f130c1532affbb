/**
 * Three replicas behind a proxy that sends each request to the next of them. One is killed and one is restarted in the
 * middle of calls: no write is lost, and none is done twice.
 */
import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { isObject, type JsonObject } from "../../src/json.ts";
import { creates, place, variablesFor } from "../support/against-sandbox.ts";
import { eras, headersOf } from "../support/eras.ts";
import { freePort, type HttpServer, messagesOf, startHttpServer } from "../support/http-server.ts";
import { listen } from "../support/listen.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";

/** A load balancer as simple as can be: what a replica does not take goes to the next one, what it drops is lost. */
function roundRobin(ports: readonly number[]): Server {
  let turn = 0;
  return createServer((incoming, response) => {
    const pieces: Buffer[] = [];
    incoming.on("data", (piece: Buffer) => pieces.push(piece));
    incoming.on("end", () => {
      const body = Buffer.concat(pieces);
      const attempt = (left: number): void => {
        if (left === 0) return void response.writeHead(503).end();
        const port = ports[turn++ % ports.length];
        const outgoing = httpRequest({
          host: "127.0.0.1",
          port,
          path: incoming.url,
          method: "POST",
          headers: incoming.headers,
          agent: false,
        });
        outgoing.on("response", (answer: IncomingMessage) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
          answer.on("error", () => response.destroy());
        });
        outgoing.on("error", (error) => {
          const isRefused = "code" in error && error.code === "ECONNREFUSED";
          if (isRefused) attempt(left - 1);
          else if (response.headersSent) response.destroy();
          else response.writeHead(502).end();
        });
        outgoing.end(body);
      };
      attempt(ports.length);
    });
  });
}

let sandbox: Sandbox;
let ports: number[];
let proxy: Awaited<ReturnType<typeof listen>>;
let url: string;
let replicas: HttpServer[];

const start = (port: number | undefined) =>
  startHttpServer({
    args: ["--listen", `127.0.0.1:${port}`, "--public-url", url, "--concurrent", "100"],
    env: { ...variablesFor(sandbox), ATLAS_STREAMS_MCP_CHECK_MS: "2000" },
  });

beforeAll(async () => {
  sandbox = await startSandbox();
  ports = [await freePort(), await freePort(), await freePort()];
  proxy = await listen(roundRobin(ports));
  url = `http://127.0.0.1:${proxy.port}/mcp`;
  replicas = await Promise.all(ports.map(start));
});
afterEach(() => {
  sandbox.faults.clear();
  sandbox.requests.length = 0;
});
afterAll(async () => {
  for (const { process } of replicas) {
    process.child.kill("SIGKILL");
    await process.ended;
  }
  await proxy.close();
  await sandbox.close();
});

let ids = 0;

/** Calls as an agent does that repeats what got no answer. Gives the last result, and how often it called. */
async function call(tool: string, args: JsonObject, era: (typeof eras)[number]) {
  for (let times = 1; times <= 8; times++) {
    const params = era.params({ name: tool, arguments: args });
    const body = JSON.stringify({ jsonrpc: "2.0", id: ++ids, method: "tools/call", params });
    const headers = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(era.name === "2026" && headersOf("tools/call", params)),
    };
    try {
      const response = await fetch(url, { method: "POST", headers, body });
      if (response.status !== 200) continue;
      const result = (await messagesOf(response)).at(-1)?.["result"];
      const content = isObject(result) ? result["structuredContent"] : undefined;
      if (isObject(content) && content["outcome"] !== "failed") return { content, times };
    } catch {
      // The replica has gone in the middle of its answer.
    }
  }
  throw new Error(`${tool} was called again and again for nothing`);
}

test.each(eras)(
  "in the $name era",
  async (era) => {
    sandbox.faults.add({ method: "POST", path: /\/connections$/, times: 1_000, fault: { kind: "delay", ms: 300 } });
    const names = Array.from({ length: 30 }, (_, at) => `of-${era.name}-${at}`);
    const calls = names.map((name) =>
      call("create_stream_connection", { ...place, connection: { name, type: "Sample" } }, era),
    );
    const reads = names.map(() => call("list_stream_connections", place, era));

    await vi.waitFor(() => expect(creates(sandbox).length).toBeGreaterThan(3), { interval: 5, timeout: 15_000 });
    const [killed, restarted] = replicas;
    killed?.process.child.kill("SIGKILL");
    const ended = restarted?.close();
    await killed?.process.ended;
    expect(await ended).toEqual({ code: 0, signal: null });
    replicas.splice(0, 2, await start(ports[0]), await start(ports[1]));

    const results = await Promise.all(calls);
    await Promise.all(reads);
    for (const { content } of results) expect(["created", "already_exists"]).toContain(content["outcome"]);
    // Some had their answer only from another replica.
    expect(results.some(({ times }) => times > 1)).toBe(true);
    const done = creates(sandbox).filter(({ status }) => status === 200);
    const doneNames = done.map(({ body }) => (isObject(body) ? body["name"] : undefined));
    expect(doneNames.sort()).toEqual([...names].sort());
  },
  60_000,
);
