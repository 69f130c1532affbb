/**
 * What the SDKs and zod bring that this server never uses. Each rule is for one file of one release: the build fails
 * where another release is installed, where the file is not bundled any more, and where a rule changes nothing in it.
 */
import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

type Rule = (text: string) => string;

export interface Rules {
  /** Packages, and the releases for which the rules were written. */
  releases: Record<string, string>;
  /** Files, named from `node_modules`, and what becomes of their text. */
  files: Record<string, Rule>;
}

const standIn = (text: string) => () => text;
const without = (part: RegExp, replacement: string) => (text: string) => text.replace(part, replacement);

/**
 * A schema to which nobody refers is left out. The bundler would keep it, since a call might have an effect; those of
 * zod have none. A statement at the outermost level ends where the next line is not indented and closes no bracket.
 */
const unusedSchemas = without(
  /^((?:export )?const \w+ = )((?:z|\w+Schema)\b[\s\S]*?);$(?=\n(?:[\w/]|$))/gm,
  "$1/* @__PURE__ */ (() => $2)();",
);

/** What a module exports is there, and does nothing. */
const nothing = (text: string) =>
  Array.from(
    text.matchAll(/^export (?:const|function) (\w+)/gm),
    ([, name]) => `export const ${name} = () => {};\n`,
  ).join("");

export const rules: Rules = {
  releases: {
    "@modelcontextprotocol/core": "2.4.0",
    "@modelcontextprotocol/node": "2.1.2",
    "@modelcontextprotocol/sdk": "1.32.2",
    "@modelcontextprotocol/server": "2.4.0",
    zod: "4.6.7",
  },
  files: {
    // ajv. The server gives both SDKs a validator of its own.
    "@modelcontextprotocol/sdk/dist/esm/validation/ajv-provider.js": standIn("export class AjvJsonSchemaValidator {}"),
    "@modelcontextprotocol/server/dist/shimsNode.mjs": standIn(
      'export class DefaultJsonSchemaValidator {}; export { default as process } from "node:process";',
    ),
    // The schemas of messages that this server never reads. Those of the 2026 era go into a table, which is exported.
    "@modelcontextprotocol/sdk/dist/esm/types.js": unusedSchemas,
    "@modelcontextprotocol/core/dist/schemas-DscsoNZN.mjs": unusedSchemas,
    "@modelcontextprotocol/core/dist/auth-UMQCo-ad.mjs": unusedSchemas,
    "@modelcontextprotocol/server/dist/src-DdvbAHrR.mjs": without(/^for \(const .*\) register\(.*\);$/gm, ""),
    // What the transport with sessions is made with, which this server has none of.
    "@modelcontextprotocol/node/dist/index.mjs": without(
      /^import { (getRequestListener) } .*$/m,
      "const $1 = () => {};",
    ),
    // zod 3 and its converter to JSON Schema, which the SDK of the 2025 era loads for whoever gives it such schemas.
    "@modelcontextprotocol/sdk/dist/esm/server/zod-compat.js": without(/^import \* as (z3rt) .*$/m, "const $1 = {};"),
    "@modelcontextprotocol/sdk/dist/esm/server/zod-json-schema-compat.js": without(
      /^import { (zodToJsonSchema) } .*$/m,
      "const $1 = () => {};",
    ),
    // The conversion to JSON Schema that zod 4 makes each schema ready for.
    "zod/v4/core/to-json-schema.js": nothing,
    "zod/v4/core/json-schema-processors.js": nothing,
  },
};

/** Leaves out what `rules` say of the packages in the folder `modules`, which ends with a slash. */
export function leaveOut({ releases, files }: Rules, modules: string): Plugin {
  return {
    name: "leave out",
    setup({ onStart, onLoad, onEnd }) {
      const unmet = new Set(Object.keys(files));
      onStart(async () => {
        const installed = Object.entries(releases).map(async ([name, release]) => {
          const { version } = JSON.parse(await readFile(`${modules}${name}/package.json`, "utf8"));
          return version === release
            ? []
            : [{ text: `${name} is ${version}: read again what is left out of ${release}` }];
        });
        return { errors: (await Promise.all(installed)).flat() };
      });
      onLoad({ filter: /\/node_modules\// }, async ({ path }) => {
        const file = path.slice(modules.length);
        const rule = path.startsWith(modules) ? files[file] : undefined;
        if (!rule) return undefined;
        unmet.delete(file);
        const text = await readFile(path, "utf8");
        const contents = rule(text);
        return contents === text ? { errors: [{ text: `Nothing is left out of ${file}` }] } : { contents };
      });
      onEnd(() => ({ errors: [...unmet].map((file) => ({ text: `${file} is not bundled` })) }));
    },
  };
}
