/** `delete_stream_connection`: what a person has to say twice, what it waits for, and what it says of processors. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { addProcessor } from "../../src/sandbox/data/processor-lifecycle.ts";
import { sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { connectionsPath, freshName, place } from "../support/against-sandbox.ts";
import type { FaultRule } from "../support/sandbox.ts";
import { emptyWorkspace, type Session, startSession, stored } from "./session.ts";

const start = () => startSession({ env: { ATLAS_STREAMS_MCP_TIMEOUT_MS: "1500", ATLAS_STREAMS_MCP_CHECK_MS: "300" } });

let session: Session;
beforeAll(async () => {
  session = await start();
}, 60_000);
afterEach(() => {
  session.sandbox.state.readyAfterMs = 0;
  session.sandbox.state.oddities.deletingMs = 40;
  session.reset();
});
afterAll(() => session.close());

const remove = (connectionName: string, more: Record<string, unknown> = {}, options = {}, by = session) =>
  by.call("delete_stream_connection", { ...place, connectionName, confirm: connectionName, ...more }, options);

function existing(on = session): string {
  const name = freshName();
  on.put({ name, type: "Sample" });
  return name;
}

describe("a delete", () => {
  it("removes the connection", async () => {
    const name = existing();
    expect(await remove(name)).toEqual({
      isError: false,
      outcome: "deleted",
      summary: `Deleted the connection "${name}".`,
      project: place,
      processors: [],
      warnings: [],
    });
    expect(stored(session.sandbox, name)).toBeUndefined();
    expect(session.sent("DELETE").map(({ path }) => path)).toEqual([`${connectionsPath}/${name}`]);
  });

  it("is answered without a body too, though the connection is there a while longer", async () => {
    session.sandbox.state.oddities.deletingMs = 800;
    const name = existing();
    session.sandbox.faults.add({ method: "DELETE", fault: { kind: "answer", status: 202, body: "", act: true } });
    expect(await remove(name)).toMatchObject({ isError: false, outcome: "deleted", warnings: [] });
    expect(session.sent("DELETE")).toHaveLength(1);
  });

  it.each(["", "another", "CONNECTION-1", undefined])(
    "confirmed with %j is refused before Atlas is asked",
    async (confirm) => {
      const name = existing();
      const { error } = await remove(name, { confirm });
      expect(error).toMatchObject({ kind: "invalid_input", fields: [{ path: "confirm" }] });
      expect(session.sandbox.requests).toEqual([]);
    },
  );

  it("is planned without a word from a person", async () => {
    const planned = await remove(existing(), { confirm: undefined, dryRun: true });
    expect(planned).toMatchObject({ isError: false, outcome: "planned" });
    expect(session.sent("DELETE")).toEqual([]);
  });

  it("of one that is gone already is not_found and no error", async () => {
    const name = existing();
    await remove(name);
    expect(await remove(name)).toMatchObject({
      isError: false,
      outcome: "not_found",
      summary: `There is no connection "${name}"; nothing had to be deleted.`,
      project: place,
    });
  });

  it("of one that may be mistyped suggests the name that is there", async () => {
    const name = existing();
    const result = await remove(`${name}x`);
    expect(result).toMatchObject({
      outcome: "not_found",
      warnings: [expect.stringMatching(new RegExp(`did you mean "${name}"\\? Ask the person`))],
    });
  });

  it.each<[string, (name: string) => [string, Record<string, unknown>]]>([
    ["refusal", (name) => [name, { confirm: undefined }]],
    ["refusal of a mistyped name", (name) => [name, { confirm: `${name}x` }]],
    ["dry run", (name) => [name, { confirm: undefined, dryRun: true }]],
    ["dry run with a mistyped name", (name) => [name, { confirm: `${name}x`, dryRun: true }]],
    ["not_found of a dry run", (name) => [`${name}x`, { confirm: undefined, dryRun: true }]],
    ["failure of a dry run", (name) => [name, { confirm: undefined, dryRun: true, tenantName: "click" }]],
  ])("without the right name again says to ask the person: a %s", async (_, args) => {
    const name = existing();
    expect(JSON.stringify(await remove(...args(name)))).toContain("Ask the person");
    expect(stored(session.sandbox, name)?.state).toBe("READY");
  });

  it("in a workspace that is not there is an error", async () => {
    expect(await remove("x", { tenantName: "click" })).toMatchObject({
      isError: true,
      outcome: "failed",
      error: { kind: "not_found", fields: [{ path: "tenantName", message: expect.stringContaining("clickstream") }] },
    });
  });

  it("in a project that is not there is an error", async () => {
    expect(await remove("x", { groupId: "0123456789abcdef01234567" })).toMatchObject({
      isError: true,
      error: { kind: "not_found", fields: [{ path: "groupId" }] },
    });
  });

  it("that the credentials may not do names the roles", async () => {
    session.sandbox.state.rights.set(place.groupId, "read");
    const result = await remove(existing());
    session.sandbox.state.rights.clear();
    expect(result).toMatchObject({ error: { kind: "forbidden", hint: expect.stringContaining("Project Owner") } });
  });
});

describe("processors that use it", () => {
  const tenantName = sandboxTenant;

  it.each([
    ["shop-kafka", "as their source"],
    ["shop-cluster", "as their sink"],
  ])("are named: %s, %s", async (name) => {
    expect(await remove(name, { tenantName, dryRun: true })).toMatchObject({
      outcome: "planned",
      processors: ["paidOrders"],
      warnings: [expect.stringContaining("paidOrders")],
    });
  });

  /** Puts a processor into the empty workspace; it goes with the test. */
  const put = (name: string, pipeline: JsonObject[], dlq?: JsonObject) =>
    addProcessor(emptyWorkspace(session.sandbox), { name, pipeline, dlq, tier: "SP10" }, 0);
  afterEach(() => emptyWorkspace(session.sandbox).processors.clear());

  it("keep it, also where it only takes their failed messages, until it is forced", async () => {
    const name = existing();
    put("failing", [], { connectionName: name });
    expect(await remove(name)).toMatchObject({
      isError: true,
      outcome: "failed",
      processors: ["failing"],
      error: { kind: "conflict", hint: expect.stringMatching(/Ask the person.*`force`: true/) },
    });
    expect(session.sent("DELETE")).toEqual([]);
    expect(await remove(name, { force: true })).toMatchObject({ outcome: "deleted", processors: ["failing"] });
  });

  it.each<[string, (connectionName: string) => JsonObject]>([
    [
      "a look-up in a window",
      (connectionName) => ({ $tumblingWindow: { pipeline: [{ $lookup: { from: { connectionName } } }] } }),
    ],
    ["a vector search", (connectionName) => ({ $vectorSearch: { from: { connectionName } } })],
    ["a schema registry", (connectionName) => ({ $source: { schemaRegistry: { connectionName } } })],
  ])("keep it in %s", async (_, stage) => {
    const name = existing();
    put("enriching", [stage(name)]);
    expect(await remove(name)).toMatchObject({ error: { kind: "conflict" }, processors: ["enriching"] });
  });

  it("are not made up of data that is called so", async () => {
    const name = existing();
    put("filtering", [{ $match: { connectionName: name } }, { $project: { connectionName: name } }]);
    expect(await remove(name)).toMatchObject({ outcome: "deleted", processors: [], warnings: [] });
  });

  it("keep it where they only may use it, until it is forced", async () => {
    const name = existing();
    put("newer", [{ $deltaLake: { to: [{ table: { connectionName: name } }] } }]);
    const refused = await remove(name);
    expect(refused).toMatchObject({
      isError: true,
      processors: [],
      doubtful: ["newer"],
      warnings: [expect.stringMatching(/may use it.*: newer/)],
      summary: expect.stringContaining("may use"),
      error: { kind: "conflict", hint: expect.stringContaining("`force`") },
    });
    expect(session.sent("DELETE")).toEqual([]);
    expect(await remove(name, { force: true })).toMatchObject({ outcome: "deleted", doubtful: ["newer"] });
  });

  describe("and run", () => {
    const running = (connectionName: string) => {
      const processor = put("filling", [{ $source: { connectionName } }, { $emit: { connectionName: "__testLog" } }]);
      processor.state = "STARTED";
      put("resting", [{ $merge: { into: { connectionName } } }]).state = "STOPPED";
    };
    const inUse = {
      isError: true,
      summary: expect.stringMatching(/run on the connection "[^"]+": filling\.$/),
      processors: ["filling"],
      error: {
        kind: "conflict",
        status: 403,
        errorCode: "STREAM_CONNECTION_HAS_STREAM_PROCESSORS",
        hint: expect.stringMatching(/Ask the person.*stop_stream_processor/),
      },
    };

    it("keep it though it is forced, which is told as what it is", async () => {
      const name = existing();
      running(name);
      const result = await remove(name, { force: true });
      expect(result).toMatchObject(inUse);
      expect(result.error?.hint).not.toMatch(/role|force/);
      expect(stored(session.sandbox, name)?.state).toBe("READY");
    });

    it("are told apart from others, before anything is promised of `force`", async () => {
      const name = existing();
      running(name);
      const { error, processors } = await remove(name);
      expect(processors).toEqual(["filling", "resting"]);
      expect(error).toMatchObject({
        kind: "conflict",
        hint: expect.stringMatching(/filling run.*stop_stream_processor/),
      });
      expect(session.sent("DELETE")).toEqual([]);
    });

    it.each([
      [{}, "conflict", /^Would fail \(conflict\): Stream processors use/],
      [{ force: true }, "conflict", /^Would fail \(conflict\): Stream processors run on .*: filling/],
    ])("are foreseen by a dry run: %j", async (more, wouldBe, summary) => {
      const name = existing();
      running(name);
      expect(await remove(name, { ...more, dryRun: true })).toMatchObject({
        outcome: "planned",
        wouldBe,
        summary: expect.stringMatching(summary),
      });
    });

    it("keep it where they cannot be read either", async () => {
      const name = existing();
      running(name);
      session.sandbox.faults.add({ path: /\/processors$/, times: 9, fault: { kind: "answer", status: 403, body: {} } });
      const result = await remove(name, { force: true });
      expect(result).toMatchObject({
        error: { kind: "conflict", hint: expect.stringContaining("list_stream_processors") },
      });
      expect(result).not.toHaveProperty("processors");
    });
  });

  it("that do not run are foreseen by a dry run, and do not keep it where it is forced", async () => {
    const name = existing();
    put("resting", [{ $source: { connectionName: name } }]).state = "STOPPED";
    expect(await remove(name, { dryRun: true })).toMatchObject({ outcome: "planned", wouldBe: "conflict" });
    expect(await remove(name, { dryRun: true, force: true })).toMatchObject({ wouldBe: "deleted" });
    expect(await remove(name, { force: true })).toMatchObject({ outcome: "deleted" });
  });

  it("do not make one that is gone more than not_found", async () => {
    put("failing", [{ $source: { connectionName: "gone" } }]);
    expect(await remove("gone")).toMatchObject({ isError: false, outcome: "not_found" });
    expect(session.sent("DELETE")).toEqual([]);
  });

  it("are not made up of names that only look alike", async () => {
    expect(await remove("fraud-check", { tenantName, dryRun: true })).toMatchObject({ processors: [], warnings: [] });
    expect(await remove("kafka", { tenantName, dryRun: true })).toMatchObject({ outcome: "not_found" });
  });

  it("that cannot be read keep it, until it is forced", async () => {
    const name = existing();
    const unreadable = () =>
      session.sandbox.faults.add({ path: /\/processors$/, times: 9, fault: { kind: "answer", status: 403, body: {} } });
    unreadable();
    const refused = await remove(name);
    expect(refused).toMatchObject({
      isError: true,
      summary: expect.stringMatching(/processors.*could not be read/),
      error: { kind: "conflict", hint: expect.stringContaining("`force`") },
    });
    expect(refused).not.toHaveProperty("processors");
    expect(session.sent("DELETE")).toEqual([]);
    unreadable();
    const forced = await remove(name, { force: true });
    expect(forced).toMatchObject({
      outcome: "deleted",
      warnings: [expect.stringMatching(/processors.*could not be read/)],
    });
    expect(forced).not.toHaveProperty("processors");
  });

  it("that cannot be read do not make one that is gone more than not_found", async () => {
    session.sandbox.faults.add({ path: /\/processors$/, times: 9, fault: { kind: "answer", status: 403, body: {} } });
    expect(await remove("gone")).toMatchObject({ isError: false, outcome: "not_found" });
  });
});

describe("waiting", () => {
  /** Calls delete; each word of progress moves Atlas on, so that no test depends on a clock. */
  async function removeWhile(name: string, moves: Record<string, () => void>) {
    const messages: string[] = [];
    const onprogress = ({ message = "" }: { message?: string }) => {
      messages.push(message);
      moves[message]?.();
    };
    return { result: await remove(name, {}, { onprogress }), messages };
  }
  const toGo = (name: string) => () => emptyWorkspace(session.sandbox).connections.delete(name);

  it("for a Kafka connection that is still being deployed, and then for it to go", async () => {
    const name = freshName();
    session.sandbox.state.readyAfterMs = Number.POSITIVE_INFINITY;
    const connection = session.put({ name, type: "Kafka", bootstrapServers: "b:1" }, Number.POSITIVE_INFINITY);
    const toBeReady = () => {
      connection.state = "READY";
    };
    const deployed = "Waiting until the connection is deployed";
    const { result, messages } = await removeWhile(name, { [deployed]: toBeReady, "State DELETING": toGo(name) });
    expect(result).toMatchObject({ isError: false, outcome: "deleted", warnings: [] });
    expect(messages).toEqual([deployed, "State DELETING"]);
    expect(session.sent("DELETE").map(({ status }) => status)).toEqual([409, 202]);
  });

  it("for one that is DELETING already", async () => {
    const name = freshName();
    session.put({ name, type: "Sample" }).state = "DELETING";
    const { result, messages } = await removeWhile(name, { "State DELETING": toGo(name) });
    expect(result).toMatchObject({ isError: false, outcome: "deleted", warnings: [] });
    expect(messages).toEqual(["State DELETING"]);
  });
});

// These wait for seconds each, so they wait side by side, and look at nothing but their own connection.
describe.concurrent("a delete whose answer is lost", () => {
  let lossy: Session;
  beforeAll(async () => {
    lossy = await start();
  }, 60_000);
  afterAll(async () => {
    lossy.reset();
    await lossy.close();
  });

  const removeIt = (name: string) => remove(name, {}, {}, lossy);
  /** A connection whose first DELETE meets this fault. */
  function doomed(fault: FaultRule["fault"]): string {
    const name = existing(lossy);
    lossy.sandbox.faults.add({ method: "DELETE", path: new RegExp(`/${name}$`), fault });
    return name;
  }

  it.each<FaultRule["fault"]>([
    { kind: "reset-after-acting" },
    { kind: "silence-after-acting" },
    { kind: "garbage-body" },
    { kind: "answer", status: 500, body: {}, act: true },
    { kind: "answer", status: 202, act: true },
  ])("on which Atlas acted is deleted: %j", async (fault) => {
    const name = doomed(fault);
    expect(await removeIt(name)).toMatchObject({ isError: false, outcome: "deleted" });
    expect(stored(lossy.sandbox, name)).toBeUndefined();
    expect(lossy.sent("DELETE").filter(({ path }) => path.endsWith(`/${name}`))).toHaveLength(1);
  });

  it.each<[FaultRule["fault"], string]>([
    [{ kind: "reset-after-read" }, "network"],
    [{ kind: "silence-before-acting" }, "timeout"],
    [{ kind: "answer", status: 500, body: {} }, "atlas_error"],
  ])("on which it did not act is a failure that may be repeated: %j", async (fault, kind) => {
    const name = doomed(fault);
    const result = await removeIt(name);
    expect(result).toMatchObject({ isError: true, error: { kind, retryable: true } });
    expect(result.error?.hint).not.toMatch(/created/);
    expect(stored(lossy.sandbox, name)?.state).toBe("READY");
    expect(await removeIt(name)).toMatchObject({ outcome: "deleted" });
  });

  it("and that cannot be checked is unknown_outcome", async () => {
    const name = doomed({ kind: "reset-after-acting" });
    const path = new RegExp(`/${name}$`);
    lossy.sandbox.faults.add({ method: "GET", path, times: 9, fault: { kind: "answer", status: 403, body: {} } });
    const { error } = await removeIt(name);
    expect(error).toMatchObject({ kind: "unknown_outcome" });
    expect(error?.hint).not.toMatch(/created|already_exists/);
  });
});

describe("a dry run", () => {
  it("shows the request and sends only reads", async () => {
    const name = existing();
    expect(await remove(name, { dryRun: true })).toEqual({
      isError: false,
      outcome: "planned",
      summary: `Would delete the connection "${name}"; nothing was deleted.`,
      project: place,
      wouldBe: "deleted",
      processors: [],
      warnings: [],
      request: {
        method: "DELETE",
        url: `${session.sandbox.url}${connectionsPath}/${name}`,
        headers: {
          accept: "application/vnd.atlas.2023-02-01+json",
          "user-agent": expect.stringContaining("atlas-streams-mcp/"),
          authorization: "***",
        },
      },
    });
    expect(session.sandbox.requests.filter(({ method }) => method !== "GET")).toEqual([]);
    expect(stored(session.sandbox, name)?.state).toBe("READY");
  });
});
