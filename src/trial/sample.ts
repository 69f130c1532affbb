/**
 * Documents like those of `sample_stream_solar`: what a solar device of a group makes at a time, and the most that it can.
 * The same numbers come each time.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/quickstart/
 */
import type { Document } from "./operator.ts";

const MAX_WATTS = [250, 450];

/** A number from 0 to below 1 that looks like chance. */
function scattered(index: number, of: number): number {
  let bits = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(of + 1, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
}

const below = (most: number, index: number, of: number): number => Math.floor(scattered(index, of) * most);

/** The document number `index` of the stream; `time` is in milliseconds since 1970. */
export function sampleDocument(index: number, time: number): Document {
  const device = below(11, index, 1);
  const max = MAX_WATTS[device % MAX_WATTS.length] ?? 250;
  return {
    device_id: `device_${device}`,
    group_id: below(11, index, 2),
    timestamp: new Date(time).toISOString().replace("Z", "+00:00"),
    max_watts: max,
    event_type: below(20, index, 3) === 0 ? 1 : 0,
    obs: { watts: below(max + 1, index, 4), temp: 5 + below(20, index, 5) },
  };
}
