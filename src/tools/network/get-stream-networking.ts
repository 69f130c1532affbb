/** `get_stream_networking`: a project's private links and VPC peerings, and Atlas's own account. */
import { z } from "zod/v3";
import { getAccountDetails, listActivePeerings, listPeeringRequests, listPrivateLinks } from "../../atlas/endpoints.ts";
import { type CloudProvider, cloudProviders, ownRegionsOf, spellingsOf } from "../../atlas/regions-and-tiers.ts";
import { withoutLinks } from "../../connections/added-by-atlas.ts";
import type { JsonObject } from "../../json.ts";
import { text, unlisted } from "../../schema/fields.ts";
import { noteLine } from "../../schema/problems.ts";
import { nearest } from "../../schema/spelling.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { entries, someObject, warnings } from "../../tool/result.ts";
import { howMany, sentence } from "../../tool/words.ts";
import { groupId } from "../projects/resource.ts";
import { linkEntry, peering, privateLink } from "./resource.ts";

export default defineTool({
  name: "get_stream_networking",
  description:
    "For private brokers and services: shows private links and their states, VPC peerings, and Atlas's own account.",
  effect: "reads",
  resource: privateLink,
  input: z
    .object({
      groupId,
      cloudProvider: z.enum(cloudProviders).optional().describe("With region: Atlas's account there"),
      region: text("Such as us-east-1").optional(),
      requesterAccountId: text("AWS account whose peering requests to show").optional(),
    })
    .strict(),
  outcomes: ["ok"],
  output: {
    privateLinks: unlisted(entries("connectionId, provider, vendor, region, state, dnsDomain, errorMessage, …")),
    vpcPeerings: unlisted(entries("id, name, cloudStatus, localStatus, requesterAccountId, requesterVpcId, …")),
    account: unlisted(someObject("Atlas's account, network and CIDR")),
    warnings,
  },
  async run({ groupId, cloudProvider, region, requesterAccountId }, call) {
    const [links, active, requests, account] = await Promise.all([
      call.attempt(call.list(listPrivateLinks(groupId))),
      call.attempt(call.list(listActivePeerings(groupId))),
      requesterAccountId === undefined
        ? undefined
        : call.attempt(call.list(listPeeringRequests(groupId, requesterAccountId))),
      accountOf(groupId, cloudProvider, region, call),
    ]);
    // Where nothing could be read, the project or the credentials are wrong, which is a failure.
    if (links instanceof ToolFailure && active instanceof ToolFailure && !isRead(requests) && !isRead(account))
      throw links;
    const parts = { privateLinks: links, "active vpcPeerings": active, "requested vpcPeerings": requests, account };
    for (const [part, result] of Object.entries(parts))
      if (result instanceof ToolFailure) call.warn(sentence(`${part} could not be read: ${result.message}`));
    const privateLinks = links instanceof ToolFailure ? undefined : links.entries.map(linkEntry);
    const lists = [active, requests].flatMap((list) => (list && !(list instanceof ToolFailure) ? [list.entries] : []));
    const vpcPeerings = lists.length > 0 ? onceEach(lists.flat()).map(peering.view) : undefined;
    const told = [
      ...(privateLinks ? [howMany(privateLinks.length, privateLink.noun)] : []),
      ...(vpcPeerings ? [howMany(vpcPeerings.length, peering.noun)] : []),
      ...(isRead(account) ? ["Atlas's account"] : []),
    ];
    return {
      outcome: "ok",
      summary: `Found: ${told.join(", ")}.`,
      ...(privateLinks && { privateLinks }),
      ...(vpcPeerings && { vpcPeerings }),
      ...(isRead(account) && { account }),
    };
  },
});

const isRead = <T>(part: T | ToolFailure | undefined): part is T =>
  part !== undefined && !(part instanceof ToolFailure);

/** A request that is active by now stands in both lists. */
const onceEach = (peerings: readonly JsonObject[]): JsonObject[] => [
  ...new Map(peerings.map((each) => [each["_id"], each])).values(),
];

/** Atlas's account in a cloud and region, which is asked for in the clusters' spelling. */
async function accountOf(
  groupId: string,
  cloud: CloudProvider | undefined,
  region: string | undefined,
  call: Call,
): Promise<JsonObject | ToolFailure | undefined> {
  if (cloud === undefined && region === undefined) return undefined;
  if (cloud === undefined || region === undefined) {
    call.warn("cloudProvider and region together show Atlas's account; one of them was left out.");
    return undefined;
  }
  const name = spellingsOf(region, cloud)?.ofClusters;
  if (name === undefined) {
    const meant = nearest(region, ownRegionsOf(cloud));
    const question = meant === undefined ? "." : `; did you mean ${meant}?`;
    const message = `${JSON.stringify(call.mask(region))} is not a region of ${cloud} that this server knows${question} It is sent as it is.`;
    call.warn(noteLine({ path: ["region"], message }));
  }
  const found = await call.attempt(call.find(getAccountDetails(groupId, cloud.toLowerCase(), name ?? region)));
  return found instanceof ToolFailure ? found : withoutLinks(found);
}
