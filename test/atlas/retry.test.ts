import { describe, expect, test } from "vitest";
import { AtlasFailure, type FailureFacts } from "../../src/atlas/failure.ts";
import { backoffMs, retryRead } from "../../src/atlas/retry.ts";
import { fakeClock } from "../support/fake-clock.ts";

const wait = (attempt: number, random: number, retryAfterSeconds?: number) =>
  backoffMs(
    new AtlasFailure("rate_limited", "", retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    attempt,
    fakeClock({ random }),
  );

describe("the wait before a request is sent again", () => {
  test("at most doubles from one failure to the next, up to a limit", () => {
    expect([1, 2, 3, 4, 5, 6, 50].map((attempt) => wait(attempt, 1))).toEqual([
      250, 500, 1_000, 2_000, 4_000, 4_000, 4_000,
    ]);
  });

  test("is anything from nothing to that, by chance", () => {
    expect([0, 0.25, 0.5].map((random) => wait(3, random))).toEqual([0, 250, 500]);
  });

  test("is what Atlas asks for", () => {
    expect(wait(1, 1, 7)).toBe(7_000);
    expect(wait(9, 1, 30)).toBe(30_000);
  });

  test("is not left out where Atlas asks for none: requests would follow each other without a pause", () => {
    expect([1, 2, 3].map((attempt) => wait(attempt, 0.5, 0))).toEqual([125, 250, 500]);
  });
});

describe("a read", () => {
  const failure = (facts: FailureFacts = { retryable: true }) => new AtlasFailure("atlas_error", "no", facts);

  /** Reads with attempts that take `attemptMs` and fail with each of `failures` in turn, then succeed. */
  function read(
    failures: unknown[],
    { timeoutMs = 30_000, attemptMs = 0, signal = new AbortController().signal } = {},
  ) {
    const clock = fakeClock({ random: 1 });
    const limits: number[] = [];
    const attempt = async (limitMs: number) => {
      limits.push(limitMs);
      clock.advance(Math.min(attemptMs, limitMs));
      if (limits.length <= failures.length) throw failures[limits.length - 1];
      return "answer";
    };
    return { limits, clock, result: retryRead(attempt, { clock, timeoutMs, signal }) };
  }

  test("is attempted again after failures that may pass", async () => {
    const { result, clock } = read([failure(), failure()]);
    expect(await result).toBe("answer");
    expect(clock.sleeps).toEqual([250, 500]);
  });

  test("is not attempted again after a failure that will not pass, or a defect", async () => {
    for (const error of [failure({}), new Error("defect")]) {
      const { result, limits } = read([error]);
      await expect(result).rejects.toBe(error);
      expect(limits).toHaveLength(1);
    }
  });

  test("is attempted six times at most, and fails with the last failure", async () => {
    const failures = Array.from({ length: 7 }, () => failure());
    const { result, limits } = read(failures, { timeoutMs: 60_000 });
    await expect(result).rejects.toBe(failures[5]);
    expect(limits).toHaveLength(6);
  });

  test("takes one and a half times the limit of an attempt at most", async () => {
    const { result, limits, clock } = read([failure(), failure(), failure()], { timeoutMs: 2_000, attemptMs: 2_000 });
    const began = clock.now();
    await expect(result).rejects.toThrow("no");
    expect(limits).toEqual([2_000, 750]);
    expect(clock.now() - began).toBeLessThanOrEqual(3_000);
  });

  test("is not attempted again where Atlas asks for a longer wait than there is time for", async () => {
    const { result, limits, clock } = read([failure({ retryable: true, retryAfterSeconds: 60 })]);
    await expect(result).rejects.toThrow("no");
    expect([limits.length, clock.sleeps]).toEqual([1, []]);
  });

  test("is not attempted again where the wait leaves under a quarter of a second", async () => {
    const waits = failure({ retryable: true, retryAfterSeconds: 1 });
    for (const [timeoutMs, attempts] of [
      [820, 1],
      [860, 2],
    ] as const) {
      const { result, limits } = read([waits], { timeoutMs });
      await result.catch(() => undefined);
      expect([timeoutMs, limits.length]).toEqual([timeoutMs, attempts]);
    }
  });

  test("stops waiting when it is cancelled", async () => {
    const reason = new Error("cancelled");
    await expect(read([failure()], { signal: AbortSignal.abort(reason) }).result).rejects.toBe(reason);
  });
});
