/** Numbers that JavaScript rounds or does not know: refused with the way to write them, in every tool that takes free values. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isObject } from "../../src/json.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { addProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import { place, variablesFor } from "../support/against-sandbox.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { resultIn, type ServerProcess, startProcess } from "../support/server-process.ts";
import { emptyWorkspace } from "./session.ts";

let sandbox: Sandbox;
let server: ServerProcess;
const source = { $source: { connectionName: "solar" } };
const sink = { $merge: { into: { connectionName: "sink", db: "db", coll: "coll" } } };
beforeAll(async () => {
  sandbox = await startSandbox();
  const workspace = emptyWorkspace(sandbox);
  addConnection(workspace, { name: "solar", type: "Sample" }, 0);
  addConnection(workspace, { name: "sink", type: "Cluster", clusterName: "Cluster0" }, 0);
  addConnection(workspace, { name: "bus", type: "Kafka", bootstrapServers: "b.example.com:9092" }, 0);
  addProcessor(workspace, { name: "p", pipeline: [source, sink], dlq: undefined, tier: "SP10" }, 0);
  server = startProcess({ env: variablesFor(sandbox) });
  await server.initialize();
});
afterAll(async () => {
  server.child.stdin.end();
  await server.ended;
  await sandbox.close();
});

/** Stands in the arguments where the number is written, which no value of JavaScript can hold. */
const HERE = "the number";
const pipeline = [source, { $match: { a: { $gt: [HERE] } } }, sink];
const kafka = { name: "other", type: "Kafka", bootstrapServers: "b.example.com:9092", config: { "a.b": HERE } };

const tools: [tool: string, args: Record<string, unknown>, path: string][] = [
  ["create_stream_connection", { connection: kafka }, "connection.config.a.b"],
  [
    "update_stream_connection",
    { connectionName: "bus", connection: { config: { "a.b": HERE } } },
    "connection.config.a.b",
  ],
  ["create_stream_processor", { processorName: "q", pipeline }, "pipeline[1].$match.a.$gt[0]"],
  ["update_stream_processor", { processorName: "p", pipeline }, "pipeline[1].$match.a.$gt[0]"],
  [
    "apply_stream_pipeline",
    { processors: [{ processorName: "q", pipeline }], dryRun: false },
    "processors[0].pipeline[1].$match.a.$gt[0]",
  ],
  ["apply_stream_pipeline", { connections: [kafka], dryRun: false }, "connections[0].config.a.b"],
];

/** The same with every object and list inside the arguments as text. */
const asText = (args: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name, typeof value === "object" ? JSON.stringify(value) : value]),
  );

let ids = 0;
async function call(tool: string, args: Record<string, unknown>, number: string) {
  const id = `number-${++ids}`;
  const request = {
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name: tool, arguments: { ...place, ...args } },
  };
  const line = JSON.stringify(request);
  server.send(line.replaceAll(`"${HERE}"`, number).replaceAll(`\\"${HERE}\\"`, number));
  return resultIn(await server.message((message) => message["id"] === id));
}
const writes = () => sandbox.requests.filter(({ method }) => method !== "GET");

describe.each(["9007199254740993", "12345678901234567890", "1e400"])("%s", (number) => {
  it.each(tools)("is refused by %s, with the way to write it", async (tool, args, path) => {
    for (const form of [args, asText(args)]) {
      const { outcome, error } = await call(tool, form, number);
      expect(outcome).toBe("failed");
      expect(isObject(error) && error["kind"]).toBe("invalid_input");
      expect(isObject(error) && error["fields"]).toContainEqual({
        path,
        message: expect.stringContaining('{"$numberLong": "…"}'),
      });
    }
    expect(writes()).toEqual([]);
  });
});

it("the way to write it is sent as it is written", async () => {
  const result = await call(
    "create_stream_processor",
    { processorName: "q", pipeline },
    '{"$numberLong":"9007199254740993"}',
  );
  expect(result).toMatchObject({ outcome: "created" });
  expect(writes().map(({ body }) => JSON.stringify(body))).toEqual([
    expect.stringContaining('{"$gt":[{"$numberLong":"9007199254740993"}]}'),
  ]);
});
