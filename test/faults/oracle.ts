/**
 * What a call must report, from sections 6 and 15 of the contract and from nothing else: written down without a look at
 * the server, so that the two can be held against each other.
 */
import type { ErrorKind } from "../../src/tool/result.ts";

/** What has the name before the call, or how it is, by what the call is to do. */
const usualStates = {
  create: ["free", "taken by the same", "taken by another"],
  // A change can be seen, or is one of a secret that Atlas does not show.
  update: ["with a change to see", "with a secret to change", "not there"],
  delete: ["there", "not there"],
  start: ["not started", "already started", "not there"],
  stop: ["started", "already stopped", "not there"],
  accept: ["waiting", "already accepted"],
  reject: ["waiting", "already rejected"],
  /** One that is created for it, without a fault. */
  "start what was created": ["free"],
} as const;

/** What else there is where Atlas takes its time, and refuses for what others do. */
const oddStates = {
  "create connection": ["hidden at first", "hidden for ever", "being deleted"],
  "create workspace": ["hidden at first", "hidden for ever"],
  "update connection": ["being deleted", "in use"],
  "delete connection": ["in use", "being deployed"],
  "delete workspace": ["in use"],
  "delete private link": ["in use"],
} as const;

export type Verb = keyof typeof usualStates;
export type NameState = (typeof usualStates)[Verb][number] | (typeof oddStates)[keyof typeof oddStates][number];

type Resource = "connection" | "failover connection" | "processor" | "workspace" | "private link" | "VPC peering";

/** What a call is to do, and to what. */
export interface Task {
  verb: Verb;
  resource: Resource;
  /** What it can find, where that is not all that its verb and its resource can. */
  names?: readonly NameState[];
  /** Where nobody knows whether it happened, it is not to be repeated. */
  once?: true;
  /** Whether a create is to start it as well. */
  starts?: true;
}

/** Whether Atlas refuses a deletion of what is so. */
export const isRefused = (name: NameState) => name === "in use" || name === "being deployed";

export const nameStatesOf = ({ verb, resource, names }: Task): readonly NameState[] =>
  names ?? [
    ...usualStates[verb],
    ...(Object.entries(oddStates).find(([task]) => task === `${verb} ${resource}`)?.[1] ?? []),
  ];

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
  /** A read before it fails, so it is not sent. */
  | { write: "not reached"; kind: ErrorKind; retryable: boolean; status?: number }
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
    | "accepted"
    | "rejected"
    | "unchanged"
    | "failed";
  kind?: ErrorKind;
  retryable?: boolean;
  status?: number;
  /** Whether a warning has to say that the outcome was looked up. */
  warned?: boolean;
  /** Whether it has to say that a processor was started. */
  started?: true;
  /** Whether a failure has to show the processor that is there all the same. */
  shown?: true;
}

/** What a call must report; where the contract leaves open which of several, all of them. */
export function expected(fate: Fate, name: NameState, task: Task): readonly Expected[] {
  if (fate.write === "not reached") return [refused(fate)];
  switch (task.verb) {
    case "create":
      if (task.resource === "private link") return expectedOfLink(fate, name);
      return expectedOfCreate(fate, name).map((each) => (task.starts ? withStart(each, fate) : each));
    case "update":
      return expectedOfUpdate(fate, name);
    case "delete":
      if (task.resource === "workspace") return expectedOfWorkspaceDeletion(fate, name);
      // It is read first, so whether it is there is known.
      if (task.resource === "private link" && name === "not there") return [{ outcome: "not_found" }];
      return task.resource === "VPC peering" ? expectedOfPeeringDeletion(fate, name) : expectedOfDeletion(fate, name);
    case "start": {
      const start = expectedOfSwitch(fate, name, { done: "started", before: "already_started" });
      // "An unknown outcome of a `FORCED` one is the one write that is not `retryable`."
      return [task.once && start.kind === "unknown_outcome" ? { ...start, retryable: false } : start];
    }
    case "stop":
      return [expectedOfSwitch(fate, name, { done: "stopped", before: "already_stopped" })];
    case "accept":
      return [expectedOfSwitch(fate, name, { done: "accepted", before: "unchanged" })];
    case "reject":
      return [expectedOfSwitch(fate, name, { done: "rejected", before: "unchanged" })];
    case "start what was created": {
      const start = expectedOfSwitch(fate, name, { done: "created", before: "already_exists" });
      return [{ ...start, ...(start.outcome === "failed" ? { shown: true } : { started: true }) }];
    }
  }
}

/** "`started`, once Atlas says `STARTED`", which takes a read; what is there is shown where its start fails. */
function withStart(create: Expected, fate: Fate): Expected {
  if (create.outcome === "failed") return create;
  return fate.write === "answered" && fate.check === "unreadable"
    ? { ...UNKNOWN, shown: true }
    : { ...create, started: true };
}

/** Any fate but that of a write to which it does not come. */
type Met = Exclude<Fate, { write: "not reached" }>;

/** "`retryable` is true for `unknown_outcome` too, since every write is safe to repeat." */
const UNKNOWN = { outcome: "failed", kind: "unknown_outcome", retryable: true } as const;
const MISSING = { outcome: "failed", kind: "not_found", retryable: false, status: 404 } as const;
/** "Neither there nor free: … a `conflict` with `retryable: true` that says to wait; never `already_exists`." */
const LEAVING = { outcome: "failed", kind: "conflict", retryable: true } as const;
/** "A 403 `STREAM_CONNECTION_HAS_STREAM_PROCESSORS` is a `conflict`", and so is what is foreseen of it. */
const IN_USE = { outcome: "failed", kind: "conflict" } as const;

function refused({ kind, retryable, status }: Fate & { write: "refused" | "not reached" }): Expected {
  return { outcome: "failed", kind, retryable, ...(status !== undefined && { status }) };
}

function expectedOfCreate(fate: Met, name: NameState): Expected[] {
  switch (fate.write) {
    case "accepted":
      throw new Error("No create is taken for done without being shown");
    case "answered":
      return answered(name, fate.check ?? "readable");
    case "refused":
      return [refused(fate)];
    case "unclear":
      return [unclear(fate, name)];
  }
}

/**
 * "A name is unique in a workspace, so a repeated call can only end in `already_exists` or `conflict`." That of what is
 * being deleted ("`DELETING`; a 409 whose owner then answers 404") is neither there nor free.
 */
function answered(name: NameState, check: Check): Expected[] {
  const taken = { outcome: "failed", kind: "conflict", status: 409 } as const;
  if (name === "free") return [{ outcome: "created", warned: false }];
  // Which of them has the name can only be said where it can be read; a 409 is a conflict in any case.
  if (check === "unreadable") return [taken];
  if (name === "taken by the same") return [{ outcome: "already_exists" }];
  if (name === "being deleted" || name === "hidden for ever") return [{ ...taken, retryable: true }];
  // Whoever looks but once sees what shows no more, too.
  if (name === "hidden at first") return [{ outcome: "already_exists" }, { ...taken, retryable: true }];
  return [{ ...taken, retryable: false }];
}

/**
 * "If it is there and matches what was asked, `created` with a warning; if it is there and differs, `conflict`; if it
 * is still not there, a `network`/`timeout`/`atlas_error` with `retryable: true`; if even that can't be read,
 * `unknown_outcome`."
 */
function unclear({ kind, acted, check }: Fate & { write: "unclear" }, name: NameState): Expected {
  if (check === "unreadable") return UNKNOWN;
  if (name === "taken by another") return { outcome: "failed", kind: "conflict", retryable: false };
  if (name === "being deleted") return LEAVING;
  if (name === "hidden for ever" || (name === "free" && !acted)) return { outcome: "failed", kind, retryable: true };
  return { outcome: "created", warned: true };
}

/** What is there is seen before anything is sent, since a private link has no name; what is new is not. */
function expectedOfLink(fate: Met, name: NameState): Expected[] {
  if (name === "taken by the same") return [{ outcome: "already_exists" }];
  if (name === "being deleted") return [LEAVING];
  // "STREAM_PRIVATE_LINK_ALREADY_EXISTS" is a 400.
  const wants = expectedOfCreate(fate, name).map((each) => (each.status === 409 ? { ...each, status: 400 } : each));
  return name === "hidden at first" ? [...wants, { outcome: "already_exists" }] : wants;
}

/** As for a create; but what is to be changed has to be there, and of a secret nobody sees whether it was changed. */
function expectedOfUpdate(fate: Met, name: NameState): Expected[] {
  if (name === "not there") return [MISSING];
  if (name === "being deleted") return [LEAVING];
  if (name === "in use") return [IN_USE, ...(fate.write === "answered" ? [] : [notDone(fate)])];
  if (fate.write === "accepted") throw new Error("An update is shown");
  if (fate.write === "answered") return [{ outcome: "updated", warned: false }];
  if (fate.write === "refused") return [refused(fate)];
  if (fate.check === "unreadable" || name === "with a secret to change") return [UNKNOWN];
  return [fate.acted ? { outcome: "updated", warned: true } : notDone(fate)];
}

/** Of a write that Atlas refuses, or has not acted on, where its answer says nothing of it. */
function notDone(fate: Exclude<Met, { write: "answered" }>): Expected {
  if (fate.write === "refused") return refused(fate);
  if (fate.write === "accepted") return { outcome: "failed", kind: "atlas_error", retryable: true };
  return fate.check === "unreadable" ? UNKNOWN : { outcome: "failed", kind: fate.kind, retryable: true };
}

/** What is gone is deleted, whoever did it, unless Atlas itself says that it was not there. */
function expectedOfDeletion(fate: Met, name: NameState): Expected[] {
  // Foreseen, or forced and refused by Atlas.
  if (name === "in use") return [IN_USE, ...(fate.write === "answered" ? [] : [notDone(fate)])];
  if (fate.write === "answered") return [{ outcome: name === "not there" ? "not_found" : "deleted" }];
  // Sent again until it is deployed, unless it is not known that Atlas refused it for that, if it still did.
  if (name === "being deployed")
    return [notDone(fate), ...(fate.write !== "refused" && fate.acted ? [{ outcome: "deleted" } as const] : [])];
  if (fate.write === "refused") return [refused(fate)];
  if (fate.write === "unclear" && fate.check === "unreadable") return [UNKNOWN];
  return [fate.acted || name === "not there" ? { outcome: "deleted" } : notDone(fate)];
}

/**
 * "Lists the processors and connections that go with it", so whether it is there is seen before anything is sent;
 * "refused while a processor is started". It has no state: one that is still there may be on its way out.
 */
function expectedOfWorkspaceDeletion(fate: Met, name: NameState): Expected[] {
  if (name === "not there") return [{ outcome: "not_found" }];
  if (name === "in use") return [IN_USE];
  if (fate.write === "answered") return [{ outcome: "deleted" }];
  if (fate.write === "refused") return [refused(fate)];
  if (fate.write === "unclear" && fate.check === "unreadable") return [UNKNOWN];
  return [fate.acted ? { outcome: "deleted" } : UNKNOWN];
}

/** One that waits for an answer is in no list that can be read, and so is one that is not there. */
function expectedOfPeeringDeletion(fate: Met, name: NameState): Expected[] {
  if (fate.write === "answered") return [{ outcome: name === "not there" ? "not_found" : "deleted" }];
  if (fate.write === "refused") return [refused(fate)];
  if (name === "not there") return fate.write === "accepted" ? [{ outcome: "deleted" }] : [UNKNOWN];
  return [fate.acted && !(fate.write === "unclear" && fate.check === "unreadable") ? { outcome: "deleted" } : UNKNOWN];
}

/**
 * "A start or stop is read back; a state that does not come in time is told with what it is." Until it comes Atlas shows
 * the state from before, so one that is still shown does not mean that nothing happens.
 */
function expectedOfSwitch(
  fate: Met,
  name: NameState,
  { done, before }: Record<"done" | "before", Expected["outcome"]>,
): Expected {
  if (name === "not there") return MISSING;
  if (name.startsWith("already ")) return { outcome: before };
  if (fate.write === "answered") return { outcome: done, warned: false };
  if (fate.write === "refused") return refused(fate);
  if (fate.write === "accepted") return fate.acted ? { outcome: done } : UNKNOWN;
  if (fate.check === "unreadable") return UNKNOWN;
  return fate.acted ? { outcome: done, warned: true } : UNKNOWN;
}

/** What is there after a call, as the sandbox's state tells; after anything but a create, whether it happened. */
export type Truth =
  | "nothing"
  | "the same, new"
  | "the same, as before"
  | "another, as before"
  | "leaving, as before"
  | "done"
  | "as before"
  | "as it was to be, as before"
  | "absent, as before"
  | "something else";

/** Whether what a call reported can be said of what is there. `unknown_outcome` and `cancelled` say nothing. */
export function isTrue(reported: { outcome: string; kind: string | undefined }, truth: Truth): boolean {
  switch (reported.outcome) {
    case "created":
      return truth === "the same, new" || truth === "the same, as before" || truth === "done";
    case "already_exists":
      return truth === "the same, as before";
    case "updated":
    case "started":
    case "stopped":
    case "accepted":
    case "rejected":
      return truth === "done";
    case "unchanged":
    case "already_started":
    case "already_stopped":
      return truth === "as it was to be, as before";
    case "deleted":
    case "not_found":
      return truth === "done" || truth === "absent, as before";
    case "failed":
      if (reported.kind === "unknown_outcome" || reported.kind === "cancelled") return truth !== "something else";
      if (reported.kind === "conflict") return truth.endsWith("as before") && truth !== "absent, as before";
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
