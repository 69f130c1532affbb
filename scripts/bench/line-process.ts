/** A child process that is spoken to in lines of JSON, with as little code of ours in the measured way as can be. */
import { type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";

export interface LineProcess {
  /** Sends a line with an `id` of its own and waits for the one that answers it. */
  ask(line: Record<string, unknown>): Promise<string>;
  send(line: Record<string, unknown>): void;
  /** The most memory that it has had so far, in MB. */
  memory(): number;
  /** Ends its input and waits until it has gone. */
  end(): Promise<void>;
}

export function startLines(args: string[], env: Record<string, string> = {}): LineProcess {
  const child = spawn(process.execPath, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  const waiting = new Map<string, { resolve: (line: string) => void; reject: (error: Error) => void }>();
  child.once("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("The process ended before it answered"));
  });
  readLines(child, (line) => {
    // Cheaper than to parse the line, and the same on both sides of a comparison.
    const id = /"(bench-\d+)"/.exec(line)?.[1] ?? "";
    waiting.get(id)?.resolve(line);
    waiting.delete(id);
  });
  const send = (line: Record<string, unknown>) => child.stdin.write(`${JSON.stringify(line)}\n`);
  let ids = 0;
  return {
    send,
    ask: (line) =>
      new Promise((resolve, reject) => {
        const id = `bench-${++ids}`;
        waiting.set(id, { resolve, reject });
        send({ ...line, id });
      }),
    memory: () => peakMemory(child.pid ?? 0),
    async end() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

function readLines(child: ChildProcessByStdio<Writable, Readable, null>, onLine: (line: string) => void): void {
  let rest = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (piece: string) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
}

/** Elsewhere than on Linux the memory of the moment stands in for the peak. */
function peakMemory(pid: number): number {
  if (process.platform === "linux") {
    const kilobytes = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kilobytes) / 1024;
  }
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024;
}
