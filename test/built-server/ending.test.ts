/** The end of the process: with its client, within a second, quietly, whatever is under way. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { creates, freshName, simple, tokenRequests, variablesFor } from "../support/against-sandbox.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import type { CredentialKind } from "../support/server.ts";
import { serverPath } from "../support/server.ts";
import { createCall, type ServerProcess, startProcess } from "../support/server-process.ts";

/** The contract's second, with room for a machine that has other things to do. */
const SOON_MS = 3_000;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(() => {
  sandbox.faults.clear();
  sandbox.requests.length = 0;
});
afterAll(() => sandbox.close());

const waitUntil = (happened: () => boolean) =>
  vi.waitFor(() => expect(happened()).toBe(true), { interval: 5, timeout: 15_000 });

/** A server that has shaken hands. */
async function ready(credentials?: CredentialKind): Promise<ServerProcess> {
  const server = startProcess({ env: variablesFor(sandbox, credentials) });
  await server.initialize();
  return server;
}

/** The same with a call under way that Atlas does not answer. */
async function inMidCall(): Promise<ServerProcess> {
  const server = await ready();
  sandbox.faults.add({ method: "POST", fault: { kind: "silence-before-acting" } });
  server.request("call", "tools/call", createCall(simple()));
  await waitUntil(() => creates(sandbox).length === 1);
  return server;
}

async function endOf(server: ServerProcess) {
  const from = performance.now();
  const how = await server.ended;
  expect(performance.now() - from).toBeLessThan(SOON_MS);
  return how;
}

const ends: [string, (server: ServerProcess) => void][] = [
  ["the end of its input", ({ child }) => child.stdin.end()],
  ["SIGTERM", ({ child }) => child.kill("SIGTERM")],
  ["SIGINT", ({ child }) => child.kill("SIGINT")],
  ["SIGHUP", ({ child }) => child.kill("SIGHUP")],
];

describe.each(ends)("%s", (_, cause) => {
  it("ends an idle server at once, with code 0 and in silence", async () => {
    const server = await ready();
    cause(server);
    expect(await endOf(server)).toEqual({ code: 0, signal: null });
    expect(server.stderr()).toBe("");
  });

  it("ends a server with a call in flight at once; the call is cancelled", async () => {
    const server = await inMidCall();
    cause(server);
    expect(await endOf(server)).toEqual({ code: 0, signal: null });
    expect(server.messages().filter(({ id }) => id === "call")).toEqual([]);
  });
});

describe("a server that waits", () => {
  it.each([
    ["for a token", "service account", { kind: "silence-before-acting" }, /oauth\/token$/],
    ["for a slow answer", "access token", { kind: "slow-body", bytesPerSecond: 20 }, /connections$/],
    [
      "before it tries again",
      "access token",
      { kind: "answer", status: 429, headers: { "retry-after": "5" } },
      /connections$/,
    ],
  ] as const)("%s ends with its input all the same", async (_, credentials, fault, path) => {
    const server = await ready(credentials);
    sandbox.faults.add({ method: "POST", path, fault });
    server.request("call", "tools/call", createCall(simple()));
    await waitUntil(() => tokenRequests(sandbox).length + creates(sandbox).length >= 1);
    server.child.stdin.end();
    expect(await endOf(server)).toEqual({ code: 0, signal: null });
  });

  it("for its own sandbox ends with its input", async () => {
    const server = startProcess({ args: ["--sandbox"] });
    await server.initialize();
    server.child.stdin.end();
    expect(await endOf(server)).toEqual({ code: 0, signal: null });
  });
});

describe("the last answers", () => {
  it("still get out where the input ends right behind the requests", async () => {
    const server = startProcess({ env: variablesFor(sandbox) });
    server.request(1, "initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "test", version: "0" },
    });
    server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    server.request(2, "tools/list");
    server.child.stdin.end();
    expect(await endOf(server)).toEqual({ code: 0, signal: null });
    expect(server.messages().map(({ id }) => id)).toEqual([1, 2]);
  });
});

describe("a stdout that was closed", () => {
  it("ends the server at its next word, with code 0 and in silence", async () => {
    const server = await ready();
    server.child.stdout.destroy();
    await once(server.child.stdout, "close");
    server.request("ping", "ping");
    expect(await endOf(server)).toEqual({ code: 0, signal: null });
    expect(server.stderr()).toBe("");
  });

  it("with stderr closed too ends it just the same", async () => {
    const server = await ready();
    for (const stream of [server.child.stdout, server.child.stderr]) {
      stream.destroy();
      await once(stream, "close");
    }
    server.send("nonsense");
    expect(await endOf(server)).toEqual({ code: 0, signal: null });
  });
});

describe("a client that is killed", () => {
  it("leaves no server behind, even in the middle of a call", async () => {
    sandbox.faults.add({ method: "POST", fault: { kind: "silence-before-acting" } });
    const lines = [
      {
        id: 1,
        method: "initialize",
        params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "0" } },
      },
      { method: "notifications/initialized" },
      { id: 2, method: "tools/call", params: createCall(simple(freshName())) },
    ].map((line) => JSON.stringify({ jsonrpc: "2.0", ...line }));
    const client = spawn(
      process.execPath,
      [
        "-e",
        `const { spawn } = require("node:child_process");
         const server = spawn(process.execPath, [process.argv[1]], { stdio: ["pipe", "pipe", "inherit"] });
         server.stdin.write(process.argv[2]);`,
        serverPath,
        `${lines.join("\n")}\n`,
      ],
      { env: variablesFor(sandbox), stdio: ["ignore", "ignore", "pipe"] },
    );
    await waitUntil(() => creates(sandbox).length === 1);
    const from = performance.now();
    client.kill("SIGKILL");
    client.stderr.resume();
    // The server holds this pipe too: it ends once both are gone.
    await once(client.stderr, "end");
    expect(performance.now() - from).toBeLessThan(SOON_MS);
  });
});
