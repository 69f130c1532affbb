/**
 * Measures start, memory, calls and package size, each beside bare programs in the same run, and prints a table:
 * `npm run bench [-- --rounds N]`. Writes the figures to `docs/bench.json` and their picture to `docs/bench.svg`.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import manifest from "../package.json" with { type: "json" };
import { createConnection, headersOf } from "../src/atlas/endpoints.ts";
import { sandboxCredentials } from "../src/sandbox/credentials.ts";
import { sandboxEmptyTenant, sandboxProject } from "../src/sandbox/data/seed.ts";
import { buildPrograms, type Era, era2025, era2026, type Programs, startProgram } from "./bench/programs.ts";
import {
  type BenchReport,
  conditions,
  type Machine,
  type PackageSize,
  rounded,
  type Section,
  sectionOf,
  shuffled,
} from "./bench/report.ts";
import { drawBench } from "./draw-bench.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "25" } } });
const rounds = Number(values.rounds);
const root = new URL("../", import.meta.url).pathname;
const server = join(root, "dist/atlas-streams-mcp.js");
const sandbox = join(root, "dist/sandbox.js");
const run = promisify(execFile);
const place = { groupId: sandboxProject.groupId, tenantName: sandboxEmptyTenant };
const AT_ONCE = 64;
let connections = 0;
const say = (line: string) => process.stdout.write(`${line}\n`);

const folder = await mkdtemp(join(tmpdir(), "bench-"));
try {
  const machine = thisMachine();
  const programs = await buildPrograms(folder);
  const report: BenchReport = {
    version: manifest.version,
    date: new Date().toISOString().slice(0, 10),
    machine,
    rounds,
    sections: [...(await measureStart(programs)), ...(await measureCalls(programs))],
    package: await measurePackage(),
  };
  print(report);
  await writeFile(join(root, "docs/bench.json"), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(root, "docs/bench.svg"), drawBench(report));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Measures each subject once per round, in random order. The first `skipped` rounds do not count. */
async function inRounds<Subject, Sample>(
  subjects: Record<string, Subject>,
  { skipped, counted }: { skipped: number; counted: number },
  measure: (subject: Subject) => Promise<Sample>,
): Promise<Record<string, Sample>[]> {
  const taken: Record<string, Sample>[] = [];
  for (let round = 0; round < skipped + counted; round += 1) {
    const samples: Record<string, Sample> = {};
    for (const [name, subject] of shuffled(Object.entries(subjects))) samples[name] = await measure(subject);
    if (round >= skipped) taken.push(samples);
  }
  return taken;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

interface Start {
  /** Milliseconds from the spawn to the first result. */
  first: number;
  /** Milliseconds from the spawn to the list of tools. */
  list: number;
  /** Peak memory by then, in MB. */
  memory: number;
}

/** Cold starts: every sample is a new process. */
async function measureStart({ bareNode, sdk1, sdk2 }: Programs): Promise<Section[]> {
  const servers = {
    "bare SDK 1 server": () => start(sdk1, era2025),
    "this server, 2025 era": () => start(server, era2025),
    "bare SDK 2 server": () => start(sdk2, era2026),
    "this server, 2026 era": () => start(server, era2026),
  };
  const peers = { "this server, 2025 era": "bare SDK 1 server", "this server, 2026 era": "bare SDK 2 server" };
  const subjects = { "node -e 0": startNothing, "bare Node": () => start(bareNode, era2025), ...servers };
  // The first round fills the file caches.
  const taken = await inRounds(subjects, { skipped: 1, counted: rounds }, (startIt) => startIt());

  const only = (key: keyof Start) =>
    taken.map((starts) => Object.fromEntries(Object.entries(starts).map(([name, sample]) => [name, sample[key]])));
  const withMemory = ["bare Node", ...Object.keys(servers)] as const;
  const all = ["node -e 0", ...withMemory] as const;
  const time = { unit: "ms", better: "lower" } as const;
  const memory = { unit: "MB", better: "lower" } as const;
  return [
    sectionOf({ title: "Spawn to the first answer", ...time }, all, only("first"), peers),
    sectionOf({ title: "Spawn to the list of tools", ...time }, all, only("list"), peers),
    sectionOf({ title: "Peak memory after the list of tools", ...memory }, withMemory, only("memory"), peers),
  ];
}

async function start(program: string, { first, notification, list }: Era): Promise<Start> {
  const began = performance.now();
  const child = startProgram(program);
  expectResult(await child.ask(first));
  const firstAfter = performance.now() - began;
  if (notification) child.send(notification);
  expectResult(await child.ask(list));
  const listAfter = performance.now() - began;
  const memory = child.memory();
  await child.end();
  return { first: firstAfter, list: listAfter, memory };
}

/** A server may be quick to answer with an error; that must not pass for a fast start. */
function expectResult(line: string): void {
  if (!("result" in JSON.parse(line))) throw new Error(`Not a result: ${line.slice(0, 300)}`);
}

/** Node with nothing to do. It exits before its memory can be read. */
async function startNothing(): Promise<Start> {
  const time = await timed(() => once(spawn(process.execPath, ["-e", "0"], { env: {}, stdio: "ignore" }), "exit"));
  return { first: time, list: time, memory: Number.NaN };
}

/**
 * Creates connections through the server, and beside it sends the same requests with undici alone. Both are child
 * processes that are called over a pipe, and the sandbox is a third, so the difference is the work of the server.
 */
async function measureCalls({ undici }: Programs): Promise<Section[]> {
  const atlas = await startSandbox();
  const bare = startProgram(undici);
  const own = startProgram(server, {
    MONGODB_ATLAS_BASE_URL: atlas.url,
    MONGODB_ATLAS_ACCESS_TOKEN: sandboxCredentials.accessToken,
  });
  await own.ask(era2025.first);
  if (era2025.notification) own.send(era2025.notification);

  const creates = {
    "bare undici": async () => {
      const answer = await bare.ask(createRequest(atlas.url));
      if (!answer.includes('"status":200')) throw new Error(answer);
    },
    "this server": async () => {
      const params = { name: "create_stream_connection", arguments: { ...place, connection: newConnection() } };
      const answer = await own.ask({ jsonrpc: "2.0", method: "tools/call", params });
      if (!answer.includes('"isError":false')) throw new Error(answer);
    },
  };
  const names = ["bare undici", "this server"] as const;
  try {
    // The first calls are slow on both sides, while V8 compiles their code.
    const single = await inRounds(creates, { skipped: 300, counted: rounds * 20 }, timed);
    const many = await inRounds(creates, { skipped: 5, counted: rounds * 2 }, async (create) => {
      const took = await timed(() => Promise.all(Array.from({ length: AT_ONCE }, () => create())));
      return (AT_ONCE * 1000) / took;
    });
    return [
      sectionOf({ title: "One create, answered", unit: "ms", better: "lower" }, names, single),
      sectionOf({ title: `${AT_ONCE} creates at once`, unit: "per second", better: "higher" }, names, many),
    ];
  } finally {
    await Promise.all([bare.end(), own.end()]);
    atlas.child.kill();
  }
}

/** A connection of usual size, with a name of its own. */
function newConnection() {
  connections += 1;
  return {
    name: `connection-${connections}`,
    type: "Kafka",
    bootstrapServers: "broker-1.example.com:9092,broker-2.example.com:9092",
    authentication: { mechanism: "SCRAM-512", username: "atlas", password: "a password for the bench" },
    security: { protocol: "SASL_SSL" },
  };
}

/** The request that the server would send to Atlas to create a new connection. */
function createRequest(origin: string) {
  const body = newConnection();
  const request = createConnection(place, body);
  return {
    origin,
    path: request.path,
    method: request.method,
    headers: {
      authorization: `Bearer ${sandboxCredentials.accessToken}`,
      ...headersOf(request),
      "user-agent": "bench",
    },
    body: JSON.stringify(body),
  };
}

async function startSandbox() {
  const code = "const { url } = await (await import(process.argv[1])).startSandbox(); process.stdout.write(url);";
  const child = spawn(process.execPath, ["--input-type=module", "-e", code, sandbox], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = await once(child.stdout, "data");
  return { url: String(url), child };
}

/** What people download, and what an install puts on their disk. */
async function measurePackage(): Promise<PackageSize> {
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [{ filename, size, unpackedSize }] = JSON.parse((await run("npm", pack, { cwd: root })).stdout);
  const user = join(folder, "user");
  await run("npm", ["install", "--prefix", user, "--no-fund", "--no-audit", join(folder, filename)]);
  const modules = join(user, "node_modules");
  const entries = await readdir(modules, { recursive: true });
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const facts = await stat(join(modules, entry));
      return facts.isFile() && !entry.startsWith(".") ? facts.size : 0;
    }),
  );
  const manifests = entries.filter((entry) =>
    /^(.+\/node_modules\/)?(@[^/]+\/)?[^/.@][^/]*\/package\.json$/.test(entry),
  );
  return {
    tarball: size,
    unpacked: unpackedSize,
    installed: sizes.reduce((total, bytes) => total + bytes, 0),
    packages: manifests.length,
  };
}

function thisMachine(): Machine {
  const [first] = cpus();
  return {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: first?.model.trim() || "unknown CPU",
    cores: cpus().length,
    load: rounded(loadavg()[0] ?? 0),
  };
}

function print(report: BenchReport): void {
  say(conditions(report));
  for (const section of report.sections) printSection(section);
  const { tarball, unpacked, installed, packages } = report.package;
  say(
    `\nPackage: ${tarball} bytes to download, ${unpacked} unpacked; installed ${installed} bytes in ${packages} package(s)`,
  );
}

function printSection({ title, unit, better, rows }: Section): void {
  const line = (first: string, ...cells: string[]) =>
    say(`  ${first.padEnd(24)}${cells.map((cell, at) => cell.padStart(at === 1 ? 18 : 12)).join("")}`);
  say(`\n${title} (${unit}, ${better} is better)`);
  line("", "median", "middle 80 %", "ratio", "difference", "best", "best ratio");
  for (const { subject, value, ratio, difference, best } of rows)
    line(
      subject,
      `${value.median}`,
      `${value.low} to ${value.high}`,
      ratio.median.toFixed(2),
      `${difference.median}`,
      `${best.value}`,
      best.ratio.toFixed(2),
    );
  for (const { subject, peer } of rows) {
    if (!peer) continue;
    const { median, low, high } = peer.ratio;
    const spread = `${low.toFixed(2)} to ${high.toFixed(2)}`;
    say(
      `  ${subject}: ${median.toFixed(2)} of ${peer.subject} (middle 80 %: ${spread}), best ${peer.bestRatio.toFixed(2)}`,
    );
  }
}
