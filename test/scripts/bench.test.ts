/** The bench's sums and its picture; what it measures differs from machine to machine and is not tested. */
import { describe, expect, test } from "vitest";
import { type BenchReport, sectionOf, shuffled, spread } from "../../scripts/bench/report.ts";
import { drawBench } from "../../scripts/draw-bench.ts";

describe("a spread", () => {
  test("is the median and where the outer tenths begin", () => {
    expect(spread([11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toEqual({ median: 6, low: 2, high: 10 });
    expect(spread([1, 2])).toMatchObject({ median: 1.5 });
    expect(spread([3])).toEqual({ median: 3, low: 3, high: 3 });
  });
});

describe("a section", () => {
  const rounds = [
    { base: 10, own: 20 },
    { base: 100, own: 200 },
    { base: 1000, own: 2000 },
  ];

  test("compares round by round, so that a slow round does not count", () => {
    const { rows } = sectionOf({ title: "t", unit: "ms", better: "lower" }, ["base", "own"], rounds);
    expect(rows).toMatchObject([
      { subject: "base", value: { median: 100 }, ratio: { median: 1, low: 1, high: 1 }, best: { value: 10, ratio: 1 } },
      { subject: "own", value: { median: 200 }, ratio: { median: 2, low: 2, high: 2 }, best: { value: 20, ratio: 2 } },
    ]);
  });

  test("takes the highest for the best where more is better", () => {
    const { rows } = sectionOf({ title: "t", unit: "/s", better: "higher" }, ["base", "own"], rounds);
    expect(rows[1]?.best).toEqual({ value: 2000, ratio: 2 });
  });

  test("compares with a peer round by round as well", () => {
    const { rows } = sectionOf(
      { title: "t", unit: "ms", better: "lower" },
      ["nothing", "bare", "own"],
      [
        { nothing: 1, bare: 10, own: 20 },
        { nothing: 1, bare: 100, own: 50 },
        { nothing: 1, bare: 1000, own: 1000 },
      ],
      { own: "bare" },
    );
    expect(rows.map(({ peer }) => peer)).toEqual([
      undefined,
      undefined,
      { subject: "bare", ratio: { median: 1, low: 0.6, high: 1.8 }, bestRatio: 2 },
    ]);
  });

  test("has three digits", () => {
    const { rows } = sectionOf({ title: "t", unit: "ms", better: "lower" }, ["a"], [{ a: 12345 }]);
    expect(rows).toMatchObject([{ value: { median: 12300 }, best: { value: 12300 } }]);
  });
});

test("shuffling loses nothing", () => {
  expect(shuffled([1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4]);
});

describe("the picture", () => {
  const report = (section: BenchReport["sections"][number]): BenchReport => ({
    version: "1.0.0",
    date: "2026-01-01",
    machine: { node: "20.20.2", platform: "linux x64", cpu: "A <CPU>", cores: 2, load: 0.5 },
    rounds: 1,
    sections: [section],
    package: { tarball: 300_000, unpacked: 1_000_000, installed: 1_000_000, packages: 1 },
  });
  const heading = { title: "Start", unit: "ms", better: "lower" } as const;

  test("has each subject, its figures and the machine, and nothing that breaks it", () => {
    const rounds = [{ "node & co": 40, "this server": 60 }];
    const svg = drawBench(report(sectionOf(heading, ["node & co", "this server"], rounds)));
    for (const text of [
      "this server",
      "× 1.50",
      "Node 20.20.2",
      "installed 1000 kB in 1 package.",
      "prefers-color-scheme",
    ])
      expect(svg).toContain(text);
    expect(svg).not.toMatch(/& co|<CPU>/);
  });

  test("names the peer and the ratio to it, where there is one", () => {
    const rounds = [{ nothing: 20, "bare & small": 80, "this server": 60 }];
    const peers = { "this server": "bare & small" } as const;
    const svg = drawBench(report(sectionOf(heading, ["nothing", "bare & small", "this server"], rounds, peers)));
    expect(svg.match(/0\.75 of/g)).toHaveLength(1);
    expect(svg).toContain("× 3.00 (0.75 of bare &#38; small)");
  });
});
