/** The layout: imports point one way, and only the protocol's adapters know an SDK. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const src = new URL("../src", import.meta.url).pathname;

/** From the bottom to the top: a module imports from its own layer's folder and from the layers below. */
const layers = [
  ["clock.ts", "compile-cache.ts", "json.ts", "mask.ts", "version.ts"],
  ["config"],
  ["log.ts", "atlas"],
  ["secrets", "schema"],
  ["secret-page"],
  ["connections", "services.ts"],
  ["stages", "tool"],
  ["diagnosis", "equivalents", "guides", "sandbox"],
  ["tools"],
  ["protocol", "cli"],
  ["main.ts"],
  ["start.ts"],
];

/** The same inside the sandbox. */
const sandboxLayers = [["credentials.ts", "http.ts"], ["access"], ["data"], ["api"], ["atlas.ts"], ["start.ts"]];

const roomIn = (folder: string, file: string) => relative(folder, file).split("/")[0] ?? "";
const roomOf = (file: string) => roomIn(src, file);

function modules(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? modules(path) : path.endsWith(".ts") ? [path] : [];
  });
}

/** What a module imports, statically or when it runs. */
function importsOf(file: string): { specifier: string; dynamic: boolean }[] {
  const text = readFileSync(file, "utf8");
  const found = [...text.matchAll(/(?:\bfrom|\bimport)\s*(\()?\s*"([^"]+)"/g)];
  return found.map(([, parenthesis, specifier = ""]) => ({ specifier, dynamic: parenthesis !== undefined }));
}

const imports = modules(src).flatMap((file) => importsOf(file).map((entry) => ({ file, ...entry })));
const local = imports
  .filter(({ specifier }) => specifier.startsWith(".") && !specifier.endsWith("package.json"))
  .map(({ file, specifier, dynamic }) => ({ file, target: resolve(dirname(file), specifier), dynamic }));
const named = ({ file, target }: { file: string; target: string }) =>
  `${relative(src, file)} -> ${relative(src, target)}`;

describe("the source tree", () => {
  describe.each([
    ["as a whole", src, layers],
    ["of the sandbox", join(src, "sandbox"), sandboxLayers],
  ])("%s", (_, folder, levels) => {
    const levelOf = (room: string) => levels.findIndex((rooms) => rooms.includes(room));

    test("has a layer for every room", () => {
      const rooms = new Set(modules(folder).map((file) => roomIn(folder, file)));
      expect([...rooms].filter((room) => levelOf(room) < 0)).toEqual([]);
    });

    test("imports only from the same room or from a layer below", () => {
      const inside = ({ file, target }: (typeof local)[number]) =>
        [file, target].every((path) => path.startsWith(`${folder}/`));
      const wrong = local.filter(inside).filter(({ file, target }) => {
        const [from, to] = [roomIn(folder, file), roomIn(folder, target)];
        return from !== to && levelOf(to) >= levelOf(from);
      });
      expect(wrong.map(named)).toEqual([]);
    });
  });

  test("imports in no circle", () => {
    let left = local;
    // What imports nothing that is left, or is imported by nothing that is left, is on no circle.
    for (let before = -1; before !== left.length; ) {
      before = left.length;
      const importers = new Set(left.map(({ file }) => file));
      const imported = new Set(left.map(({ target }) => target));
      left = left.filter(({ file, target }) => importers.has(target) && imported.has(file));
    }
    expect(left.map(named)).toEqual([]);
  });

  test("imports the SDK of MCP only in the protocol", () => {
    const users = imports.filter(({ specifier }) => specifier.startsWith("@modelcontextprotocol/"));
    expect(users.length).toBeGreaterThan(0);
    expect(new Set(users.map(({ file }) => roomOf(file)))).toEqual(new Set(["protocol"]));
  });

  test("imports an SDK only in its era's adapter, and that only when the era is chosen", () => {
    const users = imports.filter(({ specifier }) => specifier.startsWith("@modelcontextprotocol/"));
    const packageOf = (specifier: string) => specifier.split("/")[1];
    expect(new Set(users.map(({ file, specifier }) => `${relative(src, file)} -> ${packageOf(specifier)}`))).toEqual(
      new Set(["protocol/era-2025.ts -> sdk", "protocol/era-2026.ts -> server"]),
    );
    const adapters = local.filter(({ target }) => relative(src, target).startsWith("protocol/era-"));
    expect(adapters.map(({ file, dynamic }) => [relative(src, file), dynamic])).toEqual([
      ["protocol/choose-era.ts", true],
      ["protocol/choose-era.ts", true],
    ]);
  });

  test("imports the sandbox only where the flag asks for it", () => {
    const users = local.filter(({ file, target }) => roomOf(target) === "sandbox" && roomOf(file) !== "sandbox");
    expect(users.map(({ file, dynamic }) => [relative(src, file), dynamic])).toEqual([["main.ts", true]]);
  });
});
