import { onTestFinished, vi } from "vitest";
import type { Clock } from "../../src/clock.ts";

export interface FakeClock extends Clock {
  /** Every sleep so far, in milliseconds. */
  readonly sleeps: readonly number[];
  /** Lets time pass, and runs what falls due. */
  advance(ms: number): void;
  /** Moves the time on without running anything, as when the computer was asleep. */
  skip(ms: number): void;
}

/** A clock that moves only when something sleeps on it or a test moves it. */
export function fakeClock({ random = 0.5 }: { random?: number } = {}): FakeClock {
  let now = Date.UTC(2026, 0, 1);
  const sleeps: number[] = [];
  const timers = new Set<{ due: number; run: () => void }>();
  const skip = (ms: number) => {
    now += ms;
  };
  const advance = (ms: number) => {
    skip(ms);
    for (const timer of [...timers].filter(({ due }) => due <= now)) if (timers.delete(timer)) timer.run();
  };
  return {
    sleeps,
    advance,
    skip,
    now: () => now,
    random: () => random,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      sleeps.push(ms);
      advance(ms);
      await Promise.resolve();
      signal.throwIfAborted();
    },
    after(ms, run) {
      const timer = { due: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
}

/** Holds the process's own clock and timers, as the sandbox uses them, until the test has ended; gives what moves them on. */
export function holdTime(): (ms: number) => void {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  return (ms) => void vi.advanceTimersByTime(ms);
}
