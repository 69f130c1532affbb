/** What the packages bring that this server never uses, and what stands in the bundle for it. */
import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

interface StandIn {
  /** The files that it is for; a rule that is for none any more fails the build. */
  files: RegExp;
  /** What the file holds instead. */
  contents: (path: string) => string | Promise<string>;
}

const nothing = () => "";

async function edited(path: string, find: RegExp, replacement: string): Promise<string> {
  const text = await readFile(path, "utf8");
  if (text.search(find) < 0) throw new Error(`${path} is not as it was: nothing in it matches ${find}`);
  return text.replace(find, replacement);
}

/** The server gives either SDK a validator of JSON Schema of its own, but they import ajv all the same. */
const noValidator: StandIn[] = [
  {
    files: /sdk\/dist\/esm\/validation\/ajv-provider\.js$/,
    contents: () => "export class AjvJsonSchemaValidator {}",
  },
  {
    files: /modelcontextprotocol\/server\/dist\/shimsNode\.mjs$/,
    contents: () => 'export class DefaultJsonSchemaValidator {}; export { default as process } from "node:process";',
  },
];

/**
 * A schema that nobody refers to is left out. The bundler would keep it, since a call might have an effect; those of
 * zod have none but the time that they take, and each SDK has well over a hundred.
 */
const noUnusedSchemas: StandIn[] = [
  ...[
    /@modelcontextprotocol\/sdk\/dist\/esm\/types\.js$/,
    /@modelcontextprotocol\/core\/dist\/schemas-[\w-]+\.mjs$/,
    /@modelcontextprotocol\/core\/dist\/auth-[\w-]+\.mjs$/,
  ].map((files) => ({
    files,
    contents: (path: string) =>
      // A statement at the outermost level ends where the next line is not indented and closes no bracket.
      edited(
        path,
        /^((?:export )?const \w+ = )((?:z|\w+Schema)\b[\s\S]*?);$(?=\n(?:[\w/]|$))/gm,
        "$1/* @__PURE__ */ (() => $2)();",
      ),
  })),
  {
    // Its schemas go into a table, which it exports.
    files: /@modelcontextprotocol\/server\/dist\/src-[\w-]+\.mjs$/,
    contents: (path) => edited(path, /^for \(const .*\) register\(.*\);$/gm, ""),
  },
];

/** No schema of zod 4 is turned into JSON Schema here, but each would be made ready for it. */
const noJsonSchemaOfZod4: StandIn[] = [
  /zod\/v4\/core\/to-json-schema\.js$/,
  /zod\/v4\/core\/json-schema-processors\.js$/,
].map((files) => ({
  files,
  contents: async (path) => {
    const exported = (await readFile(path, "utf8")).matchAll(/^export (?:const|class|function) (\w+)/gm);
    return [...exported].map(([, name]) => `export const ${name} = () => {};`).join("\n");
  },
}));

/** The index of undici loads everything it has, of which fetch, mocks, caches and WebSockets are the larger part. */
const partOfUndici: StandIn[] = [
  {
    files: /node_modules\/undici\/index\.js$/,
    contents: () => `
      import connect from "./lib/api/api-connect.js";
      import Dispatcher from "./lib/dispatcher/dispatcher.js";
      Dispatcher.prototype.connect = connect;
      export { default as Agent } from "./lib/dispatcher/agent.js";
      export { default as EnvHttpProxyAgent } from "./lib/dispatcher/env-http-proxy-agent.js";
      export { default as Pool } from "./lib/dispatcher/pool.js";`,
  },
  // Bodies here are strings, over HTTP/1.1: what turns forms and streams into bodies is never reached.
  { files: /undici\/lib\/web\/fetch\/body\.js$/, contents: nothing },
  { files: /undici\/lib\/dispatcher\/client-h2\.js$/, contents: nothing },
  // Its parser comes in two builds, of which undici tries the one for newer processors first. The other runs on all.
  { files: /undici\/lib\/llhttp\/llhttp_simd-wasm\.js$/, contents: nothing },
];

/** The SDK of the 2025 era also takes schemas of zod 3, and so loads it and a converter; it is given none. */
const noOtherSchemas: Plugin = {
  name: "no schemas of zod 3 for the SDK",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^zod(\/v3|-to-json-schema)$/ }, ({ path, importer }) =>
      /modelcontextprotocol\/sdk\//.test(importer) ? { path, namespace: "unused" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "export const object = 0, zodToJsonSchema = 0" }));
  },
};

const standIns: Plugin = {
  name: "stand-ins for what is not used",
  setup({ onLoad, onEnd }) {
    const unmet = new Set([...noValidator, ...noUnusedSchemas, ...noJsonSchemaOfZod4, ...partOfUndici]);
    for (const standIn of [...unmet])
      onLoad({ filter: standIn.files }, async ({ path }) => {
        unmet.delete(standIn);
        return { contents: await standIn.contents(path) };
      });
    onEnd(() => ({ errors: [...unmet].map(({ files }) => ({ text: `No file that is bundled matches ${files}` })) }));
  },
};

/** The sandbox is a file of its own. */
const sandboxApart: Plugin = {
  name: "sandbox apart",
  setup({ onResolve }) {
    onResolve({ filter: /sandbox\/start\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./sandbox.js", external: true } : undefined,
    );
  },
};

export const leaveOut = [standIns, noOtherSchemas, sandboxApart];
