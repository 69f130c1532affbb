/** The built server as `serve` runs it: a child process that is spoken to over HTTP. */
import { createServer } from "node:net";
import { isObject, type JsonObject } from "../../src/json.ts";
import { headersOf, ownMeta } from "./eras.ts";
import { listen } from "./listen.ts";
import { type ServerProcess, startProcess } from "./server-process.ts";

export interface HttpServer {
  process: ServerProcess;
  /** Where MCP is served. */
  url: string;
  /** Where probes and metrics are. */
  ops: string;
  /** Sends a body as it is; a string in place of JSON too. */
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Calls in the 2026 era; gives the answer's status and message. */
  ask(
    method: string,
    params?: JsonObject,
    headers?: Record<string, string>,
  ): Promise<{ status: number; message: JsonObject }>;
  /** The structured result of a call of a tool. */
  call(tool: string, args?: JsonObject, headers?: Record<string, string>): Promise<JsonObject>;
  /** The text of a page of the other port. */
  page(path: string): Promise<{ status: number; text: string }>;
  /** Ends it as an operator does. */
  close(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

interface Options {
  args?: string[];
  env?: Record<string, string>;
}

/** The messages of an answer, whether it is JSON or an event stream. */
export async function messagesOf(response: Response): Promise<JsonObject[]> {
  const text = await response.text();
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  const all = isStream ? [...text.matchAll(/^data: (.*)$/gm)].map(([, line = ""]) => line) : [text];
  return all.filter(Boolean).map((line) => {
    const message: unknown = JSON.parse(line);
    if (!isObject(message)) throw new Error(`Not a message: ${line}`);
    return message;
  });
}

let ids = 0;

/** Starts `serve` on free ports, unless `args` say where. */
export async function startHttpServer({ args = [], env = {} }: Options = {}): Promise<HttpServer> {
  const anywhere = ["--listen", "--ops-listen"]
    .filter((flag) => !args.includes(flag))
    .flatMap((flag) => [flag, "127.0.0.1:0"]);
  const child = startProcess({ args: ["serve", ...anywhere, ...args], env });
  const { url, ops } = JSON.parse(await child.logged("Serving MCP over HTTP"));

  const post: HttpServer["post"] = (body, headers = {}) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const ask: HttpServer["ask"] = async (method, params = {}, headers = {}) => {
    const meta = isObject(params["_meta"]) ? params["_meta"] : {};
    const body = { jsonrpc: "2.0", id: ++ids, method, params: { ...params, _meta: { ...ownMeta, ...meta } } };
    const response = await post(body, { ...headersOf(method, params), ...headers });
    return { status: response.status, message: (await messagesOf(response)).at(-1) ?? {} };
  };
  return {
    process: child,
    url,
    ops,
    post,
    ask,
    async call(tool, args = {}, headers) {
      const { message } = await ask("tools/call", { name: tool, arguments: args }, headers);
      const { result } = message;
      if (!isObject(result) || !isObject(result["structuredContent"]))
        throw new Error(`No result: ${JSON.stringify(message)}`);
      return result["structuredContent"];
    },
    async page(path) {
      const response = await fetch(`${ops}${path}`);
      return { status: response.status, text: await response.text() };
    },
    close() {
      child.child.kill("SIGTERM");
      return child.ended;
    },
  };
}

/** A port that nothing listens at, for a server whose address has to be known before it starts. */
export async function freePort(): Promise<number> {
  const { port, close } = await listen(createServer());
  await close();
  return port;
}
