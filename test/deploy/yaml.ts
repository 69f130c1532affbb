/**
 * As much of YAML as manifests need: maps and lists by indentation, flow style, plain and quoted scalars, literal blocks,
 * comments, several documents. Throws at anything else.
 */
import { isObject, type JsonObject } from "../../src/json.ts";

interface Line {
  /** Number in the file, from 1. */
  at: number;
  indent: number;
  text: string;
}

export function readYaml(text: string): JsonObject[] {
  const documents = text.split(/^---$/m);
  let before = 0;
  return documents.map((document) => {
    const raw = document.split("\n");
    const value = new Reader(raw, before).document();
    before += raw.length - 1;
    if (!isObject(value)) throw new Error("A document that is no map");
    return value;
  });
}

class Reader {
  readonly #raw: readonly string[];
  readonly #before: number;
  #next = 0;

  constructor(raw: readonly string[], before: number) {
    this.#raw = raw;
    this.#before = before;
  }

  document(): unknown {
    const first = this.#peek();
    const value = first && this.#block(first.indent);
    const left = this.#peek();
    if (left) throw this.#fault(left);
    return value;
  }

  /** The next line that is neither empty nor a comment. */
  #peek(): Line | undefined {
    for (; this.#next < this.#raw.length; this.#next++) {
      const raw = this.#raw[this.#next] ?? "";
      const text = raw.trim();
      if (text === "" || text.startsWith("#")) continue;
      const line = { at: this.#before + this.#next + 1, indent: raw.search(/\S/), text };
      if (raw.includes("\t") || /\s#/.test(text)) throw this.#fault(line);
      return line;
    }
    return undefined;
  }

  #block(indent: number): unknown {
    return this.#peek()?.text.startsWith("- ") ? this.#list(indent) : this.#map(indent);
  }

  #map(indent: number): JsonObject {
    const map: JsonObject = {};
    for (let line = this.#peek(); line && line.indent >= indent; line = this.#peek()) {
      const [, key, value = ""] = /^([\w./-]+):(?: (.+))?$/.exec(line.text) ?? [];
      if (line.indent > indent || key === undefined || Object.hasOwn(map, key)) throw this.#fault(line);
      this.#next++;
      map[key] = this.#value(value, line);
    }
    return map;
  }

  #list(indent: number): unknown[] {
    const list: unknown[] = [];
    for (let line = this.#peek(); line && line.indent >= indent; line = this.#peek()) {
      const item = /^- (.+)$/.exec(line.text)?.[1];
      if (line.indent > indent || item === undefined) throw this.#fault(line);
      if (/^[\w./-]+:( |$)/.test(item)) {
        // A map whose first line stands beside the dash.
        const inside = indent + 2;
        const lines = [...this.#raw];
        lines[this.#next] = `${" ".repeat(inside)}${item}`;
        const reader = new Reader(lines, this.#before);
        reader.#next = this.#next;
        list.push(reader.#map(inside));
        this.#next = reader.#next;
      } else {
        this.#next++;
        list.push(this.#value(item, line));
      }
    }
    return list;
  }

  #value(text: string, line: Line): unknown {
    if (text === "|") return this.#literal(line.indent);
    if (text !== "") return flow(text, () => this.#fault(line));
    const next = this.#peek();
    if (!next || next.indent <= line.indent) throw this.#fault(line);
    return this.#block(next.indent);
  }

  #literal(outer: number): string {
    const lines: string[] = [];
    for (; this.#next < this.#raw.length; this.#next++) {
      const raw = this.#raw[this.#next] ?? "";
      if (raw.trim() !== "" && raw.search(/\S/) <= outer) break;
      lines.push(raw);
    }
    const indent = lines[0]?.search(/\S/) ?? 0;
    return `${lines
      .map((line) => line.slice(indent))
      .join("\n")
      .trimEnd()}\n`;
  }

  #fault({ at, text }: Line): Error {
    return new Error(`Line ${at} is no such YAML: ${text}`);
  }
}

/** A value on one line: a scalar, `{ a: b }` or `[a, b]`. */
function flow(text: string, fault: () => Error): unknown {
  const inside = /^\{ (.*) \}$/.exec(text)?.[1];
  if (inside !== undefined)
    return Object.fromEntries(
      entries(inside).map((entry) => {
        const [, key, value] = /^([\w./-]+): (.+)$/.exec(entry) ?? [];
        if (key === undefined || value === undefined) throw fault();
        return [key, flow(value, fault)];
      }),
    );
  const items = /^\[(.*)\]$/.exec(text)?.[1];
  if (items !== undefined) return entries(items).map((item) => flow(item, fault));
  if (text.startsWith('"')) return JSON.parse(text);
  if (/^[{}[\]&*!|>'%@`,?]|: |^-?$/.test(text)) throw fault();
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  if (/^-?(0|[1-9]\d*)$/.test(text)) return Number(text);
  return { true: true, false: false }[text] ?? text;
}

/** What commas separate, outside brackets. */
function entries(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let entry = "";
  for (const character of text) {
    if ("{[".includes(character)) depth++;
    if ("}]".includes(character)) depth--;
    if (character === "," && depth === 0) {
      found.push(entry.trim());
      entry = "";
    } else entry += character;
  }
  return [...found, entry.trim()];
}
