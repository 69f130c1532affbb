/** A stream workspace as a body: read as Atlas reads it, shown as Atlas shows it. */
import { z } from "zod/v3";
import { regions, tiers } from "../../atlas/regions-and-tiers.ts";
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

const workspaceSchema = z
  .object({
    name: z.string().min(1),
    dataProcessRegion: place,
    streamConfig: z
      .object({ tier: z.enum(tiers).optional(), maxTierSize: z.enum(tiers).optional() })
      .strict()
      .default({}),
    sampleConnections: z
      .object({ solar: z.boolean().default(false) })
      .strict()
      .default({}),
  })
  .strict();

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
    ...((tier ?? maxTier) && {
      streamConfig: { ...(tier && { tier }), ...(maxTier && { maxTierSize: maxTier }), ...links },
    }),
    links: selfLink(request, "groups", groupId, "streams", name),
  };
}
