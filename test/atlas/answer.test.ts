import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { failureOf, type RawAnswer, readAnswer, retryAfter } from "../../src/atlas/answer.ts";

const atlasJson = { "content-type": "application/vnd.atlas.2023-02-01+json;charset=utf-8" };
const raw = (text: string, over: Partial<RawAnswer> = {}): RawAnswer => ({
  status: 200,
  headers: atlasJson,
  bytes: Buffer.from(text),
  ...over,
});
const json = (body: unknown, over: Partial<RawAnswer> = {}) => raw(JSON.stringify(body), over);

const plain = { envelope: false };
const enveloped = { envelope: true };
const now = Date.UTC(2026, 0, 1);
const unmasked = (text: string) => text;
const failure = (answer: RawAnswer, style = plain, mask = unmasked) => failureOf(readAnswer(answer, style), now, mask);
const page = (text: string, mask = unmasked) =>
  failure(raw(text, { status: 502, headers: { "content-type": "text/html" } }), plain, mask).facts.excerpt;

describe("the body of an answer", () => {
  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "application/vnd.atlas.2023-02-01+json",
    "Application/VND.Atlas.2025-03-12+JSON",
    "application/problem+json",
  ])("is read where it is %s", (type) => {
    expect(readAnswer(json({ a: 1 }, { headers: { "content-type": type } }), plain).body).toEqual({ a: 1 });
  });

  test.each(["text/html", "text/plain", "application/jsonp", "application/octet-stream", ""])(
    "is no JSON where it is %j, whatever it looks like",
    (type) => {
      expect(readAnswer(json({ a: 1 }, { headers: { "content-type": type } }), plain).body).toBeUndefined();
    },
  );

  test("is no JSON where nothing says so", () => {
    expect(readAnswer(json({ a: 1 }, { headers: {} }), plain).body).toBeUndefined();
  });

  test.each(["", "{", "<html>", '{"a":1} trailing'])("of %j is no JSON, whatever it says it is", (text) => {
    expect(readAnswer(raw(text), plain)).toMatchObject({ body: undefined, text, status: 200 });
  });
});

describe("the text of an answer", () => {
  test("is told whatever the type, without a byte order mark", () => {
    expect(readAnswer(raw("\uFEFFgrüße 😀", { headers: {} }), plain).text).toBe("grüße 😀");
    expect(readAnswer(raw('\uFEFF{"a":1}'), plain)).toMatchObject({ text: '{"a":1}', body: { a: 1 } });
  });
});

describe("an archive that was asked for", () => {
  const archive = { envelope: false, format: "gzip" } as const;
  const bytes = Buffer.from([0x1f, 0x8b, 0xff, 0x00]);

  test("is its bytes, and nothing else is made of them", () => {
    const answer = { status: 200, headers: { "content-type": "application/vnd.atlas.2025-03-12+gzip" }, bytes };
    expect(readAnswer(answer, archive)).toEqual({ ...answer, body: undefined, text: "" });
  });

  test.each([400, 404, 429, 503])("is refused with %i in JSON, as anything else is", (status) => {
    const refusal = readAnswer(json({ errorCode: "E", detail: "No" }, { status }), archive);
    expect(failureOf(refusal, now, unmasked)).toMatchObject({
      message: `Atlas answered ${status}: No`,
      facts: { status, errorCode: "E", structured: true },
    });
  });

  test("is refused with a page, of which an excerpt is told", () => {
    const refusal = raw("<h1>Bad gateway</h1>", { status: 502, headers: { "content-type": "text/html" } });
    expect(failureOf(readAnswer(refusal, archive), now, unmasked).facts.excerpt).toBe("Bad gateway");
  });
});

describe("a text of more than 2,000 characters", () => {
  const long = "x".repeat(3_000);
  const texts = (value: unknown): string[] =>
    typeof value === "string" ? [value] : value instanceof Object ? Object.values(value).flatMap(texts) : [];

  test("is told by its beginning, wherever it stands", () => {
    const body = {
      errorCode: long,
      detail: long,
      reason: long,
      parameters: [long, { [long]: [long] }],
      badRequestDetail: { fields: [{ field: long, description: long }] },
    };
    const { message, facts } = failure(json(body, { status: 400 }));
    const all = [message.replace(/^Atlas answered 400: /, ""), ...texts(facts)];
    expect(all).toHaveLength(8);
    for (const text of all) expect(text).toMatch(/^(\{")?x{1900,2000}…$/);
  });

  test("is told in full where it is no longer than that", () => {
    const detail = "x".repeat(2_000);
    expect(failure(json({ detail }, { status: 400 })).facts.detail).toBe(detail);
  });

  test("is masked before it is cut, and shows no beginning of a secret", () => {
    const secret = "secret-of-thirty-characters-or";
    const mask = (text: string) => text.replaceAll(secret, "***");
    for (let start = 1_960; start <= 2_001; start += 1) {
      const { detail = "" } = failure(
        json({ detail: `${"x".repeat(start)}${secret}y` }, { status: 400 }),
        plain,
        mask,
      ).facts;
      expect(detail).toMatch(/^x+(\*\*\*y?)?…?$/);
    }
  });

  test("is one of many that make a long list, of which the first are told", () => {
    const parameters = Array.from({ length: 5_000 }, () => "y".repeat(1_000));
    const fields = parameters.map((field) => ({ field, description: "too long" }));
    const { facts } = failure(json({ parameters, badRequestDetail: { fields } }, { status: 400 }));
    expect(JSON.stringify(facts).length).toBeLessThan(45_000);
    expect(facts.parameters?.[0]).toBe(parameters[0]);
    expect(facts.fields?.[0]).toEqual(fields[0]);
  });
});

describe("what Atlas means by a refusal", () => {
  const refusal = (status: number, errorCode: string, detail: string) =>
    failure(json({ errorCode, detail }, { status }));

  test.each(["STREAM_CONNECTION_HAS_STREAM_PROCESSORS", "STREAM_TENANT_HAS_STREAM_PROCESSORS"])(
    "is a conflict where it is %s",
    (code) => {
      const { kind, facts } = refusal(403, code, "has active processors");
      expect([kind, facts.status, facts.retryable]).toEqual(["conflict", 403, undefined]);
      expect(refusal(403, "USER_UNAUTHORIZED", "no role").kind).toBe("forbidden");
    },
  );

  test.each([
    "failed to acquire resources for the processor",
    "upstream connect error: no healthy upstream",
    "RBAC: access denied",
    "The Global Resource Manager returned no resources",
  ])("is Atlas's own trouble where it says %j", (detail) => {
    const { kind, facts } = refusal(400, "STREAM_PROCESSOR_GENERIC_ERROR", detail);
    expect([kind, facts.status, facts.retryable]).toEqual(["atlas_error", 400, true]);
    expect(refusal(403, "STREAM_PROCESSOR_GENERIC_ERROR", detail).kind).toBe("forbidden");
  });

  test("may pass where it is that a connection is being deployed", () => {
    const { kind, facts } = refusal(409, "STREAM_KAFKA_CONNECTION_IS_DEPLOYING", "is currently deploying");
    expect([kind, facts.retryable]).toEqual(["conflict", true]);
  });

  test("is a fault of the request in any other 400", () => {
    expect(refusal(400, "STREAM_PROCESSOR_GENERIC_ERROR", "unknown field")).toMatchObject({ kind: "bad_request" });
  });
});

describe("an envelope", () => {
  test("is taken off, and its status counts", () => {
    expect(readAnswer(json({ status: 201, content: { name: "x" } }), enveloped)).toMatchObject({
      status: 201,
      body: { name: "x" },
    });
    expect(readAnswer(json({ status: 409, content: { errorCode: "E" } }), enveloped)).toMatchObject({
      status: 409,
      body: { errorCode: "E" },
    });
  });

  test("of a list is the status beside its results", () => {
    expect(readAnswer(json({ status: 200, results: [1], totalCount: 1 }), enveloped).body).toEqual({
      results: [1],
      totalCount: 1,
    });
  });

  test("is not looked for where none was asked for", () => {
    const body = { status: 500, content: {} };
    expect(readAnswer(json(body), plain)).toMatchObject({ status: 200, body });
  });

  test.each([{ name: "x", status: "text" }, { name: "x" }, ["x"], null])(
    "is missing in %j, which is the body itself then",
    (body) => {
      expect(readAnswer(json(body), enveloped)).toMatchObject({ status: 200, body });
    },
  );

  test("holds the status of a failure", () => {
    expect(failure(json({ status: 404, content: { detail: "No such group" } }), enveloped)).toMatchObject({
      kind: "not_found",
      facts: { status: 404, detail: "No such group" },
    });
  });
});

describe("a failure", () => {
  test.each([
    [400, "bad_request", undefined],
    [401, "unauthenticated", undefined],
    [403, "forbidden", undefined],
    [404, "not_found", undefined],
    [409, "conflict", undefined],
    [429, "rate_limited", true],
    [500, "atlas_error", true],
    [503, "atlas_error", true],
    [405, "atlas_error", undefined],
    [302, "atlas_error", undefined],
  ])("of status %i is %s", (status, kind, retryable) => {
    const { kind: found, facts, message } = failure(json({}, { status }));
    expect(found).toBe(kind);
    expect(facts.retryable).toBe(retryable);
    expect(message).toBe(`Atlas answered ${status}`);
  });

  test("keeps what Atlas says as it says it", () => {
    const body = {
      error: 400,
      errorCode: "VALIDATION_ERROR",
      reason: "Bad Request",
      detail: 'Cannot use ${this} "as it is"',
      parameters: ["a", 1, null],
      badRequestDetail: { fields: [{ field: "aws.roleArn", description: "must not be null" }] },
    };
    const { message, facts } = failure(json(body, { status: 400 }));
    expect(message).toBe(`Atlas answered 400: ${body.detail}`);
    expect(facts).toEqual({
      structured: true,
      status: 400,
      errorCode: body.errorCode,
      reason: body.reason,
      detail: body.detail,
      parameters: body.parameters,
      fields: [{ field: "aws.roleArn", description: "must not be null" }],
    });
  });

  test("ends its message without Atlas's full stop, since more may follow it", () => {
    const { message, facts } = failure(json({ detail: "The name is taken." }, { status: 409 }));
    expect({ message, detail: facts.detail }).toEqual({
      message: "Atlas answered 409: The name is taken",
      detail: "The name is taken.",
    });
  });

  test("says the reason, or else the code, where there is no detail", () => {
    expect(failure(json({ reason: "Conflict", errorCode: "E" }, { status: 409 })).message).toBe(
      "Atlas answered 409: Conflict",
    );
    expect(failure(json({ errorCode: "E" }, { status: 409 })).message).toBe("Atlas answered 409: E");
  });

  test.each([
    { errorCode: 7, detail: null, reason: {}, parameters: "x", badRequestDetail: "x" },
    { badRequestDetail: { fields: "x" } },
    { badRequestDetail: null },
  ])("leaves out of %j what has another form than it should", (body) => {
    expect(failure(json(body, { status: 400 })).facts).toEqual({ structured: true, status: 400 });
  });

  test("reads fields that lack a part", () => {
    const { facts } = failure(json({ badRequestDetail: { fields: [{}, "x", { field: "a" }] } }, { status: 400 }));
    expect(facts.fields).toEqual([
      { field: "", description: "" },
      { field: "a", description: "" },
    ]);
  });

  test.each([
    [
      "<html><head><title>502</title><style>p { color: red }</style></head><body><h1>Bad</h1>\n\n gateway</body>",
      "502 Bad gateway",
    ],
    ["<script>alert(1)</script>text", "text"],
    ["upstream connect error", "upstream connect error"],
    ["<unclosed", "<unclosed"],
  ])("of a page shows its text: %s", (text, excerpt) => {
    expect(page(text)).toBe(excerpt);
  });

  test("of a page is masked before anything is taken out or cut, so that no half of a secret is left", () => {
    const mask = (text: string) => text.replaceAll("hunter2-<b>hunter2", "***");
    expect(page(`${"x".repeat(190)} hunter2-<b>hunter2`, mask)).toBe(`${"x".repeat(190)} ***`);
    expect(page(`Bad gateway ${"x".repeat(1_000)}`)).toHaveLength(200);
  });

  test("is masked in all that Atlas says, the message included", () => {
    const said = { errorCode: "E", detail: "hunter2", reason: "hunter2", parameters: ["hunter2", { a: "hunter2" }] };
    const fields = { badRequestDetail: { fields: [{ field: "a", description: "hunter2" }] } };
    const found = failure(json({ ...said, ...fields }, { status: 400 }), plain, (text) =>
      text.replace("hunter2", "***"),
    );
    expect(JSON.stringify([found.message, found.facts])).not.toContain("hunter2");
    expect(found.facts).toMatchObject({ errorCode: "E", detail: "***", parameters: ["***", { a: "***" }] });
  });

  test.each(["", "  \n ", "<br>"])("of an empty page, %j, shows nothing of it", (text) => {
    expect(failure(raw(text, { status: 502, headers: {} })).facts).toEqual({ status: 502, retryable: true });
  });

  test("of an endless page keeps the beginning", () => {
    expect(failure(raw("x".repeat(100_000), { status: 502, headers: {} })).facts.excerpt).toHaveLength(200);
  });

  test("never fails itself, whatever the body", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 300, max: 599 }), fc.boolean(), (body, status, envelope) => {
        const answer = readAnswer(json(body, { status }), { envelope });
        expect(failureOf(answer, now, unmasked).facts.status).toBe(answer.status);
      }),
    );
  });
});

describe("the time to wait", () => {
  test.each([
    ["0", 0],
    ["7", 7],
    [" 120 ", 120],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30],
    ["Thu, 01 Jan 2026 00:00:00 GMT", 0],
    ["Wed, 31 Dec 2025 23:59:00 GMT", 0],
    ["Thursday, 01-Jan-26 00:01:00 GMT", 60],
  ])("of %j is %i seconds", (header, seconds) => {
    expect(retryAfter(header, now)).toBe(seconds);
  });

  test.each([undefined, "", "soon", "-5", "1.5", "1e3", "soon 1", "2026-01-01", "Thu"])(
    "of %j is unknown",
    (header) => {
      expect(retryAfter(header, now)).toBeUndefined();
    },
  );

  test("is a fact of the failure", () => {
    expect(
      failure(json({}, { status: 429, headers: { ...atlasJson, "retry-after": "5" } })).facts.retryAfterSeconds,
    ).toBe(5);
  });

  test("is read from RateLimit-Reset where a 429 has no Retry-After", () => {
    const headers = { ...atlasJson, "ratelimit-reset": "9" };
    expect(failure(json({}, { status: 429, headers })).facts.retryAfterSeconds).toBe(9);
    expect(
      failure(json({}, { status: 429, headers: { ...headers, "retry-after": "5" } })).facts.retryAfterSeconds,
    ).toBe(5);
    expect(failure(json({}, { status: 503, headers })).facts.retryAfterSeconds).toBeUndefined();
  });
});
