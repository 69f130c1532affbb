/** `get_connection_options`: what a project has for a type, asked for at once, and a template that create takes. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { connectionTypes } from "../../src/connections/union.ts";
import { isObject, type JsonObject, valueAt, withValueAt } from "../../src/json.ts";
import { sandboxOtherProject, sandboxProject } from "../../src/sandbox/data/seed.ts";
import { freshName, place } from "../support/against-sandbox.ts";
import { type Session, startSession } from "./session.ts";

const secretVariables = {
  ATLAS_STREAMS_SECRET_KAFKA_PASSWORD: "kafka-s3cret",
  ATLAS_STREAMS_SECRET_HOOK_AUTH: "hook-s3cret",
  ATLAS_STREAMS_SECRET_REGISTRY_PASSWORD: "registry-s3cret",
};
const { groupId } = sandboxProject;

let session: Session;
beforeAll(async () => {
  session = await startSession({ env: secretVariables, secrets: Object.values(secretVariables) });
}, 60_000);
afterEach(() => {
  session.sandbox.state.rights.clear();
  session.reset();
});
afterAll(() => session.close());

const options = (type: string, more: JsonObject = {}) =>
  session.call("get_connection_options", { groupId, type, ...more });

interface Blank {
  path: string;
  meaning: string;
}
const blanksOf = ({ blanks }: JsonObject) => (Array.isArray(blanks) ? (blanks as Blank[]) : []);
const templateOf = ({ template }: JsonObject) => (isObject(template) ? template : {});

const roles = {
  awsRoles: [
    {
      roleArn: "arn:aws:iam::123456789012:role/atlas-streams",
      roleId: "65f1c2000a1b2c3d4e5f6091",
      authorized: true,
    },
    { roleId: "65f1c2000a1b2c3d4e5f6092", authorized: false },
  ],
};
const confluent = {
  id: "65f1c2500a1b2c3d4e5f60b1",
  provider: "AWS",
  vendor: "CONFLUENT",
  region: "us-east-1",
  state: "DONE",
};
const failed = {
  id: "65f1c2500a1b2c3d4e5f60b3",
  provider: "AWS",
  vendor: "MSK",
  state: "FAILED",
  errorMessage: expect.stringContaining("Multi-VPC connectivity is not turned on"),
};
const linkToS3 = {
  id: "65f1c2500a1b2c3d4e5f60b2",
  provider: "AWS",
  vendor: "S3",
  region: "us-east-1",
  state: "WORKING",
};
const noLinks = { privateLinks: [] };
const peerings = {
  vpcPeerings: [
    {
      name: "pcx-0a1b2c3d4e5f60711",
      requesterVpcId: "vpc-0f1e2d3c4b5a69780",
      requesterCidr: "10.20.0.0/16",
      cloudStatus: "active",
      localStatus: "ACTIVE",
    },
  ],
};
const gcp = "mongodb-atlas-a1b2c3d4e5f6g7h8@p-65f1c0de0a1b2c3d4e5f6071.iam.gserviceaccount.com";
const found: Record<(typeof connectionTypes)[number]["type"], JsonObject> = {
  Sample: {},
  Https: {},
  SchemaRegistry: {},
  Cluster: {
    clusters: [
      { name: "Cluster0", state: "IDLE" },
      { name: "analytics", state: "IDLE" },
    ],
    customRoles: [{ role: "streamWriter" }, { role: "shopReader" }],
  },
  Kafka: { privateLinks: [confluent, failed], ...peerings },
  AWSLambda: { ...roles, ...noLinks },
  S3: { ...roles, privateLinks: [linkToS3], ...peerings },
  AWSKinesisDataStreams: { ...roles, ...noLinks, ...peerings },
  AzureBlobStorage: {
    azureServicePrincipals: [
      {
        servicePrincipalId: "2f0c2b36-33a7-4c1e-9c1e-0f7c5d6d7a11",
        tenantId: "91402384-d71e-22f5-22dd-759e272cdc1c",
      },
    ],
    ...noLinks,
  },
  GCPPubSub: { gcpServiceAccounts: [{ serviceAccountId: gcp, status: "COMPLETE" }], ...noLinks },
};

describe.each(connectionTypes)("for the type $type", ({ type }) => {
  it("shows what there is to choose from, and nothing else", async () => {
    const { template: _template, blanks: _blanks, ...result } = await options(type);
    expect(result).toEqual({
      stages: expect.arrayContaining([expect.objectContaining({ stage: expect.stringMatching(/^\$/) })]),
      isError: false,
      outcome: "ok",
      summary: expect.stringContaining(type),
      project: { groupId },
      ...found[type],
      warnings:
        "awsRoles" in found[type]
          ? [expect.stringMatching(/^The role 65f1c2000a1b2c3d4e5f6092 is not authorized yet.*in Atlas/)]
          : [],
    });
  });

  it("gives a template that create takes once its blanks are filled in", async () => {
    const example: JsonObject = { ...connectionTypes.find((each) => each.type === type)?.example };
    const template = templateOf(await options(type));
    const connection = ["bootstrapServers", "authentication.username", "azure.storageAccountName", "aws.testBucket"]
      .concat("url", "schemaRegistryUrls", "schemaRegistryAuthentication.username")
      .map((path) => path.split("."))
      .filter((path) => valueAt(template, path) !== undefined)
      .reduce<JsonObject>((value, path) => withValueAt(value, path, valueAt(example, path)), {
        ...template,
        name: freshName(),
      });
    const created = await session.call("create_stream_connection", { ...place, connection });
    expect(created).toMatchObject({ outcome: "created", connection: { type }, warnings: [] });
  });

  it("names every blank, with what belongs there", async () => {
    const result = await options(type);
    const template = templateOf(result);
    const paths = blanksOf(result).map(({ path }) => path);
    for (const { path, meaning } of blanksOf(result)) {
      expect([path, typeof valueAt(template, path.split("."))]).not.toEqual([path, "undefined"]);
      expect(meaning).not.toBe("");
    }
    expect(new Set(paths).size).toBe(paths.length);
    // Whoever replaces all blanks is left with nothing that was made up for the example.
    const filled = paths.reduce((connection, path) => withValueAt(connection, path.split("."), "FILLED"), template);
    expect(JSON.stringify(filled)).not.toMatch(
      /example\.com|\$\{env:|orders-archive|ordersarchive|"atlas"|123456789012/,
    );
  });
});

describe("the template", () => {
  it("holds nothing that was made up: blanks are in capitals", async () => {
    expect(templateOf(await options("Kafka"))).toEqual({
      type: "Kafka",
      name: "NAME",
      bootstrapServers: "HOST:PORT",
      authentication: {
        mechanism: "SCRAM-512",
        username: "USERNAME",
        password: "${env:ATLAS_STREAMS_SECRET_KAFKA_PASSWORD}",
      },
      security: { protocol: "SASL_SSL" },
    });
    expect(templateOf(await options("S3"))).toMatchObject({ aws: { testBucket: "TEST_BUCKET" } });
    expect(templateOf(await options("SchemaRegistry"))).toMatchObject({ schemaRegistryUrls: ["https://HOST"] });
  });

  it("has the least role of a cluster", async () => {
    const { dbRoleToExecute } = templateOf(await options("Cluster"));
    expect(dbRoleToExecute).toEqual({ role: "readWriteAnyDatabase", type: "BUILT_IN" });
  });
});

it("says why a private link failed, and that one without a vendor is GENERIC", async () => {
  const links = session.sandbox.state.projects.get(groupId)?.privateLinks;
  links?.push({
    _id: "65f1c2500a1b2c3d4e5f60b9",
    provider: "AZURE",
    state: "FAILED",
    errorMessage: "No such endpoint",
  });
  const { privateLinks } = await options("Kafka", { tenantName: place.tenantName });
  links?.pop();
  expect(privateLinks).toEqual([
    confluent,
    failed,
    expect.objectContaining({ vendor: "GENERIC", errorMessage: "No such endpoint" }),
  ]);
});

describe("a choice", () => {
  it("that is ready goes into the template", async () => {
    const project = session.sandbox.state.projects.get(groupId);
    if (!project) throw new Error("no project");
    const before = project.awsIamRoles;
    project.awsIamRoles = [
      { iamAssumedRoleArn: "arn:aws:iam::1:role/waiting" },
      { iamAssumedRoleArn: "arn:aws:iam::1:role/ready", authorizedDate: "2024-03-14T09:30:00Z" },
    ];
    const { template } = await options("S3");
    project.awsIamRoles = before;
    expect(template).toMatchObject({ aws: { roleArn: "arn:aws:iam::1:role/ready" } });
  });

  it("that does not exist leaves a blank that says so, instead of an example's name", async () => {
    const result = await options("S3", { groupId: sandboxOtherProject.groupId });
    expect(result).toMatchObject({ awsRoles: [], privateLinks: [] });
    expect(JSON.stringify(result["template"])).not.toContain("123456789012");
    expect(blanksOf(result).map(({ path }) => path)).toContain("aws.roleArn");
  });
});

describe("the parts", () => {
  it("are asked for at the same time", async () => {
    session.sandbox.faults.add({ times: 9, fault: { kind: "delay", ms: 1500 } });
    const asked = options("AWSKinesisDataStreams");
    await vi.waitFor(() => expect(session.sandbox.requests).toHaveLength(3), { timeout: 10_000, interval: 5 });
    expect(session.sandbox.requests.map(({ status }) => status)).toEqual([undefined, undefined, undefined]);
    expect(await asked).toMatchObject({ outcome: "ok" });
  });

  it.each([
    ["Cluster", /\/clusters$/, "clusters", "customRoles"],
    ["S3", /\/cloudProviderAccess$/, "awsRoles", "privateLinks"],
    ["Kafka", /\/activeVpcPeeringConnections$/, "vpcPeerings", "privateLinks"],
  ])("of %s that fail are a warning beside those that worked", async (type, path, failing, working) => {
    session.sandbox.faults.add({
      path,
      times: 9,
      fault: { kind: "answer", status: 403, body: { detail: "Not for you" } },
    });
    const result = await options(type);
    expect(result).toMatchObject({
      isError: false,
      outcome: "ok",
      warnings: [expect.stringMatching(new RegExp(`${failing} could not be read.*Not for you`))],
      template: { type },
    });
    expect(result[working]).not.toEqual([]);
    expect(result).not.toHaveProperty(failing);
  });

  it("that all fail are a failure", async () => {
    session.sandbox.state.rights.set(groupId, "none");
    expect(await options("Cluster")).toMatchObject({ isError: true, error: { kind: "forbidden", status: 403 } });
  });

  it("of a project that is not there are a failure that names those that are", async () => {
    expect(await options("S3", { groupId: "0123456789abcdef01234567" })).toMatchObject({
      error: { kind: "not_found", fields: [{ path: "groupId" }], hint: expect.stringContaining("Shop") },
    });
  });
});
