/** The handlers of private links, VPC peerings and account details. */

import { linkFields } from "../../connections/access.ts";
import type { JsonObject } from "../../json.ts";
import { isObject, valueAt } from "../../json.ts";
import { sameness } from "../../private-links/same.ts";
import { type Pair, pairOf } from "../../private-links/union.ts";
import {
  ATLAS_ACCOUNT,
  acceptPeering,
  addPrivateLink,
  foundLinks,
  isLeavingLink,
  rejectPeering,
  removePeering,
  removePrivateLink,
  setDomain,
} from "../data/networking.ts";
import type { Oddities } from "../data/oddities.ts";
import type { Entry, Project, SandboxState } from "../data/state.ts";
import { ApiError, invalidBody } from "./api-error.ts";
import { checkedBody } from "./checked-body.ts";
import { type Handler, objectBody, projectOf, type RoutedRequest } from "./handler.ts";
import { pageOf } from "./page.ts";

export const listPrivateLinks: Handler = (request, state) =>
  pageOf(
    foundLinks(projectOf(request, state)).map((link) => viewLink(link, state.oddities)),
    request,
  );

/** The answer shows neither the state nor the vendor. */
export const createPrivateLink: Handler = (request, state) => {
  const project = projectOf(request, state);
  const { pair, body } = readLink(objectBody(request));
  requireCluster(project, pair);
  const end = String(body["serviceEndpointId"] ?? body["arn"] ?? body["region"]);
  const isSame = (link: Entry) => sameness(body, link) === "same";
  if (project.privateLinks.some((link) => isSame(link) && link["state"] !== "FAILED"))
    throw new ApiError(400, "STREAM_PRIVATE_LINK_ALREADY_EXISTS", `A Private Link to ${end} already exists.`, {
      parameters: [end],
    });
  const { readyAfterMs, oddities } = state;
  const {
    state: _state,
    vendor: _vendor,
    ...link
  } = addPrivateLink(project, body, {
    readyAfterMs,
    hiddenMs: oddities.hiddenMs,
  });
  return withoutOutcome(link);
};

/** What a link gets once it is made is shown by a GET. */
const withoutOutcome = ({
  interfaceEndpointId: _id,
  providerAccountId: _account,
  errorMessage: _why,
  ...link
}: Entry) => link;

export const getPrivateLink: Handler = (request, state) =>
  viewLink(linkOf(request, projectOf(request, state)), state.oddities);

export const updatePrivateLink: Handler = (request, state) => {
  const link = linkOf(request, projectOf(request, state));
  const { dnsDomain, ...others } = objectBody(request);
  if (typeof dnsDomain !== "string" || Object.keys(others).length > 0)
    throw invalidBody([{ field: Object.keys(others)[0] ?? "dnsDomain", description: "only dnsDomain can be changed" }]);
  if (isLeavingLink(link) || (link["dnsDomain"] !== undefined && link["state"] !== "IDLE"))
    throw new ApiError(
      400,
      "VALIDATION_ERROR",
      "The request content produced the validation error: dnsDomain can be set only where there is none, or in the state IDLE.",
    );
  setDomain(link, dnsDomain, state.readyAfterMs);
  return viewLink(link, state.oddities);
};

export const deletePrivateLink: Handler = (request, state) => {
  const project = projectOf(request, state);
  const link = linkOf(request, project);
  const id = String(link["_id"]);
  const isUsed = [...project.workspaces.values()].some(({ connections }) =>
    [...connections.values()].some(({ body }) => linkFields.some((path) => valueAt(body, path) === id)),
  );
  if (isUsed)
    throw new ApiError(400, "STREAM_PRIVATE_LINK_IN_USE", `Private Link with connection ID (${id}) is in use.`, {
      parameters: [id],
    });
  removePrivateLink(project, link, state.oddities.deletingMs);
  return {};
};

/** A link as Atlas shows it: one without a vendor has none. */
function viewLink(link: Entry, { errorMessages }: Oddities): Entry {
  const { errorMessage, ...view } = link;
  return { ...view, ...(errorMessages && errorMessage !== undefined && { errorMessage }) };
}

/** The private link that the path names, or its 404. */
function linkOf({ parameters: { connectionId = "" } }: RoutedRequest, project: Project): Entry {
  const link = foundLinks(project).find(({ _id }) => _id === connectionId);
  if (link) return link;
  throw new ApiError(404, "STREAM_PRIVATE_LINK_NOT_FOUND", `There is no Private Link with the id ${connectionId}.`, {
    parameters: [connectionId],
  });
}

/** The link that a body describes, or the 400 that names every field that does not fit. */
function readLink(body: JsonObject): { pair: Pair; body: JsonObject } {
  const pair = pairOf(body);
  if (!pair) throw invalidBody([{ field: "vendor", description: "is no vendor of the provider" }]);
  const read = checkedBody<object>(pair.schema, body);
  const missing = pair.oneOf.length > 0 && !pair.oneOf.some((field) => Object.hasOwn(read, field));
  if (missing) throw invalidBody(pair.oneOf.map((field) => ({ field, description: "one of these is required" })));
  const region = typeof body["arn"] === "string" ? { region: body["arn"].split(":")[3] } : {};
  return { pair, body: { ...region, ...read } };
}

/** @see the acceptance tests of Terraform's provider of 2026-05-07 */
function requireCluster({ clusters }: Project, { provider }: Pair): void {
  const clouds = clusters.flatMap((cluster) => cloudsOf(cluster));
  if (clouds.includes(provider)) return;
  const named = { AWS: "AWS", AZURE: "Azure", GCP: "GCP" }[provider];
  const text = `You must have an Atlas Cluster on ${named} or ${named} Network Peering configured to create a Private Link connection`;
  throw new ApiError(400, "VALIDATION_ERROR", `The request content produced the validation error: ${text}.`, {
    parameters: [text],
  });
}

function cloudsOf({ replicationSpecs }: Entry): unknown[] {
  const specs = Array.isArray(replicationSpecs) ? replicationSpecs.filter(isObject) : [];
  return specs.flatMap(({ regionConfigs }) =>
    Array.isArray(regionConfigs) ? regionConfigs.map((config) => valueAt(config, ["providerName"])) : [],
  );
}

export const listActiveVpcPeerings: Handler = (request, state) => {
  const { vpcPeerings } = projectOf(request, state);
  return pageOf(
    vpcPeerings.filter(({ localStatus, cloudStatus }) => localStatus === "ACTIVE" || cloudStatus === "active"),
    request,
  );
};

export const listVpcPeerings: Handler = (request, state) => {
  const { requesterAccountId } = request.query;
  if (requesterAccountId === undefined)
    throw new ApiError(400, "MISSING_QUERY_PARAMETER", "The query parameter requesterAccountId is required.", {
      parameters: ["requesterAccountId"],
    });
  const { vpcPeerings } = projectOf(request, state);
  return pageOf(
    vpcPeerings.filter((peering) => peering["requesterAccountId"] === requesterAccountId),
    request,
  );
};

export const acceptVpcPeering: Handler = (request, state) => {
  const peering = pendingOf(request, state);
  const { requesterAccountId, requesterVpcId } = objectBody(request);
  if (requesterAccountId !== peering["requesterAccountId"] || requesterVpcId !== peering["requesterVpcId"])
    throw new ApiError(400, "STREAM_VPC_PEERING_CHALLENGE_FAILED", "The requester's account or VPC is another one.");
  acceptPeering(peering, state.readyAfterMs);
  return {};
};

export const rejectVpcPeering: Handler = (request, state) => {
  rejectPeering(pendingOf(request, state), state.readyAfterMs);
  return {};
};

export const deleteVpcPeering: Handler = (request, state) => {
  removePeering(projectOf(request, state), peeringOf(request, state), state.oddities.deletingMs);
  return {};
};

/** The peering that the path names, or its 404. */
function peeringOf(request: RoutedRequest, state: SandboxState): Entry {
  const { id = "" } = request.parameters;
  const peering = projectOf(request, state).vpcPeerings.find(({ _id }) => _id === id);
  if (peering) return peering;
  throw new ApiError(404, "STREAM_VPC_PEERING_NOT_FOUND", `There is no VPC peering with the id ${id}.`, {
    parameters: [id],
  });
}

/** A request that waits for an answer, or the refusal of one. */
function pendingOf(request: RoutedRequest, state: SandboxState): Entry {
  const peering = peeringOf(request, state);
  if (peering["cloudStatus"] === "pending-acceptance" && peering["localStatus"] === "NONE") return peering;
  throw new ApiError(400, "STREAM_VPC_PEERING_NOT_PENDING", "The VPC peering does not wait for an answer.");
}

const CIDR = "192.168.240.0/21";

export const getAccountDetails: Handler = (request, state) => {
  projectOf(request, state);
  const { cloudProvider = "", regionName = "" } = request.query;
  if (!/^[A-Z][A-Z0-9_]+$/.test(regionName))
    throw new ApiError(400, "INVALID_QUERY_PARAMETER", "The query parameter regionName must be a region of clusters.", {
      parameters: ["regionName"],
    });
  switch (cloudProvider) {
    case "aws":
      return { cloudProvider, awsAccountId: ATLAS_ACCOUNT, vpcId: "vpc-00112233445566778", cidrBlock: CIDR };
    case "azure":
      return {
        cloudProvider,
        azureSubscriptionId: "f1a2b3c4-d5e6-87a8-a9b0-c1d2e3f4a5b6",
        virtualNetworkName: "vnet_65f1c0de0a1b2c3d4e5f6071_streams",
        cidrBlock: CIDR,
      };
    case "gcp":
      return {
        cloudProvider,
        gcpProjectId: "p-65f1c0de0a1b2c3d4e5f6071",
        vpcNetworkName: "nt-65f1c0de0a1b2c3d4e5f6071-streams",
        cidrBlock: CIDR,
      };
    default:
      throw new ApiError(
        400,
        "INVALID_QUERY_PARAMETER",
        "The query parameter cloudProvider must be aws, azure or gcp.",
        {
          parameters: ["cloudProvider"],
        },
      );
  }
};
