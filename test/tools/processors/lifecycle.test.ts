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

const refusal = new AtlasFailure("conflict", "Atlas answered 409", { status: 409 });

/** An Atlas on which a processor is in these states in turn, a poll each, and which takes a start or stop only in some. */
function switching(states: string[], takes: (verb: string, state: string) => boolean) {
  const sent: string[] = [];
  const goals: Record<string, string> = { start: "STARTED", stop: "STOPPED" };
  let state = states.shift() ?? "";
  const reply: Reply = ({ method, path }) => {
    const verb = path.replace(/.*:/, "");
    if (method === "GET" && path.includes("/connections")) return { results: [], totalCount: 0 };
    if (method === "GET") {
      const shown = { name: "one", state };
      state = states.shift() ?? state;
      return shown;
    }
    sent.push(verb);
    if (!takes(verb, state)) return refusal;
    states.length = 0;
    state = goals[verb] ?? state;
    return {};
  };
  return { sent, reply };
}

const callOn = async (verb: keyof typeof tools, { sent, reply }: ReturnType<typeof switching>, more = {}) => {
  const services = fakeServices({ reply });
  const began = services.atlas.clock.now();
  const result = await call(tools[verb], { ...place, processorName: "one", ...more }, services);
  return { result, sent, ms: services.atlas.clock.now() - began };
};

describe("a stop", () => {
  const onlyStarted = (_: string, state: string) => state === "STARTED";

  test("of a processor that was told to start and does not show it yet stops it once it runs", async () => {
    expect(await callOn("stop", switching(["CREATED", "CREATED", "CREATED", "STARTED"], onlyStarted))).toMatchObject({
      result: { outcome: "stopped", processor: { state: "STOPPED" } },
      sent: ["stop", "stop"],
    });
  });

  test.each(["CREATED", "FAILED"])("of one that does not run finds it stopped: %s", async (state) => {
    const { result, sent, ms } = await callOn("stop", switching([state], onlyStarted));
    expect(result).toMatchObject({
      outcome: "already_stopped",
      summary: expect.stringContaining(`its state is ${state}`),
      processor: { name: "one", state },
    });
    expect(sent).toEqual(["stop"]);
    expect(ms).toBeLessThan(5_000);
  });

  test("of one that is stopped sends nothing", async () => {
    expect(await callOn("stop", switching(["STOPPED"], onlyStarted))).toMatchObject({
      result: { outcome: "already_stopped" },
      sent: [],
    });
  });
});

describe("a state that the API's page does not list", () => {
  test.each([
    ["start", "ERROR"],
    ["start", "STOPPING"],
    ["start", "PROVISIONING"],
    ["stop", "ERROR"],
    ["stop", "STARTING"],
  ] as const)("does not keep a %s from being sent at once: %s", async (verb, state) => {
    const { result, sent, ms } = await callOn(
      verb,
      switching([state], () => true),
    );
    expect(result).toMatchObject({ outcome: verb === "start" ? "started" : "stopped" });
    expect(sent).toEqual([verb]);
    expect(ms).toBeLessThan(1_000);
  });

  test("in which Atlas refuses a start is waited out for a moment, and then the start is sent again", async () => {
    const stopping = switching(["STOPPING", "STOPPING", "STOPPING", "STOPPED"], (_, state) => state === "STOPPED");
    expect(await callOn("start", stopping)).toMatchObject({ result: { outcome: "started" }, sent: ["start", "start"] });
  });

  test("that comes of a start is told, and not waited for", async () => {
    const { result, ms } = await act("start", {}, "STOPPED", "STARTING", "ERROR");
    expect(result).toMatchObject({
      outcome: "failed",
      summary: expect.stringContaining("was told to start, and its state is ERROR"),
      error: { kind: "unknown_outcome" },
    });
    expect(ms).toBeLessThan(1_000);
  });
});

describe("a start of a processor that runs", () => {
  const running = () => ({ name: "one", state: "STARTED", tier: "SP30" });
  const start = (more: object) =>
    call(tools.start, { ...place, processorName: "one", ...more }, fakeServices({ reply: running }));

  test("on the tier that is requested finds it started", async () => {
    expect(await start({ tier: "SP30" })).toMatchObject({ outcome: "already_started" });
  });

  test.each([{ tier: "SP50" }, { tier: "SP30", resumeFromCheckpoint: false }])(
    "in another way is refused, with the tier it runs on: %j",
    async (more) => {
      expect(await start(more)).toMatchObject({
        error: {
          kind: "invalid_input",
          fields: [{ message: expect.stringContaining("is started, on SP30") }],
          hint: expect.stringContaining("stop_stream_processor"),
        },
      });
    },
  );
});

describe("a processor that is deleted while a call waits for it", () => {
  const gone = new AtlasFailure("not_found", "Atlas answered 404", {
    status: 404,
    errorCode: "STREAM_PROCESSOR_NOT_FOUND_FOR_NAME",
    structured: true,
  });

  test.each(["start", "stop"] as const)("ends the wait: a %s", async (verb) => {
    const shown: unknown[] = [{ name: "one", state: verb === "start" ? "STOPPED" : "STARTED" }];
    const reply: Reply = ({ method }) => (method === "POST" ? {} : (shown.shift() ?? gone));
    const services = fakeServices({ reply });
    const began = services.atlas.clock.now();
    expect(await call(tools[verb], { ...place, processorName: "one" }, services)).toMatchObject({
      outcome: "failed",
      summary: expect.stringContaining("was deleted while the call waited for it"),
      error: { kind: "not_found", hint: expect.stringContaining("list_stream_processors") },
    });
    expect(services.atlas.clock.now() - began).toBeLessThan(1_000);
  });
});

describe("a start of a processor that failed because of a connection", () => {
  test("is refused at once, with the connection", async () => {
    const processor = { name: "one", state: "FAILED", pipeline: [{ $source: { connectionName: "lost" } }] };
    const connections = { results: [{ name: "lost", type: "Kafka", state: "FAILED" }], totalCount: 1 };
    const reply: Reply = ({ path }) => (path.includes("/connections") ? connections : processor);
    const services = fakeServices({ reply });
    expect(await call(tools.start, { ...place, processorName: "one" }, services)).toMatchObject({
      outcome: "failed",
      summary: expect.stringContaining('its connection "lost" is in state FAILED'),
      error: { kind: "atlas_error", hint: expect.stringContaining("update_stream_connection") },
      processor: { name: "one", state: "FAILED" },
    });
    expect(services.atlas.requests.filter(({ request }) => request.method === "POST")).toEqual([]);
  });
});

describe("a start and a stop of the same processor at once", () => {
  test("are done one after the other, each on what the one before has left", async () => {
    const atlas = switching(["STARTED"], (verb, state) => (verb === "stop") === (state === "STARTED"));
    const services = fakeServices({ reply: atlas.reply });
    const args = { ...place, processorName: "one" };
    const results = await Promise.all(
      ([tools.stop, tools.start, tools.stop] as const).map((tool) => call(tool, args, services)),
    );
    expect(results.map(({ outcome }) => outcome)).toEqual(["stopped", "started", "stopped"]);
    expect(atlas.sent).toEqual(["stop", "start", "stop"]);
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

test("a delete of a processor that cannot be read any more reports no state from before", async () => {
  const shown: unknown[] = [{ name: "one", state: "DELETING" }];
  const reply: Reply = ({ method }) =>
    method === "DELETE" ? {} : (shown.shift() ?? new AtlasFailure("atlas_error", "Atlas answered 500"));
  const args = { ...place, processorName: "one", confirm: "one" };
  expect(await call(deleteStreamProcessor, args, fakeServices({ reply }))).toMatchObject({
    outcome: "deleted",
    warnings: [expect.stringMatching(/could not be read/)],
  });
});
