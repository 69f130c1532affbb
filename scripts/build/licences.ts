/** The licences of what is in the bundle. */
import { readdir, readFile } from "node:fs/promises";

/** One text of the licences of the packages that these files are of; the files are named from `root`. */
export async function licences(root: string, files: string[]): Promise<string> {
  const folders = files.flatMap((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  const texts = [...new Set(folders)].sort().map(async (folder) => {
    const file = (await readdir(root + folder)).find((name) => /^licen[cs]e/i.test(name));
    if (file === undefined) throw new Error(`${folder} has no licence file`);
    const { name, version } = JSON.parse(await readFile(`${root}${folder}/package.json`, "utf8"));
    return `${name} ${version}\n\n${(await readFile(`${root}${folder}/${file}`, "utf8")).trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}
