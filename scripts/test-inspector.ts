/**
 * Lists the tools and creates a connection on the sandbox through the MCP Inspector's command line, in both eras of
 * MCP. The Inspector needs a newer Node than the server, so one is installed with it. `npm run test:inspector`
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandboxEmptyTenant, sandboxProject } from "../src/sandbox/data/seed.ts";
import { nodeBinary, nodePackage } from "./node-binaries.ts";

const inspector = "@modelcontextprotocol/inspector";
const version = "2.12.0";
const major = 22;
const eras = ["legacy", "auto", "modern"];

const server = new URL("../dist/atlas-streams-mcp.js", import.meta.url).pathname;
const create = {
  groupId: sandboxProject.groupId,
  tenantName: sandboxEmptyTenant,
  connection: JSON.stringify({ name: "solar", type: "Sample" }),
};
const steps: { name: string; args: string[]; shows: string }[] = [
  { name: "tools/list", args: ["--method", "tools/list", "--strict"], shows: '"create_stream_connection"' },
  {
    name: "tools/call",
    args: [
      ...["--method", "tools/call", "--tool-name", "create_stream_connection"],
      ...Object.entries(create).flatMap(([name, value]) => ["--tool-arg", `${name}=${value}`]),
    ],
    shows: '"outcome": "created"',
  },
];

const folder = await mkdtemp(join(tmpdir(), "atlas-streams-mcp-inspector-"));
try {
  await writeFile(join(folder, "package.json"), '{ "private": true }');
  const packages = [`${inspector}@${version}`, nodePackage(major)];
  execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", ...packages], {
    cwd: folder,
  });
  const program = join(folder, "node_modules", inspector, "clients", "launcher", "build", "index.js");
  for (const era of eras)
    for (const { name, args, shows } of steps) {
      const { status, stdout, stderr } = spawnSync(
        nodeBinary(folder, major),
        [program, "--cli", "--protocol-era", era, ...args, "--", process.execPath, server, "--sandbox"],
        // The Inspector keeps a list of servers in the home folder.
        { cwd: folder, env: { ...process.env, HOME: folder }, encoding: "utf8", timeout: 60_000 },
      );
      const fine = status === 0 && stdout.includes(shows);
      process.stdout.write(`Inspector ${version}, era ${era}, ${name}: ${fine ? "fine" : `exit code ${status}`}\n`);
      if (fine) continue;
      process.stdout.write(`${stdout}${stderr}\n`);
      process.exitCode = 1;
    }
} finally {
  await rm(folder, { recursive: true });
}
