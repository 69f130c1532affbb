/** What a server can meet in Atlas's place, below HTTP: nothing, silence, a reset, another protocol, a certificate that nobody vouches for. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";

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
  const { port, close } = await listen(createTlsServer(certificate()));
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

async function listen(server: Server): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("The server listens nowhere");
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A certificate made for this moment; no key lies in the repository, nor outlives the call. */
function certificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "atlas-streams-mcp-"));
  try {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"].concat([
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        key,
        "-out",
        cert,
      ]),
      { stdio: "ignore" },
    );
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
