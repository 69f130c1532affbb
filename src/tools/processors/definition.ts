/** What is requested of a processor: checked before it is sent, and compared with what Atlas shows. */
import { isDeepStrictEqual } from "node:util";
import { type Autoscaling, getWorkspace, listConnections, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { saysMissing } from "../../atlas/failure.ts";
import { isLarger } from "../../atlas/regions-and-tiers.ts";
import { secretsIn, stageSecretParts } from "../../connections/secret-places.ts";
import { type Difference, isObject, type JsonObject, type Path, stringsIn, valueAt } from "../../json.ts";
import { MASK } from "../../mask.ts";
import { type Checked, checked, InvalidInput, type Note, noteLine } from "../../schema/problems.ts";
import { withMasksFilled } from "../../secrets/parts.ts";
import { hasReference } from "../../secrets/references.ts";
import { checkDlq, checkPipeline } from "../../stages/check.ts";
import type { Connections } from "../../stages/check-connection.ts";
import { checkpointProblems } from "../../stages/checkpoint.ts";
import { namesOf, usesOf } from "../../stages/connections.ts";
import { isSameStage } from "../../stages/same.ts";
import { checkTiers } from "../../stages/tiers.ts";
import type { Call, CallContext } from "../../tool/context.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { sentence } from "../../tool/words.ts";
import { workspace } from "../workspaces/resource.ts";

export interface ProcessorDefinition {
  pipeline?: readonly JsonObject[] | undefined;
  /** One without fields takes away what is there. */
  dlq?: JsonObject | undefined;
  tier?: string | undefined;
  autoscaling?: Autoscaling | undefined;
  failoverEnabled?: boolean | undefined;
  /** Of a change: whether it goes on from its last checkpoint, which it does where this is left out. */
  resumeFromCheckpoint?: boolean | undefined;
}

/** What a processor lives among, as far as it could be read. */
export interface Surroundings {
  connections?: Connections | undefined;
  /** What its processors run on by default, and the largest tier that they can have. */
  workspaceTier?: string | undefined;
  maxTier?: string | undefined;
  /** The workspace was read, so a largest tier that is not here is not set. */
  isWhole?: boolean;
}

/** @throws {ToolFailure} where the workspace does not exist. */
export async function surroundingsOf(place: WorkspacePlace, call: Call): Promise<Surroundings> {
  const [connections, found] = await Promise.all([
    connectionsOf(place, call),
    call.attempt(call.find(getWorkspace(place))),
  ]);
  const { tier, maxTier } = found instanceof ToolFailure ? {} : workspace.view(found);
  return {
    connections,
    isWhole: !(found instanceof ToolFailure),
    ...(typeof tier === "string" && { workspaceTier: tier }),
    ...(typeof maxTier === "string" && { maxTier }),
  };
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
  /** Of a change: the processor as it is. */
  existing?: JsonObject | undefined;
  at?: Path;
  /** Whether it is to run afterwards. */
  starts?: boolean;
  /** It is taken to have a dead letter queue. */
  hasDlq?: true;
}

/**
 * Checks definitions before anything is sent; what only may be wrong is warned of.
 * @throws {InvalidInput} with all that is wrong with any of them.
 */
export function checkDefinitions(all: readonly Unchecked[], { connections, ...sizes }: Surroundings, call: Call): void {
  const { workspaceTier, maxTier } = sizes;
  const found = all.flatMap(({ definition, existing, at = [], starts = false, hasDlq }) => {
    const { pipeline, dlq, tier, failoverEnabled } = definition;
    const existingTier = existing?.["tier"];
    const own = tier ?? (typeof existingTier === "string" ? existingTier : undefined);
    const scaling = scalingAfter(definition.autoscaling, existing);
    const known = {
      connections,
      mask: call.maskText,
      hasDlq: hasDlq ?? (dlq ? filled(dlq) : valueAt(existing, ["options", "dlq"])) != null,
      tiers: { workspaceTier, maxTier, tier: largestOf(own ?? workspaceTier, scaling, maxTier) ?? own },
    };
    return [
      {
        problems: [...refusedSecrets({ pipeline, dlq }, at, call), ...references({ pipeline, dlq }, at)],
        warnings: [],
      },
      ...(pipeline === undefined ? [] : [checkPipeline(pipeline, [...at, "pipeline"], known)]),
      // Another tier has to do for the pipeline that stays.
      ...(pipeline === undefined && tier !== undefined
        ? [checked(checkTiers(existing?.["pipeline"], [...at, "pipeline"], known.tiers))]
        : []),
      // One that runs has bounds that Atlas took.
      ...(definition.autoscaling || (starts && existing?.["state"] !== "STARTED")
        ? [checkScaling(scaling, { ...sizes, starts }, at)]
        : []),
      ...(failoverEnabled ? [failoverDoubts(pipeline ?? existing?.["pipeline"], connections, at)] : []),
      ...(filled(dlq) ? [checkDlq(dlq, [...at, "dlq"], known)] : []),
      ...(existing ? [checkCheckpoint(definition, existing, at)] : []),
    ];
  });
  // Names of fields are the agent's.
  const masked = ({ path, message }: Note): Note => ({ path: path.map(call.mask), message });
  for (const warning of found.flatMap(({ warnings }) => warnings)) call.warn(noteLine(masked(warning)));
  const problems = found.flatMap((each) => each.problems);
  if (problems.length > 0) throw new InvalidInput(problems.map(masked));
}

/** What a processor is scaled within: what a request leaves out is as it was; undefined where it is not scaled. */
export function scalingAfter(requested: Autoscaling | undefined, existing: JsonObject | undefined) {
  const before = autoscalingOf(existing);
  if (requested === undefined) return before;
  const given = Object.entries(requested).filter(([, value]) => value !== undefined);
  return requested.enabled ? { ...before, ...Object.fromEntries(given), enabled: true } : undefined;
}

/** The autoscaling of a processor as Atlas shows it. */
export function autoscalingOf(existing: JsonObject | undefined): Autoscaling | undefined {
  const shown = valueAt(existing, ["options", "autoscaling"]);
  if (!isObject(shown) || shown["enabled"] === false) return undefined;
  const bound = (name: "minTier" | "maxTier") => (typeof shown[name] === "string" ? { [name]: shown[name] } : {});
  return { enabled: true, ...bound("minTier"), ...bound("maxTier") };
}

/** The largest tier that it can be scaled to, where that is larger than its own. */
function largestOf(own: string | undefined, scaling: Autoscaling | undefined, maxTier: string | undefined) {
  const most = scaling && (scaling.maxTier ?? maxTier);
  return isLarger(most, own) && !isLarger(most, maxTier) ? most : undefined;
}

/**
 * What is wrong with the bounds of a processor that is scaled.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/autoscaling/
 */
export function checkScaling(
  scaling: Autoscaling | undefined,
  { maxTier: most, isWhole, starts }: Omit<Surroundings, "connections"> & { starts: boolean },
  at: Path,
): Checked {
  if (!scaling) return { problems: [], warnings: [] };
  const { minTier, maxTier } = scaling;
  const note = (field: "minTier" | "maxTier", message: string) => ({ path: [...at, "autoscaling", field], message });
  const lacking =
    maxTier === undefined && most === undefined && isWhole
      ? [note("maxTier", "is required, since the workspace has no maxTier either: without one Atlas does not start it")]
      : [];
  const tooLarge = (["minTier", "maxTier"] as const)
    .filter((field) => isLarger(scaling[field], most))
    .map((field) => note(field, `can be at most ${most}, the workspace's largest`));
  const order = isLarger(minTier, maxTier) ? [note("minTier", `can be at most maxTier, which is ${maxTier}`)] : [];
  return { problems: [...order, ...tooLarge, ...(starts ? lacking : [])], warnings: starts ? [] : lacking };
}

/** Atlas has failover only for pipelines from a cluster to a cluster or to Kafka, as MongoDB's Terraform provider says. */
function failoverDoubts(pipeline: unknown, connections: Connections | undefined, at: Path): Checked {
  const uses = usesOf({ pipeline });
  const fits = (role: "source" | "sink", types: readonly string[]) =>
    namesOf(uses, role).every((name) => types.includes(connections?.get(name)?.type ?? types[0] ?? ""));
  if (fits("source", ["Cluster"]) && fits("sink", ["Cluster", "Kafka"])) return { problems: [], warnings: [] };
  const message = "Atlas may refuse it: it has failover for pipelines from a Cluster to a Cluster or to Kafka.";
  return { problems: [], warnings: [{ path: [...at, "failoverEnabled"], message }] };
}

/** Whether a change can keep the checkpoint of one that has run, and what is lost where it is not to be kept. */
function checkCheckpoint(
  { pipeline, resumeFromCheckpoint }: ProcessorDefinition,
  existing: JsonObject,
  at: Path,
): Checked {
  const hasRun = existing["state"] !== "CREATED" || existing["stats"] !== undefined;
  if (!hasRun || pipeline === undefined) return { problems: [], warnings: [] };
  const path = [...at, "pipeline"];
  const isSame = stageDifferences(pipeline, existing["pipeline"]).length === 0;
  const found = isSame ? { problems: [], warnings: [] } : checkpointProblems(pipeline, existing["pipeline"], path);
  if (resumeFromCheckpoint === false)
    return {
      problems: [],
      warnings: isSame
        ? []
        : [
            {
              path: [...at, "resumeFromCheckpoint"],
              message: "the checkpoint is lost: open windows, and the place in the source from which it would go on.",
            },
          ],
    };
  const problems = found.problems.map(({ path, message }) => ({
    path,
    message: `${message}, which does not fit the checkpoint. To start afresh, without its state, give resumeFromCheckpoint: false`,
  }));
  return { ...found, problems };
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
export function bodyOf({ pipeline, dlq, autoscaling, tier, failoverEnabled }: ProcessorDefinition): JsonObject {
  const options = { ...(dlq !== undefined && { dlq }), ...(autoscaling !== undefined && { autoscaling }) };
  return {
    ...(pipeline !== undefined && { pipeline }),
    ...(Object.keys(options).length > 0 && { options }),
    ...(tier !== undefined && { tier }),
    ...(failoverEnabled !== undefined && { failoverEnabled }),
  };
}

/**
 * Where a processor is not as requested. A tier that was not requested is the workspace's; one that is not shown may be it.
 * It is the tier that was set, never the one that it was scaled to.
 */
export function differences(requested: ProcessorDefinition, existing: JsonObject): Difference[] {
  const { pipeline = [], dlq, tier, autoscaling, failoverEnabled = false } = requested;
  const existingDlq = dlqOf(existing);
  const scaling = autoscalingOf(existing);
  const fails = existing["failoverEnabled"] === true;
  return [
    ...stageDifferences(pipeline, existing["pipeline"]),
    ...(isDeepStrictEqual(filled(dlq), existingDlq)
      ? []
      : [{ path: ["dlq"], requested: filled(dlq), existing: existingDlq }]),
    ...(tier === undefined || existing["tier"] == null || tier === existing["tier"]
      ? []
      : [{ path: ["tier"], requested: tier, existing: existing["tier"] }]),
    ...(isDeepStrictEqual(scalingAfter(autoscaling ?? { enabled: false }, existing), scaling)
      ? []
      : [{ path: ["autoscaling"], requested: autoscaling, existing: scaling }]),
    ...(failoverEnabled === fails
      ? []
      : [{ path: ["failoverEnabled"], requested: requested.failoverEnabled, existing: existing["failoverEnabled"] }]),
  ];
}

/** A dead letter queue, where it is one. */
export const filled = (dlq: JsonObject | undefined): JsonObject | undefined =>
  dlq && Object.keys(dlq).length > 0 ? dlq : undefined;

/** The dead letter queue of a processor as Atlas shows it, without the links that Atlas adds. */
export function dlqOf(existing: JsonObject): JsonObject | undefined {
  const dlq = valueAt(existing, ["options", "dlq"]);
  if (!isObject(dlq)) return undefined;
  const { links: _, ...fields } = dlq;
  return fields;
}

/** The same for a change: what is not requested is left as it is. */
export const changesOf = (requested: ProcessorDefinition, existing: JsonObject): Difference[] =>
  differences(requested, existing).filter(({ path: [field = ""] }) => valueAt(requested, [field]) !== undefined);

/** By stage, so that one that was added, removed or changed is told from those that stay. */
function stageDifferences(requested: readonly JsonObject[], existing: unknown): Difference[] {
  const before: readonly unknown[] = Array.isArray(existing) ? existing : [];
  const differences: Difference[] = [];
  let [at, from] = [0, 0];
  const ends = { index: requested.length, place: before.length };
  for (const { index, place } of [...stagesThatStay(requested, before), ends]) {
    // What was removed in front of one that stays was replaced by what was added there, as far as there is as much.
    for (; at < index || from < place; at += 1, from += 1) {
      const [added, removed] = [at < index, from < place];
      differences.push({
        path: ["pipeline", `${added ? at : from}`],
        ...(added && { requested: requested[at] }),
        ...(removed && { existing: before[from] }),
      });
      if (!added) at -= 1;
      if (!removed) from -= 1;
    }
    [at, from] = [index + 1, place + 1];
  }
  return differences;
}

/** Of the longest row of stages that both have in the same order, where each stands in the one and in the other. */
function stagesThatStay(
  requested: readonly unknown[],
  existing: readonly unknown[],
): { index: number; place: number }[] {
  const isSame = requested.map((stage) => existing.map((other) => isSameStage(stage, other)));
  /** How long that row is, from these two places on. */
  const lengths = requested.map(() => existing.map(() => 0));
  const lengthAt = (index: number, place: number) => lengths[index]?.[place] ?? 0;
  for (let index = requested.length - 1; index >= 0; index -= 1)
    for (let place = existing.length - 1; place >= 0; place -= 1) {
      const row = lengths[index];
      if (row)
        row[place] = isSame[index]?.[place]
          ? lengthAt(index + 1, place + 1) + 1
          : Math.max(lengthAt(index + 1, place), lengthAt(index, place + 1));
    }
  const stay: { index: number; place: number }[] = [];
  let [index, place] = [0, 0];
  while (lengthAt(index, place) > 0) {
    const isLonger = lengthAt(index + 1, place) >= lengthAt(index, place + 1);
    const staysHere = isSame[index]?.[place] === true;
    if (staysHere) stay.push({ index, place });
    if (staysHere || isLonger) index += 1;
    if (staysHere || !isLonger) place += 1;
  }
  return stay;
}
