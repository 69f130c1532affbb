/** How long an update waits, which no test can wait for on a real clock. */
import { expect, test } from "vitest";
import updateStreamConnection from "../../../src/tools/connections/update.ts";
import { call, fakeServices, place } from "../../support/fake-services.ts";

test("one that stays FAILED after a change is given a minute, and no more than waiting may take", async () => {
  const before = { name: "kafka", type: "Kafka", bootstrapServers: "a:1", state: "FAILED" };
  const args = { ...place, connectionName: "kafka", connection: { bootstrapServers: "b:1" }, waitUntilReady: true };
  for (const [readyMs, waited] of [
    [300_000, 60_000],
    [5_000, 5_000],
  ] as const) {
    let latest = before;
    const reply = ({ method }: { method: string }) => {
      if (method === "PATCH") latest = { ...before, bootstrapServers: "b:1" };
      return latest;
    };
    const services = fakeServices({ reply, settings: { readyMs } });
    const began = services.atlas.clock.now();
    expect(await call(updateStreamConnection, args, services)).toMatchObject({
      outcome: "failed",
      changes: [{ path: "bootstrapServers", before: "a:1", after: "b:1" }],
      error: { kind: "atlas_error" },
    });
    const took = services.atlas.clock.now() - began;
    expect(took).toBeGreaterThanOrEqual(waited);
    expect(took).toBeLessThan(waited + 2_000);
  }
});
