/** `call TOOL [JSON | -]`: one call from the shell. The result goes to stdout; the exit code says whether it worked. */
import { text } from "node:stream/consumers";
import { isObject, type JsonObject } from "../json.ts";
import { parseJson } from "../schema/numbers.ts";
import { PersonNeeded } from "../secret-page/person.ts";
import type { Services } from "../services.ts";
import { runTool } from "../tool/call.ts";
import { loadTool, offersUnder, UnknownTool } from "../tools/available.ts";
import { CommandLineError } from "./command-line.ts";

/**
 * @param given the arguments as JSON, `-` to read them from stdin, or undefined for none
 * @returns the exit code: 0, or 1 if the call failed
 * @throws {CommandLineError} for an unknown tool, and for arguments that are not a JSON object
 */
export async function call(tool: string, given: string | undefined, services: Services): Promise<number> {
  const args = parse(given === "-" ? await text(process.stdin) : (given ?? "{}"));
  const stop = new AbortController();
  const end = () => {
    void services.restarts.end();
    stop.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  try {
    const { settings, rule } = services;
    const client = { signal: stop.signal, offers: offersUnder(settings, rule) };
    const result = await runTool(await loadTool(tool, settings, rule), args, services, client);
    // The tool was told that no page can be opened, so it should ask for none.
    if (result instanceof PersonNeeded) throw new CommandLineError(result.message);
    process.stdout.write(`${services.redactor.line(JSON.stringify(result.content, null, 2))}\n`);
    return result.isError ? 1 : 0;
  } catch (error) {
    throw error instanceof UnknownTool ? new CommandLineError(error.message) : error;
  }
}

function parse(given: string): JsonObject {
  let args: unknown;
  try {
    args = parseJson(given);
  } catch {
    // The text may hold secrets, so it is not repeated.
    throw new CommandLineError("The arguments of `call` are not valid JSON.");
  }
  if (!isObject(args)) throw new CommandLineError("The arguments of `call` must be a JSON object.");
  return args;
}
