/** What every page brings along, since it may load nothing. */

/** Sizes are relative, so that the page follows the person's font size and zoom. */
export const style = `
:root {
  color-scheme: light dark;
  --desk: #f2f4f6; --sheet: #fff; --ink: #17212b; --soft: #4f5d6b; --line: #dbe0e5; --edge: #7a8794;
  --well: #f7f8fa; --accent: #0a5c4a; --accent-strong: #074739; --on-accent: #fff; --alarm: #a5121f; --focus: #0b62c4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --desk: #0e1318; --sheet: #161d24; --ink: #e9eef2; --soft: #a5b1bc; --line: #2b353f; --edge: #74818d;
    --well: #11171d; --accent: #5fd0ac; --accent-strong: #86dfc2; --on-accent: #06231b; --alarm: #ff9a9a; --focus: #79b8ff;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { background: var(--desk); font: 100%/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1.25rem .75rem; max-width: 40rem; color: var(--ink); overflow-wrap: anywhere; }
p, h1, h2, ul, dl, dd { margin: 0; padding: 0; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; column-gap: 1rem; margin-bottom: .875rem; padding: 0 .25rem; font-weight: 600; }
.aside { font-weight: 400; color: var(--soft); }
main { padding: 1.5rem 1rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .75rem; }
main > * + *, .field > * + * { margin-top: 1rem; }
footer { margin-top: 1rem; padding: 0 .25rem; font-size: .875rem; color: var(--soft); }
h1 { font-size: 1.625rem; line-height: 1.25; font-weight: 650; letter-spacing: -.015em; }
.lead { margin-top: .5rem; font-size: 1.0625rem; color: var(--soft); }
dl { margin-top: .625rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--well); }
dl > div { padding: .5rem .875rem; }
dl > div + div { border-top: 1px solid var(--line); }
dt { font-size: .875rem; color: var(--soft); }
dd { font-weight: 550; }
.host dt { margin-bottom: .125rem; }
.host dd { font: 600 .9375rem/1.65 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
form > .field { margin-top: 1.5rem; }
label { display: block; font-weight: 600; }
.field > .hint, .field > .error { margin-top: .125rem; }
.hint { font-size: .9375rem; color: var(--soft); }
.error { font-weight: 600; color: var(--alarm); }
.field > .box { margin-top: .375rem; }
.box { display: flex; border: 1px solid var(--edge); border-radius: .5rem; background: var(--sheet); }
.box:focus-within { outline: 2px solid var(--focus); outline-offset: 1px; border-color: var(--focus); }
.error + .box { border-color: var(--alarm); box-shadow: inset 0 0 0 1px var(--alarm); }
input, textarea, button { font: inherit; color: inherit; }
input, textarea {
  flex: 1; min-width: 0; width: 100%; margin: 0; padding: .625rem .875rem; border: 0; border-radius: inherit; background: none;
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; outline: 0;
}
textarea { display: block; resize: vertical; min-height: 8rem; font-size: .9375rem; -webkit-text-security: disc; }
textarea.shown { -webkit-text-security: none; }
button { cursor: pointer; min-height: 2.75rem; padding: .5rem 1.25rem; border: 1px solid var(--edge); border-radius: .5rem; background: none; font-weight: 600; }
button:hover { background: var(--well); }
button:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.primary { background: var(--accent); border-color: transparent; color: var(--on-accent); }
.primary:hover { background: var(--accent-strong); }
.show { border-color: transparent; color: var(--accent); padding: .25rem 1rem; }
.show:focus-visible { outline-offset: -4px; }
.box:has(.show:focus-visible) { outline: 0; border-color: var(--edge); }
.tall { flex-direction: column; }
.tall .show { align-self: flex-end; }
[hidden] { display: none; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.75rem; }
.actions button { flex: 1 1 9rem; }
.note { font-size: .9375rem; color: var(--soft); }
#cancel { margin: 0; }
.problems { padding: 1rem; border: 2px solid var(--alarm); border-radius: .5rem; }
.problems h2 { font-size: 1.125rem; }
.problems ul { margin: .25rem 0; list-style: none; }
.problems:focus { outline: 0; }
.problems + h1 { margin-top: 1.75rem; }
.problems a { color: var(--alarm); font-weight: 600; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.tick { width: .95em; height: .8em; margin-right: .5rem; fill: none; stroke: var(--accent); stroke-width: 2.25; stroke-linecap: round; stroke-linejoin: round; }
@media (min-width: 30rem) {
  body { padding: 3rem 1.5rem; }
  main { padding: 2.25rem 2.5rem; }
  header, footer { padding: 0 .5rem; }
  dl > div:not(.host) { display: grid; grid-template-columns: 9.5rem 1fr; column-gap: 1rem; align-items: baseline; }
  .actions button { flex: 0 0 auto; }
}
@media (forced-colors: active) {
  .primary { border-color: ButtonText; }
}
`;

/** Shows and hides what is typed. Without it the buttons for that stay hidden and the fields masked. */
export const script = `
for (const button of document.querySelectorAll("button[data-field]")) {
  const field = document.getElementById(button.dataset.field);
  const show = (shown) => {
    if (field.type !== "textarea") field.type = shown ? "text" : "password";
    field.classList.toggle("shown", shown);
    button.firstElementChild.textContent = shown ? "Hide" : "Show";
  };
  button.addEventListener("click", () => show(!field.classList.contains("shown")));
  field.form.addEventListener("submit", () => show(false));
  button.hidden = false;
}
addEventListener("pagehide", () => {
  for (const form of document.forms) form.reset();
});
`;
