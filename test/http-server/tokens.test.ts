/** Which tokens of an issuer are taken, and what they say of their bearer. */
import { createSecretKey, randomBytes } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { IssuerKeys } from "../../src/http-server/issuer-keys.ts";
import type { IssuerSettings } from "../../src/http-server/settings.ts";
import { type Bearer, isGiven, TokenRefused, Tokens } from "../../src/http-server/tokens.ts";
import { createLog } from "../../src/log.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";
import { type Issuer, newKey, startIssuer } from "../support/issuer.ts";

const audience = "https://mcp.example/mcp";

let clock: FakeClock;
let issuer: Issuer;
let keys: IssuerKeys;
let settings: IssuerSettings;
let lines: string[];
/** Called with each line of the log. */
let onLine: () => void;

beforeEach(async () => {
  clock = fakeClock();
  issuer = await startIssuer(audience, clock.now);
  lines = [];
  onLine = () => {};
  const write = (line: string) => {
    lines.push(line);
    onLine();
  };
  const log = createLog({ level: "warning", write, clock });
  keys = new IssuerKeys(issuer.url, { proxy: false, clock, log });
  settings = { issuer: issuer.url, audiences: [audience], scopes: {}, groupsClaim: "groups" };
});
afterEach(() => issuer.close());

const check = (token: string, changes: Partial<IssuerSettings> = {}): Promise<Bearer> =>
  new Tokens({ ...settings, ...changes }, keys, clock).bearerOf(`Bearer ${token}`);

async function refusal(token: string | Promise<string>, changes?: Partial<IssuerSettings>): Promise<TokenRefused> {
  const error: unknown = await check(await token, changes).then(
    () => new Error("It was taken"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof TokenRefused)) throw error;
  expect(error.message).not.toContain(await token);
  return error;
}

const seconds = () => Math.floor(clock.now() / 1000);

describe("a token of the issuer", () => {
  test("is taken, and says who calls", async () => {
    const token = await issuer.token({ groups: ["asp-pay"], client_id: "chat", scope: "a b" });
    expect(await check(token)).toEqual({
      subject: "alice",
      groups: ["asp-pay"],
      client: "chat",
      scopes: new Set(["a", "b"]),
      until: clock.now() + 3_630_000,
    });
  });

  test.each([
    ["scope, as text", { scope: "a b" }],
    ["scp, as text", { scp: "a b" }],
    ["scp, as a list", { scp: ["a", "b"] }],
    ["scope, as a list", { scope: ["a", "b"] }],
    ["both", { scope: "a", scp: ["b"] }],
  ])("has its scopes in %s", async (_, claims) => {
    expect((await check(await issuer.token(claims))).scopes).toEqual(new Set(["a", "b"]));
  });

  test.each([
    ["asp.read", true],
    ["asp.write", false],
    ["api://server/asp.read", true],
    ["https://mcp.example/mcp/asp.read", true],
    ["api://server/asp.write", false],
    ["api://server/asp.read/more", false],
    ["other/asp.read", false],
  ])("that was given asp.read is taken for %s: %s", async (scope, given) => {
    expect(isGiven(scope, await check(await issuer.token({ scp: "asp.read" })))).toBe(given);
  });

  test.each([
    ["azp", { azp: "chat" }],
    ["appid", { appid: "chat" }],
    ["cid", { cid: "chat" }],
  ])("names its client in %s", async (_, claims) => {
    expect(await check(await issuer.token(claims))).toMatchObject({ client: "chat" });
  });

  test("has its groups in the claim that was named, and none where it has no such claim", async () => {
    const token = await issuer.token({ groups: ["a"], "https://corp.example/roles": ["b", 1, "c"] });
    expect(await check(token, { groupsClaim: "https://corp.example/roles" })).toMatchObject({ groups: ["b", "c"] });
    expect(await check(token, { groupsClaim: "other" })).toMatchObject({ groups: [] });
  });

  test("may have other audiences beside", async () => {
    expect(await check(await issuer.token({ aud: ["else", audience] }))).toMatchObject({ subject: "alice" });
  });

  test("is taken within 30 s of its times", async () => {
    await check(await issuer.token({ exp: seconds() - 29 }));
    await check(await issuer.token({ nbf: seconds() + 29 }));
  });

  test.each(["RS256", "PS256", "ES384", "EdDSA"])("may be signed by %s", async (alg) => {
    issuer.keys = [await newKey("its", alg)];
    await check(await issuer.token());
  });

  test("that names no key may be of any key", async () => {
    issuer.keys = [await newKey("a"), await newKey("b")];
    for (const key of issuer.keys) await check(await issuer.token({}, { key, kid: undefined }));
    const stranger = await newKey("c");
    expect(await refusal(issuer.token({}, { key: stranger, kid: undefined }))).toMatchObject({ refusal: "signature" });
  });
});

describe("a token is refused", () => {
  test.each([
    ["of another issuer", { iss: "https://other.example" }, "claims", /another issuer/],
    ["without an issuer", { iss: undefined }, "claims", /another issuer/],
    ["for another audience", { aud: "https://other.example/mcp" }, "claims", /another audience/],
    ["without an audience", { aud: undefined }, "claims", /another audience/],
    ["without an end", { exp: undefined }, "claims", /no time/],
    ["without a subject", { sub: undefined }, "claims", /no subject/],
    ["that is an ID token, by nonce", { nonce: "n" }, "id_token", /ID token/],
    ["that is an ID token, by at_hash", { at_hash: "h" }, "id_token", /ID token/],
    ["that is an ID token, by typ", { typ: "ID" }, "id_token", /ID token/],
  ])("%s", async (_, claims, refused, message) => {
    const error = await refusal(issuer.token(claims));
    expect(error).toMatchObject({ status: 401, refusal: refused });
    expect(error.message).toMatch(message);
  });

  test("that has expired, or is not valid yet, by more than 30 s", async () => {
    expect(await refusal(issuer.token({ exp: seconds() - 31 }))).toMatchObject({ status: 401, refusal: "expired" });
    expect(await refusal(issuer.token({ nbf: seconds() + 31 }))).toMatchObject({ status: 401, refusal: "claims" });
  });

  test("that another key has signed, whatever key it names", async () => {
    const stranger = await newKey("first");
    expect(await refusal(issuer.token({}, { key: stranger }))).toMatchObject({ status: 401, refusal: "signature" });
    const unknown = await newKey("unknown");
    expect(await refusal(issuer.token({}, { key: unknown }))).toMatchObject({ status: 401, refusal: "key" });
  });

  test("that is signed with a shared secret, the public key included, or not at all", async () => {
    const payload = { iss: issuer.url, aud: audience, sub: "alice", exp: seconds() + 60 };
    for (const secret of [randomBytes(32), Buffer.from(JSON.stringify(issuer.keys[0]?.publicJwk))]) {
      const signed = new SignJWT(payload).setProtectedHeader({ alg: "HS256", kid: "first" });
      expect(await refusal(signed.sign(createSecretKey(secret)))).toMatchObject({ status: 401, refusal: "algorithm" });
    }
    expect(await refusal(new UnsecuredJWT(payload).encode())).toMatchObject({ status: 401 });
  });

  test.each(["opaque", "a.b.c", "a.b.c.d.e", "eyJhbGciOiJFUzI1NiJ9..x"])("%s, which is no JWT", async (token) => {
    expect(await refusal(token)).toMatchObject({ status: 401 });
  });

  test.each([
    ["names them elsewhere", { _claim_names: { groups: "src1" }, _claim_sources: { src1: {} } }],
    ["says that there are some", { hasgroups: true }],
  ])("with 403 where it leaves the groups out: %s", async (_, claims) => {
    const error = await refusal(issuer.token(claims));
    expect(error).toMatchObject({ status: 403, refusal: "groups" });
    expect(error.message).toMatch(/too many/);
    // Where groups are read from another claim, nothing is missing.
    await check(await issuer.token({ ...claims, roles: ["a"] }), { groupsClaim: "roles" });
  });
});

test.each([
  [undefined, "missing"],
  ["", "malformed"],
  ["Basic YTpi", "malformed"],
  ["Bearer", "malformed"],
  ["Bearer a b", "malformed"],
])("the header %j holds no token", async (header, refused) => {
  await expect(new Tokens(settings, keys, clock).bearerOf(header)).rejects.toMatchObject({
    status: 401,
    refusal: refused,
  });
});

describe("the keys of the issuer", () => {
  const fetches = () => issuer.requests.filter((path) => path === "/jwks").length;

  test("are fetched once for many tokens", async () => {
    await Promise.all([keys.start(), ...Array.from({ length: 20 }, async () => check(await issuer.token()))]);
    expect([fetches(), keys.areThere]).toEqual([1, true]);
  });

  test("are fetched again for one that is not known, with a pause between", async () => {
    await check(await issuer.token());
    const second = await newKey("second");
    issuer.keys = [second, ...issuer.keys];
    clock.advance(30_000);
    await check(await issuer.token({}, { key: second }));
    expect(fetches()).toBe(2);

    const third = await newKey("third");
    issuer.keys = [third];
    for (let again = 0; again < 5; again++) await refusal(issuer.token({}, { key: third }));
    expect(fetches()).toBe(2);
    clock.advance(30_000);
    await check(await issuer.token({}, { key: third }));
    expect(fetches()).toBe(3);
    // The first was withdrawn.
    expect(await refusal(issuer.token({}, { key: second }))).toMatchObject({ refusal: "key" });
  });

  test("stay in use while the issuer is down, for a day", async () => {
    const token = () => issuer.token();
    await check(await token());
    issuer.isDown = true;
    clock.advance(23 * 60 * 60_000);
    const logged = new Promise<void>((resolve) => {
      onLine = resolve;
    });
    await check(await token());
    await logged;
    await check(await token());
    expect(lines.join()).toContain("could not be fetched");
    clock.advance(2 * 60 * 60_000);
    expect(await refusal(token())).toMatchObject({ status: 503, refusal: "no_keys" });
    expect(keys.areThere).toBe(false);
  });

  test("that were never there make a token one that cannot be checked, until the issuer is up", async () => {
    issuer.isDown = true;
    await keys.start();
    expect(keys.areThere).toBe(false);
    expect(await refusal(issuer.token())).toMatchObject({ status: 503, refusal: "no_keys" });
    expect(issuer.requests).toEqual(["/.well-known/openid-configuration"]);
    expect(lines.join()).toContain(`${issuer.url} did not answer (`);
    issuer.isDown = false;
    // It asks by itself.
    clock.advance(2_000);
    await check(await issuer.token());
    expect(keys.areThere).toBe(true);
    keys.close();
  });

  test.each([
    ["of another issuer", { issuer: "https://other.example" }, "another issuer"],
    ["without a place for keys", { jwks_uri: undefined }, "no jwks_uri"],
    ["with keys at a place without https", { jwks_uri: "http://keys.example/jwks" }, "without https"],
  ])("are not taken from metadata %s", async (_, metadata, why) => {
    issuer.metadata = metadata;
    expect(await refusal(issuer.token())).toMatchObject({ status: 503 });
    expect(lines.join()).toContain(why);
  });

  test("are found for an issuer with a path", async () => {
    const other = await startIssuer(audience, clock.now, "/realms/corp");
    const log = createLog({ level: "error", write: () => {}, clock });
    const found = new IssuerKeys(other.url, { proxy: false, clock, log });
    const tokens = new Tokens({ ...settings, issuer: other.url }, found, clock);
    expect(await tokens.bearerOf(`Bearer ${await other.token()}`)).toMatchObject({ subject: "alice" });
    await other.close();
  });
});

describe("a token that was found good", () => {
  test("is known until it expires, and no other is taken for it", async () => {
    await keys.start();
    const tokens = new Tokens(settings, keys, clock);
    const token = await issuer.token({ exp: seconds() + 60 });
    const first = await tokens.bearerOf(`Bearer ${token}`);
    expect(await tokens.bearerOf(`Bearer ${token}`)).toBe(first);
    await expect(tokens.bearerOf(`Bearer ${token.slice(0, -2)}AA`)).rejects.toMatchObject({ status: 401 });
    clock.advance(90_001);
    await expect(tokens.bearerOf(`Bearer ${token}`)).rejects.toMatchObject({ refusal: "expired" });
  });

  test("is none any more once the issuer has withdrawn its key", async () => {
    await keys.start();
    const tokens = new Tokens(settings, keys, clock);
    const header = `Bearer ${await issuer.token({ exp: seconds() + 3_600 })}`;
    await tokens.bearerOf(header);
    issuer.keys = [await newKey("second")];
    clock.advance(10 * 60_000);
    // The keys have grown old: this call has them fetched.
    await tokens.bearerOf(header);
    const second = `Bearer ${await issuer.token()}`;
    await tokens.bearerOf(second);
    await expect(tokens.bearerOf(header)).rejects.toMatchObject({ refusal: "key" });
  });
});
