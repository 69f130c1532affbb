import { afterEach, describe, expect, test } from "vitest";
import type { DigestAlgorithm } from "../../src/sandbox/access/digest.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/start.ts";
import { ask, connectionsPath, streamsPath } from "./atlas-client.ts";
import { type Attempt, digestHeader, newNonce, nonceIn } from "./digest-client.ts";

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function start(algorithm: DigestAlgorithm = "MD5"): Promise<string> {
  sandbox = await startSandbox();
  sandbox.state.digest.algorithm = algorithm;
  return newNonce(sandbox, streamsPath);
}

const get = (attempt: Attempt, path = streamsPath) =>
  ask(sandbox, "GET", path, { headers: { authorization: digestHeader(path, attempt) } });

test("a request without credentials is answered with 401 and a challenge", async () => {
  await start();
  const answer = await ask(sandbox, "GET", streamsPath, { headers: { authorization: undefined } });
  expect(answer.status).toBe(401);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("www-authenticate")).toMatch(
    /^Digest realm="MMS Public API", domain="", nonce="[^"]+", algorithm=MD5, qop="auth", stale=false$/,
  );
});

test("the challenge is not hidden in an envelope", async () => {
  await start();
  const path = `${streamsPath}?envelope=true`;
  expect((await ask(sandbox, "GET", path, { headers: { authorization: undefined } })).status).toBe(401);
});

describe.each(["MD5", "SHA-256"] as const)("an API key by %s", (algorithm) => {
  test("opens the API, the query being part of what is signed", async () => {
    const nonce = await start(algorithm);
    expect((await get({ nonce, algorithm }, `${streamsPath}?pretty=true`)).status).toBe(200);
  });

  test("may use a nonce again with a higher count", async () => {
    const nonce = await start(algorithm);
    for (const nc of ["00000001", "00000002", "0000000a"])
      expect((await get({ nonce, nc, algorithm })).status).toBe(200);
  });

  test("opens nothing with the wrong private key", async () => {
    const nonce = await start(algorithm);
    const answer = await get({ nonce, algorithm, password: "wrong" });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain("stale=false");
  });
});

test("a write is signed with its method", async () => {
  const nonce = await start();
  const post = (nc: string, method: string) =>
    ask(sandbox, "POST", connectionsPath, {
      body: { name: "s", type: "Sample" },
      headers: { authorization: digestHeader(connectionsPath, { nonce, nc, method }) },
    });
  expect((await post("00000001", "GET")).status).toBe(401);
  expect((await post("00000002", "POST")).status).toBe(200);
});

test.each<[string, Partial<Attempt>]>([
  ["an unknown public key", { username: "stranger" }],
  ["another realm", { realm: "elsewhere" }],
  ["another path", { uri: "/api/atlas/v2/groups" }],
  ["another quality of protection", { qop: "auth-int" }],
  ["another algorithm", { algorithm: "SHA-256" }],
  ["a nonce that was never handed out", { nonce: "invented" }],
  ["a count that is no number", { nc: "first" }],
  ["an empty cnonce", { cnonce: "" }],
])("a digest with %s is refused", async (_, mistake) => {
  const nonce = await start();
  const answer = await get({ nonce, ...mistake });
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toContain("stale=false");
});

test("a replayed or lower count is refused as stale, and a new nonce is offered", async () => {
  const nonce = await start();
  expect((await get({ nonce, nc: "00000005" })).status).toBe(200);
  for (const nc of ["00000005", "00000004"]) {
    const refused = await get({ nonce, nc });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain("stale=true");
    expect((await get({ nonce: nonceIn(refused) })).status).toBe(200);
  }
});

test("an expired nonce is refused as stale only to who knows the key", async () => {
  const nonce = await start();
  sandbox.state.digest.expireNonces();
  const answer = await get({ nonce });
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toContain("stale=true");
  expect((await get({ nonce, password: "wrong" })).headers.get("www-authenticate")).toContain("stale=false");
  expect((await get({ nonce: nonceIn(answer) })).status).toBe(200);
});
