/** What is requested of a processor: checked before it is sent, and compared with what Atlas shows. */
import { isDeepStrictEqual } from "node:util";
import { listConnections, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { saysMissing } from "../../atlas/failure.ts";
import { secretsIn, stageSecretParts } from "../../connections/secret-places.ts";
import { type Difference, type JsonObject, type Path, stringsIn, valueAt } from "../../json.ts";
import { MASK } from "../../mask.ts";
import { InvalidInput, type Note, noteLine } from "../../schema/problems.ts";
import { withMasksFilled } from "../../secrets/parts.ts";
import { hasReference } from "../../secrets/references.ts";
import { checkDlq, checkPipeline } from "../../stages/check.ts";
import type { Connections } from "../../stages/check-connection.ts";
import type { Call, CallContext } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { sentence } from "../../tool/words.ts";

export interface ProcessorDefinition {
  pipeline?: readonly JsonObject[] | undefined;
  dlq?: JsonObject | undefined;
  tier?: string | undefined;
}

/** The connections of a workspace by their names, or undefined where they cannot be read. */
export async function connectionsOf(place: WorkspacePlace, call: Call): Promise<Connections | undefined> {
  const listing = await call.attempt(call.list(listConnections(place)));
  if (listing instanceof ToolFailure) {
    if (saysMissing(listing.failure)) throw listing;
    call.warn(
      sentence(`The connections of the workspace could not be read, so they were not checked: ${listing.message}`),
    );
    return undefined;
  }
  return new Map(listing.entries.map((entry) => [String(entry["name"]), asKnown(entry)]));
}

/** A connection as the checks know it. */
export const asKnown = ({ type, state }: JsonObject) => ({
  type: String(type),
  ...(typeof state === "string" && { state }),
});

/** A definition to check, and what leads to it from the arguments. */
interface Unchecked {
  definition: ProcessorDefinition;
  at?: Path;
}

/**
 * Checks definitions before anything is sent; what only may be wrong is warned of.
 * @throws {InvalidInput} with all that is wrong with any of them.
 */
export function checkDefinitions(all: readonly Unchecked[], connections: Connections | undefined, call: Call): void {
  const found = all.flatMap(({ definition: { pipeline, dlq }, at = [] }) => [
    { problems: [...refusedSecrets({ pipeline, dlq }, at, call), ...references({ pipeline, dlq }, at)], warnings: [] },
    ...(pipeline === undefined ? [] : [checkPipeline(pipeline, [...at, "pipeline"], connections, call.maskText)]),
    ...(dlq === undefined ? [] : [checkDlq(dlq, [...at, "dlq"], connections, call.maskText)]),
  ]);
  // Names of fields are the agent's.
  const masked = ({ path, message }: Note): Note => ({ path: path.map(call.mask), message });
  for (const warning of found.flatMap(({ warnings }) => warnings)) call.warn(noteLine(masked(warning)));
  const problems = found.flatMap((each) => each.problems);
  if (problems.length > 0) throw new InvalidInput(problems.map(masked));
}

/**
 * A mask that was copied from what this server showed would be written over what it hides. Anywhere else, a pipeline may
 * well write asterisks itself. No reference can stand in a pipeline, so where secrets must be references, none can either.
 */
function refusedSecrets(requested: ProcessorDefinition, at: Path, { settings }: CallContext): Note[] {
  return secretsIn(requested, stageSecretParts).flatMap(({ text, path, parts }) => {
    const isMask = parts.some(({ start, end }) => text.slice(start, end).includes(MASK));
    if (!isMask && (settings.inlineSecrets === "allow" || hasReference(text))) return [];
    const message = isMask
      ? `holds ${MASK}, which stands where this server hides something. Give what is meant; nothing was sent`
      : "is a secret that is written out, and ATLAS_STREAMS_MCP_INLINE_SECRETS is refuse: keep it in the headers or the URL of the connection, as ${env:NAME}";
    return [{ path: [...at, ...path], message }];
  });
}

/** A pipeline is sent as it is, so a reference in it would go to Atlas as text. */
function references(requested: ProcessorDefinition, at: Path): Note[] {
  return stringsIn(requested)
    .filter(({ text }) => hasReference(text))
    .map(({ path }) => ({
      path: [...at, ...path],
      message:
        "holds a reference to a secret, which only connections take: keep the secret in the connection's headers or URL",
    }));
}

/** What is requested of a processor that is there: a mask that this server shows in the same place means, as it is. */
export function withMasksAsTheyAre<T extends ProcessorDefinition>(requested: T, existing: JsonObject, call: Call): T {
  const view = (text: string, path: Path) => call.visible(text, path, stageSecretParts);
  const pipeline = withMasksFilled(requested.pipeline, existing["pipeline"], (text, path) =>
    view(text, ["pipeline", ...path]),
  );
  return Array.isArray(pipeline) ? { ...requested, pipeline } : requested;
}

/** Masks from here on what of a definition is secret by its place, such as a header of `$https`. */
export function keepSecretsOf(requested: ProcessorDefinition, { keepSecret }: CallContext): void {
  const secrets = secretsIn(requested, stageSecretParts).flatMap(({ text, parts }) =>
    parts.map(({ start, end }) => text.slice(start, end)),
  );
  keepSecret(secrets);
}

/** What Atlas takes for a definition. */
export function bodyOf({ pipeline, dlq, tier }: ProcessorDefinition): JsonObject {
  return {
    ...(pipeline !== undefined && { pipeline }),
    ...(dlq !== undefined && { options: { dlq } }),
    ...(tier !== undefined && { tier }),
  };
}

/**
 * Where a processor is not as requested. A tier that was not requested is the workspace's. The order of fields counts in a
 * pipeline, as it does in `$sort`.
 */
export function differences({ pipeline = [], dlq, tier }: ProcessorDefinition, existing: JsonObject): Difference[] {
  const existingDlq = valueAt(existing, ["options", "dlq"]) ?? undefined;
  return [
    ...stageDifferences(pipeline, existing["pipeline"]),
    ...(isDeepStrictEqual(dlq, existingDlq) ? [] : [{ path: ["dlq"], requested: dlq, existing: existingDlq }]),
    ...(tier === undefined || tier === existing["tier"]
      ? []
      : [{ path: ["tier"], requested: tier, existing: existing["tier"] }]),
  ];
}

/** The same for a change: what is not requested is left as it is. */
export const changesOf = (requested: ProcessorDefinition, existing: JsonObject): Difference[] =>
  differences(requested, existing).filter(({ path: [field = ""] }) => valueAt(requested, [field]) !== undefined);

/** By stage where there are as many, so that what differs can be seen. */
function stageDifferences(requested: readonly JsonObject[], existing: unknown): Difference[] {
  const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  if (!Array.isArray(existing) || existing.length !== requested.length)
    return isSame(requested, existing) ? [] : [{ path: ["pipeline"], requested, existing }];
  return requested.flatMap((stage, index) =>
    isSame(stage, existing[index])
      ? []
      : [{ path: ["pipeline", `${index}`], requested: stage, existing: existing[index] }],
  );
}
