/** The argument `connection`: leniencies, references, what a person typed, the union, and the secrets still missing. */
import { z } from "zod/v3";
import { credentialSecrets } from "../../config/settings.ts";
import type { MissingSecret } from "../../connections/connection-type.ts";
import { type Reading, readConnection } from "../../connections/read.ts";
import { relax } from "../../connections/relax.ts";
import { embeddedSecretsIn, isSecretPlace, secretsIn } from "../../connections/secret-places.ts";
import { type Connection, connectionSchema } from "../../connections/union.ts";
import { isObject, type JsonObject, type Path, samePath, withValueAt } from "../../json.ts";
import { type Note, noteLine } from "../../schema/problems.ts";
import { isPlaceholder, resolveReferences, typedParts } from "../../secrets/references.ts";
import { argumentReadBy } from "../../tool/arguments.ts";
import type { Call, CallContext } from "../../tool/context.ts";
import { InvalidInput } from "../../tool/failure.ts";
import { requestSecrets } from "../secrets/question.ts";

/** What stands where a person is to type a secret. */
const ASK = "ask";

/** The connection that a call gives, as far as it can be read without a person. */
export class GivenConnection {
  /** What was given, with leniencies applied, references resolved and what a person typed filled in. */
  readonly fields: JsonObject;
  readonly reading: Reading;
  readonly warnings: readonly Note[];
  /** Secrets that Atlas needs, or that a person is to type, and that are not there yet. */
  readonly missing: readonly MissingSecret[];
  /** Where a string came from a reference or from a person. */
  readonly #hidden: readonly Path[];

  constructor(
    fields: JsonObject,
    reading: Reading,
    warnings: readonly Note[],
    missing: readonly MissingSecret[],
    hidden: readonly Path[],
  ) {
    this.fields = fields;
    this.reading = reading;
    this.warnings = warnings;
    this.missing = missing;
    this.#hidden = hidden;
  }

  /** Whether the string at `path` must not be shown: by its place, or since the agent does not know it. */
  readonly isSecret = (path: Path): boolean =>
    isSecretPlace(path) || this.#hidden.some((hidden) => samePath(hidden, path));
}

interface Options {
  /** Adds what an existing connection already has before the union is applied. */
  complete?: (given: JsonObject) => JsonObject;
  /** A secret given as the word `ask` is to be typed by a person. */
  ask?: boolean;
}

/** The argument of a create. */
export const connectionArgument = argumentReadBy(
  z.instanceof(GivenConnection),
  connectionSchema,
  async (given, { secrets }, context) => {
    const read = await readGiven(given, ["connection"], context, { ask: secrets === "ask" });
    if ("problems" in read) return read;
    const problems = problemsOf(read.value.reading);
    return problems.length > 0 ? { problems } : read;
  },
);

/**
 * Reads what was given at `at`. Its secrets are masked from here on. What the union says of it is left in `reading`;
 * problems are those that leave nothing for the union to look at, or that it does not know of.
 */
export async function readGiven(
  given: unknown,
  at: Path,
  context: CallContext,
  { complete = (fields) => fields, ask = false }: Options = {},
): Promise<{ value: GivenConnection } | { problems: Note[] }> {
  if (given === undefined) return { problems: [{ path: at, message: "is required: what to connect" }] };
  const relaxed = relax(given, at);
  const secrets = secretsIn(relaxed.value);
  const toType = secrets.filter(({ text }) => ask && text === ASK).map(({ path }) => path);
  const written = secrets.filter(({ path }) => !toType.includes(path));
  keepSecrets(relaxed.value, written, context);

  const resolved = await resolveReferences(relaxed.value, at, {
    env: context.env,
    secretEnv: context.settings.secretEnv,
    ...(context.settings.secretDir !== undefined && { secretDir: context.settings.secretDir }),
    forbiddenValues: credentialSecrets(context.settings.credentials),
  });
  context.keepSecret(resolved.secrets);
  if (resolved.value !== relaxed.value) keepSecrets(resolved.value, secretsIn(resolved.value), context);

  const problems = [
    ...relaxed.problems,
    ...resolved.problems,
    ...(context.settings.inlineSecrets === "refuse" ? inlineSecrets(written, resolved.paths, at) : []),
  ];
  if (relaxed.problems.length > 0) return { problems };

  const value = withTyped(resolved.value, context);
  const reading = readConnection(isObject(value) ? complete(value) : value, at);
  const isTyped = (path: Path) => context.typed.some((typed) => samePath(typed.path, path));
  const missing = [
    ...toType.map((path) => ({ path, reason: "a person is to type it" })),
    ...reading.missingSecrets,
  ].filter(({ path }) => !isTyped(path));
  if (problems.length > 0) return { problems: [...problems, ...problemsOf(reading)] };
  return {
    value: new GivenConnection(
      isObject(value) ? value : {},
      reading,
      [...relaxed.warnings, ...unfilled(secrets, ask, at), ...(reading.ok ? reading.warnings : [])],
      missing,
      [...resolved.paths, ...context.typed.map(({ path }) => path)],
    ),
  };
}

/** What is wrong with a connection; where that is the lack of a secret alone, it is told as that. */
function problemsOf(reading: Reading): Note[] {
  return reading.ok || reading.missingSecrets.length > 0 ? [] : reading.problems;
}

type Secrets = ReturnType<typeof secretsIn>;

function keepSecrets(value: unknown, secrets: Secrets, { keepSecret }: CallContext): void {
  keepSecret([...secrets.flatMap(({ text }) => typedParts(text)), ...embeddedSecretsIn(value).flatMap(typedParts)]);
}

function withTyped(value: unknown, { typed }: CallContext): unknown {
  if (!isObject(value)) return value;
  return typed.reduce((fields, secret) => withValueAt(fields, secret.path, secret.value), value);
}

/** Warnings of secrets that are the name of one: Atlas takes any text, and the connection fails much later. */
function unfilled(secrets: Secrets, ask: boolean, at: Path): Note[] {
  return secrets.flatMap(({ text, path: place }) => {
    const path = [...at, ...place];
    if (text === ASK && !ask)
      return [{ path, message: 'the word "ask" was sent; a person is asked with `secrets`: "ask"' }];
    if (!isPlaceholder(text)) return [];
    return [{ path, message: "looks like a placeholder and was sent as it is; a reference is written ${env:NAME}" }];
  });
}

function inlineSecrets(written: Secrets, referenced: readonly Path[], at: Path): Note[] {
  return written
    .filter(({ path }) => !referenced.some((reference) => samePath(reference, path)))
    .map(({ path }) => ({
      path: [...at, ...path],
      message:
        "must be a reference such as ${env:NAME}, which a person sets: ATLAS_STREAMS_MCP_INLINE_SECRETS is refuse",
    }));
}

/**
 * The connection, whose warnings go into the result.
 * @throws {PersonNeeded} where a person can be asked for what is missing of it.
 * @throws {InvalidInput} where nobody can be asked.
 */
export async function completeConnection(given: GivenConnection, asked: boolean, call: Call): Promise<Connection> {
  if (given.missing.length > 0) throw await requestSecrets(given, asked, call);
  const { reading } = given;
  if (!reading.ok) throw new InvalidInput(reading.problems);
  for (const warning of given.warnings) call.warn(noteLine(warning));
  return reading.connection;
}
