/** A stream processor as a body: read as Atlas reads it, shown as Atlas shows it. */
import { z } from "zod/v3";
import { tiers } from "../../atlas/regions-and-tiers.ts";
import { isObject, type JsonObject } from "../../json.ts";
import { hasWindow, sourceOf } from "../data/message-flow.ts";
import type { Oddities } from "../data/oddities.ts";
import { connectionsUsedBy, type StoredDefinition } from "../data/processor-lifecycle.ts";
import { type Autoscaling, isFound, type StoredProcessor, type StoredWorkspace } from "../data/state.ts";
import { ApiError, invalidBody } from "./api-error.ts";
import { checkedBody } from "./checked-body.ts";
import { type RoutedRequest, selfLink } from "./handler.ts";
import { problemIn } from "./pipeline-rules.ts";
import { inOrder, viewPipeline } from "./pipeline-view.ts";

/** Bytes of a message, and of what a window keeps. */
const MESSAGE_SIZE = 390;
const WINDOW_SIZE = 4096;

const name = z.string().min(1);
const pipeline = z.array(z.record(z.unknown())).min(1);
const tier = z.enum(tiers);
const dlq = z.object({ connectionName: z.string(), db: z.string(), coll: z.string() }).strict();

const bound = tier.nullable().optional();
const autoscaling = z.object({ enabled: z.boolean().nullable().optional(), minTier: bound, maxTier: bound }).strict();
const failoverEnabled = z.boolean().optional();

const createSchema = z
  .object({
    name,
    pipeline,
    tier: tier.optional(),
    failoverEnabled,
    options: z.object({ dlq: dlq.optional(), autoscaling: autoscaling.optional() }).strict().optional(),
  })
  .strict();

const updateSchema = z
  .object({
    name: name.optional(),
    pipeline: pipeline.optional(),
    tier: tier.optional(),
    failoverEnabled,
    options: z
      .object({
        // One without fields takes away what is there.
        dlq: dlq.or(z.object({}).strict()).optional(),
        autoscaling: autoscaling.optional(),
        resumeFromCheckpoint: z.boolean().optional(),
      })
      .strict()
      .optional(),
  })
  .strict();

const startSchema = z
  .object({
    tier: tier.optional(),
    autoscaling: autoscaling.optional(),
    failover: z
      .object({
        region: z.string(),
        mode: z.enum(["GRACEFUL", "FORCED"]).optional(),
        clearCheckpoint: z.boolean().optional(),
        dryRun: z.boolean().optional(),
      })
      .strict()
      .optional(),
    resumeFromCheckpoint: z.boolean().optional(),
    startAtOperationTime: z.string().datetime().optional(),
  })
  .strict();

/** The processor that a body describes, or the 400 that says what is wrong with it. */
export function readProcessor(body: JsonObject, workspace: StoredWorkspace): StoredDefinition {
  const { options, ...given } = checkedBody(createSchema, body);
  const tier = given.tier ?? workspace.tier;
  return usable(
    { ...given, tier, dlq: options?.dlq, autoscaling: scaledBy(options?.autoscaling, undefined) },
    workspace,
  );
}

/**
 * What a processor is to become, or the 400 that says why it cannot. One that has run resumes from its last
 * checkpoint, which fits no other source.
 */
export function readProcessorChange(
  body: JsonObject,
  present: StoredProcessor,
  workspace: StoredWorkspace,
): StoredDefinition {
  const { options = {}, ...given } = checkedBody(updateSchema, body);
  const changed = usable(
    {
      name: given.name ?? present.name,
      pipeline: given.pipeline ?? present.pipeline,
      tier: given.tier ?? present.tier,
      autoscaling: scaledBy(options.autoscaling, present.autoscaling),
      failoverEnabled: given.failoverEnabled ?? present.failoverEnabled,
      dlq: options.dlq && Object.keys(options.dlq).length === 0 ? undefined : (options.dlq ?? present.dlq),
    },
    workspace,
  );
  const hasOtherSource = JSON.stringify(sourceOf(changed.pipeline)) !== JSON.stringify(sourceOf(present.pipeline));
  if (hasOtherSource && present.counted && options.resumeFromCheckpoint !== false)
    throw problem(present.name, "resumeFromCheckpoint must be false to change the $source stage", "pipeline.0.$source");
  return changed;
}

/**
 * What a processor is scaled within after a request: what the request leaves out stays, null is as the workspace has it,
 * and what is not enabled is cleared.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/autoscaling/
 */
function scaledBy(
  requested: z.output<typeof autoscaling> | undefined,
  present: Autoscaling | undefined,
): Autoscaling | undefined {
  if (requested === undefined) return present;
  const { enabled, minTier = present?.minTier, maxTier = present?.maxTier } = requested;
  if (enabled === undefined && present) return { minTier: minTier ?? undefined, maxTier: maxTier ?? undefined };
  return enabled ? { minTier: minTier ?? undefined, maxTier: maxTier ?? undefined } : undefined;
}

/** How a processor is to be started, or the 400. */
export function readStartOptions(body: JsonObject, present: StoredProcessor, workspace: StoredWorkspace) {
  const { failover, ...given } = checkedBody(startSchema, body);
  const regions = [...workspace.failoverRegions, workspace].map(({ region }) => region);
  if (failover && !regions.includes(failover.region))
    throw invalidBody([{ field: "failover.region", description: `must be one of ${regions.join(", ")}` }]);
  if (given.tier !== undefined) refuseProblem({ ...present, tier: given.tier });
  return {
    tier: given.tier ?? present.tier,
    autoscaling: scaledBy(given.autoscaling, present.autoscaling),
    failover,
    ...(given.resumeFromCheckpoint === false && { work: undefined, changes: undefined }),
  };
}

/** Throws the 400 to a start of one that is to be scaled up to no one knows where. */
export function requireBound(
  { name, autoscaling }: Pick<StoredProcessor, "name" | "autoscaling">,
  { requestedTiers }: StoredWorkspace,
) {
  if (!autoscaling || autoscaling.maxTier !== undefined || requestedTiers.maxTier !== undefined) return;
  throw problem(name, "autoscaling needs a maxTier, of the processor or of the workspace", "autoscaling.maxTier");
}

/** A processor as the answer to its creation shows it. */
export function viewProcessor(
  request: RoutedRequest,
  workspace: StoredWorkspace,
  processor: StoredProcessor,
  oddities: Oddities,
) {
  const { groupId = "" } = request.parameters;
  const links = oddities.innerLinks && { links: [] };
  const dlq = processor.dlq && { ...(oddities.fieldsReordered ? inOrder(processor.dlq) : processor.dlq), ...links };
  const scaling = processor.autoscaling;
  return {
    _id: processor.id,
    name: processor.name,
    pipeline: viewPipeline(processor.pipeline, oddities),
    tier: processor.tier,
    ...(scaling && { effectiveTier: processor.scaledTo ?? processor.tier }),
    ...(processor.failoverEnabled !== undefined && { failoverEnabled: processor.failoverEnabled }),
    ...((dlq ?? scaling) && {
      options: { ...(dlq && { dlq }), ...(scaling && { autoscaling: { enabled: true, ...scaling } }), ...links },
    }),
    links: selfLink(request, "groups", groupId, "streams", workspace.name, "processor", processor.name),
  };
}

/** A processor as every other answer shows it: with its state and, once it has run, its counters. */
export function viewProcessorWithStats(
  request: RoutedRequest,
  workspace: StoredWorkspace,
  processor: StoredProcessor,
  oddities: Oddities,
) {
  const stats = statsOf(processor);
  return { ...viewProcessor(request, workspace, processor, oddities), state: processor.state, ...(stats && { stats }) };
}

/** Sizes are in bytes. */
function statsOf(processor: StoredProcessor) {
  const { counted: counts } = processor;
  if (!counts) return undefined;
  const stateSize = hasWindow(processor.pipeline) && counts.input > 0 ? WINDOW_SIZE : 0;
  return {
    name: processor.name,
    ok: 1,
    inputMessageCount: counts.input,
    inputMessageSize: counts.input * MESSAGE_SIZE,
    outputMessageCount: counts.output,
    outputMessageSize: counts.output * MESSAGE_SIZE,
    dlqMessageCount: counts.dlq,
    dlqMessageSize: counts.dlq * MESSAGE_SIZE,
    stateSize,
    memoryTrackerBytes: stateSize,
  };
}

/** The definition, if it begins with a source and the workspace has every connection that it names. */
function usable(definition: StoredDefinition, workspace: StoredWorkspace): StoredDefinition {
  const connections = new Map([...workspace.connections].filter(([, connection]) => isFound(connection)));
  const { name, pipeline } = definition;
  if (!isObject(sourceOf(pipeline))) throw problem(name, "the first stage must be $source", "pipeline.0");
  refuseProblem(definition);
  const missing = connectionsUsedBy(definition).find((used) => !connections.has(used.name));
  if (!missing) return definition;
  throw problem(
    name,
    `connection named ${missing.name} does not exist. Check sp.listConnections() for available connections`,
    missing.path.join("."),
  );
}

/** Throws the 400 to a pipeline that the engine does not take, or not on this tier. */
function refuseProblem({ name, pipeline, tier, autoscaling }: Omit<StoredDefinition, "dlq">): void {
  const found = problemIn(pipeline, autoscaling ? undefined : tier);
  if (found) throw problem(name, found.description, found.field);
}

/** The 400 by which Atlas says what the stream processing engine has against a processor. */
function problem(name: string, description: string, field: string): ApiError {
  return new ApiError(
    400,
    "STREAM_PROCESSOR_GENERIC_ERROR",
    `Streams Processor with this name (${name}) had a problem occur: ${description}.`,
    { parameters: [name, description], fields: [{ field, description }] },
  );
}
