/**
 * What is wrong with a value, in words that an agent can act on: the field, its value, what is allowed. A value is
 * repeated only where its field is not a secret and its type is right, so no password ends up in an error.
 */
import { z } from "zod/v3";
import { dotted, type Path, valueAt } from "../json.ts";
import type { Mask } from "../mask.ts";
import { alsoCalled, bare, traitOf } from "./fields.ts";
import type { Note } from "./notes.ts";
import { nearest } from "./spelling.ts";
import { literalOf, objectsOf, pathTo, propertiesOf, schemaAt } from "./structure.ts";

export { type Checked, checked, InvalidInput, type Note, noteLine, type Remark, refusal, warning } from "./notes.ts";

const unmasked: Mask = (text) => text;

interface CheckOptions {
  /** What agents know of the schema, where that says more than `schema`: what a message describes and suggests. */
  known?: z.ZodTypeAny;
  mask?: Mask;
}

/** Checks `value`, to which `at` leads from the arguments. */
export function check<T extends z.ZodTypeAny>(
  schema: T,
  value: unknown,
  at: Path,
  { known = schema, mask = unmasked }: CheckOptions = {},
): { ok: true; value: z.output<T> } | { ok: false; problems: Note[] } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = parsed.error.issues.flatMap((issue) => explain(issue, [known, schema], value, at, mask));
  return { ok: false, problems };
}

/** Whoever wrote more unknown fields than this into one object has not misspelt them. */
const MOST_UNKNOWN = 50;

/** Of `schemas`, the first that describes a field counts. */
function explain(issue: z.ZodIssue, schemas: z.ZodTypeAny[], checked: unknown, at: Path, mask: Mask): Note[] {
  const inside = issue.path.map(String);
  const path = [...at, ...inside];
  const field = schemas.map((schema) => schemaAt(schema, inside)).find(Boolean);
  const value = valueAt(checked, inside);
  const number = field && numberWords(field);
  const problem = (message: string): Note[] => [{ path, message }];
  switch (issue.code) {
    case "unrecognized_keys": {
      const objects = schemas.flatMap((schema) => objectAt(schema, inside, checked) ?? []);
      const object = objects.find((each) => propertiesOf(each).length > 0);
      const more = issue.keys.length - MOST_UNKNOWN;
      return issue.keys.slice(0, MOST_UNKNOWN).map((key, index) => ({
        path: [...path, mask(key)],
        message: `${unknownField(key, object, path)}${more > 0 && index === MOST_UNKNOWN - 1 ? `. Nor are ${more} more` : ""}`,
      }));
    }
    case "invalid_type":
      if (value === null) return problem(`is required${described(field)}; null counts as left out, so give a value`);
      if (issue.received === "string" && field) {
        const shape = shapeOf(field);
        if (shape) return problem(`must be ${shape}; the text in its place is not valid JSON for one`);
      }
      if (field && bare(field) instanceof z.ZodEnum) return problem(choice(value, optionsOf(field), mask));
      if (issue.received === "undefined") return problem(`is required${described(field)}`);
      if (number && typeof value === "number") return problem(`must be ${number}; ${value} was given`);
      return problem(`must be ${number ?? article(issue.expected)}, not ${article(issue.received)}`);
    case "invalid_enum_value":
      return problem(choice(value, issue.options.map(String), mask));
    case "invalid_union_discriminator":
      return problem(choice(value, issue.options.map(String), mask));
    case "invalid_literal":
      return problem(`must be ${JSON.stringify(issue.expected)}`);
    case "too_small":
      if (number) return problem(`must be ${number}; ${value} was given`);
      return problem(outOfBounds(issue.type, `at least ${issue.minimum}`));
    case "too_big":
      if (number) return problem(`must be ${number}; ${value} was given`);
      return problem(outOfBounds(issue.type, `at most ${issue.maximum}`));
    case "invalid_string":
      return problem(`${issue.message}${repeated(value, field, mask)}`);
    default:
      return problem(issue.message);
  }
}

/** `must be one of …`, with the value and the nearest one that is allowed. */
export function choice(
  value: unknown,
  allowed: readonly string[],
  mask = unmasked,
  meant = typeof value === "string" ? nearest(value, allowed) : undefined,
): string {
  const list = `one of ${allowed.join(", ")}`;
  if (value === undefined) return `is required: ${list}`;
  if (typeof value !== "string") return `must be ${list}, not ${article(z.getParsedType(value))}`;
  return `must be ${list}; ${quoted(mask(value))} was given${meant ? `; did you mean ${JSON.stringify(meant)}?` : ""}`;
}

/** A value as it stands in a message: whole, since a secret that is cut is not recognised when secrets are masked. */
export function quoted(text: string): string {
  return text.length <= 60 ? JSON.stringify(text) : `a text of ${text.length} characters`;
}

/** What a number can be, all of it: whoever is told only of the limit that was missed may miss the other one next. */
function numberWords(field: z.ZodTypeAny): string | undefined {
  const inner = bare(field);
  if (!(inner instanceof z.ZodNumber)) return undefined;
  const { isInt, minValue, maxValue } = inner;
  const limits = [
    ...(minValue === null ? [] : [`at least ${minValue}`]),
    ...(maxValue === null ? [] : [`at most ${maxValue}`]),
  ];
  return [isInt ? "a whole number" : "a number", ...(limits.length > 0 ? [limits.join(" and ")] : [])].join(", ");
}

function outOfBounds(type: z.ZodTooSmallIssue["type"], limit: string): string {
  if (limit === "at least 1") return "must not be empty";
  return `must have ${limit} ${type === "string" ? "characters" : "items"}`;
}

function unknownField(key: string, object: z.ZodTypeAny | undefined, at: Path): string {
  const properties = object ? propertiesOf(object) : [];
  const names = properties.map(([name]) => name);
  const other = properties.find(([, property]) => alsoCalled(property, key))?.[0];
  const settings = properties.find(([, property]) => key.includes(".") && traitOf(property).holds === "settings")?.[0];
  const inside = settings === undefined ? object && pathTo(key, object) : [settings, key];
  const meant = other ?? (inside ? dotted([...at, ...inside]) : nearest(key, names));
  // An item of a list has no name of its own, so the list comes with it.
  const own = at.slice(at.findLastIndex((step) => !/^\d+$/.test(step)));
  const where = at.length === 0 ? "an argument" : `a field of ${dotted(own)}`;
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

/** What an object or a list is made of, for whoever wrote text in its place. */
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

function described(field: z.ZodTypeAny | undefined): string {
  const description = field && (field.description ?? bare(field).description);
  return description ? ` (${description})` : "";
}

function repeated(value: unknown, field: z.ZodTypeAny | undefined, mask: Mask): string {
  if (typeof value !== "string" || !field || traitOf(field).holds) return "";
  return `; ${quoted(mask(value))} was given`;
}

function article(type: string): string {
  if (type === "null" || type === "undefined") return type;
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
