/** Faults before the write: at the token endpoint, and where an API key fetches its challenge. */

import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import type { ErrorKind } from "../../src/tool/result.ts";
import type { Fault, FaultRule } from "../support/sandbox.ts";
import { always, answer, errorBody, type FaultCase, page } from "./faults.ts";
import { TIMEOUT_BEFORE_WRITE_MS } from "./limits.ts";
import type { Fate } from "./oracle.ts";
import type { Scene } from "./scene.ts";

const answered: Fate = { write: "answered" };
const refused = (kind: ErrorKind, retryable: boolean, status?: number): Fate => ({
  write: "refused",
  kind,
  retryable,
  ...(status !== undefined && { status }),
});

/** The token endpoint belongs to no workspace, so these need a server and a sandbox of their own. */
function token(name: string, fault: Fault | ((scene: Scene) => Fault), times: number, fate: Fate): FaultCase {
  const rules = (scene: Scene): FaultRule[] => [
    { method: "POST", path: /oauth\/token$/, times, fault: typeof fault === "function" ? fault(scene) : fault },
  ];
  return {
    name: `token: ${name}`,
    credentials: ["service account"],
    fresh: true,
    waits: true,
    fate: () => fate,
    rules,
  };
}

/** OAuth's error, with the secret that was sent. */
const oauthError = (error: string) => ({ error, error_description: `Not ${sandboxCredentials.clientSecret}` });
const garbage = answer(200, { contentType: "application/json", body: "{<" });

const tokenFaults: FaultCase[] = [
  token(
    "401, for ever",
    answer(401, { body: oauthError("invalid_client") }),
    always,
    refused("unauthenticated", false, 401),
  ),
  token(
    "400, for ever",
    answer(400, { body: oauthError("invalid_client") }),
    always,
    refused("unauthenticated", false, 400),
  ),
  token(
    "403, for ever",
    answer(403, { body: oauthError("forbidden") }),
    always,
    refused("unauthenticated", false, 403),
  ),
  // Of no project and no workspace: it is the base URL that is wrong.
  token("404, for ever", (scene) => answer(404, page(scene)), always, refused("atlas_error", false, 404)),
  token("409, for ever", answer(409), always, refused("atlas_error", false, 409)),
  token("500, once", (scene) => answer(500, { body: errorBody(500, scene) }), 1, answered),
  token(
    "500, for ever",
    (scene) => answer(500, { body: errorBody(500, scene) }),
    always,
    refused("atlas_error", true, 500),
  ),
  token("a proxy's 502 page, for ever", (scene) => answer(502, page(scene)), always, refused("atlas_error", true, 502)),
  token("503, once", answer(503), 1, answered),
  token("429, Retry-After 1, once", answer(429, { headers: { "retry-after": "1" } }), 1, answered),
  token(
    "429, Retry-After 60",
    answer(429, { headers: { "retry-after": "60" } }),
    always,
    refused("rate_limited", true, 429),
  ),
  { ...token("silence, once", { kind: "silence-after-acting" }, 1, answered), timeoutMs: TIMEOUT_BEFORE_WRITE_MS },
  token("silence, for ever", { kind: "silence-before-acting" }, always, refused("timeout", true)),
  token("reset, once", { kind: "reset-after-acting" }, 1, answered),
  token("reset, for ever", { kind: "reset-before-read" }, always, refused("network", true)),
  token("half a body, once", { kind: "half-body" }, 1, answered),
  token("slow-loris body, for ever", { kind: "slow-body", bytesPerSecond: 1 }, always, refused("timeout", true)),
  token("garbage, once", garbage, 1, answered),
  token("garbage, for ever", garbage, always, refused("atlas_error", true, 200)),
  token("no token in it, for ever", answer(200, { body: {} }), always, refused("atlas_error", true, 200)),
];

/** What becomes of a write whose challenge is met by a fault, by what is challenged. */
interface ChallengeFates {
  /** A read that fetches the challenge for a write with a body; the write is challenged itself where it brings none. */
  ahead: Fate;
  /** A write without a body, and so without a secret. */
  itself: Fate;
  /** A read that comes before the write for a reason of its own. */
  earlier: Fate;
}

const alike = (fate: Fate): ChallengeFates => ({ ahead: fate, itself: fate, earlier: fate });
const notReached = (fate: Fate): Fate => (fate.write === "refused" ? { ...fate, write: "not reached" } : fate);
const whatever = (fate: Fate): ChallengeFates => ({ ...alike(fate), earlier: notReached(fate) });

/** The challenge is asked for without credentials, which no other request is. */
function challenge(name: string, fault: Fault, times: number, fates: ChallengeFates): FaultCase {
  return {
    name: `challenge: ${name}`,
    credentials: ["API key"],
    fresh: true,
    waits: true,
    fate: (_, { verb, resource, readsFirst }) =>
      // That of the connections that a processor uses can be done without.
      verb === "create" && resource !== "failover connection" && resource !== "private link"
        ? fates.ahead
        : readsFirst
          ? fates.earlier
          : fates.itself,
    // A write with a body is never sent without credentials, but to one that does not challenge.
    rules: ({ method }) => [{ authorized: false, ...(method !== "DELETE" && { method: "GET" }), times, fault }],
  };
}

const challengeFaults: FaultCase[] = [
  challenge("reset, once", { kind: "reset-after-read" }, 1, alike(answered)),
  {
    ...challenge("silence, once", { kind: "silence-before-acting" }, 1, alike(answered)),
    timeoutMs: TIMEOUT_BEFORE_WRITE_MS,
  },
  challenge("reset, for ever", { kind: "reset-before-read" }, always, whatever(refused("network", true))),
  challenge("silence, for ever", { kind: "silence-before-acting" }, always, whatever(refused("timeout", true))),
  challenge("500, for ever", answer(500), always, {
    ahead: answered,
    itself: { write: "unclear", kind: "atlas_error", acted: false, check: "unreadable" },
    earlier: notReached(refused("atlas_error", true, 500)),
  }),
  challenge("429, Retry-After 60, for ever", answer(429, { headers: { "retry-after": "60" } }), always, {
    ahead: answered,
    itself: refused("rate_limited", true, 429),
    earlier: notReached(refused("rate_limited", true, 429)),
  }),
];

export const loginFaults: readonly FaultCase[] = [
  // Where a call reads first, these befall a read of its own.
  ...tokenFaults.map((fault): FaultCase => ({ ...fault, meets: ({ readsFirst }) => !readsFirst })),
  // The start of what was just created finds the challenge of the create answered.
  ...challengeFaults.map((fault): FaultCase => ({ ...fault, meets: ({ verb }) => verb !== "start what was created" })),
];
