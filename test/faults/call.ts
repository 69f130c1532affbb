/** One call under one fault, held against the oracle and against the sandbox's state. */
import { isObject } from "../../src/json.ts";
import type { Result } from "../support/call-result.ts";
import type { Sandbox } from "../support/sandbox.ts";
import type { CredentialKind } from "../support/server.ts";
import type { ConnectedServer, Era } from "./client.ts";
import type { FaultCase } from "./faults.ts";
import { callLimit } from "./limits.ts";
import type { OddityCase } from "./oddities.ts";
import { type Expected, expected, type Fate, isDone, isLoss, isRefused, isTrue, type NameState } from "./oracle.ts";
import { type Job, type Scene, setScene } from "./scene.ts";
import type { SecretWatch } from "./secret-watch.ts";
import { seeded } from "./seeded.ts";

/** One cell of the matrix. */
export interface Run {
  fault: FaultCase;
  credentials: CredentialKind;
  job: Job;
  /** What the call meets. */
  name: NameState;
  oddity: OddityCase;
  /** Of MCP, in which the call is made. */
  era: Era;
  /** Of what is random in it, so that it stays the same whatever runs beside it. */
  seed: number;
}

/** A server and the Atlas that it talks to, or would talk to if it could be reached. */
export interface Stage {
  server: ConnectedServer;
  sandbox: Sandbox;
  watch: SecretWatch;
}

export interface Observation {
  run: Run;
  ms: number;
  reported: string;
  doubles: number;
  hung: boolean;
  /** What is untrue of the report; empty where all is as it should be. */
  untrue: string[];
  lost: boolean;
}

export async function observe(run: Run, { server, sandbox, watch }: Stage): Promise<Observation> {
  const { fault, credentials, job, name } = run;
  const scene = setScene(sandbox, seeded(run.seed), job, name, run.oddity.changes);
  for (const secret of [...scene.secrets, ...scene.othersSecrets]) watch.add(secret, fault.name);
  for (const rule of fault.rules?.(scene) ?? []) sandbox.faults.add(rule);
  const fate = fault.fate(credentials, job, name);
  const started = performance.now();
  const result = await server
    .call(job.tool, { ...scene.args, ...fault.args })
    .catch((error: unknown) => `no result: ${error instanceof Error ? error.message : String(error)}`);
  const ms = performance.now() - started;
  const hung = ms > callLimit({ waits: fault.waits === true, ignored: isIgnored(fate, name) });
  const doubles = writesTooMany(scene, fate);
  if (typeof result === "string")
    return { run, ms, reported: result, doubles, hung, untrue: [result], lost: isDone(scene.truth()) };
  const reported = { outcome: result.outcome, kind: result.error?.kind };
  return {
    run,
    ms,
    reported: reported.kind ?? reported.outcome,
    doubles,
    hung,
    untrue: [
      ...differences(expected(fate, name, job), result),
      ...(isTrue(reported, scene.truth()) ? [] : [`it is not so: ${scene.truth()}`]),
      ...(result["started"] === true && scene.runs?.() === false ? ["it is not so: it does not run"] : []),
    ],
    lost: isLoss(reported, scene.truth()),
  };
}

/** Whether a write that is said to be accepted was not carried out. */
const isIgnored = (fate: Fate, name: NameState) => fate.write === "accepted" && (!fate.acted || isRefused(name));

function differences(wants: readonly Expected[], result: Result & { isError: boolean }): string[] {
  const { outcome, error, warnings, isError } = result;
  const seen = {
    outcome,
    kind: error?.kind,
    retryable: error?.retryable,
    status: error?.status,
    warned: Array.isArray(warnings) && warnings.some((warning) => /Atlas was asked/.test(String(warning))),
    started: result["started"],
    shown: isObject(result["processor"]) || undefined,
  };
  const meets = (want: Expected) =>
    seen.kind === want.kind && Object.entries(want).every(([field, value]) => Reflect.get(seen, field) === value);
  return [
    ...(wants.some(meets) ? [] : [`reported ${JSON.stringify(seen)}, expected ${JSON.stringify(wants)}`]),
    ...(isError === (outcome === "failed") ? [] : ["isError does not fit the outcome"]),
    ...(error?.kind === "rate_limited" && error.retryAfterSeconds === undefined ? ["no retryAfterSeconds"] : []),
  ];
}

/** Writes that were sent after one on which Atlas has acted, or may have: without credentials it never does. */
function writesTooMany(scene: Scene, fate: Fate): number {
  const writes = scene
    .requests()
    .filter(
      ({ method, path, headers }) =>
        method === scene.method && scene.writes.test(path) && headers["authorization"] !== undefined,
    );
  const first = writes.findIndex(({ status }) => mayHaveActed(status, fate));
  return first < 0 ? 0 : writes.length - first - 1;
}

function mayHaveActed(status: number | undefined, fate: Fate): boolean {
  if (status === undefined || status === 408) return true;
  // A 503 is given with `Retry-After`, which says that Atlas has not acted, unless the fault leaves it unclear.
  if (status === 503) return fate.write === "unclear";
  return status >= 500 || status < 300;
}
