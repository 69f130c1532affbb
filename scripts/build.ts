/** Bundles the server: one file, and the sandbox as a second one that is loaded only with `--sandbox`. */
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { bundling } from "./bundling.ts";

const root = new URL("../", import.meta.url).pathname;
await rm(`${root}dist`, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { "atlas-streams-mcp": "src/main.ts", sandbox: "src/sandbox/start.ts" },
  outdir: "dist",
  ...bundling,
  metafile: true,
  logLevel: "warning",
  plugins: [
    {
      name: "Node's own modules are loaded by who needs them",
      // An import in an ESM bundle is loaded at the start, whichever part of the bundle it is for; a `require` is not.
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^node:/ }, ({ path, namespace }) =>
          namespace === "node" ? { path, external: true } : { path, namespace: "node" },
        );
        onLoad({ filter: /.*/, namespace: "node" }, ({ path }) => ({
          contents: `module.exports = require(${JSON.stringify(path)})`,
        }));
      },
    },
    {
      name: "no validator of JSON Schema",
      // The server gives either SDK a validator of its own, but they import ajv all the same.
      setup({ onLoad }) {
        onLoad({ filter: /sdk\/dist\/esm\/validation\/ajv-provider\.js$/ }, () => ({
          contents: "export class AjvJsonSchemaValidator {}",
        }));
        onLoad({ filter: /modelcontextprotocol\/server\/dist\/shimsNode\.mjs$/ }, () => ({
          contents: 'export class DefaultJsonSchemaValidator {}; export { default as process } from "node:process";',
        }));
      },
    },
    {
      name: "the part of undici that is used",
      // Its index loads everything it has, of which fetch, mocks, caches and WebSockets are the larger part.
      setup({ onLoad }) {
        onLoad({ filter: /node_modules\/undici\/index\.js$/ }, () => ({
          contents: `
            const { request, connect } = require("./lib/api");
            Object.assign(require("./lib/dispatcher/dispatcher").prototype, { request, connect });
            exports.Agent = require("./lib/dispatcher/agent");
            exports.EnvHttpProxyAgent = require("./lib/dispatcher/env-http-proxy-agent");`,
        }));
        // Bodies here are strings, over HTTP/1.1: what turns forms and streams into bodies is never reached.
        onLoad({ filter: /undici\/lib\/(web\/fetch\/body|dispatcher\/client-h2)\.js$/ }, () => ({ contents: "" }));
      },
    },
    {
      name: "sandbox is its own file",
      setup({ onResolve }) {
        onResolve({ filter: /sandbox\/start\.ts$/ }, ({ kind }) =>
          kind === "dynamic-import" ? { path: "./sandbox.js", external: true } : undefined,
        );
      },
    },
  ],
});
await chmod(`${root}dist/atlas-streams-mcp.js`, 0o755);
await writeFile(`${root}dist/THIRD-PARTY-LICENSES.txt`, await licences(Object.keys(metafile.inputs)));

/** The licences of the packages whose files are in the bundle. */
async function licences(inputs: string[]): Promise<string> {
  const folders = inputs.flatMap((input) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  const texts = [...new Set(folders)].sort().map(async (folder) => {
    const file = (await readdir(root + folder)).find((name) => /^licen[cs]e/i.test(name));
    if (file === undefined) throw new Error(`${folder} has no licence file`);
    const { name, version } = JSON.parse(await readFile(`${root}${folder}/package.json`, "utf8"));
    return `${name} ${version}\n\n${(await readFile(`${root}${folder}/${file}`, "utf8")).trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}
