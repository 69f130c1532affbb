/** A request as the sandbox saw it, kept so that tests can say what was sent and how often. */
import type { IncomingMessage } from "node:http";

/** One request; `body` and `status` are filled in as it goes on. */
export interface RecordedRequest {
  readonly method: string;
  /** The path as it was sent (percent-encoded), without the query. */
  readonly path: string;
  /** Path and query as they were sent, which is what a digest signs. */
  readonly target: string;
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed JSON, or the text where it is no JSON; undefined when there was none or it was not read. */
  body: unknown;
  /** The HTTP status that was answered; undefined as long as none was. */
  status: number | undefined;
}

/** Records a request's head. */
export function recordHead(request: IncomingMessage): RecordedRequest {
  const target = request.url ?? "/";
  const [path = "/", ...query] = target.split("?");
  const headers = Object.entries(request.headers).map(([name, value]) => [name, [value ?? ""].flat().join(", ")]);
  return {
    method: request.method ?? "GET",
    path,
    target,
    query: Object.fromEntries(new URLSearchParams(query.join("?"))),
    headers: Object.fromEntries(headers),
    body: undefined,
    status: undefined,
  };
}

/** What a body's text says: its JSON where the content type is one of JSON and it parses, else the text itself. */
export function parseBody(text: string, contentType: string | undefined): unknown {
  if (text === "") return undefined;
  if (!/[/+]json\b/i.test(contentType ?? "")) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
