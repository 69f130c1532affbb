/**
 * The index of `@modelcontextprotocol/server` is a module with much code of its own, all of it for HTTP. What a module
 * imports from it is imported from where the index has it from: then stdio, which uses no HTTP, does not load it.
 */
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Plugin } from "esbuild";

/** For the imports of `name` in files whose path ends with `importer`. */
export function pastIndex(name: string, importer: string): Plugin {
  const filter = new RegExp(`^${name}$`);
  return {
    name: "past the index",
    setup({ onResolve, onLoad, onEnd, resolve }) {
      let met = false;
      onResolve({ filter }, async ({ path, importer: from, kind, resolveDir, pluginData }) => {
        if (!from.endsWith(importer) || pluginData === "index") return undefined;
        met = true;
        const index = await resolve(path, { kind, resolveDir, importer: from, pluginData: "index" });
        return { path: index.path, namespace: "past-index", pluginData: from };
      });
      onLoad({ filter: /./, namespace: "past-index" }, async ({ path, pluginData: from }) => {
        const text = await readFile(path, "utf8");
        const wanted = new RegExp(`import {([^}]*)} from "${name}";`).exec(await readFile(from, "utf8"))?.[1] ?? "";
        const names = wanted.split(",").map((each) => each.trim());
        const values = names.filter((each) => !each.startsWith("type "));
        const lines = values.map((value) => {
          const place = new RegExp(`import {[^}]*?(\\w+ as )?\\b${value}\\b[^}]*} from "(\\./[^"]+)"`).exec(text);
          return place && `export { ${place[1] ?? ""}${value} } from "${place[2]}";`;
        });
        const missing = values.filter((_, at) => lines[at] === null);
        if (missing.length > 0) return { errors: [{ text: `The index of ${name} imports no ${missing.join(", ")}` }] };
        return { contents: lines.join("\n"), resolveDir: dirname(path) };
      });
      onEnd(() => ({ errors: met ? [] : [{ text: `${importer} imports nothing from ${name}` }] }));
    },
  };
}
