/** A stand-in for Atlas that keeps what it is sent; it gives out tokens and, if asked to, demands HTTP digest. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Received {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

export async function startAtlas() {
  const received: Received[] = [];
  const behaviour = { digest: false, refuseToken: false };
  const server = createServer(async (request, response) => {
    const { method, url: path, headers } = request;
    received.push({ method, path, headers, body: await text(request) });
    if (path === "/api/oauth/token") {
      const granted = JSON.stringify({ token_type: "Bearer", access_token: "to.k-en_1", expires_in: 3600 }, null, 2);
      return behaviour.refuseToken ? response.writeHead(401).end("{}") : response.end(granted);
    }
    if (behaviour.digest && headers.authorization === undefined)
      response.writeHead(401, { "www-authenticate": 'Digest realm="MMS", nonce="n", algorithm=MD5, qop="auth"' });
    response.end("made");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    behaviour,
    /** What was received since the last time. */
    take: () => received.splice(0),
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
