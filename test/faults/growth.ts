/** Whether memory stays where it was. */

export interface Growth {
  /** Medians of an early and of a late part of a run, in bytes. */
  early: number;
  late: number;
  flat: boolean;
}

/** What is kept after a collection fluctuates little; what the process holds of the machine, a lot. */
const SLACK_BYTES = { heap: 4 * 1024 * 1024, resident: 48 * 1024 * 1024 };

/** Compares the second tenth, when everything is loaded and compiled, with the last one. */
export function growth(samples: readonly number[], of: keyof typeof SLACK_BYTES): Growth {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const early = median(samples.slice(tenth, 2 * tenth + 1));
  const late = median(samples.slice(-tenth));
  return { early, late, flat: late <= early + SLACK_BYTES[of] };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

export const inMegabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;
