/**
 * Streamable HTTP in front of the built stdio server, since the official conformance suite speaks nothing else. What
 * HTTP itself asks for (sessions, headers, statuses) is the bridge's; every JSON-RPC answer is the server's own bytes.
 * Answers are single JSON bodies, and only `subscriptions/listen` is a stream: what else the server sends beside an
 * answer is not passed on.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { isObject, type JsonObject } from "../../src/json.ts";
import { type ServerProcess, startProcess } from "../support/server-process.ts";

const stateless = "2026-07-28";
const metaKey = (name: string) => `io.modelcontextprotocol/${name}`;

/** Statuses that the revision of 2026 gives errors on HTTP; any other error comes with 200. */
const statuses: Readonly<Record<number, number>> = {
  [-32700]: 400,
  [-32600]: 400,
  [-32601]: 404,
  [-32020]: 400,
  [-32021]: 400,
  [-32022]: 400,
};

export interface Bridge {
  url: string;
  close(): Promise<void>;
}

export async function startBridge(args: string[] = ["--sandbox"]): Promise<Bridge> {
  const sessions = new Map<string, ServerProcess>();
  let shared: Promise<ServerProcess> | undefined;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sessionId = String(request.headers["mcp-session-id"] ?? "");
    const session = sessions.get(sessionId);
    if (request.method === "DELETE" && session) {
      sessions.delete(sessionId);
      await end(session);
      return void response.writeHead(204).end();
    }
    if (request.method !== "POST") return void response.writeHead(session ? 405 : 404).end();
    const message: unknown = JSON.parse(await text(request));
    if (!isObject(message)) return void response.writeHead(400).end();

    if (message["method"] === "initialize" && request.headers["mcp-protocol-version"] !== stateless) {
      const id = randomUUID();
      const server = startProcess({ args });
      sessions.set(id, server);
      return reply(response, 200, await exchange(server, message), { "mcp-session-id": id });
    }
    if (sessionId !== "") {
      if (!session) return void response.writeHead(404).end();
      return reply(response, 200, await exchange(session, message));
    }

    const mismatch = headerMismatch(request, message);
    if (mismatch) return reply(response, 400, mismatch);
    shared ??= openStateless(args);
    if (message["method"] === "subscriptions/listen") return listen(await shared, message, response);
    const answer = await exchange(await shared, message);
    reply(response, statusOf(message, answer), answer);
  }

  const http = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/mcp`,
    async close() {
      http.close();
      http.closeAllConnections();
      await Promise.all([...sessions.values(), ...(shared ? [await shared] : [])].map(end));
    },
  };
}

/** The first message of a process decides its era, and a client of the suite may well open with a broken one. */
async function openStateless(args: string[]): Promise<ServerProcess> {
  const server = startProcess({ args });
  await server.ask("server/discover", {
    _meta: { [metaKey("protocolVersion")]: stateless, [metaKey("clientCapabilities")]: {} },
  });
  return server;
}

/** The server's answer to a message, or undefined where it is one that has none. Ids are the bridge's: clients' may clash. */
async function exchange(server: ServerProcess, message: JsonObject): Promise<JsonObject | undefined> {
  if (message["id"] === undefined || message["method"] === undefined) {
    server.send(message);
    return undefined;
  }
  const id = randomUUID();
  server.send({ ...message, id });
  const answer = await server.message((candidate) => candidate["id"] === id);
  return { ...answer, id: message["id"] };
}

/** Passes on what the server sends for a subscription, until the client has heard enough. */
async function listen(server: ServerProcess, message: JsonObject, response: ServerResponse): Promise<void> {
  const id = randomUUID();
  const belongs = (candidate: JsonObject) =>
    candidate["id"] === id || metaOf(candidate["params"])[metaKey("subscriptionId")] === id;
  server.send({ ...message, id });
  response.on("close", () =>
    server.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } }),
  );
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (let passedOn = 0; !response.closed; passedOn += 1) {
    let skipped = 0;
    const next = await server.message((candidate) => belongs(candidate) && skipped++ === passedOn);
    response.write(`data: ${JSON.stringify(next).replaceAll(id, String(message["id"]))}\n\n`);
  }
}

function reply(
  response: ServerResponse,
  status: number,
  answer: JsonObject | undefined,
  headers: Record<string, string> = {},
): void {
  if (!answer) return void response.writeHead(202, headers).end();
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(answer));
}

function headerMismatch(request: IncomingMessage, { id, params }: JsonObject): JsonObject | undefined {
  const revision = metaOf(params)[metaKey("protocolVersion")];
  if (revision === undefined || revision === request.headers["mcp-protocol-version"]) return undefined;
  return { jsonrpc: "2.0", id, error: { code: -32020, message: "The header and _meta name different revisions" } };
}

function statusOf({ params }: JsonObject, answer: JsonObject | undefined): number {
  const error = answer?.["error"];
  if (!isObject(error)) return 200;
  const meta = metaOf(params);
  const complete = ["protocolVersion", "clientCapabilities"].every((name) => meta[metaKey(name)] !== undefined);
  return complete ? (statuses[Number(error["code"])] ?? 200) : 400;
}

function metaOf(params: unknown): JsonObject {
  const meta = isObject(params) ? params["_meta"] : undefined;
  return isObject(meta) ? meta : {};
}

async function end(server: ServerProcess): Promise<void> {
  server.child.stdin.end();
  await server.ended;
}
