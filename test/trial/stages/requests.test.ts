/**
 * `$https` and `$externalFunction`, whose answers are given.
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-https/
 * @see https://www.mongodb.com/docs/atlas/atlas-stream-processing/sp-agg-externalFunction/
 */
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/json.ts";
import { tried } from "./tried.ts";

const https = (fields: JsonObject) => ({ $https: { connectionName: "api", as: "answer", ...fields } });
const lambda = (fields: JsonObject) => ({ $externalFunction: { connectionName: "fn", functionName: "f", ...fields } });
const documents = [{ id: 1 }];

/** The page's example: a forecast for each place, which comes as a list. */
test("the answer is put where `as` says", () => {
  const forecast = [22.3, 22.4, 22.5, 22.3, 22.4, 22.5, 23.1];
  const coordinate = (index: number) => ({ $arrayElemAt: ["$$ROOT.position.coordinates", index] });
  const stage = https({
    path: "forecast",
    parameters: { latitude: coordinate(0), longitude: coordinate(1) },
    as: "airTemperatureForecast",
  });
  const report = { position: { type: "Point", coordinates: [30.27, -97.74] } };
  const { output } = tried([stage, { $addFields: { url: { $meta: "stream.https.url" } } }], {
    documents: [report],
    responses: [forecast],
  });
  expect(output).toEqual([
    { ...report, airTemperatureForecast: forecast, url: "forecast?latitude=30.27&longitude=-97.74" },
  ]);
});

describe("an answer", () => {
  test.each<[string, unknown, unknown]>([
    ["as it is", { a: 1 }, { a: 1 }],
    ["as a text", "fine", "fine"],
    ["with its status", { status: 201, body: { a: 1 } }, { a: 1 }],
    [
      "as JSON in a text",
      { status: 200, headers: { "Content-Type": "application/json; charset=utf-8" }, body: '{"a":1}' },
      { a: 1 },
    ],
    ["as a plain text", { status: 200, headers: { "content-type": "text/plain" }, body: '{"a":1}' }, '{"a":1}'],
    ["that only looks like one with a status", { status: 404, found: false }, { status: 404, found: false }],
    ["that has a status of its own", { status: "sent" }, { status: "sent" }],
  ])("can be given %s", (_, response, answer) => {
    const { output } = tried([https({})], { documents, responses: [response] });
    expect(output).toEqual([{ id: 1, answer }]);
  });

  test("that is empty sets nothing", () => {
    const { output, untried } = tried([https({})], { documents, responses: [{ status: 204 }] });
    expect([output, untried]).toEqual([documents, []]);
  });

  test("has its texts read as JSON where the stage says so", () => {
    const responses = [{ a: '{"b": ["[1]", "x"]}', c: "7" }];
    const config = { parseJsonStrings: true };
    const { output } = tried([https({ config })], { documents, responses });
    expect(output).toEqual([{ id: 1, answer: { a: { b: [[1], "x"] }, c: "7" } }]);
    expect(tried([https({})], { documents, responses }).output).toEqual([{ id: 1, answer: responses[0] }]);
  });
});

describe("a refusal", () => {
  const refused = [{ status: 404, body: "gone" }, { ok: true }];
  const two = [{ id: 1 }, { id: 2 }];

  test("makes the document a dead letter, by default too", () => {
    for (const fields of [{}, { onError: "dlq" }, { onError: "DLQ" }]) {
      const { output, deadLetters } = tried([https(fields)], { documents: two, responses: refused });
      expect(output).toEqual([{ id: 2, answer: { ok: true } }]);
      expect(deadLetters).toMatchObject([
        { reason: expect.stringMatching(/\$https with error: Request failure.*404/), document: { id: 1 } },
      ]);
    }
  });

  test("is ignored where the stage says so, and its status is known afterwards", () => {
    const status = { $addFields: { status: { $meta: "stream.https.httpStatusCode" } } };
    const { output, deadLetters } = tried([https({ onError: "ignore" }), status], {
      documents: two,
      responses: refused,
    });
    expect(output).toEqual([
      { id: 1, status: 404 },
      { id: 2, answer: { ok: true }, status: 200 },
    ]);
    expect(deadLetters).toEqual([]);
  });

  test.each([
    ["that the stage is to fail on", { onError: "fail" }, 404],
    ["that is no matter of onError", { onError: "ignore" }, 500],
    ["that is no matter of onError either", {}, 401],
  ])("%s stops the processor", (_, fields, status) => {
    const { failure } = tried([https(fields)], { documents: two, responses: [{ status }] });
    expect(failure).toContain(`status code: ${status}`);
  });

  test("of a content type that is not known follows onError", () => {
    const responses = [{ status: 200, headers: { "content-type": "text/html" }, body: "<p>" }];
    const { deadLetters } = tried([https({})], { documents, responses });
    expect(deadLetters).toMatchObject([{ reason: expect.stringContaining("(text/html)") }]);
    expect(tried([https({ onError: "ignore" })], { documents, responses }).output).toEqual(documents);
  });
});

describe("what cannot be evaluated is a dead letter, and nothing is sent", () => {
  test.each([
    [{ path: "$id" }],
    [{ headers: { n: "$id" } }],
    [{ parameters: { n: ["$id"] } }],
    [{ parameters: { n: { $divide: [1, 0] } } }],
  ])("%j", (fields) => {
    const { output, deadLetters } = tried([https(fields)], { documents, responses: ["never"] });
    expect(output).toEqual([]);
    expect(deadLetters).toHaveLength(1);
  });
});

test("without answers the documents pass unchanged, and the stage is untried", () => {
  for (const stage of [https({}), lambda({ as: "answer" })]) {
    const { output, untried } = tried([stage], { documents });
    expect(output).toEqual(documents);
    expect(untried).toHaveLength(1);
  }
});

describe("the last stage", () => {
  test("of $https tells what is sent: the document, or what payload makes of it", () => {
    const doc = { a: 1, inner: { n: [1, 2, 3] } };
    const payload = [
      { $replaceRoot: { newRoot: "$inner" } },
      { $addFields: { sum: { $sum: "$n" }, success: true } },
      { $project: { success: 1, sum: 1 } },
    ];
    const post = {
      method: "POST",
      path: "/in",
      headers: { "x-a": "b" },
      parameters: { sum: { $sum: [1, 2] }, q: "a b" },
    };
    const sent = (fields: JsonObject) => tried([], { sink: https(fields), documents: [doc], responses: [{}] }).messages;
    expect(sent({ ...post, payload })).toEqual([
      { method: "POST", path: "/in?sum=3&q=a%20b", headers: { "x-a": "b" }, value: { success: true, sum: 6 } },
    ]);
    expect(sent({ method: "PUT" })).toEqual([{ method: "PUT", path: "", value: doc }]);
    expect(sent({})).toEqual([{ method: "GET", path: "" }]);
  });

  test("can be a function that nobody waits for", () => {
    const { messages } = tried([], {
      sink: lambda({ execution: "async" }),
      documents,
      responses: [{ status: 202 }],
    });
    expect(messages).toEqual([{ functionName: "f", execution: "async", value: { id: 1 } }]);
  });
});

test("a function that nobody waits for changes nothing", () => {
  const { output } = tried([lambda({ execution: "async" })], { documents, responses: [{ status: 202 }] });
  expect(output).toEqual(documents);
});
