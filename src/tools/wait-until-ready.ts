/** Watches a new connection until Atlas has it ready or gives up on it. */
import { unwrapped } from "../atlas/atlas.ts";
import type { AtlasRequest } from "../atlas/endpoints.ts";
import type { AtlasFailure } from "../atlas/failure.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { CallContext, Services } from "./tool.ts";

/** Between two polls, in milliseconds: grows by half from the first to the last. */
const FIRST_POLL_MS = 500;
const LAST_POLL_MS = 5_000;
/** A poll that begins when the time is nearly up still gets this long to be answered, in milliseconds. */
const SHORTEST_POLL_MS = 1_000;

interface Waited {
  connection: JsonObject;
  warnings: string[];
}

/**
 * Polls `find` until `state` is READY or FAILED, for at most the configured time. A connection that was made cannot
 * become unmade by a failing poll, nor by cancelling, so nothing is thrown.
 */
export async function waitUntilReady(
  created: JsonObject,
  find: AtlasRequest,
  { atlas, settings }: Services,
  { signal, progress }: CallContext,
): Promise<Waited> {
  const { clock } = atlas;
  const until = clock.now() + settings.readyMs;
  let connection = created;
  let trouble: AtlasFailure | undefined;
  for (let polls = 0; ; polls += 1) {
    const state = connection["state"];
    if (polls > 0) progress?.({ progress: polls, message: `State ${String(state ?? "unknown")}` });
    if (state === "READY" || state === "FAILED") return { connection, warnings: [] };
    const left = until - clock.now();
    if (left <= 0) return { connection, warnings: [overdue(settings.readyMs, state, trouble)] };
    try {
      await clock.sleep(Math.min(left, LAST_POLL_MS, FIRST_POLL_MS * 1.5 ** polls), signal);
      const { body } = await atlas.attempt(find, {
        signal,
        timeoutMs: Math.min(settings.timeoutMs, Math.max(until - clock.now(), SHORTEST_POLL_MS)),
      });
      if (isObject(body)) connection = body;
      trouble = undefined;
    } catch (error) {
      if (signal.aborted)
        return { connection, warnings: ["The call was cancelled while it waited; the connection is there."] };
      trouble = unwrapped(error);
    }
  }
}

function overdue(readyMs: number, state: unknown, trouble: AtlasFailure | undefined): string {
  const because = trouble ? `; the last poll failed: ${trouble.message}` : "";
  return `The connection was not ready within ${readyMs} ms; its last state was ${String(state ?? "unknown")}${because}. Look again later.`;
}
