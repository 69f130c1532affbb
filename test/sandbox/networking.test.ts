import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  acceptPeering,
  createPrivateLink,
  deletePeering,
  deletePrivateLink,
  getAccountDetails,
  getPrivateLink,
  listActivePeerings,
  listPeeringRequests,
  listPrivateLinks,
  rejectPeering,
  updatePrivateLink,
} from "../../src/atlas/endpoints.ts";
import { isObject, type JsonObject } from "../../src/json.ts";
import { pairs, titleOf } from "../../src/private-links/union.ts";
import { sandboxProject } from "../../src/sandbox/data/seed.ts";
import { holdTime } from "../support/fake-clock.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { at, type Got, perform } from "./atlas-client.ts";
import { undescribedIn } from "./described-answers.ts";

const { groupId } = sandboxProject;
const READY_MS = 1_000;

let sandbox: Sandbox;
let pass: ReturnType<typeof holdTime>;
beforeEach(async () => {
  sandbox = await startSandbox({ readyAfterMs: READY_MS, oddities: { hiddenMs: 300 } });
  pass = holdTime();
});
afterEach(() => sandbox.close());

/** Sends one of the server's own requests, whose answer has to be as the API description has it. */
async function send(request: Parameters<typeof perform>[1], template: string): Promise<Got> {
  const got = await perform(sandbox, request);
  expect(undescribedIn(request.method, `/groups/{groupId}/streams/${template}`, got)).toEqual([]);
  return got;
}

const links = "privateLinkConnections";
const create = (body: unknown) => send(createPrivateLink(groupId, body), links);
const list = async (): Promise<JsonObject[]> => {
  const { body } = await send(listPrivateLinks(groupId)(1), links);
  const results = at(body, "results");
  return Array.isArray(results) ? results.filter(isObject) : [];
};
const show = (id: string) => send(getPrivateLink(groupId, id), `${links}/{connectionId}`);
const change = (id: string, body: unknown) => send(updatePrivateLink(groupId, id, body), `${links}/{connectionId}`);
const remove = (id: string) => send(deletePrivateLink(groupId, id), `${links}/{connectionId}`);
const stateOf = async (id: string) => at((await show(id)).body, "state");

const s3 = { provider: "AWS", vendor: "S3", region: "eu-west-1", serviceEndpointId: "com.amazonaws.eu-west-1.s3" };

const msk = { provider: "AWS", vendor: "MSK", arn: "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/1" };

/** Creates a private link that can be found. */
async function made(body: unknown): Promise<string> {
  const id = String(at((await create(body)).body, "_id"));
  pass(300);
  return id;
}

describe("the create of a private link", () => {
  test.each(pairs.map((pair) => [titleOf(pair), pair] as const))("takes what %s needs", async (_, pair) => {
    const { provider, vendor, example } = pair;
    const project = sandbox.state.projects.get(groupId);
    if (project) project.privateLinks = [];
    const config = at(project?.clusters[0], "replicationSpecs", 0, "regionConfigs", 0);
    if (isObject(config)) config["providerName"] = provider;
    const { status, body } = await create({ provider, vendor, ...example });
    expect([status, body]).toEqual([200, expect.objectContaining({ provider, ...example })]);
  });

  test("answers with neither the state nor the vendor, and hides it at first", async () => {
    const { body } = await create(s3);
    expect(body).toEqual({
      _id: expect.stringMatching(/^[0-9a-f]{24}$/),
      provider: "AWS",
      region: "eu-west-1",
      serviceEndpointId: s3.serviceEndpointId,
    });
    const id = String(at(body, "_id"));
    expect((await list()).map(({ _id }) => _id)).not.toContain(id);
    expect(await show(id)).toMatchObject({ status: 404, body: { errorCode: "STREAM_PRIVATE_LINK_NOT_FOUND" } });
    pass(300);
    expect(await list()).toContainEqual(expect.objectContaining({ _id: id, vendor: "S3", state: "IDLE" }));
  });

  test("has it IDLE, WORKING and DONE, with what was made", async () => {
    const id = await made(s3);
    expect(await stateOf(id)).toBe("IDLE");
    pass(READY_MS / 2);
    expect(await stateOf(id)).toBe("WORKING");
    pass(READY_MS / 2);
    expect((await show(id)).body).toMatchObject({
      state: "DONE",
      interfaceEndpointId: expect.stringMatching(/^vpce-/),
      providerAccountId: expect.stringMatching(/^\d{12}$/),
    });
  });

  test("has one to nowhere fail, with the reason", async () => {
    const id = await made({ ...s3, serviceEndpointId: "com.amazonaws.eu-west-1.invalid" });
    pass(READY_MS);
    pass(READY_MS);
    expect((await show(id)).body).toMatchObject({ state: "FAILED", errorMessage: expect.stringMatching(/invalid/) });
  });

  test("waits for Confluent's domain", async () => {
    const endpoint = "com.amazonaws.vpce.us-east-1.vpce-svc-0123";
    const id = await made({
      provider: "AWS",
      vendor: "CONFLUENT",
      region: "us-east-1",
      serviceEndpointId: endpoint,
    });
    pass(READY_MS);
    pass(READY_MS);
    expect((await show(id)).body).toMatchObject({
      state: "WORKING",
      interfaceEndpointId: expect.stringMatching(/^vpce-/),
    });
    expect((await change(id, { dnsDomain: "abc.us-east-1.aws.confluent.cloud" })).status).toBe(200);
    pass(READY_MS);
    expect(await stateOf(id)).toBe("DONE");
  });

  test("refuses the same a second time, also while it is hidden", async () => {
    await create(s3);
    expect(await create(s3)).toMatchObject({ status: 400, body: { errorCode: "STREAM_PRIVATE_LINK_ALREADY_EXISTS" } });
  });

  test.each([
    ["a vendor of another cloud", { provider: "AWS", vendor: "PUBSUB", region: "us-central1" }],
    ["a field that is missing", { provider: "AWS", vendor: "S3", region: "us-east-1" }],
    ["a field that the pair never has", { ...msk, region: "eu-west-1" }],
  ])("refuses %s", async (_, body) => {
    expect((await create(body)).status).toBe(400);
  });

  test("refuses a cloud on which the project has no cluster", async () => {
    expect(await create({ provider: "GCP", vendor: "PUBSUB", region: "us-central1" })).toMatchObject({
      status: 400,
      body: { errorCode: "VALIDATION_ERROR", detail: expect.stringMatching(/must have an Atlas Cluster on GCP/) },
    });
  });
});

describe("the domain of a private link", () => {
  test("can be changed while it is IDLE, and not once it is DONE", async () => {
    const endpoint = "com.amazonaws.vpce.us-east-1.vpce-svc-0123";
    const id = await made({
      provider: "AWS",
      vendor: "CONFLUENT",
      region: "us-east-1",
      serviceEndpointId: endpoint,
      dnsDomain: "a.example.com",
    });
    expect((await change(id, { dnsDomain: "b.example.com" })).body).toMatchObject({ dnsDomain: "b.example.com" });
    pass(READY_MS);
    pass(READY_MS);
    expect(await change(id, { dnsDomain: "c.example.com" })).toMatchObject({
      status: 400,
      body: { errorCode: "VALIDATION_ERROR" },
    });
  });

  test("is all that can be changed", async () => {
    const id = await made(s3);
    expect((await change(id, { dnsDomain: "a.example.com", region: "us-east-1" })).status).toBe(400);
  });
});

describe("the deletion of a private link", () => {
  test("goes by DELETE_REQUESTED and DELETING until it is gone", async () => {
    const id = await made(s3);
    const { deletingMs } = sandbox.state.oddities;
    expect((await remove(id)).status).toBe(202);
    expect(await stateOf(id)).toBe("DELETE_REQUESTED");
    pass(deletingMs / 2);
    expect(await stateOf(id)).toBe("DELETING");
    pass(deletingMs / 2);
    expect((await show(id)).status).toBe(404);
  });

  test("is refused while a connection uses it", async () => {
    const id = await made(s3);
    const [workspace] = sandbox.state.projects.get(groupId)?.workspaces.values() ?? [];
    const [connection] = workspace?.connections.values() ?? [];
    Object.assign(connection?.body ?? {}, { networking: { access: { type: "PRIVATE_LINK", connectionId: id } } });
    expect(await remove(id)).toMatchObject({ status: 400, body: { errorCode: "STREAM_PRIVATE_LINK_IN_USE" } });
  });

  test("of one that is not there is a 404", async () => {
    expect((await remove("0".repeat(24))).status).toBe(404);
  });
});

describe("a VPC peering", () => {
  const peerings = "vpcPeeringConnections";
  const requested = () => {
    const peering = sandbox.state.projects
      .get(groupId)
      ?.vpcPeerings.find(({ cloudStatus }) => cloudStatus === "pending-acceptance");
    const { _id, requesterAccountId, requesterVpcId } = peering ?? {};
    return { id: String(_id), challenge: { requesterAccountId, requesterVpcId } };
  };
  const answer = (verb: "accept" | "reject", id: string, body?: unknown) =>
    send(verb === "accept" ? acceptPeering(groupId, id, body) : rejectPeering(groupId, id), `${peerings}/{id}:${verb}`);
  const entry = async (id: string) => {
    const [first] = sandbox.state.projects.get(groupId)?.vpcPeerings ?? [];
    const { body } = await send(listPeeringRequests(groupId, String(first?.["requesterAccountId"]))(1), peerings);
    const results = at(body, "results");
    return Array.isArray(results) ? results.find((each) => at(each, "_id") === id) : undefined;
  };

  test("is active a while after it is accepted", async () => {
    const { id, challenge } = requested();
    expect((await answer("accept", id, challenge)).status).toBe(202);
    expect(await entry(id)).toMatchObject({ localStatus: "REQUEST_ACCEPT" });
    pass(READY_MS);
    const { body } = await send(listActivePeerings(groupId)(1), "activeVpcPeeringConnections");
    expect(at(body, "results")).toContainEqual(
      expect.objectContaining({ _id: id, localStatus: "ACTIVE", cloudStatus: "active" }),
    );
  });

  test("is accepted only by whoever names its account and VPC", async () => {
    const { id, challenge } = requested();
    expect((await answer("accept", id, { ...challenge, requesterVpcId: "vpc-0" })).status).toBe(400);
  });

  test("is rejected, and then no more to be accepted", async () => {
    const { id, challenge } = requested();
    expect((await answer("reject", id)).status).toBe(202);
    expect(await entry(id)).toMatchObject({ localStatus: "REQUEST_REJECT" });
    pass(READY_MS);
    expect(await entry(id)).toMatchObject({ cloudStatus: "rejected" });
    expect((await answer("accept", id, challenge)).status).toBe(400);
  });

  test("is gone a while after its deletion", async () => {
    const { id } = requested();
    expect((await send(deletePeering(groupId, id), `${peerings}/{id}`)).status).toBe(202);
    expect(await entry(id)).toMatchObject({ localStatus: "REQUEST_DELETE" });
    pass(sandbox.state.oddities.deletingMs);
    expect(await entry(id)).toBeUndefined();
    expect((await send(deletePeering(groupId, id), `${peerings}/{id}`)).status).toBe(404);
  });
});

describe("Atlas's account", () => {
  test.each([
    ["aws", "US_EAST_1"],
    ["azure", "US_EAST_2"],
    ["gcp", "CENTRAL_US"],
  ])("is told of %s", async (cloudProvider, regionName) => {
    const got = await send(getAccountDetails(groupId, cloudProvider, regionName), "accountDetails");
    expect([got.status, got.body]).toEqual([200, expect.objectContaining({ cloudProvider })]);
  });

  test("takes regions in the spelling of clusters only", async () => {
    const got = await send(getAccountDetails(groupId, "aws", "us-east-1"), "accountDetails");
    expect(got.status).toBe(400);
  });
});
