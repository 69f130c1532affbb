/** Puts a program that was split into chunks into one file, whose chunks still wait until they are used. */
import { basename } from "node:path";
import { type BuildOptions, build, type Metafile, type OutputFile, type TransformOptions, transform } from "esbuild";

interface Split {
  /** The chunks, as `build` makes them with `splitting` and without writing them. */
  outputFiles: OutputFile[];
  metafile: Metafile;
  /** The source file that runs first. */
  entryPoint: string;
}

/** Writes the program to `outfile`. */
export async function writeOneFile({ outputFiles, metafile, entryPoint }: Split, options: BuildOptions): Promise<void> {
  const facts = new Map(Object.entries(metafile.outputs).map(([path, output]) => [nameOf(path), output]));
  const parts: Record<string, string> = {};
  for (const { path, text } of outputFiles) {
    const name = nameOf(path);
    const loads = facts.get(name)?.imports.filter(({ kind }) => kind === "dynamic-import") ?? [];
    const loaded = new Set(loads.map(({ path, external }) => (external ? path : nameOf(path))));
    const { code } = await transform(text, { ...transforming(options), format: "cjs" });
    // What was a module is strict; a text that is compiled has to say so.
    parts[name] = `"use strict";${withLoad(code.trim(), loaded)}`;
  }
  const entry = [...facts].find(([, output]) => output.entryPoint === entryPoint)?.[0];
  if (entry === undefined) throw new Error(`None of the chunks is ${entryPoint}`);
  await build({
    ...options,
    entryPoints: [new URL("loader.ts", import.meta.url).pathname],
    define: { parts: JSON.stringify(parts), entry: JSON.stringify(entry) },
  });
}

/** As chunks name each other. */
const nameOf = (path: string) => `./${basename(path)}`;

const transforming = ({ platform, target, minify }: BuildOptions): TransformOptions => ({
  ...(platform && { platform }),
  ...(target && { target }),
  ...(minify !== undefined && { minify }),
});

/** `import()` does not work in code that was compiled from a text. */
function withLoad(code: string, names: ReadonlySet<string>): string {
  let changed = code;
  for (const name of names) {
    const call = `import(${JSON.stringify(name)})`;
    if (!changed.includes(call)) throw new Error(`A chunk was to have ${call}`);
    changed = changed.replaceAll(call, `load(${JSON.stringify(name)})`);
  }
  return changed;
}
