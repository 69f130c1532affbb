/** Which credentials count where several are set, or not all of a pair. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { simple } from "../support/against-sandbox.ts";
import { type Sandbox, startSandbox } from "../support/sandbox.ts";
import { credentialVariables, startServer } from "../support/server.ts";

const { "service account": account, "access token": token, "API key": key } = credentialVariables;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
beforeEach(() => {
  sandbox.requests.length = 0;
});
afterAll(() => sandbox.close());

async function createWith(env: Record<string, string>, args: Record<string, unknown> = simple()) {
  const server = await startServer({ ...env, MONGODB_ATLAS_BASE_URL: sandbox.url });
  const result = await server.create(args);
  await server.close();
  return result;
}

describe("where several kinds of credentials are set", () => {
  it.each([
    ["a service account before all others", { ...key, ...token, ...account }, ["Basic", "Bearer"]],
    ["an access token before an API key", { ...key, ...token }, ["Bearer"]],
    ["an API key by its other names", publicApiKey(), [undefined, "Digest"]],
  ])("the server takes %s", async (_, env, schemes) => {
    expect(await createWith(env)).toMatchObject({ outcome: "created" });
    const used = sandbox.requests.map(({ headers }) => headers["authorization"]?.split(" ")[0]);
    expect(used).toEqual(schemes);
  });
});

function publicApiKey() {
  return {
    MONGODB_ATLAS_PUBLIC_API_KEY: key.MONGODB_ATLAS_PUBLIC_KEY,
    MONGODB_ATLAS_PRIVATE_API_KEY: key.MONGODB_ATLAS_PRIVATE_KEY,
  };
}

describe("half a pair", () => {
  const pairs = [
    { name: "MONGODB_ATLAS_CLIENT_ID", value: account.MONGODB_ATLAS_CLIENT_ID, missing: "MONGODB_ATLAS_CLIENT_SECRET" },
    {
      name: "MONGODB_ATLAS_CLIENT_SECRET",
      value: account.MONGODB_ATLAS_CLIENT_SECRET,
      missing: "MONGODB_ATLAS_CLIENT_ID",
    },
    { name: "MONGODB_ATLAS_PUBLIC_KEY", value: key.MONGODB_ATLAS_PUBLIC_KEY, missing: "MONGODB_ATLAS_PRIVATE_KEY" },
    { name: "MONGODB_ATLAS_PRIVATE_KEY", value: key.MONGODB_ATLAS_PRIVATE_KEY, missing: "MONGODB_ATLAS_PUBLIC_KEY" },
  ];

  it.each(pairs)("($name) is a configuration error that names $missing", async ({ name, value, missing }) => {
    const result = await createWith({ [name]: value });
    expect(result).toMatchObject({ isError: true, error: { kind: "configuration", retryable: false } });
    expect(result.summary).toContain(`${name} is set but ${missing} is not`);
    expect(JSON.stringify(result)).not.toContain(value);
    expect(sandbox.requests).toEqual([]);
  });

  it("is an error beside complete credentials of another kind too: the pair was meant", async () => {
    const result = await createWith({ ...token, MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_1" });
    expect(result).toMatchObject({ error: { kind: "configuration" } });
    expect(sandbox.requests).toEqual([]);
  });

  it("counts a blank half as missing", async () => {
    const result = await createWith({ ...account, MONGODB_ATLAS_CLIENT_SECRET: "  " });
    expect(result.summary).toContain("MONGODB_ATLAS_CLIENT_SECRET is not");
  });
});

describe("without credentials", () => {
  it("arguments are still checked", async () => {
    const result = await createWith({}, { ...simple(), connection: { name: "x", type: "kafka" } });
    expect(result).toMatchObject({ error: { kind: "invalid_input" } });
  });

  it("a dry run still shows the request", async () => {
    expect(await createWith({}, { ...simple(), dryRun: true })).toMatchObject({ outcome: "planned" });
  });
});
