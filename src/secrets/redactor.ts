/**
 * Masks secrets by their value, in what comes from outside: Atlas, a proxy, the agent's own arguments. The server's own
 * words never pass it, so a secret that is an ordinary word breaks none of them. A secret is found as it is and as
 * servers and proxies echo it: escaped for JSON, URLs or HTML, even one inside another, in base64, and broken over lines.
 */
import { isObject, mapStrings, type Path } from "../json.ts";
import { MASK } from "../mask.ts";
import { maskParts, mergedParts, type SecretPart } from "./parts.ts";
import { decodedTexts, formText, type LineBreak, plainText, type SearchText } from "./search-text.ts";

/** Shorter values would mask half of every text; they are masked by their place only. */
const SHORTEST = 4;
/** The least length of a value that is masked in a documented field, in which ordinary words are expected. */
const SHORTEST_IN_FIELD = 8;
/** The same in the bytes that leave the process, among which are the server's own words. */
const SHORTEST_IN_BYTES = 12;
/** Longer values are searched for in pieces, so that one that was cut short is found too. */
const PIECE = 64;
/** A last piece that is shorter is joined to the one before it. */
const SHORTEST_PIECE = 8;

/**
 * Values of headers that every request has, this server's own included. They are no secrets, whatever field holds them,
 * and masking them would falsify the requests of a dry run.
 */
const COMMONPLACE = /^(\*\/\*|(application|text)\/[a-z0-9.+-]+)(\s*;\s*charset=[a-z0-9-]+)?$/i;

/** What to search for to find one secret, or a part of it. */
interface Forms {
  plain: string;
  decoded: string;
  /** The base64 of it, as it is and escaped for JSON, wherever it stands in a longer text. */
  base64: readonly string[];
}

export class Redactor {
  readonly #known = new Map<string, { uses: number; forms: Forms }>();

  /** Keeps `secrets` masked until the returned function is called. */
  add(secrets: Iterable<string>): () => void {
    const added = [...new Set(secrets)].filter((secret) => !COMMONPLACE.test(secret)).flatMap(partsOf);
    for (const part of added) {
      const known = this.#known.get(part) ?? { uses: 0, forms: formsOf(part) };
      known.uses += 1;
      this.#known.set(part, known);
    }
    return () => {
      for (const part of added.splice(0)) {
        const known = this.#known.get(part);
        if (known && --known.uses === 0) this.#known.delete(part);
      }
    };
  }

  /** Free text from outside, with every known secret masked. */
  text(text: string): string {
    return maskParts(text, this.#find(text, SHORTEST));
  }

  /** The text of a documented field that is no secret, such as a name or a host. */
  field(text: string): string {
    return maskParts(text, this.partsOfField(text));
  }

  /** What of the text of a documented field is secret. */
  partsOfField(text: string): SecretPart[] {
    return this.#find(text, SHORTEST_IN_FIELD);
  }

  /**
   * `value` from outside. What `documents` says of the path of a string decides which secrets are looked for in it; a
   * key that is not documented is text from outside as well.
   */
  value(value: unknown, documents: (path: Path) => boolean = () => true, path: Path = []): unknown {
    const known = documents(path);
    if (typeof value === "string") return known ? this.field(value) : this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.value(item, documents, path));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const inside = [...path, key];
        return [documents(inside) ? key : this.text(key), this.value(inner, documents, inside)];
      }),
    );
  }

  /** A path from outside, in which names that are not documented are masked. */
  path(path: Path, documents: (path: Path) => boolean = () => true): Path {
    return path.map((step, index) => (documents(path.slice(0, index + 1)) ? step : this.text(step)));
  }

  /**
   * The last net, for whatever leaves the process: masks longer secrets wherever they still stand, but not the names of
   * fields, nor the values without which nobody could read the rest.
   */
  lastNet(value: unknown): unknown {
    const secrets = this.#longIn(JSON.stringify(value) ?? "");
    return secrets.length > 0 ? withoutSecrets(value, secrets) : value;
  }

  /** The same for a line of JSON. A secret that looks like JSON itself takes no part of the line's structure with it. */
  line(line: string): string {
    const secrets = this.#longIn(line);
    return secrets.length > 0 ? JSON.stringify(withoutSecrets(JSON.parse(line), secrets)) : line;
  }

  /** The longer secrets that stand in JSON, or in JSON inside it; the longest first, since it may hold others. */
  #longIn(json: string): string[] {
    return this.#forms(SHORTEST_IN_BYTES)
      .map(({ plain }) => plain)
      .filter((secret) => json.includes(inJson(secret)) || json.includes(inJson(inJson(secret))))
      .sort((a, b) => b.length - a.length);
  }

  #find(text: string, shortest: number): SecretPart[] {
    if (text.length < shortest) return [];
    const known = this.#forms(shortest);
    if (known.length === 0 || !(REWRITTEN.test(text) || holdsAny(known, text))) return [];
    const withBlanks = known.filter(({ plain }) => /[ \t]/.test(plain));
    return mergedParts([...findAll(known, text, "indented"), ...findAll(withBlanks, text, "bare")], true);
  }

  #forms(shortest: number): Forms[] {
    return [...this.#known.values()].flatMap(({ forms }) => (forms.plain.length >= shortest ? [forms] : []));
  }
}

/**
 * A secret of several lines is known by each of its lines, and a long line by pieces of it. The frame of a key, which
 * every key has, tells nothing.
 */
function partsOf(secret: string): string[] {
  const lines = secret
    .split(/\r\n?|\n/)
    .map((line) => line.trimStart())
    .filter((line) => !/^-----(BEGIN|END) [A-Z0-9 ]+-----$/.test(line));
  const parts = lines.flatMap(piecesOf).filter((part) => part.length >= SHORTEST);
  const whole = lines.join("");
  return parts.length === 0 && whole.length >= SHORTEST ? [whole] : parts;
}

function piecesOf(line: string): string[] {
  const pieces = line.match(new RegExp(`.{1,${PIECE}}`, "gsu")) ?? [];
  const [last = "", before] = pieces.toReversed();
  return before === undefined || last.length >= SHORTEST_PIECE ? pieces : [...pieces.slice(0, -2), before + last];
}

/** The text as it stands in a string of JSON. */
const inJson = (text: string) => JSON.stringify(text).slice(1, -1);

function formsOf(part: string): Forms {
  const plain = plainText(part, "indented");
  const decoded = formText(decodedTexts(plain, "indented").at(-1) ?? plain).text;
  // What is in base64 is most often a body, and that is JSON.
  const base64 = [...new Set([part, inJson(part)])].flatMap(base64Forms);
  return { plain: part, decoded: decoded.length < SHORTEST ? part : decoded, base64 };
}

/**
 * The part of the base64 of any longer text that is the same whatever stands before and after the secret: one for each
 * of the three ways in which its bytes can fall into base64's groups.
 */
function base64Forms(part: string): string[] {
  const bytes = Buffer.from(part);
  return [0, 1, 2].map((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    return shifted.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
}

/** Fields whose values are words of the protocol, or the server's own: without them nothing else can be read. */
const STRUCTURAL = new Set(["jsonrpc", "id", "method", "progressToken", "level", "outcome", "kind"]);

/** `value` with these secrets masked; where a text in it is JSON, as that of a tool's result is, in its strings. */
function withoutSecrets(value: unknown, secrets: readonly string[]): unknown {
  return mapStrings(value, (text, path) => {
    if (STRUCTURAL.has(path.at(-1) ?? "")) return text;
    const inner = text.startsWith("{") ? jsonIn(text) : undefined;
    if (inner !== undefined) return JSON.stringify(withoutSecrets(inner, secrets));
    return secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The text with base64url written as base64, and with a `+` where a form has made it a space. */
function asBase64({ text, ...places }: SearchText): SearchText {
  return { text: toBase64Alphabet(text), ...places };
}

const toBase64Alphabet = (text: string) => text.replace(/[- ]/g, "+").replaceAll("_", "/");

/** A text without these is searched as it is. */
const REWRITTEN = /[\\%&+\r\n]/;

function holdsAny(known: readonly Forms[], text: string): boolean {
  const text64 = toBase64Alphabet(text);
  return known.some(
    ({ plain, decoded, base64 }) =>
      text.includes(plain) || text.includes(decoded) || base64.some((form) => text64.includes(form)),
  );
}

function findAll(known: readonly Forms[], text: string, lineBreak: LineBreak): SecretPart[] {
  if (known.length === 0) return [];
  const plain = plainText(text, lineBreak);
  // After a secret that ends in a backslash, the next level takes the closing quote for escaped: each level counts.
  const levels = [plain, ...decodedTexts(plain, lineBreak)];
  const formLevels = levels.map(formText);
  const [plain64, decoded64] = [asBase64(plain), asBase64(formLevels.at(-1) ?? plain)];
  return known.flatMap((forms) => [
    ...levels.flatMap((level) => find(forms.plain, level)),
    ...formLevels.flatMap((level) => find(forms.decoded, level)),
    ...forms.base64.flatMap((form) => [...find(form, plain64), ...find(form, decoded64)]),
  ]);
}

/** Where `form` stands; where it overlaps itself, as one part. */
function find(form: string, { text, starts, ends }: SearchText): SecretPart[] {
  const found: SecretPart[] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
    const [start, end] = [starts[at] ?? 0, ends[at + form.length - 1] ?? 0];
    const last = found.at(-1);
    if (last && start <= last.end) last.end = end;
    else found.push({ start, end });
  }
  return found;
}
