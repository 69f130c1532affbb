/**
 * MCP as spoken since 2026-07-28, without a handshake, by `Server` of `@modelcontextprotocol/server`.
 * @see https://modelcontextprotocol.io/specification/2026-07-28
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { inputRequired, Server, type ServerContext } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { isObject, valueAt } from "../json.ts";
import type { Log, LogEntry } from "../log.ts";
import type { Services } from "../services.ts";
import { packageName } from "../version.ts";
import {
  claimedRevision,
  errorCodes,
  isRequest,
  type JsonRpcError,
  type JsonRpcRequest,
  revisionKey,
} from "./messages.ts";
import { type RequestContext, serveRequest } from "./requests.ts";
import { serverInfo, serverOptions } from "./sdk-server.ts";
import type { Transport } from "./stdio.ts";

const supportedRevisions = ["2026-07-28"];

/** What may be cached never changes while the process lives; the next process may be another version. */
const cacheHint = { ttlMs: 60 * 60 * 1000, cacheScope: "private" } as const;
/** A policy says what is listed, and may be changed. */
const cacheHintUnderPolicy = { ...cacheHint, ttlMs: 60 * 1000 } as const;
const cacheHintOf = ({ rule }: Services) => (rule ? cacheHintUnderPolicy : cacheHint);
const cacheableMethods = new Set([
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "resources/read",
]);

/** Serves `transport` until it closes. */
export async function serve2026(transport: Transport, services: Services): Promise<void> {
  const server = new Server(serverInfo, serverOptions2026(services));
  server.fallbackRequestHandler = (request, { mcpReq }) => {
    const person = personOf(mcpReq);
    return answer2026(request, mcpReq, services, { signal: mcpReq.signal, ...(person && { person }) });
  };

  serveStdio(() => server, { legacy: "reject", transport });

  // The SDK checks the revision of the first request only, and until the second one it reports a missing revision as
  // an unsupported one. The protocol wants every request checked, and a missing key reported as invalid parameters.
  const { onmessage } = transport;
  transport.onmessage = (message) => {
    const error = isRequest(message) ? revisionError(message) : undefined;
    if (error) void transport.send(error);
    else onmessage?.(message);
  };
}

export const serverOptions2026 = (services: Services) => ({
  ...serverOptions(services),
  cacheHints: { "server/discover": cacheHintOf(services) },
});

/** Answers any request but `server/discover`: as in the 2025 era, all others come to one place. */
export async function answer2026(
  request: Pick<JsonRpcRequest, "method" | "params">,
  mcpReq: ServerContext["mcpReq"],
  services: Services,
  client: Omit<RequestContext, "sendProgress">,
) {
  let responded = false;
  const sendEntry = ({ level, message, facts }: LogEntry) => {
    if (!responded && !client.signal.aborted) mcpReq.log(level, { message, ...facts }, packageName).catch(() => {});
  };
  const serve = () =>
    serveRequest(request, services, {
      ...client,
      sendProgress: (params) => mcpReq.notify({ method: "notifications/progress", params: { ...params } }),
    });
  try {
    // Up to Node 22 every promise of the process costs more from the first use of such a store on.
    const result = await (asksForLog(mcpReq) ? entryListenerOf(services.log).run(sendEntry, serve) : serve());
    return cacheableMethods.has(request.method) ? { ...result, ...cacheHintOf(services) } : result;
  } finally {
    responded = true;
  }
}

const asksForLog = ({ envelope }: ServerContext["mcpReq"]): boolean =>
  valueAt(envelope, ["io.modelcontextprotocol/logLevel"]) !== undefined;

/** By log: who gets the entries of the request during which they are made, if that request asks for log entries. */
const entryListeners = new WeakMap<Log, AsyncLocalStorage<(entry: LogEntry) => void>>();

function entryListenerOf(log: Log): AsyncLocalStorage<(entry: LogEntry) => void> {
  const known = entryListeners.get(log);
  if (known) return known;
  const listener = new AsyncLocalStorage<(entry: LogEntry) => void>();
  entryListeners.set(log, listener);
  log.listen(
    (entry) => listener.getStore()?.(entry),
    () => listener.getStore() !== undefined,
  );
  return listener;
}

/** The only thing that a client's person is ever asked for. */
const PAGE = "page";

/** Asks the client's person by the result of the request, which the client then repeats with its reply. */
function personOf({ envelope, inputResponses, requestState }: ServerContext["mcpReq"]): RequestContext["person"] {
  if (!isObject(valueAt(envelope, ["io.modelcontextprotocol/clientCapabilities", "elicitation", "url"])))
    return undefined;
  const state: unknown = requestState();
  // A client that repeats the request with nothing but its state has opened the page, as far as we know.
  const response = valueAt(inputResponses, [PAGE, "action"]) ?? "accept";
  const action = (["accept", "decline"] as const).find((each) => each === response) ?? "cancel";
  return {
    reply: typeof state === "string" ? { state, action } : undefined,
    ask: ({ url, message, state: requestState }) => {
      const inputRequests = { [PAGE]: inputRequired.elicitUrl({ message, url }) };
      return Promise.resolve({ inputRequired: { resultType: "input_required", inputRequests, requestState } });
    },
  };
}

/** The response to a request that names no revision, or one that is not supported. */
export function revisionError(request: JsonRpcRequest): JsonRpcError | undefined {
  const requested = claimedRevision(request);
  const response = (error: JsonRpcError["error"]) => ({ jsonrpc: "2.0" as const, id: request.id, error });
  // To the handshake of a client of the other era, the SDK itself responds with the revisions that are supported.
  if (requested === undefined && request.method !== "initialize")
    return response({ code: errorCodes.invalidParams, message: `Invalid params: _meta lacks ${revisionKey}` });
  if (typeof requested !== "string" || supportedRevisions.includes(requested)) return undefined;
  return response({
    code: errorCodes.unsupportedProtocolVersion,
    message: `Unsupported protocol version: ${requested}`,
    data: { supported: supportedRevisions, requested },
  });
}
