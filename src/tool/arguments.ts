/** The arguments of a call: read, completed with configured defaults, and checked before anything is sent. */
import { z } from "zod/v3";
import { AtlasFailure } from "../atlas/failure.ts";
import type { Settings } from "../config/settings.ts";
import { isObject, type JsonObject, samePath } from "../json.ts";
import { asMeant } from "../schema/as-meant.ts";
import { traitOf, withTrait } from "../schema/fields.ts";
import { check, type Note } from "../schema/problems.ts";
import type { CallContext } from "./context.ts";
import { InvalidInput } from "./failure.ts";
import { levelsOf, type Resource } from "./resource.ts";

/** What was read of an argument, or what is wrong with it. */
export type ReadArgument<T> = { value: T } | { problems: readonly Note[] };

/** Reads what was given for an argument; `args` are all arguments of the call. */
type Reader = (given: unknown, args: JsonObject, context: CallContext) => Promise<ReadArgument<unknown>>;

const readers = new WeakMap<z.ZodTypeDef, Reader>();

/**
 * An argument that takes more than a schema to be read: it is published as `published`, and `read` makes of what was
 * given a value that `type` accepts.
 */
export function argumentReadBy<T extends z.ZodTypeAny>(
  type: T,
  published: z.ZodTypeAny,
  read: (given: unknown, args: JsonObject, context: CallContext) => Promise<ReadArgument<z.output<T>>>,
): T {
  readers.set(type._def, read);
  return withTrait(type, { published });
}

/** The schema of arguments as agents see it. */
export function publishedInput(input: z.AnyZodObject): z.AnyZodObject {
  const shape = Object.entries<z.ZodTypeAny>(input.shape);
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
  const given = { ...defaultsFor(input, context.settings), ...(isObject(meant.value) ? meant.value : {}) };
  const values: JsonObject = {};
  const problems: Note[] = [...meant.problems];
  /** What is wrong with these is known. */
  const unread: z.ZodRawShape = {};
  for (const [name, field] of Object.entries<z.ZodTypeAny>(input.shape)) {
    const reader = readers.get(field._def);
    if (!reader) continue;
    const read = await reader(given[name], given, context);
    if ("value" in read) values[name] = read.value;
    else {
      problems.push(...read.problems);
      unread[name] = z.unknown();
    }
  }
  const known = publishedInput(input);
  const { maskText: mask } = context;
  const all = { ...given, ...values };
  if (problems.length === 0) {
    const checked = check(input, all, [], { known, mask });
    if (checked.ok) return { read: checked.value, changes: meant.changes };
    throw new InvalidInput(await withIdOfName(checked.problems, given, resource, context));
  }
  const others = check(input.extend(unread), all, [], { known, mask });
  throw new InvalidInput([
    ...(others.ok ? [] : await withIdOfName(others.problems, given, resource, context)),
    ...problems,
  ]);
}

/** The problems, where a name was given for an id, with the id: people know the name. */
async function withIdOfName(
  problems: readonly Note[],
  given: JsonObject,
  resource: Resource,
  context: CallContext,
): Promise<readonly Note[]> {
  const [outermost] = levelsOf(resource);
  const wanted = outermost && given[outermost.argument];
  if (!outermost || typeof wanted !== "string") return problems;
  const isOfIt = ({ path }: Note) => samePath(path, [outermost.argument]);
  if (!problems.some(isOfIt)) return problems;
  const called = (await entriesOf(outermost, context)).filter(({ title }) => title === wanted);
  const [only] = called;
  if (!only || called.length !== 1) return problems;
  const message = `must be the ${outermost.noun}'s id, not its name: the id of "${context.mask(wanted)}" is ${context.mask(only.name)}`;
  return problems.map((problem) => (isOfIt(problem) ? { ...problem, message } : problem));
}

async function entriesOf({ list, nameOf }: Resource, context: CallContext) {
  try {
    return (await context.list(list({}))).entries.map(nameOf);
  } catch (error) {
    // The refusal stands without the name's help.
    if (error instanceof AtlasFailure && error.kind !== "cancelled") return [];
    throw error;
  }
}

/** The configured values of arguments, by the argument. */
export function configuredDefaults({
  projectId,
  tenantName,
}: Pick<Settings, "projectId" | "tenantName">): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({ groupId: projectId, tenantName }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
}

function defaultsFor(input: z.AnyZodObject, settings: Settings): JsonObject {
  return Object.fromEntries([...configuredDefaults(settings)].filter(([name]) => Object.hasOwn(input.shape, name)));
}
