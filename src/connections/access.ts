/** How Atlas reaches the other side of a connection: the fields that several types share. */
import { z } from "zod/v3";
import type { Path } from "../json.ts";
import { objectId, roleArn, text } from "../schema/fields.ts";
import type { Remark } from "../schema/problems.ts";

/** What people call a user name and a password that are a key and its secret. */
export const keyNames = ["apikey", "key", "user", "login"];
export const keySecretNames = ["apisecret", "secret", "secretkey", "pass"];

/** AWS access by a role that Atlas assumes. */
export const awsRole = {
  roleArn: roleArn("ARN of an IAM role in Cloud Provider Access"),
  testBucket: text("Bucket to test the role on").optional(),
};

const linkId = objectId("Id of the private link").optional();

/** A network path with one way to reach the other side. */
const networkPath = <Access extends z.ZodRawShape>(description: string, access: Access) =>
  z
    .object({ access: z.object(access).strict().describe("How to reach it").optional() })
    .strict()
    .describe(description)
    .optional();

/** `networking`: the access types of Kafka, S3 and Kinesis. */
export const networking = networkPath("Network path; VPC needs only its type", {
  type: z.enum(["PUBLIC", "VPC", "PRIVATE_LINK", "TRANSIT_GATEWAY"]).describe("Default PUBLIC").optional(),
  connectionId: linkId,
  name: text("Of the link").optional(),
  tgwRouteId: objectId("Transit gateway route").optional(),
});

/** `publicPrivateNetworking`: the access types of Lambda, Azure Blob Storage and Pub/Sub. */
export const publicPrivateNetworking = networkPath("Network path", {
  type: z.enum(["PUBLIC", "PRIVATE_LINK"]).describe("Default PUBLIC").optional(),
  connectionId: linkId,
});

/** The fields that say how Atlas reaches the other side; a type has at most one of them. */
export const networkFields: readonly string[] = ["networking", "publicPrivateNetworking"];

/** Where a connection names the private link that it goes over. */
export const linkFields: readonly Path[] = networkFields.map((field) => [field, "access", "connectionId"]);

/** Warnings for an access type whose id is missing; Atlas decides whether it can do without. */
export function reviewAccess(value: z.output<typeof networking>, field: string): Remark[] {
  const access = value?.access;
  const missing = (id: string): Remark[] => [
    { path: [field, "access", id], severity: "warning", message: `${access?.type} normally needs ${id}` },
  ];
  if (access?.type === "PRIVATE_LINK" && !access.connectionId) return missing("connectionId");
  if (access?.type === "TRANSIT_GATEWAY" && !access.tgwRouteId) return missing("tgwRouteId");
  return [];
}
