/**
 * The states that Atlas shows of what takes its time. The API names the common ones of a processor and leaves the list
 * open, so of a state that is not here nothing is claimed.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/manage-stream-processor/
 */
import type { JsonObject } from "../json.ts";

const leavingStates: readonly unknown[] = ["DELETING", "DELETE_REQUESTED", "DROPPED"];

/** Whether something is being deleted: then it is neither there nor is its name free. */
export const isLeaving = ({ state }: JsonObject): boolean => leavingStates.includes(state);

/** They pass by themselves. */
const passing = ["INIT", "CREATING", "STARTING", "STOPPING", "DELETING"] as const;

export const processorStates = {
  /** It stays so until it is told otherwise. */
  resting: ["CREATED", "STARTED", "STOPPED"],
  failed: "FAILED",
  passing,
  passes: (state: unknown) => state === undefined || passing.some((each) => each === state),
};

/** What is neither of these becomes one of them. */
const settled = ["READY", "FAILED"];

/** In these, a processor holds the connections that it uses. */
export const runningStates = ["STARTING", "STARTED", "STOPPING"] as const;

export const connectionStates = {
  failed: "FAILED",
  passes: (state: unknown) => !settled.some((each) => each === state),
};
