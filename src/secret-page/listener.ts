/** A small HTTP server on the loopback interface that waits for nobody. */
import { createServer, type RequestListener } from "node:http";

export interface Listener {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Ends at once; open connections are dropped. */
  close(): Promise<void>;
}

/** Browsers send the cookies of whatever else is on this address, whatever its port. */
const headerBytes = 32 * 1024;
const headersMs = 5_000;
const requestMs = 15_000;

/** Listens on a free port; `serverOf` is told the origin, which every request is checked against. */
export function listen(serverOf: (origin: string) => RequestListener): Promise<Listener> {
  const server = createServer({
    maxHeaderSize: headerBytes,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    // Node looks for late requests only this often.
    connectionsCheckingInterval: 1_000,
  });
  server.timeout = requestMs;
  server.maxConnections = 64;
  // Neither the server nor a browser that keeps a connection open keeps the process from ending.
  server.unref();
  server.on("connection", (socket) => socket.unref());
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const origin = `http://127.0.0.1:${port}`;
      server.on("request", serverOf(origin));
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
