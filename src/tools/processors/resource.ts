/** A stream processor as a resource: where it is, what it is called, how an agent sees it, and the arguments that name it. */
import { z } from "zod/v3";
import { listProcessors } from "../../atlas/endpoints.ts";
import { processorStates } from "../../atlas/states.ts";
import { withoutLinks } from "../../connections/added-by-atlas.ts";
import { stageSecretParts } from "../../connections/secret-places.ts";
import { isObject, type JsonObject } from "../../json.ts";
import { addressable, name, unlisted, withTrait } from "../../schema/fields.ts";
import { maskValue } from "../../secrets/parts.ts";
import { checkPipeline } from "../../stages/check.ts";
import { readProcessorFile } from "../../stages/processor-file.ts";
import type { Resource } from "../../tool/resource.ts";
import { someObject } from "../../tool/result.ts";
import { tier, workspace, workspaceArguments } from "../workspaces/resource.ts";

/** What an agent sees of a processor. */
const FIELDS = [
  "name",
  "state",
  "tier",
  "effectiveTier",
  "failoverEnabled",
  "eligibleForFailover",
  "pipeline",
  "options",
  "stats",
] as const;

export const processor: Resource = {
  noun: "processor",
  argument: "processorName",
  within: workspace,
  list: ({ groupId = "", tenantName = "" }) => listProcessors({ groupId, tenantName }),
  nameOf: ({ name }) => ({ name: String(name) }),
  listedBy: "list_stream_processors",
  shownBy: "get_stream_processor",
  changedBy: "update_stream_processor",
  /** A stage can hold headers and URLs, as a connection does. */
  view: (existing) => {
    const fields = FIELDS.filter((field) => existing[field] !== undefined).map((field) => [
      field,
      isObject(existing[field]) && field === "options" ? withoutLinks(existing[field]) : existing[field],
    ]);
    const masked = maskValue(Object.fromEntries(fields), stageSecretParts);
    return isObject(masked) ? masked : {};
  },
  states: processorStates,
  errorCodes: { missing: "PROCESSOR" },
};

export const stateOf = (existing: JsonObject): string => String(existing["state"] ?? "unknown");

/** A processor in a result; what it is made of is described by the tool that shows one. */
export const processorView = unlisted(someObject("As Atlas shows it"));

/** The arguments that name a processor. */
export const processorArguments = {
  ...workspaceArguments,
  processorName: withTrait(addressable("Its name"), { alsoCalled: ["name", "processor"] }),
};

const dlqFields = { connectionName: name("Of type Cluster"), db: name("Database"), coll: name("Collection") };

/** A dead letter queue that a change gives a processor; one without fields takes it away. */
export const dlqChange = z
  .object(dlqFields)
  .partial()
  .strict()
  .superRefine((dlq, { addIssue }) => {
    if (Object.keys(dlq).length === 0) return;
    for (const field of Object.keys(dlqFields).filter((each) => !Object.hasOwn(dlq, each)))
      addIssue({ code: "custom", path: [field], message: "is required; {} takes the dead letter queue away" });
  })
  .describe("{} takes it away");

/** Between which tiers a processor is scaled. */
const autoscaling = () =>
  z.object({ enabled: z.boolean().default(true), minTier: tier("Smallest"), maxTier: tier("Largest") }).strict();
const published = z.object({}).passthrough().optional();

/** The same for tools beside the one that describes it. */
export const autoscalingChange = withTrait(autoscaling(), {
  published: published.describe("As in create_stream_processor"),
}).optional();

/** The arguments that say what a processor does. */
export const processorFields = {
  pipeline: withTrait(z.array(z.record(z.unknown())).describe("Stages: $source first, a sink ($merge, $emit) last"), {
    file: readProcessorFile,
    check: (pipeline, at, mask) => checkPipeline(pipeline, at, { mask }).problems,
  }),
  dlq: z.object(dlqFields).strict().describe("Dead letter queue"),
  tier: tier("SP2 to SP50; default is the workspace's"),
  autoscaling: withTrait(autoscaling(), {
    published: published.describe("{minTier, maxTier} to scale between, or {enabled: false}"),
  }).optional(),
  failoverEnabled: z.boolean().optional().describe("Can fail over"),
};
