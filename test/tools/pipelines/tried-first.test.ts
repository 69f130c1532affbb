/** Where a plan and a dry run say that a pipeline can be tried. */
import { expect, test } from "vitest";
import { wayWhere } from "../../../src/tool/words.ts";
import { triedFirst } from "../../../src/tools/pipelines/tried-first.ts";

test("only whoever is offered the tool is told of it", () => {
  expect(triedFirst({ way: wayWhere(() => true) })).toMatch(/^ Before .* with try_stream_pipeline\.$/);
  expect(triedFirst({ way: wayWhere((tool) => tool !== "try_stream_pipeline") })).toBe("");
});
