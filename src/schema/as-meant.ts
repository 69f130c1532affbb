/**
 * Arguments as they are meant: what agents, clients and people send in another form than the schema has, where only one
 * thing can be meant. Driven by the schema, so that it knows kinds of fields and no one of them; what is uncertain is
 * left for the check to refuse. Each change is told in a note, but for nulls that are left out and arguments that clients
 * add by themselves.
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod/v3";
import { dotted, isDeeperThan, isObject, type JsonObject, type Path, valueAt, withValueAt } from "../json.ts";
import { aliases, valueAliases } from "./aliases.ts";
import { bare, type MovedSetting, traitOf } from "./fields.ts";
import type { Note } from "./problems.ts";
import { literalOf, objectsOf, schemaAt } from "./structure.ts";

export interface Meant {
  value: unknown;
  /** What was changed. */
  changes: Note[];
  /** What contradicts itself. */
  problems: Note[];
}

/** `value`, to which `at` leads from the arguments, in the form of `schema`. */
export function asMeant(schema: z.ZodTypeAny, value: unknown, at: Path): Meant {
  const reading = new Reading();
  return { value: reading.read(schema, value, at), changes: reading.changes, problems: reading.problems };
}

/** Text can hold what no message can: a value so deep that the recursion that reads it would exhaust the stack. */
const DEEPEST = 64;

class Reading {
  readonly changes: Note[] = [];
  readonly problems: Note[] = [];

  read(schema: z.ZodTypeAny, value: unknown, path: Path): unknown {
    const field = bare(schema);
    if (field instanceof z.ZodObject || field instanceof z.ZodDiscriminatedUnion) {
      const given = this.#opened(value, path, isObject);
      return isObject(given) ? this.#object(schema, field, given, path) : given;
    }
    if (field instanceof z.ZodRecord) {
      const given = this.#opened(value, path, isObject);
      return isObject(given) ? this.#map(given, path) : given;
    }
    if (field instanceof z.ZodArray) return this.#list(field.element, value, path);
    if (field instanceof z.ZodBoolean && (value === "true" || value === "false")) {
      this.#tell(path, "was text and was read as true or false");
      return value === "true";
    }
    if (field instanceof z.ZodEnum) return this.#spelled(value, field.options, path);
    if (field instanceof z.ZodLiteral) return this.#spelled(value, [field.value], path);
    if (field instanceof z.ZodString) return this.#text(schema, value, path);
    return value;
  }

  #tell(path: Path, message: string): void {
    this.changes.push({ path, message });
  }

  /** JSON text in the place of what `fits`. */
  #opened(value: unknown, path: Path, fits: (read: unknown) => boolean): unknown {
    if (typeof value !== "string") return value;
    const read = parsed(value);
    if (!fits(read)) return value;
    this.#tell(path, "was text and was read as JSON");
    return read;
  }

  #object(schema: z.ZodTypeAny, field: z.ZodTypeAny, given: JsonObject, path: Path): JsonObject {
    const member = this.#memberOf(field, given);
    // Of a union whose kind is not known, nothing can be said but that a null is nothing.
    if (!member) return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
    const dropped = [...(traitOf(schema).dropped ?? []), "links"];
    const read: JsonObject = {};
    const respelt: [given: string, name: string][] = [];
    for (const [key, value] of Object.entries(given)) {
      if (path.length === 0 && isAddedByClients(key)) continue;
      const name = nameFor(key, member);
      if (value === null && (name === undefined || fieldOf(member, name).isOptional())) continue;
      if (name === undefined && dropped.includes(key) && (key !== "links" || Array.isArray(value)))
        this.#tell([...path, key], "is read-only and was left out");
      else if (name === undefined) read[key] = value;
      else if (name === key) read[key] = this.read(fieldOf(member, key), value, [...path, key]);
      else respelt.push([key, name]);
    }
    for (const [key, name] of respelt) {
      const value = this.read(fieldOf(member, name), given[key], [...path, key]);
      if (!(name in read)) {
        read[name] = value;
        this.#tell([...path, key], `was taken as ${name}`);
      } else if (isDeepStrictEqual(read[name], value))
        this.#tell([...path, key], `is ${name} once more and was left out`);
      else
        this.problems.push({ path: [...path, key], message: `is another name for ${name}, which has another value` });
    }
    return this.#withSettingsMoved(member, read, path);
  }

  /** The object that is meant: of a union, the member that the discriminator names. */
  #memberOf(field: z.ZodTypeAny, given: JsonObject): z.AnyZodObject | undefined {
    const members = objectsOf(field);
    if (!(field instanceof z.ZodDiscriminatedUnion)) return members[0];
    const { discriminator } = field;
    const key = Object.keys(given).find((each) => essence(each) === essence(discriminator)) ?? "";
    const kinds = members.map((member) => literalOf(member, discriminator));
    const kind = meantOf(given[key], kinds);
    return members.find((member) => literalOf(member, discriminator) === kind);
  }

  /** A map whose keys are free: they are left as they are. */
  #map(given: JsonObject, path: Path): JsonObject {
    return Object.fromEntries(
      Object.entries(given).flatMap(([key, value]) => {
        if (value === null) return [];
        if (typeof value !== "number" && typeof value !== "boolean") return [[key, value]];
        this.#tell([...path, key], `was a ${typeof value} and was made a string`);
        return [[key, String(value)]];
      }),
    );
  }

  #list(element: z.ZodTypeAny, value: unknown, path: Path): unknown {
    const given = this.#opened(value, path, Array.isArray);
    if (Array.isArray(given)) return given.map((item, index) => this.read(element, item, [...path, `${index}`]));
    if (typeof given !== "string" || !bareString(element)) return given;
    this.#tell(path, "was one string and was made a list");
    return given.split(/\s*,\s*(?=https?:)/);
  }

  #text(schema: z.ZodTypeAny, given: unknown, path: Path): unknown {
    const { commaSeparated, known, pem, holds } = traitOf(schema);
    const value = commaSeparated ? this.#opened(given, path, isTexts) : given;
    if (commaSeparated && isTexts(value)) {
      this.#tell(path, "was a list and was joined with commas");
      return value.join(",");
    }
    if (typeof value !== "string") return value;
    if (pem && /^\s*-----BEGIN /.test(value) && !/[\r\n]/.test(value.trim()) && value.includes("\\n")) {
      this.#tell(path, "had its line breaks written as \\n, which were made line breaks");
      return value.replaceAll("\\r\\n", "\n").replaceAll("\\n", "\n");
    }
    if (holds === "url" && value !== value.trim()) {
      this.#tell(path, "had spaces around it, which were left out");
      return value.trim();
    }
    return known ? this.#spelled(value, known, path) : value;
  }

  #spelled(value: unknown, documented: readonly unknown[], path: Path): unknown {
    const meant = meantOf(value, documented);
    if (meant !== value) this.#tell(path, `was taken as ${JSON.stringify(meant)}`);
    return meant;
  }

  /** Settings of a client that have a field of their own are moved there. */
  #withSettingsMoved(member: z.AnyZodObject, read: JsonObject, path: Path): JsonObject {
    return Object.entries<z.ZodTypeAny>(member.shape).reduce((object, [field, schema]) => {
      const { moves } = traitOf(schema);
      const settings = object[field];
      if (!moves || !isObject(settings)) return object;
      let whole = object;
      const left = Object.entries(settings).filter(([setting, value]) => {
        const moved = typeof value === "string" ? moves(setting, value) : [];
        if (moved.length === 0) return true;
        whole = this.#moved(member, whole, moved, path, [...path, field, setting]);
        return false;
      });
      if (left.length === Object.keys(settings).length) return object;
      const { [field]: _, ...others } = whole;
      return left.length === 0 ? others : { ...others, [field]: Object.fromEntries(left) };
    }, read);
  }

  #moved(
    member: z.AnyZodObject,
    object: JsonObject,
    moved: readonly MovedSetting[],
    path: Path,
    setting: Path,
  ): JsonObject {
    return moved.reduce((whole, { to, value: given }) => {
      const schema = schemaAt(member, to);
      const value = schema ? new Reading().read(schema, given, to) : given;
      const there = valueAt(whole, to);
      const name = dotted(to);
      if (there !== undefined && there !== value) {
        this.problems.push({ path: setting, message: `says otherwise than ${dotted([...path, ...to])}` });
        return whole;
      }
      this.#tell(setting, there === undefined ? `was moved to ${name}` : `is ${name} once more and was left out`);
      return withValueAt(whole, to, value);
    }, object);
  }
}

/** Arguments that clients add by themselves: to tools without any, or about the call. */
const isAddedByClients = (key: string) => key === "random_string" || key.startsWith("_");

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");

const bareString = (schema: z.ZodTypeAny) => bare(schema) instanceof z.ZodString;

/** What differs between spellings of one name or value is left out. */
const essence = (text: string) => text.toLowerCase().replace(/[_\- ]/g, "");

function fieldOf(member: z.AnyZodObject, name: string): z.ZodTypeAny {
  const shape: z.ZodRawShape = member.shape;
  return shape[name] ?? z.unknown();
}

/** The field of `member` that `key` names, itself or in another spelling of exactly one; else undefined. */
function nameFor(key: string, member: z.AnyZodObject): string | undefined {
  const names = Object.keys(member.shape);
  if (names.includes(key)) return key;
  const spelt = names.filter((name) => essence(name) === essence(key));
  if (spelt.length > 0) return spelt.length === 1 ? spelt[0] : undefined;
  const meant = names.filter((name) => (aliases[name] ?? []).some((alias) => essence(alias) === essence(key)));
  return meant.length === 1 ? meant[0] : undefined;
}

/** The documented value of which `value` is another spelling, where there is exactly one; else `value`. */
function meantOf(value: unknown, documented: readonly unknown[]): unknown {
  if (typeof value !== "string" || documented.includes(value)) return value;
  const spelt = documented.filter(
    (each) =>
      typeof each === "string" &&
      [each, ...(valueAliases[each] ?? [])].some((spelling) => essence(spelling) === essence(value)),
  );
  return spelt.length === 1 ? spelt[0] : value;
}

function parsed(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !isDeeperThan(DEEPEST, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
