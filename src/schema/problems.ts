/**
 * What is wrong with a value, in words that an agent can act on: the field, what was given, what is allowed. A value is
 * repeated only where its field is not a secret and its type is right, so no password ends up in an error.
 */
import { z } from "zod/v3";
import { dotted, type Path, valueAt } from "../json.ts";
import type { Mask } from "../mask.ts";
import { alsoCalled, bare, traitOf } from "./fields.ts";
import { nearest } from "./spelling.ts";
import { literalOf, objectsOf, pathTo, propertiesOf, schemaAt } from "./structure.ts";

/** Something to say of the value at a path: what is wrong with it, or what to know about it. */
export interface Note {
  /** From the arguments, such as `["connection", "aws", "roleArn"]`. */
  path: Path;
  message: string;
}

/** A note in one line. */
export const noteLine = ({ path, message }: Note): string => `${dotted(path)}: ${message}`;

/** A note on what Atlas surely refuses, or on what only may be wrong. */
export interface Remark extends Note {
  severity: "warning" | "refusal";
}

export const refusal = (path: Path, message: string): Remark => ({ path, message, severity: "refusal" });
export const warning = (path: Path, message: string): Remark => ({ path, message, severity: "warning" });

/** With problems, nothing is sent. */
export type Checked = Record<"problems" | "warnings", Note[]>;

export function checked(remarks: readonly Remark[]): Checked {
  const notesOf = (severity: Remark["severity"]): Note[] =>
    remarks.filter((remark) => remark.severity === severity).map(({ path, message }) => ({ path, message }));
  return { problems: notesOf("refusal"), warnings: notesOf("warning") };
}

/** Arguments that cannot be used; nothing was sent. */
export class InvalidInput extends Error {
  override name = "InvalidInput";
  readonly problems: readonly Note[];
  readonly hint: string | undefined;

  constructor(problems: readonly Note[], hint?: string) {
    super("The arguments cannot be used");
    this.problems = problems;
    this.hint = hint;
  }
}

const asGiven: Mask = (given) => given;

interface CheckOptions {
  /** Where a field is looked for that an unknown one may have been meant to be; it may describe more than `schema`. */
  known?: z.ZodTypeAny;
  mask?: Mask;
}

/** Checks `value`, to which `at` leads from the arguments. */
export function check<T extends z.ZodTypeAny>(
  schema: T,
  value: unknown,
  at: Path,
  { known = schema, mask = asGiven }: CheckOptions = {},
): { ok: true; value: z.output<T> } | { ok: false; problems: Note[] } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, problems: parsed.error.issues.flatMap((issue) => explain(issue, known, value, at, mask)) };
}

function explain(issue: z.ZodIssue, schema: z.ZodTypeAny, value: unknown, at: Path, mask: Mask): Note[] {
  const inside = issue.path.map(String);
  const path = [...at, ...inside];
  const field = schemaAt(schema, inside);
  const given = valueAt(value, inside);
  const problem = (message: string): Note[] => [{ path, message }];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: [...path, mask(key)],
        message: unknownField(key, objectAt(schema, inside, value), path),
      }));
    case "invalid_type":
      if (given === null)
        return problem(`is required${field ? wanted(field) : ""}; null is as if it were left out, so give a value`);
      if (issue.received === "string" && field) {
        const shape = shapeOf(field);
        if (shape) return problem(`must be ${shape}; the text that was given is no such JSON`);
      }
      if (field && bare(field) instanceof z.ZodEnum) return problem(choice(given, optionsOf(field), mask));
      return problem(
        issue.received === "undefined"
          ? `is required${field ? wanted(field) : ""}`
          : `must be ${article(issue.expected)}, not ${article(issue.received)}`,
      );
    case "invalid_enum_value":
      return problem(choice(given, issue.options.map(String), mask));
    case "invalid_union_discriminator":
      return problem(choice(given, issue.options.map(String), mask));
    case "invalid_literal":
      return problem(`must be ${JSON.stringify(issue.expected)}`);
    case "too_small":
      return problem(issue.minimum === 1 ? "must not be empty" : `must have at least ${issue.minimum} items`);
    case "too_big":
      return problem(`must have at most ${issue.maximum} items`);
    case "invalid_string":
      return problem(`${issue.message}${shown(given, field, mask)}`);
    default:
      return problem(issue.message);
  }
}

/** `must be one of …`, with the value that was given and the nearest one that is allowed. */
export function choice(given: unknown, allowed: readonly string[], mask = asGiven): string {
  const list = `one of ${allowed.join(", ")}`;
  if (given === undefined) return `is required: ${list}`;
  if (typeof given !== "string") return `must be ${list}, not ${article(z.getParsedType(given))}`;
  const meant = nearest(given, allowed);
  return `must be ${list}; ${quoted(mask(given))} was given${meant ? `; did you mean ${JSON.stringify(meant)}?` : ""}`;
}

/** A value as it stands in a message: whole, since a secret that is cut is not recognised when secrets are masked. */
export function quoted(given: string): string {
  return given.length <= 60 ? JSON.stringify(given) : `a text of ${given.length} characters`;
}

function unknownField(key: string, object: z.ZodTypeAny | undefined, at: Path): string {
  const properties = object ? propertiesOf(object) : [];
  const names = properties.map(([name]) => name);
  const deeper = object && pathTo(key, object);
  const other = properties.find(([, property]) => alsoCalled(property, key))?.[0];
  const meant = deeper ? dotted([...at, ...deeper]) : (other ?? nearest(key, names));
  const where = at.at(-1) === undefined ? "an argument" : `a field of ${at.at(-1)}`;
  const question = meant === undefined ? "." : `; did you mean ${meant}?`;
  return `is not ${where}${question} Allowed: ${names.join(", ") || "none"}`;
}

/** The object that was checked at `path`: of a union, the member that the value chose. */
function objectAt(schema: z.ZodTypeAny, path: Path, value: unknown): z.ZodTypeAny | undefined {
  const found = schemaAt(schema, path);
  const inner = found && bare(found);
  if (!(inner instanceof z.ZodDiscriminatedUnion)) return found;
  const chosen = valueAt(value, [...path, inner.discriminator]);
  return objectsOf(inner).find((member) => literalOf(member, inner.discriminator) === chosen) ?? found;
}

/** What an object or a list is made of, for who gave text in its place. */
function shapeOf(field: z.ZodTypeAny): string | undefined {
  const inner = bare(field);
  if (inner instanceof z.ZodArray) return "a list";
  if (inner instanceof z.ZodRecord) return 'an object {"name": "value", …}';
  const members = objectsOf(inner).map(({ shape }) => Object.keys(shape));
  const [first, ...others] = members;
  if (!first) return undefined;
  const shared = first.filter((name) => others.every((names) => names.includes(name)));
  const all = others.every((names) => names.length === shared.length);
  return `an object {${shared.join(", ")}${all ? "" : ", …"}}`;
}

function optionsOf(field: z.ZodTypeAny): string[] {
  const inner = bare(field);
  return inner instanceof z.ZodEnum ? inner.options.map(String) : [];
}

function wanted(field: z.ZodTypeAny): string {
  const inner = bare(field);
  const description = field.description ?? inner.description;
  return description ? ` (${description})` : "";
}

function shown(given: unknown, field: z.ZodTypeAny | undefined, mask: Mask): string {
  if (typeof given !== "string" || !field || traitOf(field).holds) return "";
  return `; ${quoted(mask(given))} was given`;
}

function article(type: string): string {
  if (type === "null" || type === "undefined") return type;
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
