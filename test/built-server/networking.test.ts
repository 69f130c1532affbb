/** Private links and VPC peerings: what is sent, at most once, what is foreseen, and how a wait goes on. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { pairs } from "../../src/private-links/union.ts";
import { apiPath } from "../../src/sandbox/api/routes.ts";
import { addPrivateLink, removePrivateLink } from "../../src/sandbox/data/networking.ts";
import { sandboxProject } from "../../src/sandbox/data/seed.ts";
import type { Entry, Project } from "../../src/sandbox/data/state.ts";
import { place } from "../support/against-sandbox.ts";
import { type Session, startSession } from "./session.ts";

const { groupId } = sandboxProject;
let session: Session;
let project: Project;
let seeded: Entry[];
beforeAll(async () => {
  session = await startSession({
    env: {
      ATLAS_STREAMS_MCP_TIMEOUT_MS: "1500",
      ATLAS_STREAMS_MCP_CHECK_MS: "400",
      ATLAS_STREAMS_MCP_READY_MS: "2000",
      ATLAS_STREAMS_SECRET_LINK: "vpce-svc-s3cret",
    },
  });
  const found = session.sandbox.state.projects.get(groupId);
  if (!found) throw new Error("The sandbox lost its project");
  project = found;
  seeded = project.privateLinks.map((link) => ({ ...link }));
  const onEveryCloud = ["AZURE", "GCP"].map((providerName) => ({
    name: `on-${providerName}`,
    replicationSpecs: [{ regionConfigs: [{ providerName }] }],
  }));
  project.clusters = [...project.clusters, ...onEveryCloud];
}, 60_000);
beforeEach(() => {
  project.privateLinks = seeded.map((link) => ({ ...link }));
  session.sandbox.state.readyAfterMs = 0;
});
afterEach(() => session.reset());
afterAll(() => session.close());

let ends = 0;
/** An end to which no other link of this file leads. */
const freshEnd = () => `com.amazonaws.vpce.us-east-1.vpce-svc-${String(++ends).padStart(17, "0")}`;
const toConfluent = (more: JsonObject = {}) => ({
  provider: "AWS",
  vendor: "CONFLUENT",
  region: "us-east-1",
  serviceEndpointId: freshEnd(),
  dnsDomain: "abc.us-east-1.aws.confluent.cloud",
  ...more,
});
const create = (privateLink: unknown, more: JsonObject = {}, options?: Parameters<Session["call"]>[2]) =>
  session.call("create_private_link", { groupId, privateLink, ...more }, options);
const networking = (more: JsonObject = {}) => session.call("get_stream_networking", { groupId, ...more });
const writes = () => session.sandbox.requests.filter(({ method }) => method !== "GET");

describe("get_stream_networking", () => {
  it("shows links with their states and why one failed, and the peerings that are active", async () => {
    expect(await networking()).toMatchObject({
      outcome: "ok",
      privateLinks: [
        { connectionId: "65f1c2500a1b2c3d4e5f60b1", provider: "AWS", vendor: "CONFLUENT", state: "DONE" },
        { vendor: "S3", region: "us-east-1", state: "WORKING" },
        { vendor: "MSK", state: "FAILED", errorMessage: expect.stringContaining("Multi-VPC") },
      ],
      vpcPeerings: [{ id: "65f1c2900a1b2c3d4e5f60c1", cloudStatus: "active", localStatus: "ACTIVE" }],
      warnings: [],
    });
  });

  it("shows the requests of an account, each peering once", async () => {
    const { vpcPeerings } = await networking({ requesterAccountId: "123456789012" });
    expect(vpcPeerings).toMatchObject([
      { id: "65f1c2900a1b2c3d4e5f60c1" },
      { id: "65f1c2900a1b2c3d4e5f60c2", cloudStatus: "pending-acceptance", requesterVpcId: "vpc-0f1e2d3c4b5a69781" },
    ]);
  });

  it.each([
    ["aws", "us-east-1", "US_EAST_1", { awsAccountId: "536727724300" }],
    ["AWS", "VIRGINIA_USA", "US_EAST_1", { vpcId: expect.any(String) }],
    ["AZURE", "eastus2", "US_EAST_2", { azureSubscriptionId: expect.any(String) }],
    ["GCP", "US_CENTRAL1", "CENTRAL_US", { gcpProjectId: expect.any(String) }],
  ])(
    "shows Atlas's account in %s %s, asked for in the clusters' spelling",
    async (cloudProvider, region, name, own) => {
      expect(await networking({ cloudProvider, region })).toMatchObject({
        account: { cidrBlock: "192.168.240.0/21", ...own },
      });
      const asked = session.sandbox.requests.find(({ path }) => path.endsWith("/accountDetails"));
      expect(asked?.query).toEqual({ cloudProvider: cloudProvider.toLowerCase(), regionName: name });
    },
  );

  it("tells a part that cannot be read beside those that can", async () => {
    session.sandbox.faults.add({
      path: /\/activeVpcPeeringConnections$/,
      times: 9,
      fault: { kind: "answer", status: 403, body: { detail: "Not for you" } },
    });
    const result = await networking({ region: "us-east-1" });
    expect(result).toMatchObject({
      outcome: "ok",
      privateLinks: [{}, {}, {}],
      warnings: [expect.stringMatching(/cloudProvider and region together/), expect.stringMatching(/Not for you/)],
    });
    expect(result).not.toHaveProperty("vpcPeerings");
  });

  it("of a project that is not there is a failure that names those that are", async () => {
    expect(await networking({ groupId: "0123456789abcdef01234567" })).toMatchObject({
      error: { kind: "not_found", fields: [{ path: "groupId" }], hint: expect.stringContaining("Shop") },
    });
  });
});

describe("create_private_link", () => {
  it.each(pairs.map((pair) => [pair.provider, pair.vendor, pair] as const))(
    "creates the example of %s %s, once",
    async (provider, vendor, { example, usedBy }) => {
      project.privateLinks = [];
      const link = { provider, vendor, ...example };
      const planned = await create(link, { dryRun: true });
      expect(planned).toMatchObject({ outcome: "planned", wouldBe: "created", warnings: [] });
      expect(writes()).toEqual([]);
      const created = await create(link);
      expect(created).toMatchObject({
        outcome: "created",
        privateLink: { connectionId: expect.stringMatching(/^[a-f0-9]{24}$/), provider, vendor, state: "DONE" },
        summary: expect.stringContaining(`create_stream_connection (${usedBy.type}, ${usedBy.field}.access`),
        warnings: [],
      });
      expect(Object(planned["request"]).body).toEqual(writes()[0]?.body);
      expect(await create(link)).toMatchObject({ outcome: "already_exists", privateLink: created["privateLink"] });
      expect(await create(link, { dryRun: true })).toMatchObject({ wouldBe: "already_exists" });
      expect(writes()).toHaveLength(1);
    },
  );

  it("sends the empty list of domains that Atlas wants, and the region in the cloud's spelling", async () => {
    await create(toConfluent({ region: "VIRGINIA_USA" }));
    expect(writes()[0]?.body).toMatchObject({ region: "us-east-1", dnsSubDomain: [] });
  });

  it("tells that it takes an hour, what a person does meanwhile, and how to look", async () => {
    session.sandbox.state.readyAfterMs = Number.POSITIVE_INFINITY;
    expect(await create(toConfluent())).toMatchObject({
      outcome: "created",
      privateLink: { state: "IDLE" },
      summary: expect.stringMatching(
        /Confluent Cloud.*look it up with get_stream_networking.*up to an hour: look whether it is DONE with get_stream_networking, then connect over it with create_stream_connection/,
      ),
    });
  });

  it("waits with progress, and a second call goes on waiting", async () => {
    session.sandbox.state.readyAfterMs = 600;
    const link = toConfluent();
    const told: string[] = [];
    const onprogress = ({ message = "" }: { message?: string | undefined }) => void told.push(message);
    await create(link);
    expect(await create(link, { waitUntilReady: true }, { onprogress })).toMatchObject({
      outcome: "already_exists",
      privateLink: { state: "DONE", interfaceEndpointId: expect.any(String) },
      warnings: [],
    });
    expect(told).toEqual(expect.arrayContaining([expect.stringMatching(/^State (IDLE|WORKING); waited/)]));
    expect(writes()).toHaveLength(1);
  });

  it("that is not done in time says so, and how to look", async () => {
    session.sandbox.state.readyAfterMs = Number.POSITIVE_INFINITY;
    expect(await create(toConfluent(), { waitUntilReady: true })).toMatchObject({
      outcome: "created",
      privateLink: { state: "IDLE" },
      warnings: [
        expect.stringMatching(/not ready within 2000 ms.*up to an hour: look again with get_stream_networking/),
      ],
    });
  });

  it("that fails is a failure that shows it and says why", async () => {
    const link = toConfluent({ dnsDomain: "broker.invalid" });
    expect(await create(link, { waitUntilReady: true })).toMatchObject({
      error: { kind: "atlas_error", hint: expect.stringContaining("delete_private_link") },
      privateLink: { state: "FAILED", errorMessage: expect.any(String) },
      summary: expect.stringContaining("Could not connect"),
    });
    // One that failed is not the same.
    expect(await create(link)).toMatchObject({
      outcome: "created",
      warnings: [expect.stringMatching(/FAILED.*delete_private_link/)],
    });
  });

  it("of an Enterprise cluster stops waiting where a person has to act", async () => {
    const { dnsDomain: _, ...link } = toConfluent();
    expect(await create(link, { waitUntilReady: true })).toMatchObject({
      outcome: "created",
      privateLink: { state: "WORKING", interfaceEndpointId: expect.any(String) },
      summary: expect.stringMatching(/interfaceEndpointId as an access point.*update_private_link/),
      warnings: [expect.stringContaining("Enterprise")],
    });
  });

  it("takes equal calls at once in turn, and makes one", async () => {
    const link = toConfluent();
    const results = await Promise.all([create(link), create(link), create(link)]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(["already_exists", "already_exists", "created"]);
    expect(writes()).toHaveLength(1);
  });

  it.each(["reset-after-acting", "silence-after-acting", "garbage-body"] as const)(
    "looks in the list for one whose answer is lost: %s",
    async (kind) => {
      const link = toConfluent();
      session.sandbox.faults.add({ method: "POST", path: /\/privateLinkConnections$/, fault: { kind } });
      expect(await create(link)).toMatchObject({
        outcome: "created",
        privateLink: { serviceEndpointId: link.serviceEndpointId },
        warnings: [expect.stringMatching(/so Atlas was asked: the private link is there as requested/)],
      });
      expect(writes()).toHaveLength(1);
    },
  );

  it("takes no old one for one whose answer is lost", async () => {
    const link = toConfluent({ dnsDomain: "broker.invalid" });
    await create(link);
    session.sandbox.faults.add({ method: "POST", fault: { kind: "reset-after-read" } });
    expect(await create(link)).toMatchObject({
      error: { kind: "network", retryable: true, hint: expect.stringContaining("no private link was created") },
    });
  });

  it("of which nobody can tell whether it happened says so", async () => {
    session.sandbox.faults.add({ method: "POST", fault: { kind: "reset-after-acting" } });
    session.sandbox.faults.add({
      method: "GET",
      path: /\/privateLinkConnections$/,
      after: { method: "POST", path: /\/privateLinkConnections$/ },
      times: 99,
      fault: { kind: "answer", status: 500 },
    });
    expect(await create(toConfluent())).toMatchObject({ error: { kind: "unknown_outcome", retryable: true } });
  });

  it("of the end of one that is being deleted waits, or says to", async () => {
    const link = toConfluent();
    const { privateLink } = await create(link);
    const stored = project.privateLinks.find(({ _id }) => _id === Object(privateLink).connectionId);
    if (!stored) throw new Error("It was not created");
    const leaving = {
      error: { kind: "conflict", retryable: true, hint: expect.stringMatching(/until it is gone.*waitUntilReady/) },
    };
    removePrivateLink(project, stored, Number.POSITIVE_INFINITY);
    expect(await create(link)).toMatchObject(leaving);
    expect(await create(link, { dryRun: true })).toMatchObject({ wouldBe: "conflict" });
    stored["state"] = "DONE";
    removePrivateLink(project, stored, 300);
    expect(await create(link, { waitUntilReady: true })).toMatchObject({ outcome: "created" });
    expect(writes()).toHaveLength(2);
  });

  it("that Atlas refuses as one that exists names the one in the way", async () => {
    session.sandbox.faults.add({
      method: "POST",
      fault: {
        kind: "answer",
        status: 400,
        body: {
          error: 400,
          errorCode: "STREAM_PRIVATE_LINK_ALREADY_EXISTS",
          detail: "It exists.",
          reason: "Bad Request",
        },
      },
    });
    const link = { provider: "AWS", vendor: "MSK", arn: String(seeded[2]?.["arn"]) };
    expect(await create(link)).toMatchObject({
      error: { kind: "conflict", status: 400, hint: expect.stringMatching(/60b3.*FAILED.*delete_private_link/) },
      privateLink: { connectionId: "65f1c2500a1b2c3d4e5f60b3" },
    });
  });

  it("tells one without a vendor as a possible one", async () => {
    const link = toConfluent();
    const { vendor: _, ...generic } = link;
    addPrivateLink(project, generic, { readyAfterMs: 0 });
    expect(await create(link, { dryRun: true })).toMatchObject({
      wouldBe: "created",
      warnings: [expect.stringMatching(/same end and shows no vendor/)],
    });
  });

  it("without a cluster on the cloud may be refused, which a dry run tells and a hint explains", async () => {
    const { clusters } = project;
    project.clusters = [];
    const link = toConfluent();
    const planned = await create(link, { dryRun: true });
    const refused = await create(link);
    project.clusters = clusters;
    expect(planned).toMatchObject({ outcome: "planned", warnings: [expect.stringMatching(/no cluster on AWS/)] });
    expect(planned).not.toHaveProperty("wouldBe");
    expect(refused).toMatchObject({ error: { kind: "bad_request", hint: expect.stringContaining("network peering") } });
  });

  it("has equivalents, in which nothing secret stands", async () => {
    const link = { provider: "AWS", vendor: "S3", region: "us-east-1", serviceEndpointId: "x.vpce-svc-s3cret" };
    const planned = await create(link, { dryRun: true });
    expect(JSON.stringify(planned)).not.toContain("vpce-svc-s3cret");
    const { curl, atlasCli, terraform } = Object(planned["equivalents"]);
    expect(curl).toMatch(/--request POST .*privateLinkConnections/s);
    expect(atlasCli).toContain(`atlas streams privateLinks create --projectId ${groupId} --file`);
    expect(terraform).toMatch(/resource "mongodbatlas_stream_privatelink_endpoint".*provider_name +=.*var\./s);
  });

  it("refuses what a pair lacks or must not have, all at once, and sends nothing", async () => {
    expect(await create({ provider: "AWS", vendor: "MSK", region: "eu-west-1" })).toMatchObject({
      error: {
        kind: "invalid_input",
        fields: [
          { path: "privateLink.region", message: expect.stringContaining("cannot be given for AWS MSK") },
          { path: "privateLink.arn", message: expect.stringContaining("is required") },
        ],
      },
    });
    expect(writes()).toEqual([]);
  });
});

describe("a create of a private link that is cancelled", () => {
  it("is known before the next one looks what is there", async () => {
    session.sandbox.faults.add({ method: "POST", times: 1, fault: { kind: "delay", ms: 300 } });
    const privateLink = toConfluent();
    const controller = new AbortController();
    const cancelled = session.call("create_private_link", { groupId, privateLink }, controller);
    await vi.waitFor(() => expect(writes()).toHaveLength(1), { interval: 5 });
    controller.abort();
    await expect(cancelled).rejects.toThrow();
    expect(await create(privateLink)).toMatchObject({ outcome: "already_exists" });
    expect(writes()).toHaveLength(1);
  });
});

describe("update_private_link", () => {
  const update = (connectionId: unknown, dnsDomain: string, more: JsonObject = {}) =>
    session.call("update_private_link", { groupId, connectionId, dnsDomain, ...more });
  const domain = "ap1.us-east-1.aws.accesspoint.confluent.cloud";

  it("sets the domain of one that waits for it, once", async () => {
    const { dnsDomain: _, ...link } = toConfluent();
    const connectionId = Object((await create(link))["privateLink"]).connectionId;
    expect(await update(connectionId, domain, { dryRun: true })).toMatchObject({
      outcome: "planned",
      wouldBe: "updated",
      request: { method: "PATCH", body: { dnsDomain: domain } },
    });
    expect(await update(connectionId, domain)).toMatchObject({
      outcome: "updated",
      changes: [{ path: "dnsDomain", after: domain }],
      privateLink: { connectionId, dnsDomain: domain },
    });
    // Atlas shows it with a dot at its end.
    const stored = project.privateLinks.find(({ _id }) => _id === connectionId);
    Object.assign(stored ?? {}, { dnsDomain: `${domain}.` });
    expect(await update(connectionId, domain)).toMatchObject({ outcome: "unchanged" });
    expect(writes().map(({ method }) => method)).toEqual(["POST", "PATCH"]);
    expect(await networking()).toMatchObject({
      privateLinks: expect.arrayContaining([expect.objectContaining({ connectionId, state: "DONE" })]),
    });
  });

  it("looks for one whose answer is lost", async () => {
    const { dnsDomain: _, ...link } = toConfluent();
    const connectionId = Object((await create(link))["privateLink"]).connectionId;
    session.sandbox.faults.add({ method: "PATCH", fault: { kind: "reset-after-acting" } });
    expect(await update(connectionId, domain)).toMatchObject({
      outcome: "updated",
      warnings: [expect.stringContaining("so Atlas was asked: the private link is now as requested")],
    });
  });

  it("refuses what Atlas would: a domain that is set, and a link that is not there", async () => {
    const done = "65f1c2500a1b2c3d4e5f60b1";
    const fixed = { error: { kind: "conflict", hint: expect.stringContaining("create_private_link") } };
    expect(await update(done, domain)).toMatchObject(fixed);
    expect(await update(done, domain, { dryRun: true })).toMatchObject({ wouldBe: "conflict" });
    expect(await update("0123456789abcdef01234567", domain)).toMatchObject({
      error: { kind: "not_found", fields: [{ path: "connectionId" }], hint: expect.stringContaining(done) },
    });
    expect(writes()).toEqual([]);
  });
});

describe("delete_private_link", () => {
  const remove = (connectionId: unknown, more: JsonObject = {}) =>
    session.call("delete_private_link", { groupId, connectionId, ...more });
  const idOf = ({ privateLink }: JsonObject): string => Object(privateLink).connectionId;

  it("wants the id again, and deletes it once", async () => {
    const id = idOf(await create(toConfluent()));
    expect(await remove(id)).toMatchObject({
      error: { kind: "invalid_input", fields: [{ path: "confirm", message: expect.stringContaining("id") }] },
    });
    expect(await remove(id, { dryRun: true })).toMatchObject({
      wouldBe: "deleted",
      warnings: [expect.stringMatching(/Ask the person/)],
    });
    expect(await remove(id, { confirm: id })).toMatchObject({ outcome: "deleted" });
    expect(await remove(id, { confirm: id })).toMatchObject({ outcome: "not_found" });
    expect(session.sent("DELETE")).toHaveLength(1);
  });

  it("is refused while connections use it, which it names", async () => {
    const connectionId = idOf(await create(toConfluent()));
    const networking = { access: { type: "PRIVATE_LINK" as const, connectionId } };
    const stored = session.put({
      name: "over-the-link",
      type: "Kafka",
      bootstrapServers: "b:9092",
      networking,
    } as const);
    const usedBy = [{ tenantName: place.tenantName, connectionName: "over-the-link" }];
    const confirm = { confirm: connectionId };
    expect(await remove(connectionId, confirm)).toMatchObject({
      error: { kind: "conflict", hint: expect.stringContaining("delete_stream_connection") },
      usedBy,
      summary: expect.stringContaining("clickstream/over-the-link"),
    });
    expect(await remove(connectionId, { dryRun: true })).toMatchObject({ wouldBe: "conflict", usedBy });
    expect(session.sent("DELETE")).toEqual([]);
    // Where it cannot be read who uses it, Atlas refuses it.
    session.sandbox.faults.add({ path: /\/connections$/, times: 9, fault: { kind: "answer", status: 403, body: {} } });
    expect(await remove(connectionId, confirm)).toMatchObject({
      error: { kind: "conflict", errorCode: "STREAM_PRIVATE_LINK_IN_USE", status: 400 },
      warnings: expect.arrayContaining([expect.stringMatching(/could not be read/)]),
    });
    const workspace = session.sandbox.state.workspace(place.groupId, place.tenantName);
    workspace?.connections.delete(stored.body.name);
  });

  it("goes on where Atlas takes its time, and says so", async () => {
    const id = idOf(await create(toConfluent()));
    session.sandbox.state.oddities.deletingMs = 60_000;
    const result = await remove(id, { confirm: id });
    session.sandbox.state.oddities.deletingMs = 40;
    expect(result).toMatchObject({
      outcome: "deleted",
      warnings: [expect.stringMatching(/goes on with it \(state DELETE_REQUESTED\)\.$/)],
    });
  }, 30_000);

  it("whose answer is lost is looked for", async () => {
    const id = idOf(await create(toConfluent()));
    session.sandbox.faults.add({ method: "DELETE", fault: { kind: "reset-after-acting" } });
    expect(await remove(id, { confirm: id })).toMatchObject({ outcome: "deleted" });
    expect(session.sent("DELETE")).toHaveLength(1);
  });
});

describe("VPC peerings", () => {
  const pending = "65f1c2900a1b2c3d4e5f60c2";
  const active = "65f1c2900a1b2c3d4e5f60c1";
  const requester = { requesterAccountId: "123456789012", requesterVpcId: "vpc-0f1e2d3c4b5a69781" };
  const answer = (id: string, answer: string, more: JsonObject = {}) =>
    session.call("answer_vpc_peering", { groupId, id, answer, ...requester, ...more });
  let before: Entry[];
  beforeEach(() => {
    before = project.vpcPeerings.map((each) => ({ ...each }));
  });
  afterEach(() => {
    project.vpcPeerings = before;
  });

  it("are not said to be answered where something took the answer and passed nothing on", async () => {
    session.sandbox.faults.add({
      method: "POST",
      path: /:accept$/,
      times: 1,
      fault: { kind: "answer", status: 202, body: {} },
    });
    expect(await answer(pending, "accept")).toMatchObject({
      outcome: "failed",
      summary: expect.stringMatching(/pending-acceptance/),
      error: { kind: "unknown_outcome", retryable: true },
      vpcPeering: { id: pending, localStatus: "NONE" },
    });
    expect(await answer(pending, "accept")).toMatchObject({ outcome: "accepted" });
  });

  it("are accepted, once, with what Atlas wants to be told again", async () => {
    expect(await answer(pending, "accept", { dryRun: true })).toMatchObject({
      outcome: "planned",
      wouldBe: "accepted",
      request: { method: "POST", url: expect.stringMatching(/60c2:accept$/), body: requester },
    });
    expect(await answer(pending, "accept")).toMatchObject({
      outcome: "accepted",
      vpcPeering: { id: pending, localStatus: "ACTIVE", cloudStatus: "active" },
      warnings: [],
    });
    expect(await answer(pending, "accept")).toMatchObject({ outcome: "unchanged" });
    expect(await answer(pending, "reject")).toMatchObject({
      error: { kind: "conflict", hint: expect.stringContaining("delete_vpc_peering") },
    });
    expect(writes()).toHaveLength(1);
  });

  it("are rejected", async () => {
    expect(await answer(pending, "reject", { requesterVpcId: undefined })).toMatchObject({
      outcome: "rejected",
      vpcPeering: { cloudStatus: "rejected" },
    });
    expect(await answer(pending, "reject")).toMatchObject({ outcome: "unchanged" });
    expect(await answer(pending, "accept", { dryRun: true })).toMatchObject({ wouldBe: "conflict" });
  });

  it("are known by their name in AWS, too", async () => {
    expect(await answer("pcx-0a1b2c3d4e5f60722", "accept")).toMatchObject({
      outcome: "accepted",
      warnings: [expect.stringContaining(pending)],
    });
  });

  it("are answered as the person expects them only", async () => {
    expect(await answer(pending, "accept", { requesterVpcId: "vpc-other" })).toMatchObject({
      error: { kind: "invalid_input", fields: [{ path: "requesterVpcId" }] },
    });
    expect(await answer(pending, "accept", { requesterVpcId: undefined })).toMatchObject({
      error: {
        kind: "invalid_input",
        fields: [{ path: "requesterVpcId", message: expect.stringContaining("to accept") }],
      },
    });
    expect(writes()).toEqual([]);
  });

  it("that the lists do not show are left to Atlas", async () => {
    const unknown = "0123456789abcdef01234567";
    expect(await answer(unknown, "accept")).toMatchObject({ error: { kind: "not_found", status: 404 } });
    const planned = await answer(unknown, "accept", { dryRun: true });
    expect(planned).toMatchObject({ outcome: "planned", warnings: [expect.stringContaining("only Atlas can tell")] });
    expect(planned).not.toHaveProperty("wouldBe");
  });

  it("whose answer is lost are looked for in the lists", async () => {
    session.sandbox.faults.add({ method: "POST", fault: { kind: "reset-after-acting" } });
    expect(await answer(pending, "accept")).toMatchObject({
      outcome: "accepted",
      warnings: [expect.stringContaining("so Atlas was asked: the VPC peering was accepted")],
    });
  });

  it("are deleted, once their id is repeated", async () => {
    const remove = (id: string, more: JsonObject = {}) => session.call("delete_vpc_peering", { groupId, id, ...more });
    expect(await remove(active)).toMatchObject({ error: { kind: "invalid_input" } });
    expect(await remove(active, { dryRun: true })).toMatchObject({ wouldBe: "deleted" });
    expect(await remove(active, { confirm: active })).toMatchObject({ outcome: "deleted", vpcPeering: { id: active } });
    expect(await remove(active, { confirm: active })).toMatchObject({ outcome: "not_found" });
    // One that is not active is not listed by itself.
    expect(await remove(pending, { dryRun: true })).not.toHaveProperty("wouldBe");
    expect(await remove(pending, { confirm: pending })).toMatchObject({
      outcome: "deleted",
      warnings: [expect.stringContaining("cannot be read")],
    });
    session.sandbox.faults.add({ method: "DELETE", fault: { kind: "reset-after-read" } });
    expect(await remove(pending, { confirm: pending })).toMatchObject({ error: { kind: "unknown_outcome" } });
  });
});

describe("apply_stream_pipeline with privateLinks", () => {
  let plans = 0;
  /** A plan of a link, a connection over it, and nothing that runs. */
  function planned(more: JsonObject = {}, connectionId = "link:brokers") {
    const name = `over-${++plans}`;
    return {
      name,
      args: {
        ...place,
        privateLinks: [{ as: "brokers", ...toConfluent() }],
        connections: [
          {
            name,
            type: "Kafka",
            bootstrapServers: "b:9092",
            networking: { access: { type: "PRIVATE_LINK", connectionId } },
          },
        ],
        ...more,
      },
    };
  }
  const apply = (args: JsonObject, more: JsonObject = {}) =>
    session.call("apply_stream_pipeline", { ...args, ...more });
  const linkIdOf = (name: string) => session.sandbox.state.connection(place.groupId, place.tenantName, name)?.body;

  it("plans the link and the connection, makes both, and has nothing left to do then", async () => {
    // The second call sees what the first one has made.
    session.sandbox.makeOdd(`${apiPath}/groups/${place.groupId}/streams/${place.tenantName}/`, { hiddenMs: 0 });
    const { name, args } = planned();
    expect(await apply(args)).toMatchObject({
      wouldBe: "applied",
      plan: [
        { action: "create", kind: "privateLink", name: "brokers" },
        { action: "create", kind: "connection", name },
      ],
      warnings: [],
    });
    expect(writes()).toEqual([]);
    const applied = await apply(args, { dryRun: false });
    expect(applied).toMatchObject({
      outcome: "applied",
      plan: [{ result: "done" }, { result: "done" }],
      privateLinks: [{ name: "brokers", connectionId: expect.any(String), state: "DONE" }],
      connections: [{ name }],
    });
    const [{ connectionId }] = Object(applied)["privateLinks"];
    expect(linkIdOf(name)).toMatchObject({ networking: { access: { connectionId } } });
    expect(await apply(args, { dryRun: false })).toMatchObject({
      outcome: "applied",
      plan: [{ action: "none" }, { action: "none" }],
    });
    expect(writes()).toHaveLength(2);
  });

  it("waits until the limit, says to call again, and goes on then", async () => {
    session.sandbox.state.readyAfterMs = Number.POSITIVE_INFINITY;
    const { args } = planned();
    const limited = {
      error: { kind: "timeout", retryable: true, hint: expect.stringMatching(/call again with the same arguments/) },
      plan: [
        { kind: "privateLink", result: "failed" },
        { kind: "connection", result: "skipped" },
      ],
      privateLink: { state: "IDLE" },
    };
    expect(await apply(args, { dryRun: false })).toMatchObject(limited);
    expect(await apply(args, { dryRun: false })).toMatchObject({
      error: limited.error,
      summary: expect.stringContaining("The wait for the private link"),
    });
    session.sandbox.state.readyAfterMs = 0;
    const link = project.privateLinks.at(-1);
    Object.assign(link ?? {}, { state: "DONE" });
    expect(await apply(args, { dryRun: false })).toMatchObject({
      outcome: "applied",
      plan: [{ action: "none" }, { action: "create", result: "done" }],
    });
    expect(writes()).toHaveLength(2);
  });

  it("makes one of each where two equal plans are carried out at once", async () => {
    const { args } = planned();
    const both = await Promise.all([apply(args, { dryRun: false }), apply(args, { dryRun: false })]);
    expect(both.map(({ outcome }) => outcome)).toEqual(["applied", "applied"]);
    expect(writes().filter(({ path }) => path.endsWith("/privateLinkConnections"))).toHaveLength(1);
  });

  it("tells how a link that is there differs, and uses it", async () => {
    const link = toConfluent({ dnsDomain: "before.us-east-1.aws.confluent.cloud" });
    addPrivateLink(project, link, { readyAfterMs: 0 });
    const { args } = planned({ privateLinks: [{ as: "brokers", ...link, dnsDomain: "after.example.com" }] });
    expect(await apply(args)).toMatchObject({
      plan: [{ action: "none", name: "brokers" }, { action: "create" }],
      warnings: [expect.stringMatching(/dnsDomain.*before.*not the one requested/)],
    });
  });

  it("names what is wrong with links and with what refers to them", async () => {
    const { args } = planned({}, "link:broker");
    const wrong = {
      ...args,
      privateLinks: [
        { as: "brokers", ...toConfluent() },
        { provider: "AWS", vendor: "MSK" },
      ],
    };
    const { error } = await apply(wrong);
    expect(error?.fields).toEqual(
      expect.arrayContaining([
        { path: "privateLinks[1].as", message: expect.stringContaining("is required") },
        { path: "privateLinks[1].arn", message: expect.stringContaining("AWS MSK needs it") },
        {
          path: "connections[0].networking.access.connectionId",
          message: expect.stringMatching(/names a private link that this plan does not have.*brokers/),
        },
      ]),
    );
  });

  it("calls a connection that goes another way in the way", async () => {
    const { name, args } = planned();
    session.put({ name, type: "Kafka", bootstrapServers: "b:9092" });
    const obstacle = expect.stringMatching(/the private link "brokers" of this plan, which is not there yet/);
    expect(await apply(args, { dryRun: false })).toMatchObject({
      error: {
        kind: "conflict",
        fields: [{ path: "connections[0].networking.access.connectionId", message: obstacle }],
      },
    });
    expect(await apply(args)).toMatchObject({ wouldBe: "conflict" });
    expect(writes()).toEqual([]);
  });

  it("tells a link that failed in its own words", async () => {
    const { args } = planned({ privateLinks: [{ as: "brokers", ...toConfluent({ dnsDomain: "broker.invalid" }) }] });
    expect(await apply(args, { dryRun: false })).toMatchObject({
      error: { kind: "atlas_error", hint: expect.stringContaining("delete_private_link") },
      plan: [{ result: "failed" }, { result: "skipped" }],
      summary: expect.stringMatching(/^Step 1 of 2 failed \(create the private link "brokers"\).*Could not connect/),
    });
  });
});

describe("the roles", () => {
  it("that a create lacks are named", async () => {
    session.sandbox.state.rights.set(groupId, "read");
    const result = await create(toConfluent());
    session.sandbox.state.rights.clear();
    expect(result).toMatchObject({
      error: { kind: "forbidden", hint: expect.stringContaining("Stream Processing Manager") },
    });
  });
});

it("a connection over a private link that is there is created", async () => {
  const { privateLink } = await create(toConfluent(), { waitUntilReady: true });
  const connection = {
    name: "private-kafka",
    type: "Kafka",
    bootstrapServers: "b:9092",
    networking: { access: { type: "PRIVATE_LINK", connectionId: Object(privateLink).connectionId } },
  };
  expect(await session.call("create_stream_connection", { ...place, connection })).toMatchObject({
    outcome: "created",
  });
});
