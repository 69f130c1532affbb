/** What is said of writes whose answer is no plain yes or no. */
import { describe, expect, test } from "vitest";
import { AtlasFailure } from "../../src/atlas/failure.ts";
import type { JsonObject } from "../../src/json.ts";
import updateStreamConnection from "../../src/tools/connections/update.ts";
import type { Reply } from "../atlas/fake-atlas.ts";
import { call, create, fakeServices, place } from "../support/fake-services.ts";

const hook = (over: JsonObject = {}) => ({ name: "x", type: "Https", url: "https://a.example.com", ...over });
const lost = () => new AtlasFailure("network", "The connection was reset", { retryable: true });
const taken = () =>
  new AtlasFailure("conflict", "Taken", {
    status: 409,
    structured: true,
    errorCode: "STREAM_CONNECTION_NAME_ALREADY_EXISTS",
    detail: "The name is taken.",
  });

/** Creates a connection on an Atlas that answers the create, and the looks for it, so. */
const creating = (answer: () => unknown, look: () => unknown, connection: JsonObject = hook()) =>
  create({ ...place, connection }, fakeServices({ reply: ({ method }) => (method === "POST" ? answer() : look()) }));

describe("a create", () => {
  test("that meets another of its name is no call to repeat, though its answer was lost", async () => {
    for (const answer of [lost, taken])
      expect(await creating(answer, () => hook({ url: "https://b.example.com" }))).toMatchObject({
        outcome: "failed",
        error: { kind: "conflict", retryable: false, fields: [{ path: "connection.url" }] },
      });
  });

  test("that is refused is told in Atlas's words where what has the name cannot be read", async () => {
    const broken = () => new AtlasFailure("atlas_error", "Atlas answered 500", { status: 500, retryable: true });
    const result = await creating(taken, broken);
    expect(result).toMatchObject({
      outcome: "failed",
      summary: "Taken.",
      error: { kind: "conflict", status: 409, detail: "The name is taken.", retryable: false },
    });
    expect(result.error).not.toHaveProperty("fields");
  });

  test("that meets other secrets names each of them, and shows none", async () => {
    const headers = { "X-A": "first-secret", "X-B": "second-secret", Accept: "text/plain" };
    const others = { "X-A": "third-secret", "X-B": "fourth-secret", Accept: "text/plain" };
    const result = await creating(taken, () => hook({ headers: others }), hook({ headers }));
    expect(result.error?.fields).toEqual([
      { path: "connection.headers.X-A", message: "is another secret than the one requested" },
      { path: "connection.headers.X-B", message: "is another secret than the one requested" },
    ]);
    expect(JSON.stringify(result)).not.toMatch(/-secret"/);
  });

  test.each<[string, JsonObject, RegExp]>([
    ["what was requested", hook(), /; it happened$/],
    ["another one", hook({ url: "https://b.example.com" }), /; another connection has the name$/],
    ["one that is being deleted", hook({ state: "DELETING" }), /; the one before it is being deleted$/],
  ])("that is cancelled once it was sent leaves on the log that %s is there", async (_, there, became) => {
    const controller = new AbortController();
    const reply: Reply = ({ method }) => {
      if (method !== "POST") return there;
      controller.abort();
      return new AtlasFailure("cancelled", "The call was cancelled");
    };
    const services = fakeServices({ reply });
    const { signal } = controller;
    expect(await create({ ...place, connection: hook() }, services, { signal })).toMatchObject({
      error: { kind: "cancelled" },
    });
    await Promise.all(services.abandoned);
    expect(services.logged.map(({ message }) => message)).toContainEqual(expect.stringMatching(became));
  });
});

test("an update of a secret of which nobody knows what became may be repeated, whatever was lost", async () => {
  const authentication = { mechanism: "PLAIN", username: "u" };
  const existing = { name: "x", type: "Kafka", bootstrapServers: "b:1", authentication };
  const tooLarge = () => new AtlasFailure("atlas_error", "The answer is too large", { retryable: false });
  const reply: Reply = ({ method }) => (method === "PATCH" ? tooLarge() : existing);
  const args = { ...place, connectionName: "x", connection: { authentication: { password: "a-password" } } };
  expect(await call(updateStreamConnection, args, fakeServices({ reply }))).toMatchObject({
    error: { kind: "unknown_outcome", retryable: true },
  });
});
