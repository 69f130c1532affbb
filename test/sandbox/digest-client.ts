/** The client's side of HTTP digest, written apart from the server's so that neither hides the other's mistakes. */
import { createHash } from "node:crypto";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import type { Sandbox } from "../../src/sandbox/start.ts";
import { ask, type Got } from "./atlas-client.ts";

/** What a client may get wrong or repeat. */
export interface Attempt {
  nonce: string;
  nc?: string;
  uri?: string;
  username?: string;
  password?: string;
  realm?: string;
  qop?: string;
  cnonce?: string;
  method?: string;
  algorithm?: "MD5" | "SHA-256";
}

/** An `Authorization` header for one request. */
export function digestHeader(path: string, attempt: Attempt): string {
  const {
    nonce,
    nc = "00000001",
    uri = path,
    username = sandboxCredentials.publicKey,
    password = sandboxCredentials.privateKey,
    realm = "MMS Public API",
    qop = "auth",
    cnonce = "0a4f113b",
    method = "GET",
    algorithm = "MD5",
  } = attempt;
  const hash = (text: string) =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(text, "utf8")
      .digest("hex");
  const ha1 = hash(`${username}:${realm}:${password}`);
  const ha2 = hash(`${method}:${uri}`);
  const response = hash(`${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`);
  return `Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}, qop=${qop}, nc=${nc}, cnonce="${cnonce}", response="${response}"`;
}

/** A new nonce, as the challenge to a request without credentials gives it. */
export async function newNonce(sandbox: Sandbox, path: string): Promise<string> {
  return nonceIn(await ask(sandbox, "GET", path, { headers: { authorization: undefined } }));
}

/** The nonce of an answer's challenge. */
export function nonceIn({ headers }: Got): string {
  return /nonce="([^"]+)"/.exec(headers.get("www-authenticate") ?? "")?.[1] ?? "";
}
