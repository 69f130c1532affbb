/** Calls that the client cancels, at every stage at which one can be: nothing more is sent but what tells what became of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { type FaultRule, startSandbox } from "../support/sandbox.ts";
import { credentialVariables } from "../support/server.ts";
import { connectServer, type Era, eras } from "./client.ts";
import { createConnection } from "./connection-jobs.ts";
import { always, answer, errorBody, onRead, onWrite } from "./faults.ts";
import { CHECK_MS, limitVariables } from "./limits.ts";
import { type Scene, setScene } from "./scene.ts";
import { SecretWatch } from "./secret-watch.ts";
import { seeded } from "./seeded.ts";

interface Stage {
  name: string;
  rules: (scene: Scene) => FaultRule[];
  /** Whether the call has come to the stage. */
  reached: (scene: Scene) => boolean;
  /** What stderr has to say of the connection afterwards; nothing where the write had not been sent. */
  told?: RegExp;
}

const wrote = (scene: Scene) => scene.requests().some(({ method }) => method === "POST");
const looked = (scene: Scene) =>
  scene.requests().some(({ method, path }) => method === "GET" && scene.reads.test(path));

const stages: readonly Stage[] = [
  {
    name: "the token",
    rules: () => [{ path: /oauth\/token$/, fault: { kind: "delay", ms: 1_500 } }],
    reached: ({ sandbox }) => sandbox.requests.length > 0,
  },
  {
    name: "waiting for Retry-After",
    rules: (scene) => [onWrite(answer(429, { headers: { "retry-after": "2" } }), scene)],
    reached: (scene) => scene.requests().some(({ status }) => status === 429),
  },
  {
    name: "the write, acted",
    rules: (scene) => [onWrite({ kind: "silence-after-acting" }, scene)],
    reached: wrote,
    told: /it happened/,
  },
  {
    name: "the write, not acted",
    rules: (scene) => [onWrite({ kind: "silence-before-acting" }, scene)],
    reached: wrote,
    told: /(was not there|had not happened) when looked for/,
  },
  {
    name: "the check, acted",
    rules: (scene) => [
      onWrite(answer(500, { act: true, body: errorBody(500, scene) }), scene),
      onRead({ kind: "delay", ms: 1_000 }, scene),
    ],
    reached: looked,
    told: /it happened/,
  },
  {
    name: "the check, not acted",
    rules: (scene) => [
      onWrite(answer(500, { body: errorBody(500, scene) }), scene),
      onRead({ kind: "delay", ms: 1_000 }, scene),
    ],
    reached: looked,
    told: /(was not there|had not happened) when looked for/,
  },
  {
    name: "the check, unreadable",
    rules: (scene) => [
      onWrite(answer(500, { body: errorBody(500, scene) }), scene),
      onRead({ kind: "delay", ms: 1_000 }, scene),
      onRead(answer(403, { body: errorBody(403, scene) }), scene, always),
    ],
    reached: looked,
    told: /could not be read/,
  },
];

/** Cancels a call at each stage; gives what was wrong. */
export async function cancelEverywhere(seed: number): Promise<{ calls: number; faults: string[] }> {
  const calls = eras.flatMap((era) => stages.map((stage) => ({ ...stage, era })));
  const faults = await Promise.all(calls.map((call, at) => cancelAt(call, seed + at)));
  return { calls: calls.length, faults: faults.flat() };
}

async function cancelAt({ name, rules, reached, told, era }: Stage & { era: Era }, seed: number): Promise<string[]> {
  const sandbox = await startSandbox();
  const server = await connectServer(
    {
      MONGODB_ATLAS_BASE_URL: sandbox.url,
      ...credentialVariables["service account"],
      ...limitVariables,
      ATLAS_STREAMS_MCP_CHECK_MS: "2000",
    },
    era,
  );
  const scene = setScene(sandbox, seeded(seed), createConnection, "free");
  for (const rule of rules(scene)) sandbox.faults.add(rule);
  const lines = () => server.child.output().stderr.split("\n");
  const mention = () => lines().find((line) => line.includes(scene.name) && /cancelled/.test(line)) ?? "";
  const faults: string[] = [];
  const wrong = (what: string) => faults.push(`cancelled during ${name}, era ${era}: ${what}`);

  const cancel = new AbortController();
  const call = server.create(scene.args, cancel.signal);
  const ended = call.then(
    ({ outcome }) => wrong(`it was answered: ${outcome}`),
    () => {},
  );
  await until(() => reached(scene));
  const writes = () => scene.requests().filter(({ method }) => method === "POST").length;
  const written = writes();
  cancel.abort();
  await ended;
  await until(() => (told ? told.test(mention()) : false), told ? 2 * CHECK_MS : 2_500);
  if (writes() > written) wrong("the write was sent after that");
  if (told && !told.test(mention())) wrong(`stderr says: ${mention() || "nothing"}`);
  if (!told && scene.requests().length > written) wrong("something was sent after that");
  await Promise.all([server.close(), sandbox.close()]);

  const watch = new SecretWatch();
  for (const secret of scene.secrets) watch.add(secret, name);
  const { stdout, stderr } = server.child.output();
  if (watch.seenIn(stdout + stderr).size > 0) wrong("a secret was seen");
  return faults;
}

async function until(condition: () => boolean, limitMs = 10_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!condition() && Date.now() < end) await sleep(10);
}
