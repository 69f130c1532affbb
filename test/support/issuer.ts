/** A small issuer on loopback: its metadata, its keys, and tokens of any kind, the wrong ones included. */
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { JsonObject } from "../../src/json.ts";
import { listen } from "./listen.ts";

export interface Key {
  kid: string;
  alg: string;
  privateKey: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];
  publicJwk: JsonObject;
}

export interface Issuer {
  /** As it stands in `iss`. */
  url: string;
  /** What it publishes. */
  keys: Key[];
  /** What its metadata says otherwise. */
  metadata: JsonObject;
  /** Whether it answers at all. */
  isDown: boolean;
  /** The paths that were asked for. */
  requests: string[];
  /** A token of its first key, as a test wants it: `undefined` takes a claim away. */
  token(
    claims?: JsonObject,
    header?: { key?: Key; kid?: string | undefined; alg?: string; typ?: string },
  ): Promise<string>;
  close(): Promise<void>;
}

export async function newKey(kid: string, alg = "ES256"): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

/** @param now milliseconds since 1970, from which tokens live an hour */
export async function startIssuer(audience: string, now: () => number = Date.now, path = ""): Promise<Issuer> {
  const first = await newKey("first");
  const server = createServer((request, response) => {
    issuer.requests.push(request.url ?? "");
    if (issuer.isDown) return void response.destroy();
    const answers: Record<string, JsonObject> = {
      [`${path}/.well-known/openid-configuration`]: {
        issuer: issuer.url,
        jwks_uri: `${new URL(issuer.url).origin}/jwks`,
        ...issuer.metadata,
      },
      "/jwks": { keys: issuer.keys.map(({ publicJwk }) => publicJwk) },
    };
    const answer = answers[request.url ?? ""];
    response.writeHead(answer ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(answer ?? {}));
  });
  const { port, close } = await listen(server);
  const issuer: Issuer = {
    url: `http://127.0.0.1:${port}${path}`,
    keys: [first],
    metadata: {},
    isDown: false,
    requests: [],
    token(claims = {}, { key = issuer.keys[0] ?? first, typ = "at+jwt", ...header } = {}) {
      const seconds = Math.floor(now() / 1000);
      const all = { iss: issuer.url, aud: audience, sub: "alice", iat: seconds, exp: seconds + 3600, ...claims };
      const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      const kid = "kid" in header ? header.kid : key.kid;
      return new SignJWT(present)
        .setProtectedHeader({ alg: header.alg ?? key.alg, typ, ...(kid !== undefined && { kid }) })
        .sign(key.privateKey);
    },
    close,
  };
  return issuer;
}
