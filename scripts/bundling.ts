/** How programs are bundled: the server, and what its bench compares it with, which would prove little otherwise. */
import type { BuildOptions } from "esbuild";

export const bundling = {
  bundle: true,
  platform: "node",
  target: "node20.18",
  format: "esm",
  minify: true,
  legalComments: "none",
  banner: {
    // Bundled CommonJS packages call `require` for Node's own modules. With `createRequire` a start takes 3 ms longer.
    js: "const require=process.getBuiltinModule;",
  },
} as const satisfies BuildOptions;
