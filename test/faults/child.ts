/** The built server as a child process whose every byte is kept: what left it is what the checks look through. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { serverPath } from "../support/server.ts";

const turn = (value: string) => new Promise<string>((resolve) => setImmediate(resolve, value));

export interface ServerChild {
  readonly pid: number;
  /** Writes to its stdin; resolves when there is room for more. */
  write(bytes: string | Buffer): Promise<void>;
  /** Calls `listener` with each line of its stdout. */
  onLine(listener: (line: string) => void): void;
  onExit(listener: () => void): void;
  /** Everything it has written, by stream, since `forgetOutput()`. */
  output(): { stdout: string; stderr: string };
  forgetOutput(): void;
  /** Resident memory in bytes. */
  rss(): Promise<number>;
  /** Bytes on the heap after a collection. */
  heap(): Promise<number>;
  /** How it ended, where it did: not by `close()` means that it crashed. */
  crashed(): string | undefined;
  /** Ends its input, and kills it where that does not end it. */
  close(): Promise<void>;
}

/** On SIGUSR2 the child collects its garbage and says on stderr what is left; the server itself is as built. */
const HEAP_PROBE = `data:text/javascript,process.on("SIGUSR2",()=>{gc();process.stderr.write("heap "+process.memoryUsage().heapUsed+"\\n")})`;

/** Resolves when a stream takes more, or is gone. */
function roomIn(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
  });
}

/** Starts the built server with exactly these variables. */
export function startChild(env: Readonly<Record<string, string>>): ServerChild {
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(
    process.execPath,
    ["--expose-gc", "--import", HEAP_PROBE, serverPath],
    { env, stdio: ["pipe", "pipe", "pipe"] },
  );
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const lineListeners: ((line: string) => void)[] = [];
  const exitListeners: (() => void)[] = [];
  const heapListeners: ((bytes: number) => void)[] = [];
  let ended: string | undefined;
  let closing = false;
  // Writing to a child that has just ended is no fault of the caller's; `crashed` tells of it.
  child.stdin.on("error", () => {});
  child.on("exit", (code, signal) => {
    ended = closing ? undefined : `exit code ${code}, signal ${signal}`;
    for (const listener of exitListeners) listener();
  });

  const cutLines = (stream: Readable, bytes: Buffer[], take: (line: string) => void) => {
    let rest: Buffer[] = [];
    stream.on("data", (piece: Buffer) => {
      bytes.push(piece);
      let start = 0;
      for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
        take(Buffer.concat([...rest, piece.subarray(start, end)]).toString());
        rest = [];
        start = end + 1;
      }
      if (start < piece.length) rest.push(piece.subarray(start));
    });
  };
  cutLines(child.stdout, kept.stdout, (line) => {
    for (const listener of lineListeners) listener(line);
  });
  cutLines(child.stderr, kept.stderr, (line) => {
    const heap = /^heap (\d+)$/.exec(line)?.[1];
    if (heap !== undefined) heapListeners.shift()?.(Number(heap));
  });

  return {
    pid: child.pid ?? 0,
    async write(bytes) {
      if (!child.stdin.write(bytes) && !child.stdin.destroyed) await roomIn(child.stdin);
    },
    onLine: (listener) => lineListeners.push(listener),
    onExit: (listener) => exitListeners.push(listener),
    output: () => ({
      stdout: Buffer.concat(kept.stdout).toString("latin1"),
      stderr: Buffer.concat(kept.stderr).toString("latin1"),
    }),
    forgetOutput() {
      kept.stdout.length = 0;
      kept.stderr.length = 0;
    },
    async rss() {
      const statm = await readFile(`/proc/${child.pid}/statm`, "utf8");
      return Number(statm.split(" ")[1]) * 4096;
    },
    heap: () =>
      new Promise((resolve) => {
        heapListeners.push(resolve);
        child.kill("SIGUSR2");
      }),
    crashed: () => ended,
    async close() {
      closing = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.stdin.end();
      const late = sleep(10_000, "late", { ref: false });
      // Where this process was busy, both may be due; the exit counts then.
      if ((await Promise.race([exited, late.then(turn)])) !== "late") return;
      child.kill("SIGKILL");
      await exited;
      ended = "did not end with its input";
    },
  };
}
