/** `create_stream_workspace`: sends the create at most once and says what became of it. */
import { z } from "zod/v3";
import { createWorkspace, getWorkspace, type WorkspacePlace } from "../../atlas/endpoints.ts";
import {
  type CloudProvider,
  cloudProviders,
  cloudsWith,
  regionNamed,
  regionsOf,
} from "../../atlas/regions-and-tiers.ts";
import { SAMPLE_NAME } from "../../connections/types/sample.ts";
import type { Difference, JsonObject } from "../../json.ts";
import { text, unlisted } from "../../schema/fields.ts";
import { InvalidInput, noteLine } from "../../schema/problems.ts";
import { nearest } from "../../schema/spelling.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun, plannedRequest, wouldBe } from "../../tool/dry-run.ts";
import { createHint } from "../../tool/failure.ts";
import { someObject, warnings } from "../../tool/result.ts";
import { tier, workspace, workspaceArguments } from "./resource.ts";

/** What a workspace is asked to be, beside its name. */
export const workspaceFields = {
  cloudProvider: z.enum(cloudProviders).describe("Cloud"),
  region: text("Such as VIRGINIA_USA, or us-east-1"),
  tier: tier("Default of its processors: SP2 to SP50"),
  maxTier: tier("Largest tier"),
  sampleConnection: z.boolean().optional().describe(`Add ${SAMPLE_NAME}`),
};

export interface RequestedWorkspace {
  cloudProvider: CloudProvider;
  region: string;
  tier?: string | undefined;
  maxTier?: string | undefined;
  sampleConnection?: boolean | undefined;
}

export default defineTool({
  name: "create_stream_workspace",
  description: "Creates a workspace, in which connections and processors live. Safe to repeat.",
  effect: "adds",
  resource: workspace,
  input: z.object({ ...workspaceArguments, ...workspaceFields, dryRun }).strict(),
  outcomes: ["created", "already_exists", "planned"],
  output: {
    workspace: someObject("tenantName, cloudProvider, region, tier, maxTier, hostnames"),
    wouldBe: unlisted(z.string().optional()),
    warnings,
    request: plannedRequest,
  },
  hint: (failure) => createHint(failure, workspace),
  async run({ groupId, tenantName, dryRun, ...given }, call) {
    const asked = { ...given, region: meantRegion(given, call) };
    const shownName = call.mask(tenantName);
    if (dryRun) {
      const there = await call.unlessAbsent(call.shown(getWorkspace({ groupId, tenantName })));
      return {
        outcome: "planned",
        summary: `Would create the workspace "${shownName}" in ${asked.cloudProvider} ${asked.region}; nothing was created.`,
        wouldBe: wouldBe(there, (existing) => workspaceDifferences(asked, existing)),
        request: call.planned(createWorkspace(groupId, workspaceBody(tenantName, asked))),
      };
    }
    const { outcome, shown } = await createWorkspaceOnce({ groupId, tenantName }, asked, call);
    return {
      outcome,
      summary:
        outcome === "created"
          ? `Created the workspace "${shownName}" in ${asked.cloudProvider} ${asked.region}.`
          : `The workspace "${shownName}" was already there and is the one asked for.`,
      workspace: workspace.view({ name: tenantName, ...shown }),
    };
  },
});

/**
 * The region in Atlas's spelling. One that is not known is sent as it is, since Atlas gains regions.
 * @throws {InvalidInput} for one of another cloud.
 */
export function meantRegion({ region, cloudProvider }: RequestedWorkspace, call: Call, at = ["region"]): string {
  const known = regionNamed(region, cloudProvider);
  const note = (message: string) => ({ path: at, message });
  if (known !== undefined) {
    if (known !== region) call.warn(noteLine(note(`${JSON.stringify(region)} was read as ${known}.`)));
    return known;
  }
  const names = regionsOf(cloudProvider);
  const [other] = cloudsWith(region);
  const shown = JSON.stringify(call.mask(region));
  if (other !== undefined)
    throw new InvalidInput([
      note(`is ${shown}, a region of ${other}; of ${cloudProvider} there are ${names.join(", ")}`),
    ]);
  const meant = nearest(region, names);
  call.warn(
    noteLine(
      note(
        `${shown} is not a region that this server knows${meant ? `; did you mean ${meant}?` : "."} It is sent as it is.`,
      ),
    ),
  );
  return region;
}

/** Sends a create. */
export function createWorkspaceOnce(place: WorkspacePlace, asked: RequestedWorkspace, call: Call) {
  return call.create({
    request: createWorkspace(place.groupId, workspaceBody(place.tenantName, asked)),
    find: getWorkspace(place),
    name: place.tenantName,
    differences: (existing) => workspaceDifferences(asked, existing),
    partsOf: () => [],
    caveat: "",
  });
}

function workspaceBody(
  name: string,
  { cloudProvider, region, tier, maxTier, sampleConnection }: RequestedWorkspace,
): JsonObject {
  const sizes = { ...(tier && { tier }), ...(maxTier && { maxTierSize: maxTier }) };
  return {
    name,
    dataProcessRegion: { cloudProvider, region },
    ...(Object.keys(sizes).length > 0 && { streamConfig: sizes }),
    ...(sampleConnection && { sampleConnections: { solar: true } }),
  };
}

/** Where what Atlas shows is not what was asked for; of the sample connection a workspace says nothing. */
export function workspaceDifferences(asked: RequestedWorkspace, shown: JsonObject): Difference[] {
  const existing = workspace.view(shown);
  return (["cloudProvider", "region", "tier", "maxTier"] as const).flatMap((field) =>
    asked[field] === undefined || asked[field] === existing[field]
      ? []
      : [{ path: [field], asked: asked[field], ...(existing[field] != null && { existing: existing[field] }) }],
  );
}
