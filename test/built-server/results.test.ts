/** What a call gives back when it succeeds: the shape of section 4, the same in both its forms. */
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freshName, place, type ServerOnSandbox, simple, startOnSandbox } from "../support/against-sandbox.ts";

const kafka = (name: string, more: Record<string, unknown> = {}) => ({
  ...place,
  connection: {
    name,
    type: "Kafka",
    bootstrapServers: "b1.example.com:9092,b2.example.com:9092",
    authentication: { mechanism: "SCRAM-512", username: "atlas", password: "first-password" },
    config: { "auto.offset.reset": "earliest" },
    ...more,
  },
});

let on: ServerOnSandbox;
beforeAll(async () => {
  // What is new can be read at once: the moment in which it cannot is not what these tests are about.
  on = await startOnSandbox({ sandbox: { oddities: { hiddenMs: 0 } } });
});
afterEach(() => {
  on.sandbox.faults.clear();
  on.sandbox.requests.length = 0;
});
afterAll(() => on.close());

describe("created", () => {
  it("shows the connection as Atlas returned it, where it is and nothing else", async () => {
    const name = freshName();
    expect(await on.server.create(kafka(name))).toEqual({
      isError: false,
      outcome: "created",
      summary: `Created the Kafka connection "${name}" in workspace "clickstream"; its state is READY.`,
      connection: {
        id: on.sandbox.state.connection(place.groupId, place.tenantName, name)?.id,
        name,
        type: "Kafka",
        state: "READY",
        region: "FRANKFURT_DEU",
        bootstrapServers: "b1.example.com:9092,b2.example.com:9092",
        authentication: { mechanism: "SCRAM-512", username: "atlas" },
        config: { "auto.offset.reset": "earliest" },
        networking: { access: { type: "PUBLIC" } },
      },
      project: place,
      warnings: [],
    });
  });

  it("masks secrets and leaves out links at any depth, even where Atlas returns them", async () => {
    const name = freshName();
    on.sandbox.faults.add({
      method: "POST",
      fault: {
        kind: "answer",
        status: 200,
        body: {
          ...kafka(name).connection,
          links: [{ href: "https://a.example.com", rel: "self" }],
          security: { protocol: "SASL_SSL", links: [] },
          headers: { Authorization: "Bearer not-sent-by-us" },
          list: [{ links: [], kept: true, clientSecret: "not-sent-by-us" }],
        },
      },
    });
    const { connection } = await on.server.create(kafka(name));
    expect(connection).toEqual({
      ...kafka(name).connection,
      authentication: { mechanism: "SCRAM-512", username: "atlas", password: "***" },
      security: { protocol: "SASL_SSL" },
      headers: { Authorization: "***" },
      list: [{ kept: true, clientSecret: "***" }],
    });
  });

  it("passes on what was changed in the arguments as warnings", async () => {
    const { outcome, warnings } = await on.server.create(kafka(freshName(), { bootstrapServers: ["b1:1", "b2:2"] }));
    expect(outcome).toBe("created");
    expect(warnings).toEqual([expect.stringContaining("connection.bootstrapServers")]);
  });

  it("warns of a role that nobody has authorized, as far as that can be read", async () => {
    const ready = "arn:aws:iam::123456789012:role/atlas-streams";
    const waiting = "arn:aws:iam::123456789012:role/waiting";
    const project = on.sandbox.state.projects.get(place.groupId);
    project?.awsIamRoles.push({ roleId: "1", iamAssumedRoleArn: waiting });
    const create = (roleArn: string) =>
      on.server.create({ ...place, connection: { name: freshName(), type: "S3", aws: { roleArn } } });
    const warning = expect.stringMatching(/^connection\.aws\.roleArn: .*not authorized\): a person .* in Atlas/);
    expect(await create(waiting)).toMatchObject({ outcome: "created", warnings: [warning] });
    expect(await create(ready)).toMatchObject({ outcome: "created", warnings: [] });
    on.sandbox.faults.add({ path: /cloudProviderAccess/, fault: { kind: "answer", status: 403, body: {} } });
    expect(await create(waiting)).toMatchObject({ outcome: "created", warnings: [] });
    project?.awsIamRoles.pop();
  });

  it("tells of a write whose answer was lost, and that it was found", async () => {
    on.sandbox.faults.add({ method: "POST", fault: { kind: "reset-after-acting" } });
    const result = await on.server.create(kafka(freshName()));
    expect(result).toMatchObject({ isError: false, outcome: "created" });
    expect(result["warnings"]).toEqual([
      expect.stringMatching(
        /reset.*is there as requested\. Secrets cannot be compared, .* \(authentication\.password\)\.$/,
      ),
    ]);
  });

  it("tells with it of the headers that were compared, though it shows none", async () => {
    on.sandbox.faults.add({ method: "POST", fault: { kind: "reset-after-acting" } });
    const headers = { Authorization: "kafka-password", "X-A": "1" };
    const connection = { name: freshName(), type: "Https", url: "https://bob:kafka-password@a.example.com", headers };
    expect((await on.server.create({ ...place, connection }))["warnings"]).toEqual([
      expect.stringMatching(/reset.*is there as requested, with the same url and header values\.$/),
    ]);
  });

  it("tells of headers that Atlas does not show that they were not compared", async () => {
    on.sandbox.state.oddities.headersReturned = false;
    const connection = {
      name: freshName(),
      type: "Https",
      url: "https://a.example.com",
      headers: { "X-A": "one-two" },
    };
    const warnings = [
      expect.stringMatching(/could not be compared.*\(headers\.X-A\).*Set them with update_stream_connection/),
    ];
    expect(await on.server.create({ ...place, connection })).toMatchObject({ outcome: "created", warnings: [] });
    expect(await on.server.create({ ...place, connection })).toMatchObject({ outcome: "already_exists", warnings });
    const other = { ...connection, url: "https://b.example.com" };
    expect(await on.server.create({ ...place, connection: other })).toMatchObject({
      error: { fields: [{ path: "connection.url" }], hint: expect.stringContaining("(headers.X-A)") },
    });
    on.sandbox.state.oddities.headersReturned = true;
  });
});

describe("a name that is taken", () => {
  it("by the same connection is already_exists", async () => {
    const args = kafka(freshName());
    const first = await on.server.create(args);
    expect(await on.server.create(args)).toEqual({
      ...first,
      outcome: "already_exists",
      summary: expect.stringMatching(/already there.*the one requested.*Secrets cannot be compared/),
      warnings: [expect.stringContaining("update_stream_connection")],
    });
  });

  it("by the same connection without secrets says nothing of secrets", async () => {
    const args = simple();
    await on.server.create(args);
    const { outcome, summary } = await on.server.create(args);
    expect(outcome).toBe("already_exists");
    expect(summary).not.toMatch(/secret/i);
  });

  it("by a connection with another secret is already_exists, since nobody can tell", async () => {
    const name = freshName();
    await on.server.create(kafka(name));
    const authentication = { mechanism: "SCRAM-512", username: "atlas", password: "another-password" };
    const result = await on.server.create(kafka(name, { authentication }));
    expect(result).toMatchObject({
      outcome: "already_exists",
      summary: expect.stringContaining("Secrets cannot"),
      warnings: [expect.stringMatching(/authentication\.password.*Set them with update_stream_connection/)],
    });
  });

  it.each([
    [
      "another value, a missing and an added field",
      { bootstrapServers: "b1.example.com:9092", config: undefined, security: { protocol: "SASL_SSL" } },
      ["connection.bootstrapServers", "connection.security.protocol", "connection.config.auto.offset.reset"],
    ],
    [
      "another network access",
      { networking: { access: { type: "PRIVATE_LINK", connectionId: "32b6e34b3d91647abb20e7b8" } } },
      ["connection.networking.access.type", "connection.networking.access.connectionId"],
    ],
  ])("by another connection (%s) is a conflict with each difference", async (_, changes, paths) => {
    const name = freshName();
    await on.server.create(kafka(name));
    const result = await on.server.create(kafka(name, changes));
    expect(result).toMatchObject({
      isError: true,
      outcome: "failed",
      connection: { name, bootstrapServers: "b1.example.com:9092,b2.example.com:9092" },
      error: { kind: "conflict", status: 409, hint: expect.stringContaining("Secrets cannot be compared") },
    });
    expect(result.error?.fields?.map(({ path }) => path).sort()).toEqual([...paths].sort());
    const stored = on.sandbox.state.connection(place.groupId, place.tenantName, name)?.body;
    expect(stored).toEqual(kafka(name).connection);
  });

  it("by a connection of another type is a conflict", async () => {
    const name = freshName();
    await on.server.create(simple(name));
    const { error } = await on.server.create(kafka(name));
    expect(error?.fields).toContainEqual({ path: "connection.type", message: expect.stringMatching(/Sample.*Kafka/) });
  });
});

describe("the published output schema", () => {
  it("is satisfied by success and failure, for validators of both drafts", async () => {
    const { tools } = await on.server.client.listTools();
    const schema = Object(tools.find(({ name }) => name === "create_stream_connection")?.outputSchema);
    const validators = [new Ajv().compile(schema), new Ajv2020().compile(schema)];
    const name = freshName();
    const results = [
      await on.server.create(kafka(name)),
      await on.server.create(kafka(name)),
      await on.server.create(kafka(name, { config: {} })),
      await on.server.create({ ...kafka(name), dryRun: true }),
      await on.server.create({ ...kafka(name), tenantName: "nowhere" }),
      await on.server.create({}),
    ];
    expect(results.map(({ outcome }) => outcome)).toEqual([
      "created",
      "already_exists",
      "failed",
      "planned",
      "failed",
      "failed",
    ]);
    for (const { isError, ...result } of results)
      for (const validate of validators)
        expect([validate(result), validate.errors, isError]).toEqual([true, null, result.outcome === "failed"]);
  });

  it("comes with one text block that holds the same JSON", async () => {
    for (const args of [simple(), { ...simple(), dryRun: true }, {}]) {
      const result = await on.server.client.callTool({ name: "create_stream_connection", arguments: args });
      expect(result["content"]).toEqual([{ type: "text", text: JSON.stringify(result["structuredContent"]) }]);
    }
  });
});
