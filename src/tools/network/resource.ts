/** Private links and VPC peerings as resources: how they are listed, how an agent sees them, and the words on both. */
import { z } from "zod/v3";
import { listActivePeerings, listPrivateLinks } from "../../atlas/endpoints.ts";
import { privateLinkStates } from "../../atlas/states.ts";
import { withoutLinks } from "../../connections/added-by-atlas.ts";
import type { JsonObject } from "../../json.ts";
import { addressable, objectId, text, unlisted } from "../../schema/fields.ts";
import type { Resource } from "../../tool/resource.ts";
import { someObject } from "../../tool/result.ts";
import { project } from "../projects/resource.ts";

const CLUSTER_NEEDED =
  "Atlas makes private links only where the project has a cluster, or a network peering, on the cloud that `detail` names. Ask the person to create one there, then call again.";

export const privateLink: Resource = {
  noun: "private link",
  field: "privateLink",
  hasId: true,
  argument: "connectionId",
  within: project,
  list: ({ groupId = "" }) => listPrivateLinks(groupId),
  nameOf: ({ _id }) => ({ name: String(_id) }),
  listedBy: "get_stream_networking",
  view: (existing) => {
    const { _id, ...fields } = withoutLinks(existing);
    return { connectionId: _id, ...fields };
  },
  states: { ...privateLinkStates, patience: "It can take up to an hour" },
  errorCodes: {
    missing: "PRIVATE_LINK",
    hints: {
      STREAM_PRIVATE_LINK_ALREADY_EXISTS: (way) =>
        `Atlas has a private link to that endpoint already. ${way("Find it", "get_stream_networking")} and use it; of one that is FAILED, ask the person before you ${way("delete it", "delete_private_link")} and call again.`,
      STREAM_PRIVATE_LINK_IN_USE: (way) =>
        `Atlas keeps a private link while connections use it. Ask the person; then ${way("delete those connections", "delete_stream_connection")}, and call again.`,
      VALIDATION_ERROR: (_way, detail) => (/must have an Atlas Cluster/i.test(detail) ? CLUSTER_NEEDED : undefined),
    },
  },
};

export const peering: Resource = {
  noun: "VPC peering",
  field: "vpcPeering",
  hasId: true,
  argument: "id",
  within: project,
  list: ({ groupId = "" }) => listActivePeerings(groupId),
  nameOf: ({ _id, name }) => ({ name: String(_id), title: String(name) }),
  listedBy: "get_stream_networking",
  view: (existing) => {
    const { _id, groupId: _groupId, ...fields } = withoutLinks(existing);
    return { id: _id, ...fields };
  },
  errorCodes: { missing: "PEERING" },
};

/** A private link in a list, with all that there is to know of it. */
export const linkEntry = (existing: JsonObject): JsonObject => {
  const { vendor, ...view } = privateLink.view(existing);
  return { ...view, vendor: vendor ?? "GENERIC" };
};

export const connectionId = objectId("Its id");
export const peeringId = addressable("Its id");
export const requesterAccountId = text("AWS account");

/** A private link in a result; get_stream_networking tells its fields. */
export const linkView = unlisted(someObject("connectionId, state, …"));
export const peeringView = unlisted(someObject("id, cloudStatus, localStatus, …"));

export const waitUntilDone = z.boolean().default(false).describe("Wait until DONE or FAILED");
