/** The built server as a bare child process, for what the SDK's client hides: bytes, signals and the end. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { isObject, type JsonObject } from "../../src/json.ts";
import { serverPath } from "./server.ts";

interface Options {
  env?: Record<string, string>;
  args?: string[];
  /** Default: the built server. */
  path?: string;
}

export interface ServerProcess {
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Writes one line: a string as it is, anything else as JSON. */
  send(line: unknown): void;
  /** Sends a request and waits for its answer. */
  ask(method: string, params?: JsonObject): Promise<JsonObject>;
  /** Sends a request under this id without waiting. */
  request(id: string | number, method: string, params?: JsonObject): void;
  /** The first message that fits, whether it has come already or is yet to come. */
  message(fits: (message: JsonObject) => boolean): Promise<JsonObject>;
  /** Shakes hands in this revision of the protocol. */
  initialize(protocolVersion?: string): Promise<JsonObject>;
  /** Every message so far; throws where a line on stdout is none. */
  messages(): JsonObject[];
  /** Everything on stdout so far. */
  stdout(): string;
  /** Everything on stderr so far. */
  stderr(): string;
  /** The first line on stderr that contains `text`, whether it was written already or is yet to be. */
  logged(text: string): Promise<string>;
  /** How the process ended, once both its outputs have ended too. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export function startProcess({ env = {}, args = [], path = serverPath }: Options = {}): ServerProcess {
  const child = spawn(process.execPath, [path, ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
  // What is written to a server that has gone.
  child.stdin.on("error", () => {});
  const waiting = new Set<() => void>();
  const heard = () => {
    for (const look of [...waiting]) look();
  };
  const stdout = collectLines(child.stdout, heard);
  const stderr = collectLines(child.stderr, heard);
  const read: JsonObject[] = [];
  // Each line is read once: a test that asks a thousand things would else read the first answer a thousand times.
  const messageAt = (index: number): JsonObject => {
    read[index] ??= parsed(stdout.lines[index] ?? "");
    return read[index];
  };
  const messages = () => stdout.lines.map((_, index) => messageAt(index));
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal }));

  /** The first line that `find` makes something of, as soon as there is one. */
  const eventually = <T>({ lines }: Lines, find: (line: string, index: number) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      let seen = 0;
      const look = () => {
        while (seen < lines.length) {
          const found = find(lines[seen] ?? "", seen++);
          if (found === undefined) continue;
          waiting.delete(look);
          return resolve(found);
        }
      };
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`The server ended first; stderr: ${stderr.text()}`)));
    });

  let ids = 0;
  const server: ServerProcess = {
    child,
    ended,
    messages,
    stdout: stdout.text,
    stderr: stderr.text,
    send: (line) => child.stdin.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`),
    request: (id, method, params) => server.send({ jsonrpc: "2.0", id, method, ...(params && { params }) }),
    ask(method, params) {
      const id = `request-${++ids}`;
      server.request(id, method, params);
      return server.message((message) => message["id"] === id);
    },
    message: (fits) =>
      eventually(stdout, (_, index) => {
        const message = messageAt(index);
        return fits(message) ? message : undefined;
      }),
    logged: (text) => eventually(stderr, (line) => (line.includes(text) ? line : undefined)),
    async initialize(protocolVersion = "2025-11-25") {
      const answer = await server.ask("initialize", {
        protocolVersion,
        capabilities: {},
        clientInfo: { name: "test", version: "0" },
      });
      server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
      return answer;
    },
  };
  return server;
}

interface Lines {
  /** The lines that have ended so far. */
  lines: string[];
  /** Everything so far. */
  text(): string;
}

/** The lines of a stream as they come; `heard` is called for each piece. */
function collectLines(stream: Readable, heard: () => void): Lines {
  const lines: string[] = [];
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (piece: string) => {
    const [first = "", ...more] = piece.split("\n");
    rest += first;
    for (const next of more) {
      lines.push(rest);
      rest = next;
    }
    heard();
  });
  return { lines, text: () => lines.map((line) => `${line}\n`).join("") + rest };
}

function parsed(line: string): JsonObject {
  const message: unknown = JSON.parse(line);
  if (!isObject(message) || message["jsonrpc"] !== "2.0") throw new Error(`Not a message: ${line}`);
  return message;
}

/** The parameters of a call of `create_stream_connection`. */
export const createCall = (args: JsonObject, meta?: JsonObject) => ({
  name: "create_stream_connection",
  arguments: args,
  ...(meta && { _meta: meta }),
});

/** The structured result in the answer to a call. */
export function resultIn(answer: JsonObject): JsonObject {
  const { result } = answer;
  if (!isObject(result) || !isObject(result["structuredContent"]))
    throw new Error(`No result: ${JSON.stringify(answer)}`);
  return result["structuredContent"];
}
