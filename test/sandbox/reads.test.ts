import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sandboxOtherProject, sandboxProcessor, sandboxProject, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { ask, at, connectionsPath, shopPath } from "./atlas-client.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

async function read(path: string): Promise<unknown> {
  const answer = await ask(sandbox, "GET", path);
  expect(answer.status).toBe(200);
  return answer.body;
}

describe("the seeded data", () => {
  test("has two projects", async () => {
    expect(await read("/api/atlas/v2/groups")).toMatchObject({
      totalCount: 2,
      results: [
        { id: sandboxProject.groupId, name: "Shop", clusterCount: 2, orgId: expect.any(String) },
        { id: sandboxOtherProject.groupId, name: "Lab", clusterCount: 1 },
      ],
    });
  });

  test("has two workspaces in the shop", async () => {
    expect(await read(`${shopPath}/streams`)).toMatchObject({
      totalCount: 2,
      results: [
        { name: "orders", dataProcessRegion: { cloudProvider: "AWS", region: "VIRGINIA_USA" } },
        { name: "clickstream", hostnames: [expect.stringContaining("mongodb.net")] },
      ],
    });
  });

  test("has a processor that uses a seeded connection", async () => {
    const processors = await read(`${shopPath}/streams/${sandboxTenant}/processors`);
    expect(processors).toMatchObject({ totalCount: 1, results: [sandboxProcessor] });
    expect(JSON.stringify(processors)).toContain('"connectionName":"shop-kafka"');
  });

  test("has clusters and custom roles", async () => {
    expect(await read(`${shopPath}/clusters`)).toMatchObject({
      results: [{ name: "Cluster0" }, { name: "analytics" }],
    });
    expect(await read(`${shopPath}/customDBRoles/roles`)).toMatchObject([
      { roleName: "streamWriter" },
      { roleName: "shopReader" },
    ]);
  });

  test("has an AWS role that is authorized and one that is not yet", async () => {
    const access = await read(`${shopPath}/cloudProviderAccess`);
    expect(access).toMatchObject({
      awsIamRoles: [{ iamAssumedRoleArn: expect.stringMatching(/^arn:aws:iam::/) }, {}],
      azureServicePrincipals: [{ servicePrincipalId: expect.any(String) }],
      gcpServiceAccounts: [{ gcpServiceAccountForAtlas: expect.stringContaining("@") }],
    });
    expect(at(access, "awsIamRoles", 1)).not.toHaveProperty("authorizedDate");
  });

  test("has a private link that is done, one that is not, and one that never will be", async () => {
    expect(await read(`${shopPath}/streams/privateLinkConnections`)).toMatchObject({
      results: [{ state: "DONE" }, { state: "WORKING" }, { state: "FAILED" }],
    });
  });

  test("has VPC peerings, of which those that are active are listed", async () => {
    expect(sandbox.state.projects.get(sandboxProject.groupId)?.vpcPeerings).toHaveLength(2);
    expect(await read(`${shopPath}/streams/activeVpcPeeringConnections`)).toMatchObject({
      totalCount: 1,
      results: [{ localStatus: "ACTIVE" }],
    });
  });

  test("has an empty workspace in the other project", async () => {
    const lab = `/api/atlas/v2/groups/${sandboxOtherProject.groupId}`;
    expect(await read(`${lab}/streams/experiments/connections`)).toMatchObject({ results: [], totalCount: 0 });
    expect(await read(`${lab}/customDBRoles/roles`)).toEqual([]);
  });
});

describe("pages", () => {
  const rels = (body: unknown) => {
    const links = at(body, "links");
    return Array.isArray(links) ? links.map((link) => at(link, "rel")) : links;
  };

  test("hold as many items as asked and lead on to each other", async () => {
    const first = await read(`${connectionsPath}?itemsPerPage=2`);
    expect(first).toMatchObject({ results: [{ name: "shop-kafka" }, { name: "shop-cluster" }], totalCount: 3 });
    expect(rels(first)).toEqual(["self", "next"]);
    const next = String(at(first, "links", 1, "href")).slice(sandbox.url.length);
    const second = await read(next);
    expect(second).toMatchObject({ results: [{ name: "fraud-check" }], totalCount: 3 });
    expect(rels(second)).toEqual(["self", "previous"]);
  });

  test("past the end are empty", async () => {
    expect(await read(`${connectionsPath}?pageNum=9`)).toMatchObject({ results: [], totalCount: 3 });
  });

  test.each(["pageNum=0", "pageNum=x", "itemsPerPage=0", "itemsPerPage=501", "itemsPerPage=1.5"])(
    "cannot be asked for with %s",
    async (query) => {
      expect((await ask(sandbox, "GET", `${connectionsPath}?${query}`)).status).toBe(400);
    },
  );
});
