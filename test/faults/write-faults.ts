/** Faults of the write itself. */

import type { Fault } from "../support/sandbox.ts";
import { always, answer, errorBody, type FaultCase, onWrite, page } from "./faults.ts";
import { type Fate, isRefused, type Task } from "./oracle.ts";
import type { Scene } from "./scene.ts";

const unclear = (kind: "network" | "timeout" | "atlas_error", acted: boolean): FaultCase["fate"] => {
  return () => ({ write: "unclear", kind, acted, check: "readable" });
};
const answered = (): Fate => ({ write: "answered" });
type Meets = Pick<FaultCase, "meets">;
/** Only what is new is hidden at first. */
const ofCreates: Meets = { meets: ({ verb }) => verb === "create" };
/** Only the create of a connection has an envelope to ask for. */
const ofEnvelopes: Meets = { meets: ({ tool }) => tool === "create_stream_connection" };
/** Where the answer has no body, half of it is all of it. */
const ofAnswersWithBody: Meets = {
  meets: ({ verb, resource }) =>
    verb === "create" ||
    verb === "update" ||
    (verb === "delete" && resource !== "processor" && resource !== "failover connection"),
};
/** Whether the write is answered with anything, or with nothing. */
const isAcceptedBlindly = ({ verb }: Task) => verb !== "create" && verb !== "update";
const once = (fault: Fault) => ({ rules: (scene: Scene) => [onWrite(fault, scene)] });
const hidden = (ms: number, { writes }: Scene) =>
  ({ method: "POST", path: writes, fault: { kind: "hidden", ms } }) as const;

/** An HTTP date lies on a whole second. */
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toUTCString();

const broken: FaultCase[] = [
  { name: "no fault", fate: answered },
  { ...ofEnvelopes, name: "no fault, enveloped", fate: answered, args: { envelope: true, pretty: true } },
  { name: "reset at the head", fate: unclear("network", false), ...once({ kind: "reset-before-read" }) },
  { name: "reset after reading", fate: unclear("network", false), ...once({ kind: "reset-after-read" }) },
  { name: "reset after acting", fate: unclear("network", true), ...once({ kind: "reset-after-acting" }) },
  { name: "silence, not acted", fate: unclear("timeout", false), ...once({ kind: "silence-before-acting" }) },
  { name: "silence, acted", fate: unclear("timeout", true), ...once({ kind: "silence-after-acting" }) },
  { ...ofAnswersWithBody, name: "half a body, acted", fate: unclear("network", true), ...once({ kind: "half-body" }) },
  { name: "garbage body, acted", fate: unclear("atlas_error", true), ...once({ kind: "garbage-body" }) },
  {
    name: "slow-loris body, acted",
    // What says no more than that a write is accepted is said before the time is up.
    fate: (credentials, job, name) =>
      // A refusal has a body to wait for.
      isAcceptedBlindly(job) && !isRefused(name)
        ? { write: "accepted", acted: true }
        : unclear("timeout", true)(credentials, job, name),
    ...once({ kind: "slow-body", bytesPerSecond: 1 }),
  },
  { name: "late answer", fate: answered, ...once({ kind: "delay", ms: 300 }) },
  { ...ofCreates, name: "404 for a while", fate: answered, rules: (scene) => [hidden(600, scene)] },
  {
    ...ofCreates,
    name: "reset after acting, then 404 for a while",
    fate: unclear("network", true),
    rules: (scene) => [hidden(800, scene), onWrite({ kind: "reset-after-acting" }, scene)],
  },
  {
    ...ofCreates,
    name: "silence, acted, then 404 for a while",
    fate: unclear("timeout", true),
    rules: (scene) => [hidden(2_500, scene), onWrite({ kind: "silence-after-acting" }, scene)],
  },
];

/** Statuses after which Atlas may have acted. */
const serverErrors: FaultCase[] = [true, false].flatMap((act): FaultCase[] => {
  const acted = act ? "acted" : "not acted";
  const fate = unclear("atlas_error", act);
  const accepted: FaultCase["fate"] = (credentials, job, name) =>
    isAcceptedBlindly(job) ? { write: "accepted", acted: act } : fate(credentials, job, name);
  return [
    ...[500, 502, 503, 504, 408].map(
      (status): FaultCase => ({
        name: `${status}, ${acted}`,
        fate,
        rules: (scene) => [onWrite(answer(status, { act, body: errorBody(status, scene) }), scene)],
      }),
    ),
    {
      name: `a proxy's 502 page, ${acted}`,
      fate,
      rules: (scene) => [onWrite(answer(502, { act, ...page(scene) }), scene)],
    },
    {
      name: `503 with RateLimit-Reset only, ${acted}`,
      fate,
      ...once(answer(503, { act, headers: { "ratelimit-reset": "1" } })),
    },
    {
      ...ofEnvelopes,
      name: `enveloped 500, ${acted}`,
      fate,
      args: { envelope: true },
      rules: (scene) => [onWrite(answer(200, { act, body: { status: 500, content: errorBody(500, scene) } }), scene)],
    },
    {
      name: `200 with a page, ${acted}`,
      fate,
      rules: (scene) => [onWrite(answer(200, { act, ...page(scene) }), scene)],
    },
    {
      name: `200 with other JSON, ${acted}`,
      fate: accepted,
      ...once(answer(200, { act, body: { login: "required" } })),
    },
    { name: `204, ${acted}`, fate: accepted, ...once(answer(204, { act })) },
  ];
});

/** Statuses that say that Atlas has not acted. */
const refusals: FaultCase[] = [
  {
    name: "429, Retry-After 1, once",
    waits: true,
    fate: answered,
    ...once(answer(429, { headers: { "retry-after": "1" } })),
  },
  {
    name: "429, Retry-After 0, once",
    waits: true,
    fate: answered,
    ...once(answer(429, { headers: { "retry-after": "0" } })),
  },
  {
    name: "429, Retry-After as a date, once",
    waits: true,
    fate: answered,
    rules: (scene) => [onWrite(answer(429, { headers: { "retry-after": inSeconds(2) } }), scene)],
  },
  {
    name: "429, Retry-After 60, for ever",
    fate: () => ({ write: "refused", kind: "rate_limited", retryable: true, status: 429 }),
    rules: (scene) => [
      onWrite(answer(429, { headers: { "retry-after": "60" }, body: errorBody(429, scene) }), scene, always),
    ],
  },
  {
    name: "429, Retry-After 1, for ever",
    waits: true,
    fate: () => ({ write: "refused", kind: "rate_limited", retryable: true, status: 429 }),
    rules: (scene) => [onWrite(answer(429, { headers: { "retry-after": "1" } }), scene, always)],
  },
  {
    name: "429, a date an hour away, for ever",
    fate: () => ({ write: "refused", kind: "rate_limited", retryable: true, status: 429 }),
    rules: (scene) => [onWrite(answer(429, { headers: { "retry-after": inSeconds(3600) } }), scene, always)],
  },
  {
    name: "429, RateLimit-Reset 60, for ever",
    fate: () => ({ write: "refused", kind: "rate_limited", retryable: true, status: 429 }),
    rules: (scene) => [onWrite(answer(429, { headers: { "ratelimit-reset": "60" } }), scene, always)],
  },
  {
    name: "503, Retry-After 1, once",
    waits: true,
    fate: answered,
    ...once(answer(503, { headers: { "retry-after": "1" } })),
  },
  {
    name: "503, Retry-After 60, for ever",
    fate: () => ({ write: "refused", kind: "atlas_error", retryable: true, status: 503 }),
    rules: (scene) => [
      onWrite(answer(503, { headers: { "retry-after": "60" }, body: errorBody(503, scene) }), scene, always),
    ],
  },
  {
    ...ofEnvelopes,
    name: "enveloped 429, Retry-After 60, for ever",
    args: { envelope: true },
    fate: () => ({ write: "refused", kind: "rate_limited", retryable: true, status: 429 }),
    rules: (scene) => [
      onWrite(
        answer(200, { headers: { "retry-after": "60" }, body: { status: 429, content: errorBody(429, scene) } }),
        scene,
        always,
      ),
    ],
  },
  {
    name: "401, once",
    // Only a service account has something to renew.
    fate: (credentials) => (credentials === "service account" ? answered() : unauthenticated),
    rules: (scene) => [onWrite(answer(401, { body: errorBody(401, scene) }), scene)],
  },
  {
    name: "401, challenge is stale, once",
    credentials: ["API key"],
    fate: answered,
    rules: (scene) => [
      onWrite(answer(401, { headers: { "www-authenticate": scene.sandbox.state.digest.challenge(true) } }), scene),
    ],
  },
  {
    name: "401, for ever",
    fate: () => unauthenticated,
    rules: (scene) => [onWrite(answer(401, { body: errorBody(401, scene) }), scene, always)],
  },
  ...(
    [
      [400, "bad_request"],
      [403, "forbidden"],
      [413, "atlas_error"],
      [302, "atlas_error"],
    ] as const
  ).map(
    ([status, kind]): FaultCase => ({
      name: `${status}`,
      fate: () => ({ write: "refused", kind, retryable: false, status }),
      rules: (scene) => [onWrite(answer(status, { body: errorBody(status, scene) }), scene)],
    }),
  ),
];

const unauthenticated: Fate = { write: "refused", kind: "unauthenticated", retryable: false, status: 401 };

export const writeFaults: readonly FaultCase[] = [...broken, ...serverErrors, ...refusals];
