/** How much one caller may ask of this replica. */
import type { Clock } from "../clock.ts";

const MINUTE_MS = 60_000;

interface Use {
  /** When the minute that is counted began, in milliseconds since 1970. */
  since: number;
  /** Requests in it. */
  count: number;
  /** Requests under way. */
  running: number;
}

/** A caller has asked for too much. */
export interface Limited {
  limit: "calls_per_minute" | "concurrent";
  /** After how many seconds it may ask again. */
  retryAfter: number;
}

export class Limits {
  readonly #callsPerMinute: number;
  readonly #concurrent: number;
  readonly #clock: Clock;
  readonly #uses = new Map<string, Use>();

  constructor({ callsPerMinute, concurrent }: { callsPerMinute: number; concurrent: number }, clock: Clock) {
    this.#callsPerMinute = callsPerMinute;
    this.#concurrent = concurrent;
    this.#clock = clock;
  }

  /** Begins a request of `caller`; what it gives is called when it has ended. A `free` one counts only while it runs. */
  begin(caller: string, free: boolean): (() => void) | Limited {
    const now = this.#clock.now();
    const use = this.#useOf(caller, now);
    if (use.running >= this.#concurrent) return { limit: "concurrent", retryAfter: 1 };
    if (!free) {
      if (use.count >= this.#callsPerMinute) {
        const retryAfter = Math.max(1, Math.ceil((use.since + MINUTE_MS - now) / 1000));
        return { limit: "calls_per_minute", retryAfter };
      }
      use.count += 1;
    }
    use.running += 1;
    return () => {
      use.running -= 1;
    };
  }

  #useOf(caller: string, now: number): Use {
    const known = this.#uses.get(caller);
    if (known && now - known.since < MINUTE_MS) return known;
    if (known) return Object.assign(known, { since: now, count: 0 });
    // Whoever has been silent for a minute needs no memory.
    for (const [other, { since, running }] of this.#uses)
      if (running === 0 && now - since >= MINUTE_MS) this.#uses.delete(other);
    const use = { since: now, count: 0, running: 0 };
    this.#uses.set(caller, use);
    return use;
  }
}
