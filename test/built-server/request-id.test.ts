/** A call's request id: in the error that the agent sees, and on every line that the call logs. */
import { afterEach, expect, test } from "vitest";
import {
  connectionsPath,
  freshName,
  type ServerOnSandbox,
  simple,
  startOnSandbox,
} from "../support/against-sandbox.ts";

let on: ServerOnSandbox | undefined;
afterEach(() => on?.close());

const entries = ({ server }: ServerOnSandbox): Record<string, unknown>[] =>
  server
    .stderr()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** What the log says once it says that this many calls have ended. */
async function entriesOfCalls(server: ServerOnSandbox, calls: number): Promise<Record<string, unknown>[]> {
  const ends = () => entries(server).filter(({ message }) => /^Call (ended|failed)$/.test(String(message)));
  await expect.poll(() => ends().length, { interval: 5, timeout: 15_000 }).toBe(calls);
  return entries(server);
}

test("every line of a call has its id, and the error has it too", async () => {
  on = await startOnSandbox({ env: { ATLAS_STREAMS_MCP_LOG: "debug" } });
  on.sandbox.faults.add({ method: "POST", fault: { kind: "answer", status: 429, headers: { "retry-after": "0" } } });
  const name = freshName();
  await on.server.create(simple(name));
  const { error } = await on.server.create({
    ...simple(name),
    connection: { name, type: "Https", url: "https://a.b" },
  });
  expect(error).toMatchObject({ kind: "conflict", requestId: expect.stringMatching(/^[0-9a-f]{8}$/) });

  const lines = await entriesOfCalls(on, 2);
  const ids = [...new Set(lines.map(({ requestId }) => requestId))];
  expect(ids).toEqual([expect.stringMatching(/^[0-9a-f]{8}$/), error?.requestId]);
  expect(lines.filter(({ requestId }) => requestId === ids[0])).toMatchObject([
    { level: "debug", message: "HTTP request", method: "POST", path: connectionsPath, status: 429 },
    { level: "debug", message: "HTTP request", method: "POST", path: connectionsPath, status: 200 },
    { level: "info", message: "Call ended", tool: "create_stream_connection", outcome: "created" },
  ]);
  expect(lines.filter(({ requestId }) => requestId === ids[1]).at(-1)).toMatchObject({
    level: "info",
    message: "Call failed",
    kind: "conflict",
  });
  for (const line of lines) expect(line).toHaveProperty("milliseconds", expect.any(Number));
});

test("calls at the same time are told apart", async () => {
  on = await startOnSandbox({ env: { ATLAS_STREAMS_MCP_LOG: "debug" } });
  const { server } = on;
  await Promise.all(Array.from({ length: 8 }, () => server.create(simple())));
  const lines = await entriesOfCalls(on, 8);
  const count = (message: string) =>
    new Set(lines.filter((line) => line["message"] === message).map(({ requestId }) => requestId)).size;
  expect(count("HTTP request")).toBe(8);
  expect(count("Call ended")).toBe(8);
});

test("the request for a token serves many calls, so it has no call's id", async () => {
  on = await startOnSandbox({ credentials: "service account", env: { ATLAS_STREAMS_MCP_LOG: "debug" } });
  await on.server.create(simple());
  const lines = await entriesOfCalls(on, 1);
  const token = lines.find(({ path }) => path === "/api/oauth/token");
  expect(token).toMatchObject({ message: "HTTP request", method: "POST", status: 200 });
  expect(token).not.toHaveProperty("requestId");
});

test("a request logs its path without the query", async () => {
  on = await startOnSandbox({ env: { ATLAS_STREAMS_MCP_LOG: "debug" } });
  await on.server.create({ ...simple(), envelope: true, pretty: true });
  const lines = await entriesOfCalls(on, 1);
  expect(lines[0]).toMatchObject({ path: connectionsPath, status: 200 });
});

test("a failure that a person has to look into is on the log that is on by default, the agent's own are not", async () => {
  on = await startOnSandbox({ env: { MONGODB_ATLAS_BASE_URL: "http://127.0.0.1:9", ATLAS_STREAMS_MCP_CHECK_MS: "1" } });
  await on.server.create({ ...simple(), connection: { name: "x", type: "Nothing" } });
  const { error } = await on.server.create(simple());
  expect(error?.requestId).toMatch(/^[0-9a-f]{8}$/);
  const lines = await entriesOfCalls(on, 1);
  expect(lines).toMatchObject([{ level: "warning", message: "Call failed", requestId: error?.requestId }]);
});

test("a request without an answer logs why", async () => {
  on = await startOnSandbox({
    env: {
      MONGODB_ATLAS_BASE_URL: "http://127.0.0.1:9",
      ATLAS_STREAMS_MCP_LOG: "debug",
      ATLAS_STREAMS_MCP_TIMEOUT_MS: "200",
    },
  });
  await on.server.client.callTool({ name: "list_projects", arguments: {} });
  const lines = await entriesOfCalls(on, 1);
  expect(lines[0]).toMatchObject({ message: "HTTP request", method: "GET", failure: "ECONNREFUSED" });
});
