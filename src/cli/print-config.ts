/** `--print-config CLIENT`. */
import { choice } from "../schema/problems.ts";
import { clientConfigurations } from "./client-configurations.ts";
import { CommandLineError } from "./command-line.ts";

/** @throws {CommandLineError} for a client that is not known, naming those that are. */
export function printConfig(client: string): string {
  const configuration = clientConfigurations[client];
  if (!configuration) throw new CommandLineError(`--print-config ${choice(client, Object.keys(clientConfigurations))}`);
  return `${configuration.text}\n`;
}
