/**
 * Text as it is searched for secrets: with what servers and proxies do to a text undone. Each of its characters knows
 * where it stands in the original.
 */

export interface SearchText {
  text: string;
  /** For each UTF-16 unit of `text`, where it starts in the original, and where it ends. */
  starts: Int32Array;
  ends: Int32Array;
}

/** A line break: with the indentation after it, or without, since a text may be broken in front of a blank of its own. */
const lineBreaks = { indented: /(?:\r\n?|\n)[ \t]*/g, bare: /\r\n?|\n/g } as const;

export type LineBreak = keyof typeof lineBreaks;

/** An escape of JSON, a character in percent-encoded UTF-8, or a character reference of HTML. */
const ESCAPE =
  /\\u([0-9a-f]{4})|(\\["\\/bfnrt])|(%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3})|&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi;

/** Escapes inside escapes are undone to this depth in a secret, and in a text, which may hold it escaped again. */
export const SECRET_DEPTH = 4;
const TEXT_DEPTH = 2 * SECRET_DEPTH;

/** `original` without line breaks. */
export function plainText(original: string, lineBreak: LineBreak): SearchText {
  const starts = new Int32Array(original.length);
  const ends = new Int32Array(original.length);
  for (let at = 0; at < original.length; at += 1) {
    starts[at] = at;
    ends[at] = at + 1;
  }
  return rewritten({ text: original, starts, ends }, lineBreaks[lineBreak], () => "");
}

/**
 * `plain` with escapes undone, once for each level of them. What one level leaves may look like an escape without being
 * one: `\\"` may stand for a backslash at the end of a text and the quote that closes it.
 */
export function decodedTexts(plain: SearchText, lineBreak: LineBreak, deepest = TEXT_DEPTH): SearchText[] {
  const levels: SearchText[] = [];
  let level = plain;
  for (let depth = 0; depth < deepest && level.text.search(ESCAPE) >= 0; depth += 1) {
    level = rewritten(level, ESCAPE, decoded);
    levels.push(rewritten(level, lineBreaks[lineBreak], () => ""));
  }
  return levels;
}

/** The text with every `+` as the space for which it stands in a form. */
export function formText({ text, ...places }: SearchText): SearchText {
  return { text: text.replaceAll("+", " "), ...places };
}

/** The text with every match of `pattern` replaced, by nothing longer; what replaces it stands where the match stood. */
function rewritten(from: SearchText, pattern: RegExp, replace: (match: RegExpExecArray) => string): SearchText {
  const parts: string[] = [];
  const starts = new Int32Array(from.text.length);
  const ends = new Int32Array(from.text.length);
  let [done, length] = [0, 0];
  const keepUntil = (to: number) => {
    parts.push(from.text.slice(done, to));
    starts.set(from.starts.subarray(done, to), length);
    ends.set(from.ends.subarray(done, to), length);
    length += to - done;
  };
  for (const match of from.text.matchAll(pattern)) {
    const replacement = replace(match);
    keepUntil(match.index);
    done = match.index + match[0].length;
    parts.push(replacement);
    starts.fill(from.starts[match.index] ?? 0, length, length + replacement.length);
    ends.fill(from.ends[done - 1] ?? 0, length, length + replacement.length);
    length += replacement.length;
  }
  keepUntil(from.text.length);
  return { text: parts.join(""), starts, ends };
}

const namedReferences: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decoded([whole, unit, short, bytes, decimal, hexadecimal, name]: RegExpExecArray): string {
  if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
  if (short !== undefined) return JSON.parse(`"${short.toLowerCase()}"`);
  if (bytes !== undefined) return Buffer.from(bytes.replaceAll("%", ""), "hex").toString();
  if (name !== undefined) return namedReferences[name.toLowerCase()] ?? whole;
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}
