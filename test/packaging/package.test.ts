/** What npm would publish. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };

const root = new URL("../../", import.meta.url).pathname;

test("the package holds the built server, its licences and its papers, and is small", async () => {
  // Without scripts: `prepack` would build once more, under the feet of other tests.
  const { stdout } = await promisify(execFile)("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
  });
  const [{ files, unpackedSize }] = JSON.parse(stdout);
  const paths: string[] = files.map(({ path }: { path: string }) => path);
  const own = paths.filter((path) => path.startsWith("dist/"));
  expect(own).toEqual(
    expect.arrayContaining([
      ...["dist/THIRD-PARTY-LICENSES.txt", "dist/atlas-streams-mcp.js", "dist/sandbox.js", "dist/trial-worker.js"],
    ]),
  );
  expect(files.filter(({ mode }: { mode: number }) => mode & 0o100).map(({ path }: { path: string }) => path)).toEqual([
    manifest.bin["atlas-streams-mcp"],
  ]);
  for (const path of own) expect(path).toMatch(/^dist\/(chunks\/)?[\w-]+\.js$|^dist\/THIRD-PARTY-LICENSES\.txt$/);
  expect(paths.filter((path) => !path.startsWith("dist/")).sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "package.json",
  ]);
  expect(unpackedSize).toBeLessThan(2_000_000);
});

test("the package needs no other", async () => {
  expect(Object.keys(manifest).filter((field) => /dependencies$/i.test(field))).toEqual(["devDependencies"]);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["dist/atlas-streams-mcp.js", "dist/sandbox.js", "dist/trial-worker.js"],
    outdir: "unwritten",
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    metafile: true,
    write: false,
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const packages = imports.filter(({ external }) => external).map(({ path }) => path);
  expect(packages.length).toBeGreaterThan(0);
  expect(packages.filter((name) => !name.startsWith("node:"))).toEqual([]);
});

test("of other packages the bundle holds these, and neither ajv nor what else the SDKs import and nobody uses", async () => {
  const licences = await readFile(`${root}dist/THIRD-PARTY-LICENSES.txt`, "utf8");
  const packages = [...licences.matchAll(/^([@\w/-]+) \d+\.\d+\.\d+$/gm)].map(([, name]) => name);
  expect(packages).toEqual([
    "@modelcontextprotocol/core",
    "@modelcontextprotocol/node",
    "@modelcontextprotocol/sdk",
    "@modelcontextprotocol/server",
    "jose",
    "leven",
    "mingo",
    "smol-toml",
    "undici",
    "zod",
    "zod-to-json-schema",
  ]);
});
