/** HTTP digest authentication (RFC 7616), the server's side, checked for real. */
import { createHash, randomBytes } from "node:crypto";
import { sandboxCredentials } from "../credentials.ts";
import type { RequestHead } from "../http.ts";

export type DigestAlgorithm = "MD5" | "SHA-256";

/** `stale`: the keys are right, but the nonce has expired or its count was used before. */
type DigestVerdict = "valid" | "stale" | "wrong";

interface Nonce {
  expiresAt: number;
  /** The highest `nc` seen. */
  count: number;
}

const realm = "MMS Public API";
const nonceLifetimeMs = 300_000;

/** Hands out nonces and checks what clients make of them. */
export class Digest {
  algorithm: DigestAlgorithm = "MD5";
  readonly #nonces = new Map<string, Nonce>();

  /** A `WWW-Authenticate` header with a new nonce. */
  challenge(stale: boolean): string {
    const nonce = randomBytes(18).toString("base64");
    this.#nonces.set(nonce, { expiresAt: Date.now() + nonceLifetimeMs, count: 0 });
    return `Digest realm="${realm}", domain="", nonce="${nonce}", algorithm=${this.algorithm}, qop="auth", stale=${stale}`;
  }

  /** Makes every nonce handed out so far stale. */
  expireNonces(): void {
    for (const nonce of this.#nonces.values()) nonce.expiresAt = 0;
  }

  /** Judges the parameters of an `Authorization: Digest` header. */
  judge(parameters: string, request: RequestHead): DigestVerdict {
    const given = parseParameters(parameters);
    const nonce = this.#nonces.get(given["nonce"] ?? "");
    const count = /^[0-9a-f]{8}$/i.test(given["nc"] ?? "") ? Number.parseInt(given["nc"] ?? "", 16) : 0;
    const isOurs =
      given["username"] === sandboxCredentials.publicKey &&
      given["realm"] === realm &&
      given["uri"] === request.target &&
      given["qop"] === "auth" &&
      (given["algorithm"] ?? "MD5") === this.algorithm;
    if (!nonce || !isOurs || !given["cnonce"] || count === 0) return "wrong";
    if (given["response"] !== this.#response(given, request.method)) return "wrong";
    if (nonce.expiresAt <= Date.now() || count <= nonce.count) return "stale";
    nonce.count = count;
    return "valid";
  }

  #response(given: Record<string, string>, method: string): string {
    const hash = (...parts: (string | undefined)[]) =>
      createHash(this.algorithm === "MD5" ? "md5" : "sha256")
        .update(parts.join(":"))
        .digest("hex");
    const keys = hash(sandboxCredentials.publicKey, realm, sandboxCredentials.privateKey);
    return hash(keys, given["nonce"], given["nc"], given["cnonce"], "auth", hash(method, given["uri"]));
  }
}

/** Parameters by lower-case name, quoted or bare. */
function parseParameters(text: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [, name = "", quoted, bare = ""] of text.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g))
    parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, "$1") ?? bare;
  return parameters;
}
