/** The picture of a session. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { drawSession, shortened, terminal } from "../../scripts/draw-session.ts";

const demo = `
First part
----------
  ok: one
    hint: two

Second part: more
-----------------
  failed: at http://127.0.0.1:39999/x
${"    line\n".repeat(20)}
Third part
----------
  ok: three
`;

test("only the parts that are asked for are shown, cut short and without what differs from run to run", () => {
  const lines = shortened(demo, ["Second part", "Third part"]);
  expect(lines.slice(0, 3)).toEqual(["", "# Second part: more", "  failed: at http://127.0.0.1:8080/x"]);
  expect(lines.filter((line) => line === "    line").length).toBeLessThan(8);
  expect(lines).toContain("  ok: three");
  expect(lines).not.toContain("  ok: one");
});

test("a part that the demo no longer has is an error", () => {
  expect(() => shortened(demo, ["Fourth part"])).toThrow("Fourth part");
});

test("the picture holds the lines as text", () => {
  const svg = terminal("npm run demo", ["# A & B", "  failed: <x>", "    hint: y"]);
  expect(svg).toContain("$ npm run demo");
  expect(svg).toContain("# A &#38; B");
  expect(svg).not.toContain("<x>");
});

// The demo waits for states for fifteen seconds.
test("docs/session.svg shows what the demo prints now", { timeout: 60_000 }, async () => {
  const onDisk = await readFile(new URL("../../docs/session.svg", import.meta.url), "utf8");
  expect(onDisk, "docs/session.svg is stale: run `npm run session`").toBe(drawSession());
});
