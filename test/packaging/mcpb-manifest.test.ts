/** The manifest of the MCPB bundle. The official tool validates its form when the bundle is made. */
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { bundledFiles, mcpbManifest } from "../../scripts/mcpb-manifest.ts";
import { readSettings } from "../../src/config/settings.ts";
import { type Variable, variables } from "../../src/config/variables.ts";

const root = new URL("../../", import.meta.url).pathname;
const bundle = mcpbManifest();
const { env } = bundle.server.mcp_config;
const list: readonly Variable[] = variables;

const settingOf = (name: string) => {
  const key = /^\$\{user_config\.(\w+)\}$/.exec(env[name] ?? "")?.[1] ?? "";
  const setting = bundle.user_config[key];
  if (!setting) throw new Error(`${name} has no setting`);
  return setting;
};

test("it is this package at this version", () => {
  expect(bundle).toMatchObject({
    name: manifest.name,
    version: manifest.version,
    license: manifest.license,
    server: { type: "node", entry_point: "dist/atlas-streams-mcp.js" },
    compatibility: { runtimes: { node: manifest.engines.node } },
  });
});

test("the bundle holds what it starts, and what tells Node that it is a module", () => {
  expect(bundle.server.mcp_config.args).toEqual([`\${__dirname}/${bundle.server.entry_point}`]);
  expect(bundledFiles).toContain("package.json");
  for (const file of [...bundledFiles, bundle.server.entry_point]) expect(existsSync(root + file), file).toBe(true);
});

describe("its settings", () => {
  test("are all variables but those of the host's own environment", () => {
    expect(Object.keys(env)).toEqual(
      list.map(({ name }) => name).filter((name) => !["HTTPS_PROXY", "NO_PROXY"].includes(name)),
    );
    expect(Object.keys(bundle.user_config)).toHaveLength(Object.keys(env).length);
  });

  test("are sensitive where the variable is secret, and only there", () => {
    const sensitive = Object.keys(env).filter((name) => settingOf(name).sensitive);
    expect(sensitive).toEqual(list.flatMap(({ name, secret }) => (secret ? [name] : [])));
  });

  test("have a title, words on them and a default of their own type", () => {
    for (const setting of Object.values(bundle.user_config)) {
      expect(setting.title).toMatch(/^[A-Z][a-z ]+$/);
      expect(setting.description).not.toBe("");
      if (setting.default !== undefined) expect(typeof setting.default).toBe(setting.type);
    }
  });

  test("left blank configure nothing, whether a host fills in the default or leaves the placeholder", () => {
    const filled = Object.fromEntries(
      Object.entries(env).map(([name, placeholder]) => [name, String(settingOf(name).default ?? placeholder)]),
    );
    expect(readSettings(filled)).toEqual(readSettings({}));
    expect(readSettings(env)).toEqual(readSettings({}));
  });
});
