/** The service account: HTTP Basic for a token, the token for everything else. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { creates, type ServerOnSandbox, simple, startOnSandbox, tokenRequests } from "../support/against-sandbox.ts";

const unauthorized = (times: number) =>
  ({
    method: "POST",
    path: /\/connections$/,
    times,
    fault: { kind: "answer", status: 401, body: { error: 401, errorCode: "UNAUTHORIZED" } },
  }) as const;
const statuses = ({ sandbox }: ServerOnSandbox) => creates(sandbox).map(({ status }) => status);

describe("with a service account, the server", () => {
  let on: ServerOnSandbox;
  beforeAll(async () => {
    on = await startOnSandbox({ credentials: "service account" });
  });
  afterEach(() => {
    on.sandbox.faults.clear();
    on.sandbox.requests.length = 0;
  });
  afterAll(() => on.close());

  it("gets one token for any number of calls that begin at once", async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => on.server.create(simple())));
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(["created"]));
    expect(tokenRequests(on.sandbox)).toHaveLength(1);
    expect(creates(on.sandbox)).toHaveLength(50);
  });

  it("keeps the token for later calls", async () => {
    expect(await on.server.create(simple())).toMatchObject({ outcome: "created" });
    expect(await on.server.create(simple())).toMatchObject({ outcome: "created" });
    expect(tokenRequests(on.sandbox)).toEqual([]);
    const [first, second] = creates(on.sandbox).map(({ headers }) => headers["authorization"]);
    expect(first).toMatch(/^Bearer \S+$/);
    expect(second).toBe(first);
  });

  it("puts id and secret into HTTP Basic as they are, underscores and all", async () => {
    on.sandbox.state.tokens.revokeAll();
    await on.server.create(simple());
    const { clientId, clientSecret } = sandboxCredentials;
    expect(clientId).toContain("_");
    const [request] = tokenRequests(on.sandbox);
    expect(request).toMatchObject({
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    });
  });

  it("renews a token that was revoked in the middle of its life, and sends the create again", async () => {
    on.sandbox.state.tokens.revokeAll();
    expect(await on.server.create(simple())).toMatchObject({ outcome: "created", warnings: [] });
    expect(tokenRequests(on.sandbox)).toHaveLength(1);
    expect(statuses(on)).toEqual([401, 200]);
  });

  it("renews a revoked token once for all the calls that find it so", async () => {
    on.sandbox.state.tokens.revokeAll();
    const results = await Promise.all(Array.from({ length: 20 }, () => on.server.create(simple())));
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(["created"]));
    expect(tokenRequests(on.sandbox)).toHaveLength(1);
  });

  it("takes a second 401 as final", async () => {
    on.sandbox.faults.add(unauthorized(5));
    const { error } = await on.server.create(simple());
    expect(error).toMatchObject({ kind: "unauthenticated", status: 401, errorCode: "UNAUTHORIZED", retryable: false });
    expect(statuses(on)).toEqual([401, 401]);
    expect(tokenRequests(on.sandbox)).toHaveLength(1);
  });

  it("works on after a 401 that was final", async () => {
    on.sandbox.faults.add(unauthorized(2));
    expect(await on.server.create(simple())).toMatchObject({ error: { kind: "unauthenticated" } });
    expect(await on.server.create(simple())).toMatchObject({ outcome: "created" });
  });

  it("renews a token shortly before the end of the life that Atlas gave it", async () => {
    on.sandbox.state.tokens.revokeAll();
    on.sandbox.faults.add({
      path: /\/oauth\/token$/,
      fault: {
        kind: "answer",
        status: 200,
        body: { access_token: on.sandbox.state.tokens.issue(), expires_in: 0.001, token_type: "Bearer" },
      },
    });
    await on.server.create(simple());
    on.sandbox.requests.length = 0;
    expect(await on.server.create(simple())).toMatchObject({ outcome: "created" });
    // Atlas still takes the old token: nothing but the clock called for a new one.
    expect(tokenRequests(on.sandbox)).toHaveLength(1);
    expect(statuses(on)).toEqual([200]);
  });

  it("tries a token endpoint again that is out of order", async () => {
    on.sandbox.state.tokens.revokeAll();
    on.sandbox.faults.add({ path: /\/oauth\/token$/, fault: { kind: "reset-after-read" } });
    expect(await on.server.create(simple())).toMatchObject({ outcome: "created" });
    expect(tokenRequests(on.sandbox)).toHaveLength(2);
  });
});

describe("with a service account that Atlas does not take", () => {
  it.each([
    ["a wrong secret", { MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_this_one_is_wrong" }],
    ["a wrong id", { MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_000000000000000000000000" }],
  ])("(%s) the error says what to correct and nothing is sent to the workspace", async (_, env) => {
    const on = await startOnSandbox({ credentials: "service account", env });
    const result = await on.server.create(simple());
    expect(result).toMatchObject({
      isError: true,
      error: {
        kind: "unauthenticated",
        status: 401,
        detail: "invalid_client: Client authentication failed.",
        retryable: false,
        hint: expect.stringMatching(/MONGODB_ATLAS_CLIENT_ID.*MONGODB_ATLAS_CLIENT_SECRET/),
      },
    });
    expect(on.sandbox.requests.map(({ path }) => path)).toEqual(["/api/oauth/token"]);
    expect(JSON.stringify(result) + on.server.stderr()).not.toContain("this_one_is_wrong");
    await on.close();
  });
});
