/** What the server is asked to do on its command line. */
import { parseArgs } from "node:util";
import { nearest } from "../schema/spelling.ts";

export const flags = {
  help: { type: "boolean", short: "h", value: "", describe: "Show this help" },
  version: { type: "boolean", short: "v", value: "", describe: "Show the version" },
  check: { type: "boolean", value: "", describe: "Try the credentials and say what they can see" },
  "print-config": { type: "string", value: "CLIENT", describe: "Print the configuration for a client" },
  sandbox: { type: "boolean", value: "", describe: "Use an embedded Atlas instead of the real one; needs no account" },
  "read-only": { type: "boolean", value: "", describe: "Offer no tool that writes" },
} as const;

export const commands = {
  "call TOOL [JSON | -]": "Call one tool with the arguments in JSON (or from stdin) and print its result",
};

export interface CommandLine {
  help: boolean;
  version: boolean;
  check: boolean;
  printConfig?: string;
  sandbox: boolean;
  readOnly: boolean;
  call?: { tool: string; given: string | undefined };
}

/** A command line that cannot be used; the message is one line. */
export class CommandLineError extends Error {
  override name = "CommandLineError";
}

/** @throws {CommandLineError} for an unknown flag or argument, naming the nearest flag. */
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
    if (flag.type === "string" && !token.value) throw new CommandLineError(`${token.rawName} needs a ${flag.value}.`);
  }
  const [command, tool, given, ...rest] = positionals;
  if (command !== undefined && command !== "call")
    throw new CommandLineError(unknownMessage(`command: ${command}`, command, "", ["call"]));
  if (command === "call" && tool === undefined) throw new CommandLineError("call needs the name of a tool.");
  if (rest.length > 0) throw new CommandLineError("call takes one JSON text; put it in quotes.");
  const on = (name: keyof typeof flags) => values[name] === true;
  const client = values["print-config"];
  return {
    help: on("help"),
    version: on("version"),
    check: on("check"),
    sandbox: on("sandbox"),
    readOnly: on("read-only"),
    ...(typeof client === "string" && { printConfig: client }),
    ...(tool !== undefined && { call: { tool, given } }),
  };
}

function unknownMessage(what: string, given: string, prefix: string, known: readonly string[]): string {
  const meant = nearest(given, known);
  return `Unknown ${what}.${meant === undefined ? "" : ` Did you mean ${prefix}${meant}?`} Try --help.`;
}
