/** A stream workspace as a body: read as Atlas reads it, shown as Atlas shows it. */
import { z } from "zod/v3";
import { cloudProviders, isLarger, regions, tiers } from "../../atlas/regions-and-tiers.ts";
import type { Oddities } from "../data/oddities.ts";
import type { StoredWorkspace } from "../data/state.ts";
import { defaultTiers, type StoredWorkspaceDefinition } from "../data/workspace-lifecycle.ts";
import { invalidBody } from "./api-error.ts";
import { checkedBody } from "./checked-body.ts";
import { type RoutedRequest, selfLink } from "./handler.ts";

const place = z.discriminatedUnion("cloudProvider", [
  z.object({ cloudProvider: z.literal("AWS"), region: z.nativeEnum(regions.AWS) }).strict(),
  z.object({ cloudProvider: z.literal("AZURE"), region: z.nativeEnum(regions.AZURE) }).strict(),
  z.object({ cloudProvider: z.literal("GCP"), region: z.nativeEnum(regions.GCP) }).strict(),
]);

const streamConfig = z.object({ tier: z.enum(tiers).optional(), maxTierSize: z.enum(tiers).optional() }).strict();

const workspaceSchema = z
  .object({
    name: z.string().min(1),
    dataProcessRegion: place,
    streamConfig: streamConfig.default({}),
    sampleConnections: z
      .object({ solar: z.boolean().default(false) })
      .strict()
      .default({}),
  })
  .strict();

const changeSchema = z
  .object({
    cloudProvider: z.enum(cloudProviders).optional(),
    region: z.string().optional(),
    streamConfig: streamConfig.nullable().optional(),
    failoverRegions: z.array(place).max(2).optional(),
    processorStatus: z
      .object({
        status: z.enum(["STARTED", "STOPPED", "FAILED_OVER"]),
        mode: z.enum(["GRACEFUL", "FORCED"]).nullable().optional(),
        region: z.string().nullable().optional(),
      })
      .strict()
      .optional(),
  })
  .strict();

/** What a workspace is to become, and what its processors are to do; or the 400. */
export function readWorkspaceChange(body: unknown, present: StoredWorkspace) {
  const { streamConfig: sizes, failoverRegions, processorStatus, ...moved } = checkedBody(changeSchema, body);
  const { cloudProvider = present.cloudProvider, region = present.region } = moved;
  const own = place.safeParse({ cloudProvider, region });
  if (!own.success) throw invalidBody([{ field: "region", description: `is no region of ${cloudProvider}` }]);
  const [tier, maxTier] = [sizes?.tier ?? present.tier, sizes?.maxTierSize ?? present.maxTier];
  if (isLarger(tier, maxTier))
    throw invalidBody([{ field: "streamConfig.tier", description: `is larger than maxTierSize, ${maxTier}` }]);
  if (failoverRegions?.some((each) => each.cloudProvider !== cloudProvider))
    throw invalidBody([{ field: "failoverRegions", description: `must be of ${cloudProvider}` }]);
  const regions = [...(failoverRegions ?? present.failoverRegions), { region }].map((each) => each.region);
  if (processorStatus?.status === "FAILED_OVER" && !regions.some((each) => each === processorStatus.region))
    throw invalidBody([{ field: "processorStatus.region", description: `must be one of ${regions.join(", ")}` }]);
  return {
    isMove: cloudProvider !== present.cloudProvider || region !== present.region,
    change: {
      cloudProvider,
      region,
      tier: sizes?.tier,
      maxTier: sizes?.maxTierSize,
      ...(failoverRegions && { failoverRegions }),
    },
    processorStatus,
  };
}

/** The workspace that a body describes, and whether it is to have the sample connection; or the 400. */
export function readWorkspace(body: unknown): { definition: StoredWorkspaceDefinition; solar: boolean } {
  const { name, dataProcessRegion, streamConfig, sampleConnections } = checkedBody(workspaceSchema, body);
  const { tier, maxTierSize: maxTier } = streamConfig;
  if (tiers.indexOf(tier ?? defaultTiers.tier) > tiers.indexOf(maxTier ?? defaultTiers.maxTier))
    throw invalidBody([
      { field: "streamConfig.tier", description: `is larger than maxTierSize, ${maxTier ?? defaultTiers.maxTier}` },
    ]);
  return { definition: { name, ...dataProcessRegion, tier, maxTier }, solar: sampleConnections.solar };
}

/** A workspace as Atlas shows it, without its connections. */
export function viewWorkspace(
  request: RoutedRequest,
  workspace: StoredWorkspace,
  { defaultsLeftOut, innerLinks }: Oddities,
) {
  const { id, name, cloudProvider, region, hostnames } = workspace;
  const { groupId = "" } = request.parameters;
  const { tier, maxTier } = defaultsLeftOut ? workspace.requestedTiers : workspace;
  const links = innerLinks && { links: [] };
  return {
    _id: id,
    groupId,
    name,
    dataProcessRegion: { cloudProvider, region, ...links },
    hostnames,
    failoverRegions: workspace.failoverRegions.map((each) => ({ ...each, ...links })),
    ...((tier ?? maxTier) && {
      streamConfig: { ...(tier && { tier }), ...(maxTier && { maxTierSize: maxTier }), ...links },
    }),
    links: selfLink(request, "groups", groupId, "streams", name),
  };
}
