/** What Atlas answers to a request: from the recorded request to the reply, with no regard to how it is sent. */
import { answerTokenRequest } from "./access/tokens.ts";
import { ApiError } from "./api/api-error.ts";
import { authenticate, authorize } from "./api/authentication.ts";
import { negotiate, requireJson } from "./api/media-types.ts";
import { apiPath, findRoute } from "./api/routes.ts";
import type { SandboxState } from "./data/state.ts";
import type { RecordedRequest } from "./http/recorded-request.ts";
import { type Answer, plainReply, queriedReply, type Reply } from "./http/reply.ts";

/** Where the access tokens come from. */
const tokenPath = "/api/oauth/token";

/** Acts on a request whose body has been read, and gives the reply. */
export function actOn(request: RecordedRequest, state: SandboxState, url: string, hiddenMs: number): Reply {
  if (request.path === tokenPath) return plainReply(answerTokenRequest(request, state.tokens));
  try {
    if (request.path.startsWith(`${apiPath}/`)) authenticate(request, state);
  } catch (error) {
    // Never in an envelope: a client would not see the challenge that it has to answer.
    return plainReply(refusal(error));
  }
  const answer = answerTo(request, state, url, hiddenMs);
  return queriedReply({ ...answer, headers: { ...answer.headers, ...state.rateLimit.count() } }, request);
}

function answerTo(request: RecordedRequest, state: SandboxState, url: string, hiddenMs: number): Answer {
  try {
    const { handler, versions, parameters } = findRoute(request.method, request.path);
    const contentType = negotiate(request, versions);
    requireJson(request);
    if (parameters["groupId"] !== undefined) authorize(request.method, parameters["groupId"], state);
    const { status = 200, body } = handler({ state, request, url, parameters, hiddenMs });
    return { status, headers: { "content-type": contentType }, body };
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): Answer {
  // What is no refusal is a mistake of the sandbox's own; its message helps whoever looks for it.
  const { status, headers, body } =
    error instanceof ApiError ? error : new ApiError(500, "UNEXPECTED_ERROR", String(error));
  return { status, headers, body };
}
