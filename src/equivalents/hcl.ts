/** Terraform's language, as much of it as a resource needs. @see https://developer.hashicorp.com/terraform/language/syntax/configuration */

import type { Piece } from "./create.ts";

/** The text of an expression, or the attributes of an object. */
export type Expression = string | Attributes;
export type Attributes = readonly (readonly [name: string, value: Expression])[];

/** `text` as a quoted template in which nothing is a template. */
export const quoted = (text: string): string => `"${escaped(text)}"`;

/** The pieces as one expression: a variable by itself, or else a quoted template. */
export function templateOf(pieces: readonly Piece[]): string {
  const [first, ...others] = pieces;
  if (typeof first === "object" && others.length === 0) return `var.${first.variable}`;
  const written = pieces.map((piece, index) => {
    if (typeof piece === "object") return `\${var.${piece.variable}}`;
    const text = escaped(piece);
    // Before the `${` of a variable, a `$` or `%` would make that `${` text.
    return index < others.length ? text.replace(/[$%]$/, unicodeEscape) : text;
  });
  return `"${written.join("")}"`;
}

/** `text` for between the quotes of a template. */
function escaped(text: string): string {
  // Half of a surrogate pair has no form in HCL; it becomes U+FFFD, as it does on the way to any UTF-8.
  return Buffer.from(text)
    .toString()
    .replace(/["\\]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    .replace(/[$%](?=\{)/g, "$&$&")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, unicodeEscape);
}

function unicodeEscape(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
}

/** A block, laid out as `terraform fmt` does it. */
export function block(header: string, attributes: Attributes): string {
  return `${header} ${braces(attributes, "\n")}`;
}

function braces(attributes: Attributes, newline: string): string {
  if (attributes.length === 0) return "{}";
  const inner = `${newline}  `;
  const lines = attributes.map(([name, value], index) => {
    const width = isShort(value) ? widthAround(attributes, index) : 0;
    return `${inner}${name.padEnd(width)} = ${typeof value === "string" ? value : braces(value, inner)}`;
  });
  return `{${lines.join("")}${newline}}`;
}

/** The longest name in the run of one-line attributes around `index`, whose equals signs stand below each other. */
function widthAround(attributes: Attributes, index: number): number {
  const start = attributes.slice(0, index).findLastIndex(([, value]) => !isShort(value)) + 1;
  const length = attributes.slice(start).findIndex(([, value]) => !isShort(value));
  const run = attributes.slice(start, length < 0 ? undefined : start + length);
  return Math.max(...run.map(([name]) => name.length));
}

/** Whether a value fits on its attribute's line. */
function isShort(value: Expression): boolean {
  return typeof value === "string" || value.length === 0;
}
