/** Builds `dist`: the server, the sandbox, and in `chunks` what they load when they need it, or share. */
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { leaveOut, rules } from "./build/leave-out.ts";
import { pastIndex } from "./build/past-index.ts";
import { bundling } from "./bundling.ts";

const root = new URL("../", import.meta.url).pathname;
const dist = `${root}dist`;
await rm(dist, { recursive: true, force: true });

const { metafile } = await build({
  ...bundling,
  absWorkingDir: root,
  entryPoints: {
    "atlas-streams-mcp": "src/start.ts",
    sandbox: "src/sandbox/start.ts",
    "trial-worker": "src/trial/worker.ts",
  },
  outdir: dist,
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  alias: {
    undici: "./scripts/build/undici.js",
    // Node is given a form of it of which nothing can be left out.
    "mingo/core": "./node_modules/mingo/esm/core/index.js",
    "mingo/operators/expression": "./node_modules/mingo/esm/operators/expression/index.js",
  },
  plugins: [
    pastIndex("@modelcontextprotocol/server", "/src/protocol/era-2026.ts"),
    leaveOut(rules, `${root}node_modules/`),
  ],
  metafile: true,
  logLevel: "warning",
});
await chmod(`${dist}/atlas-streams-mcp.js`, 0o755);
await writeFile(`${dist}/THIRD-PARTY-LICENSES.txt`, await licences(Object.keys(metafile.inputs)));

/** One text of the licences of the packages that these files are of. */
async function licences(files: string[]): Promise<string> {
  const folders = files.flatMap((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  const texts = [...new Set(folders)].sort().map(async (folder) => {
    const file = (await readdir(root + folder)).find((name) => /^licen[cs]e/i.test(name));
    if (file === undefined) throw new Error(`${folder} has no licence file`);
    const { name, version } = JSON.parse(await readFile(`${root}${folder}/package.json`, "utf8"));
    return `${name} ${version}\n\n${(await readFile(`${root}${folder}/${file}`, "utf8")).trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}
