/** `create_stream_workspace`: sends the create at most once and says what became of it. */
import { z } from "zod/v3";
import {
  type AtlasRequest,
  createWorkspace,
  createWorkspaceWithSamples,
  getWorkspace,
  listConnections,
  type WorkspacePlace,
} from "../../atlas/endpoints.ts";
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
import { sentence } from "../../tool/words.ts";
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
    const what = `the workspace ${JSON.stringify(call.mask(tenantName))}`;
    const where = `in ${requested.cloudProvider} ${requested.region}`;
    const whole = outcome === "created" || (await isWhole(requested, latest, place, call));
    if (dryRun)
      return {
        outcome,
        summary:
          outcome === "created"
            ? `Would create ${what} ${where}; nothing was created.`
            : `Would find ${what} already there, ${whole ? "as requested" : "but without a sample connection"}; nothing was created.`,
      };
    return {
      outcome,
      summary:
        outcome === "created"
          ? `Created ${what} ${where}.`
          : `${what.replace("t", "T")} was already there${whole ? " and is the one requested" : ", without a sample connection"}.`,
      workspace: workspace.view({ name: tenantName, ...latest }),
    };
  },
});

/** Whether a workspace that was already there has the sample connection, where that is requested; doubts are warned of. */
async function isWhole(requested: RequestedWorkspace, existing: JsonObject, place: WorkspacePlace, call: Call) {
  const listing = requested.sampleConnection ? await call.attempt(call.list(listConnections(place))) : undefined;
  const unread = listing instanceof ToolFailure;
  const { hidden, noSample } = doubtsOf(requested, existing, listing && !unread ? listing.entries : [], call);
  const doubts = unread
    ? [sentence(`Whether it has the sample connection could not be read: ${listing.message}`)]
    : noSample;
  for (const warning of [...hidden, ...doubts]) call.warn(warning);
  return unread || noSample.length === 0;
}

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

/** The request that creates a workspace. */
export function createRequest({ groupId, tenantName }: WorkspacePlace, requested: RequestedWorkspace): AtlasRequest {
  const create = requested.sampleConnection ? createWorkspaceWithSamples : createWorkspace;
  return create(groupId, workspaceBody(tenantName, requested));
}

/** Sends a create. */
export function createWorkspaceOnce(place: WorkspacePlace, requested: RequestedWorkspace, call: Call) {
  return call.create({
    request: createRequest(place, requested),
    find: getWorkspace(place),
    name: place.tenantName,
    differences: (existing) => workspaceDifferences(requested, existing),
    partsOf: () => [],
    caveat: (existing) => {
      const hidden = hiddenSizes(requested, existing);
      return hidden.length > 0 ? ` ${notCompared(hidden)}` : "";
    },
  });
}

/** The warnings of what is not, or not known to be, as requested of a workspace that is there, with these connections. */
export function doubtsOf(
  requested: RequestedWorkspace,
  existing: JsonObject,
  connections: readonly JsonObject[],
  { way }: Call,
): { hidden: string[]; noSample: string[] } {
  const hidden = hiddenSizes(requested, existing);
  const isLacking = requested.sampleConnection && !connections.some(({ type }) => type === "Sample");
  const sample = JSON.stringify({ type: "Sample", name: SAMPLE_NAME });
  return {
    hidden: hidden.length > 0 ? [notCompared(hidden)] : [],
    noSample: isLacking
      ? [
          `The workspace has no sample connection, and only a new one gets it. ${way("Create it", "create_stream_connection")}: ${sample}`,
        ]
      : [],
  };
}

/** The sizes that are requested and that Atlas does not show, as it does not where they are its defaults. */
function hiddenSizes(requested: RequestedWorkspace, found: JsonObject): string[] {
  const existing = workspace.view(found);
  return SIZES.filter((field) => requested[field] !== undefined && existing[field] == null);
}

const SIZES = ["tier", "maxTier"] as const;

const notCompared = (hidden: readonly string[]) =>
  `Atlas does not show its ${hidden.join(" and ")}, so that was not compared.`;

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

/** Where a workspace is not as requested, as far as Atlas shows; of the sample connection it says nothing. */
export function workspaceDifferences(requested: RequestedWorkspace, found: JsonObject): Difference[] {
  const existing = workspace.view(found);
  const hidden = hiddenSizes(requested, found);
  return (["cloudProvider", "region", ...SIZES] as const).flatMap((field) =>
    requested[field] === undefined || requested[field] === existing[field] || hidden.includes(field)
      ? []
      : [{ path: [field], requested: requested[field], existing: existing[field] ?? undefined }],
  );
}
