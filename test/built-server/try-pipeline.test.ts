/** `try_stream_pipeline` over stdio: a pipeline runs in a thread of the built server, and nothing is sent to Atlas. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { place } from "../support/against-sandbox.ts";
import { type Called, type Session, startSession } from "./session.ts";

let session: Session;
beforeAll(async () => {
  session = await startSession({ env: { ATLAS_STREAMS_SECRET_ONE: "correct-horse-battery" } });
});
afterAll(() => session.close());

const source = { $source: { connectionName: "kafka", topic: "in", timeField: { $toDate: "$t" } } };
const sink = { $merge: { into: { connectionName: "cluster", db: "db", coll: "out" } } };
const emit = { $emit: { connectionName: "kafka", topic: "out" } };

const tryOut = (args: JsonObject): Promise<Called> => session.call("try_stream_pipeline", args);
const inThe = (...stages: JsonObject[]) => [{ $source: { connectionName: "kafka", topic: "in" } }, ...stages, emit];

describe("a trial", () => {
  it("shows what reaches the sink, counts, dead letters and the collection, and asks nothing of Atlas", async () => {
    session.sandbox.requests.length = 0;
    const window = {
      $tumblingWindow: {
        interval: { size: 5, unit: "second" },
        pipeline: [{ $group: { _id: "$who", total: { $sum: "$v" } } }, { $sort: { _id: 1 } }],
      },
    };
    const at = (second: number) => new Date(Date.UTC(2025, 0, 1, 0, 0, second)).toISOString();
    const result = await tryOut({
      pipeline: [source, { $addFields: { v: { $multiply: ["$v", 2] } } }, window, sink],
      documents: [
        { who: "a", v: 1, t: at(0) },
        { who: "a", v: { $numberLong: "9007199254740993" }, t: at(1) },
        { who: "b", v: "many", t: at(2) },
        { who: "c", v: { $numberDecimal: "0.10" }, t: at(3) },
        { who: "late", v: 1, t: at(30) },
        { who: "late", v: 1, t: at(0) },
      ],
      collections: { "db.out": [{ _id: "a", note: "was there" }] },
      dlq: true,
    });
    expect(session.sandbox.requests).toEqual([]);
    const output = [
      { _id: "a", total: { $numberLong: "18014398509481988" } },
      { _id: "c", total: { $numberDecimal: "0.20" } },
      { _id: "late", total: 2 },
    ];
    expect(result).toMatchObject({
      outcome: "ok",
      summary: "A trial on this machine, not in Atlas: 6 documents in, 3 reached the sink, 2 dead letters.",
      output,
      sink: { collections: { "db.out": [{ ...output[0], note: "was there" }, output[1], output[2]] } },
      stages: [
        { stage: "$source", in: 6, out: 6, deadLetters: 0 },
        { stage: "$addFields", in: 6, out: 5, deadLetters: 1 },
        { stage: "$tumblingWindow", in: 5, out: 3, deadLetters: 1 },
        { stage: "$merge", in: 3, out: 3, deadLetters: 0 },
      ],
      untried: [],
      totalIn: 6,
      totalOut: 3,
      truncated: false,
      warnings: [],
    });
    expect(result["deadLetters"]).toMatchObject([
      {
        stage: "$addFields",
        reason: expect.stringContaining("$multiply only supports numeric types"),
        document: { who: "b" },
      },
      { stage: "$tumblingWindow", reason: "Input document arrived late.", document: { who: "late" } },
    ]);
  });

  it("says of how many the sink made nothing, since they failed there", async () => {
    const result = await tryOut({
      pipeline: [source, { $emit: { connectionName: "kafka", topic: "$to" } }],
      documents: [{ t: "2025-01-01T00:00:00Z", to: "out" }, { t: "2025-01-01T00:00:01Z" }],
      dlq: true,
    });
    expect(result).toMatchObject({
      summary:
        "A trial on this machine, not in Atlas: 2 documents in, 2 reached the sink (1 failed there), 1 dead letter.",
      sink: { messages: [{ topic: "out" }] },
      totalOut: 2,
    });
  });

  it("refuses a collection that no stage can name", async () => {
    const result = await tryOut({ pipeline: inThe(), documents: [{}], collections: { out: [], "db.out": [] } });
    expect(result.error).toMatchObject({
      kind: "invalid_input",
      fields: [{ path: "collections.out", message: expect.stringContaining("db.coll") }],
    });
  });

  it("takes the documents of $source, or those of the sample stream, where none are given", async () => {
    const held = await tryOut({
      pipeline: [
        { $source: { documents: [{ dew: 6.2 }, { dew: 4.8 }, { dew: 7.5 }] } },
        { $match: { dew: { $gt: 5 } } },
        emit,
      ],
    });
    expect(held["output"]).toMatchObject([{ dew: 6.2 }, { dew: 7.5 }]);
    const sample = await tryOut({ pipeline: [{ $source: { connectionName: "sample_stream_solar" } }, emit] });
    expect(sample["output"]).toContainEqual(
      expect.objectContaining({
        device_id: expect.stringMatching(/^device_\d+$/),
        group_id: expect.any(Number),
        timestamp: expect.stringMatching(/^2025-01-01T.*\+00:00$/),
        max_watts: expect.any(Number),
        obs: { watts: expect.any(Number), temp: expect.any(Number) },
      }),
    );
    expect(sample["summary"]).toContain("like those of sample_stream_solar");
    expect(held["summary"]).not.toContain("sample_stream_solar");
    const none = await tryOut({ pipeline: [source, emit] });
    expect(none.error).toMatchObject({ kind: "invalid_input", fields: [{ path: "documents" }] });
  });

  it("takes the place that other tools want, and does nothing with it", async () => {
    const result = await tryOut({ ...place, pipeline: inThe(), documents: [{ a: 1 }] });
    expect(result).toMatchObject({ outcome: "ok", output: [{ a: 1 }], warnings: [] });
  });

  it("takes a whole processor in place of its pipeline", async () => {
    const dlq = { connectionName: "cluster", db: "db", coll: "dead" };
    const whole = {
      name: "p",
      pipeline: inThe({ $addFields: { b: { $divide: [1, "$a"] } } }),
      options: { dlq },
      tier: "SP5",
    };
    const result = await tryOut({ pipeline: whole, documents: [{ a: 0 }, { a: 2 }] });
    expect(result).toMatchObject({ outcome: "ok", output: [{ b: 0.5 }], deadLetters: [{ stage: "$addFields" }] });
    expect(result.warnings?.join()).not.toContain("Atlas drops them");
  });

  it("takes documents as JSON text, keeps null, and refuses numbers that would be changed", async () => {
    const text = await tryOut({ pipeline: JSON.stringify(inThe()), documents: '[{"a": null, "b": {"c": null}}]' });
    expect(text["output"]).toMatchObject([{ a: null, b: { c: null } }]);
    const large = await tryOut({ pipeline: inThe(), documents: '[{"a": 12345678901234567890}]' });
    expect(large.error).toMatchObject({
      kind: "invalid_input",
      fields: [{ path: "documents[0].a", message: expect.stringContaining("$numberLong") }],
    });
    const odd = await tryOut({ pipeline: inThe(), documents: [{ at: { $date: "tomorrow" } }] });
    expect(odd.error).toMatchObject({ fields: [{ path: "documents[0].at.$date" }] });
  });

  it("refuses a pipeline in the words in which a create refuses it", async () => {
    const pipeline = [
      source,
      { $group: { _id: null } },
      { $tumblingWindow: { pipeline: [] } },
      { $emit: { connectionName: "kafka" } },
    ];
    const tried = await tryOut({ pipeline, documents: [{}] });
    const created = await session.call("create_stream_processor", {
      ...place,
      processorName: "p",
      pipeline,
      dryRun: true,
    });
    const fieldsOf = ({ error }: Called) => (error?.fields ?? []).filter(({ message }) => !/connection/.test(message));
    expect(tried.error?.kind).toBe("invalid_input");
    expect(fieldsOf(tried).length).toBeGreaterThan(1);
    expect(fieldsOf(tried)).toEqual(fieldsOf(created));
    const inside = await tryOut({ pipeline: inThe({ $project: { a: 1, b: 0 } }), documents: [{}] });
    expect(inside.error?.fields).toMatchObject([
      { path: "pipeline[1].$project.b", message: expect.stringContaining("exclusion") },
    ]);
  });

  it("says what it did not try, and that a dead letter queue is missing or was taken as given", async () => {
    const https = { $https: { connectionName: "api", path: "/x", as: "answer", onError: "dlq" } };
    const silent = await tryOut({ pipeline: inThe(https), documents: [{ a: 1 }] });
    expect(silent).toMatchObject({ untried: [{ stage: "$https" }], output: [{ a: 1 }] });
    expect(silent["summary"]).toContain("Not tried: $https");
    expect(silent.warnings).toEqual([expect.stringContaining("dead letter queue")]);
    const answered = await tryOut({
      pipeline: inThe(https),
      documents: [{ a: 1 }],
      responses: [{ zone: 7 }],
      dlq: true,
    });
    expect(answered).toMatchObject({ untried: [], output: [{ a: 1, answer: { zone: 7 } }], warnings: [] });
    const dropped = await tryOut({
      pipeline: inThe({ $addFields: { b: { $divide: [1, "$a"] } } }),
      documents: [{ a: 0 }],
    });
    expect(dropped.warnings).toEqual([expect.stringContaining("Atlas drops them")]);
  });

  it("shows no secret that documents or the pipeline hold", async () => {
    const headers = { Authorization: "Bearer of-bad-news-only" };
    const result = await tryOut({
      pipeline: inThe(
        { $https: { connectionName: "api", headers, as: "x" } },
        { $addFields: { again: "of-bad-news-only" } },
      ),
      documents: [{ a: "correct-horse-battery" }],
      responses: [{ echo: "Bearer of-bad-news-only" }],
    });
    expect(result["output"]).toMatchObject([{ a: "***" }]);
    expect(JSON.stringify(result)).not.toMatch(/of-bad-news|correct-horse/);
  });

  it("shows at most 50 documents, and says that there are more", async () => {
    const documents = Array.from({ length: 200 }, (_, n) => ({ n }));
    const result = await tryOut({ pipeline: inThe(), documents });
    expect(result).toMatchObject({ totalIn: 200, totalOut: 200, truncated: true });
    expect(result["output"]).toHaveLength(50);
    expect((await tryOut({ pipeline: inThe(), documents: [...documents, {}] })).error?.fields).toMatchObject([
      { path: "documents" },
    ]);
  });
});

describe("what takes too much", () => {
  const slow = inThe({ $match: { a: { $regex: "^(a+)+$" } } });
  const endless = { pipeline: slow, documents: [{ a: `${"a".repeat(60)}!` }] };

  it("of time is ended, with an error to act on, and the next trial runs", async () => {
    const result = await tryOut(endless);
    expect(result.error).toMatchObject({
      kind: "invalid_input",
      fields: [{ path: "pipeline", message: expect.stringContaining("2 seconds of computing") }],
      retryable: false,
    });
    expect((await tryOut({ pipeline: inThe(), documents: [{ a: 1 }] })).outcome).toBe("ok");
  });

  it("of memory is ended, and the server lives", async () => {
    const grow = { $map: { input: { $range: [0, 1_000] }, in: { $range: [0, 100_000] } } };
    const result = await tryOut({ pipeline: inThe({ $addFields: { grown: grow } }), documents: [{}] });
    expect(result.error?.kind).toBe("invalid_input");
    expect((await tryOut({ pipeline: inThe(), documents: [{ a: 1 }] })).outcome).toBe("ok");
  });

  it("in one value is not made, since that would end the process", async () => {
    const twice = (times: number) => ({
      $reduce: { input: { $range: [0, times] }, initialValue: "$a", in: { $concat: ["$$value", "$$value"] } },
    });
    const lists = { $reduce: { input: { $range: [0, 40] }, initialValue: ["$a"], in: ["$$value", "$$value"] } };
    const documents = [{ a: "x".repeat(10_000) }];
    const long = await tryOut({ pipeline: inThe({ $addFields: { b: twice(14) } }), documents });
    expect(long["untried"]).toEqual([{ stage: "$addFields", why: "a text of more than 1000000 characters" }]);
    const wide = await tryOut({ pipeline: inThe({ $addFields: { b: lists } }, { $match: { a: "y" } }), documents });
    expect(wide["deadLetters"]).toEqual([]);
    expect(wide).toMatchObject({ truncated: true, stages: [{}, { out: 1 }, { in: 1, deadLetters: 1 }, { in: 0 }] });
    const replaced = { $replaceAll: { input: "$a", find: "x", replacement: "$a" } };
    expect((await tryOut({ pipeline: inThe({ $addFields: { b: replaced } }), documents })).outcome).toBe("ok");
  });

  it("of space is refused", async () => {
    const result = await tryOut({ pipeline: inThe(), documents: [{ a: "x".repeat(1_100_000) }] });
    expect(result.error?.fields).toMatchObject([{ path: "documents", message: expect.stringContaining("1 MB") }]);
  });

  it("is ended when the client cancels the call", async () => {
    const cancel = new AbortController();
    const call = session.server.client.callTool({ name: "try_stream_pipeline", arguments: endless }, undefined, {
      signal: cancel.signal,
    });
    const next = tryOut({ pipeline: inThe(), documents: [{ a: 1 }] });
    cancel.abort();
    await expect(call).rejects.toThrow();
    expect((await next).outcome).toBe("ok");
  });

  it("has the others wait: two threads at most, and each gets its answer", async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, n) => tryOut({ pipeline: inThe(), documents: [{ n }] })),
    );
    expect(results.map((result) => Object(result["output"])[0]?.n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
