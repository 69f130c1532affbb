/** Windows, by the examples that MongoDB's documentation and tests print. */
import { describe, expect, test } from "vitest";
import { outputOf, tried } from "./tried.ts";

const source = { timeField: { $toDate: "$t" } };
/** A time of one day, `12:00` or `00:59:57.5`. */
const at = (time: string) => `2023-01-01T${time.length === 5 ? `${time}:00` : time}Z`;
const day = (time: string) => ({ $date: at(time).replace(".000Z", "Z") });
const window = { start: { $meta: "stream.window.start" }, end: { $meta: "stream.window.end" } };
const shown = { $addFields: window };

const minutes = (size: number) => ({ size, unit: "minute" });
const seconds = (size: number) => ({ size, unit: "second" });
const counted = [{ $group: { _id: null, n: { $sum: 1 }, at: { $push: "$at" } } }];

/** Documents that come in at these times, each with its own in `at`. */
const coming = (times: string) => times.split(" ").map((time) => ({ t: at(time), at: time }));

describe("tumbling windows", () => {
  test("lie by the epoch, and show their times", () => {
    const values = [
      [1, 2],
      [1, 3],
      [2, 4],
      [1, 5],
      [2, 1],
    ];
    const stages = [
      {
        $tumblingWindow: {
          interval: seconds(5),
          pipeline: [
            { $group: { _id: "$customer", total: { $sum: "$value" } } },
            { $sort: { total: -1 } },
            { $limit: 1 },
          ],
        },
      },
      shown,
    ];
    const documents = values.map(([customer, value]) => ({ customer, value, t: at("00:59:57") }));
    expect(outputOf(stages, documents, { source })).toEqual([
      { _id: 1, total: 10, start: day("00:59:55"), end: day("01:00:00") },
    ]);
  });

  test("a document on which the key fails is a dead letter, and the others are counted", () => {
    const group = { $group: { _id: { $divide: ["$y", "$x"] }, n: { $sum: 1 } } };
    const { output, deadLetters } = tried(
      [{ $tumblingWindow: { interval: seconds(1), pipeline: [group] } }],
      [
        [2, 30],
        [0, 1],
        [1, 25],
      ].map(([x, y]) => ({ x, y, t: at("12:00") })),
      { source },
    );
    expect(output).toEqual([
      { _id: 15, n: 1 },
      { _id: 25, n: 1 },
    ]);
    expect(deadLetters).toMatchObject([
      {
        stage: "$tumblingWindow",
        reason: "Failed to process input document in GroupOperator with error: can't $divide by zero",
        document: { x: 0 },
      },
    ]);
  });

  test("the start is a date from which its milliseconds can be had", () => {
    const pipeline = [{ $group: { _id: { $toLong: { $meta: "stream.window.start" } } } }];
    expect(outputOf([{ $tumblingWindow: { interval: seconds(2), pipeline } }], coming("12:00:03"), { source })).toEqual(
      [{ _id: Date.parse("2023-01-01T12:00:02Z") }],
    );
  });

  test("an offset moves them against UTC", () => {
    const body = { interval: { size: 1, unit: "day" }, offset: { offsetFromUtc: 8, unit: "hour" }, pipeline: counted };
    expect(outputOf([{ $tumblingWindow: body }, shown], coming("07:59 08:00"), { source })).toMatchObject([
      { at: ["07:59"], start: { $date: "2022-12-31T08:00:00Z" } },
      { at: ["08:00"], start: day("08:00") },
    ]);
  });
});

describe("lateness", () => {
  const lateBy = (allowedLateness: unknown, interval: unknown, times: string) =>
    tried([{ $tumblingWindow: { interval, allowedLateness, pipeline: counted } }], coming(times), { source });

  test("keeps a window open as long after its end, by the times of documents", () => {
    // The last document closes the first window, and is in the second.
    const times = "12:00 12:01 12:03 12:02 12:04 12:01 12:05 12:06 12:04 12:07";
    const { output, deadLetters } = lateBy(minutes(2), minutes(5), `${times} 12:04`);
    expect(output).toMatchObject([
      { n: 7, at: ["12:00", "12:01", "12:03", "12:02", "12:04", "12:01", "12:04"] },
      { n: 3, at: ["12:05", "12:06", "12:07"] },
    ]);
    expect(deadLetters).toMatchObject([{ reason: "Input document arrived late.", document: { at: "12:04" } }]);
  });

  test("without any, a window closes with the first document after it", () => {
    const { output, deadLetters } = lateBy(
      0,
      minutes(5),
      "12:00 12:00 12:01 12:03 12:02 12:01 12:04 12:05 12:06 12:06",
    );
    expect(output).toMatchObject([{ n: 7 }, { n: 3 }]);
    expect(deadLetters).toEqual([]);
    expect(lateBy(0, minutes(5), "12:04 12:05 12:04").deadLetters).toHaveLength(1);
  });

  test("of half an hour with a minute", () => {
    const { output } = lateBy(minutes(1), minutes(30), "20:00 20:25 20:10 20:30:30 20:29 20:10 20:35");
    expect(output).toMatchObject([{ n: 5 }, { n: 2 }]);
  });

  test("is three seconds where none is given", () => {
    const { output, deadLetters } = lateBy(undefined, seconds(10), "12:00:09 12:00:12 12:00:08 12:00:13 12:00:07");
    expect(output).toMatchObject([{ at: ["12:00:09", "12:00:08"] }, { at: ["12:00:12", "12:00:13"] }]);
    expect(deadLetters).toMatchObject([{ document: { at: "12:00:07" } }]);
  });
});

describe("hopping windows", () => {
  test("a document is in each that is open", () => {
    const body = { interval: seconds(20), hopSize: seconds(5), pipeline: counted };
    expect(outputOf([{ $hoppingWindow: body }, shown, { $unset: "at" }], coming("12:00:17"), { source })).toEqual(
      ["12:00:00", "12:00:05", "12:00:10", "12:00:15"].map((start, index) => ({
        _id: null,
        n: 1,
        start: day(start),
        end: day(["12:00:20", "12:00:25", "12:00:30", "12:00:35"][index] ?? ""),
      })),
    );
  });

  test("with gaps between them, a document in a gap is in none", () => {
    const body = { interval: seconds(3), hopSize: seconds(5), pipeline: counted };
    const { output, deadLetters } = tried([{ $hoppingWindow: body }], coming("12:00:01 12:00:04 12:00:06"), { source });
    expect(output).toMatchObject([{ at: ["12:00:01"] }, { at: ["12:00:06"] }]);
    expect(deadLetters).toEqual([]);
  });

  test("a document that missed some of its windows is in the others, and a dead letter", () => {
    const body = { interval: seconds(10), hopSize: seconds(5), allowedLateness: 0, pipeline: counted };
    const { output, deadLetters } = tried([{ $hoppingWindow: body }, shown], coming("12:00:02 12:00:11 12:00:07"), {
      source,
    });
    expect(output).toMatchObject([
      { start: day("11:59:55"), at: ["12:00:02"] },
      { start: day("12:00:00"), at: ["12:00:02"] },
      { start: day("12:00:05"), at: ["12:00:11", "12:00:07"] },
      { start: day("12:00:10"), at: ["12:00:11"] },
    ]);
    expect(deadLetters).toMatchObject([{ document: { at: "12:00:07" } }]);
  });
});

describe("session windows", () => {
  const sessions = (gap: unknown, pipeline: unknown[], documents: unknown[], more = {}) =>
    tried([{ $sessionWindow: { partitionBy: "$who", gap, pipeline, ...more } }, shown], documents, { source });

  test("collect what comes within the gap, by partition", () => {
    const documents = [
      ["c1", "00:59:57", 1, 2],
      ["c2", "01:00:02", 1, 2],
      ["c2", "01:00:06", 3, 1],
      ["c1", "01:00:12", 1, 3],
      ["c1", "01:00:15", 2, 3],
      ["c2", "01:00:01", 3, 3],
    ].map(([who, time, ad, v]) => ({ who, t: at(String(time)), ad, v }));
    const pipeline = [
      { $group: { _id: "$ad", sum: { $sum: "$v" } } },
      { $sort: { sum: -1 } },
      { $limit: 1 },
      { $addFields: { who: { $meta: "stream.window.partition" } } },
    ];
    expect(sessions(minutes(1), pipeline, documents).output).toEqual([
      { _id: 3, sum: 4, who: "c2", start: day("01:00:01"), end: day("01:01:06") },
      { _id: 1, sum: 5, who: "c1", start: day("00:59:57"), end: day("01:01:15") },
    ]);
  });

  test("end where nothing comes for as long as the gap", () => {
    const documents = ["01:00:57", "01:01:56", "01:02:56"].map((time) => ({ who: "c2", t: at(time), at: time }));
    expect(sessions(minutes(1), counted, documents).output).toMatchObject([
      { at: ["01:00:57", "01:01:56"], end: day("01:02:56") },
      { at: ["01:02:56"] },
    ]);
  });

  test("close when the time of documents has come as far as their end", () => {
    const documents = [
      { who: "a", t: at("00:40") },
      { who: "b", t: at("01:40") },
      { who: "a", t: at("00:50") },
    ].map((document) => ({ ...document, at: document.t }));
    const { output, deadLetters } = sessions({ size: 1, unit: "hour" }, counted, documents, { allowedLateness: 0 });
    expect(output).toMatchObject([{ at: [at("00:40")], end: day("01:40") }, { at: [at("01:40")] }]);
    expect(deadLetters).toMatchObject([{ document: { at: at("00:50") } }]);
  });

  test("grow together where a document comes between them", () => {
    const documents = ["12:00:00", "12:00:50", "12:00:25"].map((time) => ({ t: at(time), at: time }));
    expect(sessions(seconds(30), counted, documents, { allowedLateness: seconds(60) }).output).toMatchObject([
      { at: ["12:00:00", "12:00:50", "12:00:25"], start: day("12:00:00"), end: day("12:01:20") },
    ]);
  });

  test("what comes late and fits no open session is a dead letter", () => {
    const documents = ["12:00:00", "12:10:00", "12:00:01"].map((time) => ({ t: at(time), at: time }));
    const { output, deadLetters } = sessions(seconds(30), counted, documents, { allowedLateness: 0 });
    expect(output).toMatchObject([{ at: ["12:00:00"] }, { at: ["12:10:00"] }]);
    expect(deadLetters).toMatchObject([{ stage: "$sessionWindow", reason: "Input document arrived late." }]);
  });
});

describe("a window of a kind that is not documented is not tried", () => {
  const oneDay = { size: 1, unit: "day" };
  const month = { size: 1, unit: "month" };
  test.each([
    { $tumblingWindow: { interval: month } },
    { $tumblingWindow: { interval: { size: 1, unit: "minutes" } } },
    { $tumblingWindow: { interval: oneDay, allowedLateness: month } },
    { $tumblingWindow: { interval: oneDay, offset: { offsetFromUtc: 1, unit: "month" } } },
    { $tumblingWindow: { interval: oneDay, boundary: "wallClock" } },
    { $hoppingWindow: { interval: oneDay, hopSize: month } },
    { $sessionWindow: { gap: month, partitionBy: "$at" } },
  ])("%j", (stage) => {
    const [[name, body] = ["", {}]] = Object.entries(stage);
    const result = tried([{ [name]: { ...body, pipeline: counted } }], coming("12:00 12:01"), { source });
    expect(result).toMatchObject({ untried: [{ stage: name }], totalOut: 2, deadLetters: [] });
  });
});

describe("times", () => {
  const body = { interval: seconds(2), pipeline: counted };

  test("are `_ts` where there is one, else places in the list, a second apart", () => {
    const documents = [{ at: "a" }, { at: "b" }, { at: "c", _ts: { $date: "2025-01-01T00:00:00.500Z" } }];
    expect(outputOf([{ $tumblingWindow: body }], documents)).toMatchObject([{ at: ["a", "b", "c"] }]);
    expect(outputOf([{ $tumblingWindow: body }], [{ at: "a" }, { at: "b" }, { at: "c" }])).toMatchObject([
      { at: ["a", "b"] },
      { at: ["c"] },
    ]);
  });

  test("by the clock of the processor are those of arrival", () => {
    const byClock = { ...body, boundary: "processingTime" };
    expect(outputOf([{ $tumblingWindow: byClock }], coming("12:00 09:00 06:00"), { source })).toMatchObject([
      { at: ["12:00", "09:00"] },
      { at: ["06:00"] },
    ]);
  });

  test("that cannot be read make a document a dead letter", () => {
    const { deadLetters, stages } = tried([], [{ t: "soon" }, { t: 5 }, { t: at("12:00") }], { source });
    expect(deadLetters.map(({ stage }) => stage)).toEqual(["$source", "$source"]);
    expect(stages[0]).toEqual({ stage: "$source", in: 3, out: 1, deadLetters: 2 });
  });
});

describe("events of a change stream", () => {
  const event = (time: string, more = {}) => ({
    operationType: "insert",
    ns: { db: "shop", coll: "orders" },
    documentKey: { _id: 1 },
    wallTime: { $date: at(time) },
    ...more,
  });
  const reading = (config = {}) => ({ db: "shop", coll: "orders", topic: undefined, config });

  test("come at their wall time, and tell what they are about", () => {
    const meta = { $addFields: { meta: { $meta: "stream.source" }, wallTime: "$$REMOVE" } };
    expect(outputOf([meta], [event("12:00")], { source: reading() })).toMatchObject([
      { meta: { type: "atlas", operationType: "insert", ns: { db: "shop", coll: "orders" }, documentKey: { _id: 1 } } },
    ]);
    const named = { ...reading(), tsFieldName: "seen" };
    expect(tried([], [event("12:00")], { source: named }).output).toMatchObject([{ seen: day("12:00") }]);
  });

  test("are their full documents where only those are asked for; one without is a dead letter", () => {
    const documents = [event("12:00", { fullDocument: { _id: 1, n: 5 } }), event("12:01", { operationType: "delete" })];
    const { output, deadLetters } = tried([], documents, { source: reading({ fullDocumentOnly: true }) });
    expect(output).toEqual([{ _id: 1, n: 5 }]);
    expect(deadLetters).toMatchObject([{ stage: "$source", reason: expect.stringContaining("Missing fullDocument") }]);
  });
});

describe("what documents show of their stream", () => {
  test("nothing by itself", () => {
    const documents = [
      { location: "New York", timestamp: { $date: "2024-01-15T08:00:00Z" }, temp: 23.5, dewPoint: { value: 6.2 } },
      { location: "Los Angeles", timestamp: { $date: "2024-01-15T08:05:00Z" }, temp: 18.2, dewPoint: { value: 4.8 } },
      { location: "Chicago", timestamp: { $date: "2024-01-15T08:10:00Z" }, temp: 26.8, dewPoint: { value: 7.5 } },
    ];
    const match = { $match: { "dewPoint.value": { $gt: 5.0 } } };
    expect(tried([match], documents).output).toEqual([documents[0], documents[2]]);
  });

  test("their time, where the stage or the pipeline names a field for it", () => {
    const named = { ...source, tsFieldName: "ingestionTime" };
    expect(outputOf([], coming("12:00"), { source: named })).toMatchObject([{ ingestionTime: day("12:00") }]);
    const grouped = [{ $addFields: { minute: { $minute: "$_ts" } } }];
    expect(outputOf(grouped, coming("12:34"), { source })).toMatchObject([{ minute: 34, _ts: day("12:34") }]);
  });

  test("$meta, by the type of source", () => {
    const meta = { $project: { source: { $meta: "stream.source" } } };
    expect(outputOf([meta], [{}, {}])).toMatchObject([
      { source: { type: "kafka", topic: "t", partition: 0, offset: 0, key: null, headers: [] } },
      { source: { offset: 1 } },
    ]);
  });

  test("the older field is there where the pipeline names it", () => {
    const group = [{ $group: { _id: "$_stream_meta.source.type", n: { $sum: 1 } } }];
    const stages = [
      { $tumblingWindow: { interval: seconds(5), pipeline: group } },
      { $addFields: { start: "$_stream_meta.window.start" } },
    ];
    expect(outputOf(stages, coming("12:00:01"), { source })).toEqual([
      {
        _id: "kafka",
        n: 1,
        start: day("12:00:00"),
        _stream_meta: { source: { type: "kafka" }, window: { start: day("12:00:00"), end: day("12:00:05") } },
      },
    ]);
    expect(tried([], [{}]).output[0]).not.toHaveProperty("_stream_meta");
  });
});
