import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isObject } from "../../src/json.ts";
import { sandboxProject, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { ask, at, type Got, streamsPath } from "./atlas-client.ts";
import { requestsTo } from "./pipeline-requests.ts";

const gzip = "application/vnd.atlas.2025-03-12+gzip";
const logsPath = `${streamsPath}/${sandboxTenant}:downloadOperationalLogs`;

let sandbox: Sandbox;
beforeEach(async () => {
  // That what is new is hidden at first has a test among the oddities.
  sandbox = await startSandbox({ oddities: { hiddenMs: 0 } });
  await createConnection({ name: "solar", type: "Sample" });
  await createConnection({ name: "broken", type: "Kafka", bootstrapServers: "b1.invalid:9092, b2.invalid:9092" });
});
afterEach(() => sandbox.close());

const {
  createConnection,
  createProcessor,
  startProcessor,
  stopProcessor,
  deleteProcessor,
  downloadAuditLogs,
  downloadOperationalLogs,
} = requestsTo(() => sandbox);

const processor = (name: string, connectionName: string) => ({ name, pipeline: [{ $source: { connectionName } }] });
const download = (query = "") => ask(sandbox, "GET", `${logsPath}${query}`, { headers: { accept: gzip } });

/** The lines of a download, each a JSON object. */
function linesOf({ status, bytes }: Got): unknown[] {
  expect(status).toBe(200);
  const lines = gunzipSync(bytes).toString().split("\n").slice(0, -1);
  return lines.map((line): unknown => JSON.parse(line));
}

const said = (answer: Got) => linesOf(answer).map((line) => (isObject(line) ? `${line["s"]} ${line["msg"]}` : line));

test("are a gzip file of what was done with a processor, oldest first", async () => {
  await createProcessor(processor("sun", "solar"));
  await startProcessor("sun");
  await stopProcessor("sun");
  await deleteProcessor("sun");
  const answer = await downloadOperationalLogs("sun", 0);
  expect(answer.headers.get("content-type")).toBe(gzip);
  expect(answer.headers.has("content-encoding")).toBe(false);
  expect(said(answer)).toEqual([
    "I Created stream processor",
    "I Starting stream processor on tier SP10",
    "I Started stream processor",
    "I Stopping stream processor",
    "I Stopped stream processor",
    "I Dropped stream processor",
  ]);
  for (const line of linesOf(answer)) {
    expect(line).toMatchObject({ c: "STREAMS", attr: { streamProcessorName: "sun" } });
    expect(new Date(String(at(line, "t", "$date"))).toISOString()).toBe(at(line, "t", "$date"));
  }
});

test("tell why a processor failed", async () => {
  await createProcessor(processor("p", "broken"));
  await startProcessor("p");
  expect(said(await downloadOperationalLogs("p", 0)).slice(2)).toEqual([
    "E Failed to resolve broker b1.invalid:9092",
    "E Failed to resolve broker b2.invalid:9092",
    "E Failed to resolve broker b1.invalid:9092",
    "E Failed to resolve broker b2.invalid:9092",
    "E Could not connect to the Kafka brokers of connection broken",
    "E Stream processor failed: Could not connect to the Kafka brokers of connection broken",
  ]);
});

describe("of a workspace", () => {
  beforeEach(async () => {
    await createProcessor(processor("one", "solar"));
    await createProcessor(processor("two & three", "solar"));
  });

  test("are of one processor, or of all where none is named", async () => {
    const names = (answer: Got) => linesOf(answer).map((line) => at(line, "attr", "streamProcessorName"));
    expect(names(await download("?spName=two+%26+three"))).toEqual(["two & three"]);
    expect(names(await download("?spName="))).toEqual(["one", "two & three"]);
    expect(names(await download())).toEqual(["one", "two & three"]);
    expect(names(await download("?spName=four"))).toEqual([]);
  });

  test("are of the time that was asked for, in seconds", async () => {
    const [first, second] = sandbox.state.workspace(sandboxProject.groupId, sandboxTenant)?.logs ?? [];
    if (!first || !second) throw new Error("Nothing was logged");
    first.at = 1_700_000_000_400;
    second.at = 1_700_000_005_900;
    const count = async (query: string) => linesOf(await download(query)).length;
    expect(await count("")).toBe(0);
    expect(await count("?startDate=1700000000")).toBe(2);
    expect(await count("?startDate=1700000001")).toBe(1);
    expect(await count("?startDate=1700000000&endDate=1700000004")).toBe(1);
    expect(await count("?startDate=1700000000&endDate=1700000005")).toBe(2);
  });

  test.each(["startDate=yesterday", "endDate=-1", "startDate=2&endDate=1"])(
    "cannot be asked for with %s",
    async (query) => {
      const answer = await download(`?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { errorCode: "INVALID_QUERY_PARAMETER" } });
      expect(answer.headers.get("content-type")).toBe("application/json");
    },
  );
});

describe("the media type", () => {
  test.each(["application/vnd.atlas.2025-03-12+json", "application/gzip", "application/vnd.atlas.2025-03-11+gzip"])(
    "%s is answered with 406",
    async (accept) => {
      const answer = await ask(sandbox, "GET", logsPath, { headers: { accept } });
      expect(answer).toMatchObject({ status: 406, body: { errorCode: "VERSION_NOT_ACCEPTABLE" } });
    },
  );

  test("is for the logs alone", async () => {
    expect((await ask(sandbox, "GET", streamsPath, { headers: { accept: gzip } })).status).toBe(406);
  });
});

test("are sent as they are, whatever style is asked for", async () => {
  await createProcessor(processor("sun", "solar"));
  expect(said(await download("?envelope=true&pretty=true"))).toEqual(["I Created stream processor"]);
});

test("of a workspace that is not there are answered with 404", async () => {
  const answer = await ask(sandbox, "GET", `${streamsPath}/nowhere:downloadOperationalLogs`, {
    headers: { accept: gzip },
  });
  expect(answer).toMatchObject({ status: 404, body: { errorCode: "STREAM_TENANT_NOT_FOUND_FOR_NAME" } });
});

describe("audit logs", () => {
  const auditType = "application/vnd.atlas.2023-02-01+gzip";

  test("are a gzip file of what was done by whom, refusals too", async () => {
    await createProcessor(processor("sun", "solar"));
    await startProcessor("sun");
    await startProcessor("sun");
    const answer = await downloadAuditLogs("sun", 0);
    expect(answer.headers.get("content-type")).toBe(auditType);
    expect(linesOf(answer)).toMatchObject([
      { atype: "createStreamProcessor", param: { tenantName: sandboxTenant, processorName: "sun" }, result: 0 },
      { atype: "startStreamProcessor", users: [{ user: expect.any(String) }], result: 0 },
      { atype: "startStreamProcessor", param: { processorName: "sun" }, result: 409 },
    ]);
  });

  test("are of the whole workspace where no processor is named, and hold no bodies", async () => {
    const answer = await downloadAuditLogs("", 0);
    expect(linesOf(answer).map((line) => at(line, "param", "connectionName"))).toEqual(["solar", "broken"]);
    expect(JSON.stringify(linesOf(answer))).not.toContain("invalid:9092");
  });
});
