/**
 * Hosts of MCPB bundles pass a setting that a person left blank as an empty text or as the placeholder itself.
 * @see https://github.com/modelcontextprotocol/mcpb/issues/250
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readProfile } from "../../src/config/profile.ts";
import { readSettings } from "../../src/config/settings.ts";
import { variables } from "../../src/config/variables.ts";

test.each(variables.map(({ name }) => name))(
  "%s is unset where it holds the placeholder of a bundle's setting",
  (name) => {
    expect(readSettings({ [name]: `\${user_config.${name.toLowerCase()}}` })).toEqual(readSettings({}));
  },
);

test("so is half a pair", () => {
  const env = { MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_1", MONGODB_ATLAS_CLIENT_SECRET: "${user_config.secret}" };
  expect(readSettings(env).credentials).toMatchObject({ kind: "missing", incompletePair: true });
});

test("anything else in braces is a value", () => {
  expect(readSettings({ ATLAS_STREAMS_MCP_TENANT: "${user_config.a} b" }).tenantName).toBe("${user_config.a} b");
  expect(readSettings({ ATLAS_STREAMS_MCP_TENANT: "${other}" }).tenantName).toBe("${other}");
});

test("so is the name of a profile", async () => {
  const folder = await mkdtemp(join(tmpdir(), "profile-"));
  await mkdir(join(folder, "atlascli"));
  await writeFile(join(folder, "atlascli", "config.toml"), '[default]\npublic_api_key = "p"\nprivate_api_key = "s"\n');
  const env = { XDG_CONFIG_HOME: folder, MONGODB_ATLAS_PROFILE: "${user_config.mongodb_atlas_profile}" };
  expect(await readProfile(env, "linux")).toMatchObject({ name: "default", credentials: { publicKey: "p" } });
  await rm(folder, { recursive: true });
});
