/** Chunks in one file: they run when they are used, once, and see each other's values. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type BuildOptions, build } from "esbuild";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeOneFile } from "../../scripts/build/one-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "one-file-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** What the program of these source files prints once it is one file. */
async function run(sources: Record<string, string>): Promise<string> {
  await mkdir(join(folder, "src"));
  for (const [name, text] of Object.entries(sources)) await writeFile(join(folder, "src", name), text);
  const options: BuildOptions = { bundle: true, format: "esm", platform: "node", minify: true };
  const split = await build({
    ...options,
    absWorkingDir: folder,
    entryPoints: ["src/main.js"],
    outdir: "out",
    splitting: true,
    metafile: true,
    write: false,
    external: ["./apart.mjs"],
  });
  const outfile = join(folder, "out", "program.mjs");
  await writeOneFile({ ...split, entryPoint: "src/main.js" }, { ...options, outfile });
  await writeFile(join(folder, "out", "apart.mjs"), 'export const where = "a file apart";');
  expect(await readdir(join(folder, "out"))).toEqual(["apart.mjs", "program.mjs"]);
  return (await promisify(execFile)(process.execPath, [outfile])).stdout;
}

test("a chunk runs when it is first loaded, and only then; other files are left to Node", async () => {
  const printed = await run({
    "main.js": `
      console.log("main");
      const load = async () => {
        const [first, again] = [await import("./late.js"), await import("./late.js")];
        console.log(first.name, first === again, (await import("./apart.mjs")).where);
        if (process.argv.includes("never")) await import("./never.js");
      };
      void load();`,
    "late.js": 'console.log("late runs"); export const name = "late";',
    "never.js": 'console.log("never runs");',
  });
  expect(printed).toBe("main\nlate runs\nlate true a file apart\n");
});

test("chunks share what they have in common, and see its values change", async () => {
  const printed = await run({
    "main.js": `
      import { count, raise } from "./shared.js";
      raise();
      import("./one.js").then(() => import("./two.js")).then(() => console.log(count));`,
    "one.js": 'import { raise } from "./shared.js"; raise();',
    "two.js": 'import { count, raise } from "./shared.js"; raise(); console.log("two sees", count);',
    "shared.js": "export let count = 0; export const raise = () => { count += 1; };",
  });
  expect(printed).toBe("two sees 3\n3\n");
});

test("texts with quotes, escapes and what ends a template come through", async () => {
  const text = "` ${x} \\ ' \" \n \u2028 \u{1f600} </script> */";
  const printed = await run({
    "main.js": 'import("./late.js").then(({ text }) => process.stdout.write(JSON.stringify(text)));',
    "late.js": `export const text = ${JSON.stringify(text)};`,
  });
  expect(JSON.parse(printed)).toBe(text);
});

test("what was strict as a module is strict as a chunk", async () => {
  const printed = await run({
    "main.js": 'import("./late.js");',
    "late.js": `
      const frozen = Object.freeze({ value: 1 });
      try { frozen.value = 2; console.log("written"); } catch (error) { console.log(error.name); }`,
  });
  expect(printed).toBe("TypeError\n");
});

test("a chunk that fails rejects, again and again, and Node's own modules load", async () => {
  const printed = await run({
    "main.js": `
      const load = () => import("./bad.js").catch(({ message }) => console.log(message));
      load().then(load).then(() => import("node:path")).then(({ sep }) => console.log(sep.length));`,
    "bad.js": 'throw new Error("cannot load");',
  });
  expect(printed).toBe("cannot load\ncannot load\n1\n");
});
