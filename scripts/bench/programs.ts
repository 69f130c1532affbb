/** The programs that the bench compares with the server, and how it runs and talks to both. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import { bundling } from "../bundling.ts";

/** Answers every request without any library: what Node alone needs for that. */
const bareNode = `
process.stdin.setEncoding("utf8").on("data", (text) => {
  for (const line of text.split("\\n").filter(Boolean))
    process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(line).id, result: {} }) + "\\n");
});`;

const tool = '{ name: "tool", description: "A tool", inputSchema: { type: "object" } }';

const sdk1 = `
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
const server = new Server({ name: "bare", version: "1.0.0" }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [${tool}] }));
await server.connect(new StdioServerTransport());`;

const sdk2 = `
import { Server } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
serveStdio(() => {
  const server = new Server({ name: "bare", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({ tools: [${tool}] }));
  return server;
});`;

/** The SDK's handler for HTTP with a tool that does nothing; prints its address. */
const sdkHttp = `
import { createServer } from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, Server } from "@modelcontextprotocol/server";
const handler = createMcpHandler(() => {
  const server = new Server({ name: "bare", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({ tools: [${tool}] }));
  server.setRequestHandler("tools/call", () => ({
    content: [{ type: "text", text: "{}" }],
    structuredContent: { outcome: "ok" },
  }));
  return server;
});
const http = createServer(toNodeHandler(handler));
http.listen(0, "127.0.0.1", () => console.error(JSON.stringify({ url: "http://127.0.0.1:" + http.address().port + "/" })));`;

/** Sends the HTTP request that each line holds, and answers with the whole body. */
const undici = `
import { createInterface } from "node:readline";
import { Agent } from "undici";
const agent = new Agent();
createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, ...request } = JSON.parse(line);
  const { statusCode, body } = await agent.request(request);
  process.stdout.write(JSON.stringify({ id, status: statusCode, body: await body.text() }) + "\\n");
});`;

/** The paths of the bundled programs. */
export type Programs = Awaited<ReturnType<typeof buildPrograms>>;

/** Bundles the programs into `folder`, with the same options as the server, so that the comparison is fair. */
export async function buildPrograms(folder: string) {
  const bundled = async (name: string, contents: string) => {
    const outfile = join(folder, `${name}.mjs`);
    await build({ stdin: { contents, resolveDir: import.meta.dirname }, outfile, ...bundling });
    return outfile;
  };
  return {
    bareNode: await bundled("bare-node", bareNode),
    sdk1: await bundled("sdk-1", sdk1),
    sdk2: await bundled("sdk-2", sdk2),
    sdkHttp: await bundled("sdk-http", sdkHttp),
    undici: await bundled("undici", undici),
  };
}

type Line = Record<string, unknown>;

/** What a client sends, in each era of MCP, until it has the list of tools. */
export interface Era {
  first: Line;
  notification?: Line;
  list: Line;
}

const listTools = { jsonrpc: "2.0", method: "tools/list" };
const metaKey = (name: string) => `io.modelcontextprotocol/${name}`;
const params2026 = { _meta: { [metaKey("protocolVersion")]: "2026-07-28", [metaKey("clientCapabilities")]: {} } };

export const era2025: Era = {
  first: {
    jsonrpc: "2.0",
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "bench", version: "1.0.0" } },
  },
  notification: { jsonrpc: "2.0", method: "notifications/initialized" },
  list: listTools,
};

export const era2026: Era = {
  first: { jsonrpc: "2.0", method: "server/discover", params: params2026 },
  list: { ...listTools, params: params2026 },
};

export interface RunningProgram {
  /** Sends a line with a new `id`, and resolves with the line that answers it. */
  ask(line: Line): Promise<string>;
  send(line: Line): void;
  /** Its peak memory so far, in MB. */
  memory(): number;
  /** Closes its input, and waits until it has exited. */
  end(): Promise<void>;
}

/** Starts a program that reads and writes lines of JSON. */
export function startProgram(path: string, env: Record<string, string> = {}): RunningProgram {
  const child = spawn(process.execPath, [path], { env, stdio: ["pipe", "pipe", "inherit"] });
  const waiting = new Map<string, { resolve: (line: string) => void; reject: (error: Error) => void }>();
  child.once("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error(`${path} exited before it answered`));
  });
  readLines(child.stdout, (line) => {
    // Parsing the line would cost more, and the time would count as the program's.
    const id = /"(bench-\d+)"/.exec(line)?.[1] ?? "";
    waiting.get(id)?.resolve(line);
    waiting.delete(id);
  });
  const send = (line: Line) => child.stdin.write(`${JSON.stringify(line)}\n`);
  let ids = 0;
  return {
    send,
    ask: (line) =>
      new Promise((resolve, reject) => {
        const id = `bench-${++ids}`;
        waiting.set(id, { resolve, reject });
        send({ ...line, id });
      }),
    memory: () => peakMemory(child.pid ?? 0),
    async end() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

/** By hand, since `node:readline` would cost more. */
function readLines(input: Readable, onLine: (line: string) => void): void {
  let rest = "";
  input.setEncoding("utf8").on("data", (piece: string) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
}

/** Only Linux keeps the peak; elsewhere this is the memory in use now. */
function peakMemory(pid: number): number {
  if (process.platform === "linux") {
    const kilobytes = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes) / 1024;
  }
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024;
}
