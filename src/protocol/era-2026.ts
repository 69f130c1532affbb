/**
 * MCP as spoken since 2026-07-28, without a handshake, by `Server` of `@modelcontextprotocol/server`.
 * @see https://modelcontextprotocol.io/specification/2026-07-28
 */
import "./sdk-schemas.ts";
import { AsyncLocalStorage } from "node:async_hooks";
import { inputRequired, Server, type ServerContext } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { isObject, valueAt } from "../json.ts";
import type { LogEntry } from "../log.ts";
import type { Services } from "../tool/context.ts";
import { instructionsFor } from "../tools/instructions.ts";
import { packageName } from "../version.ts";
import type { Connection } from "./connection.ts";
import { claimedRevision, isRequest, type JsonRpcError, type JsonRpcRequest, revisionKey } from "./messages.ts";
import { errorCodes } from "./request-error.ts";
import { answer, type Requester } from "./requests.ts";
import { capabilities, noValidator, serverInfo } from "./server-options.ts";

const supported = ["2026-07-28"];

/** Nothing that may be cached changes while the process lives; the next process may be another version. */
const cacheHint = { ttlMs: 60 * 60 * 1000, cacheScope: "private" } as const;
const cacheable = new Set([
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "resources/read",
]);

/** Serves `connection` until it closes. */
export async function serve2026(connection: Connection, services: Services): Promise<void> {
  const { settings, log, note } = services;
  const server = new Server(serverInfo, {
    capabilities,
    instructions: instructionsFor(settings, note),
    jsonSchemaValidator: noValidator,
    cacheHints: { "server/discover": cacheHint },
  });

  // A log entry goes to the client of the request during which it was made, if that asks for it.
  const hearing = new AsyncLocalStorage<(entry: LogEntry) => void>();
  log.listen(
    (entry) => hearing.getStore()?.(entry),
    () => hearing.getStore() !== undefined,
  );

  // As in the 2025 era, all requests come here but `server/discover`.
  server.fallbackRequestHandler = async (request, { mcpReq }) => {
    const { signal } = mcpReq;
    const person = personOf(mcpReq);
    let answered = false;
    const tell = ({ level, message, facts }: LogEntry) => {
      if (!answered && !signal.aborted) mcpReq.log(level, { message, ...facts }, packageName).catch(() => {});
    };
    try {
      const result = await hearing.run(tell, () =>
        answer(request, services, {
          signal,
          sendProgress: (params) => mcpReq.notify({ method: "notifications/progress", params: { ...params } }),
          ...(person && { person }),
        }),
      );
      return cacheable.has(request.method) ? { ...result, ...cacheHint } : result;
    } finally {
      answered = true;
    }
  };

  serveStdio(() => server, { legacy: "reject", transport: connection });

  // The SDK looks at the revision of the first request alone, and says until the second that one without a revision is
  // of an unsupported one. The protocol wants each request looked at, and the lack of a required key called that.
  const { onmessage } = connection;
  connection.onmessage = (message) => {
    const refusal = isRequest(message) ? refusalOf(message) : undefined;
    if (refusal) void connection.send(refusal);
    else onmessage?.(message);
  };
}

/** The one thing that is ever asked of a client's person. */
const PAGE = "page";

/** How the client's person is asked: the request is answered with the question, and repeated with what they said. */
function personOf({ envelope, inputResponses, requestState }: ServerContext["mcpReq"]): Requester["person"] {
  if (!isObject(valueAt(envelope, ["io.modelcontextprotocol/clientCapabilities", "elicitation", "url"])))
    return undefined;
  const state: unknown = requestState();
  // A client that repeats the request with its state alone has shown the page, for all that it says.
  const said = valueAt(inputResponses, [PAGE, "action"]) ?? "accept";
  const action = (["accept", "decline"] as const).find((each) => each === said) ?? "cancel";
  return {
    answer: typeof state === "string" ? { state, action } : undefined,
    ask: ({ url, message, state: requestState }) => {
      const inputRequests = { [PAGE]: inputRequired.elicitUrl({ message, url }) };
      return Promise.resolve({ inputRequired: { resultType: "input_required", inputRequests, requestState } });
    },
  };
}

/** The answer to a request that names no revision, or none that is spoken here. */
function refusalOf(request: JsonRpcRequest): JsonRpcError | undefined {
  const requested = claimedRevision(request);
  const refuse = (error: JsonRpcError["error"]) => ({ jsonrpc: "2.0" as const, id: request.id, error });
  // Where a client of the old era strays in here, the SDK names the revisions that are spoken.
  if (requested === undefined && request.method !== "initialize") {
    return refuse({ code: errorCodes.invalidParams, message: `Invalid params: _meta lacks ${revisionKey}` });
  }
  if (typeof requested !== "string" || supported.includes(requested)) return undefined;
  return refuse({
    code: errorCodes.unsupportedProtocolVersion,
    message: `Unsupported protocol version: ${requested}`,
    data: { supported, requested },
  });
}
