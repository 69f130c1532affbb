/** What a run of the bench found, and where. */
import { cpus, loadavg } from "node:os";
import type { PackageSize } from "./package-size.ts";
import type { Section, Spread } from "./statistics.ts";

export interface BenchResult {
  version: string;
  date: string;
  machine: Machine;
  rounds: number;
  sections: Section[];
  package: PackageSize;
}

export interface Machine {
  node: string;
  platform: string;
  cpu: string;
  cores: number;
  /** Processes that waited for a core in the minute before the run; above `cores`, others were at work too. */
  load: number;
}

export function thisMachine(): Machine {
  const [first] = cpus();
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: first?.model.trim() || "unknown CPU",
    cores: cpus().length,
    load: round(loadavg()[0] ?? 0),
  };
}

export function machineLine({ date, machine, rounds }: Pick<BenchResult, "date" | "machine" | "rounds">): string {
  const { node, platform, cpu, cores, load } = machine;
  return `Node ${node}, ${platform}, ${cores} × ${cpu}, load ${load}, ${rounds} rounds, ${date}`;
}

/** Three digits are more than a noisy machine can promise. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}

export function roundedSection({ rows, ...section }: Section): Section {
  const rounded = ({ median, low, high }: Spread): Spread => ({
    median: round(median),
    low: round(low),
    high: round(high),
  });
  return {
    ...section,
    rows: rows.map(({ subject, value, ratio, difference, best }) => ({
      subject,
      value: rounded(value),
      ratio: rounded(ratio),
      difference: rounded(difference),
      best: { value: round(best.value), ratio: round(best.ratio) },
    })),
  };
}
