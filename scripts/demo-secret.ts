/**
 * The one-time page for secrets, to try by hand: creates a Kafka connection without its password, prints the address of
 * the page that asks for it, and shows the result. `npm run demo:secret`
 */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { sandboxProject, sandboxTenant } from "../src/sandbox/data/seed.ts";

const server = new URL("../dist/atlas-streams-mcp.js", import.meta.url).pathname;
const say = (line: string) => process.stdout.write(`${line}\n`);

const client = new Client({ name: "demo", version: "1.0.0" }, { capabilities: { elicitation: { url: {} } } });
client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
  say(`\n${params.message}`);
  if (params.mode === "url")
    say(`\nOpen this page in a browser on this machine within five minutes:\n  ${params.url}\n`);
  return { action: "accept" };
});
await client.connect(new StdioClientTransport({ command: process.execPath, args: [server, "--sandbox"] }));

const connection = {
  name: "orders-kafka",
  type: "Kafka",
  bootstrapServers: "broker-1.example.com:9092,broker-2.example.com:9092",
  authentication: { mechanism: "SCRAM-512", username: "atlas" },
  security: { protocol: "SASL_SSL" },
};
say(`The agent asks for this connection, without its password:\n  ${JSON.stringify(connection)}`);
const { structuredContent } = await client.callTool(
  {
    name: "create_stream_connection",
    arguments: { groupId: sandboxProject.groupId, tenantName: sandboxTenant, connection },
  },
  undefined,
  // A person takes longer than a program.
  { timeout: 6 * 60_000 },
);
say(`What the agent gets back, without the password:\n${JSON.stringify(structuredContent, null, 2)}`);
await client.close();
