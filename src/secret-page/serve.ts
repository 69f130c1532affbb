/** Answers one request: first all that makes it none of ours, then what it asks for. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "./body.ts";
import { isFromOwnPage, isMeantFor } from "./checks.ts";
import { readForm } from "./form.ts";
import { formDocument } from "./form-document.ts";
import { endDocument, notAccepted, notHere, tooLarge } from "./notices.ts";
import type { EndedPage, OpenPage } from "./open-page.ts";
import { type Reply, send } from "./reply.ts";
import type { SecretAnswer } from "./request.ts";
import type { Token } from "./token.ts";

/** What a request can find, and do. */
export interface Site {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  onSecret(values: Iterable<string>): void;
  /** The page whose form is at the path `/name`, if it is open. */
  open(name: string): OpenPage | undefined;
  /** The page whose confirmation is at the path `/name`. */
  ended(name: string): EndedPage | undefined;
  remainingMs(page: OpenPage): number;
  /** Ends a page that is open still; the token is the path of its confirmation. */
  finish(page: OpenPage, answer: Exclude<SecretAnswer, { kind: "expired" }>): Token | undefined;
}

const methods = ["GET", "HEAD", "POST"];

export async function serve(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const reply = await replyTo(site, request).catch((): Reply => ({ status: 500, document: notAccepted }));
    if (!request.readableEnded) await readBody(request, 0);
    send(response, reply, request.method === "HEAD");
  } catch {
    // What fails here is the connection: there is nobody left to answer.
    response.destroy();
  }
}

async function replyTo(site: Site, request: IncomingMessage): Promise<Reply> {
  if (!isMeantFor(site.origin, request)) return { status: 421 };
  const { method = "" } = request;
  if (!methods.includes(method)) return { status: 405, headers: { allow: methods.join(", ") } };
  const name = request.url?.slice(1) ?? "";
  const [page, ended] = [site.open(name), site.ended(name)];
  if (page && method === "POST") return take(site, page, request);
  if (page) return form(site, page);
  if (ended && method !== "POST") return { status: 200, document: endDocument(ended) };
  return { status: 404, document: notHere };
}

function form(site: Site, page: OpenPage): Reply {
  const remainingMs = site.remainingMs(page);
  return {
    status: 200,
    document: formDocument(page, remainingMs),
    // When its time is over the page is replaced, and with it what was typed but not sent.
    headers: { refresh: String(Math.ceil(remainingMs / 1000) + 1) },
  };
}

/** Takes a form. Only this uses a page up: whatever looks at a link before the person does, does not. */
async function take(site: Site, page: OpenPage, request: IncomingMessage): Promise<Reply> {
  if (!isFromOwnPage(site.origin, request)) return { status: 403, document: notAccepted };
  if (!isForm(request)) return { status: 415, document: notAccepted };
  const body = await readBody(request);
  if (body === undefined) return { status: 413, document: tooLarge };
  const sent = readForm(body, page.request.fields);
  if (!sent) return { status: 400, document: notAccepted };
  if (!page.formToken.is(sent.formToken)) return { status: 403, document: notAccepted };

  if (sent.action === "cancel") return confirm(site.finish(page, { kind: "cancelled" }));
  site.onSecret([...sent.values.values()].filter((value) => value !== ""));
  page.missing = new Set([...sent.values].filter(([, value]) => value.trim() === "").map(([path]) => path));
  // Shown by a GET, as everything that follows a form: the browser must not keep the form to send it again.
  if (page.missing.size > 0) return seeOther(page.token);
  return confirm(site.finish(page, { kind: "submitted", values: sent.values }));
}

/** The page may have ended while the form was read. */
function confirm(token: Token | undefined): Reply {
  return token ? seeOther(token) : { status: 404, document: notHere };
}

function seeOther({ text }: Token): Reply {
  return { status: 303, headers: { location: `/${text}` } };
}

function isForm({ headers }: IncomingMessage): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers["content-type"] ?? "");
}
