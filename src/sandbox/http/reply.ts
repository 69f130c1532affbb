/** From an answer's value to the bytes of an HTTP response, in the two forms that Atlas's query parameters choose. */
import type { RecordedRequest } from "./recorded-request.ts";

/** What a handler answers. */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: unknown;
}

/** A response that is ready to be sent. */
export interface Reply {
  status: number;
  headers: Readonly<Record<string, string>>;
  bytes: Buffer;
}

/** A JSON response as it is, neither wrapped nor indented. */
export function plainReply({ status, headers, body }: Answer): Reply {
  return jsonReply(status, headers, JSON.stringify(body));
}

/** A JSON response that honours `envelope` and `pretty`. */
export function queriedReply(answer: Answer, { query }: RecordedRequest): Reply {
  const enveloped = query["envelope"] === "true";
  const value = enveloped ? envelope(answer) : answer.body;
  const text = JSON.stringify(value, undefined, query["pretty"] === "true" ? 2 : undefined);
  return jsonReply(enveloped ? 200 : answer.status, answer.headers, text);
}

function envelope({ status, body }: Answer): unknown {
  const isPage = typeof body === "object" && body !== null && "results" in body;
  return isPage ? { status, ...body } : { status, content: body };
}

function jsonReply(status: number, headers: Readonly<Record<string, string>>, text: string): Reply {
  return { status, headers: { "content-type": "application/json", ...headers }, bytes: Buffer.from(text) };
}
