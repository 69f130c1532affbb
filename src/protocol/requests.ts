/**
 * The requests that both eras know, answered in plain values: the same bytes whichever SDK sends them. The adapters
 * pass a request on with what they have of its client, and send what comes back.
 */
import { isObject, type JsonObject } from "../json.ts";
import { runTool } from "../tool/call.ts";
import type { Progress, Services } from "../tool/context.ts";
import { type PersonAnswer, PersonNeeded } from "../tool/person.ts";
import { availableTools, loadTool, UnknownTool } from "../tools/catalog.ts";
import type { MessageId } from "./messages.ts";
import { errorCodes, invalidParams, RequestError } from "./request-error.ts";

/** What an adapter gives of the client whose request it passes on. */
export interface Requester {
  /** Aborted when the client cancels the request or goes away. */
  signal: AbortSignal;
  /** Sends `notifications/progress`. */
  sendProgress(params: Progress & { progressToken: MessageId }): Promise<void>;
  /** How a person is asked to open a page; absent where the client cannot do that. */
  person?: {
    /** What came of the page, where the client has asked its person and calls again. */
    answer?: PersonAnswer | undefined;
    /** What the person said, or what to answer the client so that it asks its person and calls again. */
    ask(needed: PersonNeeded): Promise<PersonAnswer | { inputRequired: Answer }>;
  };
}

/** A `result`, but for what an era adds to each. */
export interface Answer {
  [field: string]: unknown;
  _meta?: never;
}

type Handler = (params: JsonObject, services: Services, requester: Requester) => Answer | Promise<Answer>;

/** The guides are loaded with the first request for one: they bring the whole union of connection types with them. */
const guide =
  (method: keyof typeof import("./guide-requests.ts").guideRequests): Handler =>
  async (params) =>
    (await import("./guide-requests.ts")).guideRequests[method](params);

const handlers = new Map<string, Handler>([
  ["tools/list", onePage((_, { settings }) => ({ tools: availableTools(settings) }))],
  ["tools/call", callNamedTool],
  ["prompts/list", onePage(guide("prompts/list"))],
  ["prompts/get", guide("prompts/get")],
  ["resources/list", onePage(guide("resources/list"))],
  ["resources/templates/list", onePage(guide("resources/templates/list"))],
  ["resources/read", guide("resources/read")],
  ["completion/complete", guide("completion/complete")],
]);

/** @throws {RequestError} Nothing else: what nobody foresaw goes to the log, for its message could hold anything. */
export async function answer(
  { method, params = {} }: { method: string; params?: JsonObject | undefined },
  services: Services,
  requester: Requester,
): Promise<Answer> {
  const handle = handlers.get(method);
  if (!handle) throw new RequestError(errorCodes.methodNotFound, "Method not found");
  try {
    return await handle(params, services, requester);
  } catch (error) {
    if (error instanceof RequestError) throw error;
    const defect = error instanceof Error ? (error.stack ?? error.message) : "unknown";
    services.log.error("A request failed unexpectedly", { method, error: defect });
    throw new RequestError(errorCodes.internalError, "Internal error");
  }
}

function onePage(list: Handler): Handler {
  return (params, ...rest) => {
    if (params["cursor"] !== undefined) throw invalidParams("Unknown cursor: the list has one page");
    return list(params, ...rest);
  };
}

async function callNamedTool(params: JsonObject, services: Services, requester: Requester): Promise<Answer> {
  const { name, arguments: given, _meta: meta } = params;
  if (typeof name !== "string") throw invalidParams("name must be a string");
  if (given !== undefined && !isObject(given)) throw invalidParams("arguments must be an object");
  const { signal } = requester;
  let answered = false;
  const report = (progressToken: MessageId) => (progress: Progress) => {
    if (answered || signal.aborted) return;
    requester.sendProgress({ progressToken, ...progress }).catch(() => {});
  };
  const token = isObject(meta) ? meta["progressToken"] : undefined;
  const wanted = typeof token === "string" || typeof token === "number";
  const tool = await loadTool(name, services.settings).catch((error: unknown) => {
    throw error instanceof UnknownTool ? invalidParams(error.message) : error;
  });
  const call = (answer: PersonAnswer | undefined) =>
    runTool(tool, given, services, {
      signal,
      ...(wanted && { progress: report(token) }),
      canOpenPages: requester.person !== undefined,
      ...(answer && { answer }),
    });
  let result = await call(requester.person?.answer);
  if (result instanceof PersonNeeded && requester.person) {
    const said = await requester.person.ask(result);
    if ("inputRequired" in said) return said.inputRequired;
    result = await call(said);
  }
  answered = true;
  if (result instanceof PersonNeeded) throw new RequestError(errorCodes.internalError, "A person was asked twice");
  return {
    content: [{ type: "text", text: JSON.stringify(result.content) }],
    structuredContent: result.content,
    isError: result.isError,
  };
}
