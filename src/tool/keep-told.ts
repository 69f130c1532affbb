/** Tells a client again and again that a call goes on: many give up one of which they hear nothing for a minute. */
import type { Clock } from "../clock.ts";

/** From one message to the next, in milliseconds. */
const EVERY_MS = 10_000;

/** What `work` gives; for as long as it takes, `progress` is told how long a person has been waited for. */
export async function toldWhileWaiting<T>(
  work: Promise<T>,
  clock: Clock,
  progress: ((message: string) => void) | undefined,
): Promise<T> {
  if (!progress) return work;
  const began = clock.now();
  const tell = () => {
    progress(`Waiting for a person to type the secrets: ${Math.round((clock.now() - began) / 1000)} s so far`);
    stop = clock.after(EVERY_MS, tell);
  };
  let stop = clock.after(EVERY_MS, tell);
  try {
    return await work;
  } finally {
    stop();
  }
}
