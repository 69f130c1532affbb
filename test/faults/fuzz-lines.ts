/** Hostile lines: what is no JSON, no message, no request or no known method, among pings that must be answered. */
import fc from "fast-check";
import { type FuzzAnswer, type FuzzInput, type MakeInput, refusedWith } from "./fuzz-input.ts";

const [parseError, invalidRequest, noSuchMethod, invalidParams] = [-32700, -32600, -32601, -32602];

/** Ids that a request may have, each made its own by a number. */
const goodId = fc
  .tuple(
    fc.constantFrom("number", "negative", "text", "odd text", "long text"),
    fc.string({ unit: "binary", maxLength: 8 }),
  )
  .map(([kind, text]) => (number: number): string | number => {
    switch (kind) {
      case "number":
        return number;
      case "negative":
        return -number;
      case "text":
        return `${number}`;
      case "odd text":
        return `${text}${number}\u2028\ud800"\\`;
      default:
        return `${"x".repeat(2_000)}${number}`;
    }
  });

const message = (fields: Record<string, unknown>) => Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...fields }));

/** A line, the same for every number, that is answered without an id. */
const refused = (line: string | Buffer, code: number): FuzzInput => ({
  line: Buffer.from(line),
  answer: "null",
  fault: refusedWith(code),
});

const isEmptyResult = ({ result }: FuzzAnswer) => (JSON.stringify(result) === "{}" ? undefined : "no answer to a ping");

const ping = fc.tuple(goodId, fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined, freq: 20 })).map(
  ([idOf, pieces]): MakeInput =>
    (number) => {
      const id = idOf(number);
      return {
        line: message({ id, method: "ping" }),
        answer: JSON.stringify(id),
        fault: isEmptyResult,
        ...(pieces !== undefined && { pieces }),
      };
    },
);

/** Bytes that can be no message: no line feed, and no brace or blank at the front. */
const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((values): MakeInput => {
  const line = Buffer.concat([Buffer.from("<"), Buffer.from(values.map((value) => (value === 10 ? 11 : value)))]);
  return () => refused(line, parseError);
});

const brokenJson = goodId.chain((idOf) =>
  fc.nat().map(
    (cut): MakeInput =>
      (number) => {
        const line = message({ id: idOf(number), method: "ping" });
        return refused(line.subarray(0, 1 + (cut % (line.length - 2))), parseError);
      },
  ),
);

const invalidUtf8 = fc.constantFrom("ff", "c0af", "eda080", "f8", "80", "e282").map(
  (hex): MakeInput =>
    (number) =>
      refused(
        Buffer.concat([
          Buffer.from(`{"jsonrpc":"2.0","id":${number},"method":"`),
          Buffer.from(hex, "hex"),
          Buffer.from('"}'),
        ]),
        parseError,
      ),
);

const noMessage = fc
  .constantFrom(
    "1",
    "true",
    "null",
    '"ping"',
    "[]",
    '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
    "{}",
    '{"jsonrpc":"2.0"}',
  )
  .map(
    (line): MakeInput =>
      () =>
        refused(line, invalidRequest),
  );

const noRequest = fc
  .tuple(
    goodId,
    fc.constantFrom<Record<string, unknown>>(
      { jsonrpc: "1.0", method: "ping" },
      { jsonrpc: 2, method: "ping" },
      { jsonrpc: undefined, method: "ping" },
      { method: ["ping"] },
      { method: null },
      {},
      { method: "ping", params: [1] },
      { method: "ping", params: null },
      { method: "ping", params: "x" },
      { method: "ping", result: {} },
      { method: "ping", error: {} },
    ),
  )
  .map(
    ([idOf, fields]): MakeInput =>
      (number) => {
        const id = idOf(number);
        return { line: message({ id, ...fields }), answer: JSON.stringify(id), fault: refusedWith(invalidRequest) };
      },
  );

const badId = fc.constantFrom("null", "true", "{}", "[]", "9007199254740993", "1e999", "-1e400").map(
  (id): MakeInput =>
    () =>
      refused(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`, invalidRequest),
);

const fractionalId = fc.constant<MakeInput>((number) => ({
  line: message({ id: number + 0.5, method: "ping" }),
  answer: `${number + 0.5}`,
  fault: refusedWith(invalidRequest),
}));

const unknownMethod = fc
  .tuple(
    goodId,
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("__proto__", "constructor", "tools/none", "sampling/createMessage"),
    ),
  )
  .map(
    ([idOf, method]): MakeInput =>
      (number) => {
        const id = idOf(number);
        return { line: message({ id, method }), answer: JSON.stringify(id), fault: refusedWith(noSuchMethod) };
      },
  );

const badParams = fc
  .tuple(
    goodId,
    fc.constantFrom<Record<string, unknown>>(
      { method: "tools/call" },
      { method: "tools/call", params: {} },
      { method: "tools/call", params: { name: 1 } },
      { method: "tools/call", params: { name: "no_such_tool" } },
      { method: "tools/call", params: { name: "__proto__" } },
      { method: "tools/call", params: { name: "create_stream_connection", arguments: [] } },
      { method: "tools/list", params: { cursor: "x" } },
      { method: "tools/list", params: { cursor: 1 } },
      { method: "logging/setLevel", params: { level: "loud" } },
      { method: "ping", params: { _meta: 1 } },
      { method: "ping", params: { _meta: { progressToken: {} } } },
    ),
  )
  .map(
    ([idOf, fields]): MakeInput =>
      (number) => {
        const id = idOf(number);
        return {
          line: message({ id, ...fields }),
          answer: JSON.stringify(id),
          fault: refusedWith(invalidParams, invalidRequest),
        };
      },
  );

const tooDeep = goodId.map(
  (idOf): MakeInput =>
    (number) => {
      const id = idOf(number);
      const line = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"ping","params":{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}}`;
      return { line: Buffer.from(line), answer: JSON.stringify(id), fault: refusedWith(invalidRequest) };
    },
);

/** More than the server takes, and nearly as much as it takes. */
const tooLong = fc.constant<MakeInput>(() => refused(Buffer.alloc(5 * 1024 * 1024, "x"), invalidRequest));
const long = fc.constant<MakeInput>((number) => ({
  line: message({ id: number, method: "ping", params: { padding: "x".repeat(3 * 1024 * 1024) } }),
  answer: `${number}`,
  fault: isEmptyResult,
}));

/** What asks for no answer. */
const unanswered = fc
  .constantFrom(
    "",
    " \t ",
    '{"jsonrpc":"2.0","method":"notifications/none"}',
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"never"}}',
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}',
    '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}',
    '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    '{"jsonrpc":"2.0","id":"never","result":{}}',
    '{"jsonrpc":"2.0","id":"never","error":{"code":1,"message":"x"}}',
    '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}',
    '{"jsonrpc":"2.0","id":1,"result":[]}',
  )
  .map(
    (line): MakeInput =>
      () => ({ line: Buffer.from(line), answer: undefined }),
  );

/** A line of any of these kinds. */
export const lineInputs: fc.Arbitrary<MakeInput> = fc.oneof(
  { weight: 4_000, arbitrary: ping },
  { weight: 800, arbitrary: bytes },
  { weight: 800, arbitrary: brokenJson },
  { weight: 400, arbitrary: invalidUtf8 },
  { weight: 500, arbitrary: noMessage },
  { weight: 1_000, arbitrary: noRequest },
  { weight: 500, arbitrary: badId },
  { weight: 200, arbitrary: fractionalId },
  { weight: 1_000, arbitrary: unknownMethod },
  { weight: 1_000, arbitrary: badParams },
  { weight: 1_000, arbitrary: unanswered },
  { weight: 50, arbitrary: tooDeep },
  { weight: 5, arbitrary: tooLong },
  { weight: 5, arbitrary: long },
);
