/** How much one caller may ask. */
import { expect, test } from "vitest";
import { type Limited, Limits } from "../../src/http-server/limits.ts";
import { fakeClock } from "../support/fake-clock.ts";

const begun = (answer: (() => void) | Limited): (() => void) => {
  if (typeof answer !== "function") throw new Error(`Limited: ${answer.limit}`);
  return answer;
};

test("so many requests a minute, each caller for itself; what is free is not counted", () => {
  const clock = fakeClock();
  const limits = new Limits({ callsPerMinute: 2, concurrent: 20 }, clock);
  begun(limits.begin("a", false))();
  clock.advance(20_000);
  begun(limits.begin("a", false))();
  expect(limits.begin("a", false)).toEqual({ limit: "calls_per_minute", retryAfter: 40 });
  begun(limits.begin("a", true))();
  begun(limits.begin("b", false))();
  clock.advance(39_999);
  expect(limits.begin("a", false)).toEqual({ limit: "calls_per_minute", retryAfter: 1 });
  clock.advance(1);
  begun(limits.begin("a", false))();
});

test("so many at once, whatever they are, until they end", () => {
  const limits = new Limits({ callsPerMinute: 600, concurrent: 2 }, fakeClock());
  const ends = [begun(limits.begin("a", false)), begun(limits.begin("a", true))];
  expect(limits.begin("a", true)).toEqual({ limit: "concurrent", retryAfter: 1 });
  begun(limits.begin("b", true));
  ends[0]?.();
  begun(limits.begin("a", false));
});

test("one that is under way is not forgotten when its minute is over", () => {
  const clock = fakeClock();
  const limits = new Limits({ callsPerMinute: 600, concurrent: 1 }, clock);
  const end = begun(limits.begin("a", false));
  clock.advance(10 * 60_000);
  begun(limits.begin("b", false))();
  expect(limits.begin("a", false)).toMatchObject({ limit: "concurrent" });
  end();
  begun(limits.begin("a", false));
});
