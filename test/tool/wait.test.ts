import { describe, expect, test } from "vitest";
import { getConnection } from "../../src/atlas/endpoints.ts";
import { ExchangeFailure } from "../../src/atlas/exchange-failure.ts";
import { AtlasFailure } from "../../src/atlas/failure.ts";
import { untilSettled } from "../../src/tool/wait.ts";
import { withEveryTool } from "../../src/tool/words.ts";
import { connection as resource } from "../../src/tools/connections/resource.ts";
import { inTurn, type Reply } from "../atlas/fake-atlas.ts";
import { fakeServices, place } from "../support/fake-services.ts";

const is = (state: unknown) => ({ name: "x", state });
const READY_MS = 20_000;

async function wait(created: Record<string, unknown>, reply: Reply, controller = new AbortController()) {
  const services = fakeServices({ reply });
  const reports: string[] = [];
  const warnings: string[] = [];
  const call = {
    resource,
    atlas: services.atlas,
    signal: controller.signal,
    settings: { readyMs: READY_MS },
    mask: (state: string) => state,
    way: withEveryTool,
    progress: (message: string) => reports.push(message),
    warn: (message: string) => warnings.push(message),
  };
  const connection = await untilSettled(call, created, getConnection(place, "x"));
  return { connection, warnings, reports, services, slept: services.atlas.clock.sleeps };
}

describe("waiting for a connection", () => {
  test.each(["READY", "FAILED"])("is over before it begins where the state is %s already", async (state) => {
    const { connection, slept, reports } = await wait(is(state), () => is("PENDING"));
    expect(connection).toEqual(is(state));
    expect([slept, reports]).toEqual([[], []]);
  });

  test.each(["READY", "FAILED"])("ends with the state %s, and each poll is told", async (state) => {
    const { connection, warnings, reports, slept } = await wait(
      is("PENDING"),
      inTurn(is("PENDING"), is("PENDING"), is(state)),
    );
    expect(connection).toEqual(is(state));
    expect(warnings).toEqual([]);
    expect(slept).toEqual([100, 150, 225]);
    expect(reports).toEqual([
      "State PENDING; waited 0.1 s of at most 20 s",
      "State PENDING; waited 0.3 s of at most 20 s",
      `State ${state}`,
    ]);
  });

  test("ends after its time with the last state and a warning", async () => {
    const { connection, warnings, slept } = await wait(is("PENDING"), () => is("PENDING"));
    expect(connection).toEqual(is("PENDING"));
    expect(warnings).toEqual([
      "The connection was not ready within 20000 ms; its last state was PENDING. Private networking can take half an hour: look again with get_stream_connection.",
    ]);
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(READY_MS);
    expect(Math.max(...slept)).toBeLessThanOrEqual(5_000);
  });

  test("gives every poll the time to be answered", async () => {
    const { services } = await wait(is("PENDING"), () => is("PENDING"));
    for (const { timeoutMs } of services.atlas.requests) expect(timeoutMs).toBeGreaterThanOrEqual(1_000);
  });

  test("goes on after a poll that fails: what was made is not unmade by that", async () => {
    const broken = new ExchangeFailure("network", "The connection was reset", true);
    const { connection, warnings } = await wait(
      is("PENDING"),
      inTurn(broken, new AtlasFailure("not_found", "404"), is("READY")),
    );
    expect(connection).toEqual(is("READY"));
    expect(warnings).toEqual([]);
  });

  const gone = new AtlasFailure("not_found", "Atlas answered 404", { status: 404, structured: true });

  test("goes on while it is not there yet, and ends where it is not there any more", async () => {
    const { connection } = await wait(is(undefined), inTurn(gone, gone, is("PENDING"), is("READY")));
    expect(connection).toEqual(is("READY"));
    await expect(wait(is(undefined), inTurn(gone, is("PENDING"), gone, is("READY")))).rejects.toThrow(
      "The connection was deleted while the call waited for it",
    );
  });

  test("tells of polls that fail to the end", async () => {
    const { connection, warnings } = await wait(
      is(undefined),
      () => new AtlasFailure("atlas_error", "Atlas answered 500: It is down."),
    );
    expect(connection).toEqual(is(undefined));
    expect(warnings).toEqual([
      expect.stringMatching(/last state was unknown; the last poll failed: Atlas answered 500: It is down\. Private/),
    ]);
  });

  test("is cut short by a cancelled call, which does not undo the connection, and by a defect", async () => {
    const controller = new AbortController();
    const reason = new AtlasFailure("cancelled", "The call was cancelled");
    const abort = () => {
      controller.abort(reason);
      return new ExchangeFailure("cancelled", "The call was cancelled", true);
    };
    expect(await wait(is("PENDING"), abort, controller)).toMatchObject({
      connection: { state: "PENDING" },
      warnings: [expect.stringContaining("cancelled")],
    });
    const defect = new TypeError("x");
    await expect(wait(is("PENDING"), () => defect)).rejects.toBe(defect);
  });
});
