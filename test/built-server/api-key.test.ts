/** The API key: HTTP digest, checked by a server that really checks it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sandboxProcessor, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { creates, freshName, place, type ServerOnSandbox, simple, startOnSandbox } from "../support/against-sandbox.ts";
import type { RecordedRequest } from "../support/sandbox.ts";

/** A parameter of the digest that a request carries. */
const digestOf = ({ headers }: RecordedRequest, parameter: string) =>
  new RegExp(`[ ,]${parameter}="?([^",]+)`).exec(headers["authorization"] ?? "")?.[1];

describe.each(["MD5", "SHA-256"] as const)("with an API key and a digest by %s, the server", (digestAlgorithm) => {
  let on: ServerOnSandbox;
  beforeAll(async () => {
    on = await startOnSandbox({ credentials: "API key", sandbox: { digestAlgorithm } });
  });
  afterEach(() => {
    // Whatever a test does: no body, and so no secret, goes out without a digest.
    for (const { headers, body } of on.sandbox.requests)
      if (headers["authorization"] === undefined) expect(body).toBeUndefined();
    on.sandbox.requests.length = 0;
  });
  afterAll(() => on.close());

  it("lets a read be challenged first, so that no secret is sent before it counts", async () => {
    const connection = {
      name: freshName(),
      type: "Https",
      url: "https://a.example.com",
      headers: { Key: "s3cret-value" },
    };
    expect(await on.server.create({ ...place, connection })).toMatchObject({ outcome: "created" });
    const [challenged, create, ...more] = on.sandbox.requests;
    expect(challenged).toMatchObject({ method: "GET", status: 401, body: undefined });
    expect(create).toMatchObject({ method: "POST", status: 200, body: connection });
    expect(more).toEqual([]);
    expect(create && digestOf(create, "algorithm")).toBe(digestAlgorithm);
    expect(create && digestOf(create, "qop")).toBe("auth");
  });

  it("uses a nonce again with a count that rises", async () => {
    for (let calls = 0; calls < 3; calls += 1)
      expect(await on.server.create(simple())).toMatchObject({ outcome: "created" });
    expect(on.sandbox.requests.map(({ method, status }) => `${method} ${status}`)).toEqual(Array(3).fill("POST 200"));
    expect(new Set(on.sandbox.requests.map((request) => digestOf(request, "nonce"))).size).toBe(1);
    const counts = on.sandbox.requests.map((request) => digestOf(request, "nc"));
    const first = Number.parseInt(counts[0] ?? "", 16);
    expect(counts).toEqual([0, 1, 2].map((more) => (first + more).toString(16).padStart(8, "0")));
  });

  it("answers the new challenge where a nonce has gone stale", async () => {
    on.sandbox.state.digest.expireNonces();
    expect(await on.server.create(simple())).toMatchObject({ outcome: "created", warnings: [] });
    const [stale, again, ...more] = creates(on.sandbox);
    expect([stale?.status, again?.status, more]).toEqual([401, 200, []]);
    expect(again && digestOf(again, "nonce")).not.toBe(stale && digestOf(stale, "nonce"));
    expect(again && digestOf(again, "nc")).toBe("00000001");
  });

  it("signs the query parameters with the path", async () => {
    expect(await on.server.create({ ...simple(), envelope: true, pretty: true })).toMatchObject({ outcome: "created" });
    expect(on.sandbox.requests.at(-1)?.query).toEqual({ envelope: "true", pretty: "true" });
  });

  it("serves many calls at once", async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => on.server.create(simple())));
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(["created"]));
    expect(creates(on.sandbox).filter(({ status }) => status === 200)).toHaveLength(20);
  });
});

describe("a write without a body, which is challenged itself,", () => {
  it("is sent again where the challenge is lost: without a digest Atlas cannot have acted on it", async () => {
    const on = await startOnSandbox({ credentials: "API key" });
    const { name } = sandboxProcessor;
    on.sandbox.faults.add({ method: "DELETE", fault: { kind: "reset-after-acting" } });
    const args = { groupId: place.groupId, tenantName: sandboxTenant, processorName: name, confirm: name };
    const { structuredContent } = await on.server.client.callTool({ name: "delete_stream_processor", arguments: args });
    expect(structuredContent).toMatchObject({ outcome: "deleted", warnings: [] });
    const deletes = on.sandbox.requests.filter(({ method }) => method === "DELETE");
    expect(deletes.map(({ status }) => status)).toEqual([undefined, 401, 204]);
    expect(deletes.filter(({ headers }) => headers["authorization"] !== undefined)).toHaveLength(1);
    await on.close();
  });
});

describe("an API key that Atlas does not take", () => {
  it.each([
    ["a wrong private key", { MONGODB_ATLAS_PRIVATE_KEY: "00000000-this-key-is-wrong" }],
    ["a wrong public key", { MONGODB_ATLAS_PUBLIC_KEY: "wrongkey" }],
  ])("(%s) is refused after one try", async (_, env) => {
    const on = await startOnSandbox({ credentials: "API key", env });
    const result = await on.server.create(simple());
    expect(result).toMatchObject({ isError: true, error: { kind: "unauthenticated", status: 401, retryable: false } });
    expect(creates(on.sandbox).map(({ status }) => status)).toEqual([401]);
    expect(JSON.stringify(result) + on.server.stderr()).not.toContain("this-key-is-wrong");
    await on.close();
  });
});
