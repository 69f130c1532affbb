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

export const privateLinkStates = {
  done: "DONE",
  failed: "FAILED",
  /** The answer to a create has none yet. */
  passes: (state: unknown) => state === undefined || state === "IDLE" || state === "WORKING",
};

/** What a peering's `localStatus` and `cloudStatus` say of how its request was answered; an unknown one says nothing. */
export const peeringStates = {
  accepted: ["REQUEST_ACCEPT", "ACCEPT_REQUESTED", "ACTIVE"],
  rejected: ["REQUEST_REJECT", "REJECT_REQUESTED"],
  leaving: ["REQUEST_DELETE", "DELETE_REQUESTED"],
  /** Of AWS; nothing can be answered any more. @see https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html */
  over: ["rejected", "expired", "failed", "deleted", "deleting"],
} as const;
