/** The bench's result as an SVG: bars that all start at zero, with the spread, in light and dark. */
import { escaped } from "../svg.ts";
import { type BenchResult, machineLine } from "./result.ts";
import type { Row, Section } from "./statistics.ts";

const WIDTH = 760;
const LABELS = 190;
const BARS = 350;
const LINE = 24;
const HEAD = 40;

/** The sections that a reader of the README wants; the rest is in the JSON. */
export function chart(result: BenchResult): string {
  let y = 10;
  const parts = result.sections.map((section) => {
    const part = sectionAt(section, y);
    y += HEAD + section.rows.length * LINE;
    return part;
  });
  const { tarball, installed, packages } = result.package;
  const size = `Download ${kilobytes(tarball)}, installed ${kilobytes(installed)} in ${packages} ${packages === 1 ? "package" : "packages"}.`;
  const height = y + 64;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">
<title id="title">Start, memory and calls of ${escaped(`atlas-streams-mcp ${result.version}`)} beside bare programs</title>
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .head { font-weight: 600; }
  .note { font-size: 11px; fill: #59636e; }
  .other { fill: #c5ccd3; }
  .own { fill: #1f883d; }
  .spread { stroke: #1f2328; stroke-opacity: 0.6; }
  .ground { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .note { fill: #9198a1; }
    .other { fill: #4a525b; }
    .own { fill: #3fb950; }
    .spread { stroke: #f0f6fc; }
    .ground { fill: #0d1117; }
  }
</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>
${parts.join("\n")}
<text x="16" y="${y + 18}">${escaped(size)}</text>
<text class="note" x="16" y="${y + 38}">Median of each; the line spans the middle 80 %; × is to the first bar, round by round.</text>
<text class="note" x="16" y="${y + 54}">${escaped(machineLine(result))}</text>
</svg>
`;
}

function sectionAt({ title, unit, better, rows }: Section, top: number): string {
  const most = Math.max(...rows.flatMap(({ value }) => [value.median, value.high]));
  const head = `<text class="head" x="16" y="${top + 22}">${escaped(title)} <tspan class="note">(${unit}, ${better} is better)</tspan></text>`;
  return [head, ...rows.map((row, at) => rowAt(row, top + HEAD - 6 + at * LINE, BARS / most))].join("\n");
}

function rowAt({ subject, value, ratio }: Row, top: number, scale: number): string {
  const x = (amount: number) => (16 + LABELS + amount * scale).toFixed(1);
  const own = subject.startsWith("this server");
  const middle = top + 9;
  return [
    `<text x="16" y="${top + 13}">${escaped(subject)}</text>`,
    `<rect class="${own ? "own" : "other"}" x="${16 + LABELS}" y="${top}" width="${(value.median * scale).toFixed(1)}" height="18" rx="2"/>`,
    `<line class="spread" x1="${x(value.low)}" y1="${middle}" x2="${x(value.high)}" y2="${middle}"/>`,
    `<text x="${16 + LABELS + BARS + 14}" y="${top + 13}">${shown(value.median)} <tspan class="note">× ${ratio.median.toFixed(2)}</tspan></text>`,
  ].join("");
}

const shown = (value: number) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
