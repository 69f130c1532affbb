/**
 * Reads the part of HCL that a resource is written in, by HCL's own rules and not the writer's: a blank line is only
 * space, a comment ends with its line, an attribute ends with its line, a quoted text may hold no line break, and of
 * templates only references.
 * @see https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
 */
export interface Block {
  header: string[];
  body: Record<string, unknown>;
}

/** A reference such as `var.x`. */
export class Reference {
  readonly reference: string;
  constructor(reference: string) {
    this.reference = reference;
  }
}

/** A quoted text with references in it. */
export class Template {
  readonly pieces: readonly (string | Reference)[];
  constructor(pieces: readonly (string | Reference)[]) {
    this.pieces = pieces;
  }
}

const TOKEN = /[ \t]*(?:#[^\n]*)?(\n|[{}[\],=]|"(?:[^"\\\n]|\\.)*"|[A-Za-z_][\w.-]*)/y;

export function readHcl(text: string): Block[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw new Error(`Not HCL: ${text.slice(at, at + 40)}`);
    tokens.push(token);
  }

  const take = (...allowed: string[]): string => {
    const token = tokens.shift() ?? "end";
    if (allowed.length > 0 && !allowed.includes(token)) throw new Error(`${token} instead of ${allowed.join(" or ")}`);
    return token;
  };
  const skipLines = () => {
    while (tokens[0] === "\n") tokens.shift();
  };

  function value(): unknown {
    const token = take();
    if (token === "{") return attributes();
    if (token.startsWith('"')) return quoted(token);
    if (token === "null") return null;
    if (token === "true") return true;
    if (token !== "[") return new Reference(token);
    const items: unknown[] = [];
    while (tokens[0] !== "]") {
      items.push(value());
      if (tokens[0] !== "]") take(",");
    }
    take("]");
    return items;
  }

  function attributes(): Record<string, unknown> {
    const found = new Map<string, unknown>();
    if (tokens[0] !== "}") take("\n");
    skipLines();
    while (tokens[0] !== "}") {
      const name = take();
      take("=");
      const key = name.startsWith('"') ? plain(name) : name;
      if (found.has(key)) throw new Error(`${key} twice`);
      found.set(key, value());
      take("\n");
      skipLines();
    }
    take("}");
    return Object.fromEntries(found);
  }

  const blocks: Block[] = [];
  for (skipLines(); tokens.length > 0; skipLines()) {
    const header = [take()];
    while (tokens[0] !== "{") header.push(plain(take()));
    take("{");
    blocks.push({ header, body: attributes() });
    if (tokens.length > 0) take("\n");
  }
  return blocks;
}

const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/** What a quoted text says: left to right, `$${` and `%%{` are text, `${` begins a reference. */
function quoted(token: string): string | Template {
  const pieces: (string | Reference)[] = [];
  let text = "";
  const units = /\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\(.)|([$%])\4\{|\$\{(var\.\w+)\}|([$%]\{)|./gsu;
  for (const [unit, short, long, letter, escaped, reference, introducer] of token.slice(1, -1).matchAll(units)) {
    const meant = letter && ESCAPES[letter];
    if (introducer || (letter && !meant)) throw new Error(`No such escape, or another template: ${unit}`);
    if (reference) {
      pieces.push(text, new Reference(reference));
      text = "";
    } else if (short || long) text += String.fromCodePoint(Number.parseInt(short ?? long ?? "", 16));
    else text += escaped ? `${escaped}{` : (meant ?? unit);
  }
  return pieces.length === 0 ? text : new Template([...pieces, text].filter((piece) => piece !== ""));
}

function plain(token: string): string {
  const text = quoted(token);
  if (typeof text !== "string") throw new Error(`A template: ${token}`);
  return text;
}
