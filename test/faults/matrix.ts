/**
 * The fault matrix: every fault × every kind of credentials and every job that can meet it × what it finds, in either era
 * and with an oddity of Atlas.
 */

import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { startSandbox } from "../support/sandbox.ts";
import { credentialKinds, credentialVariables } from "../support/server.ts";
import { type Observation, observe, type Run, type Stage } from "./call.ts";
import { checkFaults, takenNameFaults } from "./check-faults.ts";
import { connectServer, eras } from "./client.ts";
import type { FaultCase } from "./faults.ts";
import { jobs } from "./jobs.ts";
import { limitVariables, TIMEOUT_MS } from "./limits.ts";
import { loginFaults } from "./login-faults.ts";
import { networkFaults } from "./network-faults.ts";
import { oddityCases } from "./oddities.ts";
import { nameStatesOf } from "./oracle.ts";
import { SecretWatch } from "./secret-watch.ts";
import { type Chance, seeded } from "./seeded.ts";
import { writeFaults } from "./write-faults.ts";

export const faultCases: readonly FaultCase[] = [
  ...networkFaults,
  ...writeFaults,
  ...checkFaults,
  ...takenNameFaults,
  ...loginFaults,
];

export interface MatrixOptions {
  seed: number;
  count: number;
  /** All that there are where left out. */
  faults?: readonly FaultCase[];
}

export interface MatrixResult {
  observations: Observation[];
  /** Faults under which a secret was seen, once for each server that showed one. */
  leaks: string[];
  crashes: string[];
}

/** Calls at a time, on servers of each sort. */
const AT_A_TIME = { shared: 24, fresh: 3, endpoints: 3 };

/** Runs `count` cells of the matrix: each fault before any fault twice, each cell before any cell twice. */
export async function runMatrix({ seed, count, faults = faultCases }: MatrixOptions): Promise<MatrixResult> {
  const runs = chooseRuns(faults, count, seeded(seed));
  const result: MatrixResult = { observations: [], leaks: [], crashes: [] };
  const left: Stage[] = [];
  const on = async (stage: Stage, each: Run[], atATime: number) => {
    await inPool(each, atATime, async (run) => {
      result.observations.push(await observe(run, stage));
    });
    await leave(stage, result);
    left.push(stage);
  };
  const { shared, fresh, endpoints } = sorted(runs);
  await Promise.all([
    ...[...groupBy(shared, stageOf).values()].map(async (each, _, { length }) => {
      const [first] = each;
      if (first) await on(await openStage(first), each, Math.ceil(AT_A_TIME.shared / length));
    }),
    inPool(fresh, AT_A_TIME.fresh, async (run) => {
      const { timeoutMs = TIMEOUT_MS } = run.fault;
      await on(await openStage(run, { ATLAS_STREAMS_MCP_TIMEOUT_MS: String(timeoutMs) }), [run], 1);
    }),
    inPool(
      [...groupBy(endpoints, (run) => `${run.fault.name}, ${stageOf(run)}`).values()],
      AT_A_TIME.endpoints,
      async (each) => {
        const [first] = each;
        const endpoint = await first?.fault.endpoint?.();
        if (first && endpoint) await on(await openStage(first, endpoint.variables), each, each.length);
        await endpoint?.close();
      },
    ),
  ]);
  // Only now: looking through megabytes would hold up the calls, and make faults of its own.
  for (const stage of left) result.leaks.push(...secretsSeen(stage));
  return result;
}

/** Runs that can share a server. */
const stageOf = ({ credentials, era }: Run) => `${credentials}, ${era}`;

type Cell = Omit<Run, "seed" | "era" | "oddity">;

function chooseRuns(faults: readonly FaultCase[], count: number, chance: Chance): Run[] {
  const cells = faults.flatMap((fault) =>
    (fault.credentials ?? credentialKinds).flatMap((credentials) =>
      jobs
        .filter((job) => fault.meets?.(job) ?? true)
        .flatMap((job) => nameStatesOf(job).map((name) => ({ fault, credentials, job, name }))),
    ),
  );
  const rounds = Math.ceil(count / cells.length);
  return Array.from({ length: rounds }, () => faultsInTurn(chance.shuffled(cells)))
    .flat()
    .slice(0, count)
    .map((cell) => ({
      ...cell,
      oddity: chance.pick(oddityCases.filter(({ meets }) => meets(cell.job, cell.name))),
      era: chance.pick(eras),
      seed: chance.below(2 ** 32),
    }));
}

/** The first run of each fault, then the second of each, and so on, so that any beginning holds as many as it can. */
function faultsInTurn(cells: readonly Cell[]): Cell[] {
  const turns = [...groupBy(cells, ({ fault }) => fault.name).values()];
  const longest = Math.max(...turns.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => turns.flatMap((each) => each[turn] ?? [])).flat();
}

function sorted(runs: readonly Run[]): Record<"shared" | "fresh" | "endpoints", Run[]> {
  return {
    shared: runs.filter(({ fault }) => !fault.fresh && !fault.endpoint),
    fresh: runs.filter(({ fault }) => fault.fresh),
    endpoints: runs.filter(({ fault }) => fault.endpoint),
  };
}

async function openStage(
  { credentials, era }: Pick<Run, "credentials" | "era">,
  more: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const sandbox = await startSandbox();
  const server = await connectServer(
    {
      MONGODB_ATLAS_BASE_URL: sandbox.url,
      ATLAS_STREAMS_MCP_LOG: "debug",
      ...credentialVariables[credentials],
      ...limitVariables,
      ...more,
    },
    era,
  );
  return { server, sandbox, watch: new SecretWatch() };
}

async function leave({ server, sandbox }: Stage, { crashes }: MatrixResult): Promise<void> {
  const before = server.child.crashed();
  await Promise.all([server.close(), sandbox.close()]);
  const crashed = before ?? server.child.crashed();
  if (crashed !== undefined) crashes.push(crashed);
}

/** Whose secrets can be seen in what a server has written. */
function secretsSeen({ server, sandbox, watch }: Stage): Set<string> {
  const { clientSecret, accessToken, privateKey } = sandboxCredentials;
  for (const secret of [clientSecret, accessToken, privateKey]) watch.add(secret, "the server's credentials");
  for (const { headers } of sandbox.requests) {
    const token = /^Bearer (.*)$/.exec(headers["authorization"] ?? "")?.[1];
    if (token !== undefined) watch.add(token, "an access token");
  }
  const { stdout, stderr } = server.child.output();
  return new Set([...watch.seenIn(stdout), ...watch.seenIn(stderr)]);
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string) {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return groups;
}

async function inPool<T>(values: readonly T[], atATime: number, work: (value: T) => Promise<void>): Promise<void> {
  const left = [...values];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}
