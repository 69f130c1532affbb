/** The pages that only tell something. */
import type { Document } from "./document.ts";
import { html } from "./html.ts";
import type { EndedPage } from "./open-page.ts";
import { visibleName } from "./visible.ts";

export function endDocument({ kind, connection }: EndedPage): Document {
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

/** For a path that never was and for one that is no more alike: it tells nobody which. */
export const notHere: Document = {
  title: "This page is closed",
  main: html`<h1>This page is closed</h1>
<p class="lead">A page for a secret works once, and only for a few minutes. This one was answered or cancelled, its time is over, or its address is not complete.</p>
<p>Nothing was sent just now. If a secret is still needed, ask your assistant again: it will open a new page.</p>`,
};

export const notAccepted: Document = {
  title: "That did not work",
  main: html`<h1>That did not work</h1>
<p class="lead">What arrived did not come from the page itself, or not completely. Nothing was sent to Atlas.</p>
<p>Open the link from your assistant again. If that does not help, ask it for a new page.</p>`,
};

export const tooLarge: Document = {
  title: "That is too large",
  main: html`<h1>That is too large</h1>
<p class="lead">This page takes up to 256 KiB. Nothing was sent to Atlas.</p>
<p>Open the link from your assistant again, and check that you paste only the key or password.</p>`,
};
