import { describe, expect, test } from "vitest";
import { sharedCases } from "../support/shared-atlas.ts";
import { refused, taken } from "./read.ts";

describe.skipIf(!sharedCases)("a payload that Atlas's own tools or agents send", () => {
  test.each(sharedCases ?? [])("$name: $expect", (given) => {
    if (given.expect === "accept") {
      const result = taken(given.connection);
      expect(result.sent).toEqual(given.sent);
      if (given.warning !== null) expect(result.warnings.length > 0).toBe(given.warning);
    } else {
      const problems = refused(given.connection);
      expect(Object.keys(problems)).toContain(given.path);
      expect(`${given.path} ${problems[given.path]}`).toContain(given.mention);
    }
  });
});
