/** HTTP as a server speaks it: what a request says, and how an answer is sent. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { isObject } from "../json.ts";

/** A request before its body is read. */
export interface RequestHead {
  readonly method: string;
  /** The server that it was sent to: `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** The path as it was sent (percent-encoded), without the query. */
  readonly path: string;
  /** Path and query as they were sent, which is what a digest signs. */
  readonly target: string;
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A request with its body. */
export interface ReceivedRequest extends RequestHead {
  /** The parsed JSON, or the text where it is no JSON; undefined when there was none. */
  readonly body: unknown;
}

/** An answer before it is written. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A Buffer is sent as it is, undefined as no body, anything else as JSON. */
  readonly body: unknown;
}

/** What is known of a request as soon as it arrives. */
export function headOf(incoming: IncomingMessage): RequestHead {
  const target = incoming.url ?? "/";
  const [path = "/", ...query] = target.split("?");
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]);
  return {
    method: incoming.method ?? "GET",
    origin: `http://127.0.0.1:${incoming.socket.localPort}`,
    path,
    target,
    query: Object.fromEntries(new URLSearchParams(query.join("?"))),
    headers: Object.fromEntries(headers),
  };
}

/** Reads the body: as JSON where the content type says so and it parses, else as text. */
export async function readBody(incoming: IncomingMessage): Promise<unknown> {
  const body = await text(incoming);
  if (body === "") return undefined;
  if (!/[/+]json\b/i.test(incoming.headers["content-type"] ?? "")) return body;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** The answer in the style that Atlas's query parameters ask for: `envelope` and `pretty`. A file has none. */
export function styled(answer: Answer, { query }: RequestHead): Answer {
  if (Buffer.isBuffer(answer.body)) return answer;
  const enveloped = query["envelope"] === "true" ? { ...answer, status: 200, body: envelope(answer) } : answer;
  if (query["pretty"] !== "true" || enveloped.body === undefined) return enveloped;
  return { ...enveloped, body: Buffer.from(JSON.stringify(enveloped.body, undefined, 2)) };
}

/** A page of a list takes the status in; anything else is put beside it. */
function envelope({ status, body }: Answer): unknown {
  return isObject(body) && "results" in body ? { status, ...body } : { status, content: body };
}

/** Sends the whole answer. */
export function send(response: ServerResponse, answer: Answer): void {
  response.end(sendHead(response, answer));
}

/** Sends all but the body, and gives the bytes of that. */
export function sendHead(response: ServerResponse, { status, headers, body }: Answer): Buffer {
  if (body === undefined) {
    // A 204 must not even say that its body is empty (RFC 9110, section 8.6).
    response.writeHead(status, status === 204 ? headers : { ...headers, "content-length": 0 });
    return Buffer.alloc(0);
  }
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", ...headers, "content-length": bytes.length });
  return bytes;
}
