/** Which files of the build a process loads: what it does not use, it does not wait for. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serverPath } from "../support/server.ts";
import { type ServerProcess, startProcess } from "../support/server-process.ts";

const dist = dirname(serverPath);
const parts = [
  ...["era-2025", "era-2026", "serve", "schemas", "catalog", "undici", "policy", "judge", "audit", "sandbox", "trial"],
];
/** A word of zod 3, which the schemas of tools are made with; the SDKs have a zod of their own. */
const SCHEMAS = "ZodFirstPartyTypeKind";
/** An operator of pipelines, which the engine of trials has. */
const TRIAL = "$degreesToRadians";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loading-test-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Those of the parts that a process loads until it ends. Node's own coverage tells them. */
async function partsLoaded(args: string[], use: (server: ServerProcess) => Promise<unknown>): Promise<string[]> {
  const server = startProcess({ args, env: { NODE_V8_COVERAGE: folder } });
  await use(server);
  server.child.stdin.end();
  expect(await server.ended).toEqual({ code: 0, signal: null });
  const reports = await readdir(folder);
  expect(reports).toHaveLength(1);
  const { result } = JSON.parse(await readFile(join(folder, reports[0] ?? ""), "utf8"));
  const files: string[] = result
    .map(({ url }: { url: string }) => (url.startsWith("file:") ? fileURLToPath(url) : ""))
    .filter((file: string) => file.startsWith(dist));
  expect(files).toContain(serverPath);
  const names = files.map((file) => basename(file, ".js").replace(/-[0-9A-Z]{8}$/, ""));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const isLoaded = (part: string) =>
    part === "schemas" || part === "trial"
      ? texts.some((text) => text.includes(part === "trial" ? TRIAL : SCHEMAS))
      : names.includes(part);
  return parts.filter(isLoaded);
}

const listTools2025 = async (server: ServerProcess) => {
  await server.initialize();
  expect(await server.ask("tools/list")).toMatchObject({ result: { tools: expect.any(Array) } });
};

const key = (name: string) => `io.modelcontextprotocol/${name}`;
const listTools2026 = async (server: ServerProcess) => {
  const _meta = { [key("protocolVersion")]: "2026-07-28", [key("clientCapabilities")]: {} };
  expect(await server.ask("tools/list", { _meta })).toMatchObject({ result: { tools: expect.any(Array) } });
};

describe("a server loads", () => {
  test("no SDK before a client speaks", async () => {
    expect(await partsLoaded([], async () => {})).toEqual([]);
  });

  test("the SDK of the client's era, and neither tools, nor what they are made of, nor undici to list tools", async () => {
    expect(await partsLoaded([], listTools2025)).toEqual(["era-2025"]);
  });

  test("the other SDK for the other era", async () => {
    expect(await partsLoaded([], listTools2026)).toEqual(["era-2026"]);
  });

  test("the sandbox with its flag, and tools and undici for a call", async () => {
    const call = async (server: ServerProcess) => {
      await server.initialize();
      const result = await server.ask("tools/call", { name: "list_projects", arguments: {} });
      expect(result).toMatchObject({ result: { structuredContent: { outcome: "ok" } } });
    };
    expect(await partsLoaded(["--sandbox"], call)).toEqual(["era-2025", "schemas", "catalog", "undici", "sandbox"]);
  });
});

test("serve loads what it serves HTTP with, and neither era's adapter for stdio", async () => {
  const args = ["serve", "--sandbox", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"];
  const end = async (server: ServerProcess) => {
    await server.logged("Serving MCP over HTTP");
    server.child.kill("SIGTERM");
    await server.ended;
  };
  expect(await partsLoaded(args, end)).toEqual(["serve", "schemas", "sandbox"]);
});

test("a command loads no SDK", async () => {
  expect(await partsLoaded(["--help"], async () => {})).toEqual([]);
});
