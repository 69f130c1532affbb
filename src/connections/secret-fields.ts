/** Which fields of a connection hold secrets, read off the union, and how they are masked by their place. */
import type { z } from "zod/v3";
import { mapStrings, stringsIn } from "../json.ts";
import { MASK } from "../secrets/mask.ts";
import { traitOf } from "./fields.ts";
import { propertiesOf } from "./structure.ts";
import { connectionSchema } from "./union.ts";

/** Names of fields and maps that hold secrets. Such a name counts wherever it stands, so that echoes are covered too. */
const names = new Set(secretNames(connectionSchema));

function secretNames(schema: z.ZodTypeAny): string[] {
  return propertiesOf(schema).flatMap(([name, property]) => [
    ...(traitOf(property).secret ? [name] : []),
    ...secretNames(property),
  ]);
}

/** Whether what stands at `path`, or inside it, is a secret. */
export function isSecretPlace(path: readonly string[]): boolean {
  return path.some((step) => names.has(step));
}

/** The secret strings in `value`, which may be malformed, and where they stand. */
export function secretsIn(value: unknown): { text: string; path: readonly string[] }[] {
  return stringsIn(value).filter(({ path }) => isSecretPlace(path));
}

/** `value` with every string at a secret place masked. */
export function maskSecretFields(value: unknown): unknown {
  return mapStrings(value, (text, path) => (isSecretPlace(path) && text !== "" ? MASK : text));
}
