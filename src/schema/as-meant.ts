/**
 * Arguments as they are meant: what agents, clients and people send in another form than the schema's is taken where it
 * can mean one thing only, and left for the check to refuse where it cannot. Driven by the schema, so no field is named
 * here. Each change is told in a note, but for nulls, which count as left out, and arguments that clients add by
 * themselves.
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod/v3";
import { dotted, isDeeperThan, isObject, type JsonObject, type Path, valueAt, withValueAt } from "../json.ts";
import { addedByClients, aliases, valueAliases } from "./aliases.ts";
import { bare, type MovedSetting, traitOf } from "./fields.ts";
import { parseJson, withoutLost } from "./numbers.ts";
import type { Note } from "./problems.ts";
import { literalOf, objectsOf, schemaAt } from "./structure.ts";

export interface Meant {
  value: unknown;
  /** What was changed. */
  changes: Note[];
  /** Fields that stand there twice with different values, and numbers that would be changed. */
  problems: Note[];
  /** Where null stood and was left out. */
  nulls: Path[];
}

interface AsMeantOptions {
  /** Nothing is required, since what is left out stays as it is; null takes a key of a map away. */
  partial?: boolean;
}

/** `value`, to which `at` leads from the arguments, in the form of `schema`. */
export function asMeant(schema: z.ZodTypeAny, value: unknown, at: Path, options: AsMeantOptions = {}): Meant {
  const pass = new Pass(options);
  const written = withoutLost(value, at);
  pass.problems.push(...written.problems);
  return {
    value: pass.read(schema, written.value, at),
    changes: pass.changes,
    problems: pass.problems,
    nulls: pass.nulls,
  };
}

/** What is told of PEM text that got line breaks. */
export const LINE_BREAKS_MADE = "had its line breaks written as \\n; real line breaks were put in their place";

/** PEM text whose line breaks were written as `\n`, with real ones; any other text as it is. */
export function withLineBreaks(text: string): string {
  if (!text.startsWith("-----BEGIN") || /[\r\n]/.test(text)) return text;
  return text.replaceAll(/(?:\\r)?\\n/g, "\n");
}

/** More fields than this has nothing but data; whatever looks at each beside all others would take very long. */
const MOST_FIELDS = 500;
/** In UTF-16 units. All the certificates that a system trusts are shorter; of a longer text the same is true. */
const LONGEST_TEXT = 256 * 1024;

/** JSON text may be nested more deeply than any message: so deeply that reading it would exhaust the stack. */
const DEEPEST = 64;

class Pass {
  readonly changes: Note[] = [];
  readonly problems: Note[] = [];
  readonly nulls: Path[] = [];
  readonly #options: AsMeantOptions;

  constructor(options: AsMeantOptions) {
    this.#options = options;
  }

  read(schema: z.ZodTypeAny, value: unknown, path: Path): unknown {
    const field = bare(schema);
    if (field instanceof z.ZodObject || field instanceof z.ZodDiscriminatedUnion) {
      const object = this.#opened(value, path, isObject);
      return isObject(object) ? this.#object(field, this.#bounded(object, path), path) : object;
    }
    if (field instanceof z.ZodRecord) {
      const map = this.#opened(value, path, isObject);
      if (!isObject(map)) return map;
      const isData = bare(field.valueSchema) instanceof z.ZodUnknown;
      return this.#map(field.valueSchema, isData ? map : this.#bounded(map, path), path);
    }
    if (field instanceof z.ZodArray) return this.#list(schema, field.element, value, path);
    if (field instanceof z.ZodBoolean && typeof value === "string" && /^(true|false)$/i.test(value)) {
      this.#tell(path, "was text and was read as true or false");
      return value.toLowerCase() === "true";
    }
    if (field instanceof z.ZodNumber && typeof value === "string" && /^-?\d{1,15}(\.\d{1,15})?$/.test(value)) {
      this.#tell(path, "was text and was read as a number");
      return Number(value);
    }
    if (field instanceof z.ZodEnum) return this.#spelled(value, field.options, path);
    if (field instanceof z.ZodLiteral) return this.#spelled(value, [field.value], path);
    return field instanceof z.ZodString ? this.#text(schema, value, path) : value;
  }

  #tell(path: Path, message: string): void {
    this.changes.push({ path, message });
  }

  #bounded(object: JsonObject, path: Path): JsonObject {
    const count = Object.keys(object).length;
    if (count <= MOST_FIELDS) return object;
    const message = `can have at most ${MOST_FIELDS} fields, not ${count}`;
    this.problems.push({ path: path.length === 0 ? ["arguments"] : path, message });
    return {};
  }

  /** What JSON text holds, where that `fits`; else `value`. */
  #opened(value: unknown, path: Path, fits: (read: unknown) => boolean): unknown {
    const read = parsed(value);
    if (read === value || !fits(read)) return value;
    this.#tell(path, "was text and was read as JSON");
    const kept = withoutLost(read, path);
    this.problems.push(...kept.problems);
    return kept.value;
  }

  #object(field: z.ZodTypeAny, given: JsonObject, path: Path): JsonObject {
    const unwrapped = this.#unwrapped(field, given, path);
    const { member, discriminator } = memberOf(field, unwrapped);
    if (!member) return this.#ofUnknownType(unwrapped, discriminator, path);
    const object = this.#outOfFile(member, unwrapped, path);
    const isOther = ({ key, name }: { key: string; name?: string | undefined }) => name !== undefined && name !== key;
    const named = Object.entries(object)
      .map(([key, value]) => ({ key, value, name: nameFor(key, member) }))
      .filter(({ key, name }) => path.length > 0 || name !== undefined || !isAddedByClients(key))
      // A field's own name comes first: where it stands there in two spellings, the other one is odd.
      .toSorted((a, b) => Number(isOther(a)) - Number(isOther(b)));
    const dropped = [...(traitOf(member).dropped ?? []), "links"];
    const read = new Map<string, unknown>();
    for (const { key, value, name } of named) {
      if (value === null) {
        // Of what is required, the check says more.
        if (name === undefined || !this.#isRequired(member, name)) this.nulls.push([...path, name ?? key]);
        continue;
      }
      if (name === key) read.set(key, this.read(fieldOf(member, key), value, [...path, key]));
      else if (name !== undefined) this.#other(key, name, fieldOf(member, name), value, read, path);
      else if (dropped.includes(key)) this.#tell([...path, key], "is read-only and was left out");
      else read.set(key, value);
    }
    for (const { value, name } of named)
      if (value === null && name !== undefined && !read.has(name) && this.#isRequired(member, name))
        read.set(name, null);
    return this.#withSettingsMoved(member, this.#withValuesSpelled(member, Object.fromEntries(read), path), path);
  }

  /** What a file of another tool says, where the object has a field in whose place one can stand. */
  #outOfFile(member: z.AnyZodObject, given: JsonObject, path: Path): JsonObject {
    const shape = Object.entries<z.ZodTypeAny>(member.shape);
    const file = shape.map(([, schema]) => traitOf(schema).file).find(Boolean);
    if (!file) return given;
    const { value, changes, problems } = file(
      given,
      path,
      shape.map(([name]) => name),
    );
    this.changes.push(...changes);
    this.problems.push(...problems);
    return value;
  }

  /** An object without the one that some of its fields are wrapped in. */
  #unwrapped(field: z.ZodTypeAny, object: JsonObject, path: Path): JsonObject {
    const wrappers = objectsOf(field).flatMap((member) => traitOf(member).unwrapped ?? []);
    const [wrapper, value] = Object.entries(object).find(([key]) => isSpelt(key, wrappers)) ?? [];
    const inner = wrapper === undefined ? undefined : this.#opened(value, [...path, wrapper], isObject);
    if (wrapper === undefined || !isObject(inner)) return object;
    const { [wrapper]: _, ...outer } = object;
    this.#tell([...path, wrapper], "was taken as fields of the connection itself");
    const twice = Object.keys(inner).filter(
      (key) => Object.hasOwn(outer, key) && !isDeepStrictEqual(outer[key], inner[key]),
    );
    for (const key of twice)
      this.problems.push({ path: [...path, wrapper, key], message: `repeats ${key}, which has a different value` });
    return { ...inner, ...outer };
  }

  /** Where no member of the union is meant, only the discriminator's spelling and nulls can be read. */
  #ofUnknownType(object: JsonObject, discriminator: Discriminator | undefined, path: Path): JsonObject {
    const entries = Object.entries(object).flatMap(([key, value]) => {
      if (value === null) return [];
      if (key !== discriminator?.key || key === discriminator.name) return [[key, value]];
      this.#tell([...path, key], `was taken as ${discriminator.name}`);
      return [[discriminator.name, value]];
    });
    return Object.fromEntries(entries);
  }

  #isRequired(member: z.AnyZodObject, name: string): boolean {
    return !this.#options.partial && !fieldOf(member, name).isOptional();
  }

  /** Takes a field that stands under another name. */
  #other(key: string, name: string, field: z.ZodTypeAny, value: unknown, read: Map<string, unknown>, path: Path) {
    const isFirst = !read.has(name);
    const meant = asMeant(field, value, [...path, isFirst ? name : key], this.#options);
    this.problems.push(...meant.problems);
    this.nulls.push(...meant.nulls);
    if (isFirst) {
      read.set(name, meant.value);
      this.#tell([...path, key], `was taken as ${name}`);
      this.changes.push(...meant.changes);
    } else if (isDeepStrictEqual(read.get(name), meant.value))
      this.#tell([...path, key], `repeats ${name} and was left out`);
    else
      this.problems.push({ path: [...path, key], message: `is another name for ${name}, which has a different value` });
  }

  /** A map, whose keys are free and stay as they are. */
  #map(valueSchema: z.ZodTypeAny, map: JsonObject, path: Path): JsonObject {
    const ofText = isText(valueSchema);
    const entries = Object.entries(map).flatMap(([key, value]) => {
      if (value === null && !valueSchema.isNullable()) return this.#options.partial ? [[key, value]] : [];
      if (ofText && key === "links" && Array.isArray(value)) {
        this.#tell([...path, key], "is read-only and was left out");
        return [];
      }
      if (ofText && (typeof value === "number" || typeof value === "boolean")) {
        this.#tell([...path, key], `was a ${typeof value} and was converted to a string`);
        return [[key, String(value)]];
      }
      return [[key, this.read(valueSchema, value, [...path, key])]];
    });
    return Object.fromEntries(entries);
  }

  #list(schema: z.ZodTypeAny, element: z.ZodTypeAny, value: unknown, path: Path): unknown {
    const ofText = isText(element);
    let list = this.#opened(value, path, Array.isArray);
    if (typeof list === "string" && ofText) {
      this.#tell(path, "was one string and was converted to a list");
      list = list.split(/\s*,\s*(?=https?:)/);
    }
    if (!Array.isArray(list)) return list;
    // What the trait of a list of texts says is true of each of them.
    return list.map((item, index) => {
      const at = [...path, `${index}`];
      return ofText ? this.#text(schema, item, at) : this.read(element, item, at);
    });
  }

  #text(schema: z.ZodTypeAny, value: unknown, path: Path): unknown {
    const { commaSeparated, known, pem, holds, hexadecimal, alsoWritten = {} } = traitOf(schema);
    const texts = commaSeparated ? this.#opened(value, path, isTexts) : undefined;
    if (isTexts(texts)) {
      this.#tell(path, "was a list and was joined with commas");
      return this.#text(schema, texts.join(","), path);
    }
    if (typeof value !== "string") return value;
    if (value.length > LONGEST_TEXT) {
      this.problems.push({ path, message: `can have at most ${LONGEST_TEXT} characters, not ${value.length}` });
      return "";
    }
    if (known) return this.#spelled(value, known, path);
    const written = value.toLowerCase();
    if (Object.hasOwn(alsoWritten, written) && alsoWritten[written] !== value) {
      this.#tell(path, `was taken as ${JSON.stringify(alsoWritten[written])}`);
      return alsoWritten[written];
    }
    if (hexadecimal && schema.safeParse(value.toLowerCase()).success && value !== value.toLowerCase()) {
      this.#tell(path, "had capital letters and was converted to lower case");
      return value.toLowerCase();
    }
    const mended = pem ? withLineBreaks(value) : holds === "url" ? value.trim() : value;
    if (mended !== value) this.#tell(path, pem ? LINE_BREAKS_MADE : "had spaces around it, which were removed");
    return mended;
  }

  #spelled(value: unknown, documented: readonly unknown[], path: Path): unknown {
    const meant = meantOf(value, documented);
    if (meant !== value) this.#tell(path, `was taken as ${JSON.stringify(meant)}`);
    return meant;
  }

  /** Values that are documented only for some values of another field. */
  #withValuesSpelled(member: z.AnyZodObject, read: JsonObject, path: Path): JsonObject {
    const spelled = Object.entries<z.ZodTypeAny>(member.shape).flatMap(([name, schema]) => {
      const { knownWhere } = traitOf(schema);
      if (!knownWhere || !(name in read) || read[knownWhere.field] !== knownWhere.is) return [];
      return [[name, this.#spelled(read[name], knownWhere.known, [...path, name])]];
    });
    return { ...read, ...Object.fromEntries(spelled) };
  }

  /** Settings of a client that have a field of their own are moved there, also those beside the map that they belong in. */
  #withSettingsMoved(member: z.AnyZodObject, read: JsonObject, path: Path): JsonObject {
    let object = read;
    for (const [field, schema] of Object.entries<z.ZodTypeAny>(member.shape)) {
      const { moves } = traitOf(schema);
      if (!moves) continue;
      /** Whether it was moved. */
      const move = (setting: string, value: unknown, at: Path): boolean => {
        const isPlain = ["string", "number", "boolean"].includes(typeof value);
        const moved = isPlain ? moves(setting, String(value)) : [];
        if (moved.length === 0 || !moved.every(({ to }) => isRoomAt(object, to))) return false;
        for (const each of moved) object = this.#withMoved(member, object, each, path, [...path, ...at, setting]);
        return true;
      };
      const { [field]: settings, ...others } = read;
      const beside = Object.entries(others).filter(
        ([key, value]) => !Object.hasOwn(member.shape, key) && move(key, value, []),
      );
      object = Object.fromEntries(Object.entries(object).filter(([key]) => !beside.some(([moved]) => moved === key)));
      if (!isObject(settings)) continue;
      const stay = Object.entries(settings).filter(([setting, value]) => !move(setting, value, [field]));
      if (stay.length === Object.keys(settings).length) continue;
      const { [field]: _, ...rest } = object;
      object = stay.length === 0 ? rest : { ...rest, [field]: Object.fromEntries(stay) };
    }
    return object;
  }

  #withMoved(member: z.AnyZodObject, object: JsonObject, { to, value }: MovedSetting, path: Path, setting: Path) {
    const meant = asMeant(schemaAt(member, to) ?? z.unknown(), value, [...path, ...to]);
    const there = valueAt(object, to) ?? undefined;
    if (there === undefined) {
      this.#tell(setting, `was moved to ${dotted(to)}`);
      this.changes.push(...meant.changes);
      return withValueAt(object, to, meant.value);
    }
    if (there === meant.value) this.#tell(setting, `repeats ${dotted(to)} and was left out`);
    else
      this.problems.push({ path: setting, message: `sets ${dotted([...path, ...to])}, which has a different value` });
    return object;
  }
}

const isAddedByClients = (key: string) => key.startsWith("_") || isSpelt(key, addedByClients);

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");

const isText = (schema: z.ZodTypeAny) => bare(schema) instanceof z.ZodString;

/** Whether a value can be put at `path`: whatever is on the way is an object. */
const isRoomAt = (object: JsonObject, path: Path) =>
  path.slice(0, -1).every((_, index) => {
    const outer = valueAt(object, path.slice(0, index + 1));
    return outer === undefined || isObject(outer);
  });

/** What differs between spellings of one name or value is left out. */
const essence = (text: string) => text.toLowerCase().replace(/[_\- ]/g, "");

/** Whether `key` is one of these names in some spelling. */
const isSpelt = (key: string, names: readonly string[]) => names.some((name) => essence(name) === essence(key));

/** Whether `key` is that name or another one for it, in some spelling. */
export const isNameOf = (key: string, name: string) => isSpelt(key, [name, ...(aliases[name] ?? [])]);

/** The discriminator of a union: its name, and the key under which it stands. */
interface Discriminator {
  name: string;
  key: string;
}

/** The schema of the object that is meant: of a union, the member that the discriminator names. */
function memberOf(
  field: z.ZodTypeAny,
  object: JsonObject,
): { member?: z.AnyZodObject | undefined; discriminator?: Discriminator } {
  const members = objectsOf(field);
  if (!(field instanceof z.ZodDiscriminatedUnion)) return { member: members[0] };
  const name: string = field.discriminator;
  const spelt = Object.keys(object).filter((key) => object[key] !== null && isNameOf(key, name));
  const key = spelt.includes(name) ? name : (spelt[0] ?? name);
  const types = members.map((member) => literalOf(member, name));
  const type = meantOf(object[key], types);
  return { member: members.find((member) => literalOf(member, name) === type), discriminator: { name, key } };
}

function fieldOf(member: z.AnyZodObject, name: string): z.ZodTypeAny {
  const shape: z.ZodRawShape = member.shape;
  return shape[name] ?? z.unknown();
}

/** The field of `member` that `key` names, itself or in another spelling of exactly one; else undefined. */
function nameFor(key: string, member: z.AnyZodObject): string | undefined {
  const names = Object.keys(member.shape);
  if (names.includes(key)) return key;
  const spelt = names.filter((name) => isSpelt(key, [name]));
  if (spelt.length > 0) return spelt.length === 1 ? spelt[0] : undefined;
  const meant = names.filter((name) => isSpelt(key, aliases[name] ?? []));
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

/** What JSON text of an object or a list holds; anything else as it is. */
export function parsed(text: unknown): unknown {
  if (typeof text !== "string" || !/^\s*[{[]/.test(text)) return text;
  try {
    const value = parseJson(text);
    return typeof value === "object" && value !== null && !isDeeperThan(DEEPEST, value) ? value : text;
  } catch {
    return text;
  }
}
