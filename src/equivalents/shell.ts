/** Text for a POSIX shell: words that it leaves alone, and a JSON body into which it puts variables. */
import { isObject, type Path } from "../json.ts";
import type { Variables } from "./create.ts";

/** `text` as one word in which a shell expands nothing. */
export function word(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${inQuotes(text)}'`;
}

/** `text` for between single quotes, which a shell reads as it is up to the next single quote. */
function inQuotes(text: string): string {
  return text.replaceAll("'", `'\\''`);
}

/**
 * A shell function that prints its argument the way it stands between the quotes of a JSON string. In awk, since every
 * POSIX system has it and `jq` is often missing, and through a pipe, since a secret among a program's arguments can be
 * read by all users of the machine. Byte by byte (`LC_ALL=C`), so that no locale stumbles over a value.
 */
export const escapeFunction = String.raw`escape() { printf '%s\n' "$1" | LC_ALL=C awk '{ gsub(/[\\"]/, "\\\\&"); for (i = 1; i < 32; i++) gsub(sprintf("%c", i), sprintf("\\u%04x", i)); printf "%s%s", eol, $0; eol = "\\n" }'; }`;

/** A body's JSON as one word; in the place of a secret, the shell puts what `escapeFunction` makes of it. */
export function bodyWord(body: object, variables: Variables): string {
  const literal = (text: string) => inQuotes(insideJsonString(text));
  const written = (value: unknown, path: Path, newline: string): string => {
    const inner = `${newline}  `;
    const list = (open: string, items: string[], close: string) =>
      items.length === 0 ? open + close : `${open}${inner}${items.join(`,${inner}`)}${newline}${close}`;
    if (typeof value === "string") {
      const pieces = variables
        .pieces(value, path)
        .map((piece) => (typeof piece === "string" ? literal(piece) : `'"$(escape "$${piece.variable}")"'`));
      return `"${pieces.join("")}"`;
    }
    if (Array.isArray(value)) {
      const items = value.map((item, index) => written(item, [...path, `${index}`], inner));
      return list("[", items, "]");
    }
    if (!isObject(value)) return JSON.stringify(value);
    const members = Object.entries(value).map(
      ([key, member]) => `"${literal(key)}": ${written(member, [...path, key], inner)}`,
    );
    return list("{", members, "}");
  };
  return `'${written(body, [], "\n")}'`;
}

/**
 * `text` for between the quotes of a JSON string that can be pasted into a terminal and read there: no control
 * characters, nothing that turns the direction of writing, and no `!`, which older bash expands even between single
 * quotes that began a line earlier.
 */
function insideJsonString(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[!\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
      character
        .split("")
        .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
        .join(""),
    );
}

/** A line that stops with a message unless all variables are set; no line where there are none. */
export function demand(names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`: ${names.map((name) => `"\${${name}:?}"`).join(" ")}`];
}

/** A script under comments. */
export function withComments(comments: readonly string[], script: string): string {
  return [...comments.map((comment) => `# ${comment}`), script].join("\n");
}

/** The lines as one command of their own: it leaves no function or variable behind and can stop without ending the shell. */
export function subshell(lines: readonly string[]): string {
  return ["(", ...lines, ")"].join("\n");
}
