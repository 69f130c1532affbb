#!/usr/bin/env node
/**
 * The code of the built file itself. The rest of that file is `parts`: the chunks of the program, each the text of a
 * CommonJS module, which is compiled when it is first asked for. To find the end of a function V8 has to parse it, used
 * or not, and that took longer than anything else at the start; a text it only skips.
 */
import { createRequire } from "node:module";
import { compileFunction } from "node:vm";

declare const parts: Readonly<Record<string, string>>;
declare const entry: string;

type Exports = Record<string, unknown>;

const requireOfNode = createRequire(import.meta.url);
const loaded = new Map<string, { exports: Exports }>();

function require(name: string): Exports {
  const text = parts[name];
  if (text === undefined) return requireOfNode(name);
  let module = loaded.get(name);
  if (module === undefined) {
    module = { exports: {} };
    // Before it runs, since two parts may need each other.
    loaded.set(name, module);
    try {
      compileFunction(text, ["require", "load", "module"], { filename: name })(require, load, module);
    } catch (error) {
      loaded.delete(name);
      throw error;
    }
  }
  return module.exports;
}

/** What `import()` is in a part. */
async function load(name: string): Promise<Exports> {
  return name in parts ? require(name) : import(name);
}

require(entry);
