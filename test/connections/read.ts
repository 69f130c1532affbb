/** Reading a connection as the tool does, without the references. */
import type { Problem } from "../../src/connections/problems.ts";
import { readConnection } from "../../src/connections/read-connection.ts";
import { relax } from "../../src/connections/relax.ts";

export type Read = { sent: unknown; warnings: string[]; missing: string[] } | { problems: Problem[] };

/** What is made of a connection: what would be sent, or why not. */
export function read(raw: unknown): Read {
  const { value, warnings, problems } = relax(raw);
  if (problems.length > 0) return { problems };
  const reading = readConnection(value);
  if (!reading.ok) return { problems: reading.problems };
  return {
    sent: reading.connection,
    warnings: [...warnings, ...reading.warnings],
    missing: reading.missingSecrets.map(({ path }) => path.join(".")),
  };
}

/** What would be sent of a connection that has to be taken, with its warnings. */
export function taken(raw: unknown): { sent: unknown; warnings: string[] } {
  const result = read(raw);
  if ("problems" in result) throw new Error(`Refused: ${JSON.stringify(result.problems)}`);
  return { sent: result.sent, warnings: result.warnings };
}

/** The problems of a connection that has to be refused, by path. */
export function refused(raw: unknown): Record<string, string> {
  const result = read(raw);
  if (!("problems" in result)) throw new Error(`Taken: ${JSON.stringify(result.sent)}`);
  return Object.fromEntries(result.problems.map(({ path, message }) => [path, message]));
}
