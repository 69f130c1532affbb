/**
 * What a call must report, from sections 6 and 15 of the contract and from nothing else: written down without a look at
 * the server, so that the two can be held against each other.
 */
import type { ErrorKind } from "../../src/tool/result.ts";

/** What has the name before the call, or how it is, by what the call is to do. */
export const nameStates = {
  create: ["free", "taken by the same", "taken by another"],
  // A change can be seen, or is one of a secret that Atlas does not show.
  update: ["with a change to see", "with a secret to change", "not there"],
  delete: ["there", "not there"],
  start: ["not started", "already started", "not there"],
  stop: ["started", "already stopped", "not there"],
} as const;
export type Verb = keyof typeof nameStates;
export type NameState = (typeof nameStates)[Verb][number];

/** What a call is to do, and to what. */
export interface Task {
  verb: Verb;
  resource: "connection" | "processor" | "workspace";
}

/** How far Atlas lets itself be asked, during a call, what became of a write. */
export type Check = "readable" | "unreadable";

/** What a fault makes of a call's write. */
export type Fate =
  /** In the end Atlas answers it, as it does without the fault. */
  | { write: "answered"; check?: Check }
  /** Whatever Atlas did, the answer is that it accepts the write. */
  | { write: "accepted"; acted: boolean }
  /** Atlas has not acted on it, and that is known. */
  | { write: "refused"; kind: ErrorKind; retryable: boolean; status?: number }
  /** Its answer is lost; `kind` says how. Atlas has acted or not. */
  | { write: "unclear"; kind: "network" | "timeout" | "atlas_error"; acted: boolean; check: Check };

export interface Expected {
  outcome:
    | "created"
    | "already_exists"
    | "updated"
    | "deleted"
    | "not_found"
    | "started"
    | "already_started"
    | "stopped"
    | "already_stopped"
    | "failed";
  kind?: ErrorKind;
  retryable?: boolean;
  status?: number;
  /** Whether a warning has to say that the outcome was looked up. */
  warned?: boolean;
}

export function expected(fate: Fate, name: NameState, { verb, resource }: Task): Expected {
  switch (verb) {
    case "create":
      return expectedOfCreate(fate, name);
    case "update":
      return expectedOfUpdate(fate, name);
    case "delete":
      return resource === "workspace" ? expectedOfWorkspaceDeletion(fate, name) : expectedOfDeletion(fate, name);
    case "start":
      return expectedOfSwitch(fate, name, { done: "started", before: "already_started" });
    case "stop":
      return expectedOfSwitch(fate, name, { done: "stopped", before: "already_stopped" });
  }
}

const UNKNOWN = { outcome: "failed", kind: "unknown_outcome" } as const;
/** Only one who looks again can say. */
const NOT_SEEN_YET = { ...UNKNOWN, retryable: true } as const;
const UNREADABLE = { ...UNKNOWN, retryable: false } as const;
const MISSING = { outcome: "failed", kind: "not_found", retryable: false, status: 404 } as const;

function refused({ kind, retryable, status }: Fate & { write: "refused" }): Expected {
  return { outcome: "failed", kind, retryable, ...(status !== undefined && { status }) };
}

function expectedOfCreate(fate: Fate, name: NameState): Expected {
  switch (fate.write) {
    case "accepted":
      throw new Error("No create is taken for done without being shown");
    case "answered":
      return answered(name, fate.check ?? "readable");
    case "refused":
      return refused(fate);
    case "unclear":
      return unclear(fate, name);
  }
}

/** "A name is unique in a workspace, so a repeated call can only end in `already_exists` or `conflict`." */
function answered(name: NameState, check: Check): Expected {
  if (name === "free") return { outcome: "created", warned: false };
  // Which of the two has the name can only be said where it can be read; a 409 is a conflict in any case.
  if (name === "taken by the same" && check === "readable") return { outcome: "already_exists" };
  return { outcome: "failed", kind: "conflict", retryable: false, status: 409 };
}

/**
 * "If it is there and matches what was asked, `created` with a warning; if it is there and differs, `conflict`; if it
 * is still not there, a `network`/`timeout`/`atlas_error` with `retryable: true`; if even that can't be read,
 * `unknown_outcome`."
 */
function unclear({ kind, acted, check }: Fate & { write: "unclear" }, name: NameState): Expected {
  if (check === "unreadable") return UNREADABLE;
  if (name === "taken by another") return { outcome: "failed", kind: "conflict", retryable: false };
  if (acted || name === "taken by the same") return { outcome: "created", warned: true };
  return { outcome: "failed", kind, retryable: true };
}

/** As for a create; but what is to be changed has to be there, and of a secret nobody sees whether it was changed. */
function expectedOfUpdate(fate: Fate, name: NameState): Expected {
  if (name === "not there") return MISSING;
  if (fate.write === "accepted") throw new Error("An update is shown");
  if (fate.write === "answered") return { outcome: "updated", warned: false };
  if (fate.write === "refused") return refused(fate);
  if (fate.check === "unreadable") return UNREADABLE;
  if (name === "with a secret to change") return NOT_SEEN_YET;
  return fate.acted ? { outcome: "updated", warned: true } : { outcome: "failed", kind: fate.kind, retryable: true };
}

/** What is gone is deleted, whoever did it, unless Atlas itself says that it was not there. */
function expectedOfDeletion(fate: Fate, name: NameState): Expected {
  const there = name === "there";
  if (fate.write === "answered") return { outcome: there ? "deleted" : "not_found" };
  if (fate.write === "refused") return refused(fate);
  if (fate.write === "accepted")
    return there && !fate.acted ? { outcome: "failed", kind: "atlas_error", retryable: true } : { outcome: "deleted" };
  if (fate.check === "unreadable") return UNREADABLE;
  return fate.acted || !there ? { outcome: "deleted" } : { outcome: "failed", kind: fate.kind, retryable: true };
}

/**
 * "Lists the processors and connections that go with it", so whether it is there is seen before anything is sent. It has
 * no state: one that is still there may be on its way out.
 */
function expectedOfWorkspaceDeletion(fate: Fate, name: NameState): Expected {
  if (name === "not there") return { outcome: "not_found" };
  if (fate.write === "answered") return { outcome: "deleted" };
  if (fate.write === "refused") return refused(fate);
  if (fate.write === "unclear" && fate.check === "unreadable") return UNREADABLE;
  return fate.acted ? { outcome: "deleted" } : NOT_SEEN_YET;
}

/**
 * "A start or stop is read back; a state that does not come in time is told with what it is." Until it comes Atlas shows
 * the state from before, so one that is still shown does not mean that nothing happens.
 */
function expectedOfSwitch(
  fate: Fate,
  name: NameState,
  { done, before }: Record<"done" | "before", Expected["outcome"]>,
): Expected {
  if (name === "not there") return MISSING;
  if (name === "already started" || name === "already stopped") return { outcome: before };
  if (fate.write === "answered") return { outcome: done, warned: false };
  if (fate.write === "refused") return refused(fate);
  if (fate.write === "accepted") return fate.acted ? { outcome: done } : NOT_SEEN_YET;
  if (fate.check === "unreadable") return UNREADABLE;
  return fate.acted ? { outcome: done, warned: true } : NOT_SEEN_YET;
}

/** What is there after a call, as the sandbox's state tells; after anything but a create, whether it happened. */
export type Truth =
  | "nothing"
  | "the same, new"
  | "the same, as before"
  | "another, as before"
  | "done"
  | "as before"
  | "as it was to be, as before"
  | "absent, as before"
  | "something else";

/** Whether what a call reported can be said of what is there. `unknown_outcome` and `cancelled` say nothing. */
export function isTrue(reported: { outcome: string; kind: string | undefined }, truth: Truth): boolean {
  switch (reported.outcome) {
    case "created":
      return truth === "the same, new" || truth === "the same, as before";
    case "already_exists":
      return truth === "the same, as before";
    case "updated":
    case "started":
    case "stopped":
      return truth === "done";
    case "already_started":
    case "already_stopped":
      return truth === "as it was to be, as before";
    case "deleted":
    case "not_found":
      return truth === "done" || truth === "absent, as before";
    case "failed":
      if (reported.kind === "unknown_outcome" || reported.kind === "cancelled") return truth !== "something else";
      if (reported.kind === "conflict") return truth === "another, as before" || truth === "the same, as before";
      return truth !== "the same, new" && truth !== "done" && truth !== "something else";
    default:
      return false;
  }
}

/** Whether a report loses a write: it says that nothing was created where something was, or the other way round. */
export function isLoss(reported: { outcome: string; kind: string | undefined }, truth: Truth): boolean {
  if (reported.outcome !== "failed") return truth === "nothing" || truth === "as before";
  return isDone(truth) && reported.kind !== "unknown_outcome" && reported.kind !== "cancelled";
}

export const isDone = (truth: Truth) => truth === "the same, new" || truth === "done";
