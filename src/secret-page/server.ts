/** The HTTP server of the pages: turns away whatever is not a browser on this computer, and answers the rest. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { script, style } from "./assets.ts";
import { confirmationDocument, type Document, notAccepted, notHere, rendered, tooLarge } from "./documents.ts";
import { formDocument, readForm } from "./form.ts";
import type { Confirmation, PageEnd, ServedPage, Token } from "./page.ts";

/** What a request can find and do. */
export interface Site {
  /** Told of every value before anything else sees it. */
  onSecret(values: Iterable<string>): void;
  /** The page that waits, whose form is at the path `/name`. */
  page(name: string): ServedPage | undefined;
  /** The confirmation at the path `/name`. */
  confirmation(name: string): Confirmation | undefined;
  /** Ends a page and returns the path of its confirmation; undefined where it had ended already. */
  finish(page: ServedPage, end: Exclude<PageEnd, { kind: "expired" }>): Token | undefined;
}

export interface Listener {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Stops at once; open connections are dropped. */
  close(): Promise<void>;
}

interface PageResponse {
  status: number;
  document?: Document;
  headers?: Readonly<Record<string, string>>;
}

const METHODS = ["GET", "HEAD", "POST"];
const HEAD_MS = 5_000;
const REQUEST_MS = 15_000;
/** Room for cookies: browsers send those of every other server on this address, whatever its port. */
const HEAD_LIMIT = 32 * 1024;
const FORM_LIMIT = 256 * 1024;
/** How much of a body that is too large is still read. */
const DRAIN_LIMIT = 16 * FORM_LIMIT;

/** Serves `site` on a free port of the loopback interface. Neither server nor connections keep the process alive. */
export function listen(site: Site): Promise<Listener> {
  const server = createServer({
    maxHeaderSize: HEAD_LIMIT,
    headersTimeout: HEAD_MS,
    requestTimeout: REQUEST_MS,
    // Node enforces the two time limits only this often.
    connectionsCheckingInterval: 1_000,
  });
  server.timeout = REQUEST_MS;
  server.maxConnections = 64;
  server.unref();
  server.on("connection", (socket) => socket.unref());
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const origin = `http://127.0.0.1:${port}`;
      server.on("request", (request, response) => respond(site, origin, request, response));
      resolve({
        origin,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

async function respond(site: Site, origin: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const failed: PageResponse = { status: 500, document: notAccepted };
    const content = await responseTo(site, origin, request).catch(() => failed);
    if (!request.readableEnded) await readBody(request, 0);
    send(response, content, request.method === "HEAD");
  } catch {
    // Only the connection can have failed here, so there is nobody left to respond to.
    response.destroy();
  }
}

async function responseTo(site: Site, origin: string, request: IncomingMessage): Promise<PageResponse> {
  if (!isMeantFor(origin, request)) return { status: 421 };
  const { method = "" } = request;
  if (!METHODS.includes(method)) return { status: 405, headers: { allow: METHODS.join(", ") } };
  const name = request.url?.slice(1) ?? "";
  const [page, confirmation] = [site.page(name), site.confirmation(name)];
  if (page && method === "POST") return takeForm(site, origin, page, request);
  if (page) return showForm(page);
  if (confirmation && method !== "POST") return { status: 200, document: confirmationDocument(confirmation) };
  return { status: 404, document: notHere };
}

function showForm(page: ServedPage): PageResponse {
  return {
    status: 200,
    document: formDocument(page),
    // Once the page has expired the browser reloads it, and what was typed but not sent is gone from the screen.
    headers: { refresh: String(Math.ceil(page.remainingMs / 1000) + 1) },
  };
}

/** Only this uses a page up, so whatever looks at a link before the person does, such as a preview, does no harm. */
async function takeForm(site: Site, origin: string, page: ServedPage, request: IncomingMessage): Promise<PageResponse> {
  if (!isFromOwnPage(origin, request)) return { status: 403, document: notAccepted };
  if (!isForm(request)) return { status: 415, document: notAccepted };
  const body = await readBody(request, FORM_LIMIT);
  if (body === undefined) return { status: 413, document: tooLarge(FORM_LIMIT) };
  const form = readForm(body, page.request.fields);
  if (!form) return { status: 400, document: notAccepted };
  if (!page.formToken.is(form.formToken)) return { status: 403, document: notAccepted };

  if (form.action === "cancel") return confirm(site.finish(page, { kind: "cancelled" }));
  site.onSecret([...form.values.values()].filter((value) => value !== ""));
  page.missing = new Set([...form.values].filter(([, value]) => value.trim() === "").map(([path]) => path));
  if (page.missing.size > 0) return seeOther(page.token);
  return confirm(site.finish(page, { kind: "submitted", values: form.values }));
}

/** Another tab may have ended the page while this form was being read. */
function confirm(token: Token | undefined): PageResponse {
  return token ? seeOther(token) : { status: 404, document: notHere };
}

/** What follows a form is always fetched by a GET, so that the browser does not keep the form to send it again. */
function seeOther({ text }: Token): PageResponse {
  return { status: 303, headers: { location: `/${text}` } };
}

/** Against DNS rebinding: a request that uses any other name comes from a site that has its own name point here. */
function isMeantFor(origin: string, { headersDistinct }: IncomingMessage): boolean {
  const hosts = headersDistinct["host"] ?? [];
  return hosts.length === 1 && `http://${hosts[0]}` === origin;
}

/**
 * Whether the browser says that a page of this server sent the form. The pages allow no referrer, so browsers give the
 * origin of their forms as `null`; then `Sec-Fetch-Site`, which no page can forge, must say that it is the same.
 */
function isFromOwnPage(origin: string, { headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return false;
  return headers.origin === origin || (headers.origin === "null" && site === "same-origin");
}

function isForm({ headers }: IncomingMessage): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers["content-type"] ?? "");
}

/**
 * The body, or undefined when it is larger than `limit`. The rest is then read all the same, and dropped: a browser
 * that is still sending would see a broken connection instead of the response.
 */
async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= limit) chunks.push(bytes);
    else chunks.length = 0;
    if (size > DRAIN_LIMIT) throw new Error("The body does not end");
  }
  return size <= limit ? Buffer.concat(chunks).toString("utf8") : undefined;
}

const hashSource = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src ${hashSource(style)}`,
  `script-src ${hashSource(script)}`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** Sent with every response, errors and redirects too. */
const always = {
  "cache-control": "no-store",
  // Visits are too rare for it to be worth keeping connections open.
  connection: "close",
  "content-security-policy": contentSecurityPolicy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

function send(response: ServerResponse, { status, document, headers }: PageResponse, headOnly: boolean): void {
  const body = document ? Buffer.from(rendered(document)) : Buffer.alloc(0);
  response.writeHead(status, {
    ...always,
    ...(document && { "content-type": "text/html; charset=utf-8" }),
    "content-length": body.length,
    ...headers,
  });
  response.end(headOnly ? undefined : body);
}
