/** What can go wrong between a client and Atlas, and the rules by which a test makes it happen. */
import type { RequestHead } from "../../src/sandbox/http.ts";

/** "Act" is to do what the request asks, such as to create the connection. */
export type Fault =
  /** The connection is reset as soon as the request's head arrives. */
  | { kind: "reset-before-read" }
  /** The body is read, nothing is done, the connection is reset. */
  | { kind: "reset-after-read" }
  /** Acts, then resets the connection. */
  | { kind: "reset-after-acting" }
  /** Never answers and does not act. */
  | { kind: "silence-before-acting" }
  /** Acts and never answers. */
  | { kind: "silence-after-acting" }
  /** Acts, sends the head and half of the body, then closes the connection. */
  | { kind: "half-body" }
  /** Acts, then answers 200 with bytes that are no JSON, though the content type says so. */
  | { kind: "garbage-body" }
  /** Sends this answer, after acting where `act` is true. A body that is no string is sent as JSON. */
  | {
      kind: "answer";
      status: number;
      headers?: Readonly<Record<string, string>>;
      body?: unknown;
      /** Default: application/json, or text/plain for a string. */
      contentType?: string;
      act?: boolean;
    }
  /** Acts, then sends the body at this pace. */
  | { kind: "slow-body"; bytesPerSecond: number }
  /** Waits, then goes on as usual. */
  | { kind: "delay"; ms: number }
  /** Acts and answers as usual, but a GET of what this created (a connection, say) answers 404 for so long. */
  | { kind: "hidden"; ms: number };

export interface FaultRule {
  /** Any method when left out. */
  method?: string;
  /** Tested against the path without the query; any path when left out. */
  path?: RegExp;
  /** Only requests with an `Authorization` header, so not the first of a digest exchange; or only those without. */
  authorized?: boolean;
  /** Only requests after one like this. */
  after?: Pick<FaultRule, "method" | "path">;
  /** How many requests it strikes; default 1. */
  times?: number;
  fault: Fault;
}

/** What befalls one request. */
export interface Misfortune {
  fault: Exclude<Fault, { kind: "hidden" }> | undefined;
  hiddenMs: number;
}

/** The rules in force, in the order in which they were added: the first that fits a request strikes it. */
export class Faults {
  #rules: { rule: FaultRule; left: number; waits: boolean }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.times ?? 1, waits: rule.after !== undefined });
  }

  clear(): void {
    this.#rules = [];
  }

  /** What befalls the request. `hidden` does not keep the next rule that fits from striking as well. */
  strike(request: RequestHead): Misfortune {
    let hiddenMs = 0;
    const ready = this.#rules.filter(({ waits }) => !waits);
    for (const entry of this.#rules)
      if (entry.waits) entry.waits = !fits({ ...entry.rule.after, fault: entry.rule.fault }, request);
    for (const entry of ready) {
      if (entry.left <= 0 || !fits(entry.rule, request)) continue;
      entry.left -= 1;
      const { fault } = entry.rule;
      if (fault.kind !== "hidden") return { fault, hiddenMs };
      hiddenMs = Math.max(hiddenMs, fault.ms);
    }
    return { fault: undefined, hiddenMs };
  }
}

function fits({ method, path, authorized }: FaultRule, request: RequestHead): boolean {
  if (method !== undefined && method.toUpperCase() !== request.method) return false;
  if (authorized !== undefined && authorized !== (request.headers["authorization"] !== undefined)) return false;
  // `search` ignores `lastIndex`, which a test's RegExp with the flag g would carry over.
  return path === undefined || request.path.search(path) >= 0;
}
