/** How long to wait before a request is sent again. */
import type { Clock } from "../clock.ts";
import type { AtlasFailure } from "./failure.ts";

const BASE_MS = 250;
const CAP_MS = 4_000;

/**
 * Milliseconds to wait after the `attempt`th failure (from 1): exponential with full jitter, and at least what Atlas
 * asked for. @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs({ facts }: AtlasFailure, attempt: number, clock: Clock): number {
  const ownWait = clock.random() * Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1));
  return Math.max(ownWait, (facts.retryAfterSeconds ?? 0) * 1000);
}
