/** What `--print-config` prints for each client, read as the client reads it. */
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { clientConfigurations, printConfig, type Start } from "../../src/cli/print-config.ts";
import { isObject, type JsonObject, valueAt } from "../../src/json.ts";

/** The YAML that is printed, and nothing else of YAML: maps by indentation, values as JSON. Throws at anything else. */
function readYaml(text: string): JsonObject {
  const root: JsonObject = {};
  const open: JsonObject[] = [root];
  for (const line of text.trimEnd().split("\n")) {
    const [, indent = "", key = "", value] = /^((?: {2})*)([\w-]+):(?: (.+))?$/.exec(line) ?? [];
    const parent = open[indent.length / 2];
    if (!parent || key === "" || Object.hasOwn(parent, key)) throw new Error(`No line of such YAML: ${line}`);
    open.length = indent.length / 2 + 1;
    if (value !== undefined) parent[key] = JSON.parse(value);
    else {
      const map: JsonObject = {};
      parent[key] = map;
      open.push(map);
    }
  }
  return root;
}

/** The words of a command line, by the quoting rules of a POSIX shell. */
function readShell(text: string): JsonObject {
  const words = [...text.trimEnd().matchAll(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, single = "", double = "", one = "") => single + double + one),
  );
  const [claude, mcp, add, name = "", ...rest] = words;
  expect([claude, mcp, add]).toEqual(["claude", "mcp", "add"]);
  const end = rest.indexOf("--");
  const [command, ...args] = rest.slice(end + 1);
  const env = rest.slice(0, end).flatMap((word, at) => (word === "-e" ? [String(rest[at + 1]).split("=")] : []));
  return { [name]: { command, args, ...(env.length > 0 && { env: Object.fromEntries(env) }) } };
}

const readers: Record<string, (text: string) => unknown> = {
  json: JSON.parse,
  toml: parse,
  yaml: readYaml,
  sh: readShell,
};

/** Where each client looks for the server. */
const places: Record<string, string[]> = {
  "claude-desktop": ["mcpServers"],
  "claude-code": [],
  vscode: ["servers"],
  cursor: ["mcpServers"],
  windsurf: ["mcpServers"],
  "gemini-cli": ["mcpServers"],
  codex: ["mcp_servers"],
  zed: ["context_servers"],
  goose: ["extensions"],
  cline: ["mcpServers"],
  jetbrains: ["mcpServers"],
};

/** What a client would start. */
function launchOf(client: string, start: Start): JsonObject {
  const language = clientConfigurations()[client]?.language ?? "";
  const read = readers[language]?.(printConfig(client, start));
  const server = valueAt(read, [...(places[client] ?? []), "atlas-streams"]);
  if (!isObject(server)) throw new Error(`${client} finds no server`);
  const { command, cmd = command, args, env, envs = env } = server;
  return { command: cmd, args, env: envs };
}

const unfilled = { MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_…", MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_…" };
const asked = {
  MONGODB_ATLAS_CLIENT_ID: "${input:atlas-id}",
  MONGODB_ATLAS_CLIENT_SECRET: "${input:atlas-secret}",
};

it("knows these clients", () => {
  expect(Object.keys(clientConfigurations())).toEqual(Object.keys(places));
});

describe.each(Object.keys(places))("%s", (client) => {
  const env = client === "vscode" ? asked : unfilled;

  it.each<[string, Start, JsonObject]>([
    ["the package", {}, { command: "npx", args: ["-y", "atlas-streams-mcp"], env }],
    ["the sandbox", { sandbox: true }, { command: "npx", args: ["-y", "atlas-streams-mcp", "--sandbox"] }],
    ["a clone", { clone: "/it's [h]ere/a  b.js" }, { command: "node", args: ["/it's [h]ere/a  b.js"], env }],
    [
      "the package on Windows",
      { windows: true },
      { command: "cmd", args: ["/c", "npx", "-y", "atlas-streams-mcp"], env },
    ],
    [
      "a clone on Windows",
      { windows: true, clone: "C:\\the clone\\server.js", sandbox: true },
      { command: "node", args: ["C:\\the clone\\server.js", "--sandbox"] },
    ],
  ])("starts %s", (_, start, launch) => {
    expect(launchOf(client, start)).toEqual({ env: undefined, ...launch });
  });

  it("has a page of its own documentation, and a place where the text belongs", () => {
    const { page, where } = clientConfigurations()[client] ?? {};
    expect(page).toMatch(/^https:\/\/[\w.-]+\/\S+$/);
    expect(where).not.toBe("");
  });
});

it("goose gets what it asks of every extension", () => {
  expect(valueAt(readYaml(printConfig("goose", {})), ["extensions", "atlas-streams"])).toMatchObject({
    enabled: true,
    type: "stdio",
    name: "atlas-streams",
    description: expect.any(String),
    timeout: 300,
  });
});

it("VS Code asks for the secret without showing it, and for both by the names that the server is started with", () => {
  const { inputs } = JSON.parse(printConfig("vscode", {}));
  expect(inputs).toMatchObject([{ id: "atlas-id" }, { id: "atlas-secret", password: true }]);
});
