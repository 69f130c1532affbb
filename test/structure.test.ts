/** The layout: imports point one way, only the protocol's adapters know an SDK, and quick tests start no process. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { slow } from "../vitest.config.ts";

const src = new URL("../src", import.meta.url).pathname;

/** From the bottom to the top: a module imports from its own layer's folder and from the layers below. */
const layers = [
  ["clock.ts", "compile-cache.ts", "json.ts", "mask.ts", "turns.ts", "version.ts"],
  ["config"],
  ["log.ts"],
  ["atlas"],
  ["secrets", "schema"],
  ["secret-page"],
  ["connections", "private-links"],
  ["stages", "trial"],
  ["policy"],
  ["audit"],
  ["services.ts"],
  ["tool"],
  ["diagnosis", "equivalents", "guides", "sandbox"],
  ["tools"],
  ["protocol", "cli"],
  ["http-server"],
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
function importsOf(file: string, text = readFileSync(file, "utf8")): { specifier: string; dynamic: boolean }[] {
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
      new Set([
        "protocol/era-2025.ts -> sdk",
        "protocol/era-2026.ts -> server",
        "protocol/http.ts -> node",
        "protocol/http.ts -> server",
      ]),
    );
    const adapters = local.filter(({ target }) => relative(src, target).startsWith("protocol/era-"));
    expect(adapters.map(({ file, dynamic }) => [relative(src, file), dynamic])).toEqual([
      ["protocol/choose-era.ts", true],
      ["protocol/choose-era.ts", true],
      ["protocol/http.ts", false],
    ]);
  });

  test("imports what serves HTTP only where the command asks for it", () => {
    const isHttp = (file: string) => roomOf(file) === "http-server" || relative(src, file) === "protocol/http.ts";
    const users = local.filter(({ file, target }) => isHttp(target) && !isHttp(file));
    expect(users.map(({ file, dynamic }) => [relative(src, file), dynamic])).toEqual([["main.ts", true]]);
  });

  test("says only where processors are stopped for a change that a start is owed, which no policy judges", () => {
    const saying = modules(src).filter((file) => /\.stopping\(|restarts\.add\(/.test(readFileSync(file, "utf8")));
    expect(saying.map((file) => relative(src, file))).toEqual([
      "tool/build-call.ts",
      "tools/processors/while-stopped.ts",
    ]);
  });

  test("imports the sandbox only where the flag asks for it", () => {
    const users = local.filter(({ file, target }) => roomOf(target) === "sandbox" && roomOf(file) !== "sandbox");
    expect(users.map(({ file, dynamic }) => [relative(src, file), dynamic])).toEqual([["main.ts", true]]);
  });
});

describe("the tests that `npm run test:fast` runs", () => {
  const folder = import.meta.dirname;
  const starters = ["node:child_process", "playwright-core", "esbuild", "@modelcontextprotocol/sdk/client/stdio.js"];
  const isSlow = (file: string) => slow.some((path) => file.startsWith(`${path}/`) || file === `${path}.test.ts`);

  /** Whether a module of the tests, or one that it imports, can start a process. */
  function canStart(file: string, seen = new Set<string>()): boolean {
    if (seen.has(file) || !file.startsWith(`${folder}/`)) return false;
    seen.add(file);
    const withoutTypes = readFileSync(file, "utf8").replace(/^import type [^;]*;$/gm, "");
    return importsOf(file, withoutTypes).some(({ specifier }) =>
      specifier.startsWith(".") ? canStart(resolve(dirname(file), specifier), seen) : starters.includes(specifier),
    );
  }

  test("start no process, but for mkfifo and a single Node", () => {
    const quick = modules(folder).filter((file) => file.endsWith(".test.ts") && !isSlow(relative(folder, file)));
    expect(quick.length).toBeGreaterThan(0);
    expect(quick.filter((file) => canStart(file)).map((file) => relative(folder, file))).toEqual([
      "secret-page/life.test.ts",
      "secrets/references.test.ts",
    ]);
  });

  test("are all but those in folders and files that exist", () => {
    const files = modules(folder).map((file) => relative(folder, file));
    expect(
      slow.filter((path) => !files.some((file) => file.startsWith(`${path}/`) || file === `${path}.test.ts`)),
    ).toEqual([]);
  });
});
