/** Secrets that a person types on a page: the same in both eras, and never seen by the client. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectionSchema } from "../../src/connections/union.ts";
import type { JsonObject } from "../../src/json.ts";
import { addConnection } from "../../src/sandbox/data/connection-lifecycle.ts";
import { creates, freshName, place, variablesFor } from "../support/against-sandbox.ts";
import {
  call2026,
  callWithPerson,
  createWithPerson,
  type Era,
  eras,
  open,
  pressCancel,
  submit,
} from "../support/person.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { type ServerProcess, startProcess } from "../support/server-process.ts";

const kafka = (name: string, authentication: JsonObject = { mechanism: "PLAIN", username: "u" }) => ({
  ...place,
  connection: { name, type: "Kafka", bootstrapServers: "b1:9092,b2:9092", authentication },
});

const errorOf = ({ error }: JsonObject) => error;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const bodyOf = (name: string) =>
  creates(sandbox)
    .map(({ body }) => body)
    .find((body) => typeof body === "object" && body !== null && Reflect.get(body, "name") === name);

describe.each(eras)("in the %s era", (era: Era) => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = startProcess({ env: variablesFor(sandbox, "service account") });
    await open(era, server);
  });
  afterAll(() => void server.child.kill());

  test("a password that is missing is typed by a person, and the client never sees it", async () => {
    const name = freshName();
    const secret = 'typed & "never" seen / 4711';
    const result = await createWithPerson(era, server, kafka(name), { action: "accept", onPage: submit(secret) });
    expect(result).toMatchObject({ outcome: "created", connection: { name } });
    expect(bodyOf(name)).toMatchObject({ authentication: { password: secret } });
    for (const bytes of [server.stdout(), server.stderr()]) {
      expect(bytes).not.toContain(secret);
      expect(bytes).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(bytes).not.toContain(encodeURIComponent(secret));
    }
  });

  test("that was typed in one call is masked where Atlas repeats it in a later one", async () => {
    const name = freshName();
    const secret = "typed-4-l8ter";
    await createWithPerson(era, server, kafka(name), { action: "accept", onPage: submit(secret) });
    sandbox.faults.add({
      path: new RegExp(`/connections/${name}$`),
      fault: { kind: "answer", status: 200, body: { name, type: "Kafka", errorMessage: `Wrong: ${secret}` } },
    });
    const later = await callWithPerson(
      era,
      server,
      "get_stream_connection",
      { ...place, connectionName: name },
      { action: "decline" },
    );
    sandbox.faults.clear();
    expect(later).toMatchObject({ connection: { errorMessage: "Wrong: ***" } });
  });

  test("of brokers the page shows their hosts alone, not the password beside them", async () => {
    const connection = {
      ...kafka(freshName()).connection,
      bootstrapServers: "ann:pw4@b1:9092,b2:9092,bob:pw5@b3:9092",
    };
    let html = "";
    const onPage = async (url: string) => {
      html = await (await fetch(url)).text();
      await submit("typed-password")(url);
    };
    await createWithPerson(era, server, { ...place, connection }, { action: "accept", onPage });
    const hosts = html.match(/<div class="host">.*/)?.[0].replace(/<[^>]*>/g, "");
    expect(hosts).toMatch(/b1:9092b2:9092b3:9092$/);
    expect(html).not.toMatch(/pw[45]|bob/);
  });

  test("with secrets: ask, headers and keys that are given as ask are typed too", async () => {
    const name = freshName();
    const headers = { Authorization: "ask", "X.Api-Key": "ask", Accept: "text/plain" };
    const args = { ...place, connection: { name, type: "Https", url: "https://a.example", headers }, secrets: "ask" };
    const result = await createWithPerson(era, server, args, {
      action: "accept",
      onPage: submit("Bearer typed-one", "typed-two"),
    });
    expect(result).toMatchObject({ outcome: "created" });
    expect(bodyOf(name)).toMatchObject({
      headers: { Authorization: "Bearer typed-one", "X.Api-Key": "typed-two", Accept: "text/plain" },
    });
  });

  describe("an update with secrets: ask", () => {
    const registry = {
      type: "SchemaRegistry",
      provider: "CONFLUENT",
      schemaRegistryUrls: ["https://r.example"],
      schemaRegistryAuthentication: { type: "USER_INFO", username: "u", password: "old-password" },
    };
    const hook = { type: "Https", url: "https://a.example", headers: { Authorization: "Bearer old" } };
    const plain = { mechanism: "PLAIN", username: "u", password: "old-password" };
    const broker = { type: "Kafka", bootstrapServers: "b1:9092", authentication: plain };
    const put = (body: JsonObject) => {
      const name = freshName();
      const workspace = sandbox.state.workspace(place.groupId, place.tenantName);
      if (workspace) addConnection(workspace, connectionSchema.parse({ name, ...body }), 0);
      return name;
    };
    const update = (name: string, connection: JsonObject, ...typed: string[]) =>
      callWithPerson(
        era,
        server,
        "update_stream_connection",
        { ...place, connectionName: name, connection, secrets: "ask" },
        { action: "accept", onPage: submit(...typed) },
      );
    const stored = (name: string) => sandbox.state.connection(place.groupId, place.tenantName, name)?.body;

    test.each<[string, JsonObject, JsonObject, string, JsonObject]>([
      [
        "all that it has, where nothing is given",
        broker,
        {},
        "authentication.password",
        { authentication: { ...plain, password: "typed-new-one" } },
      ],
      [
        "those that Atlas requires, where nothing is given",
        registry,
        {},
        "schemaRegistryAuthentication.password",
        { schemaRegistryAuthentication: { type: "USER_INFO", username: "u", password: "typed-new-one" } },
      ],
      [
        "those that the given fields lack",
        broker,
        { authentication: { username: "v" } },
        "authentication.username, authentication.password",
        { authentication: { ...plain, username: "v", password: "typed-new-one" } },
      ],
      [
        "those given as ask",
        hook,
        { headers: { Authorization: "ask" } },
        "headers.Authorization",
        { headers: { Authorization: "typed-new-one" } },
      ],
    ])("has a person type %s", async (_, before, given, changed, after) => {
      const name = put(before);
      const result = await update(name, given, "typed-new-one");
      expect(result).toMatchObject({ outcome: "updated", summary: expect.stringContaining(`Changed ${changed} of`) });
      expect(stored(name)).toEqual({ ...stored(name), ...after });
      for (const bytes of [server.stdout(), server.stderr()]) expect(bytes).not.toContain("typed-new-one");
    });

    test("changes nothing where the person declines", async () => {
      const name = put(broker);
      const args = { ...place, connectionName: name, connection: {}, secrets: "ask" };
      const result = await callWithPerson(era, server, "update_stream_connection", args, { action: "decline" });
      expect(errorOf(result)).toMatchObject({ kind: "cancelled" });
      expect(stored(name)).toMatchObject({ authentication: { password: "old-password" } });
    });

    test("asks nobody where the fields cannot be used", async () => {
      const name = put(broker);
      const args = { ...place, connectionName: name, connection: { region: "x" }, secrets: "ask" };
      const result = await callWithPerson(era, server, "update_stream_connection", args, { action: "decline" });
      expect(errorOf(result)).toMatchObject({ kind: "invalid_input", fields: [{ path: "connection.region" }] });
    });
  });

  test("a plan asks once for all that its connections lack, each for its own", async () => {
    const [first, second] = [freshName(), freshName()];
    const connections = [kafka(first).connection, kafka(second).connection];
    const args = { ...place, connections, dryRun: false };
    const person = { action: "accept", onPage: submit("first-typed-secret", "second-typed-secret") } as const;
    const result = await callWithPerson(era, server, "apply_stream_pipeline", args, person);
    expect(result).toMatchObject({ outcome: "applied" });
    expect(JSON.stringify(result)).not.toMatch(/typed-secret/);
    expect(bodyOf(first)).toMatchObject({ authentication: { password: "first-typed-secret" } });
    expect(bodyOf(second)).toMatchObject({ authentication: { password: "second-typed-secret" } });
  });

  test("a registry without its password asks for it", async () => {
    const name = freshName();
    const connection = {
      name,
      type: "SchemaRegistry",
      provider: "CONFLUENT",
      schemaRegistryUrls: ["https://r.example"],
      schemaRegistryAuthentication: { type: "USER_INFO", username: "u" },
    };
    const person = { action: "accept", onPage: submit("registry-secret") } as const;
    expect(await createWithPerson(era, server, { ...place, connection }, person)).toMatchObject({ outcome: "created" });
    expect(bodyOf(name)).toMatchObject({ schemaRegistryAuthentication: { password: "registry-secret" } });
  });

  test.each(["decline", "cancel"] as const)("a person who says %s has nothing created", async (action) => {
    const name = freshName();
    const result = await createWithPerson(era, server, kafka(name), { action });
    expect(errorOf(result)).toMatchObject({ kind: "cancelled" });
    expect(result["summary"]).toMatch(/nothing was created/);
    expect(bodyOf(name)).toBeUndefined();
  });

  test("a person who cancels on the page has nothing created", async () => {
    const name = freshName();
    const result = await createWithPerson(era, server, kafka(name), { action: "accept", onPage: pressCancel });
    expect(errorOf(result)).toMatchObject({ kind: "cancelled" });
    expect(bodyOf(name)).toBeUndefined();
  });
});

test("a name is shown as it is in the question, though a reference could give the same", async () => {
  const server = startProcess({ env: { ...variablesFor(sandbox), ATLAS_STREAMS_SECRET_NAME: "analytics" } });
  const question = await call2026(server, kafka("orders-analytics"));
  expect(question["resultType"]).toBe("input_required");
  expect(JSON.stringify(question)).toContain("orders-analytics");
  server.child.kill();
});

describe("the state of a call that waits", () => {
  let server: ServerProcess;
  beforeAll(() => {
    server = startProcess({ env: variablesFor(sandbox) });
  });
  afterAll(() => void server.child.kill());

  const accept = { page: { action: "accept" } };
  const kindOf = (result: JsonObject) =>
    (result["structuredContent"] as { error?: { kind?: string } } | undefined)?.error?.kind;

  test("is refused when it is forged", async () => {
    const result = await call2026(server, kafka(freshName()), { inputResponses: accept, requestState: "made-up" });
    expect(kindOf(result)).toBe("invalid_input");
  });

  test("is refused with other arguments, and is used up by that", async () => {
    const name = freshName();
    const { requestState } = await call2026(server, kafka(name));
    const other = kafka(name, { mechanism: "PLAIN", username: "somebody else" });
    for (const args of [other, kafka(name)]) {
      const result = await call2026(server, args, { inputResponses: accept, requestState });
      expect(kindOf(result)).toBe("invalid_input");
    }
    expect(bodyOf(name)).toBeUndefined();
  });

  test("is refused a second time", async () => {
    const name = freshName();
    const question = await call2026(server, kafka(name));
    const { requestState } = question;
    const url = /"url":"([^"]+)"/.exec(JSON.stringify(question))?.[1] ?? "";
    await submit("typed-before")(url);
    const again = { inputResponses: accept, requestState };
    expect(await call2026(server, kafka(name), again)).toMatchObject({ structuredContent: { outcome: "created" } });
    expect(kindOf(await call2026(server, kafka(name), again))).toBe("invalid_input");
  });
});

describe("where no page can be shown", () => {
  test.each([
    ["the client cannot open pages", {}, {}],
    ["the page is switched off", { ATLAS_STREAMS_MCP_SECRET_PAGE: "off" }, { elicitation: { url: {} } }],
  ])("%s: the field and the ways without the chat are named", async (_, env, capabilities) => {
    const server = startProcess({ env: { ...variablesFor(sandbox), ...env } });
    const clientInfo = { name: "test", version: "0" };
    await server.ask("initialize", { protocolVersion: "2025-11-25", capabilities, clientInfo });
    server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    for (const secrets of [{}, { secrets: "ask" }]) {
      const args = { ...kafka(freshName()), ...secrets };
      const { result } = await server.ask("tools/call", { name: "create_stream_connection", arguments: args });
      expect(result).toMatchObject({
        structuredContent: {
          error: {
            kind: "invalid_input",
            fields: [{ path: "connection.authentication.password" }],
            hint: expect.stringMatching(/\$\{env:NAME\}.*\$\{file:NAME\}/),
          },
        },
      });
    }
    server.child.kill();
  });
});
