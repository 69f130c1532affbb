/** The file of the policy as `serve` reads it: at the start, and again whenever it has changed. */
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Environment } from "../config/settings.ts";
import type { Log } from "../log.ts";
import { type Policy, PolicyError, readPolicy } from "../policy/policy.ts";
import type { Note } from "../schema/problems.ts";
import { generatedTools } from "../tools/generated/tools.ts";

/** How often it is looked at, in milliseconds. Its whole text is compared: a mounted file changes in many ways. */
const LOOK_MS = 1_000;

interface Options {
  path: string;
  env: Environment;
  /** Whether rules may leave out their credential, since Atlas is the embedded one. */
  isSandbox: boolean;
}

export class PolicyFile {
  readonly #options: Options;
  /** What is known of the text, and of the files that it names, since they were read last. */
  #known = "";
  #policy: Policy | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** @throws {PolicyError} with every fault and its path, and what Node throws where the file cannot be read */
  async read(): Promise<Policy> {
    const text = await readFile(this.#options.path, "utf8");
    this.#known = await this.#fingerprint(text);
    const policy = this.#policyOf(text);
    this.#policy = policy;
    this.#known = await this.#fingerprint(text);
    return policy;
  }

  /**
   * Reads it again whenever it has changed, until `signal` is aborted. One that is wrong changes nothing.
   * @param onRead told of what came of each reading
   */
  watch(signal: AbortSignal, log: Log, onRead: (policy: Policy | undefined) => void): void {
    const look = async () => {
      try {
        const found = await this.#fingerprint(await readFile(this.#options.path, "utf8"));
        if (found === this.#known) return;
        onRead(await this.read());
        log.warning("The policy has changed, and is in force");
      } catch (error) {
        const why = error instanceof Error ? error.message : "unknown";
        // A file that cannot be read is told once.
        if (!(error instanceof PolicyError) && this.#known === why) return;
        if (!(error instanceof PolicyError)) this.#known = why;
        onRead(undefined);
        log.error("The policy has changed and cannot be used: what it said before stays in force", { why });
      }
    };
    let looking = false;
    const timer = setInterval(() => {
      if (looking) return;
      looking = true;
      void look().finally(() => {
        looking = false;
      });
    }, LOOK_MS).unref();
    signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  }

  /** The text, and which files it names there are. */
  async #fingerprint(text: string): Promise<string> {
    const files = this.#policy?.operator.files ?? [];
    const stats = await Promise.all(
      files.map((file) =>
        stat(file).then(
          ({ mtimeMs, size, ino }) => `${file} ${mtimeMs} ${size} ${ino}`,
          () => file,
        ),
      ),
    );
    return [text, ...stats].join("\0");
  }

  #policyOf(text: string): Policy {
    const { path, env, isSandbox } = this.#options;
    const policy = readPolicy(text, { tools: generatedTools, env, folder: dirname(path) });
    const faults = policy.rules.flatMap(({ who, credential }, index): Note[] => [
      ...(who ? [] : [{ path: ["rules", `${index}`, "who"], message: "is required with serve, where many call" }]),
      ...(credential || isSandbox
        ? []
        : [{ path: ["rules", `${index}`, "credential"], message: "is required with serve" }]),
    ]);
    if (faults.length > 0) throw new PolicyError(faults);
    return policy;
  }
}
