import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { failureOf } from "../../src/atlas/answer.ts";
import { Unsent } from "../../src/atlas/atlas.ts";
import { listActivePeerings, listPrivateLinks } from "../../src/atlas/endpoints.ts";
import { ExchangeFailure } from "../../src/atlas/exchange-failure.ts";
import { AtlasFailure, type FailureFacts, type FailureKind, kindOfStatus } from "../../src/atlas/failure.ts";
import { WRITE_WAIT_MS, type Write, writeOnce } from "../../src/atlas/write-once.ts";
import type { JsonObject } from "../../src/json.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { type FakeAtlas, fakeAtlas, inTurn, type Reply } from "./fake-atlas.ts";

const CHECK_MS = 10_000;
const any = { version: "2023-02-01", envelope: false } as const;
const post = {
  operation: "createGroupStreamConnection",
  method: "POST",
  path: "/connections",
  body: {},
  ...any,
} as const;
const get = { operation: "getGroupStreamConnection", method: "GET", path: "/connections/x", ...any } as const;

const created = { name: "x", state: "PENDING" };
const status = (code: number, facts: FailureFacts = {}) =>
  new AtlasFailure(kindOfStatus(code), `Atlas answered ${code}`, {
    status: code,
    ...((code === 429 || code >= 500) && { retryable: true }),
    ...(code === 404 && { structured: true }),
    ...facts,
  });
const broken = (kind: FailureKind = "network", sent = true) => new ExchangeFailure(kind, `It ended as ${kind}`, sent);
const unsent = (kind: FailureKind = "network") => new Unsent(broken(kind, false));
const cancelled = () => new AtlasFailure("cancelled", "The call was cancelled");

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

interface Setting {
  write: Reply;
  look?: Reply;
  find?: Write["find"];
  happened?: Write["happened"];
  showsLate?: boolean;
  expects?: Write["expects"];
  checkMs?: number;
  random?: number;
  controller?: AbortController;
}

/** A write to an Atlas that answers it, and the looks for it, as it is told to. */
function start({
  write,
  look,
  find = get,
  happened,
  showsLate = false,
  expects = "resource",
  checkMs = CHECK_MS,
  random = 0.5,
  controller = new AbortController(),
}: Setting) {
  const clock = fakeClock({ random });
  const unexpected = () => new Error("Nobody should have looked");
  const atlas: FakeAtlas = fakeAtlas(
    (request, limits) => (request.method === "POST" ? write : (look ?? unexpected))(request, limits),
    { clock },
  );
  const onAbandoned = vi.fn<(rest: Promise<unknown>) => void>();
  const outcome = writeOnce(
    atlas,
    { request: post, find, expects, showsLate, ...(happened && { happened }) },
    { signal: controller.signal, checkMs, onAbandoned },
  );
  const sent = () => atlas.requests.map(({ request }) => request.method);
  return { outcome, clock, atlas, sent, onAbandoned, controller };
}

/** The failure that an outcome ends in. */
async function failure(outcome: Promise<unknown>): Promise<AtlasFailure> {
  const error = await outcome.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AtlasFailure) return error;
  throw new Error(`Expected a failure, not ${String(error)}`);
}

describe("a lost answer about what only lists show", () => {
  const listed = (entries: readonly JsonObject[]) => ({ results: entries, totalCount: entries.length });
  const find = {
    lists: [listPrivateLinks("a"), listActivePeerings("a")],
    pick: (entries: readonly JsonObject[]) => entries.find(({ _id }) => _id === "new"),
  };
  const answers = (links: Reply, peerings: Reply): Reply => {
    return (request, limits) => (request.path.includes("privateLink") ? links : peerings)(request, limits);
  };
  const write = () => broken();
  const made = { _id: "new", state: "IDLE" };
  const empty = () => listed([]);

  test("is looked for in each of them", async () => {
    for (const look of [answers(() => listed([made]), empty), answers(empty, () => listed([made]))])
      expect(await start({ write, find, look }).outcome).toMatchObject({ kind: "found", body: made });
  });

  test("is looked for again where one of them cannot be read, or does not show it yet", async () => {
    for (const first of [status(500), { login: "required" }, "<html>", listed([])]) {
      const { outcome, sent } = start({ write, find, look: answers(inTurn(first, listed([made])), empty) });
      expect(await outcome).toMatchObject({ kind: "found", body: made });
      expect(sent()).toEqual(["POST", "GET", "GET", "GET", "GET"]);
    }
  });

  test("is unknown where one of them is never read, and did not happen where all are and none shows it", async () => {
    const unread = start({ write, find, look: answers(empty, () => ({ login: "required" })) });
    expect((await failure(unread.outcome)).kind).toBe("unknown_outcome");
    const other = { _id: "old", state: "DONE" };
    expect((await failure(start({ write, find, look: () => listed([other]) }).outcome)).kind).toBe("network");
  });
});

describe("a write that Atlas answers", () => {
  test("is sent once, and its answer given", async () => {
    const { outcome, sent, clock } = start({ write: () => created });
    expect(await outcome).toEqual({ kind: "answered", status: 200, body: created });
    expect(sent()).toEqual(["POST"]);
    expect(clock.sleeps).toEqual([]);
  });

  test.each([400, 401, 403, 404, 409, 405, 302])(
    "with %i is over: it is neither repeated nor looked for",
    async (code) => {
      const answer = status(code);
      const { outcome, sent } = start({ write: () => answer });
      expect(await failure(outcome)).toBe(answer);
      expect(sent()).toEqual(["POST"]);
    },
  );
});

describe("a write that Atlas surely did not act on", () => {
  test("is sent again where it was not sent at all", async () => {
    const { outcome, sent, clock } = start({ write: inTurn(unsent(), unsent("timeout"), created) });
    expect(await outcome).toEqual({ kind: "answered", status: 200, body: created });
    expect(sent()).toEqual(["POST", "POST", "POST"]);
    expect(clock.sleeps).toEqual([125, 250]);
  });

  test.each([429, 503])("is sent again after a %i, as late as Retry-After says", async (code) => {
    const { outcome, sent, clock } = start({ write: inTurn(status(code, { retryAfterSeconds: 3 }), created) });
    expect(await outcome).toEqual({ kind: "answered", status: 200, body: created });
    expect(sent()).toEqual(["POST", "POST"]);
    expect(clock.sleeps).toEqual([3_000]);
  });

  test("is not sent again after a 400, though the same call may succeed later", async () => {
    const trouble = new AtlasFailure("atlas_error", "no healthy upstream", { status: 400, retryable: true });
    const { outcome, sent } = start({ write: inTurn(trouble, created) });
    await expect(outcome).rejects.toBe(trouble);
    expect(sent()).toEqual(["POST"]);
  });

  test("is sent again after a 429 without Retry-After, with growing waits", async () => {
    const { outcome, clock } = start({ write: inTurn(status(429), status(429), status(429), created), random: 1 });
    expect(await outcome).toEqual({ kind: "answered", status: 200, body: created });
    expect(clock.sleeps).toEqual([250, 500, 1_000]);
  });

  test.each([
    ["429", status(429, { retryAfterSeconds: 60 })],
    ["503", status(503, { retryAfterSeconds: 60 })],
  ])("is given up at once where a %s asks for more patience than there is", async (_code, answer) => {
    const { outcome, sent, clock } = start({ write: () => answer });
    expect(await failure(outcome)).toBe(answer);
    expect(sent()).toEqual(["POST"]);
    expect(clock.sleeps).toEqual([]);
  });

  test("is given up when all waits together would be too long", async () => {
    const { outcome, clock } = start({ write: () => status(429, { retryAfterSeconds: 4 }) });
    expect((await failure(outcome)).kind).toBe("rate_limited");
    expect(clock.sleeps).toEqual([4_000, 4_000]);
    expect(sum(clock.sleeps) + 4_000).toBeGreaterThan(WRITE_WAIT_MS);
  });

  test.each([
    ["an Atlas that never lets it through", () => status(429, { retryAfterSeconds: 0 })],
    ["a host that refuses connections", () => unsent()],
  ])("is given up in the end before %s", async (_what, write) => {
    const { outcome, sent } = start({ write, random: 0 });
    expect(["rate_limited", "network"]).toContain((await failure(outcome)).kind);
    expect(sent().length).toBeGreaterThan(1);
    expect(sent().length).toBeLessThanOrEqual(10);
    expect(new Set(sent())).toEqual(new Set(["POST"]));
  });

  test("ends in the failure itself where its credentials cannot be had", async () => {
    const refused = new AtlasFailure("unauthenticated", "The token endpoint answered 401", { status: 401 });
    const { outcome, sent } = start({ write: () => new Unsent(refused) });
    expect(await failure(outcome)).toBe(refused);
    expect(sent()).toEqual(["POST"]);
  });

  test("is not looked for where the token endpoint fails with a 500", async () => {
    const { outcome, sent } = start({ write: inTurn(new Unsent(status(500)), created) });
    expect(await outcome).toEqual({ kind: "answered", status: 200, body: created });
    expect(sent()).toEqual(["POST", "POST"]);
  });
});

const unclear: [string, () => unknown][] = [
  ["a reset", () => broken("network")],
  ["a time-out", () => broken("timeout")],
  ["an answer too large to be read", () => broken("atlas_error")],
  ["a 500", () => status(500)],
  ["a 502", () => status(502)],
  ["a 503 without Retry-After", () => status(503)],
  ["a 504, even with Retry-After", () => status(504, { retryAfterSeconds: 1 })],
  ["a 408", () => status(408)],
  ["a 2xx that is no JSON", () => "created"],
  ["a 2xx without a body", () => undefined],
  ["a 2xx that is JSON but no connection", () => ({ login: "https://sso.example.com" })],
];

describe.each(unclear)("a write that ends in %s", (_what, write) => {
  test("is never sent again: Atlas is asked, and shows it", async () => {
    const { outcome, sent } = start({ write, look: () => created });
    expect(await outcome).toEqual({ kind: "found", body: created, cause: expect.any(AtlasFailure) });
    expect(sent()).toEqual(["POST", "GET"]);
  });

  test("did not happen where Atlas does not show it for as long as it is looked for", async () => {
    const { outcome, sent, clock } = start({ write, look: () => status(404) });
    const { kind, facts, message, cause } = await failure(outcome);
    expect(kind).toBe(cause instanceof AtlasFailure ? cause.kind : "");
    expect(facts.retryable).toBe(true);
    expect(message).toMatch(/; it was not there when looked for$/);
    expect(sent().filter((method) => method === "POST")).toHaveLength(1);
    expect(sum(clock.sleeps)).toBe(CHECK_MS);
  });

  test("is unknown where something that is not Atlas answers 404 in its place", async () => {
    const { outcome } = start({ write, look: () => new AtlasFailure("not_found", "404 - default backend") });
    expect((await failure(outcome)).kind).toBe("unknown_outcome");
  });

  test("is unknown where Atlas cannot be read either", async () => {
    const { outcome, sent } = start({ write, look: () => status(403) });
    const { kind, facts, message } = await failure(outcome);
    expect(kind).toBe("unknown_outcome");
    expect(facts.retryable).toBe(true);
    expect(message).toMatch(/; whether it happened could not be read: Atlas answered 403$/);
    expect(sent()).toEqual(["POST", "GET"]);
  });
});

describe("looking for a write", () => {
  const write = () => broken("network");

  test("goes on while Atlas does not show it yet, at growing intervals", async () => {
    const missing = status(404);
    const { outcome, clock } = start({ write, look: inTurn(...Array(6).fill(missing), created) });
    expect(await outcome).toMatchObject({ kind: "found", body: created });
    expect(clock.sleeps).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  test("goes on while reading fails in ways that may pass", async () => {
    const look = inTurn(status(500), broken("timeout"), unsent(), status(429, { retryAfterSeconds: 1 }), created);
    expect(await start({ write, look }).outcome).toMatchObject({ kind: "found", body: created });
  });

  test("goes on while something that is not Atlas answers instead of a list", async () => {
    const find = { lists: [() => get], pick: ([first]: readonly JsonObject[]) => first };
    const { outcome, sent } = start({ write, find, look: inTurn("<html>", { results: [created] }) });
    expect(await outcome).toMatchObject({ kind: "found", body: created });
    expect(sent()).toEqual(["POST", "GET", "GET"]);
  });

  test("is decided by the last look: once Atlas can be read and does not show it, it did not happen", async () => {
    const { outcome } = start({ write, look: inTurn(status(500), status(404)) });
    expect((await failure(outcome)).kind).toBe("network");
  });

  test("is not undone by a last look for which a busy Atlas had too little time", async () => {
    const late: Reply = (_request, { timeoutMs }) => (timeoutMs <= 1_000 ? broken("timeout") : status(404));
    const { outcome } = start({ write, look: late });
    const { kind, message } = await failure(outcome);
    expect([kind, message]).toEqual(["network", expect.stringMatching(/was not there when looked for$/)]);
    const refused: Reply = (_request, { timeoutMs }) => (timeoutMs <= 1_000 ? status(403) : status(404));
    expect((await failure(start({ write, look: refused }).outcome)).kind).toBe("unknown_outcome");
    expect((await failure(start({ write, look: () => broken("timeout") }).outcome)).kind).toBe("unknown_outcome");
  });

  test("that fails to the end leaves the outcome unknown, with the facts of the write", async () => {
    const { outcome } = start({ write: () => status(502, { detail: "Bad gateway" }), look: () => status(500) });
    const { kind, facts } = await failure(outcome);
    expect(kind).toBe("unknown_outcome");
    expect(facts).toEqual({ status: 502, detail: "Bad gateway", retryable: true });
  });

  test.each([[["x"]], ["x"], [{ login: "x" }]])(
    "that gives %j, which is no connection, leaves the outcome unknown",
    async (body) => {
      const { outcome } = start({ write, look: () => body });
      expect((await failure(outcome)).message).toMatch(/with a body that cannot be read$/);
    },
  );

  test("waits as long as Atlas asks for, where there is the time", async () => {
    const busy = (retryAfterSeconds: number) => status(429, { retryAfterSeconds });
    const { outcome, clock } = start({ write, look: inTurn(busy(3), created) });
    expect(await outcome).toMatchObject({ kind: "found" });
    expect(clock.sleeps).toEqual([3_000]);
    const hopeless = start({ write, look: () => busy(60) });
    expect((await failure(hopeless.outcome)).kind).toBe("unknown_outcome");
    expect(hopeless.clock.sleeps).toEqual([]);
  });

  test("gives every look the time to be answered, the first and the last included", async () => {
    for (const checkMs of [1, 1_500, CHECK_MS, 60_000]) {
      const { outcome, atlas } = start({ write, look: () => status(404), checkMs });
      await failure(outcome);
      for (const { timeoutMs } of atlas.requests) {
        expect(timeoutMs).toBeGreaterThanOrEqual(1_000);
        expect(timeoutMs).toBeLessThanOrEqual(30_000);
      }
    }
  });

  test("gives no look more time than is left, but for the last", async () => {
    const { outcome, atlas, clock } = start({ write, look: () => status(404), checkMs: 5_000 });
    const until = clock.now() + 5_000;
    const left: number[] = [];
    const { attempt } = atlas;
    Object.assign(atlas, {
      attempt: (...args: Parameters<typeof attempt>) => {
        if (args[0].method === "GET") left.push(until - clock.now());
        return attempt(...args);
      },
    });
    await failure(outcome);
    const limits = atlas.requests.slice(1).map(({ timeoutMs }) => timeoutMs);
    expect(limits.slice(-left.length)).toEqual(left.map((ms) => Math.max(ms, 1_000)));
    expect(left.length).toBeGreaterThan(3);
  });

  test("looks again after an answer that is no connection", async () => {
    for (const odd of [{ login: "x" }, "x", ["x"], undefined]) {
      const { outcome, sent } = start({ write, look: inTurn(odd, created) });
      expect(await outcome).toMatchObject({ kind: "found", body: created });
      expect(sent()).toEqual(["POST", "GET", "GET"]);
    }
  });

  test("ends when a look takes all the time there is", async () => {
    const clock: { advance?: (ms: number) => void } = {};
    const look = () => {
      clock.advance?.(CHECK_MS);
      return status(404);
    };
    const { outcome, sent, clock: fake } = start({ write, look });
    clock.advance = fake.advance;
    expect((await failure(outcome)).kind).toBe("network");
    expect(sent()).toEqual(["POST", "GET"]);
  });

  test("throws a defect on instead of judging by it", async () => {
    const defect = new TypeError("x is not a function");
    await expect(start({ write, look: () => defect }).outcome).rejects.toBe(defect);
    await expect(start({ write: () => defect }).outcome).rejects.toBe(defect);
  });
});

describe("a write after which there should be nothing to see", () => {
  const there = (state: string) => ({ name: "x", state });
  const happened: Write["happened"] = (seen) => seen === "nothing" || seen["state"] === "DELETING";

  test.each([{}, undefined])("is answered with %j", async (body) => {
    const { outcome, sent } = start({ write: () => body, expects: "nothing", happened });
    expect(await outcome).toEqual({ kind: "answered", status: 200, body: {} });
    expect(sent()).toEqual(["POST"]);
  });

  test("is done as soon as Atlas has nothing to show", async () => {
    const { outcome } = start({ write: () => broken(), look: inTurn(there("READY"), status(404)), happened });
    expect(await outcome).toEqual({ kind: "gone", cause: expect.any(AtlasFailure) });
  });

  test("is done where Atlas shows it on the way", async () => {
    const { outcome } = start({ write: () => broken(), look: () => there("DELETING"), happened });
    expect(await outcome).toMatchObject({ kind: "found", body: { state: "DELETING" } });
  });

  test("did not happen where Atlas shows things as they were", async () => {
    const { outcome } = start({ write: () => broken(), look: () => there("READY"), happened });
    expect((await failure(outcome)).message).toMatch(/; it had not happened when looked for$/);
  });
});

describe("a write that shows late", () => {
  const happened: Write["happened"] = (seen) => seen !== "nothing" && seen["state"] === "STARTED";
  const shows = (state: string) => ({ name: "x", state });

  test("is done once it shows", async () => {
    const look = inTurn(shows("CREATED"), shows("STARTED"));
    const { outcome } = start({ write: () => broken(), look, happened, showsLate: true });
    expect(await outcome).toMatchObject({ kind: "found", body: { state: "STARTED" } });
  });

  test("is not called undone where it does not show in time, and another call may look again", async () => {
    const write = () => status(500, { detail: "Boom" });
    const { outcome, sent } = start({ write, look: () => shows("CREATED"), happened, showsLate: true });
    const { kind, facts, message } = await failure(outcome);
    expect([kind, facts]).toEqual(["unknown_outcome", { status: 500, detail: "Boom", retryable: true }]);
    expect(message).toMatch(/; Atlas does not show it yet, and it may still happen$/);
    expect(sent().filter((method) => method === "POST")).toHaveLength(1);
  });
});

describe("a cancelled call", () => {
  /** Aborts as the server does, and gives what the exchange then ends in. */
  const abort = (controller: AbortController, ending: () => unknown) => () => {
    controller.abort(cancelled());
    return ending();
  };

  test("before anything was sent is over, with nothing left behind", async () => {
    const controller = new AbortController();
    const { outcome, sent, onAbandoned } = start({ controller, write: abort(controller, () => unsent("cancelled")) });
    expect((await failure(outcome)).kind).toBe("cancelled");
    expect(sent()).toEqual(["POST"]);
    expect(onAbandoned).not.toHaveBeenCalled();
  });

  test("while waiting to send again is over, with nothing left behind", async () => {
    const controller = new AbortController();
    const write = abort(controller, () => status(429, { retryAfterSeconds: 1 }));
    const { outcome, sent, onAbandoned } = start({ controller, write });
    expect((await failure(outcome)).kind).toBe("cancelled");
    expect(sent()).toEqual(["POST"]);
    expect(onAbandoned).not.toHaveBeenCalled();
  });

  test("after it was sent is over at once; what became of it is found out all the same", async () => {
    const controller = new AbortController();
    const write = abort(controller, () => broken("cancelled"));
    const { outcome, onAbandoned } = start({ controller, write, look: inTurn(status(404), created) });
    expect((await failure(outcome)).kind).toBe("cancelled");
    expect(onAbandoned).toHaveBeenCalledOnce();
    expect(await onAbandoned.mock.calls[0]?.[0]).toMatchObject({ kind: "found", body: created });
  });

  test("that was sent and did not happen leaves that to be told", async () => {
    const controller = new AbortController();
    const write = abort(controller, () => broken("cancelled"));
    const { outcome, onAbandoned } = start({ controller, write, look: () => status(404) });
    expect((await failure(outcome)).kind).toBe("cancelled");
    const rest = await failure(onAbandoned.mock.calls[0]?.[0] ?? Promise.resolve());
    expect(rest.message).toMatch(/; it was not there when looked for$/);
    expect(rest.kind).toBe("network");
  });

  test("while it is looked for stops looking for the client, not for the log", async () => {
    const controller = new AbortController();
    const look = inTurn(
      abort(controller, () => broken("cancelled")),
      created,
    );
    const { outcome, onAbandoned } = start({ controller, write: () => broken(), look });
    expect((await failure(outcome)).kind).toBe("cancelled");
    expect(await onAbandoned.mock.calls[0]?.[0]).toMatchObject({ kind: "found", body: created });
  });

  test("between two looks stops looking for the client at once, not for the log", async () => {
    const controller = new AbortController();
    const { outcome, sent, clock, onAbandoned } = start({
      controller,
      write: () => broken(),
      look: inTurn(status(404), created),
    });
    const sleep = clock.sleep.bind(clock);
    Object.assign(clock, {
      sleep: (...args: Parameters<typeof sleep>) => {
        controller.abort(cancelled());
        return sleep(...args);
      },
    });
    expect((await failure(outcome)).kind).toBe("cancelled");
    expect(onAbandoned).toHaveBeenCalledOnce();
    expect(await onAbandoned.mock.calls[0]?.[0]).toMatchObject({ kind: "found", body: created });
    expect(sent()).toEqual(["POST", "GET", "GET"]);
  });

  test("is not abandoned where the outcome was already clear", async () => {
    const controller = new AbortController();
    const { outcome, onAbandoned } = start({ controller, write: abort(controller, () => created) });
    expect(await outcome).toEqual({ kind: "answered", status: 200, body: created });
    expect(onAbandoned).not.toHaveBeenCalled();
  });
});

test("whatever happens, nothing is sent after an answer that leaves it unclear whether Atlas acted", async () => {
  const harmless = [() => unsent(), () => status(429), () => status(503, { retryAfterSeconds: 1 })];
  const final = [() => created, () => status(409), () => status(400)];
  const replies = fc.tuple(
    fc.array(fc.constantFrom(...harmless), { maxLength: 3 }),
    fc.constantFrom(...final, ...unclear.map(([, reply]) => reply)),
    fc.constantFrom<Reply>(
      () => created,
      () => status(404),
      () => status(500),
      () => broken("timeout"),
    ),
  );
  await fc.assert(
    fc.asyncProperty(replies, async ([before, ending, look]) => {
      const { outcome, sent } = start({ write: inTurn(...before, ending, created), look });
      await outcome.catch(() => undefined);
      expect(sent().filter((method) => method === "POST")).toHaveLength(before.length + 1);
    }),
  );
});

test("a 503 whose only header is RateLimit-Reset is unclear: only Retry-After says that Atlas did not act", async () => {
  const bytes = Buffer.alloc(0);
  const answer = { status: 503, headers: { "ratelimit-reset": "1" }, bytes, body: undefined, text: "" };
  const { outcome, sent } = start({ write: () => failureOf(answer, 0, (text) => text), look: () => created });
  expect(await outcome).toMatchObject({ kind: "found" });
  expect(sent()).toEqual(["POST", "GET"]);
});
