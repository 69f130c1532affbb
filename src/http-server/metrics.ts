/**
 * What happens, counted, in the text form that Prometheus reads. No label names a person, or anything that a client may
 * choose freely. @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */

type Labels = Readonly<Record<string, string | number>>;

/** Upper bounds of durations, in seconds: a read takes milliseconds, a wait until something runs may take minutes. */
const BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

const PREFIX = "atlas_streams_mcp_";

export class Metrics {
  readonly #parts: (() => string)[] = [];

  /** Something that is counted. Gives what counts one more. */
  counter(name: string, help: string, none: readonly Labels[] = []): (labels?: Labels) => void {
    const counts = new Map<string, number>(none.map((labels) => [labelled(labels), 0]));
    this.#add(name, "counter", help, () => lines(name, counts));
    return (labels = {}) => {
      const key = labelled(labels);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    };
  }

  /** Something that goes up and down, read whenever somebody asks. */
  gauge(name: string, help: string, read: () => number): void {
    this.#add(name, "gauge", help, () => lines(name, new Map([["", read()]])));
  }

  /** How long something takes. Gives what takes one more duration, in seconds. */
  histogram(name: string, help: string): (seconds: number, labels: Labels) => void {
    const series = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>();
    this.#add(name, "histogram", help, () =>
      [...series.values()]
        .map(({ labels, counts, sum, count }) => {
          const buckets = BUCKETS.map((le, at) => [labelled({ ...labels, le }), counts[at] ?? 0] as const);
          return [
            lines(`${name}_bucket`, new Map([...buckets, [labelled({ ...labels, le: "+Inf" }), count]])),
            lines(`${name}_sum`, new Map([[labelled(labels), sum]])),
            lines(`${name}_count`, new Map([[labelled(labels), count]])),
          ].join("");
        })
        .join(""),
    );
    return (seconds, labels) => {
      const key = labelled(labels);
      const known = series.get(key) ?? { labels, counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
      series.set(key, known);
      known.sum += seconds;
      known.count += 1;
      for (const [at, bound] of BUCKETS.entries()) if (seconds <= bound) known.counts[at] = (known.counts[at] ?? 0) + 1;
    };
  }

  text(): string {
    return this.#parts.map((part) => part()).join("");
  }

  #add(name: string, type: string, help: string, values: () => string): void {
    this.#parts.push(() => `# HELP ${PREFIX}${name} ${help}\n# TYPE ${PREFIX}${name} ${type}\n${values()}`);
  }
}

const lines = (name: string, values: ReadonlyMap<string, number>): string =>
  [...values].map(([labels, value]) => `${PREFIX}${name}${labels} ${value}\n`).join("");

function labelled(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
