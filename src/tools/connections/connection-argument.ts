/**
 * The argument `connection`, read in this order: taken as meant, references resolved, what a person typed put in, checked
 * by the union. Then the secrets that are still missing are known.
 */
import { z } from "zod/v3";
import { credentialSecrets } from "../../config/settings.ts";
import { linkFields } from "../../connections/access.ts";
import type { MissingSecret } from "../../connections/connection-type.ts";
import { type ConnectionReading, readConnection } from "../../connections/read.ts";
import { isFreeMap, placeOfReference, secretParts, takesReferences } from "../../connections/secret-places.ts";
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
import { asMeant, isNameOf, LINE_BREAKS_MADE, parsed, withLineBreaks } from "../../schema/as-meant.ts";
import { traitOf } from "../../schema/fields.ts";
import { InvalidInput, type Note, noteLine } from "../../schema/problems.ts";
import { schemaAt } from "../../schema/structure.ts";
import type { TypedSecret } from "../../secret-page/person.ts";
import { mergedParts, type PartsOf } from "../../secrets/parts.ts";
import {
  isReference,
  literalParts,
  resolveReferences,
  whyNoSecret,
  withoutReferences,
} from "../../secrets/references.ts";
import { argumentReadBy, type ReadArgument } from "../../tool/arguments.ts";
import type { Call, CallContext } from "../../tool/context.ts";
import { askForSecrets, secretsToGive } from "./missing-secrets.ts";

/** What stands where a person is to type a secret. */
const ASK = "ask";

/** The argument that has a person type secrets. */
export const secretsArgument = z
  .enum([ASK])
  .optional()
  .describe("A person types missing secrets, and those given as ask");

/** The connection that a call requests, as far as it can be read without a person. */
export interface RequestedConnection {
  /** Leads to it from the arguments. */
  at: Path;
  /** The argument as it is meant, with references resolved and what a person typed put in. */
  fields: JsonObject;
  /** What the union says of these fields. */
  reading: ConnectionReading;
  /** What was changed to take the argument as it is meant. */
  changes: readonly Note[];
  /** Where null stood, which counts as left out. */
  nulls: readonly Path[];
  warnings: readonly Note[];
  /** Secrets that Atlas needs, or that a person is to type, and that are not there yet. */
  missing: readonly MissingSecret[];
  /** What of the string at a path is secret: by its place, by its value, or because the agent does not know it. */
  partsOf: PartsOf;
  /** The private link of the same plan that it goes over, and where its id stands. */
  link?: { as: string; path: Path };
  /** The same connection over the private link of this id. */
  linkedTo(id: string): RequestedConnection;
}

interface ReadOptions {
  /** What is read, where the type of the connection is known. */
  schema?: z.ZodTypeAny;
  /** Adds what an existing connection has, before the union is applied; then the argument may leave out anything. */
  complete?: (fields: JsonObject) => JsonObject;
  /** The word `ask` in the place of a secret has a person type it. */
  ask?: boolean;
  /** What the private links of the same plan are called, one of which can be named as `link:AS`. */
  links?: readonly string[];
}

/** What `readRequested` made of an argument. */
const requestedConnection = () => z.custom<RequestedConnection>(isObject);

/** The argument of a create. */
export const connectionArgument = argumentReadBy(
  requestedConnection(),
  connectionSchema,
  async (argument, { secrets, failoverOf }, context) => {
    const named = withNameOf(failoverOf, argument);
    const read = await readRequested(named, ["connection"], context, { ask: secrets === ASK });
    if ("problems" in read) return read;
    const problems = problemsOf(read.value.reading);
    return problems.length > 0 ? { problems, warnings: read.value.warnings } : read;
  },
);

/** A failover connection that is given no name has that of its primary. */
function withNameOf(failoverOf: unknown, argument: unknown): unknown {
  const given = parsed(argument);
  if (typeof failoverOf !== "string" || !isObject(given)) return argument;
  const isNamed = Object.entries(given).some(([key, value]) => isNameOf(key, "name") && value != null);
  return isNamed ? argument : { ...given, name: failoverOf };
}

/** The argument of a plan: several of them. */
export const connectionsArgument = argumentReadBy(
  z.array(requestedConnection()),
  z.array(z.object({}).passthrough()).optional().describe("Each as in create_stream_connection"),
  async (argument = [], { privateLinks }, context) => {
    const list = asMeant(z.array(z.record(z.unknown())), argument, ["connections"]).value;
    if (!Array.isArray(list))
      return { problems: [{ path: ["connections"], message: "must be a list of connections" }] };
    const given = parsed(privateLinks);
    const links = Array.isArray(given) ? given.flatMap((link) => (isObject(link) ? String(link["as"]) : [])) : [];
    const read = await Promise.all(
      list.map((each, index) => readRequested(each, ["connections", `${index}`], context, { links })),
    );
    const problems = read.flatMap((each) => ("problems" in each ? each.problems : problemsOf(each.value.reading)));
    const warnings = read.flatMap((each) => ("problems" in each ? (each.warnings ?? []) : each.value.warnings));
    if (problems.length > 0) return { problems, warnings };
    return { value: read.flatMap((each) => ("value" in each ? [each.value] : [])) };
  },
);

/**
 * Reads the `argument` at `at`. Its secrets are masked from here on. What the union says of it is left in `reading`; the
 * problems are those that leave nothing for the union to check, or that it does not know of.
 */
export async function readRequested(
  argument: unknown,
  at: Path,
  context: CallContext,
  { schema = connectionSchema, complete, ask = false, links }: ReadOptions = {},
): Promise<ReadArgument<RequestedConnection>> {
  if (argument === undefined) return { problems: [{ path: at, message: "is required: what to connect" }] };
  const { env, settings } = context;
  const meant = asMeant(schema, argument, at, { partial: complete !== undefined });
  // The agent chose the names of headers and settings.
  const masked = (notes: readonly Note[]): Note[] =>
    notes.map(({ path, message }) => ({ path: path.map((step, index) => maskedStep(step, path[index - 1])), message }));
  const maskedStep = (step: string, parent = "") => (isFreeMap(parent) ? context.mask(step) : step);
  const secrets = writtenSecrets(meant.value);
  const toType = secrets.filter(({ text }) => ask && text === ASK).map(({ path }) => path);
  const written = secrets.filter(({ path }) => !toType.includes(path));
  const isOne = ({ secret }: WrittenSecret) =>
    whyNoSecret(secret, { env, secretEnv: settings.secretEnv }) === undefined;
  context.keepSecret(written.filter(isOne).flatMap(({ secret }) => literalParts(secret)));

  const resolved = await resolveReferences(meant.value, at, {
    env,
    secretEnv: settings.secretEnv,
    ...(settings.secretDir !== undefined && { secretDir: settings.secretDir }),
    namedBy: settings.secretsNamedBy,
    reserved: settings.reserved,
    forbiddenValues: [...credentialSecrets(settings.credentials), ...(settings.reserved?.values ?? [])],
    placeOf: placeOfReference,
  });
  const mended = withLineBreaksAt(resolved.value, at);
  context.keepSecret(resolved.secrets);
  // A reference that stands for nothing is no secret: the refusal has to name it.
  if (resolved.problems.length === 0)
    context.keepSecret(writtenSecrets(mended.value).flatMap((each) => (isOne(each) ? [each.secret] : [])));

  const typed = context.typed.flatMap(({ path, value }) =>
    samePath(path.slice(0, at.length), at) ? [{ path: path.slice(at.length), value }] : [],
  );
  const linked = withLink(withTyped(mended.value, typed), links, at);
  const { value } = linked;
  const reading = readConnection(isObject(value) && complete ? complete(value) : value, at, context.maskText);
  const problems = masked([
    ...meant.problems,
    ...resolved.problems,
    ...linked.problems,
    ...refusedSecrets(written, context, at),
    ...pastedMasks(meant.value, written, at),
  ]);
  const warnings = masked(reading.warnings);
  if (problems.length > 0) return { problems: [...problems, ...problemsOf(reading)], warnings };

  const isTyped = (path: Path) => typed.some((each) => samePath(each.path, path));
  const missing = [
    ...toType.map((path) => ({ path, reason: "a person has to type it" })),
    ...reading.missingSecrets,
  ].filter(({ path }) => !isTyped(path));
  const fields = isObject(value) ? value : {};
  const hidden = [
    ...resolved.hidden,
    ...typed.map(({ path, value }) => ({ path, parts: [{ start: 0, end: value.length }] })),
  ];
  const requested: RequestedConnection = {
    ...(linked.link && { link: linked.link }),
    linkedTo(id) {
      const over = linked.link ? withValueAt(fields, linked.link.path, id) : fields;
      return { ...requested, fields: over, reading: readConnection(over, at, context.maskText) };
    },
    at,
    fields,
    reading,
    changes: masked([...meant.changes, ...mended.changes]),
    nulls: meant.nulls.map((path) => path.slice(at.length)),
    warnings,
    missing,
    partsOf(text, path) {
      const unknownToAgent = hidden.filter((each) => samePath(each.path, path) && valueAt(fields, path) === text);
      const parts = unknownToAgent.flatMap((each) => each.parts);
      return mergedParts([...secretParts(text, path), ...parts, ...context.secretPartsIn(text, path)]);
    },
  };
  return { value: requested };
}

/** Stands for the id of a private link that there is not yet. Atlas gives none like it. */
const NO_LINK = "0".repeat(24);

/** `value` with an id in the place of `link:AS`, which names a private link of the same plan. */
function withLink(
  value: unknown,
  links: readonly string[] | undefined,
  at: Path,
): { value: unknown; link?: NonNullable<RequestedConnection["link"]>; problems: Note[] } {
  for (const path of linkFields) {
    const text = valueAt(value, path);
    if (!links || !isObject(value) || typeof text !== "string" || !text.startsWith("link:")) continue;
    const as = text.slice("link:".length);
    if (links.includes(as)) return { value: withValueAt(value, path, NO_LINK), link: { as, path }, problems: [] };
    const known = links.length > 0 ? `; those are ${links.join(", ")}` : "";
    const message = `names a private link that this plan does not have in privateLinks${known}`;
    return { value: withValueAt(value, path, NO_LINK), problems: [{ path: [...at, ...path], message }] };
  }
  return { value, problems: [] };
}

/** `value` with real line breaks in keys from references: variables often hold PEM text with them written as `\n`. */
function withLineBreaksAt(value: unknown, at: Path): { value: unknown; changes: Note[] } {
  const changes: Note[] = [];
  const mended = mapStrings(value, (text, path) => {
    const whole = pemAt(path) ? withLineBreaks(text) : text;
    if (whole !== text) changes.push({ path: [...at, ...path], message: LINE_BREAKS_MADE });
    return whole;
  });
  return { value: mended, changes };
}

/** Masks the secrets written out in the `argument` from here on, where something else has to be read before it. */
export function keepWritten(argument: unknown, context: CallContext): void {
  const written = writtenSecrets(asMeant(connectionSchema, argument, []).value);
  context.keepSecret(written.flatMap(({ secret }) => literalParts(secret)));
}

interface WrittenSecret {
  path: Path;
  /** The string that it is in. */
  text: string;
  secret: string;
}

/** What stands in the places of secrets in `value`, references included. */
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
function refusedSecrets(written: readonly WrittenSecret[], { env, settings }: CallContext, at: Path): Note[] {
  const { secretEnv, inlineSecrets } = settings;
  return written.flatMap(({ path, secret }) => {
    // The check of the certificate says what to do with a key in it.
    if (pemAt(path) === "certificate") return [];
    const why =
      secret === ASK
        ? 'is the word "ask", which needs `secrets`: "ask" beside it'
        : whyNoSecret(secret, { env, secretEnv });
    const message = why
      ? `${why}. Give the secret as \${env:NAME} or \${file:NAME}; nothing was sent`
      : inlineSecrets === "refuse" && !isReference(secret)
        ? "must be a reference such as ${env:NAME}, and nothing beside it but a scheme (Bearer …), since ATLAS_STREAMS_MCP_INLINE_SECRETS is refuse; a person sets the variable"
        : undefined;
    return message === undefined ? [] : [{ path: [...at, ...path], message }];
  });
}

const pemAt = (path: Path) => {
  const schema = schemaAt(connectionSchema, path);
  return schema && traitOf(schema).pem;
};

/** A mask outside the places of secrets stood for the value of a reference, or for a known secret in a visible field. */
function pastedMasks(value: unknown, written: readonly WrittenSecret[], at: Path): Note[] {
  const isSecret = (path: Path) =>
    written.some((secret) => samePath(secret.path, path) && secret.secret.includes(MASK));
  return stringsIn(value)
    .filter(({ text, path }) => text.includes(MASK) && takesReferences(path) && !isSecret(path))
    .map(({ path }) => ({
      path: [...at, ...path],
      message: `holds ${MASK}, which this server shows in place of a secret. Give the value itself, or \${env:NAME}; nothing was sent`,
    }));
}

/** What is wrong with a connection, but for the lack of secrets, which is told by itself. */
function problemsOf(reading: ConnectionReading): Note[] {
  return reading.ok || reading.missingSecrets.length > 0 ? [] : reading.problems;
}

function withTyped(value: unknown, typed: readonly TypedSecret[]): unknown {
  if (!isObject(value)) return value;
  return typed.reduce((fields, secret) => withValueAt(fields, secret.path, secret.value), value);
}

/** What a dry run has in the place of a secret that is still missing; it is shown masked. */
const STAND_IN = "not given yet";

/**
 * The connection for a dry run, which asks nobody: what is missing is warned of, and something stands in for it.
 * @throws {InvalidInput} where something else is wrong.
 */
export function connectionToPlan(
  requested: RequestedConnection,
  call: Call,
): { connection: Connection; isWhole: boolean } {
  const { at, fields, missing, changes, warnings } = requested;
  const filled = missing.reduce((filled, { path }) => withValueAt(filled, path, STAND_IN), fields);
  const reading = readConnection(filled, at, call.maskText);
  if (!reading.ok) throw new InvalidInput(reading.problems, undefined, warnings);
  for (const warning of [...changes, ...warnings, ...secretsToGive([requested], call)]) call.warn(noteLine(warning));
  return { connection: reading.connection, isWhole: missing.length === 0 };
}

/**
 * The connection, with all its secrets; its warnings go into the result.
 * @throws {PersonNeeded} where a person can be asked for what is missing.
 * @throws {InvalidInput} where nobody can be asked.
 */
export async function completeConnection(
  requested: RequestedConnection,
  ask: boolean,
  call: Call,
): Promise<Connection> {
  const { reading, missing, changes, warnings } = requested;
  if (missing.length > 0) throw await askForSecrets([requested], ask, call);
  if (!reading.ok) throw new InvalidInput(reading.problems, undefined, warnings);
  for (const warning of [...changes, ...warnings]) call.warn(noteLine(warning));
  return reading.connection;
}
