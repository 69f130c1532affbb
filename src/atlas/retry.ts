/** Trying again: how long to wait, and when to give up. Writes have rules of their own, in write-once.ts. */
import type { Clock } from "../clock.ts";
import type { ExchangeLimits } from "./exchange.ts";
import { AtlasFailure } from "./failure.ts";

const BASE_WAIT_MS = 250;
const MAX_WAIT_MS = 4_000;

/**
 * Milliseconds to wait after the `attempt`th failure (from 1): exponential with full jitter, and at least what Atlas
 * demands. @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs({ facts }: AtlasFailure, attempt: number, clock: Clock): number {
  const ownWait = clock.random() * Math.min(MAX_WAIT_MS, BASE_WAIT_MS * 2 ** (attempt - 1));
  return Math.max(ownWait, (facts.retryAfterSeconds ?? 0) * 1000);
}

/** All attempts of a read together take at most this multiple of one attempt's limit. */
const READ_LIMIT_FACTOR = 1.5;
const MAX_READ_ATTEMPTS = 6;
/** An attempt with less time than this, in milliseconds, would only replace the real failure with a time-out. */
const SHORTEST_ATTEMPT_MS = 250;

/**
 * Attempts a read, again after failures that may pass. `attempt` is told its limit in milliseconds, at most `timeoutMs`.
 * @throws {AtlasFailure} the last failure.
 */
export async function retryRead<T>(
  attempt: (limitMs: number) => Promise<T>,
  { clock, timeoutMs, signal }: ExchangeLimits & { clock: Clock },
): Promise<T> {
  const deadline = clock.now() + timeoutMs * READ_LIMIT_FACTOR;
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt(Math.min(timeoutMs, deadline - clock.now()));
    } catch (error) {
      if (!(error instanceof AtlasFailure)) throw error;
      const wait = backoffMs(error, attempts, clock);
      const tooLate = clock.now() + wait + SHORTEST_ATTEMPT_MS >= deadline;
      if (!error.facts.retryable || attempts === MAX_READ_ATTEMPTS || tooLate) throw error;
      await clock.sleep(wait, signal);
    }
  }
}
