/**
 * The manifest of the MCPB bundle, which hosts such as Claude Desktop install with a click. Its settings are the
 * server's environment variables. @see https://github.com/modelcontextprotocol/mcpb/blob/main/MANIFEST.md
 */
import manifest from "../package.json" with { type: "json" };
import { type Variable, variables } from "../src/config/variables.ts";
import { generatedTools } from "../src/tools/generated/tools.ts";

/** What the bundle holds beside its manifest. `package.json` tells Node that the files are ES modules. */
export const bundledFiles = ["dist", "package.json", "README.md", "CHANGELOG.md", "LICENSE"] as const;

export interface Setting {
  type: "string" | "number" | "boolean" | "directory";
  title: string;
  description: string;
  required: false;
  sensitive?: true;
  default?: string | number | boolean;
}

/** The proxy belongs to the host's environment, not to this server. */
const ofTheHost: readonly string[] = ["HTTPS_PROXY", "NO_PROXY"];
const settable = variables.filter(({ name }) => !ofTheHost.includes(name));

export function mcpbManifest() {
  const { name, version, description, author, license, keywords, engines } = manifest;
  const entry = manifest.bin["atlas-streams-mcp"];
  return {
    manifest_version: "0.3",
    name,
    display_name: "Atlas Stream Processing",
    version,
    description,
    author: { name: author },
    license,
    keywords,
    server: {
      type: "node",
      entry_point: entry,
      mcp_config: {
        command: "node",
        args: [`\${__dirname}/${entry}`],
        env: Object.fromEntries(settable.map((variable) => [variable.name, `\${user_config.${keyOf(variable)}}`])),
      },
    },
    tools: generatedTools.map((tool) => ({ name: tool.name, description: tool.description })),
    prompts_generated: true,
    compatibility: { platforms: ["darwin", "win32", "linux"], runtimes: { node: engines.node } },
    user_config: Object.fromEntries(
      settable.map((variable): [string, Setting] => [keyOf(variable), setting(variable)]),
    ),
  };
}

const keyOf = ({ name }: Variable) => name.toLowerCase();

/** Every setting is optional: the server starts without any and says which credentials it lacks. */
function setting({ name, meaning, default: value, secret, format }: Variable): Setting {
  return {
    type: format === "filepath" ? "directory" : (format ?? "string"),
    title: titleOf(name),
    description: meaning.replaceAll("`", ""),
    required: false,
    ...(secret && { sensitive: true }),
    ...defaultOf(value, format),
  };
}

/** `MONGODB_ATLAS_CLIENT_ID` → `Client id`. */
function titleOf(name: string): string {
  const words = name
    .replace(/^(MONGODB_ATLAS|ATLAS_STREAMS_MCP)_/, "")
    .toLowerCase()
    .replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function defaultOf(value: string | undefined, format: Variable["format"]): Pick<Setting, "default"> {
  if (format === "boolean") return { default: value === "true" };
  if (format === "number") return value === undefined ? {} : { default: Number(value) };
  if (format === "filepath") return {};
  // Without a default a host passes the placeholder itself for a blank setting.
  return { default: value ?? "" };
}
