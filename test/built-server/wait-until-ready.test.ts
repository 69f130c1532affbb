/** `waitUntilReady`: polls until the connection is ready, has failed, or took too long. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConnectionState } from "../../src/sandbox/data/state.ts";
import {
  connectionsPath,
  freshName,
  place,
  type ServerOnSandbox,
  simple,
  startOnSandbox,
  variablesFor,
} from "../support/against-sandbox.ts";
import { createCall, resultIn, startProcess } from "../support/server-process.ts";

let on: ServerOnSandbox;
/** Its patience is shorter than the time between two polls. */
let impatient: ServerOnSandbox;
beforeAll(async () => {
  // A poll that does not find it yet would be one more.
  const sandbox = { readyAfterMs: Number.POSITIVE_INFINITY, oddities: { hiddenMs: 0 } };
  [on, impatient] = await Promise.all([
    startOnSandbox({ sandbox }),
    startOnSandbox({
      sandbox,
      env: { ATLAS_STREAMS_MCP_READY_MS: "700" },
    }),
  ]);
});
afterAll(() => Promise.all([on.close(), impatient.close()]));

const waiting = (name = freshName()) => ({ ...simple(name), waitUntilReady: true });

function setState(name: string, state: ConnectionState) {
  const connection = on.sandbox.state.connection(place.groupId, place.tenantName, name);
  if (connection) connection.state = state;
}

/** What its polls are told, one after the other. */
function answerPolls(name: string, states: readonly ConnectionState[]) {
  for (const state of states)
    on.sandbox.faults.add({
      method: "GET",
      path: new RegExp(`/${name}$`),
      fault: { kind: "answer", status: 200, body: { ...simple(name).connection, state } },
    });
}

const polls = (name: string) =>
  on.sandbox.requests.filter(({ method, path }) => method === "GET" && path === `${connectionsPath}/${name}`);

describe("a connection that is ready when it is created", () => {
  it("is not polled", async () => {
    const name = freshName();
    on.sandbox.faults.add({
      method: "POST",
      fault: { kind: "answer", status: 200, act: true, body: { ...simple(name).connection, state: "READY" } },
    });
    expect(await on.server.create(waiting(name))).toMatchObject({ outcome: "created", connection: { state: "READY" } });
    expect(polls(name)).toEqual([]);
  });
});

describe.concurrent("waiting for a connection", () => {
  it("ends when it is READY", async ({ expect }) => {
    const name = freshName();
    answerPolls(name, ["PENDING", "READY"]);
    const result = await on.server.create(waiting(name));
    expect(result).toMatchObject({
      isError: false,
      outcome: "created",
      connection: { name, state: "READY" },
      warnings: [],
    });
    expect(polls(name)).toHaveLength(2);
    expect(result.summary).toContain("its state is READY");
  });

  it("ends as a failure when it is FAILED: it is there, and its name is taken", async ({ expect }) => {
    const name = freshName();
    const onprogress = () => setState(name, "FAILED");
    expect(await on.server.create(waiting(name), { onprogress })).toMatchObject({
      isError: true,
      outcome: "failed",
      connection: { name, state: "FAILED" },
      error: {
        kind: "atlas_error",
        hint: expect.stringMatching(
          /brokers.*login.*network.*update_stream_connection.*delete_stream_connection.*name is taken/,
        ),
      },
    });
  });

  it("also waits for one that was already there", async ({ expect }) => {
    const name = freshName();
    await on.server.create(simple(name));
    const onprogress = () => setState(name, "READY");
    expect(await on.server.create(waiting(name), { onprogress })).toMatchObject({
      outcome: "already_exists",
      connection: { state: "READY" },
    });
  });

  it("overlooks a poll that fails", async ({ expect }) => {
    const name = freshName();
    on.sandbox.faults.add({ path: new RegExp(`/${name}$`), fault: { kind: "answer", status: 404, body: {} } });
    const onprogress = () => setState(name, "READY");
    expect(await on.server.create(waiting(name), { onprogress })).toMatchObject({
      outcome: "created",
      connection: { state: "READY" },
      warnings: [],
    });
    expect(polls(name).length).toBeGreaterThan(1);
  });

  it("past the limit tells the last state, and that it is created all the same", async ({ expect }) => {
    const result = await impatient.server.create(waiting());
    expect(result).toMatchObject({ isError: false, outcome: "created", connection: { state: "PENDING" } });
    expect(result["warnings"]).toEqual([expect.stringMatching(/not ready within 700 ms.*last state was PENDING/)]);
    expect(result["warnings"]).toEqual([expect.not.stringMatching(/poll failed/)]);
  });

  it("past the limit tells why the last poll failed", async ({ expect }) => {
    const name = freshName();
    impatient.sandbox.faults.add({
      path: new RegExp(`/${name}$`),
      times: 9,
      fault: { kind: "answer", status: 403, body: { detail: "not any more" } },
    });
    const result = await impatient.server.create(waiting(name));
    expect(result).toMatchObject({
      outcome: "created",
      warnings: [expect.stringMatching(/poll failed.*not any more/)],
    });
  });
});

describe("progress notifications", () => {
  it("come with each poll, only with a token, rising, and never after the answer", async () => {
    const server = startProcess({ env: variablesFor(on.sandbox) });
    await server.initialize();
    const [silent, told] = [freshName(), freshName()];
    for (const name of [silent, told]) answerPolls(name, ["PENDING", "READY"]);
    server.request("silent", "tools/call", createCall(waiting(silent)));
    server.request("told", "tools/call", createCall(waiting(told), { progressToken: "the token" }));
    for (const id of ["silent", "told"]) {
      const answer = await server.message((message) => message["id"] === id);
      expect(resultIn(answer)).toMatchObject({ outcome: "created", connection: { state: "READY" } });
    }
    await server.ask("ping");
    const messages = server.messages();
    const progress = messages.filter(({ method }) => method === "notifications/progress");
    expect(progress.map(({ params }) => params)).toEqual([
      {
        progressToken: "the token",
        progress: 1,
        message: expect.stringMatching(/^State PENDING; waited [\d.]+ s of at most 300 s$/),
      },
      { progressToken: "the token", progress: 2, message: "State READY" },
    ]);
    const answered = messages.findIndex(({ id }) => id === "told");
    expect(messages.findLastIndex(({ method }) => method === "notifications/progress")).toBeLessThan(answered);
    server.child.stdin.end();
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });
});
