import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { generatedFiles } from "../../scripts/generated-files.ts";

const files = await generatedFiles();

test.each(files)("$path is what the sources make of it", async ({ path, content }) => {
  const onDisk = await readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  expect(onDisk, `${path} is stale: run \`npm run generate\``).toBe(content);
});

test("a published form of every tool is among them", () => {
  expect(files.map(({ path }) => path)).toContain("src/tools/generated/create_stream_connection.json");
});
