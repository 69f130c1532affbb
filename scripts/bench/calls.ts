/**
 * A call against the same request made with undici alone. Both are made by a child process that is asked over a pipe,
 * with the sandbox in a process of its own; so what differs is what this server does.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection, headersOf } from "../../src/atlas/endpoints.ts";
import { sandboxCredentials } from "../../src/sandbox/credentials.ts";
import { sandboxEmptyTenant, sandboxProject } from "../../src/sandbox/data/seed.ts";
import { startLines } from "./line-process.ts";
import { type Round, type Section, sectionOf, shuffled } from "./statistics.ts";

type Subject = "bare undici" | "this server";
const subjects = ["bare undici", "this server"] as const;

/** Calls before the first that counts: until then both sides compile. */
const WARM_UP = 300;
const AT_ONCE = 64;

const place = { groupId: sandboxProject.groupId, tenantName: sandboxEmptyTenant };
const clientInfo = { name: "bench", version: "1.0.0" };
let names = 0;
/** A connection of the size that people create. */
const connection = () => ({
  name: `connection-${++names}`,
  type: "Kafka",
  bootstrapServers: "broker-1.example.com:9092,broker-2.example.com:9092",
  authentication: { mechanism: "SCRAM-512", username: "atlas", password: "a password of a bench" },
  security: { protocol: "SASL_SSL" },
});

interface Options {
  server: string;
  /** The sandbox's built module. */
  sandbox: string;
  undici: string;
  /** Single calls that count. */
  calls: number;
  /** Batches at once that count. */
  batches: number;
}

export async function measureCalls({ server, sandbox, undici, calls, batches }: Options): Promise<Section[]> {
  const atlas = await startSandboxProcess(sandbox);
  const bare = startLines([undici]);
  const own = startLines([server], {
    MONGODB_ATLAS_BASE_URL: atlas.url,
    MONGODB_ATLAS_ACCESS_TOKEN: sandboxCredentials.accessToken,
  });
  await own.ask({
    jsonrpc: "2.0",
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo },
  });
  own.send({ jsonrpc: "2.0", method: "notifications/initialized" });

  const create: Record<Subject, () => Promise<void>> = {
    "bare undici": async () => {
      const answer = await bare.ask(requestOf(atlas.url, connection()));
      if (!answer.includes('"status":200')) throw new Error(answer);
    },
    "this server": async () => {
      const params = { name: "create_stream_connection", arguments: { ...place, connection: connection() } };
      const answer = await own.ask({ jsonrpc: "2.0", method: "tools/call", params });
      if (!answer.includes('"isError":false')) throw new Error(answer);
    },
  };
  const timed = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
  const round = async (measure: (subject: Subject) => Promise<number>): Promise<Round<Subject>> => {
    const values = { "bare undici": 0, "this server": 0 };
    for (const subject of shuffled(subjects)) values[subject] = await measure(subject);
    return values;
  };
  const rounds = async (skipped: number, counted: number, measure: (subject: Subject) => Promise<number>) => {
    for (let at = 0; at < skipped; at += 1) await round(measure);
    const taken: Round<Subject>[] = [];
    for (let at = 0; at < counted; at += 1) taken.push(await round(measure));
    return taken;
  };
  const atOnce = (subject: Subject) => () => Promise.all(Array.from({ length: AT_ONCE }, () => create[subject]()));

  try {
    const single = await rounds(WARM_UP, calls, (subject) => timed(create[subject]));
    const many = await rounds(5, batches, async (subject) => (AT_ONCE * 1000) / (await timed(atOnce(subject))));
    return [
      sectionOf({ title: "One create, answered", unit: "ms", better: "lower" }, subjects, single),
      sectionOf({ title: `${AT_ONCE} creates at once`, unit: "per second", better: "higher" }, subjects, many),
    ];
  } finally {
    await Promise.all([bare.end(), own.end()]);
    atlas.child.kill();
  }
}

/** The request that the server makes of Atlas. */
function requestOf(origin: string, body: unknown) {
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

async function startSandboxProcess(module: string): Promise<{ url: string; child: ChildProcess }> {
  const code = `const { url } = await (await import(process.argv[1])).startSandbox(); process.stdout.write(url);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code, module], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = await once(child.stdout, "data");
  return { url: String(url), child };
}
