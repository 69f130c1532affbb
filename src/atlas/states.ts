/**
 * The states that Atlas shows of what takes its time. The API names the common ones of a processor and leaves the list
 * open, so of a state that is not here nothing is claimed.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/manage-stream-processor/
 */

import type { JsonObject } from "../json.ts";

const leavingStates: readonly unknown[] = ["DELETING", "DELETE_REQUESTED", "DROPPED"];

/** Whether something is being deleted: then it is neither there nor is its name free. */
export const isLeaving = ({ state }: JsonObject): boolean => leavingStates.includes(state);

export const processorStates = {
  settled: ["CREATED", "STARTED", "STOPPED", "FAILED"],
  failed: "FAILED",
  leaving: "DELETING",
  /** They pass by themselves. */
  passing: ["INIT", "CREATING", "STARTING", "STOPPING", "DELETING"],
} as const;

/** In these, a processor holds the connections that it uses. */
export const runningStates = ["STARTING", "STARTED", "STOPPING"] as const;

export const connectionStates = {
  settled: ["READY", "FAILED"],
  failed: "FAILED",
  leaving: "DELETING",
} as const;
