/** An Atlas that gives back all it was sent, in every form in which servers and proxies do. */
import { createServer, type IncomingMessage } from "node:http";
import { encodings } from "./readings.ts";

/** How the creates of a session are answered: the workspace of that name answers so. */
export const manners = [
  "json error",
  "html page",
  "long html page",
  "plain text",
  "server error",
  "conflict",
  "not found",
  "as created",
  "slowly ready",
  "reset",
] as const;
type Manner = (typeof manners)[number];

export interface EchoingAtlas {
  url: string;
  /** The first answer to a create. */
  firstAnswer(): string;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  /** Sent as JSON where it is no string. */
  content: unknown;
  headers?: Record<string, string>;
}

interface Echo {
  isRead: boolean;
  /** How many requests came before this one. */
  count: number;
  /** Headers and body as they came. */
  plain: string;
  /** The same in every encoding. */
  encoded: string;
  password: string;
}

export async function startEchoingAtlas(token: string): Promise<EchoingAtlas> {
  let first = "";
  let count = 0;
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(Buffer.from(piece));
    const answer = answerTo(request, echoOf(request, Buffer.concat(pieces).toString(), ++count), token);
    if (answer === "reset") return void request.socket.destroy();
    const text = typeof answer.content === "string" ? answer.content : JSON.stringify(answer.content);
    if (request.method === "POST" && request.url?.includes("/connections")) first ||= text;
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    firstAnswer: () => first,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerTo({ url = "", headers }: IncomingMessage, echo: Echo, token: string): Answer | "reset" {
  if (url === "/api/oauth/token")
    return { status: 200, content: { access_token: token, expires_in: 3600, note: echo.encoded } };
  if (headers.authorization === undefined) {
    const challenge = 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256';
    return { status: 401, content: {}, headers: { "www-authenticate": challenge } };
  }
  const manner = manners.find((each) => decodeURIComponent(url).includes(`/streams/${each}/`));
  if (manner) return inManner(manner, echo);
  return { status: 200, content: { results: [{ name: echo.plain, id: echo.plain }] } };
}

function inManner(manner: Manner, { isRead, count, plain, encoded, password }: Echo): Answer | "reset" {
  const error = (status: number): Answer => ({
    status,
    content: {
      error: status,
      errorCode: plain,
      reason: plain,
      detail: `Cannot read ${encoded}`,
      parameters: [plain, { [plain]: plain }],
      badRequestDetail: { fields: [{ field: plain, description: plain }] },
    },
  });
  const connection = { name: "x", type: "Kafka", state: "READY", bootstrapServers: encoded, [plain]: plain };
  const found: Answer = { status: 200, content: connection };
  const page = `<html><body><p>${encoded}</p></body></html>`;
  const html = { "content-type": "text/html" };
  switch (manner) {
    case "json error":
      return error(400);
    case "html page":
      return { status: 403, content: page, headers: html };
    case "long html page":
      return { status: 403, content: page.repeat(50), headers: html };
    case "plain text":
      // Whoever cuts this short cuts through a secret, each time at another place.
      return {
        status: 403,
        content: "-".repeat(7 * count) + password.repeat(300),
        headers: { "content-type": "text/plain" },
      };
    case "server error":
      return error(isRead ? 403 : 500);
    case "conflict":
      return isRead ? found : error(409);
    case "not found":
      return error(404);
    case "as created":
      return found;
    case "slowly ready":
      return { status: 200, content: { ...connection, state: count % 3 === 0 ? "READY" : plain } };
    case "reset":
      return isRead ? found : "reset";
  }
}

function echoOf({ method, headers }: IncomingMessage, body: string, count: number): Echo {
  const sent = [JSON.stringify(headers), body];
  return {
    isRead: method === "GET",
    count,
    plain: sent.join(" | "),
    encoded: sent.flatMap(encodings).join(" | "),
    password: /"password":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? "none",
  };
}
