import { describe, expect, test } from "vitest";
import type { Counters } from "../../src/diagnosis/counters.ts";
import { type Evidence, findingsOf, holdsBack } from "../../src/diagnosis/findings.ts";
import { documentIn, stagesHoldingBack } from "../../src/diagnosis/holding-back.ts";
import { withEveryTool } from "../../src/tool/words.ts";

const source = { $source: { connectionName: "events" } };
const match = { $match: { watts: { $gt: 1_000 } } };
const window = (more: object = {}) => ({
  $tumblingWindow: { interval: { size: 1, unit: "hour" }, pipeline: [], ...more },
});
const counters = (inputMessageCount: number, outputMessageCount: number, dlqMessageCount = 0): Counters => ({
  inputMessageCount,
  outputMessageCount,
  dlqMessageCount,
});

/** A processor with this pipeline into which messages come, and out of which none goes. */
const seen = (pipeline: object[], over: Partial<Evidence> = {}): Evidence => ({
  name: "copy",
  state: "STARTED",
  counters: { before: counters(100, 0), after: counters(150, 0), seconds: 5 },
  connections: [{ name: "events", role: "source", type: "Sample", state: "READY", exists: true }],
  logs: { lines: 1, errors: [] },
  hasDlq: true,
  problems: [],
  way: withEveryTool,
  holding: stagesHoldingBack(pipeline.map((stage) => ({ ...stage }))),
  ...over,
});

describe("the stages that can hold everything back", () => {
  test.each([
    [match, "may match nothing"],
    [{ $validate: { validator: {} } }, "discards without a trace what it finds invalid"],
    [{ $validate: { validator: {}, validationAction: "discard" } }, "discards without a trace what it finds invalid"],
    [{ $unwind: "$list" }, "drops messages whose list is missing or empty"],
    [{ $redact: "$$PRUNE" }, "may prune whole messages"],
    [window(), "gives nothing until later messages close it, 61 minutes after the first at the earliest"],
    [window({ boundary: "processingTime" }), "gives nothing until later messages close it"],
  ])("are those like %j", (stage, may) => {
    expect(stagesHoldingBack([source, stage])).toMatchObject([
      { path: `pipeline[1].${Object.keys(stage)[0]}`, may, text: JSON.stringify(Object.values(stage)[0]) },
    ]);
  });

  test.each([
    { $match: {} },
    { $validate: { validator: {}, validationAction: "dlq" } },
    { $unwind: { path: "$list", preserveNullAndEmptyArrays: true } },
    { $addFields: { a: 1 } },
    { $merge: {} },
  ])("are none like %j", (stage) => {
    expect(stagesHoldingBack([source, stage])).toEqual([]);
  });

  test.each([
    [window(), 3_603],
    [window({ allowedLateness: { size: 2, unit: "minute" } }), 3_720],
    [window({ allowedLateness: 0 }), 3_600],
    [window({ boundary: "processingTime" }), undefined],
    [window({ interval: "1h" }), undefined],
    [{ $sessionWindow: { gap: { size: 90, unit: "second" }, partitionBy: "$a", pipeline: [] } }, 93],
  ])("tell when a window such as %j can close", (stage, closesAfter) => {
    expect(stagesHoldingBack([stage])[0]?.closesAfter).toBe(closesAfter);
  });

  test("are shown in part where they are long", () => {
    const [stage] = stagesHoldingBack([{ $match: { text: "x".repeat(1_000) } }]);
    expect(stage?.text).toHaveLength(200);
  });
});

describe("messages that come in and do not go out", () => {
  test("are told with the stage that may hold them back, in place of the general finding", () => {
    expect(findingsOf(seen([source, match]))).toEqual([
      {
        severity: "warning",
        what: "Messages come in, but none goes out: pipeline[1].$match may match nothing",
        evidence: '150 in, 0 out, 0 to the dead letter queue. pipeline[1].$match: {"watts":{"$gt":1000}}',
        next: "Compare what it asks for with a document of the source. Then correct the stage with update_stream_processor.",
      },
    ]);
  });

  test("are told with all of them in the order of the pipeline", () => {
    const validate = { $validate: { validator: {} } };
    expect(holdsBack(seen([source, validate, match, window()]))).toMatchObject({
      what: "Messages come in, but none goes out: pipeline[1].$validate discards without a trace what it finds invalid, or pipeline[2].$match may match nothing, or pipeline[3].$tumblingWindow gives nothing until later messages close it, 61 minutes after the first at the earliest",
      next: expect.stringContaining("or wait for the length of the window"),
    });
  });

  test("can be tried where the tool is offered", () => {
    expect(holdsBack(seen([source, match], { canTry: true }))?.next).toMatch(
      /^Try this pipeline .* with try_stream_pipeline/,
    );
  });

  test("are waited for where the first window cannot have closed yet", () => {
    const evidence = seen([source, window()], { startedAgo: 400 });
    expect(holdsBack(evidence)).toMatchObject({
      severity: "info",
      what: "Messages come in, and nothing goes out before pipeline[1].$tumblingWindow closes",
      evidence: expect.stringContaining(
        "It can close 61 minutes after the first message, and the processor was started 7 minutes ago",
      ),
      next: "Wait, and look again with diagnose_stream_processor in 54 minutes.",
    });
    expect(holdsBack(seen([source, window()], { startedAgo: 4_000 }))).toMatchObject({ severity: "warning" });
  });

  test("are told at once after a start, by what was counted since", () => {
    const early = seen([source, match], {
      startedAgo: 8,
      counters: { before: counters(1_000, 900), after: counters(1_050, 900), seconds: 3 },
    });
    expect(holdsBack(early)).toMatchObject({
      severity: "info",
      evidence: expect.stringMatching(/^50 in, 0 out, 0 to the dead letter queue in the last 3 s\./),
    });
  });

  test("are one finding, also at once after a start", () => {
    expect(findingsOf(seen([source, match], { startedAgo: 8 }))).toMatchObject([
      { severity: "info", what: expect.stringContaining("pipeline[1].$match may match nothing") },
    ]);
  });

  test.each<[string, Partial<Evidence>]>([
    ["nothing comes in", { counters: { before: counters(0, 0), after: counters(0, 0), seconds: 3 } }],
    ["some go out", { counters: { before: counters(9, 1), after: counters(19, 2), seconds: 3 } }],
    ["some went out", { counters: { before: counters(9, 1), after: counters(19, 1), seconds: 3 } }],
    ["they are rejected", { counters: { before: counters(9, 0, 9), after: counters(19, 0, 19), seconds: 3 } }],
    ["it does not run", { state: "STOPPED" }],
  ])("are none where %s", (_, over) => {
    expect(holdsBack(seen([source, match], over))).toBeUndefined();
  });
});

describe("a rejected document that the logs have", () => {
  const rejected = { counters: { before: counters(0, 0, 0), after: counters(10, 0, 10), seconds: 3 } };
  const logged = (message: string) => ({ logs: { lines: 1, errors: [], others: [{ message, count: 10 }] } });
  const next = (over: Partial<Evidence>) => findingsOf(seen([source], { ...rejected, ...over }))[0]?.next;

  test("can be tried, where it is there in full and the tool is offered", () => {
    const whole = logged('Input document found to be invalid in $validate stage: {"id":7,"tags":{"a":"}"}}');
    expect(next({ ...whole, canTry: true })).toMatch(
      /^The logs have one that was rejected: try this pipeline on documents \[\{"id":7,"tags":\{"a":"\}"\}\}\] with try_stream_pipeline/,
    );
    expect(next(whole)).toMatch(/^Have a person/);
    expect(next({ ...logged('invalid: {"id":7,"tags":…'), canTry: true })).toMatch(/^Have a person/);
  });

  test.each([
    ["nothing", undefined],
    ["{}", "{}"],
    ['a {"b": 1} c', '{"b": 1}'],
    ["[1] {", undefined],
    ["} {", undefined],
  ])("is found in %j as %j", (message, document) => {
    expect(documentIn(message)).toBe(document);
  });
});
