/**
 * Other names for the same field in Atlas's tools, in Terraform and in CloudFormation, in any spelling. One counts only
 * in an object that has the field it stands for, and no field of its own with that name.
 */
export const aliases: Readonly<Record<string, readonly string[]>> = {
  groupId: ["projectId"],
  tenantName: ["workspaceName", "instanceName"],
  connectionName: ["name"],
  processorName: ["name"],
  name: ["connectionName"],
  type: ["connectionType"],
  clusterGroupId: ["clusterProjectId"],
  provider: ["schemaRegistryProvider", "providerName"],
  gcpServiceAttachmentUris: ["serviceAttachmentUris"],
  networking: ["publicPrivateNetworking"],
  publicPrivateNetworking: ["networking"],
};

/** Other spellings of the same documented value. */
export const valueAliases: Readonly<Record<string, readonly string[]>> = {
  "SCRAM-256": ["SCRAM-SHA-256"],
  "SCRAM-512": ["SCRAM-SHA-512"],
  AWS_MSK_IAM: ["MSK_IAM"],
};

/** Arguments that clients add by themselves, to tools that have none or about the call; so is one that begins with `_`. */
export const addedByClients = ["random_string", "toolCallId", "tool", "sessionId", "action", "chatInput"];
