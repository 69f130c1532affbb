/** Feeds the built server hostile input, and holds every byte that comes back against what the input must get. */
import { setTimeout as sleep } from "node:timers/promises";
import { Ajv } from "ajv";
import fc from "fast-check";
import { isObject } from "../../src/json.ts";
import createTool from "../../src/tools/generated/create_stream_connection.json" with { type: "json" };
import { startSandbox } from "../support/sandbox.ts";
import { credentialVariables } from "../support/server.ts";
import { type ServerChild, startChild } from "./child.ts";
import { argumentInputs, fuzzVariable } from "./fuzz-arguments.ts";
import type { FuzzAnswer, FuzzInput, MakeInput } from "./fuzz-input.ts";
import { lineInputs } from "./fuzz-lines.ts";
import { type Growth, growth } from "./growth.ts";
import { SecretWatch } from "./secret-watch.ts";
import { seeded } from "./seeded.ts";

/** What became of one server. */
export interface FuzzResult {
  inputs: number;
  /** Inputs that must be answered. */
  answers: number;
  /** What went wrong, each with the input it went wrong with. */
  faults: string[];
  secretsSeen: number;
  crash: string | undefined;
  heap: Growth;
  rss: Growth;
}

/** An answer that takes longer counts as lost. */
const PATIENCE_MS = 120_000;

/**
 * Most inputs go to a server without credentials, which has no network to wait for; one in so many goes to one with a
 * sandbox, where a call can be sent.
 */
const ONE_SENT_IN = 40;

export async function fuzz({ seed, count }: { seed: number; count: number }): Promise<FuzzResult[]> {
  const sent = Math.ceil(count / ONE_SENT_IN);
  const sandbox = await startSandbox();
  const tidy = () => {
    // What was created is no part of the test, and would grow.
    for (const project of sandbox.state.projects.values())
      for (const workspace of project.workspaces.values()) workspace.connections.clear();
  };
  const credentials = credentialVariables["API key"];
  try {
    return await Promise.all([
      fuzzServer({ seed, count: count - sent, batch: 250, env: {} }),
      fuzzServer({
        seed: seed + count,
        count: sent,
        batch: 25,
        env: { MONGODB_ATLAS_BASE_URL: sandbox.url, ...credentials },
        tidy,
      }),
    ]);
  } finally {
    await sandbox.close();
  }
}

interface FuzzOptions {
  seed: number;
  count: number;
  /** Inputs that are under way at a time. */
  batch: number;
  env: Readonly<Record<string, string>>;
  /** Called after each batch. */
  tidy?: () => void;
}

async function fuzzServer({ seed, count, batch, env, tidy }: FuzzOptions): Promise<FuzzResult> {
  const secret = seeded(seed).text(40);
  const watch = new SecretWatch();
  watch.add(secret, "a variable that a reference read");
  watch.add(credentialVariables["API key"].MONGODB_ATLAS_PRIVATE_KEY, "the server's credentials");
  const child = startChild({ ...env, [fuzzVariable]: secret });
  const run = new FuzzRun(child, watch);
  const arbitrary = fc.oneof(argumentInputs(resultChecker()), lineInputs);
  const heap: number[] = [];
  const rss: number[] = [];
  try {
    await run.feed([handshake]);
    for (let fed = 0; fed < count && child.crashed() === undefined; fed += batch) {
      await run.feed(fc.sample(arbitrary, { seed: seed + fed, numRuns: Math.min(batch, count - fed) }));
      tidy?.();
      // After a collection, so that it is what is kept that counts.
      heap.push(await child.heap());
      rss.push(await child.rss());
    }
  } finally {
    await child.close();
  }
  const { inputs, answers, faults, secretsSeen } = run;
  return {
    inputs,
    answers,
    faults,
    secretsSeen,
    crash: child.crashed(),
    heap: growth(heap, "heap"),
    rss: growth(rss, "resident"),
  };
}

/** A session begins with it; it counts as an input like any other. */
const handshake: MakeInput = (number) => ({
  line: Buffer.from(
    JSON.stringify({
      jsonrpc: "2.0",
      id: number,
      method: "initialize",
      params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "fuzz", version: "0" } },
    }),
  ),
  answer: `${number}`,
});

/** Whether nothing is wrong. */
export function isFlawless({ faults, secretsSeen, crash, heap, rss }: FuzzResult): boolean {
  return faults.length === 0 && secretsSeen === 0 && crash === undefined && heap.flat && rss.flat;
}

function resultChecker(): (result: unknown) => string | undefined {
  const ajv = new Ajv({ strict: false });
  const validate = ajv.compile(createTool.outputSchema);
  return (result) => (validate(result) ? undefined : `not of the output schema: ${ajv.errorsText(validate.errors)}`);
}

class FuzzRun {
  inputs = 0;
  answers = 0;
  secretsSeen = 0;
  readonly faults: string[] = [];
  readonly #child: ServerChild;
  readonly #watch: SecretWatch;
  /** Inputs without their answer, by the id that it must carry; those without an id share one. */
  readonly #open = new Map<string, FuzzInput[]>();

  constructor(child: ServerChild, watch: SecretWatch) {
    this.#child = child;
    this.#watch = watch;
    child.onLine((line) => this.#take(line));
  }

  /** Writes a line for each maker and waits until all are answered. */
  async feed(makers: readonly MakeInput[]): Promise<void> {
    for (const make of makers) {
      this.inputs += 1;
      const input = make(this.inputs);
      if (input.answer !== undefined) {
        this.answers += 1;
        this.#open.set(input.answer, [...(this.#open.get(input.answer) ?? []), input]);
      }
      await this.#write(input);
    }
    const until = Date.now() + PATIENCE_MS;
    while (this.#open.size > 0 && Date.now() < until && this.#child.crashed() === undefined) await sleep(2);
    for (const [id, inputs] of this.#open)
      for (const input of inputs) this.#fault(`no answer to ${id.slice(0, 60)}`, input);
    this.#open.clear();
    const { stdout, stderr } = this.#child.output();
    this.secretsSeen += this.#watch.seenIn(stdout).size + this.#watch.seenIn(stderr).size;
    this.#child.forgetOutput();
  }

  async #write({ line, pieces }: FuzzInput): Promise<void> {
    const whole = Buffer.concat([line, Buffer.from("\n")]);
    const step = pieces ?? whole.length;
    for (let at = 0; at < whole.length; at += step) await this.#child.write(whole.subarray(at, at + step));
  }

  #take(line: string): void {
    const answer = parse(line);
    if (!answer) {
      this.#fault(`stdout held no message: ${line.slice(0, 200)}`);
      return;
    }
    // The server's own notifications answer nothing.
    if ("method" in answer) return;
    const id = JSON.stringify(answer.id ?? null);
    const [input, ...rest] = this.#candidates(id, answer);
    if (!input) {
      this.#fault(`an answer that nobody waits for: ${line.slice(0, 200)}`);
      return;
    }
    if (rest.length > 0) this.#open.set(id, rest);
    else this.#open.delete(id);
    const fault = input.fault?.(answer);
    if (fault !== undefined) this.#fault(fault, input);
    if (/\n\s+at .+:\d+:\d+/.test(JSON.stringify(answer).replaceAll("\\n", "\n")))
      this.#fault("a stack on stdout", input);
  }

  /** The inputs that wait for this id, first the one that the answer suits: those without an id can't be told apart. */
  #candidates(id: string, answer: FuzzAnswer): FuzzInput[] {
    const waiting = this.#open.get(id) ?? [];
    const suited = waiting.find(({ fault }) => fault?.(answer) === undefined) ?? waiting[0];
    return suited ? [suited, ...waiting.filter((input) => input !== suited)] : [];
  }

  #fault(what: string, input?: FuzzInput): void {
    this.faults.push(input ? `${what} | ${input.line.subarray(0, 2_000).toString()}` : what);
  }
}

function parse(line: string): (FuzzAnswer & Record<string, unknown>) | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) && value["jsonrpc"] === "2.0" ? value : undefined;
  } catch {
    return undefined;
  }
}
