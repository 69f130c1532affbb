/** Samples of several subjects, taken in rounds, summed up so that a noisy machine does as little harm as can be. */

export interface Spread {
  median: number;
  /** A tenth of the samples are below. */
  low: number;
  /** A tenth of the samples are above. */
  high: number;
}

/** One value for each subject, all taken right after one another. */
export type Round<Subject extends string = string> = Readonly<Record<Subject, number>>;

export interface Row {
  subject: string;
  value: Spread;
  /** To the section's first row, taken round by round: what slows a whole round down does not count. */
  ratio: Spread;
  /** The same as a difference. */
  difference: Spread;
  /** The best sample, and its ratio to the first row's: what remains when others load the machine. */
  best: { value: number; ratio: number };
}

export interface Section {
  title: string;
  unit: string;
  better: "lower" | "higher";
  rows: Row[];
}

export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.1), high: quantile(sorted, 0.9) };
}

/** Between two samples, the value in proportion. */
function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part;
  const [below = Number.NaN, above = below] = sorted.slice(Math.floor(at), Math.floor(at) + 2);
  return below + (above - below) * (at - Math.floor(at));
}

/** Sums up rounds; the first subject is what the others are compared with. */
export function sectionOf<Subject extends string>(
  { title, unit, better }: Omit<Section, "rows">,
  subjects: readonly [Subject, ...Subject[]],
  rounds: readonly Round<Subject>[],
): Section {
  const [base] = subjects;
  const bestOf = (subject: Subject) =>
    Math[better === "lower" ? "min" : "max"](...rounds.map((round) => round[subject]));
  const rows = subjects.map((subject) => ({
    subject,
    value: spread(rounds.map((round) => round[subject])),
    ratio: spread(rounds.map((round) => round[subject] / round[base])),
    difference: spread(rounds.map((round) => round[subject] - round[base])),
    best: { value: bestOf(subject), ratio: bestOf(subject) / bestOf(base) },
  }));
  return { title, unit, better, rows };
}

/** The items in an order of chance, so that none is always measured after the same one. */
export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
