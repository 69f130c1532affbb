/** What goes over the wire: method, path, query, headers and body of the create. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectionTypes } from "../../src/connections/union.ts";
import { packageVersion } from "../../src/version.ts";
import {
  connectionsPath,
  creates,
  freshName,
  place,
  type ServerOnSandbox,
  simple,
  startOnSandbox,
} from "../support/against-sandbox.ts";
import { bodyValidators } from "../support/api-description.ts";
import { openapi } from "../support/shared-atlas.ts";

const validators = bodyValidators();
const secretVariables = {
  ATLAS_STREAMS_SECRET_KAFKA_PASSWORD: "kafka-s3cret",
  ATLAS_STREAMS_SECRET_HOOK_AUTH: "hook-s3cret",
  ATLAS_STREAMS_SECRET_REGISTRY_PASSWORD: "registry-s3cret",
};

let on: ServerOnSandbox;
beforeAll(async () => {
  // What is new can be read at once: the moment in which it cannot is not what these tests are about.
  on = await startOnSandbox({ env: secretVariables, sandbox: { oddities: { hiddenMs: 0 } } });
});
afterEach(() => {
  on.sandbox.requests.length = 0;
});
afterAll(() => on.close());

const lastCreate = () => creates(on.sandbox).at(-1);

describe("a create", () => {
  it("is one POST with Atlas's media type, JSON and the server's name and version", async () => {
    const args = simple();
    await on.server.create(args);
    expect(on.sandbox.requests).toHaveLength(1);
    expect(lastCreate()).toMatchObject({
      method: "POST",
      path: connectionsPath,
      query: {},
      headers: {
        accept: "application/vnd.atlas.2023-02-01+json",
        "content-type": "application/json",
        "user-agent": expect.stringMatching(new RegExp(`^atlas-streams-mcp/${packageVersion}( |$)`)),
      },
      body: args.connection,
    });
  });

  it.each(connectionTypes)("of the type $type is sent field for field", async ({ type, example }) => {
    const connection = { name: freshName(), type, ...example };
    expect(await on.server.create({ ...place, connection })).toMatchObject({ outcome: "created", warnings: [] });
    const text = JSON.stringify(connection).replace(/\$\{env:(\w+)\}/g, (_, name) =>
      Reflect.get(secretVariables, name),
    );
    expect(lastCreate()?.body).toEqual(JSON.parse(text));
    if (!openapi) return;
    const validate = validators.get(type);
    expect([validate?.(lastCreate()?.body), validate?.errors]).toEqual([true, null]);
  });
});

describe("the query parameters", () => {
  it.each([
    [{}, {}],
    [{ envelope: false, pretty: false }, {}],
    [{ envelope: true }, { envelope: "true" }],
    [{ pretty: true }, { pretty: "true" }],
    [
      { envelope: true, pretty: true },
      { envelope: "true", pretty: "true" },
    ],
  ])("for %j are %j, and the result is the same", async (style, query) => {
    const args = simple();
    const result = await on.server.create({ ...args, ...style });
    expect(lastCreate()?.query).toEqual(query);
    expect(result).toEqual({
      isError: false,
      outcome: "created",
      summary: expect.stringContaining(args.connection.name),
      connection: { ...args.connection, id: expect.any(String), region: "FRANKFURT_DEU", state: "READY" },
      project: place,
      warnings: [],
    });
  });

  it("leave a refusal in an envelope a refusal", async () => {
    const result = await on.server.create({ ...simple(), tenantName: "nowhere", envelope: true });
    expect(result).toMatchObject({
      isError: true,
      error: { kind: "not_found", status: 404, errorCode: "STREAM_TENANT_NOT_FOUND_FOR_NAME", parameters: ["nowhere"] },
    });
  });
});

describe("an odd name", () => {
  const oddNames = ["a b", "a/b", "a%2Fb", "?x=1&y#z", "ü 🧵", "..a", "...", "a;b,c:d@e", "'\"\\<>", "+"];

  it.each(oddNames)("of a workspace, %j, is one path segment", async (tenantName) => {
    const workspaces = on.sandbox.state.projects.get(place.groupId)?.workspaces;
    const empty = workspaces?.get(place.tenantName);
    if (empty) workspaces?.set(tenantName, { ...empty, name: tenantName, connections: new Map() });
    const args = { ...simple(), tenantName };
    expect(await on.server.create(args)).toMatchObject({ outcome: "created", project: { tenantName } });
    expect(lastCreate()?.path.split("/")).toHaveLength(connectionsPath.split("/").length);
    expect(on.sandbox.state.connection(place.groupId, tenantName, args.connection.name)).toBeDefined();
  });

  it.each(oddNames)("of a connection, %j, is found again", async (name) => {
    expect(await on.server.create(simple(name))).toMatchObject({ outcome: "created", connection: { name } });
    expect(await on.server.create(simple(name))).toMatchObject({ outcome: "already_exists", connection: { name } });
  });

  it.each([".", ".."])("of a workspace, %j, which no path can hold, is refused", async (tenantName) => {
    const { error } = await on.server.create({ ...simple(), tenantName });
    expect(error).toMatchObject({ kind: "invalid_input", fields: [{ path: "tenantName" }] });
    expect(on.sandbox.requests).toEqual([]);
  });
});
