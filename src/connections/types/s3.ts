import { z } from "zod/v3";
import { awsRole, networking, reviewAccess } from "../access.ts";
import { connectionType } from "../connection-type.ts";

export const s3 = connectionType({
  type: "S3",
  use: "S3 buckets",
  prerequisite: "An IAM role registered in the project's Cloud Provider Access.",
  fields: {
    aws: z.object(awsRole).strict().describe("AWS access"),
    networking,
  },
  apart: [
    ["aws", "roleArn"],
    ["aws", "testBucket"],
  ],
  uses: { awsRoles: ["aws", "roleArn"], privateLinks: null, vpcPeerings: null },
  linkVendors: ["S3"],
  example: { aws: { roleArn: "arn:aws:iam::123456789012:role/atlas-streams", testBucket: "orders-archive" } },
  review: ({ networking }) => reviewAccess(networking, "networking"),
});
