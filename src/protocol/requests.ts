/**
 * The requests that both eras share, served with plain values: the same bytes whichever SDK sends them. An era's adapter
 * passes on each request with what it knows about the client, and sends what comes back.
 */
import { isObject, type JsonObject, valueAt } from "../json.ts";
import type { Caller } from "../policy/rule.ts";
import { toldWhileWaiting } from "../secret-page/desk.ts";
import { PersonNeeded, type PersonReply } from "../secret-page/person.ts";
import type { Services } from "../services.ts";
import type { Call, Progress } from "../tool/context.ts";
import { availableTools, loadTool, offersUnder, UnknownTool } from "../tools/available.ts";
import { errorCodes, invalidParams, type MessageId, RequestError, type RequestResult } from "./messages.ts";

/** What an adapter provides of the client behind a request. */
export interface RequestContext {
  /** Aborted when the client cancels the request or goes away. */
  signal: AbortSignal;
  /** Sends `notifications/progress`. */
  sendProgress(params: Progress & { progressToken: MessageId }): Promise<void>;
  /** Who calls, where that is known. */
  caller?: Caller;
  /** What the client's program calls itself; left out, it is looked for in `_meta`. */
  clientName?: string | undefined;
  /** Of the trace that the request is a part of; left out, it is looked for in `_meta`. */
  traceId?: string;
  /** How the client's person is asked to open a page; absent where the client cannot do that. */
  person?: {
    /** What the client replied, where it has asked its person and now calls again. */
    reply?: PersonReply | undefined;
    /** What the client replied, or the result that makes it ask its person and call again. */
    ask(needed: PersonNeeded): Promise<PersonReply | { inputRequired: RequestResult }>;
  };
}

type Handler = (
  params: JsonObject,
  services: Services,
  context: RequestContext,
) => RequestResult | Promise<RequestResult>;

const handlers = new Map<string, Handler>([
  ["tools/list", onePage((_, { settings, rule }) => ({ tools: availableTools(settings, rule) }))],
  ["tools/call", callNamedTool],
  ["prompts/list", onePage(guide("prompts/list"))],
  ["prompts/get", guide("prompts/get")],
  ["resources/list", onePage(guide("resources/list"))],
  ["resources/templates/list", onePage(guide("resources/templates/list"))],
  ["resources/read", guide("resources/read")],
  ["completion/complete", guide("completion/complete")],
]);

/** Whether there is anything that serves requests of this method, beside what an SDK does by itself. */
export const isServed = (method: string): boolean => handlers.has(method);

/**
 * Serves one request.
 * @throws {RequestError} and nothing else: an unexpected error goes to the log, since its message could hold anything.
 */
export async function serveRequest(
  { method, params = {} }: { method: string; params?: JsonObject | undefined },
  services: Services,
  context: RequestContext,
): Promise<RequestResult> {
  const handle = handlers.get(method);
  if (!handle) throw new RequestError(errorCodes.methodNotFound, "Method not found");
  try {
    return await handle(params, services, context);
  } catch (error) {
    if (error instanceof RequestError) throw error;
    const defect = error instanceof Error ? (error.stack ?? error.message) : "unknown";
    services.log.error("A request failed unexpectedly", { method, error: services.redactor.text(defect) });
    throw new RequestError(errorCodes.internalError, "Internal error");
  }
}

/** Loads the guides only for the first request that needs them: they bring in the whole union of connection types. */
function guide(method: keyof typeof import("./guide-requests.ts").guideRequests): Handler {
  return async (params, services) => (await import("./guide-requests.ts")).guideRequests[method](params, services);
}

function onePage(list: Handler): Handler {
  return (params, ...rest) => {
    if (params["cursor"] !== undefined) throw invalidParams("Unknown cursor: this list has only one page");
    return list(params, ...rest);
  };
}

async function callNamedTool(params: JsonObject, services: Services, context: RequestContext): Promise<RequestResult> {
  const { name, arguments: args, _meta: meta } = params;
  if (typeof name !== "string") throw invalidParams("name must be a string");
  if (args !== undefined && !isObject(args)) throw invalidParams("arguments must be an object");
  const { signal } = context;
  let finished = false;
  let [reports, before] = [0, 0];
  let step: Parameters<Call["progress"]>[1];
  const report =
    (progressToken: MessageId): Call["progress"] =>
    (message, at) => {
      if (finished || signal.aborted) return;
      // Within a step it comes nearer to the next one with each report, and never there.
      if (at && !step) before = reports;
      if (at) [step, reports] = [at, 0];
      const within = step ? before + step.done + reports / (reports + 1) : reports + 1;
      reports += 1;
      const total = step && { total: before + step.total };
      context.sendProgress({ progressToken, progress: within, ...total, message }).catch(() => {});
    };
  const token = isObject(meta) ? meta["progressToken"] : undefined;
  const progress = typeof token === "string" || typeof token === "number" ? report(token) : undefined;
  const loading = loadTool(name, services.settings, services.rule).catch((error: unknown) => {
    throw error instanceof UnknownTool ? invalidParams(error.message) : error;
  });
  const [tool, { runTool }] = await Promise.all([loading, import("../tool/call.ts")]);
  const call = (reply: PersonReply | undefined) =>
    runTool(tool, args, services, {
      signal,
      ...(progress && { progress }),
      canOpenPages: context.person !== undefined,
      offers: offersUnder(services.settings, services.rule),
      caller: context.caller,
      clientName: context.clientName ?? clientNameIn(meta),
      traceId: context.traceId ?? (isObject(meta) ? traceIdIn(meta["traceparent"]) : undefined),
      ...(reply && { reply }),
    });
  let result = await call(context.person?.reply);
  if (result instanceof PersonNeeded && context.person) {
    const reply = await toldWhileWaiting(context.person.ask(result), services.atlas.clock, progress);
    if ("inputRequired" in reply) return reply.inputRequired;
    result = await call(reply);
  }
  finished = true;
  if (result instanceof PersonNeeded) throw new RequestError(errorCodes.internalError, "A person was asked twice");
  return {
    content: [{ type: "text", text: JSON.stringify(result.content) }],
    structuredContent: result.content,
    isError: result.isError,
  };
}

/** What a client of the 2026 era calls itself. */
function clientNameIn(meta: unknown): string | undefined {
  const name = valueAt(meta, ["io.modelcontextprotocol/clientInfo", "name"]);
  return typeof name === "string" ? name : undefined;
}

/** The trace in a `traceparent`. @see https://www.w3.org/TR/trace-context/#traceparent-header */
function traceIdIn(traceparent: unknown): string | undefined {
  if (typeof traceparent !== "string") return undefined;
  const id = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/.exec(traceparent)?.[1];
  return id === undefined || /^0+$/.test(id) ? undefined : id;
}
