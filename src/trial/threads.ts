/**
 * The threads that compute trials: at most two, started when they are needed, kept for the next trial for a while, and
 * ended with whatever they compute where that takes too long or nobody wants it any more.
 */
import { Worker } from "node:worker_threads";
import type { TrialRefusal, TrialRequest, TrialResult } from "./trial.ts";

/** A trial that took more than a trial may. */
export class TrialLimit extends Error {
  override name = "TrialLimit";
  readonly limit: "time" | "memory";
  constructor(limit: TrialLimit["limit"]) {
    super(`The trial needed more than its ${limit}`);
    this.limit = limit;
  }
}

const MOST_THREADS = 2;
/** What a trial may compute, once its thread is ready. */
export const MOST_MILLISECONDS = 2_000;
/** A thread that is not ready by then never will be. */
const MOST_START = 20_000;
/** How long a thread waits for the next trial. */
const IDLE = 30_000;

const limits = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };

/** Beside the bundled server. */
const bundled = new URL("../trial-worker.js", import.meta.url);

/** Where the sources themselves run, so does the worker; Node 20 has to be taught to read it. */
const ofSource = `import("tsx/esm/api").then(({ register }) => {
  register();
  return import(${JSON.stringify(new URL("./worker.ts", import.meta.url).href)});
});`;

const isSource = import.meta.url.endsWith(".ts");

class Thread {
  readonly #worker: Worker;
  readonly #ready: Promise<void>;
  #isAlive = true;
  #idle: NodeJS.Timeout | undefined;

  constructor() {
    this.#worker = new Worker(isSource ? ofSource : bundled, {
      resourceLimits: limits,
      env: {},
      // What it would print is nobody's.
      stdout: true,
      stderr: true,
      eval: isSource,
    });
    // Whoever waits for it hears of it too.
    this.#worker.on("error", () => this.end());
    this.#worker.on("exit", () => this.end());
    this.#worker.unref();
    this.#ready = this.#next(MOST_START).then(() => undefined);
    this.#ready.catch(() => {});
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  end(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    clearTimeout(this.#idle);
    void this.#worker.terminate();
  }

  /** What it says next. @throws {TrialLimit} */
  #next(within: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#worker.off("message", onMessage).off("error", onError).off("exit", onExit);
        act();
      };
      const timer = setTimeout(() => settle(() => reject(new TrialLimit("time"))), within);
      const onMessage = (message: unknown) => settle(() => resolve(String(message)));
      const onError = (error: Error & { code?: string }) =>
        settle(() => reject(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? new TrialLimit("memory") : error));
      const onExit = () => settle(() => reject(new Error("The thread of a trial has ended")));
      this.#worker.once("message", onMessage).once("error", onError).once("exit", onExit);
    });
  }

  async compute(request: string): Promise<string> {
    clearTimeout(this.#idle);
    try {
      await this.#ready;
      const result = this.#next(MOST_MILLISECONDS);
      this.#worker.postMessage(request);
      return await result;
    } catch (error) {
      this.end();
      throw error;
    } finally {
      if (this.#isAlive) this.#idle = setTimeout(() => this.end(), IDLE).unref();
    }
  }
}

const free: Thread[] = [];
const waiting: (() => void)[] = [];
let busy = 0;

/** Waits until a thread may be used, unless `signal` is aborted by then. */
async function turn(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (busy < MOST_THREADS) {
    busy += 1;
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const go = () => {
      signal.removeEventListener("abort", stop);
      resolve();
    };
    const stop = () => {
      waiting.splice(waiting.indexOf(go), 1);
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
    waiting.push(go);
  });
}

/** Whoever waits longest takes the place. */
function done(): void {
  const next = waiting.shift();
  if (next) next();
  else busy -= 1;
}

/**
 * Computes a trial in a thread of its own.
 * @throws {TrialLimit} where it takes too long or too much memory; what `signal` was aborted with, where it was.
 */
export async function computeTrial(request: TrialRequest, signal: AbortSignal): Promise<TrialResult | TrialRefusal> {
  await turn(signal);
  try {
    const thread = threadThatLives();
    const stop = () => thread.end();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const result = await thread.compute(JSON.stringify(request));
      if (thread.isAlive) free.push(thread);
      return JSON.parse(result);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  } finally {
    done();
  }
}

function threadThatLives(): Thread {
  for (let thread = free.pop(); thread; thread = free.pop()) if (thread.isAlive) return thread;
  return new Thread();
}
