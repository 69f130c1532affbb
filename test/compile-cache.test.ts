/** The folder for compiled code is the user's alone, or is not used. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compileCacheFolder } from "../src/compile-cache.ts";

let base = "";
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "cache-"));
});
afterEach(() => rmSync(base, { recursive: true }));

const folderIn = (XDG_CACHE_HOME: string) => compileCacheFolder({ XDG_CACHE_HOME });

describe("the folder for compiled code", () => {
  test("is made for the user alone, and used again", () => {
    const folder = folderIn(base);
    expect(folder).toBe(join(base, "atlas-streams-mcp"));
    expect(statSync(folder ?? "").mode & 0o777).toBe(0o700);
    expect(folderIn(base)).toBe(folder);
  });

  test.each([0o770, 0o707, 0o755])("is not used where others reach into it: %o", (mode) => {
    mkdirSync(join(base, "atlas-streams-mcp"));
    chmodSync(join(base, "atlas-streams-mcp"), mode);
    expect(folderIn(base)).toBeUndefined();
  });

  test("is not used where it is a link or a file, or cannot be made", () => {
    symlinkSync(tmpdir(), join(base, "atlas-streams-mcp"));
    expect(folderIn(base)).toBeUndefined();
    writeFileSync(join(base, "file"), "");
    expect(folderIn(join(base, "file"))).toBeUndefined();
  });
});
