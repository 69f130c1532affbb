/** Atlas behind a proxy: https through a tunnel, as companies have it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isObject } from "../../src/json.ts";
import { creates, simple } from "../support/against-sandbox.ts";
import { certificateFor } from "../support/certificate.ts";
import { listen } from "../support/listen.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { type CredentialKind, credentialKinds, credentialVariables, startServer } from "../support/server.ts";

/** A name that no resolver knows, so nothing gets there but by the proxy. @see RFC 2606 */
const host = "atlas.invalid";

let folder: string;
let sandbox: Sandbox;
/** The sandbox, with TLS before it. */
let atlas: { port: number; close: () => Promise<void> };

const joined = (one: Socket, other: Socket) => {
  for (const socket of [one, other]) socket.on("error", () => {});
  one.pipe(other).pipe(one);
};
const tunnel = (client: Socket) => {
  client.write("HTTP/1.1 200 Connection established\r\n\r\n");
  joined(client, connect(atlas.port, "127.0.0.1"));
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "proxy-test-"));
  sandbox = await startSandbox();
  const certificate = certificateFor(`DNS:${host}`);
  await writeFile(join(folder, "ca.pem"), certificate.cert);
  const port = Number(new URL(sandbox.url).port);
  atlas = await listen(createTlsServer(certificate, (socket) => joined(socket, connect(port, "127.0.0.1"))));
});
afterAll(async () => {
  await Promise.all([atlas.close(), sandbox.close()]);
  await rm(folder, { recursive: true });
});

/** A server behind a proxy of its own, which does `answer` with a client that has asked for a tunnel. */
async function start(
  answer: (client: Socket) => void,
  kind: CredentialKind = "access token",
  env: Record<string, string> = {},
) {
  /** The heads of the requests that the proxy got, one a connection. */
  const asked: string[] = [];
  const proxy = await listen(
    createServer((client) =>
      client
        .on("error", () => {})
        .once("data", (head) => {
          asked.push(String(head));
          answer(client);
        }),
    ),
  );
  const server = await startServer({
    ...credentialVariables[kind],
    MONGODB_ATLAS_BASE_URL: `https://${host}`,
    HTTPS_PROXY: `http://user:pass@127.0.0.1:${proxy.port}`,
    NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
    ...env,
  });
  const close = () => Promise.all([server.close(), proxy.close()]);
  return { server, asked, close };
}

const createsOf = ({ connection: { name } }: ReturnType<typeof simple>) =>
  creates(sandbox).filter(({ body }) => isObject(body) && body["name"] === name);

// What is sent again waits for seconds.
describe.concurrent("a proxy", () => {
  it.each(credentialKinds)("is asked for a tunnel, through which everything goes, with %s", async (kind) => {
    const { server, asked, close } = await start(tunnel, kind);
    const args = simple();
    expect(await server.create(args)).toMatchObject({ outcome: "created", connection: { name: args.connection.name } });
    await close();
    expect(createsOf(args)).toHaveLength(1);
    expect(asked.length).toBeGreaterThan(0);
    for (const head of asked) {
      expect(head).toMatch(/^CONNECT atlas\.invalid:443 HTTP\/1\.1\r\n/);
      expect(head).toContain(`proxy-authorization: Basic ${Buffer.from("user:pass").toString("base64")}`);
    }
  });

  it("keeps its tunnel for the next call", async () => {
    const { server, asked, close } = await start(tunnel);
    for (let calls = 0; calls < 3; calls += 1)
      expect(await server.create(simple())).toMatchObject({ outcome: "created" });
    await close();
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["refuses the tunnel", (client: Socket) => client.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")],
    ["wants another password", (client: Socket) => client.end("HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n")],
    ["hangs up", (client: Socket) => client.end()],
    ["breaks off", (client: Socket) => client.resetAndDestroy()],
  ])("that %s is asked a few times, and that is all", async (_, refuse) => {
    const { server, asked, close } = await start(refuse);
    const args = simple();
    const result = await server.create(args);
    expect(result).toMatchObject({ outcome: "failed", error: { kind: "network", retryable: true } });
    expect(result.summary).toMatch(/through the proxy that HTTPS_PROXY names/);
    expect(JSON.stringify(result) + server.stderr()).not.toMatch(/pass\b|dXNlcjpwYXNz/);
    const tries = asked.length;
    expect(tries).toBeGreaterThan(0);
    expect(tries).toBeLessThanOrEqual(5);
    await wait(300);
    expect(asked).toHaveLength(tries);
    await close();
    expect(createsOf(args)).toEqual([]);
  });

  it.each(["127.0.0.1:9", "nowhere"])("that is called %s is told as a mistake in the settings", async (name) => {
    const { server, close } = await start(tunnel, "access token", { HTTPS_PROXY: name });
    const result = await server.create(simple());
    expect(result).toMatchObject({ outcome: "failed", error: { kind: "configuration", retryable: false } });
    expect(result.summary).toMatch(/HTTPS_PROXY is not an http/);
    await close();
  });

  it("or a network that signs for Atlas is not trusted by itself, which a person has to mend", async () => {
    const { server, asked, close } = await start(tunnel, "access token", { NODE_EXTRA_CA_CERTS: "" });
    for (const waitUntilReady of [false, true]) {
      const result = await server.create({ ...simple(), waitUntilReady });
      expect(result).toMatchObject({
        outcome: "failed",
        summary: expect.stringMatching(/certificate.*not trusted.*SELF_SIGNED/),
        error: { kind: "network", retryable: false, hint: expect.stringContaining("NODE_EXTRA_CA_CERTS") },
      });
      expect(result.error?.hint).not.toMatch(/safe/);
    }
    await close();
    expect(asked).toHaveLength(2);
  });

  it("that never answers is given up in time, and asked no more", async () => {
    const { server, asked, close } = await start(() => {}, "access token", { ATLAS_STREAMS_MCP_TIMEOUT_MS: "500" });
    const result = await server.create(simple());
    expect(result).toMatchObject({ outcome: "failed", error: { kind: "timeout" } });
    expect(result.summary).toMatch(/through the proxy that HTTPS_PROXY names/);
    const tries = asked.length;
    await wait(300);
    expect(asked).toHaveLength(tries);
    await close();
  });
});
