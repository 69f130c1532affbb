/** Updates whose answer is lost or odd: the outcome is what is true in Atlas, and the change is sent once. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freshName, place } from "../support/against-sandbox.ts";
import type { FaultRule } from "../support/sandbox.ts";
import { type Session, startSession, stored } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession({
    env: { ATLAS_STREAMS_MCP_TIMEOUT_MS: "1500", ATLAS_STREAMS_MCP_CHECK_MS: "300" },
    secrets: ["first-secret", "second-secret"],
  });
}, 60_000);
afterEach(() => session.reset());
afterAll(() => session.close());

const before = "https://before.example.com";
const after = "https://after.example.com";

function existingHook(): string {
  const name = freshName();
  session.put({ name, type: "Https", url: before, headers: { Authorization: "first-secret" } });
  return name;
}

const update = (connectionName: string, connection: object) =>
  session.call("update_stream_connection", { ...place, connectionName, connection });
const strike = (fault: FaultRule["fault"], times = 9) => session.sandbox.faults.add({ method: "PATCH", times, fault });
const hook = (name: string) => stored(session.sandbox, name)?.body;

describe("an update on which Atlas acted", () => {
  it.each<FaultRule["fault"]>([
    { kind: "reset-after-acting" },
    { kind: "silence-after-acting" },
    { kind: "half-body" },
    { kind: "garbage-body" },
    { kind: "answer", status: 500, body: { detail: "Boom" }, act: true },
    { kind: "answer", status: 502, body: "<html>Bad gateway</html>", contentType: "text/html", act: true },
  ])("is updated whatever came back: %j", async (fault) => {
    const name = existingHook();
    strike(fault);
    expect(await update(name, { url: after })).toMatchObject({
      isError: false,
      outcome: "updated",
      connection: { url: after },
      changes: [{ path: "url", before, after }],
      warnings: [expect.stringMatching(/Atlas was asked.*as requested/)],
    });
    expect(hook(name)).toMatchObject({ url: after });
    expect(session.sent("PATCH")).toHaveLength(1);
  });
});

describe("an update on which Atlas did not act", () => {
  it.each<[FaultRule["fault"], string]>([
    [{ kind: "reset-after-read" }, "network"],
    [{ kind: "silence-before-acting" }, "timeout"],
    [{ kind: "answer", status: 500, body: { detail: "Boom" } }, "atlas_error"],
  ])("is a failure that may be repeated: %j", async (fault, kind) => {
    const name = existingHook();
    strike(fault, 1);
    const result = await update(name, { url: after });
    expect(result).toMatchObject({ isError: true, error: { kind, retryable: true } });
    expect(result.error?.hint).not.toMatch(/created/);
    expect(hook(name)).toMatchObject({ url: before });
    expect(session.sent("PATCH")).toHaveLength(1);
    expect(await update(name, { url: after })).toMatchObject({ outcome: "updated" });
  });

  it("because it was rate-limited is sent again", async () => {
    const name = existingHook();
    strike({ kind: "answer", status: 429, body: {}, headers: { "retry-after": "0" } }, 2);
    expect(await update(name, { url: after })).toMatchObject({ outcome: "updated", warnings: [] });
    expect(session.sent("PATCH")).toHaveLength(3);
  });

  it("because Atlas refused it is told in Atlas's words, and not sent again", async () => {
    const name = existingHook();
    const fields = [{ field: "url", description: "is blocked" }];
    strike({ kind: "answer", status: 400, body: { errorCode: "NO", detail: "No such", badRequestDetail: { fields } } });
    expect(await update(name, { url: after })).toMatchObject({
      error: {
        kind: "bad_request",
        status: 400,
        errorCode: "NO",
        detail: "No such",
        fields: [{ path: "connection.url", message: "is blocked" }],
      },
    });
    expect(session.sent("PATCH")).toHaveLength(1);
  });
});

describe("an update that nobody can check", () => {
  it("since only secrets change, which Atlas does not show, is unknown_outcome", async () => {
    const name = freshName();
    const login = { mechanism: "PLAIN", username: "u", password: "first-secret" };
    session.put({ name, type: "Kafka", bootstrapServers: "b:1", authentication: login });
    strike({ kind: "reset-after-acting" });
    const { error, summary } = await update(name, { authentication: { password: "second-secret" } });
    expect(error).toMatchObject({ kind: "unknown_outcome", hint: expect.stringMatching(/may have happened.*safe/) });
    expect(error?.hint).not.toMatch(/already_exists|created/);
    expect(summary).toMatch(/secret/);
    expect(hook(name)).toMatchObject({ authentication: { password: "second-secret" } });
  });

  it("of a header is seen, for Atlas does return headers", async () => {
    const name = existingHook();
    strike({ kind: "reset-after-acting" });
    expect(await update(name, { headers: { Authorization: "second-secret" } })).toMatchObject({
      outcome: "updated",
      changes: [{ path: "headers.Authorization", before: "***", after: "***" }],
      warnings: [expect.stringMatching(/Atlas was asked: .* is now as requested, with the same header values\.$/)],
    });
    expect(hook(name)).toMatchObject({ headers: { Authorization: "second-secret" } });
  });

  it("since the connection cannot be read any more is unknown_outcome", async () => {
    const name = existingHook();
    session.sandbox.faults.add({ method: "GET", fault: { kind: "delay", ms: 0 } });
    session.sandbox.faults.add({ method: "GET", times: 9, fault: { kind: "answer", status: 403, body: {} } });
    strike({ kind: "reset-after-acting" });
    expect(await update(name, { url: after })).toMatchObject({ isError: true, error: { kind: "unknown_outcome" } });
    expect(session.sent("PATCH")).toHaveLength(1);
  });

  it("is not taken for one of secrets alone because a setting's name looks like one", async () => {
    const name = freshName();
    session.put({ name, type: "Kafka", bootstrapServers: "b:1", config: { "ssl.password": "x" } });
    strike({ kind: "reset-after-acting" });
    expect(await update(name, { config: { "ssl.password": "y" } })).toMatchObject({ outcome: "updated" });
  });
});
