/**
 * Measures `serve` under load beside the SDK's own handler with a tool that does nothing, all in one run:
 * `npm run bench:serve [-- --rounds N --batch N --calls N]`. Each round sends a batch of calls to each server; then
 * `--calls` calls go to the server with everything on, while its memory is watched. Exits with 1 if a goal is missed.
 *
 * Calls a second of one core are those of a second of the server's own processor time, threads of Node's included: what
 * the sandbox, the bench and others on the machine take does not count. Only Linux tells it.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Agent } from "undici";
import { isObject, type JsonObject } from "../src/json.ts";
import { sandboxCredentials } from "../src/sandbox/credentials.ts";
import { sandboxEmptyTenant, sandboxProject, sandboxTenant } from "../src/sandbox/data/seed.ts";
import { headersOf, modern } from "../test/support/eras.ts";
import { freePort } from "../test/support/http-server.ts";
import { newKey, startIssuer } from "../test/support/issuer.ts";
import { buildPrograms } from "./bench/programs.ts";
import { conditions, rounded, shuffled, spread } from "./bench/report.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    batch: { type: "string", default: "600" },
    calls: { type: "string", default: "100000" },
  },
});
const [rounds, batch, calls] = [Number(values.rounds), Number(values.batch), Number(values.calls)];
const AT_ONCE = 16;
/** As many as a server remembers. */
const SECRETS = 200;
/** What section "Load" of the contract asks for, on one core. */
const goals = { list: 500, create: 200, slower: 0.2, growth: 0.1 };

const say = (line = "") => process.stdout.write(`${line}\n`);
const root = new URL("../", import.meta.url).pathname;
const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
const folder = await mkdtemp(join(tmpdir(), "bench-serve-"));
const children: ChildProcess[] = [];
const agent = new Agent({ connections: AT_ONCE });

interface Served {
  url: URL;
  ops?: string;
  pid: number;
  headers: Record<string, string>;
}

/** Starts a program that says on stderr where it is reached. */
async function started(args: string[], env: Record<string, string>, headers: Record<string, string>): Promise<Served> {
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  children.push(child);
  for await (const line of createInterface({ input: child.stderr })) {
    const said: unknown = line.startsWith("{") ? JSON.parse(line) : undefined;
    if (!isObject(said) || typeof said["url"] !== "string") {
      process.stderr.write(`${line}\n`);
      continue;
    }
    child.stderr.resume();
    const { url, ops } = said;
    return { url: new URL(url), pid: child.pid ?? 0, headers, ...(typeof ops === "string" && { ops }) };
  }
  throw new Error("The program has ended");
}

let ids = 0;
/** Calls a tool in the 2026 era; throws where the text of the answer does not hold `expected`. */
async function call({ url, headers }: Served, name: string, args: JsonObject, expected: string): Promise<void> {
  const params = modern({ name, arguments: args });
  const { statusCode, body } = await agent.request({
    origin: url.origin,
    path: url.pathname,
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headersOf("tools/call", params),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: ++ids, method: "tools/call", params }),
  });
  const text = await body.text();
  if (!text.includes(expected)) throw new Error(`${statusCode}: ${text.slice(0, 600)}`);
}

const place = { groupId: sandboxProject.groupId, tenantName: sandboxTenant };
const list = (served: Served) => call(served, "list_stream_connections", place, '"outcome":"ok"');
const kafka = (name: string, password: string) => ({
  groupId: sandboxProject.groupId,
  tenantName: sandboxEmptyTenant,
  connection: {
    name,
    type: "Kafka",
    bootstrapServers: "broker-1.example.com:9092,broker-2.example.com:9092",
    authentication: { mechanism: "SCRAM-512", username: "atlas", password },
    security: { protocol: "SASL_SSL" },
  },
});
const repeated = kafka("repeated", "the password of the repeated connection");
const create = (served: Served) => call(served, "create_stream_connection", repeated, '"outcome":"already_exists"');

/** Makes `count` calls, so many at once. */
async function many(count: number, once: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await once(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Processor time that a process has taken, in seconds. */
function processorSeconds(pid: number): number {
  if (process.platform !== "linux") return Number.NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Resident memory in MB, as the server itself tells it. */
async function memoryOf({ ops }: Served): Promise<number> {
  const text = await (await fetch(`${ops}/metrics`)).text();
  return Number(/^atlas_streams_mcp_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 2 ** 20;
}

interface Sample {
  /** Calls a second of the server's processor time. */
  perCore: number;
  /** Calls a second as the bench saw it, on this machine with all that runs on it. */
  seen: number;
}

/** What is measured: a server, and one call of it. */
interface Subject {
  served: Served;
  work(served: Served): Promise<void>;
}

async function measured({ served, work }: Subject): Promise<Sample> {
  const [began, before] = [performance.now(), processorSeconds(served.pid)];
  await many(batch, () => work(served));
  const [seconds, cpu] = [(performance.now() - began) / 1000, processorSeconds(served.pid) - before];
  return { perCore: batch / cpu, seen: batch / seconds };
}

/** Measures each server once a round, in random order. */
async function compare(title: string, subjects: Record<string, Subject>): Promise<Map<string, number>> {
  const taken: Record<string, Sample>[] = [];
  // The first two rounds let V8 compile.
  for (let round = -2; round < rounds; round += 1) {
    const samples: Record<string, Sample> = {};
    for (const [name, subject] of shuffled(Object.entries(subjects))) samples[name] = await measured(subject);
    if (round >= 0) taken.push(samples);
  }
  say(`\n${title}, ${AT_ONCE} at once, calls a second`);
  say(`  ${"".padEnd(46)}${"of one core".padStart(12)}${"middle 80 %".padStart(18)}${"seen".padStart(8)}`);
  const medians = Object.keys(subjects).map((name) => {
    const perCore = spread(taken.map((samples) => samples[name]?.perCore ?? Number.NaN));
    const seen = spread(taken.map((samples) => samples[name]?.seen ?? Number.NaN));
    const between = `${perCore.low} to ${perCore.high}`;
    say(
      `  ${name.padEnd(46)}${String(perCore.median).padStart(12)}${between.padStart(18)}${String(seen.median).padStart(8)}`,
    );
    return [name, perCore.median] as const;
  });
  return new Map(medians);
}

const missed: string[] = [];
function goal(what: string, met: boolean): void {
  say(`  ${met ? "met" : "MISSED"}: ${what}`);
  if (!met) missed.push(what);
}

try {
  const programs = await buildPrograms(folder);
  const startSandbox =
    "const { url } = await (await import(process.argv[1])).startSandbox(); console.error(JSON.stringify({ url }));";
  const atlas = await started(["--input-type=module", "-e", startSandbox, join(root, "dist/sandbox.js")], {}, {});
  const audience = "https://bench.example/mcp";
  const issuer = await startIssuer(audience);
  // What most issuers sign with.
  issuer.keys = [await newKey("bench", "RS256")];
  const policy = join(folder, "policy.json");
  const rule = {
    name: "bench",
    who: { groups: ["bench"] },
    credential: "bench",
    projects: [sandboxProject.groupId],
    workspaces: [sandboxTenant, sandboxEmptyTenant],
    tools: { allow: ["read", "write"], deny: ["delete_*"] },
    connections: { types: ["Kafka", "Cluster", "Https"], hosts: ["*.example.com"] },
    tiers: ["SP2", "SP5", "SP10"],
  };
  const { clientId, clientSecret } = sandboxCredentials;
  const credentials = { bench: { clientId: "${env:BENCH_ID}", clientSecret: "${env:BENCH_SECRET}" } };
  await writeFile(policy, JSON.stringify({ version: 1, credentials, rules: [rule] }));

  const serve = async (more: string[], env: Record<string, string>, headers: Record<string, string> = {}) => {
    const limits = ["--calls-per-minute", "100000000", "--concurrent", "1000"];
    const listen = ["--listen", `127.0.0.1:${await freePort()}`, "--ops-listen", "127.0.0.1:0"];
    const args = [join(root, "dist/atlas-streams-mcp.js"), "serve", ...listen, ...limits, ...more];
    const base = { MONGODB_ATLAS_BASE_URL: atlas.url.origin, ATLAS_STREAMS_MCP_INLINE_SECRETS: "allow" };
    return started(args, { ...base, ...env }, headers);
  };
  const own = { MONGODB_ATLAS_CLIENT_ID: clientId, MONGODB_ATLAS_CLIENT_SECRET: clientSecret };
  const ofPolicy = { BENCH_ID: clientId, BENCH_SECRET: clientSecret };
  const people = ["--issuer", issuer.url, "--audience", audience, "--scopes", "read=asp.read,write=asp.write"];
  const authorization = `Bearer ${await issuer.token({ groups: ["bench", "others"], scope: "asp.read asp.write" })}`;
  const auditFile = join(folder, "audit.jsonl");

  const bare = await started([programs.sdkHttp], {}, {});
  const plain = await serve([], own);
  const guarded = await serve([...people, "--policy", policy], ofPolicy, { authorization });
  const full = await serve([...people, "--policy", policy, "--audit", auditFile], ofPolicy, { authorization });
  for (const served of [plain, guarded, full]) {
    await many(SECRETS, (at) =>
      call(
        served,
        "create_stream_connection",
        kafka(`secret-${served.pid}-${at}`, `password ${at} of process ${served.pid}`),
        '"outcome":"created"',
      ),
    );
  }
  await call(plain, "create_stream_connection", repeated, '"outcome":"created"');

  const [first] = cpus();
  const machine = {
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: first?.model.trim() || "unknown CPU",
    cores: cpus().length,
    load: rounded(loadavg()[0] ?? 0),
  };
  say(conditions({ date: new Date().toISOString().slice(0, 10), machine, rounds }));
  say(`${SECRETS} secrets remembered by each server; batches of ${batch} calls`);

  const names = { plain: "serve alone", guarded: "serve, token and policy", full: "serve, token, policy and audit" };
  const besideBare = (work: Subject["work"]) => ({
    "the SDK's handler, a tool that does nothing": {
      served: bare,
      work: (served: Served) => call(served, "tool", {}, '"outcome":"ok"'),
    },
    [names.plain]: { served: plain, work },
    [names.guarded]: { served: guarded, work },
    [names.full]: { served: full, work },
  });
  const lists = await compare("list_stream_connections", besideBare(list));
  const creates = await compare("A repeated create_stream_connection", besideBare(create));

  say("\nGoals, of one core");
  const rate = (of: Map<string, number>, name: string) => of.get(name) ?? Number.NaN;
  const slower = (of: Map<string, number>) => 1 - rate(of, names.full) / rate(of, names.plain);
  const percent = (part: number) => `${Math.round(part * 100)} %`;
  goal(`${goals.list} lists a second with token and policy`, rate(lists, names.guarded) >= goals.list);
  goal(`${goals.create} repeated creates a second with the audit`, rate(creates, names.full) >= goals.create);
  for (const [what, of] of [
    ["lists", lists],
    ["repeated creates", creates],
  ] as const)
    goal(
      `${what} at most ${percent(goals.slower)} slower with all on: ${percent(slower(of))}`,
      slower(of) <= goals.slower,
    );

  if (calls > 0) await watchMemory(full);
} finally {
  for (const child of children) {
    child.kill();
    if (child.exitCode === null) await once(child, "exit");
  }
  await agent.close();
  await rm(folder, { recursive: true, force: true });
}
process.exit(missed.length > 0 ? 1 : 0);

/** Nine lists to a repeated create, and the memory fifty times on the way. */
async function watchMemory(served: Served): Promise<void> {
  const steps = 50;
  const megabytes: number[] = [];
  for (let step = 0; step < steps; step += 1) {
    await many(Math.ceil(calls / steps), (at) => (at % 10 === 0 ? create(served) : list(served)));
    megabytes.push(await memoryOf(served));
  }
  // Of the resident memory the first calls take most, while the heap finds its size.
  const [early, late] = [megabytes.slice(10, 20), megabytes.slice(40)].map((part) => spread(part).median);
  const growth = (late ?? Number.NaN) / (early ?? Number.NaN) - 1;
  say(`\nMemory over ${calls} calls, in MB of resident memory`);
  say(
    `  ${megabytes
      .filter((_, step) => step % 5 === 4)
      .map((each) => Math.round(each))
      .join("  ")}`,
  );
  goal(
    `flat: the median of the last fifth is ${Math.round(growth * 100)} % above that of the second fifth`,
    growth <= goals.growth,
  );
}
