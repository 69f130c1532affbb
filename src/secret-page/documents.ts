/** The frame of every page, and the pages without a form. */
import { script, style } from "./assets.ts";
import { Html, html, visibleName } from "./html.ts";
import type { Confirmation } from "./page.ts";

export interface Document {
  title: string;
  main: Html;
  /** Whether the page has fields to show and hide, for which it needs the script. */
  interactive?: true;
}

// To the letter, since the content security policy names their hashes.
const styleElement = new Html(`<style>${style}</style>`);
const scriptElement = new Html(`<script>${script}</script>`);

/** The whole of a page. */
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

/** Confirms that a page was submitted or cancelled. */
export function confirmationDocument({ kind, connection }: Confirmation): Document {
  const name = html`<bdi>${visibleName(connection)}</bdi>`;
  if (kind === "cancelled")
    return {
      title: "Cancelled",
      main: html`<h1>Cancelled</h1>
<p class="lead">Nothing was sent to Atlas for ${name}.</p>
<p>You can close this page and go back to your assistant.</p>`,
    };
  return {
    title: "Received",
    main: html`<h1><svg class="tick" viewBox="3.5 5 17 14" aria-hidden="true" focusable="false"><path d="M5 12.5l4.5 4.5L19 7.5"/></svg>Received</h1>
<p class="lead">What you entered for ${name} is on its way to Atlas. It is not kept on this computer.</p>
<p>You can close this page. Your assistant will tell you whether Atlas accepts the connection.</p>`,
  };
}

/** The same for a path that never existed and for one that is gone, so that nobody learns which. */
export const notHere: Document = {
  title: "This page is closed",
  main: html`<h1>This page is closed</h1>
<p class="lead">A page for a secret works once, and only for a few minutes. This one was submitted, was cancelled or has expired, or its address is incomplete.</p>
<p>Nothing was sent just now. If a secret is still needed, ask your assistant again: it will open a new page.</p>`,
};

/** For a form that was refused or could not be taken. */
export const notAccepted: Document = {
  title: "That did not work",
  main: html`<h1>That did not work</h1>
<p class="lead">The form was not sent from its own page, or it arrived incomplete. Nothing was sent to Atlas.</p>
<p>Open the link from your assistant again. If that does not help, ask it for a new page.</p>`,
};

/** For a form of more than `limit` bytes. */
export function tooLarge(limit: number): Document {
  return {
    title: "That is too large",
    main: html`<h1>That is too large</h1>
<p class="lead">This page takes up to ${limit / 1024} KiB. Nothing was sent to Atlas.</p>
<p>Open the link from your assistant again, and check that you paste only the key or password.</p>`,
  };
}
