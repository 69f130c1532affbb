import { z } from "zod/v3";
import { filled, name, text } from "../../schema/fields.ts";
import { publicPrivateNetworking, reviewAccess } from "../access.ts";
import { connectionType } from "../connection-type.ts";

export const azureBlobStorage = connectionType({
  type: "AzureBlobStorage",
  use: "Azure Blob Storage",
  prerequisite: "An Azure service principal registered in the project's Cloud Provider Access.",
  fields: {
    azure: z
      .object({
        servicePrincipalId: name("In Cloud Provider Access"),
        storageAccountName: name("Account"),
        region: filled(text("Region of the storage account")).optional(),
      })
      .strict()
      .describe("Azure access"),
    publicPrivateNetworking,
  },
  apart: [["azure", "storageAccountName"]],
  uses: { azureServicePrincipals: ["azure", "servicePrincipalId"], privateLinks: null },
  linkVendors: ["AZURE_BLOB_STORAGE"],
  example: {
    azure: { servicePrincipalId: "2f0c2b36-33a7-4c1e-9c1e-0f7c5d6d7a11", storageAccountName: "ordersarchive" },
  },
  review: ({ publicPrivateNetworking }) => reviewAccess(publicPrivateNetworking, "publicPrivateNetworking"),
});
