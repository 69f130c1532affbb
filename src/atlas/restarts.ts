/**
 * What this process has stopped for a while and has to start again. The call that stopped it sees to that, cancelled or
 * not; where the process ends before, a start goes to each at once, and nothing else is begun.
 */
import type { Log } from "../log.ts";
import type { Mask } from "../mask.ts";
import { type Atlas, unwrapped } from "./atlas.ts";
import type { AtlasRequest } from "./endpoints.ts";
import { AtlasFailure } from "./failure.ts";
import { bodyFor, unreadable } from "./write-once.ts";

export interface Stopped {
  /** What it is, for the log. */
  name: string;
  /** What starts it; several where it may have one of several names. */
  starts: readonly AtlasRequest[];
  /** Atlas has shown that it is stopped: it cannot stop any more after a start. */
  isConfirmed: boolean;
}

/** How long the starts may take when the process ends, in milliseconds: clients kill what is still there after 4 s. */
export const RESTART_MS = 2_800;
/** The limit of one attempt, and the pause before the next, in milliseconds: Atlas refuses a start while it stops. */
const ATTEMPT_MS = 1_000;
const PAUSE_MS = 100;
/** An attempt with less time than this, in milliseconds, would say nothing of Atlas. */
const LEAST_MS = 80;

const never = new AbortController().signal;

export class Restarts {
  readonly #atlas: Atlas;
  readonly #log: Log;
  readonly #mask: Mask;
  readonly #stopped = new Set<Stopped>();
  /** What is being started at the end of the process, whether or not its call has given it up. */
  #last: readonly Stopped[] = [];
  readonly #ending = new AbortController();
  #starting = 0;
  #ended: Promise<void> | undefined;

  constructor(atlas: Atlas, log: Log, mask: Mask) {
    this.#atlas = atlas;
    this.#log = log;
    this.#mask = mask;
  }

  /** Aborted when the process begins to end. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Whether nothing is stopped, or being started at the end of the process. */
  get isEmpty(): boolean {
    return this.#stopped.size + this.#starting === 0;
  }

  /** Remembers something that is to be stopped; what it gives is called once that is started again, or given up. */
  add(stopped: Stopped): () => void {
    this.#stopped.add(stopped);
    return () => void this.#stopped.delete(stopped);
  }

  /** Whether a request starts again, as it was, what this process has stopped for a while. */
  owes({ method, path, body }: AtlasRequest): boolean {
    if (this.isEmpty || body !== undefined) return false;
    const isOf = ({ starts }: Stopped) => starts.some((start) => start.method === method && start.path === path);
    return [...this.#stopped, ...this.#last].some(isOf);
  }

  /** Starts everything again that is still stopped, since the process ends. */
  end(): Promise<void> {
    this.#ended ??= this.#startAll();
    return this.#ended;
  }

  async #startAll(): Promise<void> {
    const until = this.#atlas.clock.now() + RESTART_MS;
    const stopped = [...this.#stopped];
    this.#last = stopped;
    this.#starting = stopped.length;
    this.#ending.abort(new AtlasFailure("cancelled", "The server is ending"));
    await Promise.all(stopped.map((each) => this.#start(each, until)));
    this.#starting = 0;
  }

  async #start({ name, starts, isConfirmed }: Stopped, until: number): Promise<void> {
    const { clock } = this.#atlas;
    const facts = { name: this.#mask(name) };
    let trouble = "";
    for (let left = RESTART_MS; left >= LEAST_MS; left = until - clock.now()) {
      for (const request of starts) {
        const failure = await this.#atlas
          .attempt(request, { signal: never, timeoutMs: Math.min(ATTEMPT_MS, left) })
          .then((answer) => (bodyFor({ expects: "nothing" }, answer) ? undefined : unreadable(answer)), unwrapped);
        // One that was stopped for sure can only refuse because it starts already.
        if (!failure || (isConfirmed && failure.kind === "conflict"))
          return this.#log.warning("The server ends: what it had stopped for a change was started again", facts);
        trouble = failure.message;
      }
      await clock.sleep(PAUSE_MS, never);
    }
    this.#log.error("The server ends: what it had stopped for a change could not be started again", {
      ...facts,
      error: trouble,
    });
  }
}
