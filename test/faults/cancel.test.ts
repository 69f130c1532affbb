import { expect, test } from "vitest";
import { cancelEverywhere } from "./cancel.ts";

test("a cancelled call stops at every stage, and stderr says what became of its write", {
  timeout: 60_000,
}, async () => {
  expect((await cancelEverywhere(20_260_728)).faults).toEqual([]);
});
