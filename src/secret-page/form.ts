/** The form: how a page asks, and how what was typed is read. */
import type { Document } from "./documents.ts";
import { type Html, html, visibleHosts, visibleName } from "./html.ts";
import type { SecretField, SecretRequest, ServedPage } from "./page.ts";

const formTokenName = "form";
const actionName = "action";
const fieldName = (at: number) => `secret-${at}`;

/** The page that asks. */
export function formDocument({ request, token, formToken, missing, remainingMs }: ServedPage): Document {
  const { fields, connection } = request;
  const heading = fields.length === 1 ? "Secret for" : "Secrets for";
  const path = `/${token.text}`;
  const hidden = (action: string) => html`<input type="hidden" name="${formTokenName}" value="${formToken.text}">
<input type="hidden" name="${actionName}" value="${action}">`;
  return {
    title: `${missing.size > 0 ? "Error: " : ""}${heading} ${visibleName(connection.name)}`,
    interactive: true,
    main: html`${missing.size > 0 && problems(fields, missing)}
<h1>${heading} <bdi>${visibleName(connection.name)}</bdi></h1>
<p class="lead">What you enter here goes to MongoDB Atlas. Your assistant does not see it.</p>
${facts(request)}
<form method="post" action="${path}" autocomplete="off" accept-charset="utf-8">
${hidden("submit")}
${fields.map((field, at) => control(field, at, missing.has(field.key)))}
<div class="actions">
<button class="primary">Send to Atlas</button>
<button form="cancel">Cancel</button>
</div>
</form>
<form id="cancel" method="post" action="${path}">
${hidden("cancel")}
</form>
<p class="note">This page works once and closes within ${inWords(remainingMs)}.</p>`,
  };
}

/** What lets a person see whether this is what they asked for. */
function facts({ project, workspace, connection }: SecretRequest): Html {
  const hosts = visibleHosts(connection.host ?? "");
  const fact = (term: string, value: string) =>
    html`<div><dt>${visibleName(term)}</dt><dd><bdi>${visibleName(value)}</bdi></dd></div>
`;
  return html`<p id="check">Please check that this is what you asked for:</p>
<dl aria-describedby="check">
${fact(`${connection.type} connection`, connection.name)}
${fact("Workspace", workspace)}
${fact("Project", project)}
${
  hosts.length > 0 &&
  html`<div class="host"><dt>Atlas will send the secret to</dt>${hosts.map((host) => html`<dd><bdi>${breakable(host)}</bdi></dd>`)}</div>
`
}</dl>`;
}

/** A host that is too long for a line breaks between its parts. */
function breakable(host: string): Html[] {
  return host.split(/(?<=[./])|(?=:)/).map((part, at) => html`${at > 0 && html`<wbr>`}${part}`);
}

function control({ label, multiline }: SecretField, at: number, isMissing: boolean): Html {
  const id = fieldName(at);
  const described = [...(multiline ? [`${id}-hint`] : []), ...(isMissing ? [`${id}-error`] : [])].join(" ");
  const attributes = html`id="${id}" name="${id}" required spellcheck="false" autocapitalize="none" autocorrect="off"${
    described !== "" && html` aria-describedby="${described}"`
  }${isMissing && html` aria-invalid="true"`}`;
  const field = multiline
    ? html`<textarea ${attributes} autocomplete="off" rows="7" wrap="off"></textarea>`
    : html`<input ${attributes} type="password" autocomplete="new-password">`;
  return html`<div class="field">
<label for="${id}">${visibleName(label)}</label>
${multiline && html`<p class="hint" id="${id}-hint">Paste all of it, including the first and last line. Line breaks are kept.</p>`}
${isMissing && html`<p class="error" id="${id}-error">${emptyText(label)}</p>`}
<div class="${multiline ? "box tall" : "box"}">
${field}
<button type="button" class="show" data-field="${id}" hidden><span>Show</span> <span class="unseen">${visibleName(label)}</span></button>
</div>
</div>
`;
}

/** What was typed is never sent back, so the fields that were filled in are empty again as well. */
function problems(fields: readonly SecretField[], missing: ReadonlySet<string>): Html {
  const links = fields.map(
    ({ key, label }, at) => missing.has(key) && html`<li><a href="#${fieldName(at)}">${emptyText(label)}</a></li>`,
  );
  return html`<div class="problems" role="group" aria-labelledby="problems" tabindex="-1" autofocus>
<h2 id="problems">Nothing was sent</h2>
<ul>${links}</ul>
${fields.length > 1 && html`<p>For your safety the fields were cleared. Please fill in all of them again.</p>`}
</div>`;
}

const emptyText = (label: string) => `${visibleName(label)} is empty`;

function inWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}

/** What a form sent. */
type Form = { formToken: string } & (
  | { action: "cancel" }
  | { action: "submit" /** By the keys of the fields. */; values: ReadonlyMap<string, string> }
);

/** Reads the body of a form; undefined unless it has exactly the names that the page gave it. */
export function readForm(body: string, fields: readonly SecretField[]): Form | undefined {
  const sent = new URLSearchParams(body);
  const names = new Set(sent.keys());
  if (sent.size !== names.size) return undefined;
  const action = sent.get(actionName);
  const formToken = sent.get(formTokenName) ?? "";
  const expected = [formTokenName, actionName, ...(action === "submit" ? fields.map((_, at) => fieldName(at)) : [])];
  if (names.size !== expected.length || !expected.every((name) => names.has(name))) return undefined;
  if (action === "cancel") return { action, formToken };
  if (action !== "submit") return undefined;
  return { action, formToken, values: new Map(fields.map(({ key }, at) => [key, typed(sent.get(fieldName(at)))])) };
}

/** Browsers send every line break as CR LF, where a key or a password has LF. */
function typed(sent: string | null): string {
  return (sent ?? "").replaceAll("\r\n", "\n");
}
