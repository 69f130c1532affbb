/**
 * The certain leniencies: what agents commonly send in another form than Atlas takes, where only one thing can be meant.
 * Driven by the union, so a new type gets them for free. Each change is told in a warning.
 */
import { z } from "zod/v3";
import { isDeeperThan, isObject, type JsonObject, type Path } from "../json.ts";
import { bare, traitOf } from "../schema/fields.ts";
import type { Note } from "../schema/problems.ts";
import { literalOf, objectsOf } from "../schema/structure.ts";
import { typeNamed } from "./union.ts";

/** Text can hold what no message can: a value so deep that the recursion that reads it would exhaust the stack. */
const DEEPEST = 64;

/** Read-only fields of a connection as Atlas returns it. */
const READ_ONLY = ["id", "state"];

/**
 * `raw` in the form that the union takes, as far as that is certain; what remains wrong is left for the union to say.
 * `at` leads to it from the arguments.
 */
export function relax(raw: unknown, at: Path): { value: unknown; warnings: Note[]; problems: Note[] } {
  const warnings: Note[] = [];
  const warn: Warn = (path, message) => warnings.push({ path: [...at, ...path], message });

  const opened = typeof raw === "string" ? parse(raw) : raw;
  if (typeof raw === "string") {
    if (!isObject(opened)) {
      const message = "must be an object; the text that was given is no JSON object";
      return { value: raw, warnings, problems: [{ path: at, message }] };
    }
    warn([], "was text and was read as JSON; give it as an object");
  }
  if (!isObject(opened)) return { value: opened, warnings, problems: [] };

  const member = typeNamed(opened["type"])?.schema;
  const value = without(opened, [...READ_ONLY, "links"], [], member, warn);
  return { value: member ? relaxObject(member, value, [], warn) : value, warnings, problems: [] };
}

type Warn = (path: Path, message: string) => void;

function relaxValue(schema: z.ZodTypeAny, value: unknown, path: Path, warn: Warn): unknown {
  const field = bare(schema);
  if (field instanceof z.ZodString && traitOf(schema).commaSeparated && isStrings(value)) {
    warn(path, "was a list and was joined with commas");
    return value.join(",");
  }
  if (field instanceof z.ZodArray && typeof value === "string") {
    warn(path, "was one string and was made a list");
    return value.split(/\s*,\s*(?=https?:)/);
  }
  if (field instanceof z.ZodRecord && isObject(value)) return stringValues(value, path, warn);
  if (isObject(value)) {
    const discriminated = field instanceof z.ZodDiscriminatedUnion ? field.discriminator : undefined;
    const object = objectsOf(field).find(
      (candidate) => discriminated === undefined || literalOf(candidate, discriminated) === value[discriminated],
    );
    if (object) return relaxObject(object, without(value, ["links"], path, object, warn), path, warn);
  }
  return value;
}

function relaxObject(object: z.AnyZodObject, value: JsonObject, path: Path, warn: Warn): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const property: z.ZodTypeAny | undefined = Object.hasOwn(object.shape, key) ? object.shape[key] : undefined;
      return [key, property ? relaxValue(property, inner, [...path, key], warn) : inner];
    }),
  );
}

/** `value` without the fields that only an answer has. */
function without(
  value: JsonObject,
  readOnly: readonly string[],
  path: Path,
  object: z.AnyZodObject | undefined,
  warn: Warn,
): JsonObject {
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => {
      const drop = readOnly.includes(key) && !(object && Object.hasOwn(object.shape, key));
      if (drop) warn([...path, key], "is read-only and was left out");
      return !drop;
    }),
  );
}

function stringValues(map: JsonObject, path: Path, warn: Warn): JsonObject {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]) => {
      if (typeof value !== "number" && typeof value !== "boolean") return [key, value];
      warn([...path, key], `was a ${typeof value} and was made a string`);
      return [key, String(value)];
    }),
  );
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && isDeeperThan(DEEPEST, value) ? undefined : value;
  } catch {
    return undefined;
  }
}
