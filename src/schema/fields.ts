/**
 * The building blocks of schemas. Each is an ordinary zod schema; what zod cannot say about a field (it is a secret, it
 * takes a list as text, its documented values are open-ended) is kept beside it as a trait, so that reading, masking,
 * comparing and publishing are all driven by the one schema.
 */
import { z } from "zod/v3";
import type { JsonObject, Path } from "../json.ts";
import type { Mask } from "../mask.ts";

/**
 * Which secrets a field holds. `secret`: it is one. `headers`: a map of headers, most of which are secrets. `settings`: a
 * map of a client's settings, of which those are secrets whose names say so, and `pairs` the same in one text. `url`: a
 * password or a token may be inside. `hosts`: a list of hosts, which may be URLs.
 */
export type SecretHolder = "secret" | "headers" | "settings" | "pairs" | "url" | "hosts";

/** A setting of a client that belongs in a field of its own. */
export interface MovedSetting {
  /** From the object that has the map of settings. */
  to: Path;
  value: string;
}

/** What was made of an object that is as another tool writes it: what was changed, and what stands against it. */
export interface ReadFile {
  value: JsonObject;
  changes: { path: Path; message: string }[];
  problems: { path: Path; message: string }[];
}

/** What a field means beyond its zod type. */
export interface Trait {
  /** What is secret of the value; masked wherever the server shows it. */
  holds?: SecretHolder;
  /** Usually several lines, such as a key in PEM. */
  multiline?: true;
  /** Atlas fills it in where a request leaves it out. */
  filled?: true;
  /** Of an object: fields of an answer that people paste back. They are read-only, so they are left out. */
  dropped?: readonly string[];
  /** Of a field in whose object people put what other tools write: makes of that the object that has `fields`. */
  file?: (object: JsonObject, at: Path, fields: readonly string[]) => ReadFile;
  /** Of an object: names under which people send its fields in an object of their own. */
  unwrapped?: readonly string[];
  /** Of a map of settings: where one belongs that has a field of its own. */
  moves?: (setting: string, value: string) => readonly MovedSetting[];
  /** PEM text, and what has to be in it. */
  pem?: "certificate" | "private key";
  /** The ARN of a role in AWS. */
  roleArn?: true;
  /** The name of what is created. */
  naming?: true;
  /** Hexadecimal digits, of which the letters are lower-case. */
  hexadecimal?: true;
  /** A string in which Atlas expects a comma-separated list; an array of strings is joined. */
  commaSeparated?: true;
  /** An open string: `known` are the values Atlas is known to take, others are sent with a warning. */
  known?: readonly string[];
  /** Kinds of the object, by its `mechanism`, that have this field; all have it where this is left out. */
  kinds?: readonly string[];
  /** Other spellings, in lower case, each with the value that is meant. */
  alsoWritten?: Readonly<Record<string, string>>;
  /** Values that Atlas documents where another field of the same object has this value. */
  knownWhere?: { field: string; is: string; known: readonly string[] };
  /** Keywords for the JSON Schema that zod has no word for. */
  keywords?: Readonly<Record<string, unknown>>;
  /** Other names that people and Atlas's tools have for the same, in lower case without separators. */
  alsoCalled?: readonly string[];
  /** What is wrong with a value beyond its schema, to which `at` leads: told where something else is wrong, too. */
  check?: (value: unknown, at: Path, mask: Mask) => readonly { path: Path; message: string }[];
  /** What is published in the place of this schema, which takes more than a schema can say. */
  published?: z.ZodTypeAny;
  /** An argument, or part of a result, that its published schema does not list: agents pay for every byte of it. */
  unlisted?: true;
  /** Part of a result that the server words itself, so that nothing of it is masked by its value. */
  ownWords?: true;
}

// Keyed by zod's definition, which is what both a schema and the JSON Schema converter can name.
const traits = new WeakMap<z.ZodTypeDef, Trait>();

/** The trait of a field, looked up through `optional()`, `nullable()`, `default()` and refinements. */
export function traitOf(schema: z.ZodTypeAny): Trait {
  const inner = inside(schema);
  return traitOfDefinition(schema._def) ?? (inner ? traitOf(inner) : {});
}

/** The trait of exactly this definition. */
export function traitOfDefinition(definition: z.ZodTypeDef): Trait | undefined {
  return traits.get(definition);
}

/** The schema inside `optional()`, `nullable()`, `default()` and refinements. */
export function bare(schema: z.ZodTypeAny): z.ZodTypeAny {
  const inner = inside(schema);
  return inner ? bare(inner) : schema;
}

/** The schema inside one `optional()`, `nullable()`, `default()` or refinement. */
function inside(schema: z.ZodTypeAny): z.ZodTypeAny | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return schema.unwrap();
  if (schema instanceof z.ZodDefault) return schema.removeDefault();
  return schema instanceof z.ZodEffects ? schema.innerType() : undefined;
}

/** Gives `schema` this trait, beside those it has. */
export function withTrait<T extends z.ZodTypeAny>(schema: T, trait: Trait): T {
  traits.set(schema._def, { ...traits.get(schema._def), ...trait });
  return schema;
}

/** Whether `name` is another name for this field, in whatever spelling. */
export function alsoCalled(schema: z.ZodTypeAny, name: string): boolean {
  return traitOf(schema).alsoCalled?.includes(name.toLowerCase().replace(/[^a-z]/g, "")) ?? false;
}

/** A part of a result that the server words itself, with everything from outside in it masked already. */
export const ownWords = <T extends z.ZodTypeAny>(schema: T): T => withTrait(schema, { ownWords: true });

/** An argument, or a part of a result, that its published schema leaves out. */
export const unlisted = <T extends z.ZodTypeAny>(schema: T): T => withTrait(schema, { unlisted: true });

/** A plain string. */
export const text = (description: string) => z.string().describe(description);

/** A string that must not be empty. */
export const name = (description: string) => z.string().min(1).describe(description);

/** A name by which an API's paths address something; `.` and `..` would be steps in the path. */
export const addressable = (description: string) =>
  z
    .string()
    .min(1)
    .refine((value) => value !== "." && value !== "..", 'must not be "." or "..", which cannot stand in a URL')
    .describe(description);

/** An Atlas object id: 24 lower-case hexadecimal digits. */
export const objectId = (description: string) =>
  withTrait(
    z
      .string()
      .regex(/^[a-f0-9]{24}$/, "must be 24 hexadecimal digits (a-f, 0-9)")
      .describe(description),
    { hexadecimal: true },
  );

/** A secret string: a literal or a reference such as `${env:NAME}`. */
export const secret = (description: string) => withTrait(z.string().describe(description), { holds: "secret" });

/** A field that Atlas fills in where a request leaves it out. */
export const filled = <T extends z.ZodTypeAny>(schema: T): T => withTrait(schema, { filled: true });

/** A private key in PEM. */
export const privateKey = (description: string) =>
  withTrait(text(description), { holds: "secret", multiline: true, pem: "private key" });

/** A certificate in PEM, or a chain of them. */
export const certificate = (description: string) => withTrait(text(description), { pem: "certificate" });

/** The ARN of a role in AWS. */
export const roleArn = (description: string) => withTrait(name(description), { roleArn: true });

/** Headers of HTTP, by name. */
export const headers = (description: string) =>
  withTrait(z.record(z.string()).describe(description), { holds: "headers" });

/** Settings of a client, by name. */
export const settings = (description: string, moves: NonNullable<Trait["moves"]>) =>
  withTrait(z.record(z.string()).describe(description), { holds: "settings", moves });

/** A string holding names and values, `a=b,c=d`. */
export const pairs = (description: string) => withTrait(text(description), { holds: "pairs" });

/** A string holding a comma-separated list of hosts. */
export const commaSeparated = (description: string) =>
  withTrait(name(description), { commaSeparated: true, holds: "hosts" });

/** A string that Atlas documents some values of without closing the list. */
export const openString = (known: readonly string[], description: string) => withTrait(text(description), { known });

/** A URL with the scheme http or https. */
export const webUrl = (description: string) => withTrait(webUrlText().describe(description), { holds: "url" });

/** One to `max` distinct http or https URLs. */
export const webUrls = (max: number, description: string) => {
  const list = z
    .array(webUrlText())
    .min(1)
    .max(max)
    .refine((urls) => new Set(urls).size === urls.length, "must not name a URL twice")
    .describe(description);
  return withTrait(list, { keywords: { uniqueItems: true }, holds: "url" });
};

function webUrlText() {
  return z.string().refine(isWebUrl, (value) => ({
    message: `must be an http:// or https:// URL${/\s/.test(value) ? ", with no spaces around it or in its host" : ""}`,
  }));
}

/** Stricter than `URL`, which takes spaces and leaves out slashes where no server does. */
function isWebUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:\/\/[^\s/?#]+(?:[/?#]|$)/i.test(value) && value === value.trim();
}
