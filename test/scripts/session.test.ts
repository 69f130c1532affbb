/** The picture of a conversation. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { callLine, drawSession, picture, wrapped } from "../../scripts/draw-session.ts";

test.each([
  ["one line", 20, ["one line"]],
  ["two lines of a text", 9, ["two lines", "of a text"]],
  ["a wordthatislongerthanaline b", 10, ["a", "wordthatis", "longerthan", "aline b"]],
])("%s is wrapped at %i columns, and nothing is lost", (text, columns, lines) => {
  expect(wrapped(text, columns)).toEqual(lines);
});

test("a call is written out, and only what is new of it where it was made before", () => {
  const args = { name: "x", list: [{ a: 1 }, "b"] };
  expect(callLine("tool", args, undefined).replaceAll("\u00a0", " ")).toBe("tool {name: x, list: [{a: 1}, b]}");
  expect(callLine("tool", { ...args, dryRun: false }, args).replaceAll("\u00a0", " ")).toBe(
    "tool as before, with dryRun: false",
  );
});

test("the picture holds every line as text, in full", () => {
  const long = Array.from({ length: 60 }, (_, at) => `word${at}`).join(" ");
  const svg = picture([
    { kind: "person", text: "A & B" },
    { kind: "bad", text: "failed: <x>" },
    { kind: "hint", text: long },
  ]);
  expect(svg).toContain("&#62; A &#38; B");
  expect(svg).not.toContain("<x>");
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  expect(texts.join(" ")).toContain(long);
});

test("docs/session.svg shows what the built server answers now, and cuts nothing", { timeout: 60_000 }, async () => {
  const onDisk = await readFile(new URL("../../docs/session.svg", import.meta.url), "utf8");
  expect(onDisk, "docs/session.svg is stale: run `npm run session`").toBe(await drawSession());
  expect(onDisk).not.toContain("…");
});
