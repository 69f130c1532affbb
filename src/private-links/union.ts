/**
 * The union of private links, by cloud and vendor: what each pair needs, what it must not have, and how it is used. The
 * one source of validation, of what two links are told apart by, and of the sandbox's knowledge. A new pair is an entry.
 * @see https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-creategroupstreamprivatelinkconnection
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/manage-connection-registry/
 */
import { z } from "zod/v3";
import { type CloudProvider, cloudProviders } from "../atlas/regions-and-tiers.ts";
import { name, withTrait } from "../schema/fields.ts";

const KAFKA_ARN = /^arn:aws:kafka/;

/** The fields of the API; what is read-only of an answer is left out. */
const fields = {
  region: name("Not for MSK"),
  serviceEndpointId: name("AWS: endpoint service, of S3 com.amazonaws.REGION.s3; AZURE: ARM id"),
  dnsDomain: name("CONFLUENT, EVENTHUB, AZURE_BLOB_STORAGE"),
  dnsSubDomain: z.array(z.string()).describe("CONFLUENT, by zone"),
  arn: name("MSK cluster").refine((arn) => KAFKA_ARN.test(arn), "must be the ARN of an MSK cluster (arn:aws:kafka:…)"),
  authenticationScheme: z.enum(["TLS", "SASL_SCRAM", "IAM"]).describe("MSK; default SASL_SCRAM"),
  azureResourceIds: z.array(z.string().min(1)).min(1).describe("CONFLUENT on AZURE"),
  gcpServiceAttachmentUris: z
    .array(z.string().min(1))
    .min(1)
    .max(3)
    .refine((uris) => new Set(uris).size === uris.length, "must not name one twice")
    .describe("CONFLUENT on GCP"),
  gcpConnectionIds: z.array(z.string().min(1)).max(3).describe("Private Service Connect"),
};

export type LinkField = keyof typeof fields;

interface PairDefinition<Vendor extends string> {
  provider: CloudProvider;
  vendor: Vendor;
  needs: readonly LinkField[];
  /** Of these, one is needed as well. */
  oneOf?: readonly LinkField[];
  /** Fields that it must not have, each with why. */
  never?: Readonly<Partial<Record<LinkField, string>>>;
  /** Further fields that the documentation names for it. */
  takes?: readonly LinkField[];
  /** What tells two links of the pair apart. */
  apart: readonly LinkField[];
  /** The connection type that uses one, and its field for the network. */
  usedBy: { type: string; field: "networking" | "publicPrivateNetworking" };
  /** What a person has to do at the other side, without a full stop. */
  prerequisite?: string;
  example: Readonly<Record<string, unknown>>;
}

/** Makes a member of the union: a closed object of `provider`, `vendor` and the fields that the pair may have. */
function pair<const Vendor extends string>(definition: PairDefinition<Vendor>) {
  const { provider, vendor, needs, never = {}, prerequisite = "" } = definition;
  const shape: z.ZodRawShape = Object.fromEntries(
    Object.entries(fields).flatMap(([field, schema]) => {
      if (Object.hasOwn(never, field)) return [];
      return [[field, needs.some((each) => each === field) ? schema : schema.optional()]];
    }),
  );
  const schema = z.object({ provider: z.literal(provider), vendor: z.literal(vendor), ...shape }).strict();
  return { ...definition, never, oneOf: definition.oneOf ?? [], takes: definition.takes ?? [], prerequisite, schema };
}

const kafka = { type: "Kafka", field: "networking" } as const;
const CONFLUENT_ACCESS = "In Confluent Cloud, add a private link access for Atlas's account";
const APPROVE = "In the Azure portal, approve the private endpoint connection that Atlas requests";
const subscription = "/subscriptions/b82d6aa0-0b0a-ffa3-7c22-e167dc44f5b0/resourceGroups/streams/providers";
const attachments = "projects/confluent-1/regions/us-central1/serviceAttachments";

/** All pairs, in the order in which they are listed everywhere. */
export const pairs = [
  pair({
    provider: "AWS",
    vendor: "CONFLUENT",
    needs: ["region", "serviceEndpointId"],
    takes: ["dnsDomain", "dnsSubDomain"],
    apart: ["serviceEndpointId"],
    usedBy: kafka,
    prerequisite: `${CONFLUENT_ACCESS}; of an Enterprise cluster, add a PrivateLink gateway`,
    example: {
      region: "us-east-1",
      serviceEndpointId: "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f60719",
      dnsDomain: "abc123.us-east-1.aws.confluent.cloud",
      dnsSubDomain: [],
    },
  }),
  pair({
    provider: "AZURE",
    vendor: "CONFLUENT",
    needs: ["region", "dnsDomain"],
    oneOf: ["azureResourceIds", "serviceEndpointId"],
    takes: ["dnsSubDomain"],
    apart: ["azureResourceIds", "serviceEndpointId"],
    usedBy: kafka,
    prerequisite: CONFLUENT_ACCESS,
    example: {
      region: "eastus2",
      dnsDomain: "abc123.eastus2.azure.confluent.cloud",
      azureResourceIds: [`${subscription}/Microsoft.Network/privateLinkServices/confluent-1`],
    },
  }),
  pair({
    provider: "GCP",
    vendor: "CONFLUENT",
    needs: ["region", "dnsDomain", "gcpServiceAttachmentUris"],
    never: { serviceEndpointId: "gcpServiceAttachmentUris name the service" },
    takes: ["dnsSubDomain", "gcpConnectionIds"],
    apart: ["gcpServiceAttachmentUris"],
    usedBy: kafka,
    prerequisite: CONFLUENT_ACCESS,
    example: {
      region: "us-central1",
      dnsDomain: "abc123.us-central1.gcp.confluent.cloud",
      gcpServiceAttachmentUris: ["a", "b", "c"].map((zone) => `${attachments}/confluent-us-central1-${zone}`),
    },
  }),
  pair({
    provider: "AWS",
    vendor: "MSK",
    needs: ["arn"],
    never: { region: "the ARN has it" },
    takes: ["authenticationScheme"],
    apart: ["arn"],
    usedBy: kafka,
    prerequisite:
      "In AWS, turn multi-VPC connectivity on for the cluster, and allow Atlas's account in its cluster policy",
    example: {
      arn: "arn:aws:kafka:us-east-1:123456789012:cluster/orders/de8982fa-8222-4e87-8b20-9bf3cdfa1521-2",
      authenticationScheme: "SASL_SCRAM",
    },
  }),
  pair({
    provider: "AWS",
    vendor: "S3",
    needs: ["region", "serviceEndpointId"],
    apart: ["serviceEndpointId"],
    usedBy: { type: "S3", field: "networking" },
    example: { region: "us-east-1", serviceEndpointId: "com.amazonaws.us-east-1.s3" },
  }),
  pair({
    provider: "AWS",
    vendor: "LAMBDA",
    needs: ["region", "serviceEndpointId"],
    apart: ["serviceEndpointId"],
    usedBy: { type: "AWSLambda", field: "publicPrivateNetworking" },
    prerequisite: "Its region has to be that of the workspace",
    example: { region: "us-east-1", serviceEndpointId: "com.amazonaws.us-east-1.lambda" },
  }),
  pair({
    provider: "AWS",
    vendor: "KINESIS",
    needs: ["region"],
    takes: ["serviceEndpointId"],
    apart: ["region"],
    usedBy: { type: "AWSKinesisDataStreams", field: "networking" },
    example: { region: "us-east-1" },
  }),
  pair({
    provider: "AZURE",
    vendor: "EVENTHUB",
    needs: ["region", "dnsDomain", "serviceEndpointId"],
    apart: ["serviceEndpointId"],
    usedBy: kafka,
    prerequisite: APPROVE,
    example: {
      region: "eastus2",
      dnsDomain: "orders.servicebus.windows.net",
      serviceEndpointId: `${subscription}/Microsoft.EventHub/namespaces/orders`,
    },
  }),
  pair({
    provider: "AZURE",
    vendor: "AZURE_BLOB_STORAGE",
    needs: ["region", "serviceEndpointId", "dnsDomain"],
    apart: ["serviceEndpointId"],
    usedBy: { type: "AzureBlobStorage", field: "publicPrivateNetworking" },
    prerequisite: APPROVE,
    example: {
      region: "eastus2",
      dnsDomain: "orders.blob.core.windows.net",
      serviceEndpointId: `${subscription}/Microsoft.Storage/storageAccounts/orders`,
    },
  }),
  pair({
    provider: "GCP",
    vendor: "PUBSUB",
    needs: ["region"],
    never: { dnsDomain: "Atlas knows it" },
    takes: ["gcpConnectionIds"],
    apart: ["region"],
    usedBy: { type: "GCPPubSub", field: "publicPrivateNetworking" },
    example: { region: "us-central1" },
  }),
] as const;

export type Pair = (typeof pairs)[number];

const [first, ...others] = [...new Set(pairs.map(({ vendor }) => vendor))];
export const vendors = [first ?? "CONFLUENT", ...others] as const;

/** The pair of this name, which may be any value of an agent's or of Atlas's. */
export const pairOf = ({ provider, vendor }: { provider?: unknown; vendor?: unknown }): Pair | undefined =>
  pairs.find((each) => each.provider === provider && each.vendor === vendor);

/** The name of a pair in sentences. */
export const titleOf = ({ provider, vendor }: Pair): string => `${provider} ${vendor}`;

const optional = z.object(fields).partial();

/** What Atlas calls a link of its own making that people paste back. */
const readOnly = ["_id", "id", "connectionId", "state", "errorMessage", "interfaceEndpointId", "interfaceEndpointName"];

/** A private link of any pair, before it is known which: what is meant by names and values is read with it. */
export const anyPrivateLink = withTrait(
  z
    .object({
      provider: z.enum(cloudProviders).describe("Cloud"),
      vendor: z
        .enum(vendors)
        .describe("Service; AZURE: CONFLUENT, EVENTHUB, AZURE_BLOB_STORAGE; GCP: CONFLUENT, PUBSUB"),
    })
    .merge(optional)
    .strict(),
  { dropped: [...readOnly, "providerAccountId"] },
);

/** A private link as Atlas takes it. */
export type PrivateLink = z.output<typeof anyPrivateLink>;

/** The same as agents see it: one flat object, of which a refusal says what its pair needs. */
export const publishedPrivateLink = anyPrivateLink.omit({ gcpConnectionIds: true });
