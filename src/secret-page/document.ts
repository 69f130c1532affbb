/** What all pages have in common. */
import { Html, html } from "./html.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

export interface Document {
  title: string;
  main: Html;
  /** Whether the page has fields that can be shown and hidden. */
  interactive?: true;
}

// To the letter: the policy knows them by their hashes.
const styleElement = new Html(`<style>${style}</style>`);
const scriptElement = new Html(`<script>${script}</script>`);

export function rendered({ title, main, interactive }: Document): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${styleElement}
</head>
<body>
<header><p>Atlas Stream Processing</p><p class="aside">One-time page</p></header>
<main>
${main}
</main>
<footer>
<p>Served by <b>atlas-streams-mcp</b> on this computer. This page loads nothing from the internet and cannot be read from there.</p>
</footer>
${interactive && scriptElement}
</body>
</html>
`.text;
}
