import { once } from "node:events";
import { PassThrough, type Readable, Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { JsonRpcMessage } from "../../src/protocol/messages.ts";
import { StdioTransport, type StdioTransportOptions } from "../../src/protocol/stdio.ts";

/** A transport on two streams, with all that comes out of it. */
async function open(options?: StdioTransportOptions) {
  const input = new PassThrough();
  const output = new PassThrough();
  const transport = new StdioTransport(input, output, options);
  const messages: JsonRpcMessage[] = [];
  const errors: Error[] = [];
  let closed = 0;
  transport.onmessage = (message) => messages.push(message);
  transport.onerror = (error) => errors.push(error);
  transport.onclose = () => closed++;
  const written: Buffer[] = [];
  output.on("data", (piece: Buffer) => written.push(piece));
  await transport.start();
  return {
    input,
    output,
    transport,
    messages,
    errors,
    closed: () => closed,
    /** What was written, as values. */
    answers: (): unknown[] =>
      Buffer.concat(written)
        .toString()
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    /** Ends the input and waits for the end of the transport. */
    async finish() {
      input.end();
      while (closed === 0) await turn();
      await transport.flushed();
      await turn();
    },
  };
}

/** What becomes of the input, given in the pieces given. */
async function exchange(pieces: (string | Buffer)[], options?: StdioTransportOptions) {
  const opened = await open(options);
  for (const piece of pieces) if (piece.length > 0) opened.input.write(piece);
  await opened.finish();
  return { messages: opened.messages, answers: opened.answers(), errors: opened.errors, closed: opened.closed() };
}

/** The one answer to one line. */
async function answerTo(line: string | Buffer, options?: StdioTransportOptions): Promise<unknown> {
  const { messages, answers, errors } = await exchange([line, "\n"], options);
  expect([messages, errors, answers.length]).toEqual([[], [], 1]);
  return answers[0];
}

const ping = (id: string | number): JsonRpcMessage => ({ jsonrpc: "2.0", id, method: "ping" });
const refusal = (id: unknown, code: number, message: unknown = expect.any(String)) => ({
  jsonrpc: "2.0",
  id,
  error: { code, message },
});

describe("starting", () => {
  it("again changes nothing: each message is delivered once, and the streams are released once", async () => {
    const { input, output, transport, messages, closed, finish } = await open();
    const attached = () => [listeners(input).length, listeners(output).length];
    const before = attached();
    await transport.start();
    await transport.start();
    expect(attached()).toEqual(before);
    input.write(`${JSON.stringify(ping(1))}\n`);
    await finish();
    expect([messages, closed()]).toEqual([[ping(1)], 1]);
  });

  it.each([true, false])("after the end reads nothing (started before: %s)", async (wasStarted) => {
    const input = new PassThrough();
    const transport = new StdioTransport(input, new PassThrough());
    const messages: JsonRpcMessage[] = [];
    transport.onmessage = (message) => messages.push(message);
    if (wasStarted) await transport.start();
    await transport.close();
    await transport.start();
    input.write(`${JSON.stringify(ping(1))}\n`);
    await turn();
    expect([messages, listeners(input)]).toEqual([[], []]);
  });
});

describe("reading", () => {
  it("delivers requests, notifications and replies in order", async () => {
    const sent = [
      { jsonrpc: "2.0", id: 1, method: "initialize", params: { a: [1, "é", null] } },
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { jsonrpc: "2.0", id: "never asked", result: {} },
      { jsonrpc: "2.0", id: 7, error: { code: -1, message: "no", data: { why: 1 } } },
      { jsonrpc: "2.0", error: { code: -32700, message: "Parse error" } },
      { jsonrpc: "2.0", id: "", method: "tools/list", params: { _meta: { progressToken: 0, other: true } } },
    ];
    const { messages, answers } = await exchange(sent.map((message) => `${JSON.stringify(message)}\n`));
    expect(messages).toEqual(sent);
    expect(answers).toEqual([]);
  });

  it("takes LF, CRLF, blank lines, a leading byte order mark and a last line without an end", async () => {
    const line = (id: number) => JSON.stringify(ping(id));
    const { messages, answers } = await exchange([
      `\uFEFF${line(1)}\r\n\n\r\n  \t\n${line(2)}\n ${line(3)} \r\n${line(4)}`,
    ]);
    expect(messages).toEqual([1, 2, 3, 4].map(ping));
    expect(answers).toEqual([]);
  });

  it("reads messages that come byte by byte, split inside characters", async () => {
    const sent = { jsonrpc: "2.0", id: "żółć 🧵 \u2028", method: "x" };
    const bytes = Buffer.from(`${JSON.stringify(sent)}\n`);
    const { messages } = await exchange([...bytes].map((byte) => Buffer.from([byte])));
    expect(messages).toEqual([sent]);
  });

  it("reads thousands of messages out of one piece", async () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => index);
    const { messages } = await exchange([ids.map((id) => `${JSON.stringify(ping(id))}\n`).join("")]);
    expect(messages).toEqual(ids.map(ping));
  });

  it("answers a line that is no JSON, without repeating it, and reads on", async () => {
    const { messages, answers } = await exchange([`{"password":"hunter2"\n${JSON.stringify(ping(1))}\n`]);
    expect(answers).toEqual([refusal(null, -32700, "Parse error: the line is not valid JSON")]);
    expect(messages).toEqual([ping(1)]);
  });

  it("answers invalid UTF-8 instead of replacing it, and reads on", async () => {
    const { messages, answers } = await exchange([
      Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xff"}\n', "latin1"),
      `${JSON.stringify(ping(2))}\n`,
    ]);
    expect(answers).toEqual([refusal(null, -32700, expect.stringMatching(/^Parse error: .*UTF-8/))]);
    expect(messages).toEqual([ping(2)]);
  });

  it.each([
    ["a batch", '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', null, /batch/],
    ["an empty batch", "[]", null, /batch/],
    ["a string", '"ping"', null, /object/],
    ["a number", "1", null, /object/],
    ["null", "null", null, /object/],
    ["an empty object", "{}", null, /jsonrpc/],
    ["no jsonrpc", '{"id":1,"method":"ping"}', 1, /jsonrpc/],
    ["a wrong jsonrpc", '{"jsonrpc":"1.0","id":"a","method":"ping"}', "a", /jsonrpc/],
    ["jsonrpc as a number", '{"jsonrpc":2.0,"id":1,"method":"ping"}', 1, /jsonrpc/],
    ["no method", '{"jsonrpc":"2.0","id":1}', 1, /method/],
    ["no method and no id", '{"jsonrpc":"2.0","params":{}}', null, /method/],
    ["a method that is no string", '{"jsonrpc":"2.0","id":1,"method":["ping"]}', 1, /method/],
    ["params that are an array", '{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}', 1, /params/],
    ["params that are null", '{"jsonrpc":"2.0","id":1,"method":"ping","params":null}', 1, /params/],
    ["a notification with a string as params", '{"jsonrpc":"2.0","method":"n","params":"x"}', null, /params/],
    ["a null id", '{"jsonrpc":"2.0","id":null,"method":"ping"}', null, /id must/],
    ["a boolean id", '{"jsonrpc":"2.0","id":true,"method":"ping"}', null, /id must/],
    ["an object as id", '{"jsonrpc":"2.0","id":{},"method":"ping"}', null, /id must/],
    ["a fractional id", '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', 1.5, /id must/],
    ["an id that would be rounded", '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}', null, /id must/],
    ["an infinite id", '{"jsonrpc":"2.0","id":1e999,"method":"ping"}', null, /id must/],
    ["a method and a result", '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', 1, /result/],
    ["a method and an error", '{"jsonrpc":"2.0","id":1,"method":"ping","error":{}}', 1, /error/],
    ["a method on the prototype only", '{"jsonrpc":"2.0","id":1,"__proto__":{"method":"ping"}}', 1, /method/],
  ])("answers %s with -32600 and its own id", async (_, line, id, message) => {
    expect(await answerTo(line)).toEqual(refusal(id, -32600, expect.stringMatching(message)));
  });

  it.each([
    ['{"_meta":1}', /_meta/],
    ['{"_meta":[]}', /_meta/],
    ['{"_meta":{"progressToken":{}}}', /progressToken/],
    ['{"_meta":{"progressToken":0.5}}', /progressToken/],
    ['{"_meta":{"io.modelcontextprotocol/related-task":{}}}', /related-task/],
  ])("answers params %s, which the SDK would drop in silence, with -32602", async (params, message) => {
    const answer = await answerTo(`{"jsonrpc":"2.0","id":1,"method":"ping","params":${params}}`);
    expect(answer).toEqual(refusal(1, -32602, expect.stringMatching(message)));
  });

  it.each([
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"secret"}}',
    '{"jsonrpc":"2.0","id":1,"error":"secret"}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":"secret","message":"m"}}',
    '{"jsonrpc":"2.0","id":1,"result":"secret"}',
    '{"jsonrpc":"2.0","id":1,"result":{"_meta":"secret"}}',
    '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"secret"}}',
    '{"jsonrpc":"2.0","id":{"secret":1},"result":{}}',
    '{"id":1,"result":{}}',
  ])("reports the reply %s and does not answer it, so that two peers can't loop", async (line) => {
    const { messages, answers, errors } = await exchange([`${line}\n`]);
    expect([messages, answers, errors.length]).toEqual([[], [], 1]);
    expect(String(errors[0])).not.toContain("secret");
  });

  it("leaves out members that JSON-RPC does not know, for which the SDK would drop the message", async () => {
    const { messages } = await exchange(['{"jsonrpc":"2.0","id":1,"method":"ping","auth":"x","__proto__":{"a":1}}\n']);
    expect(messages).toEqual([ping(1)]);
  });

  it("lets no __proto__ in a message reach a prototype", async () => {
    const { messages } = await exchange(['{"jsonrpc":"2.0","id":1,"method":"m","params":{"__proto__":{"own":1}}}\n']);
    expect(messages).toHaveLength(1);
    const [message] = messages;
    const params = message && "params" in message ? message.params : undefined;
    expect(Object.getPrototypeOf(params)).toBe(Object.prototype);
    expect(Reflect.get({}, "own")).toBeUndefined();
  });

  it("answers a line over the limit once, stating the limit, and reads on behind it", async () => {
    const long = `{"jsonrpc":"2.0","id":1,"method":"${"x".repeat(200)}"}`;
    const { messages, answers } = await exchange(
      [long.slice(0, 150), long.slice(150), `\n${JSON.stringify(ping(2))}`],
      {
        maxMessageBytes: 100,
      },
    );
    expect(answers).toEqual([refusal(1, -32600, expect.stringContaining("100 bytes"))]);
    expect(messages).toEqual([ping(2)]);
  });

  const long = "x".repeat(200);
  it.each<[number | string | null, string]>([
    [7, `{"jsonrpc":"2.0","id":7,"method":"m","params":{"a":"${long}"}}`],
    ["seven", `{ "id" : "seven" , "method":"m","params":["${long}"]}`],
    ["7\n", `{"params":{"id":1,"b":[{"id":2}]},"id":"7\\n","method":"${long}"}`],
    [7, `{"\\u0069d":7,"method":"${long}"}`],
    [null, `{"method":"m","params":{"a":"\\"}, \\"id\\":7, ${long}"},"id":7}`],
    [null, `{"method":"m","params":{"a":"${long}"},"id":7}`],
    [null, `{"method":"}, "id":7, ${long}"}`],
    [null, `{"id":null,"method":"${long}"}`],
    [null, `{"id":1.5e400,"method":"${long}"}`],
    [null, `{"id":9007199254740993,"method":"${long}"}`],
    [null, `{"id":{"id":7},"method":"${long}"}`],
    [null, `[{"id":7,"method":"${long}"}]`],
    [null, `{"id":7${"0".repeat(200)}`],
    [null, `{"id":"7${long}","method":"m"}`],
    [7, `{"id":7,"result":{},"method":"${long}"}`],
    [7, `{"id":7,"method":"m","result":"${long}"}`],
    [7, `{"id":7,"params":{"result":{}},"a":"${long}"}`],
    [null, `id ${long}`],
    [null, long],
  ])("answers a line over the limit with the id %j where its beginning shows it: %s", async (id, line) => {
    const { answers } = await exchange([`${line}\n`], { maxMessageBytes: 100 });
    expect(answers).toEqual([refusal(id, -32600, expect.stringContaining("100 bytes"))]);
  });

  it.each([
    `{"jsonrpc":"2.0","id":7,"result":{"a":"${long}"}}`,
    `{"jsonrpc":"2.0","error":{"a":"${long}"},"id":7}`,
    `{"result":{"method":"m"},"id":7,"a":"${long}"}`,
  ])("answers no response over the limit, and reads on behind it: %s", async (line) => {
    const { messages, answers, errors } = await exchange([`${line}\n${JSON.stringify(ping(2))}\n`], {
      maxMessageBytes: 100,
    });
    expect(errors.map(({ message }) => message)).toEqual([
      "A response from the client cannot be used: it is too large",
    ]);
    expect([messages, answers]).toEqual([[ping(2)], []]);
  });

  it("takes 4 MiB by default and answers 50 MB before they have ended", async () => {
    const { input, messages, answers, finish } = await open();
    const big = { jsonrpc: "2.0", id: 1, method: "m", params: { text: "x".repeat(4 * 1024 * 1024 - 100) } };
    input.write(`${JSON.stringify(big)}\n`);
    for (let megabytes = 0; megabytes < 50; megabytes++) input.write(Buffer.alloc(1_000_000, "y"));
    while (answers().length === 0) await turn();
    input.write(`\n${JSON.stringify(ping(2))}\n`);
    await finish();
    expect(messages).toEqual([big, ping(2)]);
    expect(answers()).toEqual([refusal(null, -32600, expect.stringContaining("4194304 bytes"))]);
  });

  it.each([
    ["unclosed arrays", "[".repeat(3_000_000), null, -32700],
    ["closed arrays", "[".repeat(1_000_000) + "]".repeat(1_000_000), null, -32600],
    [
      "arrays inside params",
      `{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}}`,
      1,
      -32600,
    ],
    [
      "objects just over the limit",
      `{"jsonrpc":"2.0","id":1,"method":"m","params":${'{"a":'.repeat(256)}1${"}".repeat(256)}}`,
      1,
      -32600,
    ],
    [
      "a number of a million digits as id",
      `{"jsonrpc":"2.0","id":${"9".repeat(1_000_000)},"method":"m"}`,
      null,
      -32600,
    ],
  ])("survives %s", async (_, line, id, code) => {
    expect(await answerTo(line)).toEqual(refusal(id, code));
  });

  it("delivers what is nested up to the limit, and numbers of any size", async () => {
    const { messages, answers } = await exchange([
      `{"jsonrpc":"2.0","id":1,"method":"m","params":${'{"a":'.repeat(255)}1${"}".repeat(255)}}\n`,
      `{"jsonrpc":"2.0","id":2,"method":"m","params":{"n":[1e999,-1e999,1e-999,${"9".repeat(1000)}]}}\n`,
    ]);
    expect([messages.length, answers]).toEqual([2, []]);
  });

  it("reports what onmessage throws and reads on", async () => {
    const { input, transport, errors, finish } = await open();
    const seen: JsonRpcMessage[] = [];
    transport.onmessage = (message) => {
      seen.push(message);
      throw seen.length === 1 ? new Error("thrown") : "no error object";
    };
    input.write(`${JSON.stringify(ping(1))}\n${JSON.stringify(ping(2))}\n`);
    await finish();
    expect(seen).toEqual([ping(1), ping(2)]);
    expect(errors.map(({ message }) => message)).toEqual(["thrown", "onmessage failed"]);
  });

  it("keeps order when onmessage brings in the next piece", async () => {
    const { input, transport, finish } = await open();
    const order: string[] = [];
    transport.onmessage = (message) => {
      const id = "id" in message ? message.id : undefined;
      order.push(`begin ${id}`);
      if (id === 1) input.write(`${JSON.stringify(ping(3))}\n`);
      order.push(`end ${id}`);
    };
    input.write(`${JSON.stringify(ping(1))}\n${JSON.stringify(ping(2))}\n`);
    await finish();
    expect(order).toEqual([1, 2, 3].flatMap((id) => [`begin ${id}`, `end ${id}`]));
  });

  it("reads a stream of text like one of bytes", async () => {
    const { input, messages, finish } = await open();
    input.setEncoding("utf8");
    const sent = { jsonrpc: "2.0", id: "é🧵", method: "m" };
    for (const byte of Buffer.from(`${JSON.stringify(sent)}\n`)) input.write(Buffer.from([byte]));
    await finish();
    expect(messages).toEqual([sent]);
  });
});

describe("reading anything", () => {
  const id = fc.oneof(fc.string({ unit: "binary" }), fc.maxSafeInteger());
  const params = fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false })).map((entries) => {
    // `_meta` has rules of its own, and `__proto__` set here would be lost before it is sent.
    delete entries["_meta"];
    return JSON.parse(JSON.stringify(entries));
  });
  const method = fc.string({ unit: "binary" });
  const jsonrpc = fc.constant("2.0");
  const message = fc.oneof(
    fc.record({ jsonrpc, id, method, params }, { requiredKeys: ["jsonrpc", "id", "method"] }),
    fc.record({ jsonrpc, method, params }, { requiredKeys: ["jsonrpc", "method"] }),
    fc.record({ jsonrpc, id, result: params }),
    fc.record({ jsonrpc, id, error: fc.record({ code: fc.integer(), message: fc.string() }) }),
  );
  /** Cuts bytes at any places. */
  const cut = (bytes: Buffer, places: number[]) => {
    const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
    return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
  };

  it("delivers any messages in order, however their bytes are cut", async () => {
    const ending = fc.constantFrom("\n", "\r\n", "\n\n", " \r\n\t\n");
    const places = fc.array(fc.nat(), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(message, ending), { maxLength: 12 }), places, async (sent, at) => {
        const bytes = Buffer.from(sent.map(([value, end]) => JSON.stringify(value) + end).join(""));
        const { messages, answers, errors, closed } = await exchange(cut(bytes, at));
        expect([answers, errors, closed]).toEqual([[], [], 1]);
        expect(JSON.stringify(messages.map(sorted))).toBe(JSON.stringify(sent.map(([value]) => sorted(value))));
      }),
      { numRuns: 300 },
    );
  });

  it("gives every line of arbitrary bytes that is not blank exactly one outcome", async () => {
    const fragment = fc.oneof(
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom("\n", "\r\n", "{", "}", "[", '"', "\uFEFF", ' "id":1 ', '{"jsonrpc":"2.0","method":"m"}', "null")
        .map((piece) => Buffer.from(piece)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fragment, { maxLength: 40 }), async (pieces) => {
        const lines = Buffer.concat(pieces).toString("latin1").split("\n");
        // A byte order mark before nothing is blank too.
        const filled = lines.filter((line) => !/^(\xef\xbb\xbf)?[ \t\r]*$/.test(line));
        const { messages, answers, errors, closed } = await exchange(pieces, { maxMessageBytes: 60 });
        expect(messages.length + answers.length + errors.length).toBe(filled.length);
        expect(closed).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  it("delivers only what the SDK does not drop, and answers or reports the rest with its own id", async () => {
    const odd = fc.oneof({ arbitrary: fc.jsonValue({ maxDepth: 1 }), weight: 1 });
    const token = fc.constantFrom("progressToken", "io.modelcontextprotocol/related-task", "other");
    const meta = fc.oneof(fc.dictionary(token, fc.oneof(odd, fc.constant({ taskId: "t" }))), odd);
    const nearly = fc.record(
      {
        jsonrpc: fc.oneof({ arbitrary: jsonrpc, weight: 9 }, odd),
        id: fc.oneof({ arbitrary: id, weight: 5 }, odd),
        method: fc.oneof({ arbitrary: method, weight: 5 }, odd),
        params: fc.oneof({ arbitrary: fc.record({ _meta: meta }), weight: 5 }, params, odd),
        result: fc.oneof(fc.record({ _meta: meta }), odd),
        error: fc.oneof(fc.record({ code: fc.oneof(fc.integer(), odd), message: fc.oneof(fc.string(), odd) }), odd),
        extra: odd,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(nearly, async (value) => {
        const { messages, answers, errors } = await exchange([JSON.stringify(value)]);
        expect(messages.length + answers.length + errors.length).toBe(1);
        for (const delivered of messages) expect(JSONRPCMessageSchema.safeParse(delivered).error).toBeUndefined();
        if (JSONRPCMessageSchema.safeParse(value).success) expect(messages).toHaveLength(1);
        const known = typeof value.id === "string" || (typeof value.id === "number" && Math.abs(value.id) < 2 ** 53);
        const own = known ? value.id : null;
        for (const answer of answers) expect(answer).toMatchObject({ id: Object.is(own, -0) ? 0 : own });
      }),
      { numRuns: 2000 },
    );
  });
});

/** The same value with the members of its top level in one order. */
function sorted(value: object): unknown {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** An output that takes one message and then no more, until `read` is called. */
function unreadOutput() {
  const taken: string[] = [];
  let proceed: (() => void) | undefined;
  const output = new Writable({
    highWaterMark: 10,
    write(piece: Buffer, _, done) {
      taken.push(piece.toString());
      proceed = done;
    },
  });
  const read = () => {
    const done = proceed;
    proceed = undefined;
    done?.();
  };
  return { output, taken, read };
}

describe("writing", () => {
  it("writes one line a message, in order, whatever the strings hold", async () => {
    const { transport, output, finish, answers } = await open();
    const sent = ["\n", "\r\n", "\u2028\u2029", "\ud800", '"\\', "\0"].map((text, id) => ({
      jsonrpc: "2.0" as const,
      id,
      result: { text },
    }));
    await Promise.all(sent.map((message) => transport.send(message)));
    expect(output.destroyed).toBe(false);
    await finish();
    expect(answers()).toEqual(sent);
  });

  it("resolves a send when its line has been taken, not before", async () => {
    const { output, taken, read } = unreadOutput();
    const transport = new StdioTransport(new PassThrough(), output);
    await transport.start();
    const done: number[] = [];
    for (const id of [1, 2]) void transport.send(ping(id)).then(() => done.push(id));
    let flushed = false;
    void transport.flushed().then(() => {
      flushed = true;
    });
    await turn();
    expect([taken.length, done, flushed]).toEqual([1, [], false]);
    read();
    await turn();
    expect([taken.length, done, flushed]).toEqual([2, [1], false]);
    read();
    await turn();
    expect([done, flushed]).toEqual([[1, 2], true]);
  });

  it("hands what is sent in one turn to the output at once", async () => {
    const writes: number[] = [];
    const output = new Writable({
      writev(pieces, done) {
        writes.push(pieces.length);
        done();
      },
    });
    const transport = new StdioTransport(new PassThrough(), output);
    await transport.start();
    await Promise.all([1, 2, 3].map((id) => transport.send(ping(id))));
    await transport.send(ping(4));
    expect(writes).toEqual([3, 1]);
  });

  it("rejects a value that JSON cannot hold and goes on", async () => {
    const { transport, finish, answers } = await open();
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    await expect(transport.send({ jsonrpc: "2.0", id: 1, result: circle })).rejects.toThrow(TypeError);
    await transport.send(ping(2));
    await finish();
    expect(answers()).toEqual([ping(2)]);
  });

  it("takes no more messages while the output is full, pauses the input, and resumes at drain", async () => {
    const input = new PassThrough();
    const { output, read } = unreadOutput();
    const transport = new StdioTransport(input, output);
    let delivered = 0;
    transport.onmessage = () => {
      delivered++;
      void transport.send(ping("an answer"));
    };
    await transport.start();
    const piece = `${JSON.stringify(ping("x".repeat(1000)))}\n`.repeat(20);
    let accepted = 0;
    while (input.write(piece) && accepted < 1000) {
      accepted++;
      await turn();
    }
    expect(delivered).toBe(1);
    expect(input.isPaused()).toBe(true);
    expect(accepted * piece.length).toBeLessThan(600_000);
    const all = (accepted + 1) * 20;
    while (delivered < all) {
      read();
      await turn();
    }
    expect(input.isPaused()).toBe(false);
    await transport.close();
  });

  it("sees the end of the input and delivers what it holds, although the output is full", async () => {
    const input = new PassThrough();
    const { output } = unreadOutput();
    const transport = new StdioTransport(input, output);
    const ids: unknown[] = [];
    transport.onmessage = (message) => {
      ids.push("id" in message && message.id);
      void transport.send(ping("an answer"));
    };
    const closed = new Promise<void>((resolve) => {
      transport.onclose = resolve;
    });
    await transport.start();
    for (let id = 0; id < 100; id++) input.write(`${JSON.stringify(ping(id))}\n`);
    await turn();
    expect(ids).toEqual([0]);
    input.end(JSON.stringify(ping("last")));
    await closed;
    expect(ids).toEqual([...Array.from({ length: 100 }, (_, id) => id), "last"]);
  });

  it("closes quietly once when the output fails, and resolves what was sent", async () => {
    const output = new Writable({
      write(_piece, _encoding, done) {
        setImmediate(() => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })));
      },
    });
    const transport = new StdioTransport(new PassThrough(), output);
    const events: string[] = [];
    transport.onclose = () => events.push("close");
    transport.onerror = () => events.push("error");
    await transport.start();
    await Promise.all([transport.send(ping(1)), transport.send(ping(2)), transport.flushed()]);
    await transport.send(ping(3));
    await transport.close();
    await turn();
    expect(events).toEqual(["close"]);
    expect(listeners(output)).toEqual([]);
  });

  it("survives an output that fails after close", async () => {
    let fail: ((error: Error) => void) | undefined;
    const output = new Writable({
      write(_piece, _encoding, done) {
        fail = done;
      },
    });
    const transport = new StdioTransport(new PassThrough(), output);
    await transport.start();
    const sent = transport.send(ping(1));
    await transport.close();
    await turn();
    fail?.(new Error("EPIPE"));
    await sent;
    await transport.flushed();
    await turn();
    expect(listeners(output)).toEqual([]);
  });

  it.each([
    ["destroyed", (output: Writable) => output.destroy()],
    ["ended by somebody else", (output: Writable) => output.end()],
  ])("resolves pending sends when the output is %s", async (_, finish) => {
    const { output } = unreadOutput();
    const transport = new StdioTransport(new PassThrough(), output);
    await transport.start();
    const pending = [transport.send(ping(1)), transport.send(ping(2))];
    finish(output);
    await transport.send(ping(3));
    if (!output.destroyed) output.destroy();
    await Promise.all(pending);
    await transport.flushed();
  });
});

/** The listeners that a stream has besides its own. */
function listeners(stream: Readable | Writable): unknown[] {
  const fresh = new PassThrough();
  return ["data", "end", "close", "error", "drain"].filter(
    (event) => stream.listenerCount(event) > fresh.listenerCount(event),
  );
}

describe("closing", () => {
  it("closes once at the end of the input, after the last message", async () => {
    const { input, transport, messages, closed } = await open();
    const atClose: number[] = [];
    const onclose = transport.onclose;
    transport.onclose = () => {
      atClose.push(messages.length);
      onclose?.();
    };
    input.end(JSON.stringify(ping(1)));
    await once(input, "close");
    await turn();
    await turn();
    await transport.close();
    expect([atClose, closed()]).toEqual([[1], 1]);
  });

  it("still writes an answer to the last line that needs no waiting", async () => {
    const { input, transport, answers, finish } = await open();
    transport.onmessage = async () => {
      await Promise.resolve();
      await transport.send(ping("answer"));
    };
    input.write(JSON.stringify(ping(1)));
    await finish();
    expect(answers()).toEqual([ping("answer")]);
  });

  describe("with time for the last answers", () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
    afterEach(() => void vi.useRealTimers());

    const answerTo = (id: string | number): JsonRpcMessage => ({ jsonrpc: "2.0", id, result: {} });
    /** A transport whose input has ended behind these lines; `soon` is long past what a close without waiting takes. */
    const ended = async (lines: unknown[], responseGraceMs: number) => {
      const opened = await open({ responseGraceMs });
      opened.input.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
      const soon = async () => {
        for (let turns = 0; turns < 20; turns++) await turn();
        return opened.closed();
      };
      return { ...opened, soon };
    };

    it("closes once each request is answered, and as soon", async () => {
      const { transport, soon, answers } = await ended([ping(1), ping("1"), ping(2)], 60_000);
      for (const id of [1, 2]) await transport.send(answerTo(id));
      await transport.send({ jsonrpc: "2.0", method: "notifications/progress" });
      expect(await soon()).toBe(0);
      await transport.send({ jsonrpc: "2.0", id: "1", error: { code: -1, message: "no" } });
      expect(await soon()).toBe(1);
      expect(answers()).toHaveLength(4);
    });

    it("waits for no answer to what was cancelled or asks for none", async () => {
      const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
      const { soon } = await ended([ping(1), cancelled, { jsonrpc: "2.0", id: 3, result: {} }], 60_000);
      expect(await soon()).toBe(1);
    });

    it("waits no longer than that", async () => {
      const { soon, closed } = await ended([ping(1)], 50);
      expect(await soon()).toBe(0);
      vi.advanceTimersByTime(49);
      expect(closed()).toBe(0);
      vi.advanceTimersByTime(1);
      expect(closed()).toBe(1);
    });

    it("closes at once when told to", async () => {
      const { soon, closed, transport } = await ended([ping(1)], 50);
      expect(await soon()).toBe(0);
      await transport.close();
      expect(closed()).toBe(1);
      vi.advanceTimersByTime(60);
      expect(closed()).toBe(1);
    });
  });

  it("closes when the input is destroyed, and reports an error it had", async () => {
    const broken = await open();
    broken.input.destroy(new Error("EIO"));
    while (broken.closed() === 0) await turn();
    expect(broken.errors.map(({ message }) => message)).toEqual(["EIO"]);
    const destroyed = await open();
    destroyed.input.destroy();
    while (destroyed.closed() === 0) await turn();
    expect(destroyed.errors).toEqual([]);
  });

  it("closes when a stream was gone before the start", async () => {
    for (const gone of ["input", "output"] as const) {
      const streams = { input: new PassThrough(), output: new PassThrough() };
      streams[gone].destroy();
      await turn();
      const transport = new StdioTransport(streams.input, streams.output);
      const closed = new Promise<void>((resolve) => {
        transport.onclose = resolve;
      });
      await transport.start();
      await closed;
    }
  });

  it("lets go of both streams, stops reading and delivers nothing more", async () => {
    const { input, output, transport, messages, closed } = await open();
    output.removeAllListeners("data");
    transport.onmessage = (message) => {
      messages.push(message);
      void transport.close();
    };
    input.write(`${JSON.stringify(ping(1))}\n${JSON.stringify(ping(2))}\n`);
    await turn();
    input.write(`${JSON.stringify(ping(3))}\n`);
    await turn();
    await transport.close();
    await transport.start();
    expect([messages, closed()]).toEqual([[ping(1)], 1]);
    expect([listeners(input), listeners(output)]).toEqual([[], []]);
    expect(input.isPaused()).toBe(true);
    expect([input.destroyed, output.destroyed]).toEqual([false, false]);
  });

  it("resolves a send after close and writes nothing", async () => {
    const { transport, answers } = await open();
    await transport.close();
    await transport.send(ping(1));
    await transport.flushed();
    await turn();
    expect(answers()).toEqual([]);
  });
});

describe("with the SDK", () => {
  it("is a Transport", async () => {
    const { input, output } = await open();
    const transport: Transport = new StdioTransport(input, output);
    expect(transport).toBeInstanceOf(StdioTransport);
  });

  it("carries the SDK's server, and closes it at the end of the input", async () => {
    const { input, output } = { input: new PassThrough(), output: new PassThrough() };
    const server = new Server({ name: "test", version: "1" }, { capabilities: {} });
    const closed = new Promise<void>((resolve) => {
      server.onclose = resolve;
    });
    await server.connect(new StdioTransport(input, output));
    const initialize = {
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "c", version: "1" } },
    };
    input.write(`${JSON.stringify(initialize)}\n${JSON.stringify(ping(2))}\n`);
    let written = "";
    output.on("data", (piece) => {
      written += piece;
    });
    while (!written.includes('{"result":{},"jsonrpc":"2.0","id":2}')) await once(output, "data");
    expect(written).toContain('"serverInfo":{"name":"test"');
    input.end();
    await closed;
  });
});
