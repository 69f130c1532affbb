/** Faults of the reads that look for a lost write, and of the one that looks at a taken name. */
import type { Fault } from "../support/sandbox.ts";
import type { CredentialKind } from "../support/server.ts";
import { always, answer, errorBody, type FaultCase, onRead, onWrite, page } from "./faults.ts";
import type { Check } from "./oracle.ts";
import type { Scene } from "./scene.ts";

interface ReadFault {
  name: string;
  fault: (scene: Scene) => Fault;
  times: number;
  check: Check | ((credentials: CredentialKind) => Check);
}

const readFaults: ReadFault[] = [
  { name: "a slow network", fault: () => ({ kind: "delay", ms: 120 }), times: always, check: "readable" },
  { name: "500, once", fault: (scene) => answer(500, { body: errorBody(500, scene) }), times: 1, check: "readable" },
  {
    name: "500, for ever",
    fault: (scene) => answer(500, { body: errorBody(500, scene) }),
    times: always,
    check: "unreadable",
  },
  { name: "a proxy's 502 page, once", fault: (scene) => answer(502, page(scene)), times: 1, check: "readable" },
  {
    name: "429, Retry-After 1, once",
    fault: () => answer(429, { headers: { "retry-after": "1" } }),
    times: 1,
    check: "readable",
  },
  {
    name: "429, Retry-After 60, once",
    fault: () => answer(429, { headers: { "retry-after": "60" } }),
    times: 1,
    check: "unreadable",
  },
  {
    name: "403, for ever",
    fault: (scene) => answer(403, { body: errorBody(403, scene) }),
    times: always,
    check: "unreadable",
  },
  {
    name: "401, once",
    fault: (scene) => answer(401, { body: errorBody(401, scene) }),
    times: 1,
    check: (credentials) => (credentials === "service account" ? "readable" : "unreadable"),
  },
  { name: "401, for ever", fault: () => answer(401), times: always, check: "unreadable" },
  { name: "reset, once", fault: () => ({ kind: "reset-after-read" }), times: 1, check: "readable" },
  { name: "reset, for ever", fault: () => ({ kind: "reset-before-read" }), times: always, check: "unreadable" },
  { name: "silence, for ever", fault: () => ({ kind: "silence-before-acting" }), times: always, check: "unreadable" },
  {
    name: "slow-loris body, for ever",
    fault: () => ({ kind: "slow-body", bytesPerSecond: 1 }),
    times: always,
    check: "unreadable",
  },
  { name: "half a body, once", fault: () => ({ kind: "half-body" }), times: 1, check: "readable" },
  {
    name: "garbage, once",
    fault: () => answer(200, { contentType: "application/json", body: "{<" }),
    times: 1,
    check: "readable",
  },
  {
    name: "garbage, for ever",
    fault: () => answer(200, { contentType: "application/json", body: "{<" }),
    times: always,
    check: "unreadable",
  },
  {
    name: "other JSON, for ever",
    fault: () => answer(200, { body: { login: "required" } }),
    times: always,
    check: "unreadable",
  },
];

const checkOf = ({ check }: ReadFault, credentials: CredentialKind) =>
  typeof check === "string" ? check : check(credentials);

export const checkFaults: readonly FaultCase[] = readFaults.flatMap((read): FaultCase[] => [
  ...[true, false].map(
    (acted): FaultCase => ({
      name: `reset, ${acted ? "acted" : "not acted"}; check: ${read.name}`,
      fate: (credentials) => ({ write: "unclear", kind: "network", acted, check: checkOf(read, credentials) }),
      rules: (scene) => [
        onWrite({ kind: acted ? "reset-after-acting" : "reset-after-read" }, scene),
        onRead(read.fault(scene), scene, read.times),
      ],
    }),
  ),
]);

const ofCreates: Pick<FaultCase, "meets"> = { meets: ({ verb }) => verb === "create" };

/** A 409 makes the server look as well; what it cannot read it does not need for a true answer. */
export const takenNameFaults: readonly FaultCase[] = [
  {
    ...ofCreates,
    name: "reads: 500, once",
    fate: () => ({ write: "answered" }),
    rules: (scene) => [onRead(answer(500), scene)],
  },
  {
    ...ofCreates,
    name: "reads: 500, for ever",
    fate: () => ({ write: "answered", check: "unreadable" }),
    rules: (scene) => [onRead(answer(500, { body: errorBody(500, scene) }), scene, always)],
  },
  {
    ...ofCreates,
    name: "reads: silence, for ever",
    fate: () => ({ write: "answered", check: "unreadable" }),
    rules: (scene) => [onRead({ kind: "silence-before-acting" }, scene, always)],
  },
];
