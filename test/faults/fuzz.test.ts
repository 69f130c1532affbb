/** A quick slice of `npm run fuzz`. */
import { expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";

test("hostile input is answered line by line, and nothing breaks", { timeout: 60_000 }, async () => {
  const results = await fuzz({ seed: 20_260_728, count: 3_000 });
  expect(results.flatMap(({ faults }) => faults)).toEqual([]);
  for (const { crash, secretsSeen } of results)
    expect({ crash, secretsSeen }).toEqual({ crash: undefined, secretsSeen: 0 });
});
