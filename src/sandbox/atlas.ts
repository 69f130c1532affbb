/** What Atlas answers to a request: who may make it, where it leads, what comes of it. */

import { isObject } from "../json.ts";
import { answerTokenRequest } from "./access/tokens.ts";
import { ApiError } from "./api/api-error.ts";
import type { RoutedRequest } from "./api/handler.ts";
import { negotiate, requireJson } from "./api/media-types.ts";
import { apiPath, findRoute } from "./api/routes.ts";
import { catchUp } from "./data/processor-lifecycle.ts";
import type { SandboxState } from "./data/state.ts";
import { type Answer, type ReceivedRequest, type RequestHead, styled } from "./http.ts";

/** Where the access tokens come from. */
const tokenPath = "/api/oauth/token";

/** Atlas reports its rate limit with every authenticated answer. The sandbox counts, but never refuses by it. */
const rateLimit = 1000;
const rateWindowMs = 60_000;

/** Paths of requests whose answers depend on what processors have done. */
const ABOUT_PROCESSORS = /\/processors?\b|\/collections\/|:downloadOperationalLogs$/;

/** Has to be done before a request is answered: processors do what they would have done by now. */
export const beforeAnswer = ({ path }: RequestHead, { projects }: SandboxState): Promise<void> | undefined =>
  ABOUT_PROCESSORS.test(path) ? catchUp(projects.values()) : undefined;

/** Does what the request asks, and gives the answer. */
export function answerTo(request: ReceivedRequest, state: SandboxState): Answer {
  if (request.path === tokenPath) return answerTokenRequest(request, state.tokens);
  const unauthorized = request.path.startsWith(`${apiPath}/`) && challenge(request, state);
  // Never in an envelope: a client would not see the challenge that it has to answer.
  if (unauthorized) return unauthorized;
  const answer = route(request, state);
  return styled({ ...answer, headers: { ...answer.headers, ...rateHeaders(state) } }, request);
}

/** The 401 with its challenge, unless the request carries a valid bearer token or digest. */
function challenge(request: ReceivedRequest, { tokens, digest }: SandboxState): Answer | undefined {
  const [, scheme = "", credentials = ""] = /^(\S+)\s+(.*)$/.exec(request.headers["authorization"] ?? "") ?? [];
  if (/^bearer$/i.test(scheme) && tokens.isValid(credentials)) return undefined;
  const verdict = /^digest$/i.test(scheme) ? digest.judge(credentials, request) : "wrong";
  if (verdict === "valid") return undefined;
  return new ApiError(401, "UNAUTHORIZED", "The request carries no valid credentials.", {
    headers: { "www-authenticate": digest.challenge(verdict === "stale") },
  });
}

function route(request: ReceivedRequest, state: SandboxState): Answer {
  try {
    const { handler, versions, format, status, audit, parameters } = findRoute(request.method, request.path);
    const contentType = negotiate(request, versions, format);
    requireJson(request);
    if (parameters["groupId"] !== undefined) authorize(request.method, parameters["groupId"], state);
    const act = () => handler({ ...request, parameters }, state);
    const body = audit === undefined ? act() : audited(audit, act, { ...request, parameters }, state);
    return { status, headers: status === 204 ? {} : { "content-type": contentType }, body };
  } catch (error) {
    // Anything else is a mistake of the sandbox's own; its message helps whoever looks for it.
    return error instanceof ApiError ? error : new ApiError(500, "UNEXPECTED_ERROR", String(error));
  }
}

/** Does what a request asks, and writes down that it was done, or how it was refused. */
function audited(
  action: string,
  act: () => unknown,
  { parameters, body }: RoutedRequest,
  state: SandboxState,
): unknown {
  const { groupId = "", tenantName = "", ...named } = parameters;
  const of = isObject(body) && typeof body["name"] === "string" ? body["name"] : undefined;
  const created = action === "createStreamProcessor" ? "processorName" : "connectionName";
  const to = {
    tenantName,
    ...(/^create/.test(action) && named["connectionName"] === undefined && of !== undefined && { [created]: of }),
    ...named,
  };
  const log = (result: number) =>
    void state.workspace(groupId, tenantName)?.audit.push({ at: Date.now(), action, to, result });
  try {
    const done = act();
    log(0);
    return done;
  } catch (error) {
    if (error instanceof ApiError) log(error.status);
    throw error;
  }
}

/** Throws a 403 where the credentials have no right to this in the project. */
function authorize(method: string, groupId: string, { rights }: SandboxState): void {
  const right = rights.get(groupId);
  if (right === undefined || (right === "read" && method === "GET")) return;
  throw new ApiError(403, "USER_UNAUTHORIZED", `The current user may not do this in the project ${groupId}.`, {
    parameters: [groupId],
  });
}

/** Counts one request and gives the headers that tell of it. */
function rateHeaders({ rate }: SandboxState): Record<string, string> {
  if (Date.now() >= rate.windowEnds) {
    rate.windowEnds = Date.now() + rateWindowMs;
    rate.used = 0;
  }
  rate.used = Math.min(rate.used + 1, rateLimit);
  return { "ratelimit-limit": String(rateLimit), "ratelimit-remaining": String(rateLimit - rate.used) };
}
