import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectionTypes } from "../../src/connections/union.ts";
import {
  sandboxEmptyTenant,
  sandboxOtherProject,
  sandboxProcessor,
  sandboxProject,
  sandboxTenant,
} from "../../src/sandbox/data/seed.ts";
import { holdTime } from "../support/fake-clock.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { ask, at, connectionsPath, shopPath } from "./atlas-client.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  // That what is new is hidden at first has a test among the oddities.
  sandbox = await startSandbox({ oddities: { hiddenMs: 0 } });
});
afterEach(() => sandbox.close());

const create = (body: unknown) => ask(sandbox, "POST", connectionsPath, { body });
const stored = (name: string) => sandbox.state.connection(sandboxProject.groupId, sandboxTenant, name);

/** Stops the processor that uses the seeded connections, since what is in use cannot be changed. */
function stopSeededProcessor(): void {
  const processor = sandbox.state.processor(sandboxProject.groupId, sandboxTenant, sandboxProcessor.name);
  if (processor) processor.state = "STOPPED";
}

const kafka = {
  name: "k",
  type: "Kafka",
  bootstrapServers: "b:9092",
  authentication: {
    mechanism: "PLAIN",
    username: "u",
    password: "secret-1",
    clientSecret: "secret-2",
    sslCertificate: "public",
    sslKey: "secret-3",
    sslKeyPassword: "secret-4",
  },
};

describe("create", () => {
  test.each(connectionTypes.map((member) => [member.type, member] as const))(
    "takes the example of %s and keeps it as it was sent",
    async (type, member) => {
      const sent = { name: `a ${type}`, type, ...member.example };
      const answer = await create(sent);
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ name: sent.name, type, state: "READY", region: "VIRGINIA_USA" });
      expect(at(answer.body, "id")).toMatch(/^[a-f0-9]{24}$/);
      expect(stored(sent.name)?.body).toEqual(sent);
    },
  );

  test("gives back what Atlas adds: region, public networking, links", async () => {
    const { body } = await create({ name: "k", type: "Kafka", bootstrapServers: "b:9092" });
    expect(at(body, "networking", "access")).toMatchObject({ type: "PUBLIC" });
    expect(at(body, "links")).toEqual([{ href: `${sandbox.url}${connectionsPath}/k`, rel: "self" }]);
    const sample = (await create({ name: "s", type: "Sample", region: "OHIO_USA" })).body;
    expect(at(sample, "region")).toBe("OHIO_USA");
    expect(sample).not.toHaveProperty("networking");
  });

  test("gives back the database role as it was sent", async () => {
    const dbRoleToExecute = { role: "streamWriter", type: "CUSTOM" };
    const { body } = await create({ name: "c", type: "Cluster", clusterName: "Cluster0", dbRoleToExecute });
    expect(at(body, "dbRoleToExecute")).toMatchObject(dbRoleToExecute);
  });

  test("names every field that does not fit, and creates nothing", async () => {
    const answer = await create({ name: "l", type: "AWSLambda", aws: { testBucket: 1 }, networking: {} });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: 400, reason: "Bad Request", errorCode: "VALIDATION_ERROR" });
    const fields = at(answer.body, "badRequestDetail", "fields");
    expect(fields).toEqual([
      { field: "aws.roleArn", description: expect.any(String) },
      { field: "aws.testBucket", description: expect.any(String) },
      { field: "networking", description: expect.any(String) },
    ]);
    expect(stored("l")).toBeUndefined();
  });

  test.each([["{"], ['"text"'], ["[]"], [""]])("answers 400 to the body %j", async (body) => {
    const answer = await ask(sandbox, "POST", connectionsPath, { body });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ errorCode: "INVALID_JSON" });
  });

  test("answers 409 to a name that is taken, and leaves the connection as it was", async () => {
    const answer = await create({ name: "shop-kafka", type: "Sample" });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      errorCode: "STREAM_CONNECTION_NAME_ALREADY_EXISTS",
      detail: expect.stringContaining("shop-kafka"),
      parameters: ["shop-kafka"],
    });
    expect(stored("shop-kafka")?.body.type).toBe("Kafka");
  });

  test("takes the same name in another workspace", async () => {
    const path = `${shopPath}/streams/${sandboxEmptyTenant}/connections`;
    const answer = await ask(sandbox, "POST", path, { body: { name: "shop-kafka", type: "Sample" } });
    expect(answer.status).toBe(200);
    expect(at(answer.body, "region")).toBe("FRANKFURT_DEU");
  });
});

describe("secrets", () => {
  test.each([
    ["Kafka", kafka],
    [
      "SchemaRegistry",
      {
        name: "r",
        type: "SchemaRegistry",
        provider: "CONFLUENT",
        schemaRegistryUrls: ["https://r.example.com"],
        schemaRegistryAuthentication: { type: "USER_INFO", username: "u", password: "secret-5" },
      },
    ],
  ])("of %s are never given back", async (_, body) => {
    const path = `${connectionsPath}/${body.name}`;
    const answers = [
      await create(body),
      await ask(sandbox, "GET", path),
      await ask(sandbox, "GET", connectionsPath),
      await ask(sandbox, "PATCH", path, { body: { region: "OHIO_USA" } }),
    ];
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      expect(text).toContain(`"${body.name}"`);
      expect(text).not.toMatch(/secret-\d/);
    }
  });

  test("leave the fields beside them readable", async () => {
    const { body } = await create(kafka);
    expect(at(body, "authentication")).toEqual({
      mechanism: "PLAIN",
      username: "u",
      sslCertificate: "public",
      links: [],
    });
  });

  test("are not the headers of an Https connection: Atlas gives them back as they are", async () => {
    const headers = { Authorization: "Bearer seeded-header-secret" };
    expect((await ask(sandbox, "GET", `${connectionsPath}/fraud-check`)).body).toMatchObject({ headers });
  });
});

describe("what does not exist", () => {
  test.each([
    [
      "project",
      "GROUP_NOT_FOUND",
      "/api/atlas/v2/groups/ffffffffffffffffffffffff/streams/orders/connections",
      "ffffffffffffffffffffffff",
    ],
    ["workspace", "STREAM_TENANT_NOT_FOUND_FOR_NAME", `${shopPath}/streams/nowhere/connections`, "nowhere"],
    ["connection", "STREAM_CONNECTION_NOT_FOUND_FOR_NAME", `${connectionsPath}/no%20one`, "no one"],
  ])("a missing %s is answered with 404 %s", async (_, errorCode, path, name) => {
    const answer = await ask(sandbox, "GET", path);
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ errorCode, detail: expect.stringContaining(name), parameters: [name] });
  });

  test("a workspace of another project is not found", async () => {
    const path = `/api/atlas/v2/groups/${sandboxOtherProject.groupId}/streams/${sandboxTenant}/connections`;
    expect((await ask(sandbox, "GET", path)).body).toMatchObject({ errorCode: "STREAM_TENANT_NOT_FOUND_FOR_NAME" });
  });
});

describe("read", () => {
  test("finds a name that has to be encoded in a path", async () => {
    const name = "a/b ?ü%";
    await create({ name, type: "Sample" });
    const answer = await ask(sandbox, "GET", `${connectionsPath}/${encodeURIComponent(name)}`);
    expect(answer.body).toMatchObject({ name });
  });

  test("sees what a test changed in the state", async () => {
    const connection = stored("shop-cluster");
    if (connection) connection.state = "FAILED";
    expect((await ask(sandbox, "GET", `${connectionsPath}/shop-cluster`)).body).toMatchObject({ state: "FAILED" });
  });

  test("a broken percent-encoding is answered with 400", async () => {
    expect((await ask(sandbox, "GET", `${connectionsPath}/%E0%A4%A`)).status).toBe(400);
  });
});

describe("update", () => {
  beforeEach(stopSeededProcessor);

  const update = (body: unknown) => ask(sandbox, "PATCH", `${connectionsPath}/shop-kafka`, { body });

  test("replaces the top-level fields that it names and keeps the others", async () => {
    const answer = await update({ name: "shop-kafka", type: "Kafka", config: { "client.id": "atlas" } });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      bootstrapServers: expect.stringContaining("broker-1"),
      config: { "client.id": "atlas" },
    });
    expect(at(answer.body, "config", "auto.offset.reset")).toBeUndefined();
    expect(stored("shop-kafka")?.body).toMatchObject({ authentication: { password: "seeded-kafka-password" } });
  });

  test("refuses a new name or type, and fields of another type", async () => {
    expect(at((await update({ name: "other" })).body, "badRequestDetail", "fields", 0, "field")).toBe("name");
    expect(at((await update({ type: "Https" })).body, "badRequestDetail", "fields", 0, "field")).toBe("type");
    expect((await update({ url: "https://example.com" })).status).toBe(400);
  });

  test("does not find what is not there", async () => {
    expect((await ask(sandbox, "PATCH", `${connectionsPath}/missing`, { body: {} })).status).toBe(404);
  });
});

describe("delete", () => {
  beforeEach(stopSeededProcessor);
  const remove = (name: string) => ask(sandbox, "DELETE", `${connectionsPath}/${name}`);

  test("answers 202, and the connection is gone before long", async () => {
    const pass = holdTime();
    expect((await remove("shop-kafka")).status).toBe(202);
    pass(sandbox.state.oddities.deletingMs);
    expect((await ask(sandbox, "GET", `${connectionsPath}/shop-kafka`)).status).toBe(404);
    expect((await remove("shop-kafka")).status).toBe(404);
  });
});

test("a new connection is PENDING and then READY", async () => {
  const pass = holdTime();
  sandbox.state.readyAfterMs = 300;
  expect((await create({ name: "s", type: "Sample" })).body).toMatchObject({ state: "PENDING" });
  pass(300);
  expect((await ask(sandbox, "GET", `${connectionsPath}/s`)).body).toMatchObject({ state: "READY" });
});

test.each(["b.invalid:9092", "b.invalid", "b.example.com:9092,b.INVALID:9092,c.example.com:9092"])(
  "a Kafka connection to brokers that never exist fails: %s",
  async (bootstrapServers) => {
    await create({ name: "never", type: "Kafka", bootstrapServers });
    expect((await ask(sandbox, "GET", `${connectionsPath}/never`)).body).toMatchObject({ state: "FAILED" });
  },
);
