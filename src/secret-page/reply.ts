/** Sends an answer, always with everything that keeps a page to itself. */
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type Document, rendered } from "./document.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

export interface Reply {
  status: number;
  document?: Document;
  headers?: Readonly<Record<string, string>>;
}

const sourceOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src ${sourceOf(style)}`,
  `script-src ${sourceOf(script)}`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

const always = {
  "cache-control": "no-store",
  // The pages are too rare to be worth a connection that stays.
  connection: "close",
  "content-security-policy": contentSecurityPolicy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

export function send(response: ServerResponse, { status, document, headers }: Reply, headOnly: boolean): void {
  const body = document ? Buffer.from(rendered(document)) : Buffer.alloc(0);
  response.writeHead(status, {
    ...always,
    ...(document && { "content-type": "text/html; charset=utf-8" }),
    "content-length": body.length,
    ...headers,
  });
  response.end(headOnly ? undefined : body);
}
