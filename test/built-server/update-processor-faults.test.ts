/**
 * Updates of a processor that runs, which are up to three writes: wherever one is cut, the result says which steps were
 * taken, what was left and how to go on, and it is so in Atlas. No write is sent again after one that may have acted, but
 * for the start that makes it run again.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { place } from "../support/against-sandbox.ts";
import type { Fault } from "../support/sandbox.ts";
import { changed, putConnections, runningProcessor, truth } from "./running-processors.ts";
import { type Session, startSession } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession({
    env: {
      ATLAS_STREAMS_MCP_TIMEOUT_MS: "1500",
      ATLAS_STREAMS_MCP_CHECK_MS: "300",
      ATLAS_STREAMS_MCP_READY_MS: "1500",
    },
  });
  putConnections(session.sandbox);
}, 60_000);
afterAll(async () => {
  session.reset();
  await session.close();
});

const call = (tool: string, processorName: string, more: JsonObject = {}) =>
  session.call(`${tool}_stream_processor`, { ...place, processorName, ...more });
const update = (name: string) => call("update", name, { pipeline: changed });

/** The writes of an update, by the step that each is. */
const writes = {
  stop: (name: string) => ({ method: "POST", path: new RegExp(`/${name}:stop$`) }),
  modify: (name: string) => ({ method: "PATCH", path: new RegExp(`/${name}$`) }),
  start: (name: string) => ({ method: "POST", path: new RegExp(`/${name}:start$`) }),
};
type StepName = keyof typeof writes;
const isStep = (step: string): step is StepName => step in writes;

/** The steps whose writes Atlas was sent, in their order. */
const sentOf = (name: string) =>
  session.sandbox.requests.flatMap(({ method, path }) =>
    Object.keys(writes)
      .filter(isStep)
      .filter((step) => method === writes[step](name).method && writes[step](name).path.test(path)),
  );

const answer = (status: number, more: Partial<Fault & { kind: "answer" }> = {}): Fault => ({
  kind: "answer",
  status,
  body: { errorCode: "NO", detail: `It is ${status}` },
  ...more,
});

const faults = {
  "reset before acting": { kind: "reset-after-read" },
  "reset after acting": { kind: "reset-after-acting" },
  "silence before acting": { kind: "silence-before-acting" },
  "silence after acting": { kind: "silence-after-acting" },
  "garbage after acting": { kind: "garbage-body" },
  "500, acted": answer(500, { act: true }),
  "500, not acted": answer(500),
  "accepted, not acted": answer(204, { body: undefined }),
  "400": answer(400),
  "403": answer(403),
  "429, once": answer(429, { headers: { "retry-after": "0" } }),
} satisfies Record<string, Fault>;
type How = keyof typeof faults;

interface Case {
  /** What befalls which write, once. */
  faults: Partial<Record<StepName, How>>;
  /** How often the start is struck; once where this is left out. */
  starts?: number;
  /** Whether Atlas can be read after the change was sent; it can where this is left out. */
  unreadable?: true;
}

function strike(name: string, { faults: by, starts = 1, unreadable }: Case): void {
  for (const [step, how] of Object.entries(by))
    if (isStep(step))
      session.sandbox.faults.add({ ...writes[step](name), times: step === "start" ? starts : 1, fault: faults[how] });
  if (unreadable)
    session.sandbox.faults.add({
      method: "GET",
      path: new RegExp(`/${name}$`),
      after: writes.modify(name),
      fault: answer(403),
    });
}

const stepsOf = (...results: string[]) =>
  ["stop", "modify", "start"].map((step, index) => ({ step, result: results[index] }));

/** A name for a row of the table. */
const told = ({ faults: by, starts, unreadable }: Case) =>
  [
    ...Object.entries(by).map(([step, how]) => `${step}: ${how}`),
    ...(starts === undefined ? [] : [`${starts} times`]),
    ...(unreadable ? ["then nothing can be read"] : []),
  ].join(", ");

const acted: Case[] = (
  ["reset after acting", "silence after acting", "garbage after acting", "500, acted"] as const
).flatMap((how) => [{ faults: { stop: how } }, { faults: { modify: how } }, { faults: { start: how } }]);

describe("an update whose write was acted on", () => {
  it.concurrent.each(acted.map((each) => [told(each), each] as const))("is updated: %s", async (_, each) => {
    const name = runningProcessor(session.sandbox);
    strike(name, each);
    expect(await update(name)).toMatchObject({
      outcome: "updated",
      steps: stepsOf("done", "done", "done"),
      processor: { state: "STARTED", pipeline: changed },
      warnings: [expect.stringMatching(/Atlas was asked/)],
    });
    expect(truth(session.sandbox, name)).toEqual({ state: "STARTED", changed: true });
    expect(sentOf(name)).toEqual(["stop", "modify", "start"]);
  });

  it.concurrent.each(["stop", "modify", "start"] as const)("is sent again after a 429: %s", async (step) => {
    const name = runningProcessor(session.sandbox);
    strike(name, { faults: { [step]: "429, once" } });
    expect(await update(name)).toMatchObject({ outcome: "updated", warnings: [] });
    expect(truth(session.sandbox, name)).toEqual({ state: "STARTED", changed: true });
    expect(sentOf(name).filter((each) => each === step)).toHaveLength(2);
  });
});

describe("an update whose start was not acted on", () => {
  const lost = ["reset before acting", "silence before acting", "500, not acted", "accepted, not acted"] as const;
  it.concurrent.each(lost)("has the start sent again: %s", async (how) => {
    const name = runningProcessor(session.sandbox);
    strike(name, { faults: { start: how } });
    expect(await update(name)).toMatchObject({
      outcome: "updated",
      steps: stepsOf("done", "done", "done"),
      processor: { state: "STARTED", pipeline: changed },
      warnings: expect.arrayContaining([expect.stringMatching(/the start of "running-\d+" was sent again/)]),
    });
    expect(truth(session.sandbox, name)).toEqual({ state: "STARTED", changed: true });
    expect(sentOf(name)).toEqual(["stop", "modify", "start", "start"]);
  });
});

interface Cut extends Case {
  kind: string;
  retryable: boolean;
  steps: ReturnType<typeof stepsOf>;
  /** How the summary ends. */
  end: string;
  hint: RegExp;
  /** The state that the result shows; nothing where it shows none. */
  shows?: string;
  atlas: ReturnType<typeof truth>;
  sent: StepName[];
}

const notStopped = {
  steps: stepsOf("failed", "skipped", "skipped"),
  atlas: { state: "STARTED", changed: false },
  sent: ["stop"],
} satisfies Partial<Cut>;
const maybeStopped = {
  ...notStopped,
  kind: "unknown_outcome",
  retryable: true,
  end: "It was not changed, and whether it is stopped is not known.",
  hint: /get_stream_processor and call again; if it is stopped then, start it with start_stream_processor/,
  shows: "STARTED",
} satisfies Partial<Cut>;
const restarted = {
  steps: stepsOf("done", "failed", "done"),
  end: "It was not changed, and runs again as it was.",
  shows: "STARTED",
  atlas: { state: "STARTED", changed: false },
  sent: ["stop", "modify", "start"],
} satisfies Partial<Cut>;
const maybeChanged = {
  unreadable: true,
  kind: "unknown_outcome",
  retryable: true,
  steps: stepsOf("done", "failed", "done"),
  end: "Whether it was changed is not known; it runs again.",
  hint: /Look whether it was changed with get_stream_processor; if it was not, call again/,
  shows: "STARTED",
  sent: ["stop", "modify", "start"],
} satisfies Partial<Cut>;
const changedOnly = {
  steps: stepsOf("done", "done", "failed"),
  shows: "STOPPED",
  atlas: { state: "STOPPED", changed: true },
  sent: ["stop", "modify", "start"],
} satisfies Partial<Cut>;
const maybeStarted = {
  ...changedOnly,
  starts: 3,
  sent: ["stop", "modify", "start", "start", "start"],
  kind: "unknown_outcome",
  retryable: true,
  end: "It was changed, and whether it runs is not known.",
  hint: /get_stream_processor; if it does not run, start it with start_stream_processor/,
} satisfies Partial<Cut>;
const notRestarted = {
  kind: "bad_request",
  retryable: false,
  steps: stepsOf("done", "failed", "failed"),
  atlas: { state: "STOPPED", changed: false },
  sent: ["stop", "modify", "start"],
} satisfies Partial<Cut>;

const cuts: Cut[] = [
  { ...maybeStopped, faults: { stop: "reset before acting" } },
  { ...maybeStopped, faults: { stop: "silence before acting" } },
  { ...maybeStopped, faults: { stop: "500, not acted" } },
  { ...maybeStopped, faults: { stop: "accepted, not acted" } },
  ...(["400", "403"] as const).map(
    (how): Cut => ({
      ...notStopped,
      faults: { stop: how },
      kind: how === "400" ? "bad_request" : "forbidden",
      retryable: false,
      end: "It was not changed, and runs as before.",
      hint: /./,
      shows: "STARTED",
    }),
  ),

  { ...restarted, faults: { modify: "reset before acting" }, kind: "network", retryable: true, hint: /safe/ },
  { ...restarted, faults: { modify: "silence before acting" }, kind: "timeout", retryable: true, hint: /safe/ },
  { ...restarted, faults: { modify: "500, not acted" }, kind: "atlas_error", retryable: true, hint: /call again/ },
  { ...restarted, faults: { modify: "400" }, kind: "bad_request", retryable: false, hint: /Correct/ },
  { ...maybeChanged, faults: { modify: "reset after acting" }, atlas: { state: "STARTED", changed: true } },
  { ...maybeChanged, faults: { modify: "silence after acting" }, atlas: { state: "STARTED", changed: true } },
  { ...maybeChanged, faults: { modify: "500, acted" }, atlas: { state: "STARTED", changed: true } },
  { ...maybeChanged, faults: { modify: "reset before acting" }, atlas: { state: "STARTED", changed: false } },
  { ...maybeChanged, faults: { modify: "500, not acted" }, atlas: { state: "STARTED", changed: false } },

  { ...maybeStarted, faults: { start: "reset before acting" } },
  { ...maybeStarted, faults: { start: "silence before acting" } },
  { ...maybeStarted, faults: { start: "500, not acted" } },
  { ...maybeStarted, faults: { start: "accepted, not acted" } },
  ...(["400", "403"] as const).map(
    (how): Cut => ({
      ...changedOnly,
      faults: { start: how },
      kind: how === "400" ? "bad_request" : "forbidden",
      retryable: false,
      end: "It was changed, and is stopped.",
      hint: /^Start it with start_stream_processor/,
    }),
  ),

  {
    ...notRestarted,
    faults: { modify: "400", start: "403" },
    end: "It was not changed, and could not be started again as it was: Atlas answered 403: It is 403.",
    hint: /does not run\. Start it with start_stream_processor, then correct the change/,
    shows: "STOPPED",
  },
  {
    ...notRestarted,
    faults: { modify: "400", start: "reset before acting" },
    starts: 3,
    sent: ["stop", "modify", "start", "start", "start"],
    end: "It was not changed, and whether it runs again as it was is not known: The connection was reset; Atlas does not show it yet, and it may still happen.",
    hint: /get_stream_processor; if it does not run, start it .* Then correct the change/,
  },
  {
    ...restarted,
    faults: { modify: "400", start: "reset after acting" },
    kind: "bad_request",
    retryable: false,
    hint: /Correct/,
  },
];

describe("an update that is cut", () => {
  it.concurrent.each(cuts.map((each) => [told(each), each] as const))(
    "says what was left and how to go on: %s",
    async (_, { kind, retryable, steps, end, hint, shows, atlas, sent, ...faults }) => {
      const name = runningProcessor(session.sandbox);
      strike(name, faults);
      const result = await update(name);
      expect(result).toMatchObject({
        outcome: "failed",
        steps,
        error: { kind, retryable, hint: expect.stringMatching(hint) },
      });
      expect(String(result["summary"]).slice(-end.length)).toBe(end);
      expect(result["processor"]).toEqual(shows === undefined ? undefined : expect.objectContaining({ state: shows }));
      expect(truth(session.sandbox, name)).toEqual(atlas);
      expect(sentOf(name)).toEqual(sent);

      // The way on that the hints name ends well, whatever was left.
      await update(name);
      await call("start", name);
      expect(truth(session.sandbox, name)).toEqual({ state: "STARTED", changed: true });
    },
  );
});

describe("an update of a processor that does not run", () => {
  it.concurrent.each([
    ["It was not changed.", "network", { faults: { modify: "reset before acting" } }],
    ["It was not changed.", "bad_request", { faults: { modify: "400" } }],
    ["Whether it was changed is not known.", "unknown_outcome", { faults: { modify: "500, acted" }, unreadable: true }],
  ] satisfies [string, string, Case][])("is one write, and says: %s (%s)", async (end, kind, each) => {
    const name = runningProcessor(session.sandbox);
    await call("stop", name);
    strike(name, each);
    expect(await update(name)).toMatchObject({
      outcome: "failed",
      summary: expect.stringMatching(new RegExp(`${end}$`)),
      error: { kind },
      steps: stepsOf("skipped", "failed", "skipped"),
    });
    expect(truth(session.sandbox, name)).toMatchObject({ state: "STOPPED" });
    expect(sentOf(name)).toEqual(["stop", "modify"]);
  });
});
