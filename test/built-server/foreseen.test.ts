/** A dry run of a create: what Atlas would say, as far as reading can tell, and the same create for other tools. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectionTypes } from "../../src/connections/union.ts";
import type { JsonObject } from "../../src/json.ts";
import { sandboxOtherProject } from "../../src/sandbox/data/seed.ts";
import { freshName, place } from "../support/against-sandbox.ts";
import { startServer } from "../support/server.ts";
import { type Session, startSession, stored } from "./session.ts";

const secretVariables = {
  ATLAS_STREAMS_SECRET_KAFKA_PASSWORD: "kafka-s3cret",
  ATLAS_STREAMS_SECRET_HOOK_AUTH: "hook-s3cret",
  ATLAS_STREAMS_SECRET_REGISTRY_PASSWORD: "registry-s3cret",
};

let session: Session;
beforeAll(async () => {
  session = await startSession({
    env: secretVariables,
    secrets: [...Object.values(secretVariables), "inline-s3cret"],
  });
}, 60_000);
afterEach(() => {
  session.sandbox.state.rights.clear();
  expect(session.sandbox.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  session.reset();
});
afterAll(() => session.close());

const plan = (connection: JsonObject, more: JsonObject = {}) =>
  session.call("create_stream_connection", { ...place, dryRun: true, connection, ...more });

const hook = (name = freshName()) => ({ name, type: "Https" as const, url: "https://a.example.com" });
const cluster = (more: JsonObject = {}) => ({
  name: freshName(),
  type: "Cluster",
  clusterName: "Cluster0",
  dbRoleToExecute: { role: "atlasAdmin", type: "BUILT_IN" },
  ...more,
});
const arn = (role: string) => `arn:aws:iam::123456789012:role/${role}`;
const s3 = (roleArn: string, more: JsonObject = {}) => ({ name: freshName(), type: "S3", aws: { roleArn }, ...more });
const linked = (connectionId: string) => ({ networking: { access: { type: "PRIVATE_LINK", connectionId } } });

describe("a dry run of what Atlas would take", () => {
  it.each(connectionTypes)("of the type $type has nothing to warn of, and the create then works", async (type) => {
    const connection: JsonObject = { name: freshName(), type: type.type, ...type.example };
    if (type.type === "GCPPubSub") connection["gcp"] = { serviceAccountId: gcpAccount() };
    const result = await plan(connection);
    expect(result).toMatchObject({ isError: false, outcome: "planned", wouldBe: "created", warnings: [] });
    expect(JSON.stringify(result)).not.toMatch(/was sent/i);
    expect(stored(session.sandbox, String(connection["name"]))).toBeUndefined();
    const created = await session.call("create_stream_connection", { ...place, connection });
    expect(created).toMatchObject({ outcome: "created" });
    session.sandbox.requests.length = 0;
  });
});

function gcpAccount(): unknown {
  return session.sandbox.state.projects.get(place.groupId)?.gcpServiceAccounts[0]?.["gcpServiceAccountForAtlas"];
}

describe("a dry run warns", () => {
  it("that the same connection is there already", async () => {
    const connection = hook();
    session.put(connection);
    expect(await plan(connection)).toMatchObject({
      outcome: "planned",
      wouldBe: "already_exists",
      summary: expect.stringMatching(/^Would find .* already there, as requested; nothing was created/),
      warnings: [expect.stringMatching(/is already there and is the one requested.*already_exists/)],
    });
  });

  it("that secrets of one that is there already could not be compared", async () => {
    const connection = {
      name: freshName(),
      type: "Kafka" as const,
      bootstrapServers: "b1.example.com:9092",
      authentication: { mechanism: "PLAIN", username: "u", password: "inline-s3cret" },
    };
    session.put(connection);
    expect(await plan(connection)).toMatchObject({
      wouldBe: "already_exists",
      warnings: [
        expect.stringContaining("already_exists"),
        expect.stringMatching(/authentication\.password.*update_stream_connection/),
      ],
    });
  });

  it("that the name belongs to another connection, and in what that differs", async () => {
    const connection = hook();
    session.put({ ...connection, url: "https://another.example.com" });
    expect(await plan(connection)).toMatchObject({
      wouldBe: "conflict",
      summary: expect.stringMatching(/^Would fail to create .*conflict.*Nothing was created/),
      warnings: [expect.stringMatching(/differs in url.*conflict.*get_stream_connection/)],
    });
  });

  it.each<[string, JsonObject, RegExp]>([
    ["a workspace, with the nearest", { tenantName: "clickstreem" }, /no workspace "clickstreem".*clickstream.*list_/],
    [
      "a project, with those there are",
      { groupId: "0123456789abcdef01234567" },
      /no project 0123.*Shop.*list_projects/,
    ],
  ])("of %s, that is not there", async (_, where, warning) => {
    const { outcome, wouldBe, warnings } = await plan(hook(), where);
    expect([outcome, wouldBe]).toEqual(["planned", "not_found"]);
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });

  it.each<[string, JsonObject, RegExp | undefined]>([
    ["is in the project", {}, undefined],
    [
      "is not in the project",
      { clusterName: "Cluster1" },
      /clusterName: the project .* has no "Cluster1" among its clusters.*Did you mean "Cluster0".*get_connection_options/,
    ],
    [
      "is in another project that is named",
      { clusterName: "Lab0", clusterGroupId: sandboxOtherProject.groupId },
      undefined,
    ],
    [
      "is not in the other project that is named",
      { clusterGroupId: sandboxOtherProject.groupId },
      new RegExp(`the project ${sandboxOtherProject.groupId} has no "Cluster0"`),
    ],
    ["has null for another project", { clusterGroupId: null }, undefined],
  ])("of a cluster that %s as it should", async (_, more, warning) => {
    const { warnings } = await plan(cluster(more));
    expect(warnings).toEqual(warning ? [expect.stringMatching(warning)] : []);
  });

  it.each<[string, string, JsonObject, RegExp | undefined]>([
    ["is in the project", "streamWriter", {}, undefined],
    [
      "is not in the project",
      "streamWriters",
      {},
      /dbRoleToExecute\.role: .*"streamWriters" among its customRoles.*Did you mean "streamWriter".*get_connection_options/,
    ],
    [
      "is not in the other project that has the cluster",
      "streamWriter",
      { clusterName: "Lab0", clusterGroupId: sandboxOtherProject.groupId },
      new RegExp(`the project ${sandboxOtherProject.groupId} has no "streamWriter"`),
    ],
  ])("of a custom role that %s as it should", async (_, role, more, warning) => {
    const { warnings } = await plan(cluster({ dbRoleToExecute: { role, type: "CUSTOM" }, ...more }));
    expect(warnings).toEqual(warning ? [expect.stringMatching(warning)] : []);
  });

  it("of a role that is not registered, and of one that nobody authorized", async () => {
    const project = session.sandbox.state.projects.get(place.groupId);
    project?.awsIamRoles.push({ roleId: "1", iamAssumedRoleArn: arn("waiting") });
    const unknown = await plan(s3(arn("atlas-stream")));
    expect(unknown["warnings"]).toEqual([
      expect.stringMatching(
        /aws\.roleArn.*awsRoles.*Did you mean "[^"]*role\/atlas-streams".*get_connection_options for S3/,
      ),
    ]);
    const waiting = await plan(s3(arn("waiting")));
    expect(waiting["warnings"]).toEqual([
      expect.stringMatching(
        /^connection\.aws\.roleArn: .*not ready.*not authorized\): a person .*in Atlas.*get_connection_options/,
      ),
    ]);
    project?.awsIamRoles.pop();
  });

  it.each<[string, string, RegExp | undefined]>([
    ["DONE", "65f1c2500a1b2c3d4e5f60b1", undefined],
    ["not DONE yet", "65f1c2500a1b2c3d4e5f60b2", /connectionId.*not ready.*WORKING/],
    ["unknown", "65f1c2500a1b2c3d4e5f60bf", /connectionId.*privateLinks/],
  ])("of a private link that is %s as it should", async (_, id, warning) => {
    const { warnings } = await plan(s3(arn("atlas-streams"), linked(id)));
    expect(warnings).toEqual(warning ? [expect.stringMatching(warning)] : []);
  });

  it("of an Azure principal and a Pub/Sub account that the project does not have", async () => {
    const azure = { servicePrincipalId: "0", storageAccountName: "a" };
    const plans = await Promise.all([
      plan({ name: freshName(), type: "AzureBlobStorage", azure }),
      plan({ name: freshName(), type: "GCPPubSub", gcp: { serviceAccountId: "a@b.iam.gserviceaccount.com" } }),
    ]);
    expect(plans.map(({ warnings }) => warnings)).toEqual([
      [expect.stringContaining("azureServicePrincipals")],
      [expect.stringContaining("gcpServiceAccounts")],
    ]);
  });

  it("once that it could not check, where the credentials may not read", async () => {
    session.sandbox.state.rights.set(place.groupId, "none");
    const { outcome, wouldBe, warnings } = await plan(s3(arn("atlas-streams"), linked("65f1c2500a1b2c3d4e5f60b1")));
    expect([outcome, wouldBe]).toEqual(["planned", "forbidden"]);
    expect(warnings).toEqual([expect.stringMatching(/Not everything could be checked.*403/)]);
  });

  it("of one thing beside another that could not be read", async () => {
    session.sandbox.faults.add({ path: /\/clusters$/, times: 9, fault: { kind: "answer", status: 403, body: {} } });
    const connection = cluster({ name: "taken" });
    session.put(hook("taken"));
    expect(await plan(connection)).toMatchObject({
      wouldBe: "conflict",
      warnings: [expect.stringContaining("conflict"), expect.stringContaining("Not everything could be checked")],
    });
  });

  it("that nothing could be checked, where there are no credentials", async () => {
    const bare = await startServer({ MONGODB_ATLAS_BASE_URL: session.sandbox.url });
    const result = await bare.create({ ...place, dryRun: true, connection: hook() });
    await bare.close();
    expect(result).toMatchObject({
      isError: false,
      outcome: "planned",
      wouldBe: "configuration",
      warnings: [expect.stringMatching(/no credentials/)],
    });
    expect(session.sandbox.requests).toEqual([]);
  });
});

describe("the same create for other tools", () => {
  it("is small for a Sample, which needs nothing of what secrets need", async () => {
    const result = await plan({ name: "sample_stream_solar", type: "Sample" });
    expect(result["equivalents"]).toMatchObject({ curl: expect.not.stringContaining("escape") });
    expect(JSON.stringify(result).length).toBeLessThan(2_500);
  });

  it("names every secret by a variable, in all three forms", async () => {
    const { equivalents } = await plan({
      name: "orders",
      type: "Kafka",
      bootstrapServers: "b1.example.com:9092",
      authentication: {
        mechanism: "PLAIN",
        username: "${env:ATLAS_STREAMS_SECRET_KAFKA_PASSWORD}",
        password: "inline-s3cret",
      },
    });
    expect(equivalents).toEqual({
      curl: expect.stringMatching(/ORDERS_AUTHENTICATION_PASSWORD.*\bcurl /s),
      atlasCli: expect.stringMatching(/ORDERS_AUTHENTICATION_PASSWORD.*atlas streams connections create/s),
      terraform: expect.stringMatching(/var\.orders_authentication_username.*var\.orders_authentication_password/s),
    });
  });
});
