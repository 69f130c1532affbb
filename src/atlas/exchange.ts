/** One HTTP exchange: a request and its complete answer, over one of undici's dispatchers. */
import type { Dispatcher } from "undici";
import type { RawAnswer } from "./answer.ts";
import { ExchangeFailure, failureFrom } from "./exchange-failure.ts";

export interface ExchangeLimits {
  signal: AbortSignal;
  /** Limit for the whole exchange, including the time to connect. */
  timeoutMs: number;
}

/**
 * Resolves with the answer. Works below undici's `request`, which turns every body into a stream, and which notices an
 * abort only once there is a connection.
 * @throws {ExchangeFailure} where there is no complete answer.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { signal, timeoutMs }: ExchangeLimits,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let head: Pick<RawAnswer, "status" | "headers"> | undefined;
    let controller: Dispatcher.DispatchController | undefined;
    let sent = false;
    let givenUp: ExchangeFailure | undefined;

    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (reason: ExchangeFailure) => {
      givenUp = reason;
      end();
      reject(reason);
    };
    const giveUp = (reason: ExchangeFailure) => {
      fail(reason);
      controller?.abort(reason);
    };
    const onAbort = () => giveUp(new ExchangeFailure("cancelled", "The call was cancelled", sent));
    const timer = setTimeout(
      () => giveUp(new ExchangeFailure("timeout", `Atlas did not answer within ${timeoutMs} ms`, sent)),
      timeoutMs,
    );
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) return onAbort();

    const handler: Dispatcher.DispatchHandler = {
      // Called just before the first byte is written: until then, Atlas cannot have acted.
      onRequestStart(started) {
        // undici keeps a request that was given up while it waited for a connection: here it ends, unsent.
        if (givenUp) return started.abort(givenUp);
        controller = started;
        sent = true;
      },
      onResponseStart(_controller, status, headers) {
        // A 1xx only announces the answer.
        if (status >= 200) head = { status, headers: joinedValues(headers) };
      },
      onResponseData(_controller, piece) {
        pieces.push(piece);
      },
      onResponseEnd() {
        end();
        if (head) resolve({ ...head, bytes: joined(pieces) });
        else reject(new ExchangeFailure("network", "The answer has no HTTP status", sent));
      },
      onResponseError(_controller, error) {
        if (!givenUp) fail(failureFrom(error, sent));
      },
    };
    try {
      dispatcher.dispatch(request, handler);
    } catch (error) {
      fail(failureFrom(error, sent));
    }
  });
}

function joinedValues(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) values[name] = Array.isArray(value) ? value.join(", ") : value;
  return values;
}

function joined(pieces: readonly Buffer[]): Buffer {
  const [only, ...others] = pieces;
  return only && others.length === 0 ? only : Buffer.concat(pieces);
}
