import type { Plugin } from "esbuild";

/**
 * Node's own modules are loaded by the part that needs them: an import in an ESM bundle is loaded at the start,
 * whichever part of the bundle it is for, and a `require` is not.
 */
export const nodeWhenNeeded: Plugin = {
  name: "Node's own modules when needed",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, namespace, kind }) =>
      namespace === "node" || kind === "dynamic-import" ? { path, external: true } : { path, namespace: "node" },
    );
    onLoad({ filter: /.*/, namespace: "node" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
    }));
  },
};
