/** A private link as agents, people and other tools write it, and what is wrong with one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ownRegionsOf, spellingsOf } from "../../src/atlas/regions-and-tiers.ts";
import { dotted, isObject, type JsonObject, valueAt } from "../../src/json.ts";
import { readPrivateLink } from "../../src/private-links/read.ts";
import { anyPrivateLink, type Pair, pairs, titleOf } from "../../src/private-links/union.ts";
import { noteLine } from "../../src/schema/problems.ts";
import { openapi } from "../support/shared-atlas.ts";

const at = ["privateLink"];
const exampleOf = ({ provider, vendor, example }: Pair): JsonObject => ({ provider, vendor, ...example });
const everyPair = pairs.map((pair) => ({ title: titleOf(pair), pair }));
const pairNamed = (title: string) => {
  const found = pairs.find((each) => titleOf(each) === title);
  if (!found) throw new Error(`No pair ${title}`);
  return found;
};

function taken(raw: unknown): { link: JsonObject; notes: string[] } {
  const reading = readPrivateLink(raw, at);
  if (!reading.ok) throw new Error(`Refused: ${reading.problems.map(noteLine).join("; ")}`);
  return { link: reading.link, notes: [...reading.changes, ...reading.warnings].map(noteLine) };
}

/** The problems of what has to be refused, by path. */
function refused(raw: unknown): Record<string, string> {
  const reading = readPrivateLink(raw, at);
  if (reading.ok) throw new Error(`Taken: ${JSON.stringify(reading.link)}`);
  return Object.fromEntries(reading.problems.map(({ path, message }) => [dotted(path), message]));
}

describe.each(everyPair)("$title", ({ pair }) => {
  test("has an example that passes without a word", () => {
    const { link, notes } = taken(exampleOf(pair));
    expect(notes).toEqual([]);
    expect(link).toMatchObject(exampleOf(pair));
  });

  test.each(pair.needs)("needs %s", (field) => {
    const { [field]: _, ...link } = exampleOf(pair);
    expect(refused(link)).toEqual({ [`privateLink.${field}`]: expect.stringContaining(`${titleOf(pair)} needs it`) });
  });

  test.each(Object.keys(pair.never))("must not have %s", (field) => {
    const value = field === "region" ? "eu-west-1" : "x";
    expect(refused({ ...exampleOf(pair), [field]: value })).toEqual({
      [`privateLink.${field}`]: expect.stringContaining(`cannot be given for ${titleOf(pair)}`),
    });
  });

  test("sends only fields that the API description has", () => {
    const described = valueAt(openapi, ["components", "schemas", "StreamsPrivateLinkConnection", "properties"]);
    if (!isObject(described)) return;
    const sendable = Object.entries(described).filter(([, schema]) => valueAt(schema, ["readOnly"]) !== true);
    expect(sendable.map(([name]) => name)).toEqual(expect.arrayContaining(Object.keys(pair.schema.shape)));
  });
});

test("of two fields of which one is needed, either will do", () => {
  const { azureResourceIds: _, ...link } = exampleOf(pairNamed("AZURE CONFLUENT"));
  expect(refused(link)).toEqual({ "privateLink.azureResourceIds": expect.stringContaining("serviceEndpointId") });
  expect(taken({ ...link, serviceEndpointId: "/subscriptions/x" }).notes).toEqual([]);
});

describe("what is meant is taken", () => {
  const msk = exampleOf(pairNamed("AWS MSK"));

  test.each<[string, JsonObject]>([
    ["words in any case", { ...msk, provider: "aws", vendor: "msk" }],
    ["words as the documentation has them", { ...msk, provider: "Aws", vendor: "Msk" }],
    [
      "names in another spelling",
      { provider: "AWS", vendor: "MSK", arn: msk["arn"], authentication_scheme: "sasl-scram" },
    ],
    [
      "names as Terraform has them",
      { ...{ provider_name: "AWS", vendor: "MSK" }, arn: msk["arn"], authentication_scheme: "SASL_SCRAM" },
    ],
    ["an ARN that says the cloud and the vendor", { arn: msk["arn"], authenticationScheme: "SASL_SCRAM" }],
    ["a region that repeats what the ARN says", { ...msk, region: "us-east-1" }],
    ["the same region in Atlas's spelling", { ...msk, region: "VIRGINIA_USA" }],
    [
      "an answer pasted back",
      { ...msk, _id: "65f1c2500a1b2c3d4e5f60b3", state: "FAILED", errorMessage: "x", links: [] },
    ],
    ["nulls", { ...msk, region: null, dnsDomain: null }],
  ])("%s", (_, raw) => {
    expect(taken(raw).link).toEqual(msk);
  });

  test("JSON text, and text in the place of a list", () => {
    const gcp = exampleOf(pairNamed("GCP CONFLUENT"));
    expect(taken(JSON.stringify(gcp)).link).toEqual(gcp);
    const { gcpServiceAttachmentUris, ...others } = gcp;
    const uris = JSON.stringify(gcpServiceAttachmentUris);
    expect(taken({ ...others, service_attachment_uris: uris }).link).toEqual(gcp);
  });

  test("a region of the cloud, in any of its spellings", () => {
    const withRegion = pairs.filter(({ needs }) => needs.includes("region"));
    const regionOf = (pair: Pair) => fc.constantFrom(...ownRegionsOf(pair.provider)).map((own) => ({ pair, own }));
    fc.assert(
      fc.property(
        fc.constantFrom(...withRegion).chain(regionOf),
        fc.constantFrom("own", "ofWorkspaces", "ofClusters"),
        fc.constantFrom(
          (text: string) => text,
          (text: string) => text.toLowerCase(),
          (text: string) => text.replaceAll("_", "-"),
        ),
        ({ pair, own }, kind, respell) => {
          const region = spellingsOf(own, pair.provider)?.[kind as "own"] ?? own;
          const reading = readPrivateLink({ ...exampleOf(pair), region: respell(region) }, at);
          expect(reading).toMatchObject({ ok: true, link: { region: own } });
        },
      ),
    );
  });

  test("of AWS and Confluent, that there are no further domains", () => {
    const { dnsSubDomain: _, ...link } = exampleOf(pairNamed("AWS CONFLUENT"));
    expect(taken(link).link).toMatchObject({ dnsSubDomain: [] });
  });
});

describe("what is uncertain is refused, all of it at once", () => {
  test.each<[string, unknown, string[], RegExp]>([
    ["nothing", undefined, ["privateLink"], /is required/],
    ["text", "x", ["privateLink"], /must be an object/],
    ["no pair", {}, ["privateLink.provider", "privateLink.vendor"], /one of AWS, AZURE, GCP/],
    ["a vendor of another cloud", { provider: "GCP", vendor: "MSK" }, ["privateLink.vendor"], /vendor of AWS/],
    ["a vendor that there is not", { provider: "AWS", vendor: "MKS" }, ["privateLink.vendor"], /did you mean "MSK"/],
    [
      "no vendor",
      { provider: "AWS", region: "us-east-1" },
      ["privateLink.vendor"],
      /is required: one of CONFLUENT, MSK/,
    ],
    [
      "a region of another cloud",
      { ...exampleOf(pairNamed("AWS S3")), region: "uksouth" },
      ["privateLink.region"],
      /is a region of AZURE/,
    ],
    [
      "another ARN, and a field that there is not",
      { provider: "AWS", vendor: "MSK", arn: "arn:aws:iam::1:role/x", name: "brokers" },
      ["privateLink.arn", "privateLink.name"],
      /arn:aws:kafka/,
    ],
    [
      "too many attachments",
      { ...exampleOf(pairNamed("GCP CONFLUENT")), gcpServiceAttachmentUris: ["a", "b", "c", "d"] },
      ["privateLink.gcpServiceAttachmentUris"],
      /at most 3/,
    ],
    [
      "a reference",
      { ...exampleOf(pairNamed("AWS S3")), serviceEndpointId: "${env:X}" },
      ["privateLink.serviceEndpointId"],
      /cannot be a reference/,
    ],
    [
      "a mask",
      { ...exampleOf(pairNamed("AWS S3")), serviceEndpointId: "com.***" },
      ["privateLink.serviceEndpointId"],
      /in place of a secret/,
    ],
  ])("%s", (_, raw, paths, message) => {
    const problems = refused(raw);
    expect(Object.keys(problems).sort()).toEqual(paths.toSorted());
    expect(Object.values(problems).join("\n")).toMatch(message);
  });
});

describe("what may be wrong is a warning", () => {
  test.each<[string, string, JsonObject, RegExp]>([
    ["an endpoint of another region", "AWS S3", { region: "eu-west-1" }, /com\.amazonaws\.eu-west-1\.s3/],
    [
      "an endpoint of another service",
      "AWS LAMBDA",
      { serviceEndpointId: "com.amazonaws.us-east-1.s3" },
      /us-east-1\.lambda/,
    ],
    [
      "an event hub in the place of its namespace",
      "AZURE EVENTHUB",
      { serviceEndpointId: "/subscriptions/a/namespaces/n/eventhubs/h" },
      /not of an event hub/,
    ],
    ["a domain of another kind", "AZURE AZURE_BLOB_STORAGE", { dnsDomain: "orders" }, /ACCOUNT\.blob\.core/],
    ["no domain", "AWS CONFLUENT", { dnsDomain: undefined }, /Enterprise/],
    ["a region that nobody knows", "AWS KINESIS", { region: "us-east-9" }, /did you mean us-east-1.*sent as it is/],
    ["a blank", "AWS S3", { serviceEndpointId: "com.amazonaws.REGION.s3" }, /blank of a template/],
    ["a field that is not documented for it", "AWS S3", { dnsDomain: "a.example.com" }, /not documented for AWS S3/],
  ])("%s", (_, title, more, warning) => {
    expect(taken({ ...exampleOf(pairNamed(title)), ...more }).notes.join("\n")).toMatch(warning);
  });
});

test("whatever is sent is taken or refused, and what is taken is read as itself again", () => {
  const field = fc.constantFrom(...Object.keys(anyPrivateLink.shape), "name", "Region", "links");
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "AWS",
      "azure",
      "GCP",
      "msk",
      "CONFLUENT",
      "us-east-1",
      "arn:aws:kafka:us-east-1:1:cluster/a",
      null,
    ),
    fc.array(fc.string(), { maxLength: 4 }),
    fc.jsonValue(),
  );
  const near = fc
    .tuple(fc.constantFrom(...pairs), fc.dictionary(field, value, { maxKeys: 3, noNullPrototype: true }))
    .map(([pair, more]) => ({ ...exampleOf(pair), ...more }));
  fc.assert(
    fc.property(fc.oneof(near, fc.dictionary(field, value, { noNullPrototype: true }), fc.jsonValue()), (raw) => {
      const reading = readPrivateLink(raw, at);
      if (!reading.ok) {
        expect(reading.problems.length).toBeGreaterThan(0);
        return;
      }
      expect(readPrivateLink(reading.link, at)).toMatchObject({ ok: true, link: reading.link, changes: [] });
    }),
  );
});
