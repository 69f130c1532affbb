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

test("what could not be started is told by what Atlas said, and not by an attempt with no time left", async () => {
  const limits: number[] = [];
  const atlas = fakeAtlas(async (_, { timeoutMs, signal }) => {
    limits.push(timeoutMs);
    await atlas.clock.sleep(Math.min(timeoutMs, 80), signal);
    return timeoutMs < 80 ? new AtlasFailure("timeout", "No time") : new AtlasFailure("forbidden", "Refused");
  });
  const lines: string[] = [];
  const log = createLog({ level: "error", write: (line) => lines.push(line), clock: atlas.clock });
  const restarts = new Restarts(atlas, log, (name) => name);
  restarts.add({ name: "p", starts: [start("p")], isConfirmed: true });
  const ended = restarts.end();
  for (let step = 0; step < 300; step += 1) await atlas.clock.advance(10);
  await ended;
  expect(lines.join()).toMatch(/could not be started again.*Refused/);
  expect(Math.min(...limits)).toBeGreaterThanOrEqual(80);
});

test("an answer that cannot be read is none: what it stands for may have been refused, so the start is sent again", async () => {
  const atlas = fakeAtlas(() => (atlas.requests.length === 1 ? "<html>" : {}));
  const log = createLog({ level: "error", write: () => {}, clock: atlas.clock });
  const restarts = new Restarts(atlas, log, (name) => name);
  restarts.add({ name: "p", starts: [start("p")], isConfirmed: false });
  const ended = restarts.end();
  await atlas.clock.advance(1_000);
  await ended;
  expect(atlas.requests).toHaveLength(2);
});
