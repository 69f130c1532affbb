/** Each tool for workspaces and processors, called in either era: from nothing to a running pipeline, and back. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { place, variablesFor } from "../support/against-sandbox.ts";
import { eras } from "../support/eras.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { resultIn, startProcess } from "../support/server-process.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  // What is new can be read at once: the moment in which it cannot is not what these tests are about.
  sandbox = await startSandbox({ readyAfterMs: 50, oddities: { hiddenMs: 0 } });
});
afterAll(() => sandbox.close());

const { groupId } = place;
const pipeline = [
  { $source: { connectionName: "sample_stream_solar" } },
  { $emit: { connectionName: "hook-sink", topic: "solar" } },
];
const kafka = { name: "hook-sink", type: "Kafka", bootstrapServers: "b1.example.com:9092" };

describe.concurrent.each(eras)("in the $name era", ({ name, open, params }) => {
  const tenantName = `era-${name}`;
  const workspace = { groupId, tenantName };
  const named = { ...workspace, processorName: "p" };

  it("every tool of the toolset does its work", async () => {
    const server = startProcess({ env: variablesFor(sandbox) });
    await open(server);
    const call = async (tool: string, args: JsonObject) =>
      resultIn(await server.ask("tools/call", params({ name: tool, arguments: args })));
    const outcomes: [string, unknown][] = [];
    const note = async (tool: string, args: JsonObject) => {
      const result = await call(tool, args);
      outcomes.push([tool, result["outcome"]]);
      return result;
    };

    await note("create_stream_workspace", {
      ...workspace,
      cloudProvider: "AWS",
      region: "us-east-1",
      sampleConnection: true,
    });
    await note("apply_stream_pipeline", { ...workspace, connections: [kafka], dryRun: false });
    await note("create_stream_processor", { ...named, pipeline });
    await note("start_stream_processor", named);
    const diagnosis = await note("diagnose_stream_processor", named);
    expect(diagnosis["findings"]).toEqual([
      expect.objectContaining({ severity: "info", what: expect.stringMatching(/runs/) }),
      expect.objectContaining({ severity: "info", what: expect.stringMatching(/dead letter/) }),
    ]);
    const { processors } = await note("list_stream_processors", workspace);
    expect(processors).toMatchObject([
      { name: "p", state: "STARTED", sources: ["sample_stream_solar"], sinks: ["hook-sink"] },
    ]);
    await note("update_stream_processor", { ...named, tier: "SP50" });
    await note("stop_stream_processor", named);
    expect(await note("get_stream_processor", named)).toMatchObject({ processor: { state: "STOPPED", tier: "SP50" } });
    await note("delete_stream_processor", { ...named, confirm: "p" });
    await note("delete_stream_workspace", { ...workspace, confirm: tenantName });
    expect(outcomes).toEqual([
      ["create_stream_workspace", "created"],
      ["apply_stream_pipeline", "applied"],
      ["create_stream_processor", "created"],
      ["start_stream_processor", "started"],
      ["diagnose_stream_processor", "ok"],
      ["list_stream_processors", "ok"],
      ["update_stream_processor", "updated"],
      ["stop_stream_processor", "stopped"],
      ["get_stream_processor", "ok"],
      ["delete_stream_processor", "deleted"],
      ["delete_stream_workspace", "deleted"],
    ]);
    server.child.stdin.end();
    await server.ended;
  }, 60_000);
});
