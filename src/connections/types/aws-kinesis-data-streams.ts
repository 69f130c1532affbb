import { z } from "zod/v3";
import { awsRole, networking, reviewAccess } from "../access.ts";
import { connectionType } from "../connection-type.ts";

export const awsKinesisDataStreams = connectionType({
  type: "AWSKinesisDataStreams",
  use: "Kinesis streams",
  prerequisite: "An IAM role registered in the project's Cloud Provider Access.",
  fields: {
    aws: z.object(awsRole).strict().describe("AWS access"),
    networking,
  },
  apart: [["aws", "roleArn"]],
  uses: { awsRoles: ["aws", "roleArn"], privateLinks: null, vpcPeerings: null },
  linkVendors: ["KINESIS"],
  example: { aws: { roleArn: "arn:aws:iam::123456789012:role/atlas-streams" } },
  review: ({ networking }) => reviewAccess(networking, "networking"),
});
