/** `--print-config CLIENT`: the configuration of each client, ready to paste. The README shows the same ones. */
import { choice } from "../schema/problems.ts";
import { CommandLineError } from "./command-line.ts";

const idVariable = "MONGODB_ATLAS_CLIENT_ID";
const secretVariable = "MONGODB_ATLAS_CLIENT_SECRET";
const launch = { command: "npx", args: ["-y", "atlas-streams-mcp"] };

const json = (value: unknown) => JSON.stringify(value, null, 2);

const mcpServers = json({
  mcpServers: { "atlas-streams": { ...launch, env: { [idVariable]: "mdb_sa_id_…", [secretVariable]: "mdb_sa_sk_…" } } },
});

export interface ClientConfiguration {
  /** What people call the client. */
  client: string;
  /** Where the text belongs. */
  where: string;
  language: "json" | "sh";
  text: string;
}

export const clientConfigurations: Readonly<Record<string, ClientConfiguration>> = {
  "claude-desktop": {
    client: "Claude Desktop",
    where: "claude_desktop_config.json (Settings → Developer → Edit Config)",
    language: "json",
    text: mcpServers,
  },
  "claude-code": {
    client: "Claude Code",
    where: "a shell",
    language: "sh",
    text: `claude mcp add atlas-streams -e ${idVariable}=mdb_sa_id_… -e ${secretVariable}=mdb_sa_sk_… -- npx -y atlas-streams-mcp`,
  },
  vscode: {
    client: "VS Code",
    where: ".vscode/mcp.json",
    language: "json",
    text: json({
      inputs: [
        { type: "promptString", id: "atlas-id", description: "Atlas client ID" },
        { type: "promptString", id: "atlas-secret", description: "Atlas client secret", password: true },
      ],
      servers: {
        "atlas-streams": {
          type: "stdio",
          ...launch,
          env: { [idVariable]: "${input:atlas-id}", [secretVariable]: "${input:atlas-secret}" },
        },
      },
    }),
  },
  cursor: { client: "Cursor", where: ".cursor/mcp.json", language: "json", text: mcpServers },
};

/** @throws {CommandLineError} for an unknown client, naming the known ones. */
export function printConfig(client: string): string {
  const configuration = Object.entries(clientConfigurations).find(([name]) => name === client)?.[1];
  if (!configuration) throw new CommandLineError(`--print-config ${choice(client, Object.keys(clientConfigurations))}`);
  return `${configuration.text}\n`;
}
