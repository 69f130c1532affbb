/** The text of `--help`. */
import { serveVariables, type Variable, variables } from "../config/variables.ts";
import { packageName, packageVersion } from "../version.ts";
import { commands, flags } from "./command-line.ts";
import { clientConfigurations } from "./print-config.ts";

export function help(): string {
  const rows = (entries: [string, string][]) => {
    const width = Math.max(...entries.map(([name]) => name.length));
    return entries.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`).join("\n");
  };
  const described = (variable: Variable) =>
    variable.meaning + (variable.default === undefined ? "" : ` (default: ${variable.default})`);
  return `${packageName} ${packageVersion}
MCP server with which an AI agent sets up MongoDB Atlas Stream Processing: connections, workspaces, processors and
whole pipelines. Without a flag or command it serves MCP on stdin and stdout, for a client to start.

Flags
${rows(Object.entries(flags).map(([name, { value, describe }]) => [`--${name} ${value}`.trim(), describe]))}

Commands
${rows(Object.entries(commands))}

Clients for --print-config, and where each keeps its configuration
${rows(Object.entries(clientConfigurations()).map(([name, { where }]) => [name, where]))}

Environment
${rows(variables.map((variable) => [variable.name, described(variable)]))}

Environment of serve
${rows(serveVariables.map((variable) => [variable.name, described(variable)]))}
`;
}
