/**
 * A write that happens at most once. It is sent again only where Atlas cannot have acted on it. Where it may have, a read
 * shows what became of it.
 */
import { isObject, type JsonObject } from "../json.ts";
import type { Answer } from "./answer.ts";
import { type Atlas, Unsent, unwrapped } from "./atlas.ts";
import type { AtlasRequest, Find } from "./endpoints.ts";
import { AtlasFailure, saysMissing } from "./failure.ts";
import { lookUp } from "./pages.ts";
import { backoffMs } from "./retry.ts";

/** A write, and the read that shows whether it happened. */
export interface Write {
  request: AtlasRequest;
  find: Find;
  /** What Atlas answers the request with: what was written, or nothing worth reading. */
  expects: "resource" | "nothing";
  /** Whether the write happened, by what the read found. Without it, the write is a create, which happened where anything is there. */
  happened?: (found: JsonObject | "nothing") => boolean;
  /** Atlas shows what happened after a while only, so that a read before that says nothing. */
  showsLate?: boolean;
}

export type WriteOutcome =
  /** Atlas answered the write itself. */
  | { kind: "answered"; status: number; body: JsonObject }
  /** The write's answer was lost to `cause`; `body` is what the read found. The caller judges whether that was written. */
  | { kind: "found"; body: JsonObject; cause: AtlasFailure }
  /** The same of a write after which there is nothing left. */
  | { kind: "gone"; cause: AtlasFailure };

interface WriteOptions {
  signal: AbortSignal;
  /** How long to look for a write whose answer was lost, in milliseconds. */
  checkMs: number;
  /** Told where a cancelled call leaves behind a write that had been sent; the promise says what became of it. */
  onAbandoned?: (outcome: Promise<WriteOutcome>) => void;
}

/** All the waiting before a write is sent again takes at most this long, in milliseconds. */
export const WRITE_WAIT_MS = 10_000;
const MAX_TRIES = 5;
/** Between two looks for a lost write, in milliseconds: doubled from the first to the last. */
const FIRST_LOOK_MS = 100;
const LAST_LOOK_MS = 1_000;
/** A look that begins when the time is nearly up still gets this long, in milliseconds. */
const SHORTEST_LOOK_MS = 1_000;

/**
 * Sends a write.
 * @throws {AtlasFailure} Atlas refused it, or a read did not find it; `unknown_outcome` where nobody can tell.
 */
export async function writeOnce(atlas: Atlas, write: Write, options: WriteOptions): Promise<WriteOutcome> {
  const { clock } = atlas;
  const { signal } = options;
  const waitUntil = clock.now() + WRITE_WAIT_MS;
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await atlas.attempt(write.request, { signal, timeoutMs: atlas.timeoutMs });
      const body = bodyFor(write, answer);
      if (body) return { kind: "answered", status: answer.status, body };
      throw unreadable(answer);
    } catch (error) {
      const failure = unwrapped(error);
      if (!(error instanceof Unsent) && isUnclear(failure)) return lookFor(atlas, write, failure, options);
      const wait = backoffMs(failure, tries, clock);
      const { status, retryable } = failure.facts;
      // Of the refusals that may pass, only these two say that Atlas did nothing.
      const isUnacted = error instanceof Unsent || status === 429 || status === 503;
      if (!retryable || !isUnacted || tries === MAX_TRIES || clock.now() + wait > waitUntil) throw failure;
      await clock.sleep(wait, signal);
    }
  }
}

/** Whether Atlas may have acted on a write that failed so. 429, and 503 with `Retry-After`, say that it did not. */
function isUnclear({ kind, facts: { status, retryAfterSeconds } }: AtlasFailure): boolean {
  if (status === undefined) return ["network", "timeout", "cancelled", "atlas_error"].includes(kind);
  if (status === 503) return retryAfterSeconds === undefined;
  return status >= 500 || status === 408 || (status >= 200 && status < 300);
}

async function lookFor(
  atlas: Atlas,
  write: Write,
  cause: AtlasFailure,
  { signal, checkMs, onAbandoned }: WriteOptions,
): Promise<WriteOutcome> {
  try {
    signal.throwIfAborted();
    return await look(atlas, write, cause, signal, checkMs);
  } catch (error) {
    if (signal.aborted) onAbandoned?.(look(atlas, write, cause, new AbortController().signal, checkMs));
    throw error;
  }
}

async function look(
  atlas: Atlas,
  write: Write,
  cause: AtlasFailure,
  signal: AbortSignal,
  checkMs: number,
): Promise<WriteOutcome> {
  const { clock } = atlas;
  const { find, happened = (found) => found !== "nothing" } = write;
  const until = clock.now() + checkMs;
  let wasRead = false;
  for (let tries = 1; ; tries += 1) {
    const timeoutMs = Math.min(atlas.timeoutMs, Math.max(until - clock.now(), SHORTEST_LOOK_MS));
    let unreadable: AtlasFailure | undefined;
    try {
      const body = await lookUp(find, (request) => atlas.attempt(request, { signal, timeoutMs }));
      if (body === "nothing") {
        if (happened("nothing")) return { kind: "gone", cause };
      } else if (isObject(body) && isResource(body)) {
        if (happened(body)) return { kind: "found", body, cause };
      } else
        unreadable = new AtlasFailure("atlas_error", "Atlas answered with a body that cannot be read", {
          retryable: true,
        });
    } catch (error) {
      signal.throwIfAborted();
      const failure = unwrapped(error);
      // A new connection can answer 404 for a moment, so one 404 does not mean that the write did not happen.
      if (!saysMissing(failure)) unreadable = mayPass(failure);
      else if (happened("nothing")) return { kind: "gone", cause };
    }
    wasRead ||= unreadable === undefined;
    const left = until - clock.now();
    const retryAfterMs = (unreadable?.facts.retryAfterSeconds ?? 0) * 1000;
    const hopeless = unreadable !== undefined && (unreadable.facts.retryable !== true || retryAfterMs > left);
    if (left <= 0 || hopeless) {
      // One that had less time than any request, of an Atlas that is busy, does not undo what was read before it.
      const isCutShort = unreadable?.kind === "timeout" && timeoutMs < atlas.timeoutMs;
      if (unreadable && !(isCutShort && wasRead)) throw unknownOutcome(cause, unreadable);
      throw write.showsLate ? notShownYet(cause) : notFound(cause, write);
    }
    const pause = Math.max(retryAfterMs, Math.min(LAST_LOOK_MS, FIRST_LOOK_MS * 2 ** (tries - 1)));
    await clock.sleep(Math.min(left, pause), signal);
  }
}

/** What Atlas answers to a write; nothing where something else has answered, which tells nothing of what Atlas did. */
export function bodyFor({ expects }: Pick<Write, "expects">, { body, text }: Answer): JsonObject | undefined {
  if (isObject(body)) return expects === "nothing" || isResource(body) ? body : undefined;
  return expects === "nothing" && text.trim() === "" ? {} : undefined;
}

/** Of a write that has such an answer. */
export const unreadable = ({ status }: Answer): AtlasFailure =>
  new AtlasFailure("atlas_error", `Atlas answered ${status} with a body that cannot be read`, {
    status,
    retryable: true,
  });

/** Whether it is a resource, which Atlas may show without some of these fields. JSON with none of them is not Atlas's. */
function isResource(body: JsonObject): boolean {
  return ["name", "type", "id", "_id", "state"].some((field) => Object.hasOwn(body, field));
}

/** The failure of a read. Where something on the way to Atlas can have answered, it may pass. */
function mayPass(failure: AtlasFailure): AtlasFailure {
  const { kind, message, facts } = failure;
  const passing = { ...facts, retryable: true };
  if (kind === "not_found") return new AtlasFailure("atlas_error", "something that is not Atlas answered 404", passing);
  return facts.status === 200 ? new AtlasFailure(kind, message, passing) : failure;
}

function unknownOutcome(cause: AtlasFailure, unreadable: AtlasFailure): AtlasFailure {
  return new AtlasFailure(
    "unknown_outcome",
    `${cause.message}; whether it happened could not be read: ${unreadable.message}`,
    // Every write is safe to repeat.
    { ...cause.facts, retryable: true },
    { cause },
  );
}

function notShownYet(cause: AtlasFailure): AtlasFailure {
  const message = `${cause.message}; Atlas does not show it yet, and it may still happen`;
  return new AtlasFailure("unknown_outcome", message, { ...cause.facts, retryable: true }, { cause });
}

/** Atlas may still be at work on it, so this says no more than what the read saw. */
function notFound(cause: AtlasFailure, { happened }: Write): AtlasFailure {
  const kind = cause.kind === "cancelled" ? "network" : cause.kind;
  const message = `${cause.message}; it ${happened ? "had not happened" : "was not there"} when looked for`;
  return new AtlasFailure(kind, message, { ...cause.facts, retryable: true }, { cause });
}
