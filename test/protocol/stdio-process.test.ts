/** The stdio transport on real pipes: what a client that floods it, does not read or is killed leaves behind. */
import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

describe("the stdio transport in a process of its own", () => {
  let folder: string;
  let program: string;

  /** Answers each request with as many characters as it asks for, and tells on stderr how it ended. */
  const source = `
    import { StdioTransport } from "./stdio.ts";
    const transport = new StdioTransport(process.stdin, process.stdout);
    transport.onmessage = ({ id, params }) =>
      setImmediate(() => transport.send({ jsonrpc: "2.0", id, result: { text: "x".repeat(params?.size ?? 0) } }));
    transport.onerror = (error) => process.stderr.write("error " + error.message + "\\n");
    transport.onclose = () => {
      const { rss } = process.memoryUsage();
      process.stderr.write("closed " + Math.round(rss / 2 ** 20) + "\\n");
      const limit = setTimeout(() => process.exit(3), 500);
      transport.flushed().then(() => { clearTimeout(limit); process.exit(0); });
    };
    process.on("SIGTERM", () => transport.close());
    await transport.start();
    process.stderr.write("ready\\n");
  `;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "stdio-test-"));
    program = join(folder, "program.mjs");
    await build({
      stdin: {
        contents: source,
        loader: "ts",
        resolveDir: fileURLToPath(new URL("../../src/protocol/", import.meta.url)),
      },
      bundle: true,
      platform: "node",
      format: "esm",
      outfile: program,
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const request = (id: number, size: number) =>
    `${JSON.stringify({ jsonrpc: "2.0", id, method: "m", params: { size } })}\n`;

  /** A child, ready, with what it says on stderr and how it ended. */
  async function run() {
    const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(process.execPath, [program], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (piece: Buffer) => {
      said += piece.toString();
    });
    // What is still written to a child that has gone.
    child.stdin.on("error", () => {});
    const ended = once(child, "exit").then(([code, signal]) => ({ code: code ?? signal }));
    while (!said.includes("ready\n")) await once(child.stderr, "data");
    return { child, said: () => said.replace("ready\n", ""), ended };
  }

  it("answers and ends with its input, with the last long answer whole", async () => {
    const { child, ended, said } = await run();
    child.stdin.write(request(1, 3_000_000));
    let size = 0;
    child.stdout.on("data", (piece: Buffer) => {
      if (size === 0) child.stdin.end();
      size += piece.length;
    });
    expect((await ended).code).toBe(0);
    if (!child.stdout.readableEnded) await once(child.stdout, "end");
    expect(size).toBe(JSON.stringify({ jsonrpc: "2.0", id: 1, result: { text: "" } }).length + 3_000_001);
    expect(said()).toMatch(/^closed \d+\n$/);
  });

  it("ends quietly when its stdout is closed", async () => {
    const { child, ended, said } = await run();
    child.stdout.destroy();
    await once(child.stdout, "close");
    for (let id = 0; id < 20; id++) child.stdin.write(request(id, 100_000));
    expect((await ended).code).toBe(0);
    expect(said()).toMatch(/^closed \d+\n$/);
  });

  it("stays small while a client floods it and never reads, and still ends at SIGTERM", async () => {
    const { child, ended, said } = await run();
    const piece = Array.from({ length: 100 }, (_, id) => request(id, 20_000)).join("");
    let flowing = true;
    for (let count = 0; count < 20_000 && flowing; count++) {
      if (!child.stdin.write(piece)) {
        flowing = await Promise.race([once(child.stdin, "drain").then(() => true), wait(500).then(() => false)]);
      }
    }
    expect(flowing).toBe(false);
    child.kill("SIGTERM");
    // It is its own limit that ends it.
    expect((await ended).code).toBe(3);
    expect(Number(/closed (\d+)/.exec(said())?.[1])).toBeLessThan(250);
  });

  it("ends with its input when the client has not read its answers", async () => {
    const { child, ended } = await run();
    for (let id = 0; id < 50; id++) child.stdin.write(request(id, 100_000));
    // The first bytes of answers that fill every buffer on the way; nothing reads on.
    await once(child.stdout, "readable");
    const more = Array.from({ length: 1000 }, (_, id) => request(id, 100)).join("");
    await new Promise((written) => child.stdin.end(more, () => written(undefined)));
    expect((await ended).code).toBe(3);
  });

  it("ends when its client, on real pipes, is killed", async () => {
    // The shell gives the program pipes, not sockets; the client sends requests for ever and reads nothing.
    const client = `setInterval(() => process.stdout.write(${JSON.stringify(request(1, 50_000))}), 1)`;
    const shell = spawn("sh", [
      "-c",
      `fifo='${join(folder, "answers")}'; mkfifo "$fifo"
       { exec "$1" -e "$3" < "$fifo" & echo "client $!" >&2; wait; } | { "$1" "$2" > "$fifo"; echo "code $?" >&2; }`,
      "sh",
      process.execPath,
      program,
      client,
    ]);
    let said = "";
    shell.stderr.on("data", (piece: Buffer) => {
      said += piece.toString();
    });
    const ended = once(shell, "exit");
    while (!said.includes("ready") || !said.includes("client")) await once(shell.stderr, "data");
    await wait(300);
    expect(said).not.toContain("code");
    process.kill(Number(/client (\d+)/.exec(said)?.[1]), "SIGKILL");
    await ended;
    expect(said).toMatch(/closed \d+\ncode 0\n/);
  });

  it("answers lines that are piped in by a shell", async () => {
    const lines = `${request(1, 3)}nonsense\n[]\n${request(2, 3).trim()}`;
    const { stdout } = await promisify(execFile)("sh", [
      "-c",
      'printf "%s" "$3" | "$1" "$2" | cat',
      "sh",
      process.execPath,
      program,
      lines,
    ]);
    const answers: unknown[] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(answers).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32700 }) }),
        expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32600 }) }),
        expect.objectContaining({ id: 1 }),
      ]),
    );
  });
});
