import type { Clock } from "../../src/atlas/clock.ts";

export interface FakeClock extends Clock {
  /** Every wait so far, in milliseconds. */
  readonly sleeps: readonly number[];
  /** Lets time pass. */
  advance(ms: number): void;
}

/** A clock that moves only when something sleeps on it or it is told to. */
export function fakeClock({ random = 0.5 }: { random?: number } = {}): FakeClock {
  let now = Date.UTC(2026, 0, 1);
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    random: () => random,
    advance(ms) {
      now += ms;
    },
    async sleep(ms, signal) {
      signal.throwIfAborted();
      sleeps.push(ms);
      now += ms;
      await Promise.resolve();
      signal.throwIfAborted();
    },
  };
}
