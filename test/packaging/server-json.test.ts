/** `server.json` by the rules of the MCP registry, in this project's own words. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { type Variable, variables } from "../../src/config/variables.ts";

const entry: unknown = JSON.parse(readFileSync(new URL("../../server.json", import.meta.url), "utf8"));

/** One release, never a range: `1.2.3`, `1.2.3-rc.1`. */
const version = z
  .string()
  .max(255)
  .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/);

const environmentVariable = z.strictObject({
  name: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
  description: z.string().min(1),
  format: z.enum(["string", "number", "boolean", "filepath"]).optional(),
  isRequired: z.boolean().optional(),
  isSecret: z.boolean().optional(),
  default: z.string().optional(),
});

const npmPackage = z.strictObject({
  registryType: z.literal("npm"),
  identifier: z.string().min(1),
  version,
  runtimeHint: z.literal("npx"),
  transport: z.strictObject({ type: z.literal("stdio") }),
  environmentVariables: z.array(environmentVariable),
});

/** @see https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json */
const registryEntry = z.strictObject({
  $schema: z.literal("https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"),
  /** A reversed domain and a name, with one slash between them. */
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version,
  packages: z.array(npmPackage).length(1),
});

describe("server.json", () => {
  test("follows the registry's rules", () => {
    expect(registryEntry.safeParse(entry).error).toBeUndefined();
  });

  const { name, version: ownVersion, packages } = registryEntry.parse(entry);

  test("names the package of this version", () => {
    expect(ownVersion).toBe(manifest.version);
    expect(packages).toMatchObject([{ identifier: manifest.name, version: manifest.version }]);
  });

  test("has the name by which the package proves that it is the registry's", () => {
    expect(manifest.mcpName).toBe(name);
  });

  test("lists every variable, with what is secret and what is the default", () => {
    expect(packages[0]?.environmentVariables).toEqual(
      variables.map(({ name, secret, format, default: value }: Variable) => ({
        name,
        description: expect.any(String),
        ...(secret && { isSecret: true }),
        ...(format && { format }),
        ...(value !== undefined && { default: value }),
      })),
    );
  });

  test("gives no secret a default", () => {
    const secrets = packages[0]?.environmentVariables.filter(({ isSecret }) => isSecret) ?? [];
    expect(secrets.length).toBeGreaterThan(0);
    for (const secret of secrets) expect(secret.default).toBeUndefined();
  });
});

describe("the rules", () => {
  test.each([
    ["a name without a slash", { name: "atlas-streams-mcp" }],
    ["a name with two slashes", { name: "io.github.a/b/c" }],
    ["a description of more than 100 characters", { description: "x".repeat(101) }],
    ["no description", { description: "" }],
    ["a range as the version", { version: "^1.0.0" }],
    ["latest as the version", { version: "latest" }],
  ])("refuse %s", (_, change) => {
    expect(registryEntry.safeParse({ ...Object(entry), ...change }).success).toBe(false);
  });
});
