/** What is being deleted is neither there nor free, whatever a call wants of its name. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { freshName, place } from "../support/against-sandbox.ts";
import { emptyWorkspace, type Session, startSession } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession({ env: { ATLAS_STREAMS_MCP_CHECK_MS: "300" } });
}, 60_000);
afterEach(() => session.reset());
afterAll(() => session.close());

const hook = (name: string, more: JsonObject = {}) => ({ name, type: "Https", url: "https://a.example.com", ...more });
const create = (connection: JsonObject, more: JsonObject = {}, options = {}) =>
  session.call("create_stream_connection", { ...place, connection, ...more }, options);
const gone = (name: string) => () => void emptyWorkspace(session.sandbox).connections.delete(name);

function leaving(): string {
  const name = freshName();
  session.put({ name, type: "Https", url: "https://a.example.com" }).state = "DELETING";
  return name;
}

const inTheWay = {
  isError: true,
  summary: expect.stringMatching(/is being deleted/),
  error: {
    kind: "conflict",
    retryable: true,
    hint: expect.stringMatching(/^Wait.*call again.*`waitUntilReady`: true/),
  },
};

describe("a create", () => {
  it.each([{}, { url: "https://b.example.com" }])(
    "is a conflict that passes, as the old one or another: %j",
    async (more) => {
      const name = leaving();
      const result = await create(hook(name, more));
      expect(result).toMatchObject({ ...inTheWay, connection: { state: "DELETING" } });
      expect(result.error).not.toHaveProperty("fields");
      expect(JSON.stringify(result)).not.toMatch(/choose another name|use the existing/i);
      gone(name)();
      expect(await create(hook(name, more))).toMatchObject({ outcome: "created" });
    },
  );

  it.each(["DELETE_REQUESTED", "DROPPED"])("is one of a name in state %s", async (state) => {
    const name = leaving();
    const path = new RegExp(`/${name}$`);
    session.sandbox.faults.add({
      method: "GET",
      path,
      fault: { kind: "answer", status: 200, body: { ...hook(name), state } },
    });
    expect(await create(hook(name))).toMatchObject(inTheWay);
  });

  it("is one of a name that is taken and cannot be found", async () => {
    const name = leaving();
    session.sandbox.faults.add({
      method: "POST",
      fault: {
        kind: "answer",
        status: 409,
        body: { errorCode: "STREAM_CONNECTION_NAME_ALREADY_EXISTS", detail: "Taken" },
      },
    });
    gone(name)();
    expect(await create(hook(name))).toMatchObject({
      ...inTheWay,
      summary: expect.stringMatching(/is taken.*cannot be found/),
    });
  });

  it("is none of one that is only new", async () => {
    const name = freshName();
    await create(hook(name));
    session.sandbox.faults.add({
      method: "GET",
      path: new RegExp(`/${name}$`),
      fault: { kind: "answer", status: 404, body: { errorCode: "STREAM_CONNECTION_NOT_FOUND_FOR_NAME" } },
    });
    expect(await create(hook(name))).toMatchObject({ outcome: "already_exists" });
  });

  it("is one where its answer is lost and the old one is there", async () => {
    const name = leaving();
    session.sandbox.faults.add({ method: "POST", fault: { kind: "reset-after-acting" } });
    expect(await create(hook(name))).toMatchObject(inTheWay);
    expect(session.sent("POST")).toHaveLength(1);
  });

  it("is foreseen so", async () => {
    expect(await create(hook(leaving()), { dryRun: true })).toMatchObject({
      outcome: "planned",
      wouldBe: "conflict",
      warnings: [expect.stringMatching(/is being deleted.*Wait/)],
    });
  });

  it("that waits is done once the old one is gone", async () => {
    const name = leaving();
    const messages: string[] = [];
    const onprogress = ({ message = "" }) => {
      messages.push(message);
      gone(name)();
    };
    expect(await create(hook(name), { waitUntilReady: true }, { onprogress })).toMatchObject({
      outcome: "created",
      connection: { state: "READY" },
      warnings: [],
    });
    expect(messages[0]).toBe("State DELETING");
    expect(session.sent("POST")).toHaveLength(2);
  });
});

describe("an update", () => {
  it.each<[string, JsonObject]>([
    ["a change", { url: "https://b.example.com" }],
    ["no change", {}],
  ])("with %s is a conflict that passes, and nothing is sent", async (_, connection) => {
    const connectionName = leaving();
    const update = (dryRun: boolean) =>
      session.call("update_stream_connection", { ...place, connectionName, connection, dryRun });
    expect(await update(false)).toMatchObject({
      isError: true,
      summary: expect.stringMatching(/is being deleted \(state DELETING\)/),
      error: { kind: "conflict", retryable: true, hint: expect.stringMatching(/^Wait/) },
    });
    expect(await update(true)).toMatchObject({
      outcome: "planned",
      wouldBe: "conflict",
      summary: expect.stringMatching(/is being deleted \(state DELETING\).*Wait/),
    });
    expect(session.sent("PATCH")).toEqual([]);
  });
});

describe("a processor", () => {
  it("of that name cannot be created yet", async () => {
    const body = { name: "p", state: "DELETING", pipeline: [] };
    session.sandbox.faults.add({
      method: "POST",
      fault: { kind: "answer", status: 409, body: { errorCode: "TAKEN" } },
    });
    session.sandbox.faults.add({
      method: "GET",
      path: /\/processor\/p$/,
      fault: { kind: "answer", status: 200, body },
    });
    const pipeline = [{ $source: { documents: [{ a: 1 }] } }, { $emit: { connectionName: "__testLog" } }];
    expect(await session.call("create_stream_processor", { ...place, processorName: "p", pipeline })).toMatchObject({
      summary: expect.stringMatching(/The processor "p" is being deleted/),
      error: { kind: "conflict", retryable: true },
    });
  });
});
