/** Watches something that was made until Atlas has it ready or gives up on it. */
import { unwrapped } from "../atlas/atlas.ts";
import type { AtlasRequest } from "../atlas/endpoints.ts";
import type { AtlasFailure } from "../atlas/failure.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { FullCall } from "./context.ts";
import { sentence } from "./words.ts";

/** Between two polls, in milliseconds: grows by half from the first to the last. */
const FIRST_POLL_MS = 500;
const LAST_POLL_MS = 5_000;
/** A poll that begins when the time is nearly up still gets this long to be answered, in milliseconds. */
const SHORTEST_POLL_MS = 1_000;

type Waiting = Pick<FullCall, "resource" | "atlas" | "signal" | "mask" | "warn" | "progress"> & {
  settings: Pick<FullCall["settings"], "readyMs">;
};

/**
 * Polls `find` until the state settles, or is one of `ends`, and gives what Atlas showed last. What was made cannot become
 * unmade by a failing poll, nor by cancelling, so nothing is thrown.
 */
export async function untilSettled(
  { resource, atlas, signal, settings: { readyMs }, mask, warn, progress }: Waiting,
  existing: JsonObject,
  find: AtlasRequest,
  ends = resource.states?.settled ?? [],
): Promise<JsonObject> {
  const { noun, states, shownBy, listedBy } = resource;
  const { clock } = atlas;
  const began = clock.now();
  const until = began + readyMs;
  let latest = existing;
  let trouble: AtlasFailure | undefined;
  for (let polls = 0; ; polls += 1) {
    const state = latest["state"];
    const told = mask(String(state ?? "unknown"));
    const settled = ends.some((each) => each === state);
    const wait = settled ? "" : `; waited ${inSeconds(clock.now() - began)} of at most ${inSeconds(readyMs)}`;
    if (polls > 0) progress(`State ${told}${wait}`);
    if (settled) return latest;
    const left = until - clock.now();
    if (left <= 0) {
      const last = `its last state was ${told}${trouble ? `; the last poll failed: ${trouble.message}` : ""}`;
      warn(
        `The ${noun} was not ready within ${readyMs} ms; ${sentence(last)} ${states?.patience ? `${states.patience}: look` : "Look"} again with ${shownBy ?? listedBy}.`,
      );
      return latest;
    }
    try {
      await clock.sleep(Math.min(left, LAST_POLL_MS, FIRST_POLL_MS * 1.5 ** polls), signal);
      const { body } = await atlas.attempt(find, {
        signal,
        timeoutMs: Math.min(atlas.timeoutMs, Math.max(until - clock.now(), SHORTEST_POLL_MS)),
      });
      if (isObject(body)) latest = body;
      trouble = undefined;
    } catch (error) {
      if (signal.aborted) {
        warn(`The call was cancelled while it waited; the ${noun} is there.`);
        return latest;
      }
      trouble = unwrapped(error);
    }
  }
}

const inSeconds = (ms: number) => `${Math.round(ms / 100) / 10} s`;
