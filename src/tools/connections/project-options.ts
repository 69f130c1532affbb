/** The options of a project, each kind read from where Atlas keeps it. */
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

/** Something in a project that a connection can use. */
export interface Option {
  /** What a connection names it by. */
  value: string;
  /** Whether it is ready to be used. */
  usable: boolean;
  /** What is still to be done, where that is known. */
  todo?: string | undefined;
  view: JsonObject;
}

interface OptionReader {
  kind: OptionKind;
  /** @throws {AtlasFailure} */
  read(groupId: string, call: CallContext): Promise<Option[]>;
}

const listed = (kind: OptionKind, list: (groupId: string) => PagedList, option: (entry: JsonObject) => Option) => ({
  kind,
  read: async (groupId: string, call: CallContext) => (await call.list(list(groupId))).entries.map(option),
});

/** A part of the one answer in which Atlas lists all cloud provider access. */
const granted = (kind: OptionKind, part: string, option: (entry: JsonObject) => Option) => ({
  kind,
  read: async (groupId: string, call: CallContext) => {
    const { body } = await call.read(getCloudProviderAccess(groupId));
    const found = isObject(body) ? body[part] : [];
    return Array.isArray(found) ? found.filter(isObject).map(option) : [];
  },
});

const AUTHORIZE =
  "a person authorizes it in Atlas (Project Integrations, AWS IAM Role Access), once its trust policy in AWS names Atlas's account";

export const projectOptions: readonly OptionReader[] = [
  listed("clusters", listClusters, ({ name, stateName }) => ({
    value: String(name),
    usable: true,
    view: { name, state: stateName },
  })),
  {
    kind: "customRoles",
    read: async (groupId, call) => {
      const { body } = await call.read(listCustomRoles(groupId));
      const roles = Array.isArray(body) ? body.filter(isObject) : [];
      return roles.map(({ roleName }) => ({ value: String(roleName), usable: true, view: { role: roleName } }));
    },
  },
  granted("awsRoles", "awsIamRoles", ({ iamAssumedRoleArn, authorizedDate, roleId }) => ({
    value: String(iamAssumedRoleArn ?? ""),
    usable: iamAssumedRoleArn !== undefined && authorizedDate !== undefined,
    todo: authorizedDate === undefined ? AUTHORIZE : undefined,
    view: { roleArn: iamAssumedRoleArn, roleId, authorized: authorizedDate !== undefined },
  })),
  granted("azureServicePrincipals", "azureServicePrincipals", ({ servicePrincipalId, tenantId }) => ({
    value: String(servicePrincipalId),
    usable: true,
    view: { servicePrincipalId, tenantId },
  })),
  granted("gcpServiceAccounts", "gcpServiceAccounts", ({ gcpServiceAccountForAtlas, status }) => ({
    value: String(gcpServiceAccountForAtlas ?? ""),
    usable: status === "COMPLETE",
    view: { serviceAccountId: gcpServiceAccountForAtlas, status },
  })),
  listed("privateLinks", listPrivateLinks, ({ _id, provider, vendor, region, state, errorMessage }) => ({
    value: String(_id),
    usable: state === "DONE",
    view: { id: _id, provider, vendor: vendor ?? "GENERIC", region, state, errorMessage },
  })),
  listed("vpcPeerings", listActivePeerings, ({ name, requesterVpcId, requesterCidr, cloudStatus, localStatus }) => ({
    value: String(name),
    usable: localStatus === "ACTIVE",
    view: { name, requesterVpcId, requesterCidr, cloudStatus, localStatus },
  })),
];
