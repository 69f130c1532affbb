/**
 * Literals in the language of MongoDB's shell, read without evaluating anything: what a script of
 * `sp.createStreamProcessor(…)` says, as far as it is written out or stands in variables that are.
 */
import { isObject, type JsonObject } from "../json.ts";

/** What cannot be read, and where. */
export class Unreadable extends Error {
  override name = "Unreadable";
}

/** The arguments of the first call that creates a processor, or the one value that the text is. @throws {Unreadable} */
export function readShellText(text: string): JsonObject {
  const variables = new Map<string, unknown>();
  for (const { 0: match, 1: name = "", index } of text.matchAll(
    /(?:\b(?:const|let|var)\s+)?([A-Za-z_$][\w$]*)\s*=\s*(?=[[{"'\d])/g,
  ))
    try {
      variables.set(name, new Reader(text, index + match.length, variables).value());
    } catch (error) {
      // It matters only where it is used, and is told there as not defined.
      if (!(error instanceof Unreadable)) throw error;
    }
  const call = /\bsp\.(createStreamProcessor|process)\s*\(/.exec(text);
  if (!call) {
    const reader = new Reader(text, 0, variables);
    const value = reader.value();
    reader.end();
    return isObject(value) && "pipeline" in value ? value : { pipeline: value };
  }
  const given = new Reader(text, call.index + call[0].length, variables).list(")");
  const [name, pipeline, options] = call[1] === "process" ? [undefined, ...given] : given;
  return { ...(name !== undefined && { processorName: name }), pipeline, ...(isObject(options) && { options }) };
}

/** What values of the shell are in Extended JSON. */
const makers: Readonly<Record<string, (text: string) => unknown>> = {
  Date: (text) => ({ $date: text }),
  Decimal128: (text) => ({ $numberDecimal: text }),
  Int32: Number,
  ISODate: (text) => ({ $date: text }),
  Long: (text) => ({ $numberLong: text }),
  NumberDecimal: (text) => ({ $numberDecimal: text }),
  NumberInt: Number,
  NumberLong: (text) => ({ $numberLong: text }),
  ObjectId: (text) => ({ $oid: text }),
};

const words: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

/** More levels than this exhaust the stack, and no pipeline has them. */
const DEEPEST = 64;

class Reader {
  readonly #text: string;
  readonly #variables: ReadonlyMap<string, unknown>;
  #at: number;
  #depth = 0;

  constructor(text: string, at: number, variables: ReadonlyMap<string, unknown>) {
    this.#text = text;
    this.#at = at;
    this.#variables = variables;
  }

  value(): unknown {
    if (this.#depth > DEEPEST) return this.#fail("it is nested too deeply");
    const next = this.#peek();
    if (next === "{" || next === "[") {
      this.#at += 1;
      this.#depth += 1;
      const read = next === "{" ? this.#object() : this.list("]");
      this.#depth -= 1;
      return read;
    }
    if (next === '"' || next === "'" || next === "`") return this.#string(next);
    const number = this.#match(/[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y);
    return number === undefined ? this.#word() : Number(number);
  }

  /** Items up to the bracket that ends them. */
  list(end: string): unknown[] {
    const items: unknown[] = [];
    while (!this.#took(end)) {
      items.push(this.value());
      if (this.#took(end)) break;
      this.#expect(",");
    }
    return items;
  }

  end(): void {
    this.#took(";");
    if (this.#peek() !== "") this.#fail("something follows that is no part of it");
  }

  #object(): JsonObject {
    const entries: [string, unknown][] = [];
    while (!this.#took("}")) {
      const quote = this.#peek();
      const key =
        quote === '"' || quote === "'"
          ? this.#string(quote)
          : (this.#match(/[A-Za-z_$][\w$]*/y) ?? this.#fail("the name of a field was expected"));
      // In Terraform's language it is an equals sign, and a line break is as good as a comma.
      if (!this.#took("=")) this.#expect(":");
      entries.push([key, this.value()]);
      this.#took(",");
    }
    return Object.fromEntries(entries);
  }

  #string(quote: string): string {
    let read = "";
    for (let at = this.#at + 1; at < this.#text.length; at += 1) {
      const character = this.#text[at] ?? "";
      if (character === quote) {
        this.#at = at + 1;
        return read;
      }
      if (quote === "`" && character === "$" && this.#text[at + 1] === "{") return this.#fail("a text is put together");
      if (character !== "\\") read += character;
      else {
        at += 1;
        const escaped = this.#text[at] ?? "";
        const code = escaped === "u" ? this.#text.slice(at + 1, at + 5) : "";
        read += code ? String.fromCharCode(Number.parseInt(code, 16)) : (ESCAPES[escaped] ?? escaped);
        at += code.length;
      }
    }
    return this.#fail("a text has no end");
  }

  /** A constant, a variable, or one of the shell's own kinds of values. */
  #word(): unknown {
    this.#match(/new\s+/y);
    const name = this.#match(/[A-Za-z_$][\w$]*/y);
    if (name === undefined) return this.#fail("a value was expected");
    if (words.has(name)) return words.get(name);
    if (name === "jsonencode" && this.#took("(")) return this.list(")")[0];
    const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
    if (make && this.#took("(")) {
      const [argument] = this.list(")");
      return make(String(argument));
    }
    if (this.#variables.has(name) && !/^\s*[.([]/.test(this.#text.slice(this.#at, this.#at + 20)))
      return this.#variables.get(name);
    return this.#fail(`${name} is nothing that is written out in it`);
  }

  /** The next character that is neither space nor in a comment. */
  #peek(): string {
    this.#match(/(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y);
    return this.#text[this.#at] ?? "";
  }

  #took(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#took(character)) this.#fail(`${character} was expected`);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #fail(what: string): never {
    const before = this.#text.slice(0, this.#at).split("\n");
    throw new Unreadable(`line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${what}`);
  }
}
