/** The programs that are compared: as small as the libraries allow, bundled as the server itself is. */
import { build } from "esbuild";
import { bundling } from "../bundling.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Answers lines without any library: what Node alone takes to do so. */
const bareNode = `
process.stdin.setEncoding("utf8").on("data", (text) => {
  for (const line of text.split("\\n").filter(Boolean))
    process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(line).id, result: {} }) + "\\n");
});`;

const tool = '{ name: "tool", description: "A tool", inputSchema: { type: "object" } }';

const sdk1 = `
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
const server = new Server({ name: "bare", version: "1.0.0" }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [${tool}] }));
await server.connect(new StdioServerTransport());`;

const sdk2 = `
import { Server } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
serveStdio(() => {
  const server = new Server({ name: "bare", version: "1.0.0" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({ tools: [${tool}] }));
  return server;
});`;

/** Sends the request of each line, and answers with the whole body. */
const bareUndici = `
import { createInterface } from "node:readline";
import { Agent } from "undici";
const agent = new Agent();
createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, ...request } = JSON.parse(line);
  const { statusCode, body } = await agent.request(request);
  process.stdout.write(JSON.stringify({ id, status: statusCode, body: await body.text() }) + "\\n");
});`;

const sources = { bareNode, sdk1, sdk2, bareUndici };
export type Programs = Record<keyof typeof sources, string>;

/** Bundles each program into `folder`. Resolves with their paths. */
export async function buildPrograms(folder: string): Promise<Programs> {
  const paths = { bareNode: "", sdk1: "", sdk2: "", bareUndici: "" };
  for (const name of Object.keys(sources) as (keyof Programs)[]) {
    paths[name] = `${folder}/${name}.mjs`;
    await build({
      stdin: { contents: sources[name], resolveDir: root, sourcefile: `${name}.js` },
      outfile: paths[name],
      ...bundling,
    });
  }
  return paths;
}
