/**
 * Runs the server scenarios of the official MCP conformance suite against the built server, on stdio and over HTTP, in
 * both eras: `npm run test:conformance`. The suite, and the newer Node that it needs, are installed into a temporary folder.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, startHttpServer } from "../support/http-server.ts";
import { startBridge } from "./bridge.ts";
import { type Inapplicable, reasons, revisions, type Target, targets, whyNot } from "./scenarios.ts";

/** The first version that knows the revision of 2026 is still a pre-release, so it is named exactly. */
const suite = "@modelcontextprotocol/conformance@0.2.0-alpha.12";
const run = promisify(execFile);

interface Check {
  id: string;
  status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  errorMessage?: string;
  details?: { untestable?: boolean };
}

interface Outcome {
  scenario: string;
  checks: Check[];
}

/** Installs the suite. Resolves with the command that runs it. */
async function install(folder: string): Promise<string[]> {
  await run("npm", ["install", "--prefix", folder, "--no-fund", "--no-audit", "--no-save", suite, "node@22"]);
  const modules = join(folder, "node_modules");
  return [join(modules, "node/bin/node"), join(modules, "@modelcontextprotocol/conformance/dist/index.js")];
}

/** The suite sends the origin of the address itself, and wants it to be allowed. */
async function startServe(): Promise<{ url: string; close(): Promise<unknown> }> {
  const port = await freePort();
  const origins = ["127.0.0.1", "localhost"].map((host) => `http://${host}:${port}`);
  return startHttpServer({
    args: ["--sandbox", "--listen", `127.0.0.1:${port}`, "--allowed-origins", origins.join()],
  });
}

async function outcomesOf(command: string[], target: Target, revision: string, folder: string): Promise<Outcome[]> {
  const server = await (target === "stdio" ? startBridge() : startServe());
  const [node = "", ...script] = command;
  const args = [...script, "server", "--url", server.url, "--requirements", revision, "--output-dir", folder];
  try {
    // It exits with 1 where any scenario fails, those that do not apply included: its files say which.
    await run(node, args, { maxBuffer: 2 ** 26 }).catch(() => {});
  } finally {
    await server.close();
  }
  const names = await readdir(folder);
  return Promise.all(
    names.sort().map(async (name) => ({
      scenario: name.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, ""),
      checks: JSON.parse(await readFile(join(folder, name, "checks.json"), "utf8")),
    })),
  );
}

const failed = ({ status, details }: Check) => status === "FAILURE" && details?.untestable !== true;

/** Prints what became of a revision's scenarios. Returns whether all that apply passed. */
function report(target: Target, revision: string, outcomes: Outcome[]): boolean {
  const applied = outcomes.filter(({ scenario }) => whyNot(scenario, target) === undefined);
  const bad = applied.filter(({ checks }) => checks.some(failed));
  const passed = applied.flatMap(({ checks }) => checks).filter(({ status }) => status === "SUCCESS").length;
  say(
    `\n${target}, ${revision}: ${applied.length - bad.length} of the ${applied.length} scenarios that apply pass (${passed} checks)`,
  );
  for (const { scenario, checks } of applied) {
    say(`  ${checks.some(failed) ? "✗" : "✓"} ${scenario}`);
    for (const { id, errorMessage } of checks.filter(failed)) say(`      ${id}: ${errorMessage}`);
    for (const { id } of checks.filter(({ details }) => details?.untestable))
      say(`      ${id}: needs the suite's fixture`);
  }
  for (const [reason, words] of Object.entries(reasons)) {
    const left = outcomes.filter(({ scenario }) => whyNot(scenario, target) === (reason as Inapplicable));
    if (left.length > 0) say(`  left out, since it ${words}: ${left.map(({ scenario }) => scenario).join(", ")}`);
  }
  return applied.length > 0 && bad.length === 0;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

const folder = await mkdtemp(join(tmpdir(), "conformance-"));
try {
  const command = await install(folder);
  say(suite);
  for (const target of targets)
    for (const revision of revisions) {
      const outcomes = await outcomesOf(command, target, revision, join(folder, target, revision));
      if (!report(target, revision, outcomes)) process.exitCode = 1;
    }
} finally {
  await rm(folder, { recursive: true, force: true });
}
