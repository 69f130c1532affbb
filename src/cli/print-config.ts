/** `--print-config CLIENT`: the configuration of each client, ready to paste. README and reference show the same ones. */
import { nearest } from "../schema/spelling.ts";
import { CommandLineError } from "./command-line.ts";

const NAME = "atlas-streams";
const ID = "MONGODB_ATLAS_CLIENT_ID";
const SECRET = "MONGODB_ATLAS_CLIENT_SECRET";

/** What a configuration starts, and whether on the sandbox instead of Atlas. */
export interface Start {
  sandbox?: boolean;
  /** Path of a built server to start instead of the published package. */
  clone?: string | undefined;
  /** Where `npx` is a script that only a shell can start. */
  windows?: boolean;
}

/** A program as a client starts it. Without `env` it needs no credentials. */
interface Launch {
  command: string;
  args: string[];
  env?: Record<string, string>;
}

interface Client {
  /** What people call it. */
  client: string;
  /** Where the text belongs. */
  where: string;
  /** Its own documentation of the format. */
  page: string;
  language: "json" | "sh" | "toml" | "yaml";
  write(launch: Launch, windows: boolean): string;
}

export interface ClientConfiguration extends Omit<Client, "write"> {
  text: string;
}

/** The format of Claude Desktop, which most other clients have taken over. */
const mcpServers = {
  language: "json",
  write: (launch) => json({ mcpServers: { [NAME]: launch } }),
} as const satisfies Partial<Client>;

const clients: Readonly<Record<string, Client>> = {
  "claude-desktop": {
    client: "Claude Desktop",
    where: "claude_desktop_config.json (Settings → Developer → Edit Config)",
    page: "https://modelcontextprotocol.io/docs/develop/connect-local-servers",
    ...mcpServers,
  },
  "claude-code": {
    client: "Claude Code",
    where: "a shell",
    page: "https://code.claude.com/docs/en/mcp",
    language: "sh",
    write({ command, args, env = {} }, windows) {
      const variables = Object.entries(env).map(([name, value]) => `-e ${name}=${value} `);
      const started = [command, ...args].map((word) => quoted(word, windows)).join(" ");
      return `claude mcp add ${NAME} ${variables.join("")}-- ${started}`;
    },
  },
  vscode: {
    client: "VS Code",
    where: ".vscode/mcp.json",
    page: "https://code.visualstudio.com/docs/copilot/reference/mcp-configuration",
    language: "json",
    write({ env, ...launch }) {
      if (!env) return json({ servers: { [NAME]: { type: "stdio", ...launch } } });
      // It asks for them once and keeps them out of the file.
      const inputs = [
        { type: "promptString", id: "atlas-id", description: "Atlas client ID" },
        { type: "promptString", id: "atlas-secret", description: "Atlas client secret", password: true },
      ];
      const asked = { [ID]: "${input:atlas-id}", [SECRET]: "${input:atlas-secret}" };
      return json({ inputs, servers: { [NAME]: { type: "stdio", ...launch, env: asked } } });
    },
  },
  cursor: { client: "Cursor", where: ".cursor/mcp.json", page: "https://cursor.com/docs/context/mcp", ...mcpServers },
  windsurf: {
    client: "Windsurf",
    where: "~/.codeium/windsurf/mcp_config.json",
    page: "https://docs.windsurf.com/windsurf/cascade/mcp",
    ...mcpServers,
  },
  "gemini-cli": {
    client: "Gemini CLI",
    where: "~/.gemini/settings.json",
    page: "https://github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md",
    ...mcpServers,
  },
  codex: {
    client: "Codex",
    where: "~/.codex/config.toml",
    page: "https://developers.openai.com/codex/mcp",
    language: "toml",
    write({ command, args, env }) {
      const table = (name: string, values: Record<string, unknown>) =>
        [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key} = ${inline(value)}`)].join("\n");
      const server = table(`mcp_servers.${NAME}`, { command, args });
      return env ? `${server}\n\n${table(`mcp_servers.${NAME}.env`, env)}` : server;
    },
  },
  zed: {
    client: "Zed",
    where: "settings.json (zed: open settings)",
    page: "https://zed.dev/docs/ai/mcp",
    language: "json",
    write: (launch) => json({ context_servers: { [NAME]: launch } }),
  },
  goose: {
    client: "goose",
    where: "~/.config/goose/config.yaml, or on Windows %APPDATA%\\Block\\goose\\config\\config.yaml",
    page: "https://block.github.io/goose/docs/guides/config-files",
    language: "yaml",
    write({ command, args, env }) {
      const about = { enabled: true, type: "stdio", name: NAME, description: "MongoDB Atlas Stream Processing" };
      const lines = (values: Record<string, unknown>, indent: string) =>
        Object.entries(values).map(([key, value]) => `${indent}${key}: ${inline(value)}`);
      return [
        "extensions:",
        `  ${NAME}:`,
        ...lines({ ...about, cmd: command, args, timeout: 300 }, "    "),
        ...(env ? ["    envs:", ...lines(env, "      ")] : []),
      ].join("\n");
    },
  },
  cline: {
    client: "Cline",
    where: "cline_mcp_settings.json (MCP Servers → Configure → Configure MCP Servers)",
    page: "https://docs.cline.bot/mcp/adding-and-configuring-servers",
    ...mcpServers,
  },
  jetbrains: {
    client: "JetBrains AI Assistant",
    where: "Settings → Tools → AI Assistant → Model Context Protocol (MCP) → Add → As JSON",
    page: "https://www.jetbrains.com/help/ai-assistant/mcp.html",
    ...mcpServers,
  },
};

/** The configuration of each client by the client's name on the command line. */
export function clientConfigurations(start: Start = {}): Record<string, ClientConfiguration> {
  const launch = launchOf(start);
  const configured = Object.entries(clients).map(([name, { write, ...client }]) => {
    return [name, { ...client, text: write(launch, start.windows === true) }] as const;
  });
  return Object.fromEntries(configured);
}

function launchOf({ sandbox = false, clone, windows = false }: Start): Launch {
  const npx = [...(windows ? ["cmd", "/c"] : []), "npx", "-y", "atlas-streams-mcp"];
  const [command = "", ...args] = clone === undefined ? npx : ["node", clone];
  if (sandbox) return { command, args: [...args, "--sandbox"] };
  return { command, args, env: { [ID]: "mdb_sa_id_…", [SECRET]: "mdb_sa_sk_…" } };
}

/** A value on one line, as JSON, TOML and YAML all read it. */
function inline(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(inline).join(", ")}]` : JSON.stringify(value);
}

/** JSON in which lists of texts, and objects in a list, have a line each. */
function json(value: unknown): string {
  const onOneLine = (text: string) => text.replace(/\n\s*/g, " ");
  return JSON.stringify(value, null, 2)
    .replace(/\[\n\s*([^[\]{}]*?)\n\s*\]/g, (_list, items: string) => `[${onOneLine(items)}]`)
    .replace(/^( +)(\{\n[^[\]{}]*?\n\s*\})/gm, (_object, indent: string, object: string) => indent + onOneLine(object));
}

/** A word of a command as a POSIX shell reads it, or the shells of Windows. */
function quoted(word: string, windows: boolean): string {
  if (windows) return /[^\w@%+:./-]/.test(word) ? `"${word}"` : word;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** @throws {CommandLineError} for an unknown client, naming the known ones. */
export function printConfig(client: string, start: Start): string {
  const configurations = clientConfigurations(start);
  const configuration = Object.hasOwn(configurations, client) ? configurations[client] : undefined;
  if (!configuration) throw new CommandLineError(unknownClient(client, Object.keys(configurations)));
  return `${configuration.text}\n`;
}

function unknownClient(client: string, known: readonly string[]): string {
  // Many a client is known by the first word of its name.
  const meant = nearest(client, known) ?? known.find((name) => nearest(client, name.split("-")));
  const question = meant === undefined ? "" : ` Did you mean ${meant}?`;
  return `--print-config does not know the client ${JSON.stringify(client)}.${question} It knows ${known.join(", ")}.`;
}
