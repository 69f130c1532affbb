/**
 * Masks known secrets in whatever leaves the process. A secret is found as it is and in the forms in which servers and
 * proxies echo it: escaped for JSON, URLs or HTML, even in each other, inside base64, and broken over lines.
 */
import { isObject, type JsonObject } from "../json.ts";
import { MASK } from "./mask.ts";
import { decodedViews, formView, type LineBreak, plainView, type View } from "./view.ts";

/** Shorter values would mask half of every text; they are masked by their place only. */
const SHORTEST = 4;
/** Longer values are searched for in pieces, so that one cut short by whoever echoes it is found too. */
const PIECE = 64;
/** A last piece that is shorter is searched for together with the one before it. */
const SHORTEST_PIECE = 8;

/**
 * Values of headers that every request has, and this server's own too: they are no secrets, whatever field holds them,
 * and to mask them would falsify the requests that are shown.
 */
const COMMONPLACE = /^(\*\/\*|(application|text)\/[a-z0-9.+-]+)(\s*;\s*charset=[a-z0-9-]+)?$/i;

/** What to search for to find one secret, or a part of it. */
interface Forms {
  plain: string;
  decoded: string;
  /** The base64 of it, wherever it stands in a longer text. */
  base64: readonly string[];
}

interface Stretch {
  start: number;
  end: number;
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

  /** `text` with every known secret masked. */
  text(text: string): string {
    if (text.length < SHORTEST) return text;
    if (!this.#suspects(text)) return text;
    const known = this.#forms();
    const withBlanks = known.filter(({ plain }) => /[ \t]/.test(plain));
    return masked(text, [...findAll(known, text, "indented"), ...findAll(withBlanks, text, "bare")]);
  }

  /** `value`, which JSON could hold, with every known secret masked, in its keys as well. */
  value(value: unknown): unknown {
    if (this.#known.size === 0 || !this.#suspects(textsIn(value).join("\0"))) return value;
    return this.#masked(value);
  }

  /** The same for an object. */
  object(value: JsonObject): JsonObject {
    const masked = this.value(value);
    return isObject(masked) ? masked : {};
  }

  #masked(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.#masked(item));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [this.text(key), this.#masked(inner)]));
  }

  /** Most texts hold no secret, and to build views of each would be most of the work of a call. */
  #suspects(text: string): boolean {
    return VIEWED.test(text) || holdsAny(this.#forms(), text);
  }

  #forms(): Forms[] {
    return [...this.#known.values()].map(({ forms }) => forms);
  }
}

/** All strings in a value, its keys included. */
function textsIn(value: unknown, texts: string[] = []): string[] {
  if (typeof value === "string") texts.push(value);
  else if (Array.isArray(value)) for (const item of value) textsIn(item, texts);
  else if (isObject(value))
    for (const [key, inner] of Object.entries(value)) {
      texts.push(key);
      textsIn(inner, texts);
    }
  return texts;
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

function formsOf(part: string): Forms {
  const plain = plainView(part, "indented");
  const decoded = formView(decodedViews(plain, "indented").at(-1) ?? plain).text;
  return { plain: part, decoded: decoded.length < SHORTEST ? part : decoded, base64: base64Forms(part) };
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

/** The view with base64url written as base64, and with a `+` where a form has made it a space. */
function asBase64({ text, ...places }: View): View {
  return { text: toBase64Alphabet(text), ...places };
}

const toBase64Alphabet = (text: string) => text.replace(/[- ]/g, "+").replaceAll("_", "/");

/** A text without these is the same in every view of it. */
const VIEWED = /[\\%&+\r\n]/;

function holdsAny(known: readonly Forms[], text: string): boolean {
  const text64 = toBase64Alphabet(text);
  return known.some(
    ({ plain, decoded, base64 }) =>
      text.includes(plain) || text.includes(decoded) || base64.some((form) => text64.includes(form)),
  );
}

function findAll(known: readonly Forms[], text: string, lineBreak: LineBreak): Stretch[] {
  if (known.length === 0) return [];
  const plain = plainView(text, lineBreak);
  const levels = decodedViews(plain, lineBreak);
  const decoded = formView(levels.at(-1) ?? plain);
  const [plain64, decoded64] = [asBase64(plain), asBase64(decoded)];
  return known.flatMap((forms) => [
    ...[plain, ...levels].flatMap((view) => find(forms.plain, view)),
    ...find(forms.decoded, decoded),
    ...forms.base64.flatMap((form) => [...find(form, plain64), ...find(form, decoded64)]),
  ]);
}

/** Where `form` stands; where it overlaps itself, as one stretch. */
function find(form: string, { text, starts, ends }: View): Stretch[] {
  const found: Stretch[] = [];
  for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
    const [start, end] = [starts[at] ?? 0, ends[at + form.length - 1] ?? 0];
    const last = found.at(-1);
    if (last && start <= last.end) last.end = end;
    else found.push({ start, end });
  }
  return found;
}

/** `text` with one mask for all that `stretches` cover without a gap. */
function masked(text: string, stretches: Stretch[]): string {
  let shown = "";
  let from = 0;
  for (const { start, end } of stretches.sort((a, b) => a.start - b.start)) {
    if (end <= from) continue;
    if (start > from || from === 0) shown += text.slice(from, start) + MASK;
    from = end;
  }
  return shown + text.slice(from);
}
