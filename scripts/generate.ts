/** Writes the generated files: `npm run generate`. A test fails when one of them is stale. */
import { writeFile } from "node:fs/promises";
import { generatedFiles } from "./generated-files.ts";

for (const { path, content } of await generatedFiles())
  await writeFile(new URL(`../${path}`, import.meta.url), content);
