/** Calls that change the same thing, one after the other: each finds it as the one before has left it. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /**
   * Does `work` once all earlier work under `key` has ended, unless `signal` is aborted by then. Where it is aborted on
   * the way, its turn ends with `leftBehind`.
   */
  take<T>(key: string, signal: AbortSignal, work: () => Promise<T>, leftBehind?: () => Promise<unknown>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const worked = before.then(() => {
      signal.throwIfAborted();
      return work();
    });
    const turn = worked
      .catch(() => (signal.aborted ? leftBehind?.() : undefined))
      .finally(() => {
        if (this.#last.get(key) === turn) this.#last.delete(key);
      });
    this.#last.set(key, turn);
    return worked;
  }
}
