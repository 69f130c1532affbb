/** `create_stream_workspace`: sends the create at most once and says what became of it. */
import { z } from "zod/v3";
import { createWorkspace, getWorkspace, listConnections, type WorkspacePlace } from "../../atlas/endpoints.ts";
import {
  type CloudProvider,
  cloudProviders,
  cloudsWith,
  isLarger,
  regionNamed,
  regionsOf,
} from "../../atlas/regions-and-tiers.ts";
import { SAMPLE_NAME } from "../../connections/types/sample.ts";
import type { Difference, JsonObject, Path } from "../../json.ts";
import { text } from "../../schema/fields.ts";
import { InvalidInput, noteLine } from "../../schema/problems.ts";
import { nearest } from "../../schema/spelling.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { someObject, warnings } from "../../tool/result.ts";
import { tier, workspace, workspaceArguments } from "./resource.ts";

/** What is requested of a workspace, beside its name. */
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
    warnings,
  },
  async run({ groupId, tenantName, dryRun, ...fields }, call) {
    const requested = { ...fields, region: meantRegion(fields, call) };
    refuseTooLarge(requested);
    const place = { groupId, tenantName };
    const { outcome, latest } = await call.inTurn(getWorkspace(place), () =>
      createWorkspaceOnce(place, requested, call),
    );
    if (outcome === "already_exists") {
      const listing = requested.sampleConnection && (await call.attempt(call.list(listConnections(place))));
      // Where they cannot be read, nothing is claimed.
      const has = (name: string) =>
        !listing || listing instanceof ToolFailure || listing.entries.some((each) => each["name"] === name);
      warnOfUnseen(requested, latest, has, call);
    }
    const what = `the workspace ${JSON.stringify(call.mask(tenantName))}`;
    const where = `in ${requested.cloudProvider} ${requested.region}`;
    if (dryRun)
      return {
        outcome,
        summary:
          outcome === "created"
            ? `Would create ${what} ${where}; nothing was created.`
            : `Would find ${what} already there, as requested; nothing was created.`,
      };
    return {
      outcome,
      summary:
        outcome === "created"
          ? `Created ${what} ${where}.`
          : `${what.replace("t", "T")} was already there and is the one requested.`,
      workspace: workspace.view({ name: tenantName, ...latest }),
    };
  },
});

/** @throws {InvalidInput} where its processors would run on more than they can by default. */
export function refuseTooLarge({ tier, maxTier }: RequestedWorkspace, at: Path = []): void {
  if (isLarger(tier, maxTier))
    throw new InvalidInput([{ path: [...at, "tier"], message: `can be at most maxTier, which is ${maxTier}` }]);
}

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
  const quotedName = JSON.stringify(call.mask(region));
  if (other !== undefined)
    throw new InvalidInput([note(`must be one of ${names.join(", ")}; ${quotedName} is a region of ${other}`)]);
  const meant = nearest(region, names);
  call.warn(
    noteLine(
      note(
        `${quotedName} is not a region that this server knows${meant ? `; did you mean ${meant}?` : "."} It is sent as it is.`,
      ),
    ),
  );
  return region;
}

/** Sends a create. */
export function createWorkspaceOnce(place: WorkspacePlace, requested: RequestedWorkspace, call: Call) {
  return call.create({
    request: createWorkspace(place.groupId, workspaceBody(place.tenantName, requested)),
    find: getWorkspace(place),
    name: place.tenantName,
    differences: (existing) => workspaceDifferences(requested, existing),
    partsOf: () => [],
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

const comparedFields = ["cloudProvider", "region", "tier", "maxTier"] as const;

/** Where a workspace is not as requested. What Atlas does not show of it is no difference, and of the sample it says nothing. */
export function workspaceDifferences(requested: RequestedWorkspace, found: JsonObject): Difference[] {
  const existing = workspace.view(found);
  return comparedFields.flatMap((field) =>
    requested[field] === undefined || existing[field] == null || requested[field] === existing[field]
      ? []
      : [{ path: [field], requested: requested[field], existing: existing[field] }],
  );
}

/** Warns of what a workspace may lack that was there before and does not differ; `has` tells which connections it has. */
export function warnOfUnseen(
  requested: RequestedWorkspace,
  found: JsonObject,
  has: (connectionName: string) => boolean,
  call: Call,
): void {
  const existing = workspace.view(found);
  const unseen = comparedFields.filter((field) => requested[field] !== undefined && existing[field] == null);
  if (unseen.length > 0)
    call.warn(
      `Atlas does not show the workspace's ${unseen.join(" and ")}, so whether they are as requested is unknown.`,
    );
  if (!requested.sampleConnection || has(SAMPLE_NAME)) return;
  call.warn(
    `The workspace was already there without ${SAMPLE_NAME}. Create it with create_stream_connection: {"type":"Sample","name":"${SAMPLE_NAME}"}.`,
  );
}
