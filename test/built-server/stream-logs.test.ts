/** `read_stream_logs`: both logs of a workspace, as an agent reads them. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { MAX_ANSWER_BYTES } from "../../src/atlas/exchange-failure.ts";
import { addProcessor, startProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import { place } from "../support/against-sandbox.ts";
import { emptyWorkspace, type Session, startSession } from "./session.ts";

const secret = "secret-of-the-logs-12345";
let session: Session;
beforeAll(async () => {
  session = await startSession({ env: { ATLAS_STREAMS_SECRET_LOGS: secret }, secrets: [secret] });
  session.put({ name: "solar", type: "Sample" });
  const workspace = emptyWorkspace(session.sandbox);
  const pipeline = [{ $source: { connectionName: "solar" } }, { $emit: { connectionName: "__testLog" } }];
  for (const name of ["one", "two"])
    startProcessor(workspace, addProcessor(workspace, { name, pipeline, dlq: undefined, tier: "SP10" }, 0), 0);
  const line = { severity: "E", processorName: "one", message: `Login with ${secret} failed` } as const;
  workspace.logs.push({ ...line, at: Date.now() - 1_000 }, { ...line, at: Date.now() });
  workspace.logs.push({ ...line, at: Date.now() - 2 * 3_600_000, message: "Long ago" });
}, 60_000);
afterEach(() => session.reset());
afterAll(() => session.close());

const read = (more = {}) => session.call("read_stream_logs", { ...place, ...more });

describe("read_stream_logs", () => {
  it("gives the entries of the last hour, newest first, with secrets masked", async () => {
    const result = await read();
    expect(result).toMatchObject({
      outcome: "ok",
      summary: "7 entries in 8 lines of the operational log of the last 60 minutes.",
      entries: expect.arrayContaining([
        {
          time: expect.any(String),
          level: "info",
          message: "Started stream processor",
          count: 1,
          processorName: "two",
        },
      ]),
      lines: 8,
      truncated: false,
      project: place,
    });
    expect(result["entries"]).toMatchObject([
      { level: "error", message: "Login with *** failed", count: 2, processorName: "one" },
      {},
      {},
      {},
      {},
      {},
      {},
    ]);
  });

  it("narrows them by processor, text, time and number", async () => {
    expect(await read({ processorName: "two" })).toMatchObject({ lines: 3 });
    expect(await read({ contains: "STARTED stream" })).toMatchObject({ entries: [{}, {}], lines: 8 });
    expect(await read({ contains: secret })).toMatchObject({ entries: [] });
    expect(await read({ sinceMinutes: 180, contains: "long" })).toMatchObject({ entries: [{ message: "Long ago" }] });
    expect(await read({ limit: 1 })).toMatchObject({
      entries: [{ count: 2 }],
      truncated: true,
      summary: expect.stringContaining("raise limit"),
    });
  });

  it("says of a processor without lines whether it is there", async () => {
    expect(await read({ processorName: "on" })).toMatchObject({
      outcome: "ok",
      entries: [],
      warnings: ['There is no processor "on" now; did you mean "one"?'],
    });
  });

  it("reads the audit log", async () => {
    await session.call("stop_stream_processor", { ...place, processorName: "two" });
    expect(await read({ log: "audit", processorName: "two" })).toMatchObject({
      entries: [
        { level: "info", message: expect.stringMatching(/^stopStreamProcessor by mdb_sa_id_/), processorName: "two" },
      ],
    });
  });

  it("of a workspace that is not there names those that are", async () => {
    expect(await read({ tenantName: "clickstreams" })).toMatchObject({
      error: { kind: "not_found", fields: [{ path: "tenantName" }] },
    });
  });

  it("that are too long to be read are to be read for a shorter time", async () => {
    const body = "x".repeat(MAX_ANSWER_BYTES + 1);
    session.sandbox.faults.add({ path: /OperationalLogs$/, fault: { kind: "answer", status: 200, body } });
    expect(await read()).toMatchObject({
      error: { kind: "atlas_error", retryable: false, hint: expect.stringMatching(/smaller sinceMinutes/) },
    });
  });

  it("without the role for it names the least", async () => {
    session.sandbox.faults.add({ path: /auditLogs$/, fault: { kind: "answer", status: 403, body: { error: 403 } } });
    expect(await read({ log: "audit" })).toMatchObject({
      error: { kind: "forbidden", hint: expect.stringContaining("least first: Project Data Access Read Only, ") },
    });
  });
});
