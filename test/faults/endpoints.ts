/** What a server can meet in Atlas's place, below HTTP: nothing, silence, a reset, another protocol, a certificate that nobody vouches for. */
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { certificateFor } from "../support/certificate.ts";
import { listen } from "../support/listen.ts";

export interface Endpoint {
  /** Variables that lead a server there. */
  variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const at = (url: string) => ({ MONGODB_ATLAS_BASE_URL: url });

/** A port on which nobody listens. */
export async function refusing(): Promise<Endpoint> {
  const { port, close } = await listen(createServer());
  await close();
  return { variables: at(`http://127.0.0.1:${port}`), close: async () => {} };
}

/** A host name that no resolver knows. @see RFC 2606 */
export async function unresolvable(): Promise<Endpoint> {
  return { variables: at("https://nothing.invalid"), close: async () => {} };
}

export async function selfSigned(): Promise<Endpoint> {
  const { port, close } = await listen(createTlsServer(certificateFor("IP:127.0.0.1")));
  return { variables: at(`https://127.0.0.1:${port}`), close };
}

/** Takes connections and does with each what `greet` says. */
export async function raw(scheme: "http" | "https", greet: (socket: Socket) => void): Promise<Endpoint> {
  const { port, close } = await listen(
    createServer((socket) => {
      socket.on("error", () => {});
      greet(socket);
    }),
  );
  return { variables: at(`${scheme}://127.0.0.1:${port}`), close };
}

/** A proxy that is asked for a tunnel to Atlas, and answers this. */
export async function proxyAnswering(answer: string): Promise<Endpoint> {
  const { port, close } = await listen(
    createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(answer));
    }),
  );
  return {
    variables: { ...at("https://atlas.invalid"), HTTPS_PROXY: `http://127.0.0.1:${port}` },
    close,
  };
}
