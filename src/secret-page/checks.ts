/** Whether a request was meant for this server, and whether a form was sent from its own page. */
import type { IncomingMessage } from "node:http";

/** Under any other name the address is somebody else's, who had it point here: DNS rebinding. */
export function isMeantFor(origin: string, { headersDistinct }: IncomingMessage): boolean {
  const hosts = headersDistinct["host"] ?? [];
  return hosts.length === 1 && `http://${hosts[0]}` === origin;
}

/**
 * Whether the browser says that one of the own pages sent this form. Since the page allows no referrer, browsers give
 * `null` for the origin of its form; then it takes `Sec-Fetch-Site`, which no page can forge, to tell where it is from.
 */
export function isFromOwnPage(origin: string, { headers }: IncomingMessage): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return false;
  return headers.origin === origin || (headers.origin === "null" && site === "same-origin");
}
