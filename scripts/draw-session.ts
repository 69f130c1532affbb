/**
 * Draws `docs/session.svg`, a terminal with parts of the demo, from a real run of the demo: `npm run session`. What
 * differs between runs is replaced, so the picture changes only when the demo does.
 */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { escaped, svg } from "./svg.ts";

/** The parts of the demo that are drawn, by the first words of their titles. */
const PARTS = [
  "The options",
  "A dry run",
  "Create it",
  "The same name again",
  "Small mistakes",
  "A workspace that does not exist",
  "From nothing to a running pipeline",
  "One that does not work",
];
/** Lines drawn of each part, including its title. */
const LINES_OF_PART = 6;

const COLUMNS = 104;
const CHARACTER = 7.3;
const LINE = 18;
const PADDING = 18;
const BAR = 30;

const root = join(import.meta.dirname, "..");
if (process.argv[1] === import.meta.filename) await writeFile(join(root, "docs/session.svg"), drawSession());

/** Runs the demo on the built server, and returns the picture. */
export function drawSession(): string {
  const demo = ["--import", "tsx", join(root, "scripts/demo.ts")];
  return terminal("npm run demo", shortened(execFileSync(process.execPath, demo, { encoding: "utf8" }), PARTS));
}

/**
 * The parts of the demo's output with these titles, each cut to its first lines.
 * @throws if the demo has no such part.
 */
export function shortened(output: string, titles: readonly string[]): string[] {
  const parts = output.split(/\n\n(?=[^\n]+\n-+\n)/).map((part) => part.trim().split("\n"));
  return titles.flatMap((title) => {
    const part = parts.find(([first]) => first?.startsWith(title));
    if (!part) throw new Error(`The demo has no part "${title}"`);
    const [head = "", , ...rest] = part.map(withFixedPort);
    return ["", `# ${head}`, ...rest.slice(0, LINES_OF_PART - 1).map(cut)];
  });
}

function withFixedPort(line: string): string {
  return line.replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:8080");
}

function cut(line: string): string {
  return line.length > COLUMNS ? `${line.slice(0, COLUMNS - 1)}…` : line;
}

/** A terminal that shows a command and the lines that it printed. */
export function terminal(command: string, lines: readonly string[]): string {
  const all = [`$ ${command}`, ...lines];
  const width = Math.ceil(COLUMNS * CHARACTER + 2 * PADDING);
  const height = BAR + all.length * LINE + 2 * PADDING;
  const text = all.map((line, at) => drawLine(line, BAR + PADDING + (at + 0.75) * LINE)).join("\n");
  return svg(
    { width, height, title: "A session with atlas-streams-mcp on its embedded sandbox" },
    `<style>
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #d1d7e0; white-space: pre; }
  .command { fill: #ffffff; font-weight: 600; }
  .title { fill: #9198a1; }
  .good { fill: #56d364; }
  .bad { fill: #ff7b72; }
  .hint { fill: #e3b341; }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#151b23"/>
<g fill="#3d444d"><circle cx="20" cy="${BAR / 2 + 2}" r="6"/><circle cx="40" cy="${BAR / 2 + 2}" r="6"/><circle cx="60" cy="${BAR / 2 + 2}" r="6"/></g>
${text}`,
  );
}

function drawLine(line: string, y: number): string {
  if (line === "") return "";
  const [, indent = "", word = "", rest = ""] = /^(\s*)(\S*)([\s\S]*)$/.exec(line) ?? [];
  const x = (PADDING + indent.length * CHARACTER).toFixed(1);
  const tag = (kind: string, inner: string) => `<text class="${kind}" x="${x}" y="${y}">${escaped(inner)}</text>`;
  if (line.startsWith("$")) return tag("command", line);
  if (line.startsWith("#")) return tag("title", line);
  if (/^(hint|warning):$/.test(word)) return tag("hint", word + rest);
  // A result starts with its outcome.
  const kind = word === "failed:" ? "bad" : indent.length === 2 && word.endsWith(":") ? "good" : "";
  if (kind === "") return tag("plain", word + rest);
  return `<text x="${x}" y="${y}"><tspan class="${kind}">${escaped(word)}</tspan>${escaped(rest)}</text>`;
}
