/** `notifications/cancelled`: the call stops, nothing more is said of it, and a write that was sent is accounted for. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import {
  connectionsPath,
  creates,
  freshName,
  simple,
  tokenRequests,
  variablesFor,
} from "../support/against-sandbox.ts";
import { type FaultRule, type Sandbox, startSandbox } from "../support/sandbox.ts";
import { createCall, resultIn, type ServerProcess, startProcess } from "../support/server-process.ts";

let sandbox: Sandbox;
let server: ServerProcess;
beforeAll(async () => {
  sandbox = await startSandbox({ readyAfterMs: Number.POSITIVE_INFINITY });
  server = startProcess({ env: { ...variablesFor(sandbox), ATLAS_STREAMS_MCP_CHECK_MS: "50" } });
  await server.initialize();
});
afterEach(() => {
  sandbox.faults.clear();
  sandbox.requests.length = 0;
});
afterAll(async () => {
  server.child.kill("SIGKILL");
  await Promise.all([server.ended, sandbox.close()]);
});

let ids = 0;
/** Begins a call, and cancels it once `begun`. */
async function cancelOnce(begun: () => boolean, args: Record<string, unknown>, by = server): Promise<string> {
  const id = `call-${++ids}`;
  by.request(id, "tools/call", createCall(args));
  await vi.waitFor(() => expect(begun()).toBe(true), { interval: 5, timeout: 15_000 });
  by.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } });
  return id;
}

async function expectNoAnswer(id: string) {
  // A whole call through the same server and sandbox: an answer would have come before its.
  const answer = await server.ask("tools/call", createCall(simple()));
  expect(resultIn(answer)).toMatchObject({ outcome: "created" });
  expect(server.messages().filter((message) => message["id"] === id)).toEqual([]);
}

const silence = (path: RegExp, act = false): FaultRule => ({
  path,
  fault: { kind: act ? "silence-after-acting" : "silence-before-acting" },
});
const logLine = async (name: string): Promise<unknown> => JSON.parse(await server.logged(name));

describe("a cancelled call", () => {
  it("that still waits for a token sends no create and gets no answer", async () => {
    sandbox.faults.add(silence(/\/oauth\/token$/));
    const account = startProcess({ env: variablesFor(sandbox, "service account") });
    await account.initialize();
    const id = await cancelOnce(() => tokenRequests(sandbox).length === 1, simple(), account);
    await account.ask("ping");
    account.child.stdin.end();
    expect(await account.ended).toEqual({ code: 0, signal: null });
    expect(creates(sandbox)).toEqual([]);
    expect(account.messages().filter((message) => message["id"] === id)).toEqual([]);
    expect(account.stderr()).toBe("");
  });

  it("whose create was sent and acted on is reported on stderr as there", async () => {
    const name = freshName();
    sandbox.faults.add(silence(/\/connections$/, true));
    const id = await cancelOnce(() => creates(sandbox).length === 1, simple(name));
    expect(await logLine(name)).toMatchObject({
      level: "warning",
      message: expect.stringMatching(/cancelled after its create had been sent; it happened/),
      connection: name,
    });
    await expectNoAnswer(id);
  });

  it("whose create was sent and not acted on is reported on stderr as not there", async () => {
    const name = freshName();
    sandbox.faults.add(silence(/\/connections$/));
    const id = await cancelOnce(() => creates(sandbox).length === 1, simple(name));
    expect(await logLine(name)).toMatchObject({
      level: "warning",
      message: expect.stringMatching(/; it was not there when looked for/),
    });
    await expectNoAnswer(id);
  });

  it("that is looking for its lost create is reported on stderr with what it finds", async () => {
    const name = freshName();
    sandbox.faults.add({ method: "POST", path: /\/connections$/, fault: { kind: "reset-after-acting" } });
    sandbox.faults.add(silence(new RegExp(`/${name}$`)));
    const looking = () => sandbox.requests.some(({ path }) => path === `${connectionsPath}/${name}`);
    const id = await cancelOnce(looking, simple(name));
    expect(await logLine(name)).toMatchObject({ message: expect.stringContaining("it happened") });
    await expectNoAnswer(id);
  });

  it("that waits for its connection to be ready stops polling", async () => {
    const name = freshName();
    const polls = () => sandbox.requests.filter(({ path }) => path === `${connectionsPath}/${name}`).length;
    const id = await cancelOnce(() => polls() === 1, { ...simple(name), waitUntilReady: true });
    // Another call that polls as long as the cancelled one would have until its next poll.
    const other = freshName();
    const otherPolls = () => sandbox.requests.filter(({ path }) => path === `${connectionsPath}/${other}`).length;
    await cancelOnce(() => otherPolls() === 2, { ...simple(other), waitUntilReady: true });
    expect(polls()).toBe(1);
    await expectNoAnswer(id);
  });

  it("that nobody knows, or that is answered already, is of no consequence", async () => {
    const params = [{ requestId: "nobody's" }, { requestId: 1e15 }, {}];
    for (const each of params) server.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: each });
    const answer = await server.ask("tools/call", createCall(simple()));
    server.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: answer["id"] } });
    expect(await server.ask("ping")).toMatchObject({ result: {} });
  });
});
