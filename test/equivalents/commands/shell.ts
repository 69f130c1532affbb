/** A shell to run the commands in, and a stand-in for the Atlas CLI. */
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type CreateRequest, equivalentsOf } from "../../../src/equivalents/equivalents.ts";
import { secretsOf } from "../support.ts";

const run = promisify(execFile);

/** Whether a program is there to test with. */
export function has(program: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, program)));
}

/** Runs `script` in a shell that has nothing but `env` and the usual programs, `programs` before them. */
export async function shell(
  script: string,
  env: Record<string, string> = {},
  { programs, shell = "/bin/sh", flags = [] }: { programs?: string; shell?: string; flags?: string[] } = {},
): Promise<string> {
  const path = process.env["PATH"] ?? "";
  // bash takes a socket as its input, which Node gives it, for a remote login and reads the person's own start file.
  const { stdout } = await run(shell, [...(shell === "bash" ? ["--norc"] : []), ...flags, "-c", script], {
    env: { ...env, PATH: programs === undefined ? path : `${programs}:${path}` },
  });
  return stdout;
}

/** A folder for `test` that is gone afterwards. */
export async function inFolder<T>(test: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "equivalents-"));
  try {
    return await test(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the Atlas CLI command with a stand-in for `atlas` that keeps its arguments and the file. */
export const runAtlasCli = (create: CreateRequest) => runCommand(equivalentsOf(create).atlasCli, secretsOf(create));

/** The same for any command that ends with the name of a file. */
export function runCommand(atlasCli: string, env: Record<string, string>) {
  return inFolder(async (folder) => {
    program(
      folder,
      "atlas",
      `printf '%s\\0' "$@" >'${folder}/arguments'
for last; do :; done
cp "$last" '${folder}/body'
printf '%s' "\${MONGODB_ATLAS_OPS_MANAGER_URL-}" >'${folder}/origin'
ls -ld "$(dirname "$last")" | cut -c 1-10 >'${folder}/mode'`,
    );
    await shell(atlasCli, env, { programs: folder });
    const args = read(folder, "arguments").split("\0").slice(0, -1);
    return {
      atlasCli,
      args: args.slice(0, -1),
      file: args.at(-1) ?? "",
      body: JSON.parse(read(folder, "body")),
      origin: read(folder, "origin"),
      mode: read(folder, "mode").trim(),
    };
  });
}

/** Puts a shell script that takes the place of a program into `folder`. */
export function program(folder: string, name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

export const read = (...path: string[]): string => readFileSync(join(...path), "utf8");
