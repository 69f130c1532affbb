/** A quick slice of `npm run bench:faults -- --soak`. */
import { expect, test } from "vitest";
import { crowd, soak } from "./soak.ts";

test("many calls at a time share one token request and nothing else", { timeout: 60_000 }, async () => {
  expect(await crowd({ seed: 20_260_728, count: 64 })).toEqual({ faults: [], tokens: 1 });
});

test("many calls one after another leave the heap where it was", { timeout: 60_000 }, async () => {
  const { heap } = await soak({ seed: 20_260_728, count: 400 });
  expect(heap).toMatchObject({ flat: true });
});
