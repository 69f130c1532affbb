import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/start.ts";
import { holdTime } from "../support/fake-clock.ts";
import { ask, askForToken, at, basic, bearer, shopPath, streamsPath } from "./atlas-client.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

async function newToken(): Promise<string> {
  return String(at((await askForToken(sandbox)).body, "access_token"));
}

describe("the token endpoint", () => {
  test("gives a service account a token that opens the API", async () => {
    const answer = await askForToken(sandbox);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ access_token: expect.any(String), expires_in: 3600, token_type: "Bearer" });
    const token = String(at(answer.body, "access_token"));
    expect((await ask(sandbox, "GET", streamsPath, { headers: { authorization: bearer(token) } })).status).toBe(200);
  });

  test("gives another token each time", async () => {
    expect(await newToken()).not.toBe(await newToken());
  });

  test.each([
    ["a wrong secret", basic(sandboxCredentials.clientId, "mdb_sa_sk_wrong")],
    [
      "a form-encoded secret",
      basic(sandboxCredentials.clientId, sandboxCredentials.clientSecret.replaceAll("_", "%5F")),
    ],
    ["no credentials", undefined],
  ])("refuses %s", async (_, authorization) => {
    const answer = await askForToken(sandbox, { headers: { authorization } });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ error: "invalid_client", error_description: expect.any(String) });
  });

  test("takes only the client credentials grant, urlencoded, by POST", async () => {
    expect((await askForToken(sandbox, { body: "grant_type=password" })).body).toMatchObject({
      error: "unsupported_grant_type",
    });
    const json = { body: { grant_type: "client_credentials" }, headers: { "content-type": "application/json" } };
    expect((await askForToken(sandbox, json)).status).toBe(400);
    expect((await ask(sandbox, "GET", "/api/oauth/token")).status).toBe(405);
  });
});

describe("a bearer token", () => {
  test("may be the ready-made one", async () => {
    expect((await ask(sandbox, "GET", streamsPath)).status).toBe(200);
  });

  test("that was never issued is answered with 401 and a digest challenge", async () => {
    const answer = await ask(sandbox, "GET", streamsPath, { headers: { authorization: bearer("invented") } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Digest realm="MMS Public API", domain="", nonce="[^"]+"/);
    expect(answer.body).toMatchObject({ error: 401, reason: "Unauthorized", errorCode: expect.any(String) });
  });

  test("ends with its lifetime", async () => {
    const pass = holdTime();
    sandbox.state.tokens.lifetimeSeconds = 0.3;
    const headers = { authorization: bearer(await newToken()) };
    expect((await ask(sandbox, "GET", streamsPath, { headers })).status).toBe(200);
    pass(300);
    expect((await ask(sandbox, "GET", streamsPath, { headers })).status).toBe(401);
  });

  test("can be revoked in mid-life, and a new one is taken", async () => {
    const revoked = { authorization: bearer(await newToken()) };
    sandbox.state.tokens.revokeAll();
    expect((await ask(sandbox, "GET", streamsPath, { headers: revoked })).status).toBe(401);
    const renewed = { authorization: bearer(await newToken()) };
    expect((await ask(sandbox, "GET", streamsPath, { headers: renewed })).status).toBe(200);
  });
});

describe("rights", () => {
  test("that are missing in a project are answered with 403, and the project is not listed", async () => {
    const [groupId = ""] = sandbox.state.projects.keys();
    sandbox.state.rights.set(groupId, "none");
    const answer = await ask(sandbox, "GET", streamsPath);
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ error: 403, reason: "Forbidden", errorCode: "USER_UNAUTHORIZED" });
    expect((await ask(sandbox, "GET", "/api/atlas/v2/groups")).body).toMatchObject({ totalCount: 1 });
  });

  test("to read only refuse a write and change nothing", async () => {
    const [groupId = ""] = sandbox.state.projects.keys();
    sandbox.state.rights.set(groupId, "read");
    const path = `${shopPath}/streams/orders/connections`;
    expect((await ask(sandbox, "GET", path)).status).toBe(200);
    expect((await ask(sandbox, "POST", path, { body: { name: "s", type: "Sample" } })).status).toBe(403);
    expect(sandbox.state.connection(groupId, "orders", "s")).toBeUndefined();
  });
});
