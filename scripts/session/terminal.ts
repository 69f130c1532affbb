/** A terminal as an SVG. */
import { escaped } from "../svg.ts";

const COLUMNS = 104;
const CHARACTER = 7.3;
const LINE = 18;
const PADDING = 18;
const BAR = 30;

/** Lines of one part of the demo that are shown, its title included. */
const MOST_LINES = 6;

/**
 * The parts of the demo's output whose titles begin so, each cut to its first lines.
 * @throws where the demo has no such part.
 */
export function shortened(output: string, titles: readonly string[]): string[] {
  const parts = output.split(/\n\n(?=[^\n]+\n-+\n)/).map((part) => part.trim().split("\n"));
  return titles.flatMap((title) => {
    const part = parts.find(([first]) => first?.startsWith(title));
    if (!part) throw new Error(`The demo has no part "${title}"`);
    const [head = "", , ...rest] = part.map(settled);
    return ["", `# ${head}`, ...rest.slice(0, MOST_LINES - 1).map(cut)];
  });
}

/** Without what another run would have otherwise. */
function settled(line: string): string {
  return line.replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:8080");
}

function cut(line: string): string {
  return line.length > COLUMNS ? `${line.slice(0, COLUMNS - 1)}…` : line;
}

export function terminal(command: string, lines: readonly string[]): string {
  const all = [`$ ${command}`, ...lines];
  const width = Math.ceil(COLUMNS * CHARACTER + 2 * PADDING);
  const height = BAR + all.length * LINE + 2 * PADDING;
  const text = all.map((line, at) => textAt(line, BAR + PADDING + (at + 0.75) * LINE)).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">A session with atlas-streams-mcp on its embedded sandbox</title>
<style>
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #d1d7e0; white-space: pre; }
  .command { fill: #ffffff; font-weight: 600; }
  .title { fill: #9198a1; }
  .good { fill: #56d364; }
  .bad { fill: #ff7b72; }
  .hint { fill: #e3b341; }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#151b23"/>
<g fill="#3d444d"><circle cx="20" cy="${BAR / 2 + 2}" r="6"/><circle cx="40" cy="${BAR / 2 + 2}" r="6"/><circle cx="60" cy="${BAR / 2 + 2}" r="6"/></g>
${text}
</svg>
`;
}

function textAt(line: string, y: number): string {
  if (line === "") return "";
  const [, indent = "", word = "", rest = ""] = /^(\s*)(\S*)([\s\S]*)$/.exec(line) ?? [];
  const x = (PADDING + indent.length * CHARACTER).toFixed(1);
  const tag = (kind: string, inner: string) => `<text class="${kind}" x="${x}" y="${y}">${escaped(inner)}</text>`;
  if (line.startsWith("$")) return tag("command", line);
  if (line.startsWith("#")) return tag("title", line);
  if (/^(hint|warning):$/.test(word)) return tag("hint", word + rest);
  // The outcome is the first word of a result.
  const kind = word === "failed:" ? "bad" : indent.length === 2 && word.endsWith(":") ? "good" : "";
  if (kind === "") return tag("plain", word + rest);
  return `<text x="${x}" y="${y}"><tspan class="${kind}">${escaped(word)}</tspan>${escaped(rest)}</text>`;
}
