/** `create_stream_processor`: sends the create at most once, says what became of it, and starts it where that is requested. */
import { z } from "zod/v3";
import {
  type AtlasRequest,
  createProcessor,
  getProcessor,
  startProcessor,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
import { tiers } from "../../atlas/regions-and-tiers.ts";
import { stageSecretParts } from "../../connections/secret-places.ts";
import { unlisted } from "../../schema/fields.ts";
import type { Connections } from "../../stages/check-connection.ts";
import { smallestTier } from "../../stages/tiers.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { warnings } from "../../tool/result.ts";
import { triedFirst } from "../pipelines/tried-first.ts";
import {
  bodyOf,
  checkDefinitions,
  differences,
  keepSecretsOf,
  type ProcessorDefinition,
  surroundingsOf,
} from "./definition.ts";
import { startUnlessFailed } from "./lifecycle.ts";
import { processor, processorArguments, processorFields, processorView, stateOf } from "./resource.ts";

export default defineTool({
  name: "create_stream_processor",
  description:
    "Creates a processor: a pipeline that reads from one connection and writes to another. Checked before it is sent; " +
    "safe to repeat.",
  effect: "adds",
  resource: processor,
  input: z
    .object({
      ...processorArguments,
      ...processorFields,
      dlq: processorFields.dlq.optional(),
      start: z.boolean().default(false).describe("Start it too, which is billed"),
      dryRun,
    })
    .strict(),
  outcomes: ["created", "already_exists", "planned"],
  output: {
    processor: processorView,
    started: unlisted(z.boolean().optional()),
    warnings,
  },
  async run({ groupId, tenantName, processorName: name, start: toStart, dryRun, ...requested }, call) {
    const place = { groupId, tenantName };
    keepSecretsOf(requested, call);
    const { connections, ...surroundings } = await surroundingsOf(place, call);
    checkDefinitions([{ definition: requested, starts: toStart }], { connections, ...surroundings }, call);
    const { outcome, latest, started } = await call.inTurn(getProcessor(place, name), () =>
      createProcessorOnce({ place, name, requested, toStart, connections }, call),
    );
    const quotedName = JSON.stringify(call.mask(name));
    if (dryRun) {
      const tier = defaultTierFor(requested, surroundings.workspaceTier);
      const start = toStart ? " and start it, after which billing runs" : "";
      return {
        outcome,
        summary:
          outcome === "created"
            ? `Would create the processor ${quotedName}${start}; nothing was created.${tier === undefined ? "" : ` It will run on ${tier}.`}${triedFirst(call)}`
            : `Would find the processor ${quotedName} already there, as requested${start && `,${start} if it does not run`}; nothing was sent.`,
      };
    }
    const what =
      outcome === "created"
        ? `Created the processor ${quotedName}`
        : `The processor ${quotedName} was already there and is the one requested`;
    const runs = started ? "it is started, and billing runs" : `its state is ${call.mask(stateOf(latest))}`;
    return {
      outcome,
      summary: `${what}; ${runs}.`,
      processor: processor.view({ name, ...latest }),
      ...(started && { started }),
    };
  },
});

/** What a processor will run on for which no tier is requested, and what it needs where that is not known. */
export function defaultTierFor(
  { tier, pipeline }: ProcessorDefinition,
  workspaceTier: string | undefined,
): string | undefined {
  if (tier !== undefined) return undefined;
  if (workspaceTier !== undefined) return `${workspaceTier}, the workspace's default tier`;
  const smallest = smallestTier(pipeline);
  const needs = smallest === undefined || smallest === tiers[0] ? "" : `; the smallest that fits is ${smallest}`;
  return `the workspace's default tier, which Atlas does not show${needs}`;
}

/** To a new one, autoscaling that is off says nothing. */
const withoutNothing = ({ autoscaling, ...requested }: ProcessorDefinition): ProcessorDefinition =>
  autoscaling?.enabled ? { ...requested, autoscaling } : requested;

/** The request that creates a processor. */
export const createRequest = (place: WorkspacePlace, name: string, requested: ProcessorDefinition): AtlasRequest =>
  createProcessor(place, { name, ...bodyOf(withoutNothing(requested)) });

interface Creation {
  place: WorkspacePlace;
  name: string;
  requested: ProcessorDefinition;
  toStart: boolean;
  /** Those of the workspace, as far as they could be read. */
  connections: Connections | undefined;
}

/**
 * Sends a create, and starts what was created where that is requested.
 * @throws {ToolFailure} with the processor, where it is there and does not run.
 */
export async function createProcessorOnce({ place, name, requested, toStart, connections }: Creation, call: Call) {
  const find = getProcessor(place, name);
  const request = createRequest(place, name, requested);
  if (toStart) await call.permit([request, startProcessor(place, name)]);
  const { outcome, latest } = await call.create({
    request,
    find,
    name,
    differences: (existing) => differences(requested, existing),
    partsOf: stageSecretParts,
  });
  const settled = await call.untilSettled(latest, find);
  const runs = settled["state"] === "STARTED";
  if (!toStart || runs) return { outcome, latest: settled, started: toStart && runs };
  const before = { ...settled, pipeline: requested.pipeline, options: { dlq: requested.dlq } };
  const started = await call.attempt(startUnlessFailed(place, name, before, connections, call));
  if (!(started instanceof ToolFailure)) return { outcome, latest: started, started: true };
  if (call.isDry) throw started;
  throw started.with({
    left: `The processor "${call.mask(name)}" is there, but its start failed.`,
    result: { processor: processor.view({ name, ...settled }), ...started.circumstances.result },
  });
}
