/** The configuration of each client, ready to paste: the one source of `--print-config` and of the README. */

const id = "MONGODB_ATLAS_CLIENT_ID";
const secret = "MONGODB_ATLAS_CLIENT_SECRET";
const start = { command: "npx", args: ["-y", "atlas-streams-mcp"] };

const json = (value: unknown) => JSON.stringify(value, null, 2);

const mcpServers = json({
  mcpServers: { "atlas-streams": { ...start, env: { [id]: "mdb_sa_id_…", [secret]: "mdb_sa_sk_…" } } },
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
    text: `claude mcp add atlas-streams -e ${id}=mdb_sa_id_… -e ${secret}=mdb_sa_sk_… -- npx -y atlas-streams-mcp`,
  },
  vscode: {
    client: "VS Code",
    where: ".vscode/mcp.json",
    language: "json",
    text: json({
      inputs: [
        { type: "promptString", id: "atlas-id", description: "Atlas client id" },
        { type: "promptString", id: "atlas-secret", description: "Atlas client secret", password: true },
      ],
      servers: {
        "atlas-streams": {
          type: "stdio",
          ...start,
          env: { [id]: "${input:atlas-id}", [secret]: "${input:atlas-secret}" },
        },
      },
    }),
  },
  cursor: { client: "Cursor", where: ".cursor/mcp.json", language: "json", text: mcpServers },
};
