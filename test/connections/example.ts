/** Connections to start a test from. */
import { connectionTypes } from "../../src/connections/union.ts";

/** The example of each type as a whole connection, by type. */
export const examples: readonly { type: string; example: Record<string, unknown> }[] = connectionTypes.map(
  ({ type, example }) => ({ type, example: { name: `my-${type}`, type, ...example } }),
);

/** The example of one type, with these fields put over it. */
export function exampleOf(type: string, over: Record<string, unknown> = {}): Record<string, unknown> {
  const found = examples.find((candidate) => candidate.type === type);
  if (!found) throw new Error(`There is no type ${type}`);
  return { ...found.example, ...over };
}
