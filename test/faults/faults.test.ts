/** A quick slice of `npm run bench:faults`: faults that take neither a server of their own nor a time limit to run out. */
import { expect, test } from "vitest";
import { WRITE_WAIT_MS } from "../../src/atlas/write-once.ts";
import { jobs } from "./jobs.ts";
import { TIMEOUT_MS } from "./limits.ts";
import { faultCases, runMatrix } from "./matrix.ts";
import { flaws } from "./report.ts";

const quick = faultCases.filter(
  ({ name, fresh, endpoint }) =>
    !fresh && !endpoint && !/silence|slow-loris|204, not|other JSON, not|; check: .*for ever/.test(name),
);
const others = faultCases.filter(({ name }) =>
  ["refused connect", "TLS failure", "token: 429, Retry-After 1, once", "challenge: reset, once"].includes(name),
);

test("what is reported under a fault is true, once, in time and without a secret", { timeout: 60_000 }, async () => {
  const faults = [...quick, ...others];
  const count = 2 * faults.length;
  const result = await runMatrix({ seed: 20_260_730, count, faults });
  expect(flaws(result)).toEqual([]);
  expect(result.observations).toHaveLength(count);
  expect(new Set(result.observations.map(({ run }) => run.job))).toEqual(new Set(jobs));
});

test("a login that is not answered once leaves as long again until the write is given up", () => {
  const silent = faultCases.filter(({ name }) => /^(token|challenge): silence, once/.test(name));
  expect(silent.map(({ timeoutMs = TIMEOUT_MS }) => 2 * timeoutMs <= WRITE_WAIT_MS)).toEqual([true, true]);
});
