import { describe, expect, test } from "vitest";
import { backoffMs } from "../../src/atlas/backoff.ts";
import { AtlasFailure } from "../../src/atlas/failure.ts";
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
