/** HTML made of templates, and what it takes to show text that comes from elsewhere. */

export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | undefined | false | readonly Part[];

/** Makes HTML of a template. Strings put into it are escaped; `undefined` and `false` are left out. */
export function html(literals: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(String.raw({ raw: literals }, ...parts.map(textOf)));
}

function textOf(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  return typeof part === "object" ? part.map(textOf).join("") : escaped(String(part));
}

const references: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => references[character] ?? "");
}

const invisible = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;
/** Letters of other scripts can look like Latin ones. A host is plain ASCII, or punycode. */
const notAscii = /[^ -~]/gu;

/**
 * A name as a person must see it to trust it. Names and hosts come from an agent, which may have been misled, so what
 * cannot be seen or would turn the text around is written out.
 */
export const visibleName = (name: string) => name.replace(invisible, writtenOut);

/** The hosts of a comma-separated list, likewise. */
export const visibleHosts = (hosts: string) =>
  hosts
    .split(",")
    .map((host) => host.trim().replace(notAscii, writtenOut))
    .filter((host) => host !== "");

function writtenOut(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
