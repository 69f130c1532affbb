/** Reading a connection as the tool does, without the references. */
import { readConnection } from "../../src/connections/read.ts";
import { connectionSchema } from "../../src/connections/union.ts";
import { dotted } from "../../src/json.ts";
import { asMeant } from "../../src/schema/as-meant.ts";
import { type Note, noteLine } from "../../src/schema/problems.ts";

export type Read = { sent: unknown; warnings: string[]; missing: string[] } | { problems: readonly Note[] };

const at = ["connection"];

/** What is made of a connection: what would be sent, or why not. */
export function read(raw: unknown): Read {
  const { value, changes, problems } = asMeant(connectionSchema, raw, at);
  const reading = readConnection(value, at);
  if (!reading.ok) return { problems: [...problems, ...reading.problems] };
  if (problems.length > 0) return { problems };
  return {
    sent: reading.connection,
    warnings: [...changes, ...reading.warnings].map(noteLine),
    missing: reading.missingSecrets.map(({ path }) => dotted(path)),
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
  return Object.fromEntries(result.problems.map(({ path, message }) => [dotted(path), message]));
}
