/** The figures of a run of the matrix, as a table for people and as a verdict. */
import type { Observation, Run } from "./call.ts";
import type { MatrixResult } from "./matrix.ts";

export interface Verdict {
  runs: number;
  untrue: number;
  doubles: number;
  losses: number;
  hangs: number;
  leaks: number;
  crashes: number;
}

export function verdictOf({ observations, leaks, crashes }: MatrixResult): Verdict {
  return {
    runs: observations.length,
    untrue: observations.filter(({ untrue }) => untrue.length > 0).length,
    doubles: sum(observations.map(({ doubles }) => doubles)),
    losses: observations.filter(({ lost }) => lost).length,
    hangs: observations.filter(({ hung }) => hung).length,
    leaks: leaks.length,
    crashes: crashes.length,
  };
}

export function isFlawless({ runs, ...flaws }: Verdict): boolean {
  return runs > 0 && Object.values(flaws).every((count) => count === 0);
}

/** What is wrong, a line each. */
export function flaws({ observations, leaks, crashes }: MatrixResult): string[] {
  return [
    ...observations.flatMap((seen) => {
      const { run, untrue, doubles, hung, ms } = seen;
      const wrong = [
        ...untrue,
        ...(doubles > 0 ? ["a write was sent again that may have happened"] : []),
        ...(hung ? [`took ${Math.round(ms)} ms`] : []),
      ];
      return wrong.length > 0 ? [`${run.fault.name} | ${run.credentials} | ${titleOf(run)}: ${wrong.join("; ")}`] : [];
    }),
    ...leaks.map((owner) => `a secret was seen: ${owner}`),
    ...crashes.map((how) => `a server crashed: ${how}`),
  ];
}

function titleOf({ job: { tool, verb, starts }, name, oddity }: Run): string {
  const what = starts
    ? `${tool} with start`
    : verb === "accept" || verb === "reject"
      ? `${tool}, ${verb}`
      : verb === "start what was created"
        ? `the start of ${tool}`
        : tool;
  return `${what}, ${name}, ${oddity.name}`;
}

const COLUMNS = ["fault", "runs", "true", "doubles", "losses", "hangs", "secrets", "slowest", "reported"];

/** A row for each fault and one for all of them. */
export function tableOf(result: MatrixResult): string {
  const names = [...new Set(result.observations.map(({ run }) => run.fault.name))].sort();
  const rows = names.map((name) => {
    const observations = result.observations.filter(({ run }) => run.fault.name === name);
    const leaks = result.leaks.filter((owner) => owner === name);
    return rowOf(name, { observations, leaks, crashes: [] }, reportsOf(observations));
  });
  return aligned([COLUMNS, ...rows, rowOf("all", result, "")]);
}

function rowOf(name: string, result: MatrixResult, reported: string): string[] {
  const { runs, untrue, doubles, losses, hangs, leaks } = verdictOf(result);
  const slowest = Math.max(0, ...result.observations.map(({ ms }) => ms));
  return [
    name,
    `${runs}`,
    `${runs - untrue}`,
    ...[doubles, losses, hangs, leaks].map(String),
    `${(slowest / 1000).toFixed(1)} s`,
    reported,
  ];
}

/** Each outcome, or kind of failure, with how often it was reported. */
function reportsOf(observations: readonly Observation[]): string {
  const counts = new Map<string, number>();
  for (const { reported } of observations) counts.set(reported, (counts.get(reported) ?? 0) + 1);
  return [...counts].map(([reported, count]) => `${reported} ${count}`).join(", ");
}

function aligned(rows: readonly string[][]): string {
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
