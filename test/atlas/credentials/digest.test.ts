import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { RawAnswer } from "../../../src/atlas/answer.ts";
import { digest, strongest } from "../../../src/atlas/credentials/digest.ts";

/** The client nonce of the examples of RFC 7616, section 3.9.1. */
const cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
const fixed = vi.hoisted(() => ({ cnonce: "" }));
vi.mock("node:crypto", async (importOriginal) => {
  const original = await importOriginal<typeof import("node:crypto")>();
  return {
    ...original,
    randomBytes: (size: number) => (fixed.cnonce ? { toString: () => fixed.cnonce } : original.randomBytes(size)),
  };
});
beforeEach(() => {
  fixed.cnonce = "";
});

const { signal } = new AbortController();
const keys = { publicKey: "public", privateKey: "private" };
const request = { method: "GET", path: "/api/atlas/v2/groups?itemsPerPage=500" } as const;

const answer = (status: number, challenge?: string): RawAnswer => ({
  status,
  headers: challenge === undefined ? {} : { "www-authenticate": challenge },
  bytes: Buffer.alloc(0),
});
const challenge = (nonce: string, more = "") =>
  `Digest realm="MMS Public API", domain="", nonce="${nonce}", algorithm=MD5, qop="auth"${more}`;

/** The parameters of an `Authorization` header; quotes are kept, since they matter. */
function parameters(authorization: string | undefined): Record<string, string> {
  const [, list = ""] = /^Digest (.*)$/.exec(authorization ?? "") ?? [];
  return Object.fromEntries(
    [...list.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

/** Credentials that have met a first challenge. */
function challenged(by: string, given = keys) {
  const credentials = digest(given);
  const again = credentials.learn(undefined, answer(401, by), 1);
  return { credentials, again, authorize: (to = request) => credentials.authorize(to, signal) };
}

describe("the answer to a challenge", () => {
  const rfc = {
    keys: { publicKey: "Mufasa", privateKey: "Circle of Life" },
    request: { method: "GET", path: "/dir/index.html" } as const,
    challenge: (algorithm: string) =>
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
      'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
  };

  test.each([
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ])("is that of RFC 7616 for %s", async (algorithm, response) => {
    fixed.cnonce = cnonce;
    const { credentials } = challenged(rfc.challenge(algorithm), rfc.keys);
    expect(parameters(await credentials.authorize(rfc.request, signal))).toEqual({
      username: '"Mufasa"',
      realm: '"http-auth@example.org"',
      uri: '"/dir/index.html"',
      algorithm,
      nonce: '"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"',
      nc: "00000001",
      cnonce: `"${cnonce}"`,
      qop: "auth",
      response: `"${response}"`,
      opaque: '"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    });
  });

  test("names no algorithm, and nothing opaque, where the challenge does not", async () => {
    const { authorize } = challenged('Digest realm="r", nonce="n", qop="auth"');
    const given = parameters(await authorize());
    expect(given).not.toHaveProperty("algorithm");
    expect(given).not.toHaveProperty("opaque");
    expect(given["response"]).toMatch(/^"[0-9a-f]{32}"$/);
  });

  test("escapes quotes and backslashes in what it repeats, and reckons with the plain values", async () => {
    fixed.cnonce = "c";
    const { authorize } = challenged('Digest realm="a \\"b\\" \\\\c", nonce="n", qop="auth"', {
      publicKey: 'p"',
      privateKey: "ü",
    });
    const given = parameters(await authorize());
    expect(given["realm"]).toBe('"a \\"b\\" \\\\c"');
    expect(given["username"]).toBe('"p\\""');
    const md5 = (text: string) => createHash("md5").update(text, "utf8").digest("hex");
    const expected = md5(`${md5('p":a "b" \\c:ü')}:n:00000001:c:auth:${md5(`GET:${request.path}`)}`);
    expect(given["response"]).toBe(`"${expected}"`);
  });

  test("is another one each time, by a client nonce of its own", async () => {
    const first = challenged(challenge("n"));
    const second = challenged(challenge("n"));
    expect(parameters(await first.authorize())["cnonce"]).not.toBe(parameters(await second.authorize())["cnonce"]);
  });

  test("never shows the private key", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 12 }), async (privateKey) => {
        const { authorize } = challenged(challenge("n"), { publicKey: "public", privateKey });
        expect(await authorize()).not.toContain(privateKey);
      }),
    );
  });
});

describe("a nonce", () => {
  test("is asked for where there is none: the first request goes without credentials", async () => {
    expect(await digest(keys).authorize(request, signal)).toBeUndefined();
    expect(challenged(challenge("n")).again).toBe(true);
  });

  test("is used again with a rising count", async () => {
    const { credentials, authorize } = challenged(challenge("n"));
    for (const nc of ["00000001", "00000002", "00000003"]) {
      const authorization = await authorize();
      expect(parameters(authorization)).toMatchObject({ nonce: '"n"', nc });
      expect(credentials.learn(authorization, answer(200), 1)).toBe(false);
    }
  });

  test("is free for another request once, however often one is told of", async () => {
    const { credentials, authorize } = challenged(challenge("n"));
    const authorization = await authorize();
    for (let times = 0; times < 3; times += 1) credentials.learn(authorization, answer(200), 1);
    expect(await authorize()).toBeDefined();
    expect(await authorize()).toBeUndefined();
  });

  test("is kept beside fifteen others at most", async () => {
    const credentials = digest(keys);
    const used: (string | undefined)[] = [];
    for (let index = 0; index < 20; index += 1) {
      credentials.learn(undefined, answer(401, challenge(`n${index}`)), 1);
      used.push(await credentials.authorize(request, signal));
    }
    for (const authorization of used) credentials.learn(authorization, answer(200), 1);
    const idle = [];
    for (let index = 0; index < 20; index += 1) idle.push(await credentials.authorize(request, signal));
    expect(idle.filter((authorization) => authorization !== undefined)).toHaveLength(16);
  });

  test("counts in hexadecimal", async () => {
    const { credentials, authorize } = challenged(challenge("n"));
    for (let use = 1; use < 10; use += 1) credentials.learn(await authorize(), answer(200), 1);
    expect(parameters(await authorize())["nc"]).toBe("0000000a");
  });

  test("serves one request at a time: another one beside it is challenged for its own", async () => {
    const { credentials, authorize } = challenged(challenge("n1"));
    const first = await authorize();
    expect(await authorize()).toBeUndefined();
    expect(credentials.learn(undefined, answer(401, challenge("n2")), 1)).toBe(true);
    const second = await authorize();
    expect(parameters(second)).toMatchObject({ nonce: '"n2"', nc: "00000001" });
    credentials.learn(second, answer(200), 1);
    credentials.learn(first, answer(200), 1);
    const counts = [parameters(await authorize()), parameters(await authorize())];
    expect(counts.map(({ nc }) => nc)).toEqual(["00000002", "00000002"]);
    expect(new Set(counts.map(({ nonce }) => nonce))).toEqual(new Set(['"n1"', '"n2"']));
  });

  test("that turned stale is replaced and the request sent again", async () => {
    const { credentials, authorize } = challenged(challenge("old"));
    const first = await authorize();
    expect(credentials.learn(first, answer(401, challenge("new", ", stale=TRUE")), 1)).toBe(true);
    expect(parameters(await authorize())).toMatchObject({ nonce: '"new"', nc: "00000001" });
  });

  test("that had worked and is refused is replaced, even where nothing says that it is stale", async () => {
    const { credentials, authorize } = challenged(challenge("old"));
    credentials.learn(await authorize(), answer(200), 1);
    expect(credentials.learn(await authorize(), answer(401, challenge("new")), 1)).toBe(true);
    expect(parameters(await authorize())["nonce"]).toBe('"new"');
  });

  test("refused at its first use means that the key is wrong: nothing is sent again", async () => {
    const { credentials, authorize } = challenged(challenge("n1"));
    expect(credentials.learn(await authorize(), answer(401, challenge("n2")), 1)).toBe(false);
  });

  test("is not asked for without end", async () => {
    const { credentials, authorize } = challenged(challenge("n"));
    const stale = answer(401, challenge("n", ", stale=true"));
    const again = [];
    for (let attempt = 1; attempt <= 4; attempt += 1) again.push(credentials.learn(await authorize(), stale, attempt));
    expect(again).toEqual([true, true, false, false]);
  });

  test("whose request got no answer is not used again: its count is uncertain", async () => {
    const { credentials, authorize } = challenged(challenge("n"));
    expect(credentials.learn(await authorize(), undefined, 1)).toBe(false);
    expect(await authorize()).toBeUndefined();
  });

  test.each([403, 404, 409, 500])("is used again after a %i, which had nothing to do with it", async (status) => {
    const { credentials, authorize } = challenged(challenge("n"));
    expect(credentials.learn(await authorize(), answer(status, challenge("other")), 1)).toBe(false);
    expect(parameters(await authorize())).toMatchObject({ nonce: '"n"', nc: "00000002" });
  });

  test("is no use where a 401 offers none: the 401 stands", () => {
    for (const offer of [undefined, "", "Bearer", 'Basic realm="x"'])
      expect(digest(keys).learn(undefined, answer(401, offer), 1)).toBe(false);
  });
});

describe("a challenge", () => {
  const full = { realm: "r", nonce: "n", opaque: undefined, algorithm: "MD5", named: false, stale: false };

  test.each<[string, Partial<NonNullable<ReturnType<typeof strongest>>>]>([
    ['Digest realm="r", nonce="n", qop="auth"', {}],
    ['digest REALM="r",NONCE="n",QOP="AUTH"', {}],
    ["Digest realm=r, nonce=n, qop=auth", {}],
    ['Digest realm = "r" , nonce = "n" , qop = "auth"', {}],
    ['Digest realm="r", nonce="n", qop="auth-int,auth", algorithm=MD5', { named: true }],
    ['Digest realm="r", nonce="n", qop="auth-int, auth"', {}],
    ['Digest realm="r", nonce="n", qop="auth", algorithm="SHA-256"', { named: true, algorithm: "SHA-256" }],
    ['Digest realm="r", nonce="n", qop="auth", algorithm=sha-256', { named: true, algorithm: "SHA-256" }],
    ['Digest realm="r", nonce="n", qop="auth", stale=true, opaque="o"', { stale: true, opaque: "o" }],
    ['Digest realm="r", nonce="n", qop="auth", stale="false"', {}],
    ['Digest realm="r", nonce="n", qop="auth", charset=UTF-8, userhash=true', {}],
    ['Digest realm="a, b=\\"c\\"", nonce="n==", qop="auth"', { realm: 'a, b="c"', nonce: "n==" }],
    ['Basic realm="x", Digest realm="r", nonce="n", qop="auth"', {}],
    ['Digest realm="r", nonce="n", qop="auth", Basic realm="x"', {}],
    ['Negotiate YIIJvwYGKwYBBQUCoIIJszCCCa8=, Digest realm="r", nonce="n", qop="auth"', {}],
    ['Bearer, Digest realm="r", nonce="n", qop="auth"', {}],
  ])("%s is understood", (header, facts) => {
    expect(strongest(header)).toEqual({ ...full, ...facts });
  });

  test("is answered by SHA-256 where there is a choice, whatever the order", () => {
    const [md5, sha] = ["MD5", "SHA-256"].map(
      (name) => `Digest realm="r", nonce="${name}", qop="auth", algorithm=${name}`,
    );
    for (const header of [`${md5}, ${sha}`, `${sha}, ${md5}`]) expect(strongest(header)?.nonce).toBe("SHA-256");
  });

  test.each([
    "",
    "Digest",
    'Basic realm="r"',
    'Digest realm="r", qop="auth"',
    'Digest nonce="n", qop="auth"',
    'Digest realm="r", nonce="n"',
    'Digest realm="r", nonce="n", qop="auth-int"',
    'Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess',
    'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-512-256',
    'Basic realm="Digest realm=r, nonce=n, qop=auth"',
  ])("%s cannot be answered", (header) => {
    expect(strongest(header)).toBeUndefined();
  });

  test("never fails to be read, whatever stands there", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (header) => {
        const found = strongest(`Digest ${header}`);
        expect(found === undefined || typeof found.nonce === "string").toBe(true);
      }),
    );
  });
});
