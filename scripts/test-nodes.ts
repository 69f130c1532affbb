/**
 * Lists the tools, creates a connection on the sandbox and tries a pipeline with the packed package, on every supported major version of
 * Node and in both eras of MCP. Output on stderr is a failure too: it is where Node prints deprecation warnings.
 * `npm run test:nodes`
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { sandboxEmptyTenant, sandboxProject } from "../src/sandbox/data/seed.ts";
import { nodeBinary, nodePackage } from "./node-binaries.ts";

const majors = [20, 22, 24, 26];
const eras = [
  { name: "2025", mode: "legacy" },
  { name: "2026", mode: { pin: "2026-07-28" } },
] as const;

const root = new URL("../", import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), "atlas-streams-mcp-nodes-"));
try {
  const npm = (cwd: string, ...args: string[]) => execFileSync("npm", args, { cwd, encoding: "utf8" });
  await writeFile(join(folder, "package.json"), '{ "private": true }');
  const tarball = npm(root, "pack", "--silent", "--pack-destination", folder).trim();
  npm(folder, "install", "--silent", "--no-audit", "--no-fund", `./${tarball}`, ...majors.map(nodePackage));

  for (const major of majors) {
    const node = nodeBinary(folder, major);
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    for (const { name, mode } of eras) {
      const failure = await failureOf(node, mode);
      process.stdout.write(`Node ${version}, era ${name}: ${failure ?? "fine"}\n`);
      if (failure !== undefined) process.exitCode = 1;
    }
  }
} finally {
  await rm(folder, { recursive: true });
}

/** What goes wrong on this Node, if anything. */
async function failureOf(command: string, mode: (typeof eras)[number]["mode"]): Promise<string | undefined> {
  const server = join(folder, "node_modules", "atlas-streams-mcp", "dist", "atlas-streams-mcp.js");
  const transport = new StdioClientTransport({ command, args: [server, "--sandbox"], stderr: "pipe", env: {} });
  let stderr = "";
  transport.stderr?.on("data", (piece) => {
    stderr += piece;
  });
  const client = new Client({ name: "test-nodes", version: "1.0.0" }, { versionNegotiation: { mode } });
  let failure: string | undefined;
  try {
    await client.connect(transport);
    failure = await failureOfCalls(client);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  await client.close();
  const printed = stderr && `stderr: ${stderr.trim()}`;
  return [failure, printed].filter(Boolean).join("; ") || undefined;
}

async function failureOfCalls(client: Client): Promise<string | undefined> {
  const { tools } = await client.listTools();
  const name = "create_stream_connection";
  if (!tools.some((tool) => tool.name === name)) return `${name} is not among the tools`;
  const place = { groupId: sandboxProject.groupId, tenantName: sandboxEmptyTenant };
  const result = await client.callTool({
    name,
    arguments: { ...place, connection: { name: "solar", type: "Sample" } },
  });
  if (result.isError) return JSON.stringify(result.structuredContent);
  const trial = await client.callTool({
    name: "try_stream_pipeline",
    arguments: {
      pipeline: [{ $source: { documents: [{ a: 1 }] } }, { $emit: { connectionName: "kafka", topic: "t" } }],
    },
  });
  return trial.isError ? JSON.stringify(trial.structuredContent) : undefined;
}
