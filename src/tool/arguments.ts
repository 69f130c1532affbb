/** The arguments of a call: read, completed with configured defaults, and checked before anything is sent. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod/v3";
import { AtlasFailure } from "../atlas/failure.ts";
import { configuredDefaults, type Settings } from "../config/settings.ts";
import { isObject, type JsonObject, type Path, samePath } from "../json.ts";
import { asMeant, isNameOf, parsed } from "../schema/as-meant.ts";
import { bare, traitOf, withTrait } from "../schema/fields.ts";
import { check, InvalidInput, type Note } from "../schema/problems.ts";
import { hasReference } from "../secrets/references.ts";
import type { CallContext } from "./context.ts";
import { levelsOf, type Resource } from "./resource.ts";

/** What was read of an argument, or what is wrong with it, and what may be. */
export type ReadArgument<T> = { value: T } | { problems: readonly Note[]; warnings?: readonly Note[] };

/** Reads the value of an argument; `args` are all arguments of the call. */
type Reader = (value: unknown, args: JsonObject, context: CallContext) => Promise<ReadArgument<unknown>>;

const readers = new WeakMap<z.ZodTypeDef, Reader>();

/**
 * An argument that takes more than a schema to be read: it is published as `published`, and `read` makes of its value one
 * that `type` accepts.
 */
export function argumentReadBy<T extends z.ZodTypeAny>(
  type: T,
  published: z.ZodTypeAny,
  read: (value: unknown, args: JsonObject, context: CallContext) => Promise<ReadArgument<z.output<T>>>,
): T {
  readers.set(type._def, read);
  return withTrait(type, { published });
}

/** The schema of arguments as agents see it; those that are unlisted are taken, and not asked for. */
export function publishedInput(input: z.AnyZodObject): z.AnyZodObject {
  const shape = Object.entries<z.ZodTypeAny>(input.shape).filter(([, field]) => !traitOf(field).unlisted);
  return z.object(Object.fromEntries(shape.map(([name, field]) => [name, traitOf(field).published ?? field]))).strict();
}

/**
 * The arguments as `input` reads them.
 * @throws {InvalidInput} with everything that is wrong, not only the first thing.
 */
export async function readArguments<Input extends z.AnyZodObject>(
  input: Input,
  resource: Resource,
  args: unknown,
  context: CallContext,
): Promise<{ read: z.output<Input>; changes: readonly Note[] }> {
  const meant = asMeant(input, isObject(args) ? args : {}, []);
  const placed = withPlacesInside(isObject(meant.value) ? meant.value : {}, input, resource);
  const stated = { ...defaultsFor(input, context.settings), ...placed.args };
  const unfilled = Object.entries(context.settings.unfilled ?? {}).find(
    ([name]) => Object.hasOwn(input.shape, name) && !Object.hasOwn(stated, name),
  );
  if (unfilled) throw new AtlasFailure("configuration", unfilled[1]);
  const referring = referencesIn(input, stated);
  const named = referring.length > 0 ? asItIs : await idOfName(input, stated, resource, context);
  const complete = { ...stated, ...named.id };
  const values: JsonObject = {};
  const problems: Note[] = [...meant.problems, ...placed.problems, ...referring, ...named.problems];
  const warnings: Note[] = [];
  /** What is wrong with these is known. */
  const known = [...referring, ...named.problems].map(({ path }) => [path.join(), z.unknown()]);
  const unread: z.ZodRawShape = Object.fromEntries(known);
  for (const [name, field] of Object.entries<z.ZodTypeAny>(input.shape)) {
    const reader = readers.get(field._def);
    if (!reader) continue;
    const read = await reader(complete[name], complete, context);
    if ("value" in read) values[name] = read.value;
    else {
      problems.push(...read.problems);
      warnings.push(...(read.warnings ?? []));
      unread[name] = z.unknown();
    }
  }
  const options = { known: publishedInput(input), mask: context.maskText };
  const all = { ...complete, ...values };
  if (problems.length === 0) {
    const checked = check(input, all, [], options);
    if (checked.ok) return { read: checked.value, changes: [...meant.changes, ...placed.changes, ...named.changes] };
    throw new InvalidInput([...checked.problems, ...checksOf(input, all, [], checked.problems, context)]);
  }
  const others = check(input.extend(unread), all, [], options);
  // Of what is known to be wrong, no more is to be said.
  const isTold = ({ path }: Note) => problems.some((problem) => samePath(problem.path, path));
  const more = others.ok ? [] : others.problems.filter((each) => !isTold(each));
  const told = [...more, ...problems];
  throw new InvalidInput([...told, ...checksOf(input, all, [], told, context)], undefined, warnings);
}

/** What else is wrong inside the value of `schema`, where nothing is told of it yet. */
function checksOf(
  schema: z.ZodTypeAny,
  value: unknown,
  at: Path,
  told: readonly Note[],
  context: CallContext,
): readonly Note[] {
  const { check } = traitOf(schema);
  const isTold = told.some(({ path }) => samePath(path.slice(0, at.length), at));
  if (check) return isTold || value === undefined ? [] : check(value, at, context.maskText);
  const field = bare(schema);
  const inside = (inner: z.ZodTypeAny, item: unknown, step: string) =>
    checksOf(inner, item, [...at, step], told, context);
  if (field instanceof z.ZodArray && Array.isArray(value))
    return value.flatMap((item, index) => inside(field.element, item, `${index}`));
  if (!(field instanceof z.ZodObject) || !isObject(value)) return [];
  const shape: z.ZodRawShape = field.shape;
  return Object.entries(shape).flatMap(([name, inner]) => inside(inner, value[name], name));
}

/**
 * The arguments, with the place taken out of the things in them: other tools write it there, as `project_id` of a
 * connection. What a thing calls its `name` is its own.
 */
function withPlacesInside(given: JsonObject, input: z.AnyZodObject, resource: Resource) {
  const names = levelsOf(resource)
    .map(({ argument }) => argument)
    .filter((argument) => Object.hasOwn(input.shape, argument) && !isNameOf("name", argument));
  const args = { ...given };
  const changes: Note[] = [];
  const problems: Note[] = [];
  const without = (thing: unknown, path: Path): unknown => {
    if (!isObject(thing)) return thing;
    const entries = Object.entries(thing).filter(([key, value]) => {
      const name = names.find((each) => isNameOf(key, each));
      if (name === undefined || typeof value !== "string") return true;
      const at = [...path, key];
      if ((args[name] ?? undefined) === undefined) {
        args[name] = value;
        changes.push({ path: at, message: `was taken as ${name}` });
      } else if (args[name] === value) changes.push({ path: at, message: `repeats ${name} and was left out` });
      else problems.push({ path: at, message: `is the argument ${name}, which has a different value` });
      return false;
    });
    return entries.length < Object.keys(thing).length ? Object.fromEntries(entries) : thing;
  };
  for (const [argument, value] of Object.entries(given)) {
    const thing = parsed(value);
    const cleared = Array.isArray(thing)
      ? thing.map((item, index) => without(item, [argument, `${index}`]))
      : without(thing, [argument]);
    if (!isDeepStrictEqual(cleared, thing)) args[argument] = cleared;
  }
  return { args, changes, problems };
}

/** Arguments that are text are sent or looked up as they are, and shown. */
function referencesIn(input: z.AnyZodObject, args: JsonObject): Note[] {
  return Object.entries<z.ZodTypeAny>(input.shape).flatMap(([name, field]) => {
    const value = args[name];
    if (!(bare(field) instanceof z.ZodString) || typeof value !== "string" || !hasReference(value)) return [];
    return [{ path: [name], message: "cannot be a reference: only secrets, URLs and user names of a connection can" }];
  });
}

/** The id of what everything else is in, where its name stands in its place. */
interface NamedId {
  /** By its argument; nothing where there is no such name. */
  id?: JsonObject;
  changes: readonly Note[];
  problems: readonly Note[];
}

const asItIs: NamedId = { changes: [], problems: [] };

/**
 * People know a project by its name, and not by the id that Atlas asks for. A name of exactly one, in any case, is as
 * good as its id; where several have it, nobody can know which is meant.
 */
async function idOfName(
  input: z.AnyZodObject,
  args: JsonObject,
  resource: Resource,
  context: CallContext,
): Promise<NamedId> {
  const [outermost] = levelsOf(resource);
  const field =
    outermost && Object.entries<z.ZodTypeAny>(input.shape).find(([name]) => name === outermost.argument)?.[1];
  const name = outermost && args[outermost.argument];
  if (!field || typeof name !== "string" || !name || field.safeParse(name).success) return asItIs;
  const { argument, noun } = outermost;
  const found = await calledBy(name, outermost, context);
  const [id, ...others] = found.map((each) => each.name);
  if (id === undefined) return asItIs;
  const path = [argument];
  const [quotedName, ids] = [JSON.stringify(context.mask(name)), [id, ...others].map(context.mask)];
  if (others.length === 0)
    return {
      ...asItIs,
      id: { [argument]: id },
      changes: [{ path, message: `${quotedName} is a name; it was taken as the ${noun} ${ids.join()}` }],
    };
  const why = `it is the name of several ${noun}s`;
  return {
    ...asItIs,
    problems: [
      { path, message: `must be the ${noun}'s id, not the name ${quotedName}, since ${why}: ${ids.join(", ")}` },
    ],
  };
}

/** What has the name in any case. */
async function calledBy(name: string, { list, nameOf }: Resource, context: CallContext) {
  try {
    const { entries } = await context.list(list({}));
    const isCalled = (title = "") => title.toLowerCase() === name.toLowerCase();
    return entries.map(nameOf).filter(({ title }) => isCalled(title));
  } catch (error) {
    // The refusal stands without the name's help.
    if (error instanceof AtlasFailure && error.kind !== "cancelled") return [];
    throw error;
  }
}

function defaultsFor(input: z.AnyZodObject, settings: Settings): JsonObject {
  return Object.fromEntries([...configuredDefaults(settings)].filter(([name]) => Object.hasOwn(input.shape, name)));
}
