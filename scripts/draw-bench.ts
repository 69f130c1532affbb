/**
 * Draws `docs/bench.svg` from `docs/bench.json`: bars that all start at zero, with their spread, in light and dark.
 * `npm run bench` draws what it measured; `npm run generate` draws the last measurement anew.
 */
import { type BenchReport, conditions, type Row, type Section } from "./bench/report.ts";
import { escaped, svg } from "./svg.ts";

const WIDTH = 816;
const MARGIN = 16;
const LABELS = 190;
const BARS = 350;
const LINE = 24;
const HEAD = 40;

const style = `<style>
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
</style>`;

export function drawBench(report: BenchReport): string {
  let y = 10;
  const sections = report.sections.map((section) => {
    const part = drawSection(section, y);
    y += HEAD + section.rows.length * LINE;
    return part;
  });
  const { tarball, installed, packages } = report.package;
  const size = `Download ${kilobytes(tarball)}, installed ${kilobytes(installed)} in ${packages} ${packages === 1 ? "package" : "packages"}.`;
  const height = y + 64;
  const title = `Start, memory and calls of atlas-streams-mcp ${report.version} beside bare programs`;
  return svg(
    { width: WIDTH, height, title },
    `${style}
<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>
${sections.join("\n")}
<text x="${MARGIN}" y="${y + 18}">${escaped(size)}</text>
<text class="note" x="${MARGIN}" y="${y + 38}">Median of each; the line spans the middle 80 %; × is to the first bar, round by round.</text>
<text class="note" x="${MARGIN}" y="${y + 54}">${escaped(conditions(report))}</text>`,
  );
}

function drawSection({ title, unit, better, rows }: Section, top: number): string {
  const most = Math.max(...rows.flatMap(({ value }) => [value.median, value.high]));
  const head = `<text class="head" x="${MARGIN}" y="${top + 22}">${escaped(title)} <tspan class="note">(${unit}, ${better} is better)</tspan></text>`;
  return [head, ...rows.map((row, at) => drawRow(row, top + HEAD - 6 + at * LINE, BARS / most))].join("\n");
}

function drawRow({ subject, value, ratio, peer }: Row, top: number, scale: number): string {
  const bars = MARGIN + LABELS;
  const x = (amount: number) => (bars + amount * scale).toFixed(1);
  const own = subject.startsWith("this server");
  const middle = top + 9;
  const toPeer = peer ? ` (${peer.ratio.median.toFixed(2)} of ${escaped(peer.subject)})` : "";
  return [
    `<text x="${MARGIN}" y="${top + 13}">${escaped(subject)}</text>`,
    `<rect class="${own ? "own" : "other"}" x="${bars}" y="${top}" width="${(value.median * scale).toFixed(1)}" height="18" rx="2"/>`,
    `<line class="spread" x1="${x(value.low)}" y1="${middle}" x2="${x(value.high)}" y2="${middle}"/>`,
    `<text x="${bars + BARS + 14}" y="${top + 13}">${shown(value.median)} <tspan class="note">× ${ratio.median.toFixed(2)}${toPeer}</tspan></text>`,
  ].join("");
}

const shown = (value: number) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
