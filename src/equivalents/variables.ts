/** The variables that stand for a connection's secrets: one for each secret string, named after its place. */
import { stringsIn } from "../json.ts";
import type { Create } from "./create.ts";

export interface Variables {
  /** Every variable, in upper case, as a shell's environment has it. */
  names: readonly string[];
  /** The variable for the string at `path`, if that is a secret. */
  at: (path: readonly string[]) => string | undefined;
  /** The connection's name, or else its type, as the beginning of an identifier: `ORDERS_KAFKA`. */
  prefix: string;
}

/** A shorter secret is in half of all texts by chance. */
const TELLING = 4;

/** Long enough to tell variables apart, short enough to read. */
const LONGEST = 60;

export function secretVariables({ connection, isSecret }: Pick<Create, "connection" | "isSecret">): Variables {
  const strings = stringsIn(connection).filter(({ text }) => text !== "");
  const secrets = strings.filter(({ path }) => isSecret(path)).map(({ text }) => text);
  // A secret that a person also uses elsewhere, say as the user name, must not be given away there.
  const hidden = strings.filter(
    ({ text, path }) => isSecret(path) || secrets.some((secret) => secret.length >= TELLING && text.includes(secret)),
  );

  const hides = (path: readonly string[]) => hidden.some((other) => same(other.path, path));
  const prefix = prefixOf(hides(["name"]) ? "" : connection.name, hides(["type"]) ? "connection" : connection.type);
  const names = new Map<string, string>();
  for (const { path } of hidden) {
    const wanted = `${prefix}_${identifier(path.join(" "))}`;
    let name = wanted;
    for (let copy = 2; [...names.values()].includes(name); copy++) name = `${wanted}_${copy}`;
    names.set(JSON.stringify(path), name);
  }
  return { names: [...names.values()], at: (path) => names.get(JSON.stringify(path)), prefix };
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** An identifier must begin with a letter, which a name of digits or of another script does not give. */
function prefixOf(name: string, type: string): string {
  const own = identifier(name);
  return /^[A-Z]/.test(own) ? own : identifier(`${type} ${own}`);
}

/** `sslKeyPassword` → `SSL_KEY_PASSWORD`, `AWSLambda` → `AWS_LAMBDA`. */
function identifier(text: string): string {
  return text
    .replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "_")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .slice(0, LONGEST)
    .replace(/^_|_$/g, "")
    .toUpperCase();
}
