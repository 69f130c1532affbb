/** Builds the server: one file, and the sandbox as a second one that is loaded only with `--sandbox`. */
import { chmod, rm, writeFile } from "node:fs/promises";
import { type BuildOptions, build } from "esbuild";
import { leaveOut } from "./build/leave-out.ts";
import { licences } from "./build/licences.ts";
import { nodeWhenNeeded } from "./build/node-when-needed.ts";
import { writeOneFile } from "./build/one-file.ts";
import { bundling } from "./bundling.ts";

const root = new URL("../", import.meta.url).pathname;
await rm(`${root}dist`, { recursive: true, force: true });

const options = {
  ...bundling,
  absWorkingDir: root,
  outdir: "dist",
  metafile: true,
  logLevel: "warning",
  plugins: [nodeWhenNeeded],
} as const satisfies BuildOptions;

const entryPoint = "src/main.ts";
const server = await build({
  ...options,
  entryPoints: [entryPoint],
  splitting: true,
  write: false,
  // The file brings `require` itself.
  banner: {},
  plugins: [nodeWhenNeeded, ...leaveOut],
});
const sandbox = await build({ ...options, entryPoints: { sandbox: "src/sandbox/start.ts" } });

const file = `${root}dist/atlas-streams-mcp.js`;
await writeOneFile({ ...server, entryPoint }, { ...bundling, outfile: file, banner: {} });
await chmod(file, 0o755);

const bundled = [server.metafile, sandbox.metafile].flatMap(({ inputs }) => Object.keys(inputs));
await writeFile(`${root}dist/THIRD-PARTY-LICENSES.txt`, await licences(root, bundled));
