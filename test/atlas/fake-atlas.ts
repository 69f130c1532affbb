/** An `Atlas` made by hand: each request is answered by what the test says. */
import type { Answer } from "../../src/atlas/answer.ts";
import { type Atlas, unwrapped } from "../../src/atlas/atlas.ts";
import type { AtlasRequest } from "../../src/atlas/endpoints.ts";
import type { ExchangeLimits } from "../../src/atlas/exchange.ts";
import { AtlasFailure } from "../../src/atlas/failure.ts";
import { mapStrings } from "../../src/json.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";

/** An answer of another status than 200. */
export class Answered {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    this.status = status;
    this.body = body;
  }
}

/** What a request comes to: a body, an `Answered`, or an error to throw. */
export type Reply = (request: AtlasRequest, limits: ExchangeLimits) => unknown;

export interface FakeAtlas extends Atlas {
  readonly clock: FakeClock;
  /** Every request so far. */
  readonly requests: readonly { request: AtlasRequest; timeoutMs: number }[];
}

interface Options {
  clock?: FakeClock;
  timeoutMs?: number;
  /** Hides secrets in what Atlas says, as is done where its answers are read; nothing by default. */
  mask?: (text: string) => string;
}

export function fakeAtlas(reply: Reply, { clock = fakeClock(), timeoutMs = 30_000, mask }: Options = {}): FakeAtlas {
  const requests: { request: AtlasRequest; timeoutMs: number }[] = [];
  async function attempt(request: AtlasRequest, limits: ExchangeLimits): Promise<Answer> {
    requests.push({ request, timeoutMs: limits.timeoutMs });
    const replied = await reply(request, limits);
    const { status, body } = replied instanceof Answered ? replied : { status: 200, body: replied };
    if (body instanceof AtlasFailure) throw maskedFailure(body, mask);
    if (body instanceof Error) throw body;
    return { status, headers: {}, body, text: body === undefined ? "" : JSON.stringify(body), bytes: Buffer.alloc(0) };
  }
  const atlas: FakeAtlas = {
    clock,
    timeoutMs,
    requests,
    attempt,
    read: (request, signal) =>
      attempt(request, { signal, timeoutMs }).catch((error: unknown) => {
        throw unwrapped(error);
      }),
    observedBy: () => atlas,
    permit: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return atlas;
}

function maskedFailure(failure: AtlasFailure, mask: Options["mask"]): AtlasFailure {
  if (!mask) return failure;
  const facts = Object.fromEntries(Object.entries(failure.facts).map(([name, fact]) => [name, mapStrings(fact, mask)]));
  return new AtlasFailure(failure.kind, mask(failure.message), facts);
}

/** Replies with each of these in turn, and with the last one from then on. */
export function inTurn(...replies: unknown[]): Reply {
  let turn = 0;
  return (...args) => {
    const reply = replies[Math.min(turn, replies.length - 1)];
    turn += 1;
    return typeof reply === "function" ? reply(...args) : reply;
  };
}
