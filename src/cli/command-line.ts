/** The command line: its flags and commands, and what they ask of the server. */
import { parseArgs } from "node:util";
import { type ToolsetName, toolsetsIn } from "../config/settings.ts";
import type { VariableName } from "../config/variables.ts";
import { nearest } from "../schema/spelling.ts";

export const flags = {
  help: { type: "boolean", short: "h", value: "", describe: "Show this help" },
  version: { type: "boolean", short: "v", value: "", describe: "Show the version" },
  check: { type: "boolean", value: "", describe: "Test the credentials and show what they can see" },
  "print-config": {
    type: "string",
    value: "CLIENT",
    describe: "Print the configuration for a client, ready to paste; with --sandbox it starts the sandbox",
  },
  clone: { type: "boolean", value: "", describe: "With --print-config: start this copy, not the published package" },
  windows: { type: "boolean", value: "", describe: "With --print-config: the form that starts on Windows" },
  sandbox: { type: "boolean", value: "", describe: "Use an embedded sandbox instead of Atlas; no account needed" },
  toolsets: { type: "string", value: "NAMES", describe: "Offer only these toolsets, such as connections" },
  policy: { type: "string", value: "FILE", describe: "Allow only what this policy says" },
  "print-policy-schema": { type: "boolean", value: "", describe: "Print the JSON Schema of a policy" },
  audit: { type: "string", value: "FILE", describe: "Write down there what calls change; - for stderr" },
  "read-only": { type: "boolean", value: "", describe: "Offer only read-only tools" },
  listen: { ...ofServe("HOST:PORT", "ATLAS_STREAMS_MCP_LISTEN"), describe: "With serve: where to listen for MCP" },
  "ops-listen": {
    ...ofServe("HOST:PORT", "ATLAS_STREAMS_MCP_OPS_LISTEN"),
    describe: "With serve: where to listen for probes and metrics",
  },
  "public-url": {
    ...ofServe("URL", "ATLAS_STREAMS_MCP_PUBLIC_URL"),
    describe: "With serve: the address under which clients reach it",
  },
  issuer: { ...ofServe("URL", "ATLAS_STREAMS_MCP_ISSUER"), describe: "With serve: the issuer of the callers' tokens" },
  audience: {
    ...ofServe("NAMES", "ATLAS_STREAMS_MCP_AUDIENCE"),
    isList: true,
    describe: "With serve: whom tokens must be meant for (default: the public URL)",
  },
  scopes: {
    ...ofServe("read=…,write=…,delete=…", "ATLAS_STREAMS_MCP_SCOPES"),
    isList: true,
    describe: "With serve: the scopes that tools need by what they do",
  },
  "groups-claim": {
    ...ofServe("NAME", "ATLAS_STREAMS_MCP_GROUPS_CLAIM"),
    describe: "With serve: the claim of tokens that holds the caller's groups",
  },
  "allowed-origins": {
    ...ofServe("ORIGINS", "ATLAS_STREAMS_MCP_ALLOWED_ORIGINS"),
    isList: true,
    describe: "With serve: origins whose pages may call it",
  },
  "calls-per-minute": {
    ...ofServe("COUNT", "ATLAS_STREAMS_MCP_CALLS_PER_MINUTE"),
    describe: "With serve: how many requests a caller may make a minute",
  },
  concurrent: {
    ...ofServe("COUNT", "ATLAS_STREAMS_MCP_CONCURRENT"),
    describe: "With serve: how many requests of a caller may be under way at once",
  },
} as const;

/** A flag of `serve` stands for a variable. */
function ofServe<const N extends VariableName>(value: string, variable: N) {
  return { type: "string", value, variable } as const;
}

export const commands = {
  serve: "Serve MCP over HTTP, for one person on this machine or, with an issuer and a policy, for many",
  "call TOOL [JSON | -]": "Call a tool with JSON arguments, or `-` to read them from stdin, and print its result",
};

export interface CommandLine {
  help: boolean;
  version: boolean;
  check: boolean;
  printConfig?: string;
  clone: boolean;
  windows: boolean;
  sandbox: boolean;
  toolsets?: readonly ToolsetName[];
  readOnly: boolean;
  policy?: string;
  audit?: string;
  printPolicySchema: boolean;
  call?: { tool: string; given: string | undefined };
  serve: boolean;
  /** What flags say in place of variables. */
  variables: Readonly<Partial<Record<VariableName, string>>>;
}

/** The command line cannot be used. The message is one line for a person. */
export class CommandLineError extends Error {
  override name = "CommandLineError";
}

/**
 * @throws {CommandLineError} for unknown flags and commands, suggesting the nearest one
 * @throws {SettingsError} for a setting that cannot be used
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { tokens, values, positionals } = parseArgs({
    args: [...args],
    options: flags,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const flag = Object.entries(flags).find(([name]) => name === token.name)?.[1];
    if (!flag)
      throw new CommandLineError(unknownMessage(`flag: ${token.rawName}`, token.name, "--", Object.keys(flags)));
    if (flag.type === "boolean" && token.value !== undefined)
      throw new CommandLineError(`${token.rawName} takes no value.`);
    if (flag.type === "string" && !token.value)
      throw new CommandLineError(`${token.rawName} needs a value: ${token.rawName} ${flag.value}. Try --help.`);
  }
  const [command, tool, given, ...rest] = positionals;
  if (command !== undefined && command !== "call" && command !== "serve") {
    // Names of tools have it, and nothing else that is asked for here.
    if (command.includes("_")) throw new CommandLineError(`Did you mean: call ${command}? Try --help.`);
    throw new CommandLineError(unknownMessage(`command: ${command}`, command, "", ["call", "serve"]));
  }
  const serve = command === "serve";
  if (serve && tool !== undefined) throw new CommandLineError("`serve` takes flags only. Try --help.");
  if (rest.length > 0) throw new CommandLineError("`call` takes a single JSON argument; put it in quotes.");
  const on = (name: keyof typeof flags) => values[name] === true;
  if (command === "call" && tool === undefined && !on("help"))
    throw new CommandLineError("`call` needs the name of a tool.");
  const { "print-config": client, toolsets, policy, audit } = values;
  for (const name of ["clone", "windows"] as const)
    if (on(name) && client === undefined) throw new CommandLineError(`--${name} belongs to --print-config CLIENT.`);
  const settings = Object.entries(flags).flatMap(([name, flag]) => {
    if (!("variable" in flag) || values[name] === undefined) return [];
    if (!serve && !on("help")) throw new CommandLineError(`--${name} belongs to serve.`);
    const given = tokens.flatMap((token) =>
      token.kind === "option" && token.name === name ? (token.value ?? []) : [],
    );
    if (given.length > 1 && !("isList" in flag)) throw new CommandLineError(`--${name} is given more than once.`);
    return [[flag.variable, given.join()]];
  });
  return {
    help: on("help"),
    version: on("version"),
    check: on("check"),
    clone: on("clone"),
    windows: on("windows"),
    sandbox: on("sandbox"),
    readOnly: on("read-only"),
    printPolicySchema: on("print-policy-schema"),
    ...(typeof policy === "string" && { policy }),
    ...(typeof audit === "string" && { audit }),
    ...(typeof toolsets === "string" && { toolsets: toolsetsIn(toolsets, "--toolsets") }),
    ...(typeof client === "string" && { printConfig: client }),
    ...(tool !== undefined && { call: { tool, given } }),
    serve,
    variables: Object.fromEntries(settings),
  };
}

function unknownMessage(what: string, given: string, prefix: string, known: readonly string[]): string {
  const meant = nearest(given, known);
  return `Unknown ${what}.${meant === undefined ? "" : ` Did you mean ${prefix}${meant}?`} Try --help.`;
}
