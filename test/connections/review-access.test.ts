import { expect, test } from "vitest";
import { exampleOf } from "./example.ts";
import { taken } from "./read.ts";

const privateLink = (connectionId?: string) => ({
  access: { type: "PRIVATE_LINK", ...(connectionId && { connectionId }) },
});

test.each([
  ["Kafka", "networking"],
  ["S3", "networking"],
  ["AWSKinesisDataStreams", "networking"],
  ["AWSLambda", "publicPrivateNetworking"],
  ["AzureBlobStorage", "publicPrivateNetworking"],
  ["GCPPubSub", "publicPrivateNetworking"],
])("%s: a private link without its id is sent with a warning about %s", (type, field) => {
  const given = exampleOf(type, { [field]: privateLink() });
  expect(taken(given)).toEqual({
    sent: given,
    warnings: [`connection.${field}.access.connectionId: PRIVATE_LINK normally needs connectionId`],
  });
  expect(taken(exampleOf(type, { [field]: privateLink("a".repeat(24)) })).warnings).toEqual([]);
});

test("other accesses need no id", () => {
  for (const access of [undefined, {}, { type: "PUBLIC" }, { type: "VPC" }])
    expect(taken(exampleOf("S3", { networking: { access } })).warnings).toEqual([]);
});
