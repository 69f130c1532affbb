/**
 * Makes the MCPB bundle from the built server, with the official tool, which validates its manifest:
 * `npm run bundle:mcpb`.
 */
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundledFiles, mcpbManifest } from "./mcpb-manifest.ts";

/** Not a development dependency: it brings a hundred packages, and only a release needs it. */
const tool = "@anthropic-ai/mcpb@2.1.2";
const root = new URL("../", import.meta.url).pathname;
const manifest = mcpbManifest();
const bundle = join(root, `${manifest.name}.mcpb`);

const mcpb = (...args: string[]) => execFileSync("npx", ["--yes", tool, ...args], { stdio: "inherit" });

const folder = await mkdtemp(join(tmpdir(), "mcpb-"));
try {
  for (const file of bundledFiles) await cp(join(root, file), join(folder, file), { recursive: true });
  await writeFile(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  mcpb("validate", join(folder, "manifest.json"));
  mcpb("pack", folder, bundle);
} finally {
  await rm(folder, { recursive: true, force: true });
}
