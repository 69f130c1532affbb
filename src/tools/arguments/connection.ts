/** The argument `connection`: leniencies, references, the union, and the secrets that are still missing. */
import { credentialSecrets } from "../../config/settings.ts";
import type { MissingSecret } from "../../connections/connection-type.ts";
import { withValueAt } from "../../connections/paths.ts";
import type { Problem } from "../../connections/problems.ts";
import { type Reading, readConnection } from "../../connections/read-connection.ts";
import { relax } from "../../connections/relax.ts";
import { embeddedSecretsIn, secretsIn } from "../../connections/secret-fields.ts";
import type { Connection } from "../../connections/union.ts";
import { isObject, type JsonObject } from "../../json.ts";
import { isPlaceholder, resolveReferences, typedParts } from "../../secrets/references.ts";
import { InvalidInput } from "../invalid-input.ts";
import type { CallContext, Services } from "../tool.ts";

export interface ConnectionArgument {
  /** What was given, with references resolved and leniencies applied. */
  given: JsonObject;
  /** `given`, completed and checked: what Atlas takes. Absent where there are problems or missing secrets. */
  connection?: Connection;
  problems: Problem[];
  warnings: string[];
  /** Secrets that Atlas needs, or that a person is to type, and that are not there yet. */
  missingSecrets: MissingSecret[];
  /** Dotted paths, from the connection, of strings that came from a reference or from a person. */
  referenced: ReadonlySet<string>;
}

export interface ConnectionOptions {
  /** Adds what an existing connection already has before the union is applied. */
  complete?: (given: JsonObject) => JsonObject;
  /** A secret given as the word `ask` is to be typed by a person. */
  ask?: boolean;
  /** What a person has typed, by dotted path from the connection. */
  typed?: ReadonlyMap<string, string>;
}

type Secrets = ReturnType<typeof secretsIn>;

/** What stands where a person is to type a secret. */
const ASK = "ask";

/** Reads the argument out of a call's `args`. Its secrets are masked from here on. */
export async function readConnectionArgument(
  args: unknown,
  { settings, env }: Services,
  context: CallContext,
  { complete = (given) => given, ask = false, typed = new Map() }: ConnectionOptions = {},
): Promise<ConnectionArgument> {
  const argument = isObject(args) ? args["connection"] : undefined;
  const relaxed = relax(argument);
  const secrets = secretsIn(relaxed.value);
  const toType = secrets
    .filter(({ text }) => ask && text === ASK)
    .map(({ path }) => ({ path, reason: "a person is to type it" }));
  const isToType = (path: string) => toType.some((secret) => secret.path.join(".") === path);
  const keepSecretsOf = (value: unknown, secrets = secretsIn(value)) =>
    context.keepSecret([
      ...secrets.flatMap(({ text, path }) => (isToType(path.join(".")) ? [] : typedParts(text))),
      ...embeddedSecretsIn(value).flatMap(typedParts),
    ]);
  keepSecretsOf(relaxed.value, secrets);
  const resolved = await resolveReferences(relaxed.value, "connection", {
    env,
    secretEnv: settings.secretEnv,
    ...(settings.secretDir !== undefined && { secretDir: settings.secretDir }),
    forbiddenValues: credentialSecrets(settings.credentials),
  });
  context.keepSecret(resolved.secrets);
  if (resolved.value !== relaxed.value) keepSecretsOf(resolved.value);

  const referenced = new Set(resolved.paths.map((path) => path.replace(/^connection\./, "")));
  const problems = [
    ...(argument === undefined ? [{ path: "connection", message: "is required: what to connect" }] : []),
    ...relaxed.problems,
    ...resolved.problems,
    ...(settings.inlineSecrets === "refuse"
      ? inlineSecrets(secrets, (path) => referenced.has(path) || isToType(path))
      : []),
  ];
  const given = isObject(resolved.value) ? resolved.value : {};
  const warnings = [...relaxed.warnings, ...unfilled(secrets, ask)];
  const rest = { given, warnings, missingSecrets: [], referenced };
  if (argument === undefined || relaxed.problems.length > 0) return { ...rest, problems };

  const read = (value: unknown) => readConnection(isObject(value) ? complete(value) : value);
  const first = read(resolved.value);
  const wanted = [...toType, ...first.missingSecrets];
  const complement = wanted.filter(({ path }) => typed.has(path.join(".")));
  if (complement.length === 0) return { ...rest, ...conclude(first, wanted, problems, warnings) };

  const filled = complement.reduce((value, { path }) => withValueAt(value, path, typed.get(path.join("."))), given);
  for (const { path } of complement) referenced.add(path.join("."));
  const still = wanted.filter((secret) => !complement.includes(secret));
  return { ...rest, given: filled, ...conclude(read(filled), still, problems, warnings) };
}

function conclude(reading: Reading, missingSecrets: MissingSecret[], problems: Problem[], warnings: string[]) {
  // What is wrong for lack of a secret alone is told as that.
  if (!reading.ok)
    return {
      problems: reading.missingSecrets.length > 0 ? problems : [...problems, ...reading.problems],
      missingSecrets,
    };
  return {
    connection: reading.connection,
    problems,
    warnings: [...warnings, ...reading.warnings],
    missingSecrets,
  };
}

/** Warnings of secrets that are the name of one: Atlas takes any text, and the connection fails much later. */
function unfilled(secrets: Secrets, ask: boolean): string[] {
  return secrets.flatMap(({ text, path }) => {
    const field = ["connection", ...path].join(".");
    if (text === ASK && !ask) return [`${field}: the word "ask" was sent; a person is asked with \`secrets\`: "ask"`];
    if (!isPlaceholder(text)) return [];
    return [`${field}: looks like a placeholder and was sent as it is; a reference is written \${env:NAME}`];
  });
}

function inlineSecrets(secrets: Secrets, isElsewhere: (path: string) => boolean): Problem[] {
  return secrets
    .map(({ path }) => path.join("."))
    .filter((path) => !isElsewhere(path))
    .map((path) => ({
      path: `connection.${path}`,
      message:
        "must be a reference such as ${env:NAME}, which a person sets: ATLAS_STREAMS_MCP_INLINE_SECRETS is refuse",
    }));
}

/** The refusal of a create for lack of secrets, which says how a person can give them without the chat. */
export function secretsMissing(
  missing: readonly MissingSecret[],
  allowed: readonly string[],
  asked: boolean,
): InvalidInput {
  return new InvalidInput(
    missing.map(({ path, reason }) => ({
      path: ["connection", ...path].join("."),
      message: `is required: ${reason}`,
    })),
    (asked ? "This client cannot have a person open a page, so `secrets` does not help. " : "") +
      "Do not ask the person to write the secret into the chat. Have them set it as an environment variable of this " +
      `server (allowed names: ${allowed.join(", ")}) and give it as \${env:NAME}, or as \${file:NAME} where ` +
      "ATLAS_STREAMS_MCP_SECRET_DIR is set. Nothing was sent.",
  );
}
