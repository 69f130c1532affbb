/** Starts and stops that take long, fail or are lost, which no test can wait for on a real clock. */
import { describe, expect, test } from "vitest";
import { AtlasFailure } from "../../../src/atlas/failure.ts";
import deleteStreamProcessor from "../../../src/tools/processors/delete.ts";
import startStreamProcessor from "../../../src/tools/processors/start.ts";
import stopStreamProcessor from "../../../src/tools/processors/stop.ts";
import type { Reply } from "../../atlas/fake-atlas.ts";
import { call, fakeServices, place } from "../../support/fake-services.ts";

const tools = { start: startStreamProcessor, stop: stopStreamProcessor };
const lost = new AtlasFailure("network", "The connection was reset", { retryable: true });

/** Calls the tool on an Atlas that answers it so and then shows these states in turn, the last one from then on. */
async function act(verb: keyof typeof tools, answer: unknown, before: string, ...states: string[]) {
  let sent = 0;
  const reply: Reply = ({ method, path }) => {
    if (path.includes(":downloadOperationalLogs")) return new AtlasFailure("forbidden", "Atlas answered 403");
    if (method === "POST") sent += 1;
    if (method === "POST") return answer;
    const state = sent === 0 ? before : states.length > 1 ? states.shift() : states[0];
    return { name: "one", state };
  };
  const services = fakeServices({ reply });
  const began = services.atlas.clock.now();
  const result = await call(tools[verb], { ...place, processorName: "one" }, services);
  return { result, sent, ms: services.atlas.clock.now() - began, settings: services.settings };
}

describe.each([
  { verb: "start", before: "STOPPED", after: "STARTED", outcome: "started" },
  { verb: "stop", before: "STARTED", after: "STOPPED", outcome: "stopped" },
] as const)("a $verb", ({ verb, before, after, outcome }) => {
  test("that shows after a while is done, whether its answer came or was lost", async () => {
    for (const answer of [{}, lost])
      expect(await act(verb, answer, before, before, before, after)).toMatchObject({
        result: { outcome, processor: { state: after } },
        sent: 1,
      });
  });

  test("whose answer was lost is not called undone because it does not show", async () => {
    const { result, sent, ms, settings } = await act(verb, lost, before, before);
    expect(result).toMatchObject({
      outcome: "failed",
      summary: expect.stringMatching(/reset; Atlas does not show it yet, and it may still happen/),
      processor: { name: "one", state: before },
      error: { kind: "unknown_outcome", retryable: true, hint: expect.stringContaining("get_stream_processor") },
    });
    expect(sent).toBe(1);
    expect(ms).toBeLessThan(settings.checkMs + 2_000);
  });

  test("that Atlas accepted and that does not show in time tells the state", async () => {
    expect(await act(verb, {}, before, before)).toMatchObject({
      result: {
        outcome: "failed",
        summary: expect.stringContaining(`was told to ${verb}, and its state is still ${before}`),
        processor: { state: before },
        error: { kind: "unknown_outcome", retryable: true },
      },
      sent: 1,
    });
  });
});

describe("a start of a processor that failed before", () => {
  test("is not called failed for what Atlas showed before it", async () => {
    expect(await act("start", {}, "FAILED", "FAILED", "FAILED", "STARTED")).toMatchObject({
      result: { outcome: "started", processor: { state: "STARTED" } },
      sent: 1,
    });
  });

  test("is not known to have failed again where nothing else shows", async () => {
    expect(await act("start", {}, "FAILED", "FAILED")).toMatchObject({
      result: { outcome: "failed", error: { kind: "unknown_outcome", retryable: true } },
      sent: 1,
    });
  });
});

test("a delete of a processor that stays DELETING is deleted, with a warning", async () => {
  const reply: Reply = ({ method }) => (method === "DELETE" ? {} : { name: "one", state: "DELETING" });
  const args = { ...place, processorName: "one", confirm: "one" };
  expect(await call(deleteStreamProcessor, args, fakeServices({ reply }))).toMatchObject({
    outcome: "deleted",
    warnings: [expect.stringContaining("DELETING")],
  });
});
