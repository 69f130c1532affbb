/** What the packages bring that this server never uses, and how the bundler is told so. */
import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/**
 * Node's own modules are loaded by the part that needs them: an import in an ESM bundle is loaded at the start,
 * whichever part of the bundle it is for, and a `require` is not.
 */
const nodeWhenNeeded: Plugin = {
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

/** The server gives either SDK a validator of its own, but they import ajv all the same. */
const noValidator: Plugin = {
  name: "no validator of JSON Schema",
  setup({ onLoad }) {
    onLoad({ filter: /sdk\/dist\/esm\/validation\/ajv-provider\.js$/ }, () => ({
      contents: "export class AjvJsonSchemaValidator {}",
    }));
    onLoad({ filter: /modelcontextprotocol\/server\/dist\/shimsNode\.mjs$/ }, () => ({
      contents: 'export class DefaultJsonSchemaValidator {}; export { default as process } from "node:process";',
    }));
  },
};

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

/**
 * A schema that nobody refers to is left out. The bundler would keep it, since a call might have an effect; those of
 * zod have none but the time that they take, and each SDK has well over a hundred.
 */
const noUnusedSchemas: Plugin = {
  name: "no unused schemas",
  setup({ onLoad }) {
    const edit = (filter: RegExp, find: RegExp, replacement: string) =>
      onLoad({ filter }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        if (text.search(find) < 0) throw new Error(`${path} is not as it was: nothing in it matches ${find}`);
        return { contents: text.replace(find, replacement) };
      });
    edit(
      /@modelcontextprotocol\/(sdk\/dist\/esm\/types\.js|core\/dist\/(schemas|auth)-[\w-]+\.mjs)$/,
      // A statement at the outermost level ends where the next line is not indented and closes no bracket.
      /^((?:export )?const \w+ = )((?:z|\w+Schema)\b[\s\S]*?);$(?=\n(?:[\w/]|$))/gm,
      "$1/* @__PURE__ */ (() => $2)();",
    );
    // A table of all of them, which it exports.
    edit(/@modelcontextprotocol\/server\/dist\/src-[\w-]+\.mjs$/, /^for \(const .*\) register\(.*\);$/gm, "");
  },
};

/** No schema of zod 4 is turned into JSON Schema here, but each would be made ready for it. */
const noJsonSchemaOfZod4: Plugin = {
  name: "no JSON Schema of zod 4",
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/core\/(to-json-schema|json-schema-processors)\.js$/ }, async ({ path }) => {
      const exported = (await readFile(path, "utf8")).matchAll(/^export (?:const|class|function) (\w+)/gm);
      return { contents: [...exported].map(([, name]) => `export const ${name} = () => {};`).join("\n") };
    });
  },
};

/** The index of undici loads everything it has, of which fetch, mocks, caches and WebSockets are the larger part. */
const partOfUndici: Plugin = {
  name: "the part of undici that is used",
  setup({ onLoad }) {
    onLoad({ filter: /node_modules\/undici\/index\.js$/ }, () => ({
      contents: `
        import { connect } from "./lib/api/api-connect.js";
        import Dispatcher from "./lib/dispatcher/dispatcher.js";
        Dispatcher.prototype.connect = connect;
        export { default as Agent } from "./lib/dispatcher/agent.js";
        export { default as EnvHttpProxyAgent } from "./lib/dispatcher/env-http-proxy-agent.js";`,
    }));
    // Bodies here are strings, over HTTP/1.1: what turns forms and streams into bodies is never reached.
    onLoad({ filter: /undici\/lib\/(web\/fetch\/body|dispatcher\/client-h2)\.js$/ }, () => ({ contents: "" }));
    // Its parser comes in two builds, of which undici tries the one for newer processors first. The other runs on all.
    onLoad({ filter: /undici\/lib\/llhttp\/llhttp_simd-wasm\.js$/ }, () => ({ contents: "" }));
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

export const leaveOut = [
  nodeWhenNeeded,
  noValidator,
  noOtherSchemas,
  noUnusedSchemas,
  noJsonSchemaOfZod4,
  partOfUndici,
  sandboxApart,
];
