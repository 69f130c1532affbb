/**
 * What a call must report, from section 6 of the contract and from nothing else: written down without a look at the
 * server, so that the two can be held against each other.
 */
import type { ErrorKind } from "../../src/tool/result.ts";

/** What has the name in the workspace before the call. */
export const nameStates = ["free", "taken by the same", "taken by another"] as const;
export type NameState = (typeof nameStates)[number];

/** How far Atlas lets itself be asked, during a call, what became of a write. */
export type Check = "readable" | "unreadable";

/** What a fault makes of a call's write. */
export type Fate =
  /** In the end Atlas answers it, as it does without the fault. */
  | { write: "answered"; check?: Check }
  /** Atlas has not acted on it, and that is known. */
  | { write: "refused"; kind: ErrorKind; retryable: boolean; status?: number }
  /** Its answer is lost; `kind` says how. Atlas has acted or not. */
  | { write: "unclear"; kind: "network" | "timeout" | "atlas_error"; acted: boolean; check: Check };

export interface Expected {
  outcome: "created" | "already_exists" | "failed";
  kind?: ErrorKind;
  retryable?: boolean;
  status?: number;
  /** Whether a warning has to say that the outcome was looked up. */
  warned?: boolean;
}

export function expected(fate: Fate, name: NameState): Expected {
  switch (fate.write) {
    case "answered":
      return answered(name, fate.check ?? "readable");
    case "refused": {
      const { kind, retryable, status } = fate;
      return { outcome: "failed", kind, retryable, ...(status !== undefined && { status }) };
    }
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
  if (check === "unreadable") return { outcome: "failed", kind: "unknown_outcome", retryable: false };
  if (name === "taken by another") return { outcome: "failed", kind: "conflict", retryable: false };
  if (acted || name === "taken by the same") return { outcome: "created", warned: true };
  return { outcome: "failed", kind, retryable: true };
}

/** What is there after a call, as the sandbox's state tells. */
export type Truth = "nothing" | "the same, new" | "the same, as before" | "another, as before" | "something else";

/** Whether what a call reported can be said of what is there. `unknown_outcome` and `cancelled` say nothing. */
export function isTrue(reported: { outcome: string; kind: string | undefined }, truth: Truth): boolean {
  switch (reported.outcome) {
    case "created":
      return truth === "the same, new" || truth === "the same, as before";
    case "already_exists":
      return truth === "the same, as before";
    case "failed":
      if (reported.kind === "unknown_outcome" || reported.kind === "cancelled") return truth !== "something else";
      if (reported.kind === "conflict") return truth === "another, as before" || truth === "the same, as before";
      return truth !== "the same, new" && truth !== "something else";
    default:
      return false;
  }
}

/** Whether a report loses a write: it says that nothing was created where something was, or the other way round. */
export function isLoss(reported: { outcome: string; kind: string | undefined }, truth: Truth): boolean {
  if (reported.outcome !== "failed") return truth === "nothing";
  return truth === "the same, new" && reported.kind !== "unknown_outcome" && reported.kind !== "cancelled";
}
