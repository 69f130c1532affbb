import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../src/clock.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("sleeping", () => {
  test("ends after the time", async () => {
    const before = systemClock.now();
    const woken = systemClock.sleep(500, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(500);
    await woken;
    expect(systemClock.now() - before).toBe(500);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("ends at once with the reason when it is aborted, and leaves no timer behind", async () => {
    const controller = new AbortController();
    const reason = new Error("cancelled");
    const asleep = systemClock.sleep(500, controller.signal);
    controller.abort(reason);
    await expect(asleep).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("does not begin where it is aborted already", async () => {
    const reason = new Error("cancelled");
    await expect(systemClock.sleep(500, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("leaves no listener behind", async () => {
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, "removeEventListener");
    const woken = systemClock.sleep(1, signal);
    await vi.advanceTimersByTimeAsync(1);
    await woken;
    expect(remove).toHaveBeenCalledWith("abort", expect.any(Function));
  });
});

describe("a timer", () => {
  test("runs once, after its time", () => {
    const run = vi.fn();
    systemClock.after(500, run);
    vi.advanceTimersByTime(499);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(run).toHaveBeenCalledOnce();
  });

  test("does not run once it is cancelled, and is gone", () => {
    const run = vi.fn();
    const cancel = systemClock.after(500, run);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(500);
    expect(run).not.toHaveBeenCalled();
  });

  test("does not keep the process alive", () => {
    vi.useRealTimers();
    const keepingAlive = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
    const before = keepingAlive();
    const cancel = systemClock.after(60_000, () => {});
    expect(keepingAlive()).toBe(before);
    cancel();
  });
});

test("chance is a number from 0 to below 1", () => {
  for (let draw = 0; draw < 100; draw += 1) {
    expect(systemClock.random()).toBeGreaterThanOrEqual(0);
    expect(systemClock.random()).toBeLessThan(1);
  }
});
