import { z } from "zod/v3";
import { name } from "../../schema/fields.ts";
import { publicPrivateNetworking, reviewAccess } from "../access.ts";
import { connectionType } from "../connection-type.ts";

export const gcpPubSub = connectionType({
  type: "GCPPubSub",
  use: "GCP Pub/Sub",
  prerequisite: "A GCP service account registered in the project's Cloud Provider Access.",
  fields: {
    gcp: z
      .object({ serviceAccountId: name("Its e-mail, in Cloud Provider Access") })
      .strict()
      .describe("GCP access"),
    publicPrivateNetworking,
  },
  apart: [["gcp", "serviceAccountId"]],
  uses: { gcpServiceAccounts: ["gcp", "serviceAccountId"], privateLinks: null },
  linkVendors: ["PUBSUB"],
  example: { gcp: { serviceAccountId: "atlas-streams@my-project.iam.gserviceaccount.com" } },
  review: ({ publicPrivateNetworking }) => reviewAccess(publicPrivateNetworking, "publicPrivateNetworking"),
});
