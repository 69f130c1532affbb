/** Which fields of a connection hold secrets, read off the union, and how they are masked by their place. */
import type { z } from "zod/v3";
import { mapStrings, type Path, stringsIn } from "../json.ts";
import { traitOf } from "../schema/fields.ts";
import { propertiesOf } from "../schema/structure.ts";
import { MASK } from "../secrets/mask.ts";
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
export function isSecretPlace(path: Path): boolean {
  return path.some((step) => names.has(step));
}

/** A setting of a Kafka client that holds a secret, such as `ssl.key.password` or `sasl.jaas.config`. */
const isSecretSetting = (path: Path) => /\..*(password|secret)|\.jaas\./i.test(path.at(-1) ?? "");

/** The password in a URL. */
const URL_PASSWORD = /(?<=\/\/[^\s/?#:@]*:)[^\s/?#@]+(?=@)/g;

/** Secrets that people put into fields that are none: still sent as they are, and masked all the same. */
export function embeddedSecretsIn(value: unknown): string[] {
  return stringsIn(value).flatMap(({ text, path }) =>
    isSecretSetting(path) ? [text] : (text.match(URL_PASSWORD) ?? []),
  );
}

/** The secret strings in `value`, which may be malformed, and where they stand. */
export function secretsIn(value: unknown): { text: string; path: Path }[] {
  return stringsIn(value).filter(({ path }) => isSecretPlace(path));
}

/** `value` with every string at a secret place masked, and what is secret inside other strings. */
export function maskSecretFields(value: unknown): unknown {
  return mapStrings(value, (text, path) => {
    if (text === "") return text;
    return isSecretPlace(path) || isSecretSetting(path) ? MASK : text.replace(URL_PASSWORD, MASK);
  });
}
