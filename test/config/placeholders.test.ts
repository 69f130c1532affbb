/** Values that are none: what hosts of bundles pass for a blank setting, and what clients and people did not fill in. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completeSettings, readProfile } from "../../src/config/profile.ts";
import { credentialSecrets, readSettings } from "../../src/config/settings.ts";
import { variables } from "../../src/config/variables.ts";

/**
 * Hosts of MCPB bundles pass a setting that a person left blank as an empty text or as the placeholder itself.
 * @see https://github.com/modelcontextprotocol/mcpb/issues/250
 */
test.each(variables.map(({ name }) => name))(
  "%s is unset where it holds the placeholder of a bundle's setting",
  (name) => {
    expect(readSettings({ [name]: `\${user_config.${name.toLowerCase()}}` })).toEqual(readSettings({}));
  },
);

test("so is half a pair", () => {
  const env = { MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_1", MONGODB_ATLAS_CLIENT_SECRET: "${user_config.secret}" };
  expect(readSettings(env).credentials).toMatchObject({ kind: "missing", mistake: true });
});

test("anything else in braces is a value", () => {
  expect(readSettings({ ATLAS_STREAMS_MCP_TENANT: "${user_config.a} b" }).tenantName).toBe("${user_config.a} b");
});

test("so is the name of a profile", async () => {
  const folder = await mkdtemp(join(tmpdir(), "profile-"));
  await mkdir(join(folder, "atlascli"));
  await writeFile(join(folder, "atlascli", "config.toml"), '[default]\npublic_api_key = "p"\nprivate_api_key = "s"\n');
  const env = { XDG_CONFIG_HOME: folder, MONGODB_ATLAS_PROFILE: "${user_config.mongodb_atlas_profile}" };
  expect(await readProfile(env, "linux")).toMatchObject({ name: "default", credentials: { publicKey: "p" } });
  await rm(folder, { recursive: true });
});

/** Whose values are looked at. */
const looked = [
  "MONGODB_ATLAS_CLIENT_ID",
  "MONGODB_ATLAS_CLIENT_SECRET",
  "MONGODB_ATLAS_ACCESS_TOKEN",
  "MONGODB_ATLAS_PUBLIC_KEY",
  "MONGODB_ATLAS_PRIVATE_KEY",
  "MONGODB_ATLAS_PUBLIC_API_KEY",
  "MONGODB_ATLAS_PRIVATE_API_KEY",
  "MONGODB_ATLAS_PROJECT_ID",
  "ATLAS_STREAMS_MCP_TENANT",
];
const pairs = {
  MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_65f1c0de0a1b2c3d4e5f60aa",
  MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_1",
  MONGODB_ATLAS_PUBLIC_KEY: "abcdefgh",
  MONGODB_ATLAS_PRIVATE_KEY: "11111111-2222-3333-4444-555555555555",
};
const otherSpelling = {
  MONGODB_ATLAS_PUBLIC_API_KEY: pairs.MONGODB_ATLAS_PUBLIC_KEY,
  MONGODB_ATLAS_PRIVATE_API_KEY: pairs.MONGODB_ATLAS_PRIVATE_KEY,
};

describe("what a client did not fill in", () => {
  test.each(looked)("is a mistake in %s, whatever else is set", (name) => {
    const others = name.endsWith("API_KEY") ? otherSpelling : pairs;
    const { credentials, projectId, tenantName } = readSettings({ ...others, [name]: "${input:it}" });
    expect(credentials).toEqual({
      kind: "missing",
      mistake: true,
      problem: `${name} holds a placeholder: the client did not fill this in`,
    });
    expect([projectId, tenantName]).toEqual([undefined, undefined]);
  });

  test.each([
    "${input:atlas-id}",
    "${VAR}",
    "${env:VAR}",
    "${VAR:-}",
    "$VAR",
    "$env:VAR",
    "%VAR%",
    "{{VAR}}",
    "${{ secrets.VAR }}",
    "{env:VAR}",
    "<client id>",
    "mdb_sa_id_…",
    "mdb_sa_id_...",
    "mdb_sa_sk_…",
    "mdb_sa_sk_...",
    "mdb_sa_id_",
    "mdb_sa_id_<id>",
    "mdb_sa_id_65f1…",
    "...",
    "…",
  ])("%s is a placeholder", (value) => {
    for (const name of ["MONGODB_ATLAS_ACCESS_TOKEN", "ATLAS_STREAMS_MCP_TENANT"])
      expect(readSettings({ [name]: value }).credentials).toMatchObject({ mistake: true });
  });

  test.each(["eyJh.eyJz.c2ln", "sandbox.ready-made.0123", "a$b", "5a6d1b3c-0f2e-4c7a", "mdb_sa_sk_a_b-c..d"])(
    "%s is a value",
    (token) => {
      const { credentials } = readSettings({ MONGODB_ATLAS_ACCESS_TOKEN: token });
      expect(credentials).toEqual({ kind: "access-token", token });
    },
  );

  test("is told of every variable at once, beside half a pair", () => {
    const { credentials } = readSettings({ MONGODB_ATLAS_CLIENT_ID: "<id>", MONGODB_ATLAS_PROJECT_ID: "$PROJECT" });
    expect(credentials).toHaveProperty(
      "problem",
      "MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_PROJECT_ID hold placeholders: the client did not fill this in; " +
        "MONGODB_ATLAS_CLIENT_ID is set but MONGODB_ATLAS_CLIENT_SECRET is not; set both",
    );
  });

  test("of MONGODB_ATLAS_PROJECT_ID is no reason not to start, though any other value that is no id is", () => {
    expect(readSettings({ MONGODB_ATLAS_PROJECT_ID: "${PROJECT}" }).projectId).toBeUndefined();
    expect(() => readSettings({ MONGODB_ATLAS_PROJECT_ID: "My Project" })).toThrow("24 hexadecimal digits");
  });
});

describe("a service account whose halves are exchanged", () => {
  const [id, secret] = ["mdb_sa_id_65f1c0de0a1b2c3d4e5f60aa", "mdb_sa_sk_the_secret"];

  test.each([
    [secret, id, "MONGODB_ATLAS_CLIENT_ID begins with mdb_sa_sk_, MONGODB_ATLAS_CLIENT_SECRET begins with mdb_sa_id_"],
    [secret, "other", "MONGODB_ATLAS_CLIENT_ID begins with mdb_sa_sk_"],
    ["other", id, "MONGODB_ATLAS_CLIENT_SECRET begins with mdb_sa_id_"],
  ])("%s, %s says so, and keeps both secret", (first, second, begins) => {
    const { credentials } = readSettings({
      MONGODB_ATLAS_CLIENT_ID: first,
      MONGODB_ATLAS_CLIENT_SECRET: second,
      MONGODB_ATLAS_ACCESS_TOKEN: "token",
    });
    expect(credentials).toMatchObject({ kind: "missing", mistake: true });
    expect(credentials).toHaveProperty("problem", `${begins}: the client ID and the client secret are exchanged`);
    expect(credentialSecrets(credentials)).toEqual([first, second]);
  });

  test("says so where only one of them is set", () => {
    const { credentials } = readSettings({ MONGODB_ATLAS_CLIENT_ID: secret });
    expect(credentials).toHaveProperty("problem", expect.stringContaining("exchanged"));
    expect(credentialSecrets(credentials)).toEqual([secret]);
  });
});

test("an API key whose halves are exchanged says so, and keeps both secret", () => {
  const [MONGODB_ATLAS_PUBLIC_KEY, MONGODB_ATLAS_PRIVATE_KEY] = ["11111111-2222-3333-4444-555555555555", "abcdefgh"];
  const { credentials } = readSettings({ MONGODB_ATLAS_PUBLIC_KEY, MONGODB_ATLAS_PRIVATE_KEY });
  expect(credentials).toHaveProperty(
    "problem",
    "MONGODB_ATLAS_PUBLIC_KEY has the form of a private key: the public key and the private key are exchanged",
  );
  expect(credentialSecrets(credentials)).toEqual([MONGODB_ATLAS_PUBLIC_KEY, MONGODB_ATLAS_PRIVATE_KEY]);
});

describe("the Atlas CLI's profile", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "profile-"));
    await mkdir(join(folder, "atlascli"));
    await writeFile(
      join(folder, "atlascli", "config.toml"),
      `[account]
client_id = "<client id>"
client_secret = "mdb_sa_sk_1"
[key]
public_api_key = "abcdefgh"
private_api_key = "$KEY"
[project]
project_id = "<project id>"
public_api_key = "abcdefgh"
private_api_key = "11111111-2222-3333-4444-555555555555"
[exchanged]
client_id = "mdb_sa_sk_1"
client_secret = "mdb_sa_id_1"
`,
    );
  });
  afterAll(() => rm(folder, { recursive: true }));
  const complete = (profile: string) => {
    const env = { XDG_CONFIG_HOME: folder, HOME: folder, MONGODB_ATLAS_PROFILE: profile };
    return completeSettings(readSettings(env), env);
  };

  test.runIf(process.platform === "linux").each([
    ["account", 'In the Atlas CLI\'s profile "account", client_id holds a placeholder: nobody filled it in'],
    ["key", 'In the Atlas CLI\'s profile "key", private_api_key holds a placeholder: nobody filled it in'],
    ["project", 'In the Atlas CLI\'s profile "project", project_id holds a placeholder: nobody filled it in'],
    [
      "exchanged",
      'In the Atlas CLI\'s profile "exchanged", client_id begins with mdb_sa_sk_, client_secret begins with mdb_sa_id_: the client ID and the client secret are exchanged',
    ],
    ["${input:profile}", "MONGODB_ATLAS_PROFILE holds a placeholder: the client did not fill this in"],
  ])("%s: %s", async (profile, problem) => {
    const { credentials, projectId } = await complete(profile);
    expect(credentials).toMatchObject({ kind: "missing", mistake: true, problem });
    expect(projectId).toBeUndefined();
  });
});
