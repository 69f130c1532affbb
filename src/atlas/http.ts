/** One HTTP exchange with Atlas over a pool of connections: sent once, read whole, cut at its limits. */
import type { Dispatcher } from "undici";
import { packageName, packageVersion } from "../version.ts";
import type { RawAnswer } from "./answer.ts";
import { AtlasFailure, type FailureKind } from "./failure.ts";

export interface HttpRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Absolute path with query, already percent-encoded. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
}

/** One request that was tried, for the log: nothing in it is secret. */
export interface Attempt {
  method: HttpRequest["method"];
  /** Without the query. */
  path: string;
  /** The answer's; absent where none came. */
  status?: number;
  /** Why no answer came: a code of Node's or undici's, or else the kind of failure. */
  failure?: string;
  milliseconds: number;
}

export type OnAttempt = (attempt: Attempt) => void;

export interface SendOptions {
  signal: AbortSignal;
  timeoutMs: number;
  /** Told of this attempt, instead of the one that was told to `createHttp`. */
  onAttempt?: OnAttempt | undefined;
}

export interface Http {
  /**
   * Sends `request` once. The whole exchange, connecting included, takes at most `timeoutMs`.
   * @throws {ExchangeFailure} where there is no whole answer.
   */
  send(request: HttpRequest, options: SendOptions): Promise<RawAnswer>;
  /** Drops all connections, those in use included. */
  close(): Promise<void>;
}

/** An exchange without an answer. */
export class ExchangeFailure extends AtlasFailure {
  override name = "ExchangeFailure";
  /** Whether a byte of the request may have reached the other side. */
  readonly sent: boolean;

  constructor(kind: FailureKind, message: string, sent: boolean, cause?: unknown) {
    super(kind, message, { retryable: kind !== "cancelled" && kind !== "configuration" }, { cause });
    this.sent = sent;
  }
}

/** Answers above this size are not read to the end. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_CONNECT_MS = 10_000;

export const userAgent = `${packageName}/${packageVersion} (node ${process.versions.node})`;

interface HttpOptions {
  origin: string;
  /** Use the environment's proxy. */
  proxy: boolean;
  /** Told of every attempt that has no observer of its own. */
  onAttempt?: OnAttempt | undefined;
}

/** Makes the exchange for one origin. undici is loaded by the first request. */
export function createHttp({ origin, proxy, onAttempt: observer }: HttpOptions): Http {
  let pool: Promise<Dispatcher> | undefined;

  async function sendOnce(request: HttpRequest, { signal, timeoutMs }: SendOptions): Promise<RawAnswer> {
    const exchange = new AbortController();
    const giveUp = () => exchange.abort();
    const timer = setTimeout(giveUp, timeoutMs);
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    let sent = false;
    try {
      pool ??= openPool(proxy);
      const { statusCode, headers, body } = await watch(await pool, () => {
        sent = true;
      }).request({
        origin,
        path: request.path,
        method: request.method,
        headers: { "user-agent": userAgent, ...request.headers },
        body: request.body ?? null,
        signal: exchange.signal,
      });
      return { status: statusCode, headers: firstValues(headers), text: await body.text() };
    } catch (error) {
      if (signal.aborted) throw new ExchangeFailure("cancelled", "The call was cancelled", sent, error);
      if (exchange.signal.aborted)
        throw new ExchangeFailure("timeout", `Atlas did not answer within ${timeoutMs} ms`, sent, error);
      throw new ExchangeFailure(...explain(error), sent, error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }

  return {
    async send(request, options) {
      const { onAttempt = observer } = options;
      if (!onAttempt) return sendOnce(request, options);
      const { method, path } = request;
      const began = performance.now();
      const report = (end: Pick<Attempt, "status" | "failure">) =>
        onAttempt({
          method,
          path: path.replace(/\?.*/, ""),
          ...end,
          milliseconds: Math.round(performance.now() - began),
        });
      try {
        const answer = await sendOnce(request, options);
        report({ status: answer.status });
        return answer;
      } catch (error) {
        report({ failure: failureCode(error) });
        throw error;
      }
    },
    async close() {
      await (await pool?.catch(() => undefined))?.destroy();
    },
  };
}

async function openPool(proxy: boolean): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import("undici");
  const options = {
    connect: { timeout: MAX_CONNECT_MS },
    maxResponseSize: MAX_ANSWER_BYTES,
    // The exchange's own timer is the limit of every wait.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  return proxy ? new EnvHttpProxyAgent(options) : new Agent(options);
}

/** Calls `started` when the request is about to be written to a connection: before that, Atlas cannot have acted. */
function watch(dispatcher: Dispatcher, started: () => void): Dispatcher {
  return dispatcher.compose(
    (dispatch) => (options, handler) =>
      dispatch(options, {
        onRequestStart(...args) {
          started();
          handler.onRequestStart?.(...args);
        },
        onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
        onResponseStart: (...args) => handler.onResponseStart?.(...args),
        onResponseData: (...args) => handler.onResponseData?.(...args),
        onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
        onResponseError: (...args) => handler.onResponseError?.(...args),
      }),
  );
}

function firstValues(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) values[name] = Array.isArray(value) ? value.join(", ") : value;
  return values;
}

/** The words for what Node's and undici's error codes mean to a person. */
const explanations: Readonly<Record<string, [FailureKind, string]>> = {
  ECONNREFUSED: ["network", "The connection was refused"],
  ECONNRESET: ["network", "The connection was reset"],
  EPIPE: ["network", "The connection was closed"],
  ENOTFOUND: ["network", "The host name could not be resolved"],
  EAI_AGAIN: ["network", "The host name could not be resolved"],
  EHOSTUNREACH: ["network", "The host cannot be reached"],
  ENETUNREACH: ["network", "The network cannot be reached"],
  UND_ERR_SOCKET: ["network", "The connection was closed"],
  // This server's own aborts are told apart before; what is left is a proxy that answered CONNECT with an error.
  UND_ERR_ABORTED: ["network", "The proxy did not open a connection to Atlas"],
  UND_ERR_CONNECT_TIMEOUT: ["timeout", "The connection could not be opened in time"],
  ETIMEDOUT: ["timeout", "The connection timed out"],
  UND_ERR_INVALID_ARG: [
    "configuration",
    "HTTPS_PROXY is no http:// or https:// URL, or a credential has a character that no header can hold",
  ],
  UND_ERR_RES_EXCEEDED_MAX_SIZE: ["atlas_error", `The answer is larger than ${MAX_ANSWER_BYTES} bytes`],
};

function explain(error: unknown): [FailureKind, string] {
  const code = codeOf(error);
  const known = explanations[code];
  if (known) return known;
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/.test(code))
    return ["network", `The TLS connection could not be made (${code})`];
  if (code.startsWith("HPE_")) return ["network", `The answer is not HTTP (${code})`];
  return ["network", `The exchange failed${code ? ` (${code})` : ""}`];
}

/** Why an exchange failed, in one word: a limit of ours by its kind, anything else by its code. */
function failureCode(error: unknown): string {
  const kind = error instanceof ExchangeFailure ? error.kind : "";
  return (kind !== "cancelled" && kind !== "timeout" && codeOf(error)) || kind;
}

/** The innermost error code: undici wraps what Node reports, and Node wraps several tries in an AggregateError. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const causes: unknown[] = [error.cause, ...(error instanceof AggregateError ? error.errors : [])];
  const inner = causes.map(codeOf).find(Boolean);
  return inner ?? ("code" in error && typeof error.code === "string" ? error.code : "");
}
