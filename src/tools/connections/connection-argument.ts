/** The argument `connection`: what is meant, references, what a person typed, the union, and the secrets still missing. */
import { z } from "zod/v3";
import { credentialSecrets } from "../../config/settings.ts";
import type { MissingSecret } from "../../connections/connection-type.ts";
import { type ConnectionReading, readConnection } from "../../connections/read.ts";
import { isFreeMap, secretParts, takesReferences } from "../../connections/secret-places.ts";
import { type Connection, connectionSchema } from "../../connections/union.ts";
import {
  isObject,
  type JsonObject,
  mapStrings,
  type Path,
  samePath,
  stringsIn,
  valueAt,
  withValueAt,
} from "../../json.ts";
import { MASK } from "../../mask.ts";
import { asMeant, LINE_BREAKS_MADE, withLineBreaks } from "../../schema/as-meant.ts";
import { traitOf } from "../../schema/fields.ts";
import { InvalidInput, type Note, noteLine } from "../../schema/problems.ts";
import { schemaAt } from "../../schema/structure.ts";
import type { TypedSecret } from "../../secret-page/person.ts";
import { mergedParts, type PartsOf } from "../../secrets/parts.ts";
import {
  hasReference,
  type ResolvedReferences,
  resolveReferences,
  typedParts,
  whyNoSecret,
  withoutReferences,
} from "../../secrets/references.ts";
import { argumentReadBy } from "../../tool/arguments.ts";
import type { Call, CallContext } from "../../tool/context.ts";
import { requestSecrets } from "./missing-secrets.ts";

/** What stands where a person is to type a secret. */
const ASK = "ask";

/** The argument that has a person type secrets. */
export const secretsArgument = z
  .enum([ASK])
  .optional()
  .describe("A person types missing secrets, and those given as ask");

/** The connection that a call gives, as far as it can be read without a person. */
export class RequestedConnection {
  /** Leads to it from the arguments. */
  readonly at: Path;
  /** What was given, as it is meant, with references resolved and what a person typed filled in. */
  readonly fields: JsonObject;
  readonly reading: ConnectionReading;
  /** What was taken as it was meant. */
  readonly changes: readonly Note[];
  /** What is worth remarking of the connection. */
  readonly warnings: readonly Note[];
  /** Secrets that Atlas needs, or that a person is to type, and that are not there yet. */
  readonly missing: readonly MissingSecret[];
  readonly #hidden: ResolvedReferences["hidden"];
  readonly #context: CallContext;

  /** `hidden` are the parts of strings that came from references or from a person, so that the agent does not know them. */
  constructor(
    at: Path,
    fields: JsonObject,
    reading: ConnectionReading,
    changes: readonly Note[],
    warnings: readonly Note[],
    missing: readonly MissingSecret[],
    hidden: ResolvedReferences["hidden"],
    context: CallContext,
  ) {
    this.at = at;
    this.fields = fields;
    this.reading = reading;
    this.changes = changes;
    this.warnings = warnings;
    this.missing = missing;
    this.#hidden = hidden;
    this.#context = context;
  }

  /** What of the string at a path must not be shown: by its place, by its value, or since the agent does not know it. */
  readonly partsOf: PartsOf = (text, path) => {
    const isGiven = valueAt(this.fields, path) === text;
    const hidden = this.#hidden.filter((each) => isGiven && samePath(each.path, path)).flatMap(({ parts }) => parts);
    return mergedParts([...secretParts(text, path), ...hidden, ...this.#context.secretPartsIn(text)]);
  };
}

interface ReadOptions {
  /** What is read, where the type of the connection is known. */
  schema?: z.ZodTypeAny;
  /** Adds what an existing connection already has before the union is applied: nothing is required of what is given. */
  complete?: (given: JsonObject) => JsonObject;
  /** A secret given as the word `ask` is to be typed by a person. */
  ask?: boolean;
}

/** The argument of a create. */
export const connectionArgument = argumentReadBy(
  z.instanceof(RequestedConnection),
  connectionSchema,
  async (given, { secrets }, context) => {
    const read = await readRequested(given, ["connection"], context, { ask: secrets === ASK });
    if ("problems" in read) return read;
    const problems = problemsOf(read.value.reading);
    return problems.length > 0 ? { problems } : read;
  },
);

/** The argument of a plan: several of them. */
export const connectionsArgument = argumentReadBy(
  z.array(z.instanceof(RequestedConnection)),
  z.array(z.object({}).passthrough()).optional().describe("Each as in create_stream_connection"),
  async (given, _, context) => {
    const list = given === undefined ? [] : asMeant(z.array(z.record(z.unknown())), given, ["connections"]).value;
    if (!Array.isArray(list))
      return { problems: [{ path: ["connections"], message: "must be a list of connections" }] };
    const read = await Promise.all(
      list.map((each, index) => readRequested(each, ["connections", `${index}`], context)),
    );
    const problems = read.flatMap((each) => ("problems" in each ? each.problems : problemsOf(each.value.reading)));
    if (problems.length > 0) return { problems };
    return { value: read.flatMap((each) => ("value" in each ? [each.value] : [])) };
  },
);

/**
 * Reads what was given at `at`. Its secrets are masked from here on. What the union says of it is left in `reading`;
 * problems are those that leave nothing for the union to look at, or that it does not know of.
 */
export async function readRequested(
  given: unknown,
  at: Path,
  context: CallContext,
  { schema = connectionSchema, complete, ask = false }: ReadOptions = {},
): Promise<{ value: RequestedConnection } | { problems: Note[] }> {
  if (given === undefined) return { problems: [{ path: at, message: "is required: what to connect" }] };
  const meant = asMeant(schema, given, at, { partial: complete !== undefined });
  // Names of headers and settings are the agent's, and it may have mistaken a secret for one.
  const masked = (notes: readonly Note[]): Note[] =>
    notes.map(({ path, message }) => ({ path: path.map((step, index) => maskedStep(step, path[index - 1])), message }));
  const maskedStep = (step: string, parent = "") => (isFreeMap(parent) ? context.maskText(step) : step);
  const secrets = writtenSecrets(meant.value);
  const toType = secrets.filter(({ text }) => ask && text === ASK).map(({ path }) => path);
  const written = secrets.filter(({ path }) => !toType.includes(path));
  context.keepSecret(written.flatMap(({ secret }) => typedParts(secret)));

  const { env, settings } = context;
  const resolved = await resolveReferences(meant.value, at, {
    env,
    secretEnv: settings.secretEnv,
    ...(settings.secretDir !== undefined && { secretDir: settings.secretDir }),
    forbiddenValues: credentialSecrets(settings.credentials),
    allowedAt: takesReferences,
  });
  const mended = withLineBreaksAt(resolved.value, at);
  context.keepReachable(resolved.secrets);
  // A reference that gave nothing is no secret: the refusal has to name it.
  if (resolved.problems.length === 0) context.keepSecret(writtenSecrets(mended.value).map(({ secret }) => secret));

  const typed = context.typed.flatMap(({ path, value }) =>
    samePath(path.slice(0, at.length), at) ? [{ path: path.slice(at.length), value }] : [],
  );
  const value = withTyped(mended.value, typed);
  const reading = readConnection(isObject(value) && complete ? complete(value) : value, at, context.maskText);
  const problems = masked([
    ...meant.problems,
    ...resolved.problems,
    ...refusedSecrets(written, settings.inlineSecrets === "refuse", at),
    ...pastedMasks(meant.value, written, at),
  ]);
  if (problems.length > 0) return { problems: [...problems, ...problemsOf(reading)] };

  const isTyped = (path: Path) => typed.some((each) => samePath(each.path, path));
  const missing = [
    ...toType.map((path) => ({ path, reason: "a person is to type it" })),
    ...reading.missingSecrets,
  ].filter(({ path }) => !isTyped(path));
  const typedHidden = typed.map(({ path, value }) => ({ path, parts: [{ start: 0, end: value.length }] }));
  return {
    value: new RequestedConnection(
      at,
      isObject(value) ? value : {},
      reading,
      masked([...meant.changes, ...mended.changes]),
      masked(reading.ok ? reading.warnings : []),
      missing,
      [...resolved.hidden, ...typedHidden],
      context,
    ),
  };
}

/** A key that a reference gave: variables often hold PEM text with its line breaks written as `\n`. */
function withLineBreaksAt(given: unknown, at: Path): { value: unknown; changes: Note[] } {
  const changes: Note[] = [];
  const value = mapStrings(given, (text, path) => {
    const schema = schemaAt(connectionSchema, path);
    const mended = schema && traitOf(schema).pem ? withLineBreaks(text) : text;
    if (mended !== text) changes.push({ path: [...at, ...path], message: LINE_BREAKS_MADE });
    return mended;
  });
  return { value, changes };
}

/** Masks the secrets that were typed into what was given from here on, where something else has to be read first. */
export function keepTyped(given: unknown, context: CallContext): void {
  context.keepSecret(
    writtenSecrets(asMeant(connectionSchema, given, []).value).flatMap(({ secret }) => typedParts(secret)),
  );
}

interface WrittenSecret {
  path: Path;
  /** The string that it is in. */
  text: string;
  secret: string;
}

/** The secrets in what was given, references included: those tell where a secret is to be. */
function writtenSecrets(value: unknown): WrittenSecret[] {
  return stringsIn(value).flatMap(({ text, path }) =>
    secretParts(withoutReferences(text), path).map(({ start, end }) => ({
      path,
      text,
      secret: text.slice(start, end),
    })),
  );
}

/** What stands in the place of a secret and is none, and secrets that were written out where they must not be. */
function refusedSecrets(written: readonly WrittenSecret[], onlyReferences: boolean, at: Path): Note[] {
  return written.flatMap(({ path, secret }) => {
    const why = secret === ASK ? 'is the word "ask"; a person is asked with `secrets`: "ask"' : whyNoSecret(secret);
    const message = why
      ? `${why}. Give the secret as \${env:NAME} or \${file:NAME}; nothing was sent`
      : onlyReferences && !hasReference(secret)
        ? "must be a reference such as ${env:NAME}, which a person sets: ATLAS_STREAMS_MCP_INLINE_SECRETS is refuse"
        : undefined;
    return message === undefined ? [] : [{ path: [...at, ...path], message }];
  });
}

/** A mask beside the secrets stands for what a reference gave, or for a known secret in a field that is shown. */
function pastedMasks(value: unknown, written: readonly WrittenSecret[], at: Path): Note[] {
  const isSecret = (path: Path) =>
    written.some((secret) => samePath(secret.path, path) && secret.secret.includes(MASK));
  return stringsIn(value)
    .filter(({ text, path }) => text.includes(MASK) && takesReferences(path) && !isSecret(path))
    .map(({ path }) => ({
      path: [...at, ...path],
      message: `holds ${MASK}, which stands where this server hides something. Give what is meant, or \${env:NAME}; nothing was sent`,
    }));
}

/** What is wrong with a connection; where that is the lack of a secret alone, it is told as that. */
function problemsOf(reading: ConnectionReading): Note[] {
  return reading.ok || reading.missingSecrets.length > 0 ? [] : reading.problems;
}

function withTyped(value: unknown, typed: readonly TypedSecret[]): unknown {
  if (!isObject(value)) return value;
  return typed.reduce((fields, secret) => withValueAt(fields, secret.path, secret.value), value);
}

/**
 * The connection, whose warnings go into the result.
 * @throws {PersonNeeded} where a person can be asked for what is missing of it.
 * @throws {InvalidInput} where nobody can be asked.
 */
export async function completeConnection(given: RequestedConnection, asked: boolean, call: Call): Promise<Connection> {
  if (given.missing.length > 0) throw await requestSecrets([given], asked, call);
  const { reading } = given;
  if (!reading.ok) throw new InvalidInput(reading.problems);
  for (const warning of [...given.changes, ...given.warnings]) call.warn(noteLine(warning));
  return reading.connection;
}
