/** What a diagnosis claims of connections, and how it counts time, which no test can wait for on a real clock. */
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json.ts";
import diagnoseStreamProcessor from "../../../src/tools/processors/diagnose.ts";
import listStreamProcessors from "../../../src/tools/processors/list.ts";
import type { Reply } from "../../atlas/fake-atlas.ts";
import { call, fakeServices, place } from "../../support/fake-services.ts";

const source = { $source: { connectionName: "kafka", topic: "t" } };
const enrichment = { $cachedLookup: { from: { connectionName: "archive", db: "d", coll: "c" } } };
const sink = { $merge: { into: { connectionName: "atlas", db: "d", coll: "c" } } };
const dlq = { connectionName: "rejected", db: "d", coll: "c" };
const ready = (name: string, type: string) => ({ name, type, state: "READY" });
const connections = [
  ready("kafka", "Kafka"),
  ready("archive", "Cluster"),
  ready("atlas", "Cluster"),
  ready("rejected", "Cluster"),
  { name: "lake", type: "S3", state: "FAILED" },
];
const stats = { inputMessageCount: 10, outputMessageCount: 10, dlqMessageCount: 0 };

/** An Atlas with one processor, and with these connections. */
const answering =
  (processor: JsonObject): Reply =>
  ({ path }) => {
    if (path.includes("/connections")) return { results: connections, totalCount: connections.length };
    if (path.includes("/processors")) return { results: [processor], totalCount: 1 };
    return path.includes("Logs") ? {} : processor;
  };

const started = (pipeline: JsonObject[], more: JsonObject = {}) => ({ name: "p", state: "STARTED", pipeline, ...more });

async function diagnosis(processor: JsonObject, more: JsonObject = {}) {
  const services = fakeServices({ reply: answering(processor) });
  const result = await call(diagnoseStreamProcessor, { ...place, processorName: "p", ...more }, services);
  return { result, logged: services.logged, requests: services.atlas.requests };
}

const namesIn = (entries: unknown) => (entries as { name: string }[]).map(({ name }) => name);

describe("a diagnosis", () => {
  test("tells the connections that the processor uses, each once: source, sink, dead letter queue, others", async () => {
    const processor = started([source, enrichment, enrichment, sink], { options: { dlq } });
    const { result } = await diagnosis(processor);
    expect(namesIn(result["connections"])).toEqual(["kafka", "atlas", "rejected", "archive"]);
  });

  test("claims of a stage that is not known only what is there", async () => {
    const unknown = { $deltaLake: { connectionName: "lake", where: { connectionName: "data" } } };
    const { result } = await diagnosis(started([source, unknown], { options: { dlq } }));
    expect(namesIn(result["connections"])).toEqual(["kafka", "rejected", "lake"]);
    expect(JSON.stringify(result["findings"])).toContain('\\"lake\\", which the processor uses in a stage, has failed');
    expect(JSON.stringify(result["findings"])).not.toContain("data");
  });

  test("does not miss a connection where a processor writes to its own log", async () => {
    const { result } = await diagnosis(started([source, { $emit: { connectionName: "__testLog" } }]));
    expect(namesIn(result["connections"])).toEqual(["kafka"]);
    expect(JSON.stringify(result["findings"])).not.toContain("__testLog");
  });

  test("shows the source and the sink, with what is secret in them hidden", async () => {
    const headers = { Authorization: "Bearer s3cret" };
    const call = { $https: { connectionName: "api", headers } };
    const { result } = await diagnosis(started([source, call], { tier: "SP10" }));
    expect(result["processor"]).toEqual({
      name: "p",
      state: "STARTED",
      tier: "SP10",
      source,
      sink: { $https: { connectionName: "api", headers: { Authorization: "***" } } },
    });
  });

  test("counts for three seconds, and reads the logs from the minutes before now", async () => {
    const { result, logged, requests } = await diagnosis(started([source, sink], { stats }), { sinceMinutes: 2 });
    expect(result["counters"]).toMatchObject({ seconds: 3 });
    const since = Math.floor(Date.UTC(2026, 0, 1) / 1000) - 120;
    expect(requests.map(({ request }) => request.path)).toContainEqual(expect.stringContaining(`startDate=${since}`));
    expect(logged.at(-1)).toMatchObject({ message: "Call ended", facts: { milliseconds: 3_000 } });
  });
});

test("a list tells what each processor reads, writes, and uses beside that", async () => {
  const unknown = { $deltaLake: { connectionName: "lake" } };
  const reply = answering(started([source, enrichment, unknown, sink, unknown], { options: { dlq } }));
  expect(await call(listStreamProcessors, place, fakeServices({ reply }))).toMatchObject({
    processors: [{ sources: ["kafka"], sinks: ["atlas"], others: ["archive", "lake", "rejected"] }],
  });
});
