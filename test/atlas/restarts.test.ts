/** What was stopped for a while is owed: a policy does not keep it from being started again. */
import { expect, test } from "vitest";
import { startProcessor, stopProcessor } from "../../src/atlas/endpoints.ts";
import { AtlasFailure } from "../../src/atlas/failure.ts";
import { Restarts } from "../../src/atlas/restarts.ts";
import { createLog } from "../../src/log.ts";
import { fakeAtlas } from "./fake-atlas.ts";

const place = { groupId: "32b6e34b3d91647abb20e7b8", tenantName: "orders" };
const start = (name: string, options = {}) => startProcessor(place, name, options);

test("a start is owed from before the stop until it is given up, and at the end of the process until it is done", async () => {
  const owed: boolean[] = [];
  const atlas = fakeAtlas(() => {
    owed.push(restarts.owes(start("p")));
    return owed.length === 1 ? new AtlasFailure("conflict", "It is being stopped") : {};
  });
  const log = createLog({ level: "error", write: () => {}, clock: atlas.clock });
  const restarts = new Restarts(atlas, log, (name) => name);
  expect(restarts.owes(start("p"))).toBe(false);

  const forget = restarts.add({ name: "p", starts: [start("p"), start("q")], isConfirmed: false });
  expect([start("p"), start("q"), start("r"), stopProcessor(place, "p")].map((each) => restarts.owes(each))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  // With options it is not started as it was.
  expect(restarts.owes(start("p", { tier: "SP50" }))).toBe(false);

  const ended = restarts.end();
  // The call that stopped it is cut off, and gives it up.
  forget();
  await atlas.clock.advance(1_000);
  await ended;
  expect(owed).toEqual([true, true]);
  expect(restarts.owes(start("p"))).toBe(false);
});
