/** `--sandbox`: an Atlas of its own inside the process, and no trace of it without the flag. */
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { sandboxProcessor, sandboxProject, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { simple, variablesFor } from "../support/against-sandbox.ts";
import { resultOfCall } from "../support/call-result.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { type RunningServer, serverPath, startServer } from "../support/server.ts";
import { createCall, resultIn, startProcess } from "../support/server-process.ts";

/** Waits until a new connection can be read. */
const found = ({ client }: RunningServer, named: Record<string, unknown>) =>
  vi.waitFor(async () => {
    expect(await client.callTool({ name: "get_stream_connection", arguments: named })).toMatchObject({
      isError: false,
    });
  }, 5_000);

describe("with --sandbox", () => {
  it("the server needs no variables, tells where it is, and creates connections there", async () => {
    const server = await startServer({}, ["--sandbox"]);
    const place = { groupId: sandboxProject.groupId, tenantName: sandboxTenant };
    expect(server.client.getInstructions()).toContain(place.groupId);
    expect(server.client.getInstructions()).toContain(place.tenantName);
    const connection = { name: "sample_stream_solar", type: "Sample" };
    expect(await server.create({ ...place, connection })).toMatchObject({ outcome: "created", project: place });
    await found(server, { ...place, connectionName: connection.name });
    expect(await server.create({ ...place, connection })).toMatchObject({ outcome: "already_exists" });
    const { equivalents } = await server.create({ ...place, connection, dryRun: true });
    expect(equivalents).toMatchObject({ curl: expect.stringMatching(/^# .*sandbox.* gone when that process ends/) });
    await server.close();
    expect(server.stderr()).toBe("");
  });

  it("a connection takes a moment, and one to a broker that never exists fails", async () => {
    const server = await startServer({}, ["--sandbox"]);
    const place = { groupId: sandboxProject.groupId, tenantName: sandboxTenant };
    const to = (name: string, bootstrapServers: string) => ({
      ...place,
      connection: { name, type: "Kafka", bootstrapServers },
    });
    expect(await server.create(to("slow", "b.example.com:9092"))).toMatchObject({ connection: { state: "PENDING" } });
    await found(server, { ...place, connectionName: "slow" });
    const [slow, never] = await Promise.all([
      server.create({ ...to("slow", "b.example.com:9092"), waitUntilReady: true }),
      server.create({ ...to("never", "b.invalid:9092"), waitUntilReady: true }),
    ]);
    expect(slow).toMatchObject({ outcome: "already_exists", connection: { state: "READY" } });
    expect(never).toMatchObject({ outcome: "failed", isError: true, connection: { state: "FAILED" } });
    await server.close();
  });

  it("a processor is stopped and started again before a connection is ready", async () => {
    const server = await startServer({}, ["--sandbox"]);
    const place = { groupId: sandboxProject.groupId, tenantName: sandboxTenant };
    const ended: unknown[] = [];
    const end = ({ outcome }: { outcome?: unknown }) => void ended.push(outcome);
    const switched = async (verb: string) => {
      const params = {
        name: `${verb}_stream_processor`,
        arguments: { ...place, processorName: sandboxProcessor.name },
      };
      end(resultOfCall(await server.client.callTool(params)));
    };
    const connection = { name: "sample_stream_solar", type: "Sample" };
    const ready = server.create({ ...place, connection, waitUntilReady: true }).then(end);
    await switched("stop");
    await switched("start");
    await ready;
    expect(ended).toEqual(["stopped", "started", "created"]);
    await server.close();
  });

  it("the server does not use the real credentials and base URL that are set", async () => {
    const sandbox = await startSandbox();
    const server = await startServer(variablesFor(sandbox), ["--sandbox"]);
    expect(await server.create({ ...simple(), dryRun: true })).toMatchObject({
      request: { url: expect.not.stringContaining(sandbox.url) },
    });
    expect(await server.create(simple())).toMatchObject({ outcome: "created" });
    expect(sandbox.requests).toEqual([]);
    await Promise.all([server.close(), sandbox.close()]);
  });
});

describe("without the file of the sandbox", () => {
  let folder: string;
  let path: string;
  let sandbox: Sandbox;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "no-sandbox-test-"));
    path = join(folder, basename(serverPath));
    await cp(dirname(serverPath), folder, { recursive: true, filter: (file) => basename(file) !== "sandbox.js" });
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    sandbox = await startSandbox();
  });
  afterAll(async () => {
    await Promise.all([sandbox.close(), rm(folder, { recursive: true })]);
  });

  it("the server works, since it loads the sandbox only with the flag", async () => {
    const server = startProcess({ path, env: variablesFor(sandbox) });
    await server.initialize();
    expect(await server.ask("tools/list")).toMatchObject({ result: { tools: expect.any(Array) } });
    expect(resultIn(await server.ask("tools/call", createCall(simple())))).toMatchObject({ outcome: "created" });
    server.child.stdin.end();
    expect(await server.ended).toEqual({ code: 0, signal: null });
  });

  it("the flag ends with one line and a code", async () => {
    const server = startProcess({ path, args: ["--sandbox"] });
    expect(await server.ended).toEqual({ code: 1, signal: null });
    expect([server.stdout(), server.stderr()]).toEqual(["", expect.stringMatching(/^atlas-streams-mcp: [^\n]+\n$/)]);
  });
});
