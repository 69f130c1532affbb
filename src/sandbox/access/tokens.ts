/** OAuth 2.0 client credentials: the token endpoint and the tokens it issued. */
import { randomBytes } from "node:crypto";
import { sandboxCredentials } from "../credentials.ts";
import type { Answer, ReceivedRequest } from "../http.ts";

/** The access tokens in circulation. */
export class IssuedTokens {
  lifetimeSeconds = 3600;
  readonly #expiries = new Map<string, number>();

  /** A new token, valid for `lifetimeSeconds`. */
  issue(): string {
    const token = [12, 48, 32].map((size) => randomBytes(size).toString("base64url")).join(".");
    this.#expiries.set(token, Date.now() + this.lifetimeSeconds * 1000);
    return token;
  }

  /** Whether Atlas takes the token now. */
  isValid(token: string): boolean {
    return token === sandboxCredentials.accessToken || (this.#expiries.get(token) ?? 0) > Date.now();
  }

  /** Makes every token issued so far worthless, before its time; the ready-made one stays. */
  revokeAll(): void {
    this.#expiries.clear();
  }
}

/** Answers `POST /api/oauth/token`. */
export function answerTokenRequest(request: ReceivedRequest, tokens: IssuedTokens): Answer {
  if (request.method !== "POST") return refusal(405, "invalid_request", "Only POST is allowed.", { allow: "POST" });
  const { clientId, clientSecret } = sandboxCredentials;
  const expected = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  if (request.headers["authorization"] !== expected)
    return refusal(401, "invalid_client", "Client authentication failed.");
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  if (!isForm || typeof request.body !== "string")
    return refusal(400, "invalid_request", "The body must be application/x-www-form-urlencoded.");
  if (new URLSearchParams(request.body).get("grant_type") !== "client_credentials")
    return refusal(400, "unsupported_grant_type", "The only grant type is client_credentials.");
  return {
    status: 200,
    headers: { "cache-control": "no-store" },
    body: { access_token: tokens.issue(), expires_in: tokens.lifetimeSeconds, token_type: "Bearer" },
  };
}

function refusal(status: number, error: string, description: string, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: { error, error_description: description } };
}
