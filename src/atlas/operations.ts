/**
 * The operations of the Atlas Administration API that have to do with streams: the date of the newest version of each, and
 * the roles that suffice for it.
 * @see https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/
 */

/** What a service account or an API key can be granted, the least first. */
const roles = [
  "Project Read Only",
  "Project Data Access Read Only",
  "Project Data Access Read Write",
  "Project Stream Processing Manager",
  "Project Stream Processing Owner",
  "Project Data Access Admin",
  "Organization Stream Processing Admin",
  "Project Owner",
] as const;

type Role = (typeof roles)[number];

interface OperationFacts {
  /** Date of the version, which goes into `Accept`. */
  version: string;
  /** Each of these suffices, by the API description; none where it names none. */
  roles: readonly Role[];
}

/** Who may look at a project. */
const look: readonly Role[] = ["Project Read Only"];

/** Who may look at what flows: it can hold data. */
const lookInside: readonly Role[] = [
  "Project Data Access Read Only",
  "Project Data Access Read Write",
  "Project Stream Processing Manager",
  "Project Data Access Admin",
  "Organization Stream Processing Admin",
];

/** Who may change connections, processors and private links; also who may look at processors. */
const manage: readonly Role[] = ["Project Stream Processing Manager", "Organization Stream Processing Admin"];

/** Who may change workspaces. */
const manageWorkspaces: readonly Role[] = [
  "Project Stream Processing Manager",
  "Project Data Access Admin",
  "Organization Stream Processing Admin",
];

/** Who may answer and delete peerings. */
const own: readonly Role[] = ["Project Stream Processing Owner", "Organization Stream Processing Admin"];

/** By the operation's id. */
export const operations = {
  listGroups: { version: "2023-01-01", roles: [] },
  getGroup: { version: "2023-01-01", roles: look },
  listGroupClusters: { version: "2024-08-05", roles: look },
  getGroupCluster: { version: "2024-08-05", roles: look },
  listGroupCloudProviderAccess: { version: "2023-01-01", roles: look },
  listGroupCustomDbRoleRoles: { version: "2023-01-01", roles: look },

  listGroupStreamWorkspaces: { version: "2023-02-01", roles: look },
  createGroupStreamWorkspace: { version: "2023-02-01", roles: manageWorkspaces },
  withGroupStreamSampleConnections: { version: "2024-08-05", roles: manageWorkspaces },
  getGroupStreamWorkspace: { version: "2023-02-01", roles: lookInside },
  updateGroupStreamWorkspace: { version: "2023-02-01", roles: manageWorkspaces },
  deleteGroupStreamWorkspace: { version: "2023-02-01", roles: manageWorkspaces },
  downloadGroupStreamAuditLogs: { version: "2023-02-01", roles: lookInside },
  downloadGroupStreamOperationalLogs: { version: "2025-03-12", roles: lookInside },

  listGroupStreamConnections: { version: "2023-02-01", roles: lookInside },
  createGroupStreamConnection: { version: "2023-02-01", roles: manage },
  getGroupStreamConnection: { version: "2023-02-01", roles: look },
  updateGroupStreamConnection: { version: "2023-02-01", roles: manage },
  deleteGroupStreamConnection: { version: "2023-02-01", roles: manage },
  listGroupStreamConnectionFailoverConnections: { version: "2025-03-12", roles: manage },
  createGroupStreamConnectionFailoverConnection: { version: "2025-03-12", roles: manage },
  getGroupStreamConnectionFailoverConnection: { version: "2025-03-12", roles: manage },
  updateGroupStreamConnectionFailoverConnection: { version: "2025-03-12", roles: manage },
  deleteGroupStreamConnectionFailoverConnection: { version: "2025-03-12", roles: manage },

  getGroupStreamProcessors: { version: "2024-05-30", roles: manage },
  createGroupStreamProcessor: { version: "2024-05-30", roles: manage },
  getGroupStreamProcessor: { version: "2024-05-30", roles: manage },
  updateGroupStreamProcessor: { version: "2024-05-30", roles: manage },
  deleteGroupStreamProcessor: { version: "2024-05-30", roles: manage },
  startGroupStreamProcessor: { version: "2024-05-30", roles: manage },
  startGroupStreamProcessorWith: { version: "2025-03-12", roles: manage },
  stopGroupStreamProcessor: { version: "2024-05-30", roles: manage },

  listGroupStreamPrivateLinkConnections: { version: "2023-02-01", roles: look },
  createGroupStreamPrivateLinkConnection: { version: "2023-02-01", roles: manage },
  getGroupStreamPrivateLinkConnection: { version: "2023-02-01", roles: look },
  updateGroupStreamPrivateLinkConnection: { version: "2025-03-12", roles: manage },
  deleteGroupStreamPrivateLinkConnection: { version: "2023-02-01", roles: manage },
  getGroupStreamAccountDetails: { version: "2024-11-13", roles: look },
  listGroupStreamActiveVpcPeeringConnections: { version: "2024-11-13", roles: look },
  listGroupStreamVpcPeeringConnections: { version: "2023-02-01", roles: look },
  acceptGroupStreamVpcPeeringConnection: { version: "2023-02-01", roles: own },
  rejectGroupStreamVpcPeeringConnection: { version: "2023-02-01", roles: own },
  deleteGroupStreamVpcPeeringConnection: { version: "2023-02-01", roles: own },
} as const satisfies Record<string, OperationFacts>;

export type Operation = keyof typeof operations;

/** Roles that hold all that the ones before them hold: what suffices for a part suffices here. */
const wider: readonly Role[] = [
  "Project Stream Processing Manager",
  "Project Stream Processing Owner",
  "Project Owner",
];

/** The roles that suffice for an operation, the least first; of one that is not known, for all that this server does. */
export function rolesFor(operation: Operation | undefined): string[] {
  const described: readonly Role[] = operation ? operations[operation].roles : manage;
  const least = roles.findIndex((role) => described.includes(role));
  return roles.filter((role, rank) => described.includes(role) || (rank > least && wider.includes(role)));
}
