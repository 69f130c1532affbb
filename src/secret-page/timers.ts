/** Time as the pages use it, passed in so that tests need not wait. */

export interface Timers {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `run` after `ms`, unless the returned function is called before. */
  after(ms: number, run: () => void): () => void;
}

export const systemTimers: Timers = {
  now: () => Date.now(),
  after: (ms, run) => {
    // A page that nobody answers must not keep the process from ending.
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
