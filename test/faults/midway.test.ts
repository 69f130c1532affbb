import { expect, test } from "vitest";
import { endMidway } from "./midway.ts";

test("what runs goes on to run, wherever its change is cancelled or the process ends", {
  timeout: 120_000,
}, async () => {
  expect((await endMidway({ seed: 20_260_728, cancels: 12, ends: 12 })).faults).toEqual([]);
});
