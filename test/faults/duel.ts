/** Two servers that create under one name at the same time: together they write one thing, and each says what is so. */
import { startSandbox } from "../support/sandbox.ts";
import { credentialVariables } from "../support/server.ts";
import { connectServer } from "./client.ts";
import { jobs } from "./jobs.ts";
import { limitVariables } from "./limits.ts";
import { type Job, setScene } from "./scene.ts";
import { type Chance, seeded } from "./seeded.ts";

/** How often each create is made for the same, and for something else. */
interface DuelOptions {
  seed: number;
  rounds: number;
}

type Servers = readonly [Awaited<ReturnType<typeof connectServer>>, Awaited<ReturnType<typeof connectServer>>];

/** Has two servers, one in each era, do it; gives what was wrong. */
export async function duels({ seed, rounds }: DuelOptions): Promise<{ calls: number; faults: string[] }> {
  const sandbox = await startSandbox();
  const variables = { MONGODB_ATLAS_BASE_URL: sandbox.url, ...credentialVariables["access token"], ...limitVariables };
  const servers: Servers = await Promise.all([connectServer(variables, "2025"), connectServer(variables, "2026")]);
  const chance = seeded(seed);
  const creates = jobs.filter(
    ({ verb, resource, starts }) => verb === "create" && resource !== "failover connection" && !starts,
  );
  const faults: string[] = [];
  let calls = 0;
  for (let round = 0; round < rounds; round += 1)
    // A private link has no name that two others could have.
    for (const job of creates)
      for (const isSame of job.resource === "private link" ? [true] : [true, false]) {
        calls += 2;
        const wrong = await duel(job, isSame, servers, sandbox, chance);
        faults.push(...wrong.map((what) => `two servers, ${job.tool}, ${isSame ? "the same" : "another"}: ${what}`));
      }
  await Promise.all([...servers.map((server) => server.close()), sandbox.close()]);
  return { calls, faults };
}

async function duel(
  job: Job,
  isSame: boolean,
  [left, right]: Servers,
  sandbox: Parameters<typeof setScene>[0],
  chance: Chance,
): Promise<string[]> {
  const scene = setScene(sandbox, chance, job, "free", { hiddenMs: chance.pick([0, 20, 600]) });
  const { groupId } = scene.args;
  const results = await Promise.all([
    left.call(job.tool, scene.args),
    right.call(job.tool, isSame ? scene.args : { groupId, ...scene.rival }),
  ]);
  const ends = results.map(({ outcome, error }) =>
    outcome === "failed" ? `${error?.kind}${error?.retryable ? ", retryable" : ""}` : outcome,
  );
  // What is hidden may be gone soon, for all that a look can tell; what is found is the same, or is not.
  const allowed = ["created", "conflict, retryable", isSame ? "already_exists" : "conflict"];
  const written = scene.requests().filter(({ method, status }) => method === "POST" && status === 200).length;
  // What the other one wrote is "something else".
  const truth = ends[0] === "created" || isSame ? "the same, new" : "something else";
  return [
    ...(written === 1 ? [] : [`${written} were written`]),
    ...(ends.filter((end) => end === "created").length === 1 ? [] : ["not exactly one says created"]),
    ...ends.flatMap((end) => (allowed.includes(end) ? [] : [`one says ${end}`])),
    ...(scene.truth() === truth ? [] : [`${scene.truth()} is there`]),
  ].map((what) => `${what} (${ends.join(", ")})`);
}
