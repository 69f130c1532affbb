/** Credentials from the Atlas CLI's configuration file. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completeSettings } from "../../src/config/profile.ts";
import { readSettings } from "../../src/config/settings.ts";

const toml = `
telemetry_enabled = false

[default]
  org_id = "5f1"
  project_id = "65f1c0de0a1b2c3d4e5f6071"
  public_api_key = "abcdefgh"
  private_api_key = "11111111-2222-3333-4444-555555555555"

[robot]
  client_id = "mdb_sa_id_1"
  client_secret = "mdb_sa_sk_1"

[keychain]
  project_id = "65f1c0de0a1b2c3d4e5f6072"

[both]
  client_id = "mdb_sa_id_2"
  client_secret = "mdb_sa_sk_2"
  public_api_key = "abcdefgh"
  private_api_key = "11111111-2222-3333-4444-555555555555"
`;

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "profile-test-"));
});
afterEach(() => rm(home, { recursive: true }));

async function write(text: string, folder = join(home, ".config", "atlascli")) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "config.toml"), text);
}

const complete = (env: Record<string, string> = {}) => {
  const all = { HOME: home, ...env };
  return completeSettings(readSettings(all), all);
};

describe("the Atlas CLI's profile", () => {
  beforeEach(() => write(toml));

  it("gives an API key and the project", async () => {
    expect(await complete()).toMatchObject({
      credentials: { kind: "api-key", publicKey: "abcdefgh", privateKey: "11111111-2222-3333-4444-555555555555" },
      credentialSource: 'the Atlas CLI\'s profile "default"',
      projectId: "65f1c0de0a1b2c3d4e5f6071",
    });
  });

  it.each([
    ["robot", "mdb_sa_id_1"],
    ["both", "mdb_sa_id_2"],
  ])("%s, picked by MONGODB_ATLAS_PROFILE, gives a service account", async (name, clientId) => {
    expect(await complete({ MONGODB_ATLAS_PROFILE: name })).toMatchObject({
      credentials: { kind: "service-account", clientId },
      credentialSource: `the Atlas CLI's profile "${name}"`,
    });
  });

  it("that keeps its keys in the keychain says so", async () => {
    const { credentials } = await complete({ MONGODB_ATLAS_PROFILE: "keychain" });
    expect(credentials).toMatchObject({
      kind: "missing",
      problem: expect.stringMatching(/"keychain" contains no keys.*keychain/),
    });
  });

  it("that is not there is named", async () => {
    const { credentials } = await complete({ MONGODB_ATLAS_PROFILE: "nope" });
    expect(credentials).toMatchObject({ kind: "missing", problem: expect.stringMatching(/has no profile "nope"$/) });
  });

  it.each([
    ["MONGODB_ATLAS_ACCESS_TOKEN", "token", "access-token"],
    ["MONGODB_ATLAS_CLIENT_ID", "half", "missing"],
  ])("does not count where the environment has %s", async (name, value, kind) => {
    const settings = await complete({ [name]: value });
    expect(settings.credentials.kind).toBe(kind);
    expect(settings.projectId).toBeUndefined();
  });

  it("leaves the project that the environment names", async () => {
    const projectId = "65f1c0de0a1b2c3d4e5f6079";
    expect((await complete({ MONGODB_ATLAS_PROJECT_ID: projectId })).projectId).toBe(projectId);
  });

  it("is read where XDG_CONFIG_HOME says", async () => {
    const folder = join(home, "elsewhere");
    await write(toml.replace("abcdefgh", "otherkey"), join(folder, "atlascli"));
    expect((await complete({ XDG_CONFIG_HOME: folder })).credentials).toMatchObject({ publicKey: "otherkey" });
  });
});

it.each([
  ["there is no file", undefined],
  ["the file is no TOML", "[[["],
  ["a section is no table", 'default = "text"'],
  ["half a pair is there", '[default]\npublic_api_key = "abcdefgh"'],
])("where %s there are no credentials, and nothing fails", async (_, text) => {
  if (text !== undefined) await write(text);
  expect((await complete()).credentials.kind).toBe("missing");
});
