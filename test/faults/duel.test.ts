/** A quick slice of what `npm run bench:faults` has two servers do. */
import { expect, test } from "vitest";
import { duels } from "./duel.ts";

test("two servers that create under one name write one thing, and each says what is so", async () => {
  expect(await duels({ seed: 20_260_728, rounds: 2 })).toEqual({ calls: 28, faults: [] });
}, 60_000);
