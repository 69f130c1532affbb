import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AtlasFailure } from "../../../src/atlas/failure.ts";
import createStreamConnection from "../../../src/tools/connections/create.ts";
import type { Reply } from "../../atlas/fake-atlas.ts";
import { exampleOf } from "../../connections/example.ts";
import { call, create, fakeServices, place } from "../../support/fake-services.ts";

const sample = { name: "x", type: "Sample" };
const kafka = (authentication: Record<string, unknown>) => exampleOf("Kafka", { authentication });
const login = { mechanism: "PLAIN", username: "u" };
const notThere = new AtlasFailure("not_found", "Atlas answered 404", {
  status: 404,
  errorCode: "STREAM_CONNECTION_NOT_FOUND",
});

/** The problems of a call, by path, of which nothing may have been sent. */
async function refused(args: unknown, options: Parameters<typeof fakeServices>[0] = {}) {
  const services = fakeServices(options);
  const { outcome, error } = await create(args, services);
  expect(outcome).toBe("failed");
  expect(error?.kind).toBe("invalid_input");
  expect(services.atlas.requests.filter(({ request }) => request.method !== "GET")).toEqual([]);
  return { fields: Object.fromEntries((error?.fields ?? []).map((f) => [f.path, f.message])), hint: error?.hint ?? "" };
}

/** The body that a call sends. */
async function sent(args: unknown, options: Parameters<typeof fakeServices>[0] = {}) {
  const services = fakeServices(options);
  const { outcome, error } = await create(args, services);
  expect(error).toBeUndefined();
  expect(outcome).toBe("created");
  return services.atlas.requests[0]?.request;
}

describe("the arguments", () => {
  test.each([undefined, null, "text", 7, [], {}])("of %j are refused, each missing one by name", async (args) => {
    const { fields } = await refused(args);
    expect(Object.keys(fields).sort()).toEqual(["connection", "groupId", "tenantName"]);
  });

  test.each([
    ["tenant", "tenantName"],
    ["groupIds", "groupId"],
    ["conection", "connection"],
    ["dryruns", "dryRun"],
    ["preview", "dryRun"],
  ])("may not hold %s: %s is suggested", async (name, meant) => {
    const { fields } = await refused({ ...place, connection: sample, [name]: "x" });
    expect(fields).toEqual({
      [name]: expect.stringMatching(new RegExp(`^is not an argument; did you mean ${meant}\\?`)),
    });
  });

  test.each(["dryRun", "waitUntilReady", "envelope", "pretty"])("%s is true or false", async (flag) => {
    expect((await refused({ ...place, connection: sample, [flag]: "yes" })).fields).toEqual({
      [flag]: "must be a boolean, not a string",
    });
  });

  test.each(["", ".", ".."])("tenantName cannot be %j", async (tenantName) => {
    expect(Object.keys((await refused({ ...place, tenantName, connection: sample })).fields)).toEqual(["tenantName"]);
  });

  test("may not be references, which would go out as text", async () => {
    const env = { ATLAS_STREAMS_SECRET_PLACE: "a-place-of-ours" };
    const reference = "${env:ATLAS_STREAMS_SECRET_PLACE}";
    for (const name of ["tenantName", "groupId"]) {
      const { fields } = await refused({ ...place, [name]: reference, connection: sample }, { env });
      expect(fields).toEqual({ [name]: expect.stringMatching(/^cannot be a reference/) });
    }
    const headers = { [`X-${reference}`]: "v" };
    const { fields } = await refused({ ...place, connection: exampleOf("Https", { headers }) }, { env });
    expect(fields).toEqual({ [`connection.headers.X-${reference}`]: expect.stringMatching(/cannot be used here/) });
  });

  test("are all told of at once", async () => {
    const { fields } = await refused({ groupId: "x", connection: { type: "Kafka", password: "p" }, surplus: 1 });
    expect(Object.keys(fields).sort()).toEqual([
      "connection.bootstrapServers",
      "connection.name",
      "connection.password",
      "groupId",
      "surplus",
      "tenantName",
    ]);
  });

  test("take their place from the settings where it is left out, and only there", async () => {
    const settings = { projectId: "f".repeat(24), tenantName: "default" };
    expect((await sent({ connection: sample }, { settings }))?.path).toContain(`${"f".repeat(24)}/streams/default/`);
    expect((await sent({ ...place, connection: sample }, { settings }))?.path).toContain(
      `${place.groupId}/streams/orders/`,
    );
  });

  const projects =
    (...names: string[]): Reply =>
    ({ path }) =>
      path.includes("/groups/")
        ? { name: "x", state: "READY" }
        : { results: names.map((name, index) => ({ id: `${index}`.repeat(24), name })), totalCount: names.length };

  test("may name a project by its name, which is told", async () => {
    const services = fakeServices({ reply: projects("Lab", "Shop") });
    const result = await create({ ...place, groupId: "shop", connection: sample }, services);
    expect(result).toMatchObject({ outcome: "created", project: { groupId: "1".repeat(24) } });
    expect(result.warnings).toEqual([`groupId: "shop" is a name; it was taken as the project ${"1".repeat(24)}`]);
  });

  test("may name one of thousands of projects by its name", async () => {
    const names = Array.from({ length: 2_345 }, (_, index) => `p${index}`);
    const reply: Reply = ({ path }) => {
      const pageNum = Number(/pageNum=(\d+)/.exec(path)?.[1]);
      const results = names.map((name, index) => ({ id: `${index}`.padStart(24, "0"), name }));
      return path.includes("/groups/")
        ? { name: "x", state: "READY" }
        : { results: results.slice((pageNum - 1) * 500, pageNum * 500), totalCount: names.length };
    };
    const result = await create({ ...place, groupId: "P2344", connection: sample }, fakeServices({ reply }));
    expect(result).toMatchObject({ outcome: "created", project: { groupId: "2344".padStart(24, "0") } });
  });

  test("with the name of a project are told what else is wrong", async () => {
    const { fields } = await refused({ groupId: "Shop", connection: sample }, { reply: projects("Shop") });
    expect(Object.keys(fields)).toEqual(["tenantName"]);
  });
});

describe("a conflict", () => {
  test("with what is being deleted ends no later than waiting may", async () => {
    const taken = () => new AtlasFailure("conflict", "Taken", { status: 409 });
    const reply: Reply = ({ method }) => (method === "POST" ? taken() : { ...sample, state: "DELETING" });
    const services = fakeServices({ reply, settings: { readyMs: 5_000 } });
    const began = services.atlas.clock.now();
    const result = await create({ ...place, connection: sample, waitUntilReady: true }, services);
    expect(result).toMatchObject({ outcome: "failed", error: { kind: "conflict", retryable: true } });
    expect(services.atlas.clock.now() - began).toBe(5_000);
    expect(services.atlas.requests.filter(({ request }) => request.method === "POST")).toHaveLength(2);
  });

  test("with what is being deleted takes of the time that waiting until it is ready has", async () => {
    const taken = () => new AtlasFailure("conflict", "Taken", { status: 409 });
    const gone = () => new AtlasFailure("not_found", "Gone", { status: 404, structured: true });
    const looks: unknown[] = [...Array(4).fill({ ...sample, state: "DELETING" }), gone()];
    let posts = 0;
    const reply: Reply = ({ method }) => {
      if (method === "POST") posts += 1;
      if (method === "POST") return posts === 1 ? taken() : { ...sample, state: "PENDING" };
      return looks.shift() ?? { ...sample, state: "PENDING" };
    };
    const services = fakeServices({ reply, settings: { readyMs: 5_000 } });
    const began = services.atlas.clock.now();
    const result = await create({ ...place, connection: sample, waitUntilReady: true }, services);
    expect(result).toMatchObject({ outcome: "created", warnings: [expect.stringMatching(/not ready within 5000 ms/)] });
    expect(services.atlas.clock.now() - began).toBe(5_000);
  });

  test("shows long values in short, and tells those apart that differ in their middles", async () => {
    const certificate = (middle: string) => `${"a".repeat(900)}${middle}${"z".repeat(900)}`;
    const connection = exampleOf("Kafka", { security: { brokerPublicCertificate: certificate("one") } });
    const there = { ...connection, security: { brokerPublicCertificate: certificate("two") } };
    const taken = () => new AtlasFailure("conflict", "Taken", { status: 409 });
    const reply: Reply = ({ method }) => (method === "POST" ? taken() : there);
    const { error } = await create(
      { ...place, connection },
      fakeServices({ reply, env: { ATLAS_STREAMS_SECRET_KAFKA_PASSWORD: "p" } }),
    );
    expect(error).toMatchObject({
      kind: "conflict",
      fields: [{ path: "connection.security.brokerPublicCertificate" }],
    });
    const message = error?.fields?.[0]?.message ?? "";
    expect(message).toMatch(
      /^is "a+ … \d+ characters left out … a+twoz+ … \d+ characters left out … z+"; "a+ … .* … a+onez+ … .* … z+" was requested$/,
    );
  });
});

describe("references", () => {
  const env = { ATLAS_STREAMS_SECRET_PASSWORD: "hunter2-from-env", OTHER: "not allowed" };

  test("are resolved when the call is made, and their values never shown", async () => {
    const args = { ...place, connection: kafka({ ...login, password: "${env:ATLAS_STREAMS_SECRET_PASSWORD}" }) };
    expect((await sent(args, { env }))?.body).toMatchObject({ authentication: { password: "hunter2-from-env" } });
    const echo = () => new AtlasFailure("bad_request", "Bad password hunter2-from-env", { status: 400 });
    const services = fakeServices({ env, reply: echo });
    expect(JSON.stringify([await create(args, services), services.logged])).not.toContain("hunter2");
    // For as long as the process lives: a later call could read it back otherwise.
    expect(services.redactor.text("hunter2-from-env")).toBe("***");
  });

  test("are resolved in a user name too, and what they gave is a secret there", async () => {
    const args = {
      ...place,
      connection: kafka({ ...login, username: "${env:ATLAS_STREAMS_SECRET_PASSWORD}", password: "p" }),
    };
    const result = await create({ ...args, dryRun: true }, fakeServices({ env }));
    expect(result.outcome).toBe("planned");
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });

  test("that cannot be resolved are refused beside everything else that is wrong", async () => {
    const { fields } = await refused({ connection: kafka({ password: "${env:OTHER}" }), tenantName: "t" }, { env });
    expect(Object.keys(fields).sort()).toEqual(["connection.authentication.password", "groupId"]);
  });

  test("at the wrong place do not show what they gave, however long it is", async () => {
    for (const length of [3, 5, 59, 60, 61, 64, 71, 300]) {
      const value = "0123456789".repeat(30).slice(0, length);
      const connection = exampleOf("Cluster", { clusterGroupId: "${env:ATLAS_STREAMS_SECRET_PASSWORD}" });
      const { fields } = await refused({ ...place, connection }, { env: { ATLAS_STREAMS_SECRET_PASSWORD: value } });
      if (length >= 4) expect(JSON.stringify(fields)).not.toContain(value.slice(0, 40));
      expect(Object.keys(fields)).toEqual(["connection.clusterGroupId"]);
    }
  });
});

describe("secrets", () => {
  const settings = { inlineSecrets: "refuse" } as const;

  test("written out are taken where that is allowed", async () => {
    const connection = kafka({ ...login, password: "hunter2" });
    expect((await sent({ ...place, connection }))?.body).toEqual(connection);
  });

  test("written out are refused where they must be references", async () => {
    const connection = exampleOf("Https", { headers: { "X-Key": "hunter2", "X-Pin": 7 } });
    const { fields } = await refused({ ...place, connection }, { settings });
    expect(fields).toEqual({
      "connection.headers.X-Key": expect.stringContaining("${env:NAME}"),
      "connection.headers.X-Pin": expect.stringContaining("${env:NAME}"),
    });
  });

  test("as references are taken there", async () => {
    const env = { ATLAS_STREAMS_SECRET_KEY: "hunter2" };
    const connection = exampleOf("Https", { headers: { "X-Key": "${env:ATLAS_STREAMS_SECRET_KEY}" } });
    expect((await sent({ ...place, connection }, { settings, env }))?.body).toMatchObject({
      headers: { "X-Key": "hunter2" },
    });
  });

  test("that are missing are asked of a person, not of the chat", async () => {
    const { fields, hint } = await refused({ ...place, connection: kafka(login) });
    expect(fields).toEqual({ "connection.authentication.password": "is required: PLAIN logs in with a password" });
    expect(hint).toMatch(/^Do not ask the person to write the secret into the chat\./);
    expect(hint).toContain("ATLAS_STREAMS_SECRET_*");
  });

  test("are in no result, wherever the agent put them and whatever Atlas says", async () => {
    const secret = fc.string({ minLength: 4, maxLength: 80 }).map((text) => `§${text}§`);
    const ending = fc.constantFrom("created", "echoed", "refused", "dry run");
    await fc.assert(
      fc.asyncProperty(secret, ending, fc.boolean(), async (text, how, valid) => {
        const connection = { ...kafka({ ...login, password: text }), ...(!valid && { type: "Kafkas" }) };
        const services = fakeServices({
          reply: ({ body }) =>
            how === "refused"
              ? new AtlasFailure("bad_request", `No: ${text}`, {
                  status: 400,
                  detail: JSON.stringify(text),
                  parameters: [text],
                })
              : { name: "x", echo: how === "echoed" ? body : undefined, [text]: encodeURIComponent(text) },
        });
        const result = await create({ ...place, connection, dryRun: how === "dry run" }, services);
        const shown = JSON.stringify([result, services.logged]);
        for (const form of [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)])
          expect(shown).not.toContain(JSON.stringify(form).slice(1, -1));
      }),
      { numRuns: 60 },
    );
  });
});

describe("a place that stands inside of the connection", () => {
  const elsewhere = { project_id: place.groupId, workspace_name: place.tenantName };

  test("is taken where none is given, in any spelling", async () => {
    for (const inside of [
      elsewhere,
      { projectId: place.groupId, instance_name: place.tenantName },
      { GroupId: place.groupId, TenantName: place.tenantName },
    ]) {
      const services = fakeServices();
      const result = await create({ connection: { ...sample, ...inside } }, services);
      expect(result).toMatchObject({ outcome: "created", project: place });
      const [first, second] = Object.keys(inside);
      expect(result.warnings).toEqual([
        `connection.${first}: was taken as groupId`,
        `connection.${second}: was taken as tenantName`,
      ]);
      expect(services.atlas.requests.at(-1)?.request.body).toEqual(sample);
    }
  });

  test("comes before a default, and is read in JSON text", async () => {
    const settings = { projectId: "f".repeat(24), tenantName: "default" };
    const request = await sent({ connection: JSON.stringify({ ...sample, ...elsewhere }) }, { settings });
    expect(request?.path).toContain(`${place.groupId}/streams/${place.tenantName}/`);
    expect(request?.body).toEqual(sample);
  });

  test("is left out where it is the same, and refused by its right name where it differs", async () => {
    expect((await sent({ ...place, connection: { ...sample, ...elsewhere } }))?.body).toEqual(sample);
    const { fields } = await refused({ ...place, connection: { ...sample, ...elsewhere, workspace_name: "other" } });
    expect(fields).toEqual({
      "connection.workspace_name": "is the argument tenantName, which has a different value",
    });
  });

  test("is no other thing's name", async () => {
    const { fields } = await refused({ ...place, connection: { ...sample, workspace_name: 7 } });
    expect(Object.keys(fields)).toEqual(["connection.workspace_name"]);
  });
});

test("what clients add by themselves fails no call", async () => {
  const added = {
    toolCallId: "1",
    tool: "t",
    sessionId: "s",
    action: "sendMessage",
    chatInput: "make one",
    random_string: "",
  };
  const result = await create({ ...place, ...added, connection: sample }, fakeServices());
  expect(result).toMatchObject({ outcome: "created", warnings: [] });
});

test("a refusal for a misspelt field warns of what is doubtful beside it", async () => {
  const connection = exampleOf("Kafka", {
    authentication: { mechanism: "SCRAM", username: "u", password: "p" },
    security: { protocol: "TLSv1" },
    surplus: 1,
  });
  const { error, warnings } = await create({ ...place, connection }, fakeServices());
  expect(error?.fields?.map(({ path }) => path)).toEqual(["connection.surplus"]);
  expect(warnings).toEqual([
    expect.stringMatching(/^connection\.authentication\.mechanism: "SCRAM" is not a documented value/),
    expect.stringMatching(/^connection\.security\.protocol: "TLSv1" is not a documented value/),
  ]);
});

describe("a dry run that lacks a secret", () => {
  const connection = kafka(login);
  const missing =
    /^connection\.authentication\.password: is missing: PLAIN logs in with a password\. Not in the chat: .*\$\{env:NAME\}/;

  test("asks nobody, and tells what is missing and how to give it", async () => {
    for (const canOpenPages of [true, false]) {
      const services = fakeServices({ reply: ({ method }) => (method === "GET" ? notThere : {}) });
      const result = await call(createStreamConnection, { ...place, connection, dryRun: true }, services, {
        canOpenPages,
      });
      expect(result).toMatchObject({
        outcome: "planned",
        request: { body: { ...connection, authentication: { ...login, password: "***" } } },
        warnings: expect.arrayContaining([expect.stringMatching(missing)]),
      });
      expect(result["wouldBe"] === "invalid_input").toBe(!canOpenPages);
      expect(JSON.stringify(result)).not.toContain("not given yet");
      expect(JSON.stringify(result["equivalents"])).toContain("PASSWORD");
    }
  });

  test("of a registry, which cannot be without it, says the same", async () => {
    const registry = exampleOf("SchemaRegistry", {
      schemaRegistryAuthentication: { type: "USER_INFO", username: "u" },
    });
    const result = await call(
      createStreamConnection,
      { ...place, connection: registry, dryRun: true },
      fakeServices(),
      {
        canOpenPages: true,
      },
    );
    expect(result).toMatchObject({
      outcome: "planned",
      request: { body: { schemaRegistryAuthentication: { password: "***" } } },
      warnings: expect.arrayContaining([
        expect.stringMatching(/^connection\.schemaRegistryAuthentication\.password: is missing/),
      ]),
    });
  });

  test("asks a person with secrets: ask", async () => {
    const args = { ...place, connection, dryRun: true, secrets: "ask" };
    const services = fakeServices();
    await expect(call(createStreamConnection, args, services, { canOpenPages: true })).rejects.toThrow(
      "Nobody was there",
    );
    await services.desk.close();
  });
});

describe("a dry run", () => {
  test("sends no write, and shows the request with every secret masked", async () => {
    const services = fakeServices();
    const connection = kafka({ ...login, password: "hunter2" });
    const result = await create({ ...place, connection, dryRun: true, pretty: true }, services);
    expect(result).toMatchObject({
      outcome: "planned",
      project: place,
      request: {
        method: "POST",
        url: `https://cloud.mongodb.com/api/atlas/v2/groups/${place.groupId}/streams/orders/connections?pretty=true`,
        headers: { accept: "application/vnd.atlas.2023-02-01+json", authorization: "***" },
        body: { ...connection, authentication: { ...login, password: "***" } },
      },
    });
    expect(services.atlas.requests.filter(({ request }) => request.method !== "GET")).toEqual([]);
  });
});

test("a secret that is a word of the server's own does not make a result unreadable", async () => {
  const connection = exampleOf("Https", { headers: { a: "failed", b: "invalid_input", c: "created" } });
  const { outcome } = await create({ ...place, connection }, fakeServices());
  expect(outcome).toBe("created");
  const failed = await create({ ...place, connection: { ...connection, url: "" } }, fakeServices());
  expect(failed.outcome).toBe("failed");
  expect(failed.error?.kind).toBe("invalid_input");
});

test("a defect is a result that promises nothing, and the log says more", async () => {
  const services = fakeServices({ reply: () => new TypeError("x is not a function") });
  const result = await create({ ...place, connection: sample }, services);
  expect(result.error?.kind).toBe("unknown_outcome");
  expect(JSON.stringify(result)).not.toContain("TypeError");
  expect(services.logged).toContainEqual(
    expect.objectContaining({
      level: "error",
      facts: expect.objectContaining({ error: expect.stringContaining("TypeError") }),
    }),
  );
});

test("a reference whose value could be read back in a visible field is refused", async () => {
  const env = { ATLAS_STREAMS_SECRET_SHORT: "short-7", ATLAS_STREAMS_SECRET_LONG: "longer-8" };
  const withUser = (username: string) => kafka({ ...login, username, password: "${env:ATLAS_STREAMS_SECRET_SHORT}" });
  const { fields } = await refused({ ...place, connection: withUser("${env:ATLAS_STREAMS_SECRET_SHORT}") }, { env });
  expect(fields).toEqual({ "connection.authentication.username": expect.stringMatching(/could be read back/) });
  const connection = withUser("${env:ATLAS_STREAMS_SECRET_LONG}");
  expect((await sent({ ...place, connection }, { env }))?.body).toMatchObject({
    authentication: { username: "longer-8", password: "short-7" },
  });
});

test("a private key in a certificate's field is refused, and is in no result", async () => {
  const key = "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqh\n-----END PRIVATE KEY-----";
  const services = fakeServices();
  const connection = kafka({ ...login, password: "hunter22", sslCertificate: key });
  const result = await create({ ...place, connection, dryRun: true }, services);
  expect(result.error?.fields).toEqual([
    { path: "connection.authentication.sslCertificate", message: expect.stringContaining("`sslKey`") },
  ]);
  expect(JSON.stringify([result, services.logged])).not.toContain("MIIEvgIBADANBgkqh");
});

describe("what stands in the place of a secret and is none", () => {
  test.each([
    ["${ATLAS_STREAMS_SECRET_KAFKA}", /looks like a reference but is not one.*\$\{env:NAME\}/],
    ["<your password>", /looks like a placeholder.*\$\{env:NAME\}/],
    ["***", /holds \*\*\*/],
    ["ask", /the word "ask".*`secrets`: "ask"/],
  ])("such as %s is refused, with the right way", async (password, words) => {
    const { fields } = await refused({ ...place, connection: kafka({ ...login, password }) });
    expect(fields).toEqual({ "connection.authentication.password": expect.stringMatching(words) });
  });

  test("is refused in a part of a URL too", async () => {
    const connection = exampleOf("Https", { url: "https://bob:***@example.com?token=changeme", headers: {} });
    const { fields } = await refused({ ...place, connection });
    expect(Object.keys(fields)).toEqual(["connection.url"]);
  });

  test("is taken by reference where it really reads so", async () => {
    const env = { ATLAS_STREAMS_SECRET_ODD: "<your password>" };
    const connection = kafka({ ...login, password: "${env:ATLAS_STREAMS_SECRET_ODD}" });
    expect((await sent({ ...place, connection }, { env }))?.body).toMatchObject({
      authentication: { password: "<your password>" },
    });
  });
});
