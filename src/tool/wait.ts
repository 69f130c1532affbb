/** Watches something that was made until Atlas has it ready, gives up on it, or has it no more. */
import { unwrapped } from "../atlas/atlas.ts";
import type { AtlasRequest } from "../atlas/endpoints.ts";
import { AtlasFailure, saysMissing } from "../atlas/failure.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { FullCall, Wait } from "./context.ts";
import { ToolFailure } from "./failure.ts";
import { sentence } from "./words.ts";

/** Between two polls, in milliseconds: grows by half from the first to the last. */
const FIRST_POLL_MS = 100;
const LAST_POLL_MS = 5_000;
/** A poll that begins when the time is nearly up still gets this long to be answered, in milliseconds. */
const SHORTEST_POLL_MS = 1_000;

type Waiting = Pick<FullCall, "resource" | "atlas" | "signal" | "mask" | "way" | "warn" | "progress"> & {
  settings: Pick<FullCall["settings"], "readyMs">;
};

/**
 * Polls `find` while the state passes, and gives what Atlas showed last. What was made cannot become unmade by a failing
 * poll, nor by cancelling.
 * @throws {ToolFailure} where Atlas has shown it, and then says that it is not there.
 */
export async function untilSettled(
  { resource, atlas, signal, settings: { readyMs }, mask, way, warn, progress }: Waiting,
  existing: JsonObject,
  find: AtlasRequest,
  { passes = resource.states?.passes ?? (() => false), seen, within = readyMs, since }: Wait = {},
): Promise<JsonObject> {
  const { noun, states, shownBy, listedBy } = resource;
  const { clock } = atlas;
  const began = since ?? clock.now();
  const until = began + within;
  let latest = existing;
  let wasSeen = seen === true;
  let trouble: AtlasFailure | undefined;
  for (let polls = 0; ; polls += 1) {
    const state = latest["state"];
    const told = mask(String(state ?? "unknown"));
    const settled = !passes(state, latest);
    const wait = settled ? "" : `; waited ${inSeconds(clock.now() - began)} of at most ${inSeconds(within)}`;
    if (polls > 0) progress(`State ${told}${wait}`);
    if (settled) return latest;
    const left = until - clock.now();
    if (left <= 0) {
      const last = `its last state was ${told}${trouble ? `; the last poll failed: ${trouble.message}` : ""}`;
      if (within === readyMs)
        warn(
          `The ${noun} was not ready within ${readyMs} ms; ${sentence(last)} ${states?.patience ? `${states.patience}: ` : ""}${way(states?.patience ? "look again" : "Look again", shownBy ?? listedBy)}.`,
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
      wasSeen = true;
      trouble = undefined;
    } catch (error) {
      if (signal.aborted) {
        warn(`The call was cancelled while it waited; the ${noun} is there.`);
        return latest;
      }
      trouble = unwrapped(error);
      // Right after its create it can be missing for a moment; once it was shown, it can not.
      if (wasSeen && saysMissing(trouble))
        throw new ToolFailure(
          new AtlasFailure("not_found", `The ${noun} was deleted while the call waited for it`, trouble.facts),
          { hint: `Somebody deleted it. ${way("Look", listedBy)}; create it again only if it is still wanted.` },
        );
    }
  }
}

const inSeconds = (ms: number) => `${Math.round(ms / 100) / 10} s`;
