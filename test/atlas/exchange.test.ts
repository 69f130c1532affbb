/** One exchange, against a server of raw sockets that answers byte by byte as it is told. */
import { getEventListeners } from "node:events";
import { createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { Agent } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exchange } from "../../src/atlas/exchange.ts";
import { ExchangeFailure } from "../../src/atlas/exchange-failure.ts";
import { listen } from "../support/listen.ts";

let server: Awaited<ReturnType<typeof listen>>;
let agent: Agent;
let answer: (socket: Socket, received: string) => void;
let received: string[];
/** Resolves once something has been received. */
let arrival: Promise<void>;

beforeEach(async () => {
  received = [];
  let arrived = () => {};
  arrival = new Promise((resolve) => {
    arrived = resolve;
  });
  answer = () => {};
  server = await listen(
    createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (piece) => {
        received.push(String(piece));
        arrived();
        answer(socket, String(piece));
      });
    }),
  );
  agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
});

afterEach(async () => {
  await agent.destroy();
  await server.close();
});

const origin = () => `http://127.0.0.1:${server.port}`;
const never = new AbortController().signal;

function send(limits: { signal?: AbortSignal; timeoutMs?: number } = {}, to = origin()) {
  const request = {
    origin: to,
    path: "/path",
    method: "POST",
    headers: { accept: "text/plain" },
    body: "sent",
  } as const;
  return exchange(agent, request, { signal: never, timeoutMs: 5_000, ...limits });
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("it was answered"),
    (error: unknown) => {
      expect(error).toBeInstanceOf(ExchangeFailure);
      return error as ExchangeFailure;
    },
  );

describe("an answer", () => {
  it("comes whole: status, headers in lower case, repeated ones joined, and the body", async () => {
    answer = (socket) => socket.end("HTTP/1.1 201 Created\r\nX-One: a\r\nX-One: b\r\ncontent-length: 3\r\n\r\nyes");
    expect(await send()).toEqual({
      status: 201,
      headers: { "x-one": "a, b", "content-length": "3" },
      bytes: Buffer.from("yes"),
    });
    expect(received.join("")).toMatch(/^POST \/path HTTP\/1\.1\r\n[\s\S]*\r\n\r\nsent$/);
  });

  it("may come in pieces, and keeps each byte as it is", async () => {
    const body = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff, 0xfe, 0xef, 0xbb, 0xbf, 0x0a]);
    answer = async (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`);
      for (const byte of body) {
        socket.write(Buffer.of(byte));
        await wait(1);
      }
    };
    expect((await send()).bytes).toEqual(body);
  });

  it("may be announced by a 1xx and have no body", async () => {
    answer = (socket) => socket.end("HTTP/1.1 103 Early Hints\r\nx: 1\r\n\r\nHTTP/1.1 204 No Content\r\ny: 2\r\n\r\n");
    expect(await send()).toEqual({ status: 204, headers: { y: "2" }, bytes: Buffer.alloc(0) });
  });
});

describe("no answer", () => {
  it.each([
    ["a connection that is closed", (socket: Socket) => socket.destroy(), /closed|reset/],
    ["half a body", (socket: Socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"), /closed/],
    ["what is not HTTP", (socket: Socket) => socket.end("SSH-2.0\r\n"), /not HTTP/],
  ])("%s is a failure after which Atlas may have acted", async (_, end, message) => {
    answer = end;
    const { kind, sent, message: said } = await failure(send());
    expect({ kind, sent }).toEqual({ kind: "network", sent: true });
    expect(said).toMatch(message);
  });

  it("a refused connection sent nothing", async () => {
    const closed = origin();
    await server.close();
    expect(await failure(send({}, closed))).toMatchObject({ kind: "network", sent: false });
  });

  it("a header that cannot be sent is told as such", async () => {
    const request = { origin: origin(), path: "/", method: "GET", headers: { authorization: "a\nb" } } as const;
    const limits = { signal: never, timeoutMs: 1_000 };
    expect(await failure(exchange(agent, request, limits))).toMatchObject({ kind: "configuration", sent: false });
  });
});

describe("the limits", () => {
  const ways: [string, (abort: AbortController) => { signal?: AbortSignal; timeoutMs?: number }, string][] = [
    ["a time-out", () => ({ timeoutMs: 500 }), "timeout"],
    [
      "a cancelled call",
      (abort) => {
        void arrival.then(() => abort.abort());
        return { signal: abort.signal };
      },
      "cancelled",
    ],
  ];

  it.each(ways)("%s ends an exchange that was sent, and its connection", async (_, limits, kind) => {
    const gone = new Promise((resolve) => {
      answer = (socket) => socket.on("close", resolve);
    });
    expect(await failure(send(limits(new AbortController())))).toMatchObject({ kind, sent: true });
    await gone;
  });

  it.each(ways)("%s ends one whose body does not end", async (_, limits, kind) => {
    answer = (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
    expect(await failure(send(limits(new AbortController())))).toMatchObject({ kind, sent: true });
  });

  it.each(ways)("%s ends one that waits for its turn, and it is never sent", async (_, limits, kind) => {
    const narrow = new Agent({ connections: 1, headersTimeout: 0 });
    const request = { origin: origin(), path: "/", method: "GET" } as const;
    const occupied = new AbortController();
    const first = failure(exchange(narrow, request, { signal: occupied.signal, timeoutMs: 60_000 }));
    const second = { ...request, path: "/second" };
    const limited = { signal: never, timeoutMs: 60_000, ...limits(new AbortController()) };
    expect(await failure(exchange(narrow, second, limited))).toMatchObject({ kind, sent: false });
    occupied.abort();
    await first;
    answer = (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    // What still waited for its turn would have it before this one.
    await exchange(narrow, { ...request, path: "/third" }, { signal: never, timeoutMs: 60_000 });
    expect(received.join("")).toContain("/third");
    expect(received.join("")).not.toContain("/second");
    await narrow.destroy();
  });

  it("a call that was cancelled before sends nothing", async () => {
    expect(await failure(send({ signal: AbortSignal.abort() }))).toMatchObject({ kind: "cancelled", sent: false });
    await wait(20);
    expect(received).toEqual([]);
  });

  it("leave no timer and no listener behind", async () => {
    answer = (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    const { signal } = new AbortController();
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = timers();
    for (let times = 0; times < 20; times += 1) await send({ signal });
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(timers() - before).toBeLessThan(5);
  });
});
