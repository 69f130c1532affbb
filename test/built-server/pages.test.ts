/** The commands of the pages that lead through something do what these pages say. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serverPath } from "../support/server.ts";

/** Each command of a page, with the lines that the page shows of what it prints. */
async function commandsOf(name: string) {
  const page = await readFile(new URL(`../../docs/${name}`, import.meta.url), "utf8");
  const blocks = [...page.matchAll(/^```(sh|json)\n([\s\S]*?)^```$/gm)].map(([, language, text = ""]) => ({
    language,
    text,
  }));
  return blocks.flatMap(({ language, text }, at) => {
    const next = blocks[at + 1];
    return language === "sh"
      ? [{ command: text.trim(), shown: next?.language === "json" ? next.text.trim() : "" }]
      : [];
  });
}

const pages = await Promise.all(
  ["pipelines.md", "private-networks.md"].map(async (name) => ({ name, commands: await commandsOf(name) })),
);

describe.each(pages)("$name", ({ commands }) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "page-"));
    await symlink(dirname(serverPath), join(folder, "dist"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("has commands, most of which call a tool, and shows what they print", () => {
    expect(commands.filter(({ command }) => command.includes("--sandbox call ")).length).toBeGreaterThanOrEqual(5);
    expect(commands.filter(({ shown }) => shown !== "").length).toBeGreaterThanOrEqual(4);
  });

  it.each(commands)("$command", async ({ command, shown }) => {
    const { PATH = "" } = process.env;
    const { stdout, stderr } = await promisify(execFile)("sh", ["-eu", "-c", command], {
      cwd: folder,
      env: { PATH },
    });
    expect(stderr).toBe("");
    expect(stdout).toContain(shown);
    if (command.includes(" call ")) expect(JSON.parse(stdout)).not.toHaveProperty("error");
  });
});
