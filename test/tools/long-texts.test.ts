/** No text of Atlas's of over 2,000 characters is repeated whole, neither in a sentence nor in what a result shows. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { AtlasFailure } from "../../src/atlas/failure.ts";
import type { JsonObject } from "../../src/json.ts";
import { catalog } from "../../src/tools/catalog.ts";
import { call, fakeServices, place } from "../support/fake-services.ts";

const LONG = "No broker ".repeat(200_000);
const LONGEST = 2_000;

const connection = {
  name: "k",
  type: "Kafka",
  bootstrapServers: "b:9092",
  state: "FAILED",
  errorMessage: LONG,
};
const pipeline = [
  { $source: { connectionName: "k", topic: "t" } },
  { $merge: { into: { connectionName: "c", db: "d", coll: "c" } } },
];
const processor = { name: "p", state: "FAILED", tier: "SP10", pipeline };
const link = { _id: "1", provider: "AWS", vendor: "MSK", state: "FAILED", errorMessage: LONG };
const logs = gzipSync(JSON.stringify({ t: "2026-01-01T00:00:00Z", s: "E", msg: LONG }));

/** An Atlas in which everything has failed, and says so at length. */
const services = () => {
  const fake = fakeServices({
    reply: ({ method, path }) => {
      if (method !== "GET")
        return new AtlasFailure("conflict", "It is there", { errorCode: "ALREADY_EXISTS", structured: true });
      if (path.includes("/connections/")) return connection;
      if (path.includes("/connections")) return { results: [connection], totalCount: 1 };
      if (path.includes("/processors")) return { results: [processor], totalCount: 1 };
      if (path.includes("/processor/")) return processor;
      if (path.includes("/privateLink")) return { results: [link], totalCount: 1 };
      return path.includes("/streams/") ? { name: place.tenantName } : { results: [], totalCount: 0 };
    },
  });
  const { atlas } = fake;
  const withLogs: typeof atlas.read = async (request, signal) => ({
    ...(await atlas.read(request, signal)),
    ...(request.path.includes("Logs") && { bytes: logs }),
  });
  const own = { ...atlas, read: withLogs };
  return { ...fake, atlas: { ...own, observedBy: () => own } };
};

const kafka = { name: "k", type: "Kafka", bootstrapServers: "b:9092" };

test.each<[string, JsonObject]>([
  ["get_stream_connection", { connectionName: "k" }],
  ["list_stream_connections", { detail: true }],
  ["get_connection_options", { type: "Kafka" }],
  ["create_stream_connection", { connection: { ...kafka, bootstrapServers: "other:9092" } }],
  ["create_stream_connection", { connection: kafka, waitUntilReady: true }],
  ["update_stream_connection", { connectionName: "k", connection: {} }],
  ["diagnose_stream_processor", { processorName: "p" }],
  ["start_stream_processor", { processorName: "p" }],
  ["read_stream_logs", { processorName: "p" }],
  ["get_stream_networking", {}],
  ["apply_stream_pipeline", { connections: [kafka], processors: [{ processorName: "p", pipeline, start: true }] }],
])("%s %j", async (name, args) => {
  const tool = catalog.find((each) => each.name === name);
  if (!tool) throw new Error(`No tool ${name}`);
  const shown = JSON.stringify(await call(tool, { ...place, ...args }, services()));
  expect(Math.max(0, ...[...shown.matchAll(/(?:No broker ?)+/g)].map(([text]) => text.length))).toBeLessThanOrEqual(
    LONGEST,
  );
  expect(shown.length).toBeLessThan(30_000);
});

test("what is cut here is a long text at all", async () => {
  const [tool] = catalog.filter(({ name }) => name === "get_stream_connection");
  if (!tool) throw new Error("No tool");
  const { connection: found } = await call(tool, { ...place, connectionName: "k" }, services());
  expect(found?.["errorMessage"]).toMatch(/^No broker .*…$/);
  expect(String(found?.["errorMessage"])).toHaveLength(LONGEST);
});
