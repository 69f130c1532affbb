/** What people download and get on their disk. */
import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = new URL("../../", import.meta.url).pathname;

export interface PackageSize {
  /** Bytes to download. */
  tarball: number;
  unpacked: number;
  /** Bytes of the files in `node_modules` after an install. */
  installed: number;
  /** Packages in there. */
  packages: number;
}

export async function measurePackage(folder: string): Promise<PackageSize> {
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [{ filename, size, unpackedSize }] = JSON.parse((await run("npm", pack, { cwd: root })).stdout);
  const user = join(folder, "user");
  await run("npm", ["install", "--prefix", user, "--no-fund", "--no-audit", join(folder, filename)]);
  const modules = join(user, "node_modules");
  const entries = await readdir(modules, { recursive: true });
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const facts = await stat(join(modules, entry));
      return facts.isFile() && !entry.startsWith(".") ? facts.size : 0;
    }),
  );
  const manifests = entries.filter((entry) =>
    /^(.+\/node_modules\/)?(@[^/]+\/)?[^/.@][^/]*\/package\.json$/.test(entry),
  );
  return {
    tarball: size,
    unpacked: unpackedSize,
    installed: sizes.reduce((total, bytes) => total + bytes, 0),
    packages: manifests.length,
  };
}
