import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AtlasFailure } from "../../src/atlas/failure.ts";
import { readLogEntries, readOperationalLogs } from "../../src/diagnosis/operational-logs.ts";

const unmasked = { mask: (text: string) => text };
const gzip = (lines: readonly unknown[]) =>
  gzipSync(lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
const logs = (...lines: unknown[]) => readOperationalLogs(gzip(lines), unmasked);
const errors = async (...lines: unknown[]) => (await logs(...lines)).errors;
const messages = async (...lines: unknown[]) => (await errors(...lines)).map(({ message }) => message);
const failure = (bytes: Buffer) =>
  readOperationalLogs(bytes, unmasked).then(
    () => expect.fail("it was read"),
    (error: unknown) => error,
  );

describe("the archive", () => {
  test("may be empty, or hold nothing", async () => {
    const nothing = { lines: 0, errors: [], others: [], truncated: false };
    expect(await readOperationalLogs(Buffer.alloc(0), unmasked)).toEqual(nothing);
    expect(await logs()).toEqual(nothing);
    expect(await logs("", "  ", "")).toEqual(nothing);
  });

  test("may be made of several", async () => {
    const bytes = Buffer.concat([gzipSync("ERROR one\n"), gzipSync("ERROR two\n")]);
    expect((await readOperationalLogs(bytes, unmasked)).errors.map(({ message }) => message)).toEqual(["two", "one"]);
  });

  test.each([
    ["is no archive", Buffer.from("<html>Log in</html>")],
    ["is cut off", gzipSync("x\n".repeat(1_000)).subarray(0, 20)],
    ["is broken inside", Buffer.concat([gzipSync("x").subarray(0, 10), Buffer.alloc(30, 0xff)])],
  ])("that %s is a failure that says so", async (_, bytes) => {
    const error = await failure(bytes);
    expect(error).toBeInstanceOf(AtlasFailure);
    expect(error).toMatchObject({
      kind: "atlas_error",
      message: "Atlas answered with operational logs that cannot be unpacked",
    });
  });

  test("is unpacked up to the limit, with whole lines, and what was left out is told", async () => {
    const bytes = gzip(Array.from({ length: 1_000 }, (_, index) => `ERROR number ${index}`));
    expect(await readOperationalLogs(bytes, { ...unmasked, limitBytes: 50 })).toEqual({
      lines: 3,
      errors: [{ message: "number 2", count: 3 }],
      others: [],
      truncated: true,
    });
  });

  test("that fits the limit to the byte is whole", async () => {
    const [one, limitBytes] = ["ERROR a", 7];
    expect(await readOperationalLogs(gzip([one]), { ...unmasked, limitBytes })).toMatchObject({
      lines: 1,
      truncated: false,
    });
    expect(await readOperationalLogs(gzip([one]), { ...unmasked, limitBytes: limitBytes - 1 })).toMatchObject({
      lines: 0,
      truncated: true,
    });
  });

  test("of a bomb is not unpacked whole", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    const { truncated } = await readOperationalLogs(bomb, { ...unmasked, limitBytes: 1024 * 1024 });
    expect(truncated).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  });
});

describe("a line of JSON", () => {
  test.each([
    [{ s: "E", msg: "Broken" }, "Broken"],
    [{ s: "F", msg: "Broken" }, "Broken"],
    [{ severity: "ERROR", message: "Broken" }, "Broken"],
    [{ level: "error", message: "Broken" }, "Broken"],
    [{ s: "E", msg: "Processor failed", attr: { error: "No broker" } }, "Processor failed: No broker"],
    [{ s: "E", msg: "Failed: No broker", attr: { error: "No broker" } }, "Failed: No broker"],
    [{ s: "E", error: { code: 8000, codeName: "AtlasError", errmsg: "No rights" } }, "No rights"],
    [{ severity: "error", reason: "Too large" }, "Too large"],
    [{ error: "Broken" }, "Broken"],
    [{ s: "E", msg: " two\n lines " }, "two lines"],
    [{ s: "E", code: 7 }, '{"s":"E","code":7}'],
  ])("%j is the error %s", async (line, message) => {
    expect(await messages(line)).toEqual([message]);
  });

  test.each([
    { s: "I", msg: "ERROR is only a word here" },
    { s: "W", msg: "Slow", attr: { error: "none" } },
    { level: "warning", message: "Slow" },
    { message: "Started" },
    { s: 3, msg: 4, error: 5 },
    [],
  ])("%j is none", async (line) => {
    const others = [{ message: expect.any(String), count: 1 }];
    expect(await logs(line)).toEqual({ lines: 1, errors: [], others, truncated: false });
  });

  test("that is no error is told beside them, the newest first, equal ones counted", async () => {
    const at = (second: number) => ({ $date: `2026-01-02T03:04:0${second}Z` });
    const { errors: found, others } = await logs(
      { t: at(1), s: "I", msg: "Started stream processor" },
      { t: at(2), s: "W", msg: "no partitions found for topic 1" },
      { t: at(3), s: "E", msg: "Broken" },
      { t: at(4), s: "W", msg: "no partitions found for topic 2" },
    );
    expect(found).toHaveLength(1);
    expect(others).toEqual([
      { message: "no partitions found for topic 2", count: 2, last: "2026-01-02T03:04:04.000Z" },
      { message: "Started stream processor", count: 1, last: "2026-01-02T03:04:01.000Z" },
    ]);
  });

  test.each([
    ["Starting stream processor on tier SP10", "Started stream processor"],
    ["Stream processor copy started", "Changed"],
  ])("tells when the processor was last told to start: %s", async (first, second) => {
    const line = (minute: number, msg: string) => ({ t: { $date: `2026-01-02T03:0${minute}:00Z` }, s: "I", msg });
    const { startedAt } = await logs(
      line(1, "Starting stream processor"),
      line(5, first),
      line(5, second),
      line(6, "x"),
    );
    expect(startedAt).toBe("2026-01-02T03:05:00.000Z");
    expect((await logs(line(1, "Stopped stream processor"))).startedAt).toBeUndefined();
  });

  test.each([
    ["t", "2026-01-02T03:04:05.678Z"],
    ["timestamp", "2026-01-02T03:04:05.678+00:00"],
    ["timestamp", "2026-01-02 03:04:05.678"],
    ["time", "2026-01-02T04:04:05,678+0100"],
    ["ts", 1767323045678],
    ["ts", 1767323045.678],
    ["t", { $date: "2026-01-02T03:04:05.678Z" }],
    ["t", { $date: 1767323045678 }],
    ["t", { $date: { $numberLong: "1767323045678" } }],
    ["t", "1767323045678"],
  ])("has its time in %s: %j", async (field, value) => {
    expect(await errors({ [field]: value, s: "E", msg: "x" })).toEqual([
      { message: "x", count: 1, last: "2026-01-02T03:04:05.678Z" },
    ]);
  });

  test.each([null, "yesterday", "2026-13-45T99:99:99Z", 1e300, {}, { $date: {} }, [], true])(
    "tells no time with %j",
    async (t) => {
      expect(await errors({ t, s: "E", msg: "x" })).toEqual([{ message: "x", count: 1 }]);
    },
  );
});

describe("a line of text", () => {
  test.each([
    ["2026-01-02T03:04:05Z ERROR No broker", "No broker", "2026-01-02T03:04:05.000Z"],
    ["[2026-01-02 03:04:05] [error] No broker", "No broker", "2026-01-02T03:04:05.000Z"],
    ["Error: No broker", "No broker", undefined],
    ["level=error msg=x", "level=error msg=x", undefined],
    ["the worker met an ERROR", "the worker met an ERROR", undefined],
    ["ERROR", "ERROR", undefined],
    ['{"s":"E", cut ERROR', '{"s":"E", cut ERROR', undefined],
  ])("%j is the error %j", async (line, message, last) => {
    expect(await errors(line)).toEqual([{ message, count: 1, ...(last && { last }) }]);
  });

  test.each(["2026-01-02T03:04:05Z INFO 0 errors", "an error handler was set", "ERRORS", "7", '"ERR"'])(
    "%j is none",
    async (line) => {
      expect(await errors(line)).toEqual([]);
    },
  );
});

describe("errors", () => {
  test.each([
    ["numbers", "Offset 17 of partition 3 is gone", "Offset 99 of partition 0 is gone"],
    ["quoted values", `Field "a" of 'b' is wrong`, `Field "c d" of 'e' is wrong`],
    ["ids", "Task 32b6e34b3d91647abb20e7b8 died", "Task abcdef0123456789abcdef01 died"],
    ["UUIDs", "Run 550e8400-e29b-41d4-a716-446655440000 died", "Run aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee died"],
    ["addresses", "No answer of 10.0.0.1:9092", "No answer of 192.168.12.4:9093"],
  ])("that differ in %s are one, told as the newest", async (_, older, newer) => {
    expect(await errors({ s: "E", msg: older }, { s: "E", msg: newer })).toEqual([{ message: newer, count: 2 }]);
  });

  test("that differ in words are two", async () => {
    expect(await messages("ERROR it can't read", "ERROR it can't write")).toEqual(["it can't write", "it can't read"]);
  });

  test("come newest first by their times, in whatever order they are logged", async () => {
    const at = (day: number, msg: string) => ({ t: `2026-01-0${day}T00:00:00Z`, s: "E", msg });
    expect(await errors(at(3, "b 3"), at(1, "a 1"), at(5, "a 5"), at(2, "a 2"), at(4, "c 4"))).toEqual([
      { message: "a 5", count: 3, last: "2026-01-05T00:00:00.000Z" },
      { message: "c 4", count: 1, last: "2026-01-04T00:00:00.000Z" },
      { message: "b 3", count: 1, last: "2026-01-03T00:00:00.000Z" },
    ]);
  });

  test("are as old as the line before where they tell no time", async () => {
    expect(await errors("2026-01-02T03:04:05Z INFO Starting", "ERROR No broker")).toEqual([
      { message: "No broker", count: 1, last: "2026-01-02T03:04:05.000Z" },
    ]);
  });

  test("are 20 at most, the newest", async () => {
    const letters = [..."abcdefghijklmnopqrstuvwxy"];
    expect(await messages(...letters.map((letter) => `ERROR ${letter}`))).toEqual(letters.reverse().slice(0, 20));
  });

  test("are shown in 300 characters, of which none is half", async () => {
    const [message = ""] = await messages(`ERROR ${"x".repeat(298)}😀${"y".repeat(10_000)}`);
    expect(message).toBe(`${"x".repeat(298)}…`);
    expect(await messages(`ERROR ${"x".repeat(300)}`)).toEqual(["x".repeat(300)]);
  });

  test.each([
    ["is cut", `${"x".repeat(290)}hunter2-hunter2`],
    ["has a line break", "of hunter2\nhunter2 or so"],
    ["is cut where a message is too long to be looked at", `${" ".repeat(3_990)}hunter2-hunter2`],
  ])("are masked before a secret in them %s", async (_, msg) => {
    const mask = (text: string) => text.replaceAll(/hunter2\shunter2|hunter2-hunter2/g, "***");
    const { errors: found } = await readOperationalLogs(gzip([{ s: "E", msg: `a ${msg}` }]), { mask });
    expect(JSON.stringify(found)).not.toContain("hunt");
  });
});

describe("whatever Atlas answers", () => {
  const isRead = async (bytes: Buffer) => {
    try {
      const { lines, errors: found } = await readOperationalLogs(bytes, { ...unmasked, limitBytes: 2_000 });
      expect(found.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(lines);
      for (const { message } of found) expect(message.length).toBeLessThanOrEqual(300);
    } catch (error) {
      expect(error).toBeInstanceOf(AtlasFailure);
    }
  };

  test("is read, or is a failure", async () => {
    const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          bytes,
          bytes.map((inside) => gzipSync(inside)),
        ),
        isRead,
      ),
    );
    const cut = fc.tuple(bytes, fc.nat(30)).map(([inside, end]) => gzipSync(inside).subarray(0, end));
    await fc.assert(fc.asyncProperty(cut, isRead));
  });

  test("is counted: each error once", async () => {
    const time = fc.oneof(fc.jsonValue(), fc.date({ noInvalidDate: true }).map(String), fc.integer());
    const word = fc.constantFrom("alpha", "beta 12", 'gamma "x"', "delta 9:1", "");
    const failed = fc.record({ t: time, s: fc.constantFrom("E", "F", "error"), msg: fc.oneof(word, fc.jsonValue()) });
    const fine = fc.record({ t: time, s: fc.constantFrom("I", "W", "info"), msg: fc.oneof(word, fc.jsonValue()) });
    await fc.assert(
      fc.asyncProperty(fc.array(failed, { maxLength: 20 }), fc.array(fine, { maxLength: 20 }), async (bad, good) => {
        const found = await logs(...[...bad, ...good].map((line) => JSON.stringify(line)));
        expect(found.lines).toBe(bad.length + good.length);
        expect(found.errors.reduce((sum, { count }) => sum + count, 0)).toBe(bad.length);
      }),
    );
  });

  test("may be nested as deep as it likes", async () => {
    const deep = (open: string, close: string) => `${open.repeat(50_000)}1${close.repeat(50_000)}`;
    const time = deep('{"$date":', "}");
    expect(await messages(`{"t":${time},"s":"E","msg":${time},"error":${deep("[", "]")}}`)).toHaveLength(1);
  });
});

describe("entries", () => {
  const at = (second: number) => ({ $date: `2026-01-02T03:04:0${second}Z` });
  const read = (lines: readonly unknown[], options: Partial<Parameters<typeof readLogEntries>[1]> = {}) =>
    readLogEntries(gzip(lines), { ...unmasked, limit: 100, ...options });

  test("are the newest first, equal ones counted, with level and processor", async () => {
    const line = (second: number, s: string, msg: string, streamProcessorName: string) => ({
      t: at(second),
      s,
      msg,
      attr: { streamProcessorName },
    });
    const lines = [
      line(1, "I", "Started", "one"),
      line(2, "W", "Slow", "one"),
      line(3, "I", "Started", "two"),
      line(4, "I", "Started", "one"),
    ];
    expect(await read(lines)).toEqual({
      entries: [
        { time: "2026-01-02T03:04:04.000Z", level: "info", message: "Started", count: 2, processorName: "one" },
        { time: "2026-01-02T03:04:03.000Z", level: "info", message: "Started", count: 1, processorName: "two" },
        { time: "2026-01-02T03:04:02.000Z", level: "warning", message: "Slow", count: 1, processorName: "one" },
      ],
      lines: 4,
      isCut: false,
      hasMore: false,
    });
  });

  test("of an audit log say what was done by whom, to what, and whether it was", async () => {
    const line = { atype: "startStreamProcessor", ts: at(1), users: [{ user: "ann", db: "admin" }] };
    const { entries } = await read([
      { ...line, param: { processorName: "copy" }, result: 0 },
      { ...line, ts: at(2), param: { processorName: "copy" }, result: 13 },
      { atype: "logout", ts: at(3), users: [], param: {}, result: 0 },
    ]);
    expect(entries).toEqual([
      { time: expect.any(String), level: "info", message: "logout", count: 1 },
      {
        time: expect.any(String),
        level: "error",
        message: 'startStreamProcessor by ann: {"processorName":"copy"}; failed (13)',
        count: 1,
        processorName: "copy",
      },
      {
        time: "2026-01-02T03:04:01.000Z",
        level: "info",
        message: 'startStreamProcessor by ann: {"processorName":"copy"}',
        count: 1,
        processorName: "copy",
      },
    ]);
  });

  test("are as many as are wanted, and say that there are more", async () => {
    const lines = ["a", "b", "c"].map((msg, index) => ({ t: at(index), s: "I", msg }));
    expect(await read(lines, { limit: 2 })).toMatchObject({
      entries: [{ message: "c" }, { message: "b" }],
      hasMore: true,
    });
    expect(await read(lines, { limit: 3 })).toMatchObject({ hasMore: false });
  });

  test("are those that have a text, in any case", async () => {
    const lines = ["Broker one  is slow", "Started"].map((msg) => ({ s: "I", msg }));
    expect((await read(lines, { contains: "BROKER one is" })).entries).toMatchObject([
      { message: "Broker one is slow" },
    ]);
    expect(await read(lines, { contains: "none" })).toMatchObject({ entries: [], lines: 2 });
  });

  test("give no secret away to one who looks for it", async () => {
    const mask = (text: string) => text.replaceAll("hunter2", "***");
    const lines = [{ s: "E", msg: "Login as atlas with hunter2 failed" }];
    for (const contains of ["hunter2", "hunter", "with h", "2 failed"])
      expect((await read(lines, { mask, contains })).entries).toEqual([]);
    for (const contains of ["login as", "*** failed", "***"])
      expect((await read(lines, { mask, contains })).entries).toMatchObject([
        { message: "Login as atlas with *** failed" },
      ]);
  });

  test("are read up to the limit", async () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => `ERROR number ${index}`);
    expect(await read(lines, { limitBytes: 50 })).toMatchObject({ lines: 3, isCut: true });
  });

  test("count every line that says something, whatever the lines are", async () => {
    const line = fc.oneof(fc.string(), fc.json(), fc.record({ s: fc.string(), msg: fc.string(), t: fc.anything() }));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), async (given) => {
        const { entries, lines } = await read(
          given.map((each) => (typeof each === "string" ? each : JSON.stringify(each))),
        );
        expect(entries.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(lines);
        for (const { message } of entries) expect(message).not.toMatch(/[\n\r]/);
      }),
    );
  });
});
