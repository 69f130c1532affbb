/** What holds in either era: the same lists and results, and the manners on stdio. */
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { connectionTypes } from "../../src/connections/union.ts";
import type { JsonObject } from "../../src/json.ts";
import { creates, place, simple, variablesFor } from "../support/against-sandbox.ts";
import { type Era, eras, resultOf } from "../support/eras.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { createCall, resultIn, type ServerProcess, startProcess } from "../support/server-process.ts";
import { at } from "../support/shared-atlas.ts";

/** The contract's second, with room for a machine that has other things to do. */
const SOON_MS = 3_000;

/** How long a call may take by itself, as the settings have it. */
const CALL_LIMIT_MS = 30_000;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ readyAfterMs: 100 });
});
afterEach(() => {
  sandbox.faults.clear();
  sandbox.requests.length = 0;
});
afterAll(() => sandbox.close());

const requestsOf: [method: string, params: JsonObject][] = [
  ["tools/list", {}],
  ["prompts/list", {}],
  ["resources/list", {}],
  ["resources/templates/list", {}],
  ["resources/read", { uri: "atlas-streams://types" }],
  ["resources/read", { uri: "atlas-streams://types/Kafka" }],
  ["resources/read", { uri: "atlas-streams://stages" }],
  ["prompts/get", { name: "connect_source", arguments: { what: "our Kafka" } }],
  [
    "completion/complete",
    { ref: { type: "ref/resource", uri: "atlas-streams://types/{type}" }, argument: { name: "type", value: "k" } },
  ],
  // Told to be invalid without a look at Atlas.
  ["tools/call", createCall(place)],
];

describe("in both eras", () => {
  const servers = new Map<string, ServerProcess>();
  beforeAll(async () => {
    for (const { name, open } of eras) {
      const server = startProcess();
      await open(server);
      servers.set(name, server);
    }
  });
  afterAll(async () => {
    for (const server of servers.values()) {
      server.child.stdin.end();
      await server.ended;
    }
  });

  it.each(requestsOf)("%s %j is answered with the same bytes", async (method, params) => {
    const texts = eras.map(async ({ name, params: spoken }) => {
      const answer = resultOf((await servers.get(name)?.ask(method, spoken(params))) ?? {});
      // What the 2026 era adds to every result.
      const { resultType: _r, ttlMs: _t, cacheScope: _c, _meta, ...result } = answer;
      // A call's result names the call.
      return JSON.stringify(result).replaceAll(/(requestId\\*":\\*")[0-9a-f]+/g, "$1");
    });
    const [old, now] = await Promise.all(texts);
    expect(now).toBe(old);
  });
});

async function start(open: Era["open"]): Promise<ServerProcess> {
  const server = startProcess({ env: { ...variablesFor(sandbox), ATLAS_STREAMS_MCP_CHECK_MS: "50" } });
  await open(server);
  return server;
}

async function kill(server: ServerProcess): Promise<void> {
  server.child.kill("SIGKILL");
  await server.ended;
}

describe.each(eras)("a server of the $name era that is asked one thing after the other", ({ open, params }) => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await start(open);
  });
  afterAll(() => kill(server));

  describe("guides", () => {
    it("lists a resource for each connection type behind the overview and the stages", async () => {
      const { resources } = resultOf(await server.ask("resources/list", params()));
      const types = connectionTypes.map(({ type }) => `atlas-streams://types/${type}`);
      expect(Array.isArray(resources) && resources.map(({ uri }) => uri)).toEqual([
        "atlas-streams://types",
        "atlas-streams://stages",
        ...types,
      ]);
    });

    it("reads every resource that it lists as JSON", async () => {
      for (const { type } of connectionTypes) {
        const uri = `atlas-streams://types/${type}`;
        const { contents } = resultOf(await server.ask("resources/read", params({ uri })));
        expect(contents).toEqual([{ uri, mimeType: "application/json", text: expect.any(String) }]);
        expect(JSON.parse(Object(contents)[0].text)).toMatchObject({ type });
      }
    });

    it("completes the type in the template, and knows no values of a prompt's arguments", async () => {
      const complete = async (ref: JsonObject, name: string) =>
        resultOf(await server.ask("completion/complete", params({ ref, argument: { name, value: "aws" } })));
      const template = { type: "ref/resource", uri: "atlas-streams://types/{type}" };
      const values = connectionTypes.map(({ type }) => type).filter((type) => type.startsWith("AWS"));
      expect(values.length).toBeGreaterThan(1);
      expect(await complete(template, "type")).toMatchObject({
        completion: { values, total: values.length, hasMore: false },
      });
      expect(await complete(template, "other")).toMatchObject({ completion: { values: [] } });
      expect(await complete({ type: "ref/prompt", name: "connect_source" }, "what")).toMatchObject({
        completion: { values: [] },
      });
    });

    it("puts what a person gave into a prompt", async () => {
      const result = resultOf(
        await server.ask(
          "prompts/get",
          params({ name: "connect_source", arguments: { what: "a lake", workspace: "w" } }),
        ),
      );
      expect(result).toMatchObject({
        description: expect.any(String),
        messages: [{ role: "user", content: { type: "text", text: expect.stringMatching(/a lake[\s\S]*"w"/) } }],
      });
    });
  });

  it.each<[string, string, JsonObject, RegExp]>([
    ["a call of no tool", "tools/call", {}, /name/],
    ["a call with arguments that are no object", "tools/call", { name: "x", arguments: "{}" }, /arguments/],
    ["a call of an unknown tool", "tools/call", { name: "create_stream_conection" }, /create_stream_connection\?/],
    ["a call of what every object has", "tools/call", { name: "constructor" }, /no tool constructor/],
    ["a cursor for tools", "tools/list", { cursor: "x" }, /cursor/],
    ["a cursor for prompts", "prompts/list", { cursor: "x" }, /cursor/],
    ["a cursor for resources", "resources/list", { cursor: 1 }, /cursor/],
    ["a cursor for templates", "resources/templates/list", { cursor: "" }, /cursor/],
    ["an unknown prompt", "prompts/get", { name: "x" }, /connect_source/],
    [
      "a prompt's arguments that are no strings",
      "prompts/get",
      { name: "connect_source", arguments: { what: 1 } },
      /arguments/,
    ],
    ["a resource without its URI", "resources/read", {}, /uri/],
    ["a completion of nothing", "completion/complete", {}, /argument/],
    ["a completion for no reference", "completion/complete", { argument: { name: "a", value: "" } }, /ref/],
    [
      "a completion for an unknown template",
      "completion/complete",
      { ref: { type: "ref/resource", uri: "x:{y}" }, argument: { name: "a", value: "" } },
      /template/,
    ],
    [
      "a completion for an unknown prompt",
      "completion/complete",
      { ref: { type: "ref/prompt", name: "x" }, argument: { name: "a", value: "" } },
      /no such prompt/,
    ],
  ])("%s is -32602", async (_, method, given, message) => {
    expect(await server.ask(method, params(given))).toMatchObject({
      error: { code: -32602, message: expect.stringMatching(message) },
    });
  });

  it.each(["no/such/method", "resources/subscribe", "toString", "tasks/list"])("there is no %s", async (method) => {
    expect(await server.ask(method, params({ uri: "x:y" }))).toMatchObject({ error: { code: -32601 } });
  });
});

describe.each(eras)("in the $name era", ({ open, params }) => {
  let server: ServerProcess;
  beforeEach(async () => {
    server = await start(open);
  });
  afterEach(() => kill(server));
  const endOfServer = async () => {
    const from = performance.now();
    const how = await server.ended;
    expect(performance.now() - from).toBeLessThan(SOON_MS);
    return how;
  };
  const waitUntil = (happened: () => boolean) =>
    vi.waitFor(() => expect(happened()).toBe(true), { interval: 5, timeout: 15_000 });

  describe("progress", () => {
    const waiting = () => createCall({ ...simple(), waitUntilReady: true });
    const progressOf = () => server.messages().filter(({ method }) => method === "notifications/progress");

    it("is reported under the token, rising, and before the answer", async () => {
      const answer = await server.ask("tools/call", params(waiting(), { progressToken: "how far" }));
      expect(resultIn(answer)).toMatchObject({ outcome: "created" });
      const reports = progressOf();
      expect(reports.length).toBeGreaterThan(0);
      for (const report of reports)
        expect(report["params"]).toMatchObject({ progressToken: "how far", message: expect.any(String) });
      const values = reports.map((report) => Number(at(report, "params", "progress")));
      expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
      expect(server.messages().at(-1)).toEqual(answer);
    });

    it("is not reported where nobody asked for it", async () => {
      await server.ask("tools/call", params(waiting()));
      expect(progressOf()).toEqual([]);
    });
  });

  it("a cancelled call stops and gets no further message", async () => {
    sandbox.faults.add({ method: "POST", fault: { kind: "silence-before-acting" } });
    server.request("call", "tools/call", params(createCall(simple()), { progressToken: "token" }));
    await waitUntil(() => creates(sandbox).length === 1);
    server.send({
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: "call", reason: "changed my mind" },
    });
    await server.logged("cancelled after its create had been sent");
    sandbox.faults.clear();
    expect(resultIn(await server.ask("tools/call", params(createCall(simple()))))).toMatchObject({
      outcome: "created",
    });
    expect(server.messages().filter(({ id }) => id === "call")).toEqual([]);
    expect(server.messages().filter(({ method }) => method === "notifications/progress")).toEqual([]);
  });

  describe("a line that is no message", () => {
    it.each([
      ["no JSON", '{"jsonrpc":"2.0","password":"hunter2"', -32700],
      ["a batch", '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600],
      ["too large", `{"jsonrpc":"2.0","method":"${"x".repeat(5 * 1024 * 1024)}"}`, -32600],
    ])("(%s) is answered with an error, and the server goes on", async (_, line, code) => {
      server.send(line);
      expect(await server.message(({ id }) => id === null)).toMatchObject({
        error: { code, message: expect.not.stringContaining("hunter2") },
      });
      expect(resultOf(await server.ask("tools/list", params()))).toHaveProperty("tools");
    });
  });

  describe("the end", () => {
    const ends: [string, () => void][] = [
      ["of the input", () => server.child.stdin.end()],
      ["by SIGTERM", () => server.child.kill("SIGTERM")],
      ["by SIGINT", () => server.child.kill("SIGINT")],
    ];

    it.each(ends)("%s comes at once and in silence to an idle server", async (_, cause) => {
      cause();
      expect(await endOfServer()).toEqual({ code: 0, signal: null });
      expect(server.stderr()).toBe("");
    });

    it.each(ends)("%s cancels a call in flight", async (_, cause) => {
      sandbox.faults.add({ method: "POST", fault: { kind: "silence-before-acting" } });
      server.request("call", "tools/call", params(createCall(simple())));
      await waitUntil(() => creates(sandbox).length === 1);
      cause();
      expect(await endOfServer()).toEqual({ code: 0, signal: null });
      expect(server.messages().filter(({ id }) => id === "call")).toEqual([]);
    });

    it("comes quietly once stdout is closed", async () => {
      server.child.stdout.destroy();
      await once(server.child.stdout, "close");
      server.request("list", "tools/list", params());
      expect(await endOfServer()).toEqual({ code: 0, signal: null });
      expect(server.stderr()).toBe("");
    });
  });
});

describe.each(eras)("a $name client that pipes its requests in and nothing after them", ({ name, params }) => {
  /** A server with all of them at once, the opening one first. */
  function piped(lines: [id: number, method: string, given: JsonObject][]): ServerProcess {
    const server = startProcess({ env: variablesFor(sandbox, "service account") });
    const opening: [number, string, JsonObject] =
      name === "2025"
        ? [
            0,
            "initialize",
            { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "0" } },
          ]
        : [0, "server/discover", {}];
    server.child.stdin.end(
      [opening, ...lines]
        .map(([id, method, given]) => `${JSON.stringify({ jsonrpc: "2.0", id, method, params: params(given) })}\n`)
        .join(""),
    );
    return server;
  }
  const idsOf = (server: ServerProcess) => server.messages().map(({ id }) => Number(id));

  // The server waits a quarter of a second for what it still has to load and answer, which a busy machine may not keep.
  it("gets the answers to all that are quick, guides included", { retry: 3 }, async () => {
    const server = piped(requestsOf.map(([method, given], index) => [index + 1, method, given]));
    expect(await server.ended).toEqual({ code: 0, signal: null });
    expect(idsOf(server).sort((a, b) => a - b)).toEqual([0, ...requestsOf.keys()].map((_, index) => index));
    expect(server.stderr()).toBe("");
  });

  it("is not waited for without an end", async () => {
    sandbox.faults.add({ path: /token$/, fault: { kind: "silence-before-acting" } });
    const from = performance.now();
    const server = piped([[1, "tools/call", createCall(simple())]]);
    expect(await server.ended).toEqual({ code: 0, signal: null });
    // Starting is in it, and a busy machine may end the wait before the call comes to its request; a call without an
    // end to the wait would take the 30 seconds of its own time limit.
    expect(performance.now() - from).toBeLessThan(CALL_LIMIT_MS / 2);
    expect(idsOf(server)).toEqual([0]);
  });
});
