/** What a run of the bench reports, as `docs/bench.json` holds it, and how its samples are summed up. */

export interface BenchReport {
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
  /** Processes that ran or waited for a core in the minute before the run; more than `cores` means a busy machine. */
  load: number;
}

export interface PackageSize {
  /** Bytes to download. */
  tarball: number;
  unpacked: number;
  /** Bytes of all files in `node_modules` after an install. */
  installed: number;
  /** Packages in `node_modules`. */
  packages: number;
}

/** One thing that was measured, with a row for each subject. */
export interface Section extends Heading {
  rows: Row[];
}

interface Heading {
  title: string;
  unit: string;
  better: "lower" | "higher";
}

export interface Row {
  subject: string;
  value: Spread;
  /** Ratio to the section's first row, taken round by round, so that a slow round does not distort it. */
  ratio: Spread;
  /** Difference from the section's first row, taken the same way. */
  difference: Spread;
  /** The best sample, which other work on the machine affects least, and its ratio to the first row's best. */
  best: { value: number; ratio: number };
  /** The same ratios to another row: for the server, the bare server of the same era. */
  peer?: { subject: string; ratio: Spread; bestRatio: number };
}

export interface Spread {
  median: number;
  /** A tenth of the samples are below this. */
  low: number;
  /** A tenth of the samples are above this. */
  high: number;
}

/** One value for each subject, all measured right after one another. */
type Round<Subject extends string> = Readonly<Record<Subject, number>>;

/** Sums up the rounds. The first subject is what the others are compared with; `peers` are further comparisons. */
export function sectionOf<Subject extends string>(
  heading: Heading,
  subjects: readonly [NoInfer<Subject>, ...NoInfer<Subject>[]],
  rounds: readonly Round<Subject>[],
  peers: { readonly [subject in NoInfer<Subject>]?: NoInfer<Subject> } = {},
): Section {
  const [base] = subjects;
  const over = (value: (round: Round<Subject>) => number) => spread(rounds.map(value));
  const bestOf = (subject: Subject) =>
    Math[heading.better === "lower" ? "min" : "max"](...rounds.map((round) => round[subject]));
  const rowOf = (subject: Subject): Row => {
    const row = {
      subject,
      value: over((round) => round[subject]),
      ratio: over((round) => round[subject] / round[base]),
      difference: over((round) => round[subject] - round[base]),
      best: { value: rounded(bestOf(subject)), ratio: rounded(bestOf(subject) / bestOf(base)) },
    };
    const peer = peers[subject];
    if (peer === undefined) return row;
    const ratio = over((round) => round[subject] / round[peer]);
    return { ...row, peer: { subject: peer, ratio, bestRatio: rounded(bestOf(subject) / bestOf(peer)) } };
  };
  return { ...heading, rows: subjects.map(rowOf) };
}

export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const quantile = (part: number) => rounded(interpolated(sorted, (sorted.length - 1) * part));
  return { median: quantile(0.5), low: quantile(0.1), high: quantile(0.9) };
}

/** The value at a place between two samples, in proportion. */
function interpolated(sorted: readonly number[], at: number): number {
  const [below = Number.NaN, above = below] = sorted.slice(Math.floor(at), Math.floor(at) + 2);
  return below + (above - below) * (at - Math.floor(at));
}

/** To three digits: a noisy machine gives no more. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** The items in random order, so that none is always measured after the same other one. */
export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** The conditions of a run, in one line. */
export function conditions({ date, machine, rounds }: Pick<BenchReport, "date" | "machine" | "rounds">): string {
  const { node, platform, cpu, cores, load } = machine;
  return `Node ${node}, ${platform}, ${cores} × ${cpu}, load ${load}, ${rounds} rounds, ${date}`;
}
