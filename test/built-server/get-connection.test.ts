/** `get_stream_connection`: the connection as Atlas shows it, and as Terraform would have it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectionSchema, connectionTypes } from "../../src/connections/union.ts";
import { sandboxTenant } from "../../src/sandbox/data/seed.ts";
import { connectionsPath, freshName, place } from "../support/against-sandbox.ts";
import { type Session, startSession } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession();
}, 60_000);
afterEach(() => session.reset());
afterAll(() => session.close());

const get = (args: Record<string, unknown>) => session.call("get_stream_connection", { ...place, ...args });
const example = (type: string) =>
  connectionSchema.parse({
    name: freshName(),
    type,
    ...connectionTypes.find((candidate) => candidate.type === type)?.example,
  });

describe("get_stream_connection", () => {
  it("shows a connection as Atlas does, with its state and without secrets", async () => {
    const tenantName = sandboxTenant;
    expect(await get({ tenantName, connectionName: "shop-cluster" })).toEqual({
      isError: false,
      outcome: "ok",
      summary: 'The connection "shop-cluster" is there; its state is READY.',
      project: { ...place, tenantName },
      connection: {
        id: session.sandbox.state.connection(place.groupId, tenantName, "shop-cluster")?.id,
        name: "shop-cluster",
        type: "Cluster",
        state: "READY",
        region: "VIRGINIA_USA",
        clusterName: "Cluster0",
        dbRoleToExecute: { role: "readWriteAnyDatabase", type: "BUILT_IN" },
      },
    });
  });

  it("names the nearest of a name that is not there", async () => {
    expect(await get({ tenantName: sandboxTenant, connectionName: "shop-kafak" })).toMatchObject({
      isError: true,
      error: {
        kind: "not_found",
        status: 404,
        fields: [{ path: "connectionName", message: expect.stringContaining('did you mean "shop-kafka"') }],
        hint: expect.stringContaining("shop-cluster"),
      },
    });
  });

  it.each(["a/b", "ü ?#%", "..a"])("finds the name %j, which is no plain path segment", async (name) => {
    session.put({ name, type: "Sample" });
    expect(await get({ connectionName: name })).toMatchObject({ outcome: "ok", connection: { name } });
  });

  it("does not take a proxy's page for a connection", async () => {
    session.sandbox.faults.add({ fault: { kind: "answer", status: 200, body: "<html>Sign in</html>" } });
    expect(await get({ connectionName: "x" })).toMatchObject({ isError: true, error: { kind: "atlas_error" } });
  });

  it("refuses a form that is none", async () => {
    const { error } = await get({ connectionName: "x", as: "hcl" });
    expect(error?.fields).toEqual([{ path: "as", message: expect.stringContaining("json, terraform") }]);
  });
});

describe("as Terraform", () => {
  it.each(connectionTypes)("the type $type is a resource, its secrets variables", async ({ type }) => {
    const connection = example(type);
    session.put(connection);
    const result = await get({ connectionName: connection.name, as: "terraform" });
    expect(result).toMatchObject({ outcome: "ok", connection: { name: connection.name } });
    expect(result["terraform"]).toMatch(/^resource "mongodbatlas_stream_connection"/m);
    expect(result["terraform"]).toContain(`"${connection.name}"`);
    expect(result["terraform"]).toContain(`"${type}"`);
    expect(result["terraform"]).not.toContain("left out by Atlas");
  });

  it("says which secrets are not in it, since Atlas does not show them", async () => {
    const connection = example("SchemaRegistry");
    session.put(connection);
    const { warnings } = await get({ connectionName: connection.name, as: "terraform" });
    expect(warnings).toEqual([expect.stringMatching(/Atlas does not show.*schemaRegistryAuthentication\.password/)]);
  });

  it("has a variable for each header, since Atlas does show them, and says nothing of them", async () => {
    const connection = example("Https");
    session.put(connection);
    const { terraform, warnings } = await get({ connectionName: connection.name, as: "terraform" });
    expect(terraform).toMatch(/"?Authorization"? += var\.\w+_authorization/i);
    expect(warnings).toBeUndefined();
  });

  it("does not mind links at any depth", async () => {
    const kafka = example("Kafka");
    session.sandbox.faults.add({
      path: new RegExp(`^${connectionsPath}/`),
      fault: {
        kind: "answer",
        status: 200,
        body: {
          ...kafka,
          authentication: { mechanism: "SCRAM-512", username: "atlas", links: [] },
          networking: { access: { type: "PUBLIC", links: [] }, links: [] },
          links: [],
        },
      },
    });
    const { terraform } = await get({ connectionName: kafka.name, as: "terraform" });
    expect(terraform).toMatch(/networking = \{\s+access = \{\s+type = "PUBLIC"/);
  });

  it("of a connection that this server does not know is a warning beside the connection", async () => {
    session.sandbox.faults.add({
      path: new RegExp(`^${connectionsPath}/`),
      fault: { kind: "answer", status: 200, body: { name: "new", type: "Pulsar", state: "READY" } },
    });
    expect(await get({ connectionName: "new", as: "terraform" })).toMatchObject({
      outcome: "ok",
      connection: { type: "Pulsar" },
      warnings: [expect.stringContaining("Terraform")],
    });
  });
});
