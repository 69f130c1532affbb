/** What a row of the matrix is made of: how a fault is brought about, and what it does to a call's write. */
import type { Fault, FaultRule } from "../support/sandbox.ts";
import type { CredentialKind } from "../support/server.ts";
import type { Endpoint } from "./endpoints.ts";
import type { Fate, NameState } from "./oracle.ts";
import type { Job, Scene } from "./scene.ts";

export interface FaultCase {
  name: string;
  /** The kinds of credentials that can meet it; all where left out. */
  credentials?: readonly CredentialKind[];
  fate(credentials: CredentialKind, job: Job, name: NameState): Fate;
  /** Whether a call can meet it; any can where this is left out. */
  meets?(job: Job): boolean;
  /** Further arguments of the call. */
  args?: Readonly<Record<string, unknown>>;
  /** Rules for the sandbox, for this call only. */
  rules?(scene: Scene): FaultRule[];
  /** Whether the server must be a new one, which has neither token nor challenge yet. */
  fresh?: true;
  /** The limit of one HTTP attempt for a new one, in milliseconds. */
  timeoutMs?: number;
  /** What stands in the sandbox's place; its servers serve all runs of the case. */
  endpoint?(): Promise<Endpoint>;
  /** Whether the server may wait before it sends again, for as long as a write waits at most. */
  waits?: true;
}

export const always = Number.POSITIVE_INFINITY;

/** Strikes the write of a scene. */
export function onWrite(fault: Fault, { method, writes }: Scene, times = 1): FaultRule {
  return { method, path: writes, authorized: true, times, fault };
}

/** Strikes the reads that look for a lost write. */
export function onRead(fault: Fault, { method, writes, reads }: Scene, times = 1): FaultRule {
  // Some read before they write as well.
  return { method: "GET", path: reads, authorized: true, times, fault, after: { method, path: writes } };
}

export const answer = (status: number, more: Omit<Fault & { kind: "answer" }, "kind" | "status"> = {}): Fault => ({
  kind: "answer",
  status,
  ...more,
});

/** What Atlas says when something is wrong, with everything in it that must not be passed on. */
export function errorBody(status: number, { secrets }: Scene): Record<string, unknown> {
  return {
    error: status,
    errorCode: "SOME_ERROR",
    reason: "Reason",
    detail: `Refused: ${echo(secrets)}`,
    parameters: secrets,
  };
}

/** A proxy's page that repeats the request to whoever reads it. */
export function page({ secrets }: Scene): Partial<Fault & { kind: "answer" }> {
  return { contentType: "text/html", body: `<html><h1>502 Bad Gateway</h1><pre>${echo(secrets)}</pre></html>` };
}

function echo(secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) => [
      secret,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      Buffer.from(`user:${secret}`).toString("base64"),
      secret.replace(/.{10}/g, "$&\n"),
    ])
    .join(" ");
}
