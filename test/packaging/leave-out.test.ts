/** The rules of what is left out of packages: they fit one release, or the build fails. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leaveOut, type Rules } from "../../scripts/build/leave-out.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "leave-out-test-"));
  await mkdir(join(folder, "node_modules/numbers"), { recursive: true });
  await writeFile(join(folder, "node_modules/numbers/package.json"), '{ "version": "1.2.3" }');
  await writeFile(join(folder, "node_modules/numbers/index.js"), "export const one = 1;\nexport const two = 2;\n");
  await writeFile(join(folder, "main.js"), 'import * as numbers from "numbers"; console.log(numbers);');
});
afterEach(() => rm(folder, { recursive: true }));

const release = { numbers: "1.2.3" };
const noOne: Rules["files"] = { "numbers/index.js": (text) => text.replace(/^.* one .*$/m, "") };

/** The program by these rules, or why there is none. */
async function built(rules: Rules): Promise<string> {
  try {
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: ["main.js"],
      bundle: true,
      write: false,
      logLevel: "silent",
      plugins: [leaveOut(rules, `${folder}/node_modules/`)],
    });
    return outputFiles.map(({ text }) => text).join("");
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}

test("a rule leaves its part out, and nothing else", async () => {
  const program = await built({ releases: release, files: noOne });
  expect(program).toContain("two = 2");
  expect(program).not.toContain("one = 1");
});

test("another release than the rules were written for fails the build", async () => {
  expect(await built({ releases: { numbers: "1.2.2" }, files: noOne })).toContain(
    "numbers is 1.2.3: read again what is left out of 1.2.2",
  );
});

test("a rule that changes nothing fails the build", async () => {
  const files = { "numbers/index.js": (text: string) => text.replace("three", "") };
  expect(await built({ releases: release, files })).toContain("Nothing is left out of numbers/index.js");
});

test("a rule whose file is not bundled fails the build", async () => {
  const files = { ...noOne, "numbers/more.js": () => "" };
  expect(await built({ releases: release, files })).toContain("numbers/more.js is not bundled");
});
