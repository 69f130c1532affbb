/**
 * Text as secrets are looked for in it: with the ways undone in which servers and proxies write a text down. Every
 * character knows where it stands in the text itself.
 */

export interface View {
  text: string;
  /** For each UTF-16 unit of `text`, where it starts in the text that is viewed, and where it ends. */
  starts: Int32Array;
  ends: Int32Array;
}

/** A line break: with the indentation behind it, or without, since a text may be broken in front of its own blank. */
const lineBreaks = { indented: /(?:\r\n?|\n)[ \t]*/g, bare: /\r\n?|\n/g } as const;

export type LineBreak = keyof typeof lineBreaks;

/** An escape of JSON, a character in percent-encoded UTF-8, or a character reference of HTML. */
const ESCAPE =
  /\\u([0-9a-f]{4})|(\\["\\/bfnrt])|(%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3})|&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi;

/** Escapes inside escapes are undone to this depth. */
const DEPTH = 4;

/** The text without line breaks. */
export function plainView(text: string, lineBreak: LineBreak): View {
  const starts = new Int32Array(text.length).map((_, at) => at);
  return rewritten({ text, starts, ends: starts.map((at) => at + 1) }, lineBreaks[lineBreak], () => "");
}

/**
 * The view with escapes undone, once for each level of them that there is. What one level leaves may look like an
 * escape and be none: `\\"` may stand for a backslash at the end of a text and the quote that closes it.
 */
export function decodedViews(plain: View, lineBreak: LineBreak): View[] {
  const views: View[] = [];
  let view = plain;
  for (let depth = 0; depth < DEPTH && view.text.search(ESCAPE) >= 0; depth += 1) {
    view = rewritten(view, ESCAPE, decoded);
    views.push(rewritten(view, lineBreaks[lineBreak], () => ""));
  }
  return views;
}

/** The view with every `+` as the space for which it stands in a form. */
export function formView({ text, ...places }: View): View {
  return { text: text.replaceAll("+", " "), ...places };
}

/** The view with every match of `pattern` replaced, by nothing longer; it stands where the whole match stood. */
function rewritten(view: View, pattern: RegExp, replace: (match: RegExpExecArray) => string): View {
  const parts: string[] = [];
  const starts = new Int32Array(view.text.length);
  const ends = new Int32Array(view.text.length);
  let [from, length] = [0, 0];
  const keepUntil = (to: number) => {
    parts.push(view.text.slice(from, to));
    starts.set(view.starts.subarray(from, to), length);
    ends.set(view.ends.subarray(from, to), length);
    length += to - from;
  };
  for (const match of view.text.matchAll(pattern)) {
    const replacement = replace(match);
    keepUntil(match.index);
    from = match.index + match[0].length;
    parts.push(replacement);
    starts.fill(view.starts[match.index] ?? 0, length, length + replacement.length);
    ends.fill(view.ends[from - 1] ?? 0, length, length + replacement.length);
    length += replacement.length;
  }
  keepUntil(view.text.length);
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
