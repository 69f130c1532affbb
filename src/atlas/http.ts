/** Requests to one origin: over connections that are kept open, through a proxy, with a report of each attempt. */
import type { Dispatcher } from "undici";
import { packageName, packageVersion } from "../version.ts";
import type { RawAnswer } from "./answer.ts";
import { type ExchangeLimits, exchange } from "./exchange.ts";
import { ExchangeFailure, failureCode, failureFrom, MAX_ANSWER_BYTES } from "./exchange-failure.ts";

export interface HttpRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Absolute path with query, already percent-encoded. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
}

/** One attempt to send a request, for the log. Nothing in it is secret. */
export interface Attempt {
  method: HttpRequest["method"];
  /** Without the query. */
  path: string;
  /** Status of the answer; absent where none came. */
  status?: number;
  /** Why no answer came: an error code of Node's or undici's, or else the kind of failure. */
  failure?: string;
  milliseconds: number;
}

export type OnAttempt = (attempt: Attempt) => void;

export interface SendOptions extends ExchangeLimits {
  /** Told of this attempt instead of `createHttp`'s own observer. */
  onAttempt?: OnAttempt | undefined;
}

export interface Http {
  /**
   * Sends `request` once. The whole exchange, connecting included, takes at most `timeoutMs`.
   * @throws {ExchangeFailure} where there is no complete answer.
   */
  send(request: HttpRequest, options: SendOptions): Promise<RawAnswer>;
  /** Drops all connections, including those in use. */
  close(): Promise<void>;
}

const MAX_CONNECT_MS = 10_000;

export const userAgent = `${packageName}/${packageVersion} (node ${process.versions.node})`;

interface HttpOptions {
  origin: string;
  /** Whether to use the proxy that the environment names. */
  proxy: boolean;
  /** Told of each attempt that has no observer of its own. */
  onAttempt?: OnAttempt | undefined;
}

/** undici is loaded with the first request. */
export function createHttp({ origin, proxy, onAttempt: observer }: HttpOptions): Http {
  let pool: Promise<Dispatcher> | undefined;

  async function sendOnce({ path, method, headers, body }: HttpRequest, limits: SendOptions): Promise<RawAnswer> {
    pool ??= openPool(proxy);
    const dispatcher = await pool.catch((error: unknown) => {
      throw failureFrom(error, false);
    });
    const request = { origin, path, method, headers: { "user-agent": userAgent, ...headers }, body: body ?? null };
    try {
      return await exchange(dispatcher, request, limits);
    } catch (error) {
      throw proxy ? throughProxy(error) : error;
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

/** A failure before anything was sent is one of getting through the proxy, and says so. */
function throughProxy(error: unknown): unknown {
  if (!(error instanceof ExchangeFailure) || error.sent || !["network", "timeout"].includes(error.kind)) return error;
  const message = `${error.message} on the way through the proxy that HTTPS_PROXY names`;
  return new ExchangeFailure(error.kind, message, error.sent, error.cause);
}

/**
 * To undici, a proxy that hangs up instead of opening a tunnel is a lost connection: it would connect again at once and
 * for ever, even when nobody waits any more. Destroying the pool stops that.
 */
function stopReconnecting(_origin: URL, targets: readonly Dispatcher[], error: Error): void {
  if ("code" in error && error.code === "UND_ERR_SOCKET") void targets.at(-1)?.destroy(error);
}

async function openPool(proxy: boolean): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent, Pool } = await import("undici");
  const options = {
    factory: (origin: string | URL, poolOptions: object) =>
      new Pool(origin, poolOptions).on("connectionError", stopReconnecting),
    connect: { timeout: MAX_CONNECT_MS },
    maxResponseSize: MAX_ANSWER_BYTES,
    // The exchange's own timer limits every wait.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  return proxy ? new EnvHttpProxyAgent(options) : new Agent(options);
}
