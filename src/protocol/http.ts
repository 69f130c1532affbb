/**
 * MCP over Streamable HTTP, without sessions: each POST is served by itself, by `createMcpHandler` of
 * `@modelcontextprotocol/server`. It serves the revision of 2026, and with a fallback those of the 2025 era, which it
 * answers with an event stream. @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { toWebRequest } from "@modelcontextprotocol/node";
import { createMcpHandler, Server } from "@modelcontextprotocol/server";
import type { Caller } from "../policy/rule.ts";
import type { Redactor } from "../secrets/redactor.ts";
import type { Services } from "../services.ts";
import { answer2026, revisionError, serverOptions2026 } from "./era-2026.ts";
import { claimedRevision, isRequest, type JsonRpcError, type JsonRpcMessage, type RequestResult } from "./messages.ts";
import { isServed, serveRequest } from "./requests.ts";
import { serverInfo } from "./sdk-server.ts";

/** One POST, of which the message was read. */
export interface HttpExchange {
  message: JsonRpcMessage;
  services: Services;
  /** Who calls, where that is known. */
  caller?: Caller | undefined;
  /** Aborted when the server ends, and when a client of the 2026 era goes away. */
  stop: AbortController;
  /** Told of what is answered to a request that the server's own code serves. */
  onResult?(result: RequestResult): void;
}

export interface HttpHandler {
  /** Answers one POST. Resolves when nothing works on it any more. */
  handle(request: IncomingMessage, response: ServerResponse, exchange: HttpExchange): Promise<void>;
  /** Ends the event streams that are open, and the calls of the 2026 era. */
  close(): Promise<void>;
}

/** An exchange, and what works on it. */
interface Served extends HttpExchange {
  work: Promise<unknown>[];
  isModern: boolean;
}

/** @param onError told of what the SDK could not handle, and of requests that it refused */
export function createHttpHandler(onError: (error: Error) => void): HttpHandler {
  const exchanges = new WeakMap<Request, Served>();
  const mcp = createMcpHandler(
    ({ requestInfo }) => {
      const served = requestInfo && exchanges.get(requestInfo);
      if (!served) throw new Error("A request that nobody has read");
      return serverFor(served);
    },
    { onerror: onError },
  );

  async function handle(incoming: IncomingMessage, response: ServerResponse, exchange: HttpExchange): Promise<void> {
    const { message, services, stop } = exchange;
    const served: Served = { ...exchange, work: [], isModern: is2026(incoming, message) };
    // Up to 2025-11-25 a client that goes away has not cancelled: it may have lost its connection.
    const onClose = () => {
      if (served.isModern && !response.writableFinished) stop.abort(new Error("The client has gone"));
    };
    if (response.closed) onClose();
    else response.once("close", onClose);
    // The body was read, so there is none to read any more; and the token has done its work.
    const { authorization: _, ...headers } = incoming.headers;
    const read = { url: incoming.url ?? "/", headers, method: "POST", ...nothing };
    // Without a signal, as `toNodeHandler` gives it one: by that, Node keeps whatever belongs to a request in memory until
    // the second large collection after its end, and a busy server needs ever more.
    const request = await toWebRequest(read);
    exchanges.set(request, served);
    const answer = await mcp.fetch(request, { parsedBody: message });
    await sendMasked(answer, response, services.redactor, served.isModern);
    await Promise.allSettled(served.work);
  }

  return { handle, close: () => mcp.close() };
}

const nothing: AsyncIterable<never> = { async *[Symbol.asyncIterator]() {} };

/** Whether a message is of the 2026 era: its header or its `_meta` says so, rightly or not. */
function is2026({ headers }: IncomingMessage, message: JsonRpcMessage): boolean {
  const inHeader = String(headers["mcp-protocol-version"] ?? "") >= "2026-07-28";
  return inHeader || ("method" in message && claimedRevision(message) !== undefined);
}

/** What to answer to a request of a revision that is not supported, where its header does not contradict it. */
export function unsupportedRevision({ headers }: IncomingMessage, message: JsonRpcMessage): JsonRpcError | undefined {
  if (!isRequest(message)) return undefined;
  const claimed = claimedRevision(message);
  const header = headers["mcp-protocol-version"];
  return claimed === undefined || (header !== undefined && header !== claimed) ? undefined : revisionError(message);
}

/** What servers are made with, which is the same for all exchanges of a set of services. */
const options = new WeakMap<Services, ReturnType<typeof serverOptions2026>>();

function optionsFor(services: Services) {
  const known = options.get(services) ?? serverOptions2026(services);
  options.set(services, known);
  return known;
}

/** The SDK's server for one exchange. What nobody serves is left to the SDK, which then gives it the status of HTTP. */
function serverFor({ message, services, caller, stop, onResult, work, isModern }: Served): Server {
  const server = new Server(serverInfo, optionsFor(services));
  if (!("method" in message) || !isServed(message.method)) return server;
  server.fallbackRequestHandler = (request, { mcpReq }) => {
    mcpReq.signal.addEventListener("abort", () => stop.abort(mcpReq.signal.reason), { once: true });
    const client = { signal: stop.signal, ...(caller && { caller }) };
    const result = isModern
      ? answer2026(request, mcpReq, services, client)
      : serveRequest(request, services, {
          ...client,
          sendProgress: (params) => mcpReq.notify({ method: "notifications/progress", params: { ...params } }),
        });
    work.push(result.then(onResult));
    return result;
  };
  return server;
}

/**
 * Sends an answer, with the last net over its bytes. Of an event stream nobody reads the rest once the client has gone;
 * what writes it goes on where that is no cancel.
 */
async function sendMasked(answer: Response, response: ServerResponse, redactor: Redactor, cancels: boolean) {
  const { status, body } = answer;
  const headers = Object.fromEntries(answer.headers);
  if (!body || !headers["content-type"]?.startsWith("text/event-stream")) {
    const text = redactor.line(await answer.text());
    // A text leaves in one piece with its headers, bytes leave after them.
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) }).end(text);
    return;
  }
  response.writeHead(status, headers).flushHeaders();
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  if (cancels) response.once("close", () => reader.cancel().catch(() => {}));
  const decoder = new TextDecoder();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    // The SDK gives whole events, each in a piece of its own.
    const event = decoder.decode(piece.value).replace(/^data: (.*)$/gm, (_, json) => `data: ${redactor.line(json)}`);
    if (!response.closed && !response.write(event)) await drained(response);
  }
  response.end();
}

/** Resolves once more can be written, or nothing any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}
