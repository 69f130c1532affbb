import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Counters } from "../../src/diagnosis/counters.ts";
import {
  doesNotMove,
  type Evidence,
  type Finding,
  findingsOf,
  hasFailed,
  hasLoggedCause,
  hasNoDlq,
  hasOtherErrors,
  hasSmallTier,
  hasWrongPipeline,
  isIdle,
  isRefused,
  lacksConnections,
  nothingFound,
  rejectsInput,
  type UsedConnection,
} from "../../src/diagnosis/findings.ts";
import { withEveryTool } from "../../src/tool/words.ts";

const counters = (input: number, output: number, dlq = 0, stateSize?: number): Counters => ({
  inputMessageCount: input,
  outputMessageCount: output,
  dlqMessageCount: dlq,
  ...(stateSize !== undefined && { stateSize }),
});
const readings = (before: Counters, after: Counters) => ({ before, after, seconds: 5 });

const kafka: UsedConnection = { name: "events", role: "source", type: "Kafka", state: "READY", exists: true };
const cluster: UsedConnection = { name: "shop", role: "sink", type: "Cluster", state: "READY", exists: true };

/** A processor with which all is well, but for `over`. */
const seen = (over: Partial<Evidence> = {}): Evidence => ({
  name: "copy",
  state: "STARTED",
  tier: "SP10",
  counters: readings(counters(100, 100), counters(150, 140)),
  connections: [kafka, cluster],
  logs: { lines: 9, errors: [] },
  hasDlq: true,
  way: withEveryTool,
  problems: [],
  ...over,
});
const logged = (...messages: string[]) => ({
  logs: { lines: 9, errors: messages.map((message) => ({ message, count: 2, last: "2026-01-02T03:04:05.000Z" })) },
});
const only = (found: Finding | readonly Finding[] | undefined) => {
  const findings = [found ?? []].flat();
  expect(findings).toHaveLength(1);
  return findings[0];
};

describe("a processor that failed", () => {
  test("is told with the newest error of its logs", () => {
    expect(only(hasFailed(seen({ state: "FAILED", ...logged("No broker", "older") })))).toEqual({
      severity: "error",
      what: 'The processor "copy" has failed: No broker',
      evidence:
        "Its state is FAILED; the newest error in its logs was logged 2 times, last at 2026-01-02T03:04:05.000Z.",
      next: expect.stringContaining("start_stream_processor"),
    });
  });

  test("is told without logs too, and how to get more of them", () => {
    expect(only(hasFailed(seen({ state: "FAILED" })))).toMatchObject({
      evidence: "Its state is FAILED, and its logs for that time hold no error.",
      next: expect.stringContaining("sinceMinutes"),
    });
    const { logs: _, ...unlogged } = seen({ state: "FAILED" });
    expect(only(hasFailed(unlogged))?.evidence).toContain("could not be read");
  });

  test("is told with an error that was logged only once", () => {
    const logs = { lines: 1, errors: [{ message: "No broker", count: 1, last: "2026-01-02T03:04:05.000Z" }] };
    expect(only(hasFailed(seen({ state: "FAILED", logs })))?.evidence).toMatch(/was logged once, at 2026-/);
  });

  test("is none that runs", () => {
    expect(hasFailed(seen(logged("No broker")))).toBeUndefined();
  });
});

describe("a processor that does not run", () => {
  test.each([
    ["CREATED", "has not been started yet"],
    ["STOPPED", "is stopped"],
  ])("because it is %s is to be started", (state, what) => {
    const finding = only(isIdle(seen({ state })));
    expect(finding).toMatchObject({ severity: "warning", what: expect.stringContaining(what) });
    expect(finding?.next).toContain("start_stream_processor");
  });

  test.each(["INIT", "CREATING", "STOPPING"])("because it is %s is to be waited for", (state) => {
    expect(only(isIdle(seen({ state })))).toMatchObject({
      severity: "info",
      evidence: `Its state is ${state}.`,
      next: expect.stringContaining("get_stream_processor"),
    });
  });

  test.each(["STARTED", "FAILED"])("is none that is %s", (state) => {
    expect(isIdle(seen({ state }))).toBeUndefined();
  });
});

describe("a connection", () => {
  const found = (over: Partial<UsedConnection>) => lacksConnections(seen({ connections: [{ ...kafka, ...over }] }));

  test.each<[string, Partial<UsedConnection>, Finding["severity"], string]>([
    ["that is missing", { exists: false }, "error", "create_stream_connection"],
    ["that has failed", { state: "FAILED" }, "error", "get_stream_connection"],
    ["that is being deleted", { state: "DELETING" }, "error", "create_stream_connection"],
    ["that is not ready", { state: "PENDING" }, "warning", "get_stream_connection"],
  ])("%s is told by its name", (_, over, severity, tool) => {
    const finding = only(found(over));
    expect(finding).toMatchObject({
      severity,
      what: expect.stringContaining('"events", which the processor reads from'),
    });
    expect(finding?.next).toContain(tool);
  });

  test("is told once, whatever it is used for", () => {
    const missing = { ...cluster, exists: false };
    expect(lacksConnections(seen({ connections: [missing, { ...missing, role: "dlq" }] }))).toHaveLength(1);
  });

  test("that is ready, or has no state, is none", () => {
    const { state: _, ...stateless } = kafka;
    expect(lacksConnections(seen({ connections: [kafka, stateless] }))).toEqual([]);
  });
});

describe("credentials and rights", () => {
  const failed = { state: "FAILED", counters: readings(counters(0, 0), counters(0, 0)) };
  const found = (...messages: string[]) => isRefused(seen({ ...failed, ...logged(...messages) }));

  test.each([
    ["SASL authentication error: Authentication failed", '"events" (source)'],
    ["Kafka: broker says unauthorized", '"events" (source)'],
    ["SSL handshake failed: certificate verify failed (broker a:9092)", '"events" (source)'],
    ["not authorized on shop to execute command", '"shop" (sink)'],
    ["MongoServerError: bad credentials", '"shop" (sink)'],
    ["AccessDenied", '"events" (source) or "shop" (sink)'],
    ["HTTP/1.1 403", '"events" (source) or "shop" (sink)'],
    ["statusCode: 401", '"events" (source) or "shop" (sink)'],
    ["Connection shop: permission denied by the broker", '"shop" (sink)'],
  ])("that are refused with %j are those of %s", (message, which) => {
    const finding = only(found(message));
    expect(finding).toMatchObject({
      severity: "error",
      what: `The credentials, the rights or the certificate of the connection ${which} are refused`,
      evidence: `Logged 2 times, last at 2026-01-02T03:04:05.000Z: ${message}`,
    });
    expect(finding?.next).toContain("update_stream_connection");
  });

  test.each([
    "sasl_ssl://broker:9092/bootstrap: Connect failed: Connection refused",
    "ssl://broker:9093/bootstrap: Disconnected",
    "Failed to process offset 401 of partition 403",
    "$validate rejected a document",
  ])("have nothing to do with %j", (message) => {
    expect(found(message)).toEqual([]);
  });

  test("are told once for each connection", () => {
    expect(found("SASL: wrong password", "SASL handshake failed", "not authorized on shop")).toHaveLength(2);
  });

  test("are no certain cause while messages go out", () => {
    expect(only(isRefused(seen(logged("AccessDenied"))))).toMatchObject({ severity: "warning" });
  });

  test("of a connection that is only part of a word are not its", () => {
    expect(only(found("SASL: workshop refused"))?.what).toContain('"events"');
  });

  test("are told where no connection is known", () => {
    const unknown = seen({ ...failed, ...logged("AccessDenied"), connections: [] });
    expect(only(isRefused(unknown))?.what).toContain("of the connection that it uses");
  });
});

describe("a cause that the logs name", () => {
  const source = { connectionName: "events", topic: "ordrs" };
  const warned = (message: string) => ({ logs: { lines: 9, errors: [], others: [{ message, count: 3 }] } });

  test.each<[message: string, what: RegExp, next: RegExp]>([
    [
      "no partitions found",
      /^The topic "ordrs" is not there/,
      /topic.*update_stream_processor, with resumeFromCheckpoint false/,
    ],
    ["Error 419: unknown", /^The topic "ordrs" is not there/, /processed twice or left out/],
    [
      "ChangeStreamHistoryLost: the resume point",
      /no longer has its history/,
      /start_stream_processor \(resumeFromCheckpoint false\)/,
    ],
    ["Request failed with code 402", /no way to pay/, /Have a person/],
  ])("is told, also by a line that is no error: %j", (message, what, next) => {
    for (const logs of [warned(message), logged(message)])
      expect(only(hasLoggedCause(seen({ ...logs, source })))).toMatchObject({
        severity: "error",
        what: expect.stringMatching(what),
        next: expect.stringMatching(next),
      });
    expect(hasOtherErrors(seen(logged(message)))).toBeUndefined();
  });

  test("names the tier where a worker is out of memory", () => {
    const finding = only(hasSmallTier(seen(warned("Worker out of memory"))));
    expect(finding?.next).toMatch(/larger tier.*shorter windows/);
  });

  test("says more than that nothing comes in", () => {
    const still = { counters: readings(counters(0, 0), counters(0, 0)), source };
    expect(findingsOf(seen({ ...still, ...warned("no partitions found") })).map(({ what }) => what)).toEqual([
      expect.stringContaining('"ordrs" is not there'),
    ]);
  });
});

describe("after a start", () => {
  const now = "2026-01-02T03:10:00.000Z";
  const rejected = readings(counters(1_000, 0, 1_000), counters(1_000, 0, 1_000));
  const restarted = (startedAgo: number, over: Partial<Evidence>) => seen({ now, startedAgo, ...over });

  test("what was counted before is not held against it", () => {
    expect(rejectsInput(seen({ now, counters: rejected }))).toBeDefined();
    expect(rejectsInput(restarted(10, { counters: rejected }))).toBeUndefined();
    const mended = readings(counters(1_000, 0, 1_000), counters(1_100, 100, 1_000));
    expect(findingsOf(restarted(10, { counters: mended }))).toMatchObject([
      { what: expect.stringContaining("20.0 messages a second") },
    ]);
    expect(findingsOf(restarted(4_000, { counters: mended }))).toMatchObject([{ severity: "info" }]);
    const ailing = readings(counters(1_000, 0, 1_000), counters(1_100, 0, 1_100));
    expect(only(rejectsInput(restarted(10, { counters: ailing })))).toMatchObject({
      evidence: "100 of 100 messages (100 %) went there in the last 5 s.",
    });
  });

  test("what was logged before is not either", () => {
    const earlier = { message: "AccessDenied", count: 2, last: "2026-01-02T03:05:00.000Z" };
    const logs = { lines: 9, errors: [earlier], others: [{ ...earlier, message: "no partitions found" }] };
    expect(findingsOf(restarted(600, { logs })).map(({ severity }) => severity)).toEqual(["error", "warning"]);
    expect(findingsOf(restarted(60, { logs }))).toMatchObject([
      { severity: "info", what: expect.stringContaining("runs") },
    ]);
  });

  test("one that has not moved yet is to be waited for", () => {
    const still = { counters: readings(counters(0, 0), counters(0, 0)), source: { topic: "orders" } };
    expect(only(doesNotMove(restarted(8, still)))).toMatchObject({
      severity: "info",
      what: 'The processor "copy" was started 8 s ago, and just now nothing goes out',
      next: expect.stringMatching(/in a minute\..*`topic` is "orders".*`config\.auto_offset_reset` is left out/),
    });
    expect(only(doesNotMove(restarted(8, { ...still, window: "$tumblingWindow" })))?.next).toContain(
      "when a $tumblingWindow",
    );
  });

  test("each finding says since when it looks", () => {
    const logsSince = "2026-01-02T02:10:00.000Z";
    const evidence = { hasDlq: false, ...logged("AccessDenied"), logsSince };
    const sinceOf = (findings: Finding[]) => findings.map(({ since }) => since);
    expect(sinceOf(findingsOf(seen({ now, ...evidence })))).toEqual([logsSince, now]);
    expect(sinceOf(findingsOf(restarted(60, { hasDlq: false, logsSince })))).toEqual(["2026-01-02T03:09:00.000Z", now]);
  });
});

test("a window that an idle partition holds up is told, with the field that lets it close", () => {
  const waiting = { counters: readings(counters(10, 0), counters(20, 0)), window: "$tumblingWindow" };
  expect(only(doesNotMove(seen({ ...waiting, source: { topic: "t" } })))).toMatchObject({
    what: "Messages come in, but no $tumblingWindow has closed",
    next: expect.stringMatching(/Set `partitionIdleTimeout`, such as \{"size": 30, "unit": "second"\}/),
  });
  const timeout = { topic: "t", partitionIdleTimeout: { size: 5, unit: "second" } };
  expect(only(doesNotMove(seen({ ...waiting, source: timeout })))?.what).toBe(
    "Messages come in, but none has gone out",
  );
});

test("what a stopped processor keeps is told with how long", () => {
  expect(only(isIdle(seen({ state: "STOPPED" })))?.next).toContain("45 days");
});

describe("what is wrong with the pipeline", () => {
  const missing = { path: ["pipeline", "0", "$source", "connectionName"], message: 'there is no connection "events"' };

  test("is told with its path", () => {
    const problems = [{ path: ["pipeline", "2", "$tumblingWindow", "interval"], message: "is missing" }];
    expect(only(hasWrongPipeline(seen({ problems })))).toMatchObject({
      severity: "error",
      what: "The pipeline is wrong: pipeline[2].$tumblingWindow.interval: is missing",
      next: expect.stringContaining("update_stream_processor"),
    });
    expect(hasWrongPipeline(seen())).toEqual([]);
  });

  test("is not told again where a connection is at fault", () => {
    const connections = [{ ...kafka, exists: false }, cluster];
    expect(hasWrongPipeline(seen({ problems: [missing], connections }))).toEqual([]);
    expect(hasWrongPipeline(seen({ problems: [missing] }))).toHaveLength(1);
  });
});

describe("a tier that is too small", () => {
  test.each([
    "stream processing workspace out of memory",
    "Worker OOM",
    "Sort exceeded memory limit of 104857600 bytes",
    "Requested resources exceed what is there",
    "The processor needs a larger tier",
  ])("is told by the error %j", (message) => {
    const finding = only(hasSmallTier(seen(logged(message))));
    expect(finding).toMatchObject({ severity: "error", what: "The tier SP10 is too small for the processor" });
    expect(finding?.next).toMatch(/stop_stream_processor.*start_stream_processor.*\(SP30 is the next one\)/);
  });

  test.each(["Rate limit exceeded", "No broker", "boom"])("is not told by %j", (message) => {
    expect(hasSmallTier(seen(logged(message)))).toBeUndefined();
  });

  const withState = (stateSize: number, tier?: string) => {
    const { tier: _, ...rest } = seen({ counters: readings(counters(1, 1), counters(1, 1, 0, stateSize)) });
    return hasSmallTier({ ...rest, ...(tier !== undefined && { tier }) });
  };

  test("is told by a state that is near what the tier allows", () => {
    expect(only(withState(1.5e9, "SP10"))).toMatchObject({
      severity: "warning",
      evidence: "The state takes 1500 MB of the 1600 MB that it may take.",
    });
    expect(withState(1.2e9, "SP10")).toBeUndefined();
    expect(withState(1.5e9, "SP30")).toBeUndefined();
    expect(withState(1.5e9)).toBeUndefined();
    expect(withState(1.5e9, "SP9000")).toBeUndefined();
  });

  test("has no next one where it is the largest", () => {
    expect(only(withState(25e9, "SP50"))?.next).toContain("largest");
  });
});

describe("the dead letter queue", () => {
  test.each([
    [100, 100, "error", "All messages", "100 of 100 messages (100 %)"],
    [100, 50, "error", "Most messages", "50 of 100 messages (50 %)"],
    [100, 5, "warning", "Many messages", "5 of 100 messages (5 %)"],
  ])("of %i messages gets %i: %s", (input, dlq, severity, what, evidence) => {
    const after = counters(input, input - dlq, dlq);
    expect(only(rejectsInput(seen({ counters: readings(after, after) })))).toMatchObject({
      severity,
      what: `${what} go to the dead letter queue`,
      evidence: `${evidence} went there.`,
    });
  });

  test.each([
    [100, 4],
    [0, 0],
    [0, 3],
  ])("of %i messages gets %i, which is nothing to tell", (input, dlq) => {
    expect(rejectsInput(seen({ counters: readings(counters(0, 0), counters(input, 0, dlq)) }))).toBeUndefined();
  });

  test("that there is not is told, but is no cause", () => {
    expect(only(hasNoDlq(seen({ hasDlq: false })))).toMatchObject({
      severity: "info",
      next: expect.stringContaining("update_stream_processor"),
    });
    expect(hasNoDlq(seen())).toBeUndefined();
  });
});

describe("a processor that runs", () => {
  const found = (before: Counters, after: Counters, over: Partial<Evidence> = {}) =>
    doesNotMove(seen({ counters: readings(before, after), ...over }));

  test("without any input is told, with its source", () => {
    const finding = only(found(counters(0, 0), counters(0, 0)));
    expect(finding).toMatchObject({
      severity: "warning",
      what: 'The processor runs, but nothing has come from its source "events"',
      evidence: "Since it was started: 0 in, 0 out, 0 to the dead letter queue. In the last 5 s: 0 in, 0 out.",
      next: expect.stringContaining("topic"),
    });
    const ofCluster = found(counters(0, 0), counters(0, 0), { connections: [{ ...cluster, role: "source" }] });
    expect(only(ofCluster)?.next).toContain("coll");
    only(found(counters(0, 0), counters(0, 0), { connections: [] }));
  });

  test.each([
    [counters(10, 0), counters(20, 0)],
    [counters(20, 0), counters(20, 0)],
    [counters(10, 0, 2), counters(20, 0, 4)],
  ])("with input and no output is told, with $match and windows", (before, after) => {
    expect(only(found(before, after))).toMatchObject({
      severity: "warning",
      what: "Messages come in, but none has gone out",
      next: expect.stringMatching(/\$match.*window/),
    });
  });

  test("with all its input rejected is another rule's", () => {
    expect(found(counters(10, 0, 10), counters(20, 0, 20))).toBeUndefined();
  });

  test.each([
    ["nothing comes in", counters(20, 20), counters(20, 20)],
    ["none goes out", counters(20, 5), counters(30, 5)],
  ])("of which just now %s may be well", (what, before, after) => {
    expect(only(found(before, after))).toMatchObject({ severity: "info", what: expect.stringContaining(what) });
  });

  test("and moves is none, nor one that was started again meanwhile, nor one that does not run", () => {
    expect(found(counters(1, 1), counters(2, 2))).toBeUndefined();
    expect(found(counters(100, 100), counters(2, 2))).toBeUndefined();
    expect(found(counters(0, 0), counters(0, 0), { state: "STOPPED" })).toBeUndefined();
  });
});

test("errors that no rule knows are told by the newest", () => {
  expect(only(hasOtherErrors(seen(logged("Unknown topic", "Odd"))))).toMatchObject({
    severity: "warning",
    what: "The logs hold 2 kinds of errors, the newest: Unknown topic",
  });
  expect(only(hasOtherErrors(seen(logged("AccessDenied", "Odd"))))?.what).toBe("The logs hold an error: Odd");
  expect(hasOtherErrors(seen(logged("AccessDenied", "out of memory")))).toBeUndefined();
  expect(hasOtherErrors(seen({ state: "FAILED", ...logged("Odd") }))).toBeUndefined();
});

describe("where nothing is wrong", () => {
  test("the rates are told", () => {
    expect(findingsOf(seen())).toEqual([
      {
        severity: "info",
        what: 'The processor "copy" runs: 10.0 messages a second come in, 8.0 go out',
        evidence: "In 5 s: 50 in, 40 out.",
        next: expect.stringContaining("Nothing has to be done"),
      },
    ]);
  });

  test("it is told what to look at where there are no counters, or the state is unknown", () => {
    const { counters: _, ...uncounted } = seen();
    expect(nothingFound(uncounted)).toMatchObject({ next: expect.stringContaining("diagnose_stream_processor") });
    expect(nothingFound(seen({ state: "PAUSED" }))).toMatchObject({ evidence: "Its state is PAUSED." });
  });

  test("advice comes after it", () => {
    expect(findingsOf(seen({ hasDlq: false })).map(({ what }) => what)).toEqual([
      expect.stringContaining("runs"),
      expect.stringContaining("no dead letter queue"),
    ]);
  });
});

describe("findings", () => {
  test("come in the order of likelihood", () => {
    const evidence = seen({
      state: "FAILED",
      hasDlq: false,
      connections: [{ ...kafka, exists: false }, cluster],
      problems: [{ path: ["pipeline"], message: "is empty" }],
      counters: readings(counters(10, 0, 9), counters(10, 0, 9)),
      ...logged("not authorized on shop", "out of memory"),
    });
    expect(findingsOf(evidence).map(({ what }) => what)).toEqual([
      expect.stringContaining("has failed"),
      expect.stringContaining("does not exist"),
      expect.stringContaining("are refused"),
      expect.stringContaining("pipeline is wrong"),
      expect.stringContaining("too small"),
      expect.stringContaining("dead letter queue"),
      expect.stringContaining("no dead letter queue"),
    ]);
  });

  const text = fc.string({ maxLength: 20 }).filter((given) => !/undefined|NaN|Infinity/.test(given));
  const count = fc.nat(50);
  const reading = fc.record({
    inputMessageCount: count,
    outputMessageCount: count,
    dlqMessageCount: count,
    stateSize: fc.nat(),
  });
  const anyEvidence: fc.Arbitrary<Evidence> = fc.record(
    {
      name: text,
      state: fc.oneof(text, fc.constantFrom("CREATED", "STARTED", "STOPPED", "FAILED", "CREATING")),
      tier: fc.oneof(text, fc.constantFrom("SP2", "SP50")),
      counters: fc.record({ before: reading, after: reading, seconds: count }),
      connections: fc.array(
        fc.record(
          {
            name: text,
            role: fc.constantFrom("source", "sink", "dlq", "other"),
            type: text,
            state: text,
            exists: fc.boolean(),
          },
          { requiredKeys: ["name", "role", "exists"] },
        ),
      ),
      logs: fc.record({ lines: count, errors: fc.array(fc.record({ message: text, count })) }),
      hasDlq: fc.boolean(),
      problems: fc.array(fc.record({ path: fc.array(text), message: text })),
      way: fc.constant(withEveryTool),
    },
    { requiredKeys: ["name", "state", "connections", "hasDlq", "problems", "way"] },
  );

  test("are there, are whole, and name no tool that there is not, whatever was seen", () => {
    const tools = /^(?:(?:create|start|stop|update|delete|get|diagnose|list)_stream_(?:processors?|connections?))$/;
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const findings = findingsOf(evidence);
        expect(findings.length).toBeGreaterThan(0);
        for (const { what, evidence: seenBy, next } of findings) {
          expect(what && seenBy && next).not.toBe("");
          expect(`${what}${seenBy}${next}`).not.toMatch(/undefined|NaN|Infinity/);
          for (const [tool] of next.matchAll(/\b[a-z]+_stream_[a-z]+\b/g)) expect(tool).toMatch(tools);
        }
      }),
    );
  });
});
