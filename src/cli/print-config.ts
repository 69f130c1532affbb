/** `--print-config CLIENT`: the configuration of each client, ready to paste. The README shows the same ones. */
import { choice } from "../schema/problems.ts";
import { CommandLineError } from "./command-line.ts";

const ID = "MONGODB_ATLAS_CLIENT_ID";
const SECRET = "MONGODB_ATLAS_CLIENT_SECRET";

const json = (value: unknown) => JSON.stringify(value, null, 2);

export interface ClientConfiguration {
  /** What people call the client. */
  client: string;
  /** Where the text belongs. */
  where: string;
  language: "json" | "sh";
  text: string;
}

/** What a configuration starts, and whether on the sandbox instead of Atlas. */
export interface Start {
  sandbox?: boolean;
  /** Path of a built server to start instead of the published package. */
  clone?: string | undefined;
}

/** The configuration of each client by the client's name on the command line. */
export function clientConfigurations({ sandbox = false, clone }: Start = {}): Record<string, ClientConfiguration> {
  const [command, ...before] = clone === undefined ? ["npx", "-y", "atlas-streams-mcp"] : ["node", clone];
  const launch = { command, args: sandbox ? [...before, "--sandbox"] : before };
  const withEnv = (env: Record<string, string>) => (sandbox ? launch : { ...launch, env });
  const mcpServers = json({
    mcpServers: { "atlas-streams": withEnv({ [ID]: "mdb_sa_id_…", [SECRET]: "mdb_sa_sk_…" }) },
  });
  const variables = sandbox ? "" : `-e ${ID}=mdb_sa_id_… -e ${SECRET}=mdb_sa_sk_… `;
  const inputs = [
    { type: "promptString", id: "atlas-id", description: "Atlas client ID" },
    { type: "promptString", id: "atlas-secret", description: "Atlas client secret", password: true },
  ];
  const servers = {
    "atlas-streams": {
      type: "stdio",
      ...withEnv({ [ID]: "${input:atlas-id}", [SECRET]: "${input:atlas-secret}" }),
    },
  };
  return {
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
      text: `claude mcp add atlas-streams ${variables}-- ${[command, ...launch.args.map(quoted)].join(" ")}`,
    },
    vscode: {
      client: "VS Code",
      where: ".vscode/mcp.json",
      language: "json",
      text: json(sandbox ? { servers } : { inputs, servers }),
    },
    cursor: { client: "Cursor", where: ".cursor/mcp.json", language: "json", text: mcpServers },
  };
}

/** An argument as a POSIX shell reads it. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** @throws {CommandLineError} for an unknown client, naming the known ones. */
export function printConfig(client: string, start: Start): string {
  const configurations = Object.entries(clientConfigurations(start));
  const configuration = configurations.find(([name]) => name === client)?.[1];
  if (!configuration)
    throw new CommandLineError(
      `--print-config ${choice(
        client,
        configurations.map(([name]) => name),
      )}`,
    );
  return `${configuration.text}\n`;
}
