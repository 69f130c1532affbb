import { z } from "zod/v3";
import { awsRole, publicPrivateNetworking, reviewAccess } from "../access.ts";
import { connectionType } from "../connection-type.ts";

export const awsLambda = connectionType({
  type: "AWSLambda",
  use: "Lambda functions to call",
  prerequisite: "An IAM role registered in the project's Cloud Provider Access.",
  fields: {
    aws: z.object(awsRole).strict().describe("AWS access"),
    publicPrivateNetworking,
  },
  apart: [["aws", "roleArn"]],
  uses: { awsRoles: ["aws", "roleArn"], privateLinks: null },
  linkVendors: ["LAMBDA"],
  example: { aws: { roleArn: "arn:aws:iam::123456789012:role/atlas-streams" } },
  review: ({ publicPrivateNetworking }) => reviewAccess(publicPrivateNetworking, "publicPrivateNetworking"),
});
