/** The things in a project that connections are made of, each read from where Atlas keeps it. */
import {
  getCloudProviderAccess,
  listActivePeerings,
  listClusters,
  listCustomRoles,
  listPrivateLinks,
  type PagedList,
} from "../../atlas/endpoints.ts";
import type { OptionKind } from "../../connections/connection-type.ts";
import { isObject, type JsonObject } from "../../json.ts";
import type { CallContext } from "../../tool/context.ts";

type Reading = Pick<CallContext, "read" | "list">;

/** One thing to choose. */
export interface Option {
  /** What a connection names it by. */
  value: string;
  /** Whether it is ready to be used. */
  usable: boolean;
  /** What tells it apart, as the agent sees it. */
  shown: JsonObject;
}

interface OptionReader {
  kind: OptionKind;
  /** @throws {AtlasFailure} */
  read(groupId: string, call: Reading): Promise<Option[]>;
}

const listed = (kind: OptionKind, list: (groupId: string) => PagedList, option: (entry: JsonObject) => Option) => ({
  kind,
  read: async (groupId: string, call: Reading) => (await call.list(list(groupId))).entries.map(option),
});

/** A part of the one answer in which Atlas gives all cloud provider access. */
const granted = (kind: OptionKind, part: string, option: (entry: JsonObject) => Option) => ({
  kind,
  read: async (groupId: string, call: Reading) => {
    const { body } = await call.read(getCloudProviderAccess(groupId));
    const found = isObject(body) ? body[part] : [];
    return Array.isArray(found) ? found.filter(isObject).map(option) : [];
  },
});

export const projectOptions: readonly OptionReader[] = [
  listed("clusters", listClusters, ({ name, stateName }) => ({
    value: String(name),
    usable: true,
    shown: { name, state: stateName },
  })),
  {
    kind: "customRoles",
    read: async (groupId, call) => {
      const { body } = await call.read(listCustomRoles(groupId));
      const roles = Array.isArray(body) ? body.filter(isObject) : [];
      return roles.map(({ roleName }) => ({ value: String(roleName), usable: true, shown: { role: roleName } }));
    },
  },
  granted("awsRoles", "awsIamRoles", ({ iamAssumedRoleArn, authorizedDate, roleId }) => ({
    value: String(iamAssumedRoleArn ?? ""),
    usable: iamAssumedRoleArn !== undefined && authorizedDate !== undefined,
    shown: { roleArn: iamAssumedRoleArn, roleId, authorized: authorizedDate !== undefined },
  })),
  granted("azureServicePrincipals", "azureServicePrincipals", ({ servicePrincipalId, tenantId }) => ({
    value: String(servicePrincipalId),
    usable: true,
    shown: { servicePrincipalId, tenantId },
  })),
  granted("gcpServiceAccounts", "gcpServiceAccounts", ({ gcpServiceAccountForAtlas, status }) => ({
    value: String(gcpServiceAccountForAtlas ?? ""),
    usable: status === "COMPLETE",
    shown: { serviceAccountId: gcpServiceAccountForAtlas, status },
  })),
  listed("privateLinks", listPrivateLinks, ({ _id, provider, vendor, region, state, errorMessage }) => ({
    value: String(_id),
    usable: state === "DONE",
    shown: { id: _id, provider, vendor: vendor ?? "GENERIC", region, state, errorMessage },
  })),
  listed("vpcPeerings", listActivePeerings, ({ name, requesterVpcId, requesterCidr, cloudStatus, localStatus }) => ({
    value: String(name),
    usable: localStatus === "ACTIVE",
    shown: { name, requesterVpcId, requesterCidr, cloudStatus, localStatus },
  })),
];
