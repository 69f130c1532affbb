/** Who may use the Admin API: a bearer token or an API key by digest. */
import type { SandboxState } from "../data/state.ts";
import type { RecordedRequest } from "../http/recorded-request.ts";
import { ApiError } from "./api-error.ts";

/** Throws the 401 with its challenge unless the request carries valid credentials. */
export function authenticate(request: RecordedRequest, { tokens, digest }: SandboxState): void {
  const [, scheme = "", credentials = ""] = /^(\S+)\s+(.*)$/.exec(request.headers["authorization"] ?? "") ?? [];
  let stale = false;
  if (/^bearer$/i.test(scheme) && tokens.isValid(credentials)) return;
  if (/^digest$/i.test(scheme)) {
    const verdict = digest.judge(credentials, request);
    if (verdict === "valid") return;
    stale = verdict === "stale";
  }
  throw new ApiError(401, "UNAUTHORIZED", "The request carries no valid credentials.", {
    headers: { "www-authenticate": digest.challenge(stale) },
  });
}

/** Throws a 403 where a test has taken the credentials' rights on the project away. */
export function authorize(method: string, groupId: string, { rights }: SandboxState): void {
  const right = rights.get(groupId);
  if (right === undefined || (right === "read" && method === "GET")) return;
  throw new ApiError(403, "USER_UNAUTHORIZED", `The current user may not do this in the project ${groupId}.`, {
    parameters: [groupId],
  });
}
