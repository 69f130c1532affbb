/** The rate limit that Atlas reports with every authenticated answer. The sandbox counts, but never refuses by it. */
const limit = 1000;
const windowMs = 60_000;

export class RateLimit {
  #windowEnds = 0;
  #used = 0;

  /** Counts one request and gives the headers that tell of it. */
  count(): Record<string, string> {
    if (Date.now() >= this.#windowEnds) {
      this.#windowEnds = Date.now() + windowMs;
      this.#used = 0;
    }
    this.#used = Math.min(this.#used + 1, limit);
    return { "ratelimit-limit": String(limit), "ratelimit-remaining": String(limit - this.#used) };
  }
}
