/** A stream workspace as a resource, and the arguments that name one. */

import { z } from "zod/v3";
import { listWorkspaces } from "../../atlas/endpoints.ts";
import { tiers } from "../../atlas/regions-and-tiers.ts";
import { isObject, type JsonObject, valueAt } from "../../json.ts";
import { addressable, withTrait } from "../../schema/fields.ts";
import type { Resource } from "../../tool/resource.ts";
import { groupId, project } from "../projects/resource.ts";

export const workspace: Resource = {
  noun: "workspace",
  argument: "tenantName",
  within: project,
  list: ({ groupId = "" }) => listWorkspaces(groupId),
  nameOf: ({ name }) => ({ name: String(name) }),
  listedBy: "list_stream_workspaces",
  changedBy: "update_stream_workspace",
  view: (existing) => ({
    tenantName: existing["name"],
    cloudProvider: valueAt(existing, ["dataProcessRegion", "cloudProvider"]),
    region: valueAt(existing, ["dataProcessRegion", "region"]),
    tier: valueAt(existing, ["streamConfig", "tier"]),
    maxTier: valueAt(existing, ["streamConfig", "maxTierSize"]),
    ...failoverRegionsOf(existing),
    hostnames: existing["hostnames"],
  }),
  errorCodes: {
    missing: "TENANT",
    hints: {
      STREAM_TENANT_HAS_STREAM_PROCESSORS: (way) =>
        `Ask the person; then stop and delete its processors (${way("see which", "list_stream_processors")}), and call again.`,
    },
  },
};

/** Where it can fail over to, without the links that Atlas adds; undefined where Atlas does not show it. */
export function failoverRegionsShown({
  failoverRegions,
}: JsonObject): { cloudProvider: string; region: string }[] | undefined {
  if (!Array.isArray(failoverRegions)) return undefined;
  return failoverRegions
    .filter(isObject)
    .map((each) => ({ cloudProvider: String(each["cloudProvider"]), region: String(each["region"]) }));
}

function failoverRegionsOf(existing: JsonObject): JsonObject {
  const failoverRegions = failoverRegionsShown(existing) ?? [];
  return failoverRegions.length > 0 ? { failoverRegions } : {};
}

/** The arguments that name a workspace. */
export const workspaceArguments = {
  groupId,
  tenantName: withTrait(addressable("Workspace"), {
    alsoCalled: ["workspace", "workspacename", "instance", "instancename"],
  }),
};

/** What a processor runs on. Its names are told where another is given: in the list of tools they would stand nine times. */
export const tier = (description: string) =>
  withTrait(z.enum(tiers), { published: z.string().optional().describe(description) }).optional();
